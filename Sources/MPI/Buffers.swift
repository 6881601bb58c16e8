// What can be sent and what can be received into.

/// Elements in memory that a message is made from: a number, an array or a slice of one, a `Span`, a `MessageBuffer`, or
/// a section of these that a `Pattern` picks.
///
/// Calls of MPI take anything that conforms, so that each is written once. Other collections of contiguous elements
/// conform by handing out where their elements lie.
public protocol SendBuffer: ~Copyable, ~Escapable {
  /// The type of the elements.
  associatedtype Element: MPIDatatype

  /// Calls `body` with the address of the first element (nil when there is none), the number of elements and how MPI
  /// names one of them. The memory stays as it is while `body` runs.
  func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R
}

/// Elements in memory that a message can be written to.
public protocol ReceiveBuffer: ~Copyable, ~Escapable {
  /// The type of the elements.
  associatedtype Element: MPIDatatype

  /// Calls `body` with the address of the first element (nil when there is none), the number of elements and how MPI
  /// names one of them. Nothing else touches the memory while `body` runs.
  mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R
}

// MARK: A single value

extension MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafePointer(to: self) { (value) throws(E) -> R in try body(value, 1, Self.datatype) }
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutablePointer(to: &self) { (value) throws(E) -> R in try body(value, 1, Self.datatype) }
  }
}

// MARK: The standard library's collections

extension Array: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (elements) throws(E) -> R in try elements.withElements(body) }
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutableBufferPointer { (elements) throws(E) -> R in try elements.withMutableElements(body) }
  }
}

extension ArraySlice: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (elements) throws(E) -> R in try elements.withElements(body) }
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutableBufferPointer { (elements) throws(E) -> R in try elements.withMutableElements(body) }
  }
}

extension ContiguousArray: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (elements) throws(E) -> R in try elements.withElements(body) }
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutableBufferPointer { (elements) throws(E) -> R in try elements.withMutableElements(body) }
  }
}

extension Span: SendBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (elements) throws(E) -> R in try elements.withElements(body) }
  }
}

extension MutableSpan: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (elements) throws(E) -> R in try elements.withElements(body) }
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeMutableBufferPointer { (elements) throws(E) -> R in
      var elements = elements
      return try elements.withMutableElements(body)
    }
  }
}

extension UnsafeBufferPointer: SendBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try body(baseAddress, count, Element.datatype)
  }
}

extension UnsafeMutableBufferPointer: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try body(baseAddress, count, Element.datatype)
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    try body(baseAddress, count, Element.datatype)
  }
}
