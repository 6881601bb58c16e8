// Memory that messages are sent from and received into.

/// A block of memory that stays where it is while messages under way use it.
///
/// The part of `MessageBuffer` that does not depend on the type of its elements.
public class MessageStorage {
  /// The first byte, aligned to 64 bytes.
  public let rawPointer: UnsafeMutableRawPointer
  // Requests under way that read the memory (sends) or write it (receives). Kept by the thread that calls MPI.
  @exclusivity(unchecked) @usableFromInline internal final var activeSends = 0
  @exclusivity(unchecked) @usableFromInline internal final var activeReceives = 0
  // Those of them that are epochs of windows, which may share a buffer among themselves.
  @exclusivity(unchecked) @usableFromInline internal final var windowSends = 0
  @exclusivity(unchecked) @usableFromInline internal final var windowReceives = 0
  @exclusivity(unchecked) internal final var isFreed = false
  internal final let isOfWindow: Bool

  fileprivate init(byteCount: Int) {
    rawPointer = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
    isOfWindow = false
  }

  /// Memory of a window, which frees it.
  fileprivate init(ofWindow rawPointer: UnsafeMutableRawPointer) {
    self.rawPointer = rawPointer
    isOfWindow = true
  }

  deinit { if !isOfWindow { rawPointer.deallocate() } }

  /// Stops the program when a message is being received into the memory.
  @inlinable
  internal final func requireReadable() {
    if activeReceives != 0 { stopReading() }
  }

  /// Stops the program when a message under way uses the memory.
  @inlinable
  internal final func requireWritable() {
    if activeReceives != 0 || activeSends != 0 { stopWriting() }
  }

  @usableFromInline @inline(never)
  internal final func stopReading() -> Never {
    requireOutsideOfWindows()
    fatalError("This buffer is being received into: wait for the request before reading it.")
  }

  @usableFromInline @inline(never)
  internal final func stopWriting() -> Never {
    requireOutsideOfWindows()
    fatalError("This buffer is used by a message under way: wait for the request before writing to it.")
  }

  private func requireOutsideOfWindows() {
    require(!isFreed, "This buffer is memory of a window that was freed.")
    require(
      windowReceives == 0 && windowSends == 0,
      "This buffer is used by an epoch of a window: end or flush the epoch before touching it.")
  }
}

/// A fixed number of elements in memory of its own, aligned to 64 bytes, that requests keep alive.
///
/// A request under way owns the memory: reading it during a receive or writing it during a send stops the program with a
/// sentence. `baseAddress` is the unchecked way in, for threads that fill parts of a buffer at once.
public final class MessageBuffer<Element: MPIDatatype>: MessageStorage {
  /// How many elements there are.
  public let count: Int

  /// Reserves memory for `count` elements and sets them all to `value`.
  public init(repeating value: Element, count: Int) {
    require(count >= 0, "A buffer has 0 elements or more, not \(count).")
    self.count = count
    super.init(byteCount: count * MemoryLayout<Element>.stride)
    if count > 0 { rawPointer.initializeMemory(as: Element.self, repeating: value, count: 1) }
    // What is there is copied behind itself: as fast as the memory, where setting elements of any type one by one is not.
    let largest = max(1, 32768 / MemoryLayout<Element>.stride)
    var done = min(count, 1)
    while done < count {
      let part = min(done, count - done, largest)
      (baseAddress + done).initialize(from: baseAddress, count: part)
      done += part
    }
  }

  /// Memory for elements that MPI will write before anyone reads them.
  @usableFromInline
  internal init(toBeWritten count: Int) {
    require(count >= 0, "A buffer has 0 elements or more, not \(count).")
    self.count = count
    super.init(byteCount: count * MemoryLayout<Element>.stride)
    // Nobody sees bytes that others left here, should MPI fail.
    rawPointer.initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
  }

  /// Memory of a window, whose elements are set already.
  internal init(ofWindow memory: UnsafeMutableRawPointer, count: Int) {
    self.count = count
    super.init(ofWindow: memory)
  }

  /// Copies elements into a buffer of their own.
  public init(_ values: [Element]) {
    count = values.count
    super.init(byteCount: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress {
        rawPointer.initializeMemory(as: Element.self, from: first, count: source.count)
      }
    }
  }

  /// The first element. The address stays valid while the buffer lives; nothing checks what is done through it.
  @inlinable
  public var baseAddress: UnsafeMutablePointer<Element> { rawPointer.assumingMemoryBound(to: Element.self) }

  /// The element at `index`, from 0.
  @inlinable
  public subscript(index: Int) -> Element {
    get {
      requireReadable()
      require(index >= 0 && index < count, "An index into this buffer is from 0 to \(count - 1), not \(index).")
      return baseAddress[index]
    }
    set {
      requireWritable()
      require(index >= 0 && index < count, "An index into this buffer is from 0 to \(count - 1), not \(index).")
      baseAddress[index] = newValue
    }
  }

  /// Calls `body` with the elements for reading.
  @inlinable
  public func withUnsafeBufferPointer<R, E: Error>(_ body: (UnsafeBufferPointer<Element>) throws(E) -> R) throws(E) -> R
  {
    requireReadable()
    return try body(UnsafeBufferPointer(start: baseAddress, count: count))
  }

  /// Calls `body` with the elements for reading and writing.
  @inlinable
  public func withUnsafeMutableBufferPointer<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    requireWritable()
    return try body(UnsafeMutableBufferPointer(start: baseAddress, count: count))
  }

  /// A copy of the elements.
  public var array: [Element] { withUnsafeBufferPointer { Array($0) } }
}

/// Memory that a message may use after the call that started it has returned: a `MessageBuffer` or a section of one.
public protocol OwnedBuffer: SendBuffer, ReceiveBuffer {
  /// The memory, which a request keeps alive and marks as in use.
  var storage: MessageStorage { get }
  /// The first element; nothing checks what is done through the address.
  var address: UnsafeMutableRawPointer { get }
  /// How many elements of `datatype` there are.
  var count: Int { get }
  /// How MPI names an element.
  var datatype: Datatype { get }
}

extension OwnedBuffer {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    storage.requireReadable()
    return try body(address, count, datatype)
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    storage.requireWritable()
    return try body(address, count, datatype)
  }
}

extension MessageBuffer: OwnedBuffer {
  @inlinable public var storage: MessageStorage { self }
  @inlinable public var address: UnsafeMutableRawPointer { rawPointer }
  @inlinable public var datatype: Datatype { Element.datatype }
}
