// Sections: the elements of a buffer that a pattern takes, as something to send and to receive into.

/// Where the elements of a section lie from the first element of its buffer on, in MPI's terms.
@usableFromInline
internal struct Selection: Sendable {
  @usableFromInline internal let byteOffset: Int
  @usableFromInline internal let count: Int
  @usableFromInline internal let datatype: Datatype
  @usableFromInline internal let isTwice: Bool

  /// Checks that a pattern put `repeats` times from `offset` on stays within `capacity` elements.
  @usableFromInline
  internal init<Element: MPIDatatype>(
    _ pattern: Pattern, at offset: Int, repeated repeats: Int, in capacity: Int, of type: Element.Type
  ) {
    require(repeats >= 0, "A pattern is repeated 0 times or more, not \(repeats).")
    let storage = pattern.storage
    let reach = repeats == 1 ? storage.layout : storage.layout.repeated(repeats)
    let touched = reach.touched
    require(
      touched.isEmpty || (offset + touched.lowerBound >= 0 && offset + touched.upperBound <= capacity),
      "A section from element \(offset + touched.lowerBound) to \(offset + touched.upperBound - 1) "
        + "does not lie in a buffer of \(capacity) elements.")
    isTwice = reach.isTwice
    let stride = MemoryLayout<Element>.stride
    if touched.isEmpty {
      (byteOffset, count, datatype) = (0, 0, Element.datatype)
    } else if storage.isRun {
      (byteOffset, count, datatype) = ((offset + touched.lowerBound) * stride, reach.count, Element.datatype)
    } else {
      do throws(MPIError) {
        datatype = try storage.datatype(over: Element.datatype, stride: stride)
      } catch {
        fatalError("A datatype of a pattern could not be made: \(error)")
      }
      (byteOffset, count) = (offset * stride, repeats)
    }
  }

  @usableFromInline
  internal func requireOnce() {
    require(
      !isTwice, "A pattern that takes an element twice can send from an array, but nothing can be received into it.")
  }
}

/// The elements of an array or another buffer that a pattern takes.
///
/// It comes from the buffer's subscript and is used in the same expression: `send(matrix[column], to: 1)`. Nothing is
/// copied, unless one call sends from an array and receives into the same one, which Swift then copies first; sections of
/// a `MessageBuffer` never are.
public struct Section<Base: SendBuffer> {
  @usableFromInline internal var base: Base
  @usableFromInline internal let selection: Selection

  @inlinable
  internal init(_ base: Base, _ selection: Selection) {
    self.base = base
    self.selection = selection
  }
}

extension Section: Sendable where Base: Sendable {}

extension Section: SendBuffer {
  public typealias Element = Base.Element

  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try base.withElements { (data, _, _) throws(E) in
      try body(data.map { $0 + selection.byteOffset }, selection.count, selection.datatype)
    }
  }
}

extension Section: ReceiveBuffer where Base: ReceiveBuffer {
  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    selection.requireOnce()
    let selection = selection
    return try base.withMutableElements { (data, _, _) throws(E) in
      try body(data.map { $0 + selection.byteOffset }, selection.count, selection.datatype)
    }
  }
}

// MARK: Arrays and their like

extension RangeReplaceableCollection where Self: SendBuffer & ReceiveBuffer {
  /// The elements that a pattern takes, in place.
  ///
  /// - Parameters:
  ///   - pattern: which elements, counted from `offset`.
  ///   - offset: where the pattern is put, counted from the first element.
  ///   - repeats: how often it is put there, each an extent from the one before.
  ///
  /// The section must lie within the collection.
  @inlinable
  public subscript(pattern: Pattern, at offset: Int = 0, repeated repeats: Int = 1) -> Section<Self> {
    get { Section(self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self)) }
    _modify {
      // The collection moves into the section and back, so that writing to it copies nothing.
      var section = Section(
        self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self))
      self = Self()
      defer { self = section.base }
      yield &section
    }
  }
}

// MARK: Unsafe buffers

extension UnsafeBufferPointer where Element: MPIDatatype {
  /// The elements that a pattern takes; see the subscript of arrays.
  @inlinable
  public subscript(pattern: Pattern, at offset: Int = 0, repeated repeats: Int = 1) -> Section<Self> {
    Section(self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self))
  }
}

extension UnsafeMutableBufferPointer where Element: MPIDatatype {
  /// The elements that a pattern takes; see the subscript of arrays.
  @inlinable
  public subscript(pattern: Pattern, at offset: Int = 0, repeated repeats: Int = 1) -> Section<Self> {
    get { Section(self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self)) }
    nonmutating _modify {
      var section = Section(self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self))
      yield &section
    }
  }
}

// MARK: Message buffers

/// The elements of a `MessageBuffer` that a pattern takes, for calls that return before the message has travelled too.
///
/// The whole buffer counts as in use while a request holds a section of it. The pattern may take no element twice.
public struct BufferSection<Element: MPIDatatype>: OwnedBuffer {
  @usableFromInline internal let buffer: MessageBuffer<Element>
  @usableFromInline internal let selection: Selection

  @inlinable
  internal init(_ buffer: MessageBuffer<Element>, _ selection: Selection) {
    // What only reads could allow it, but a request does not tell which it is.
    selection.requireOnce()
    self.buffer = buffer
    self.selection = selection
  }

  @inlinable public var storage: MessageStorage { buffer }
  @inlinable public var address: UnsafeMutableRawPointer { buffer.rawPointer + selection.byteOffset }
  @inlinable public var count: Int { selection.count }
  @inlinable public var datatype: Datatype { selection.datatype }
}

extension MessageBuffer {
  /// The elements that a pattern takes; see the subscript of arrays.
  @inlinable
  public subscript(pattern: Pattern, at offset: Int = 0, repeated repeats: Int = 1) -> BufferSection<Element> {
    get { BufferSection(self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self)) }
    _modify {
      var section = BufferSection(
        self, Selection(pattern, at: offset, repeated: repeats, in: count, of: Element.self))
      yield &section
    }
  }

  /// The elements of a range.
  @inlinable
  public subscript<Bounds: RangeExpression>(bounds: Bounds) -> BufferSection<Element> where Bounds.Bound == Int {
    get { BufferSection(self, run(bounds)) }
    _modify {
      var section = BufferSection(self, run(bounds))
      yield &section
    }
  }

  @inlinable
  internal func run<Bounds: RangeExpression>(_ bounds: Bounds) -> Selection where Bounds.Bound == Int {
    let range = bounds.relative(to: 0..<count)
    return Selection(.range(range), at: 0, repeated: 1, in: count, of: Element.self)
  }
}
