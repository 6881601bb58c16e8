// Reading, writing and updating the memory of others.

internal import CMPI

/// A time in which this process accesses the memory of others: in a fence, after a start, or under a lock.
///
/// What is written is there, and what is read is here, when the epoch ends or is flushed. Buffers belong to it until then:
/// reading one that is read into, or writing one that is written from, stops the program. Within one epoch, accesses of
/// all processes to the same elements are at most reads, or accumulations with one operation.
public protocol AccessEpoch<Home>: ~Copyable {
  /// The kind of window.
  associatedtype Home: AnyWindow

  /// The window whose memory is accessed.
  var window: Home { get }
}

extension AccessEpoch where Self: ~Copyable {
  /// Writes elements to the memory of a process. They are copied at once, and may then change.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Put`.
  @inlinable
  public func put<Buffer: SendBuffer & ~Copyable & ~Escapable, Place: RemotePlace>(
    _ values: borrowing Buffer, to place: Place
  ) throws(MPIError) where Place.Element == Buffer.Element, Place.Home == Home {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      let elements = try window.elementCount(count, datatype, of: Buffer.Element.datatype)
      let target = try place.target(in: window, elements: elements)
      try window.putOtherwise(window.copied(data, count, datatype), count, datatype, nil, target)
    }
  }

  /// Writes the elements of a buffer to the memory of a process, without a copy.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Put`.
  @inlinable @inline(__always)
  public func put<Buffer: OwnedBuffer, Place: RemotePlace>(_ buffer: Buffer, to place: Place) throws(MPIError)
  where Place.Element == Buffer.Element, Place.Home == Home {
    let elements = try window.elementCount(buffer.count, buffer.datatype, of: Buffer.Element.datatype)
    let target = try place.target(in: window, elements: elements)
    try window.put(buffer.address, buffer.count, buffer.datatype, buffer.storage, target)
  }

  /// Reads elements from the memory of a process into a buffer.
  ///
  /// Called by the process that reads. The corresponding MPI function is `MPI_Get`.
  @inlinable
  public func get<Buffer: OwnedBuffer, Place: RemotePlace>(into buffer: Buffer, from place: Place) throws(MPIError)
  where Place.Element == Buffer.Element, Place.Home == Home {
    let elements = try window.elementCount(buffer.count, buffer.datatype, of: Buffer.Element.datatype)
    let target = try place.target(in: window, elements: elements)
    try window.get(buffer.address, buffer.count, buffer.datatype, buffer.storage, target)
  }

  /// Reads elements from the memory of a process into a new buffer, which can be looked at when the epoch has ended.
  ///
  /// Called by the process that reads. The corresponding MPI function is `MPI_Get`.
  @inlinable
  public func get<Place: RemotePlace>(_ count: Int, from place: Place) throws(MPIError) -> MessageBuffer<Place.Element>
  where Place.Home == Home {
    let buffer = MessageBuffer<Place.Element>(toBeWritten: count)
    try get(into: buffer, from: place)
    return buffer
  }

  /// Combines elements with those in the memory of a process, each pair at once. They are copied, and may then change.
  ///
  /// - Parameters:
  ///   - values: as many elements as the place has.
  ///   - place: where they are combined with what is there.
  ///   - operation: one that MPI has from the start; `replace` writes.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Accumulate`.
  @inlinable
  public func accumulate<Buffer: SendBuffer & ~Copyable & ~Escapable, Place: RemotePlace>(
    _ values: borrowing Buffer, into place: Place, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) where Place.Element == Buffer.Element, Place.Home == Home {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      let elements = try window.elementCount(count, datatype, of: Buffer.Element.datatype)
      let target = try place.target(in: window, elements: elements)
      try window.accumulate(
        window.copied(data, count, datatype), count, datatype, nil, target, operation.forWindows)
    }
  }

  /// Combines the elements of a buffer with those in the memory of a process, without a copy.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Accumulate`.
  @inlinable
  public func accumulate<Buffer: OwnedBuffer, Place: RemotePlace>(
    _ buffer: Buffer, into place: Place, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) where Place.Element == Buffer.Element, Place.Home == Home {
    let elements = try window.elementCount(buffer.count, buffer.datatype, of: Buffer.Element.datatype)
    let target = try place.target(in: window, elements: elements)
    try window.accumulate(
      buffer.address, buffer.count, buffer.datatype, buffer.storage, target, operation.forWindows)
  }

  /// Combines elements with those in the memory of a process, and reads what was there before.
  ///
  /// - Parameters:
  ///   - buffer: the elements.
  ///   - place: where they are combined with what is there.
  ///   - operation: one that MPI has from the start; `noOperation` only reads.
  ///   - result: where the elements go that were there, as many.
  ///
  /// Called by the process that accesses. The corresponding MPI function is `MPI_Get_accumulate`.
  @inlinable
  public func getAccumulate<Buffer: OwnedBuffer, Result: OwnedBuffer, Place: RemotePlace>(
    _ buffer: Buffer, with place: Place, _ operation: Reduction<Buffer.Element>, into result: Result
  ) throws(MPIError) where Place.Element == Buffer.Element, Result.Element == Buffer.Element, Place.Home == Home {
    let element = Buffer.Element.datatype
    let elements = try window.elementCount(buffer.count, buffer.datatype, of: element)
    requireSameCount(elements, try window.elementCount(result.count, result.datatype, of: element))
    let target = try place.target(in: window, elements: elements)
    try window.getAccumulate(
      OwnedElements(buffer), OwnedElements(result), target, operation.forWindows)
  }

  /// Combines a value with an element in the memory of a process, and reads what was there before.
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - place: the element.
  ///   - operation: one that MPI has from the start; `noOperation` only reads.
  ///   - result: one element, for what was there.
  ///
  /// Called by the process that accesses. The corresponding MPI function is `MPI_Fetch_and_op`.
  @inlinable
  public func fetchAndOp<Result: OwnedBuffer, Place: RemotePlace>(
    _ value: Result.Element, with place: Place, _ operation: Reduction<Result.Element>, into result: Result
  ) throws(MPIError) where Place.Element == Result.Element, Place.Home == Home {
    requireSameCount(1, result.count)
    try value.withElements { (data, count, datatype) throws(MPIError) in
      let target = try place.target(in: window, elements: 1)
      let copy = try window.copied(data, count, datatype)
      try window.fetchAndOp(copy, result.address, result.storage, datatype, target, operation.forWindows)
    }
  }

  /// Replaces an element in the memory of a process when it equals a value, and reads what was there before.
  ///
  /// - Parameters:
  ///   - expected: what the element must be for it to be replaced.
  ///   - desired: what replaces it.
  ///   - place: the element.
  ///   - result: one element, for what was there.
  ///
  /// Called by the process that accesses. The corresponding MPI function is `MPI_Compare_and_swap`.
  @inlinable
  public func compareAndSwap<Result: OwnedBuffer, Place: RemotePlace>(
    expecting expected: Result.Element, desired: Result.Element, at place: Place, into result: Result
  ) throws(MPIError)
  where Place.Element == Result.Element, Result.Element: FixedWidthInteger, Place.Home == Home {
    requireSameCount(1, result.count)
    let datatype = Result.Element.datatype
    let target = try place.target(in: window, elements: 1)
    let old = try expected.withElements { (data, _, _) throws(MPIError) in try window.copied(data, 1, datatype) }
    let new = try desired.withElements { (data, _, _) throws(MPIError) in try window.copied(data, 1, datatype) }
    try window.compareAndSwap(old, new, result.address, result.storage, datatype, target)
  }
}

/// An owned buffer without the type of its elements.
@usableFromInline
internal struct OwnedElements {
  internal let address: UnsafeMutableRawPointer
  internal let count: Int
  internal let datatype: Datatype
  internal let storage: MessageStorage

  @usableFromInline
  internal init(_ buffer: some OwnedBuffer) {
    address = buffer.address
    count = buffer.count
    datatype = buffer.datatype
    storage = buffer.storage
  }
}
// MARK: The calls

extension AnyWindow {
  @inlinable @inline(__always)
  internal final func put(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ storage: MessageStorage, _ target: RemoteTarget
  ) throws(MPIError) {
    // The usual: one put after another of the same buffer, between fences.
    guard isFenced, target.rank >= 0, isSource(storage), let few = fewElements(count),
      let targetFew = fewElements(target.count)
    else { return try putOtherwise(data, count, datatype, storage, target) }
    // Before the call, and by the window's own reference, so that nobody need count one more.
    noteRead()
    defer { withExtendedLifetime((datatype, target.datatype)) {} }
    let code = Calls.put(
      data, few, datatype.bits, CInt(truncatingIfNeeded: target.rank), target.offset, targetFew, target.datatype.bits,
      bits)
    if code != 0 {
      forgetRead()
      throw failure("MPI_Put", code)
    }
  }

  // Apart, since all of it in one would make a small put slower.
  @usableFromInline @inline(never)
  internal final func putOtherwise(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ storage: MessageStorage?, _ target: RemoteTarget
  ) throws(MPIError) {
    let rank = covered(target.rank)
    storage?.requireForWindow(isWritten: false)
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try check("MPI_Put") { MPI_Put(data, count, type, rank, target.offset, targetCount, targetType, handle) }
      }
    }
    note(storage, isWritten: false, rank: target.rank)
  }

  @usableFromInline
  internal final func get(
    _ result: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype, _ storage: MessageStorage,
    _ target: RemoteTarget
  ) throws(MPIError) {
    let rank = covered(target.rank)
    storage.requireForWindow(isWritten: true)
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try check("MPI_Get") {
          MPI_Get(result, count, type, rank, target.offset, targetCount, targetType, handle)
        }
      }
    }
    note(storage, isWritten: true, rank: target.rank)
  }

  @usableFromInline
  internal final func accumulate(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ storage: MessageStorage?, _ target: RemoteTarget,
    _ operation: Operation
  ) throws(MPIError) {
    let rank = covered(target.rank)
    storage?.requireForWindow(isWritten: false)
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try check("MPI_Accumulate") {
          MPI_Accumulate(data, count, type, rank, target.offset, targetCount, targetType, operation.handle, handle)
        }
      }
    }
    note(storage, isWritten: false, rank: target.rank)
  }

  @usableFromInline
  internal final func getAccumulate(
    _ buffer: OwnedElements, _ result: OwnedElements, _ target: RemoteTarget, _ operation: Operation
  ) throws(MPIError) {
    let rank = covered(target.rank)
    buffer.storage.requireForWindow(isWritten: false)
    result.storage.requireForWindow(isWritten: true)
    try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try withCount(result.count, result.datatype) { (resultCount, resultType) throws(MPIError) in
        try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
          try check("MPI_Get_accumulate") {
            MPI_Get_accumulate(
              buffer.address, count, type, result.address, resultCount, resultType, rank, target.offset, targetCount,
              targetType, operation.handle, handle)
          }
        }
      }
    }
    note(buffer.storage, isWritten: false, rank: target.rank)
    note(result.storage, isWritten: true, rank: target.rank)
  }

  // Where the result goes is held until the access is complete, unless the caller waits for it (nil).
  @usableFromInline
  internal final func fetchAndOp(
    _ value: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer, _ storage: MessageStorage?, _ datatype: Datatype,
    _ target: RemoteTarget, _ operation: Operation
  ) throws(MPIError) {
    let rank = covered(target.rank)
    storage?.requireForWindow(isWritten: true)
    try check("MPI_Fetch_and_op") {
      MPI_Fetch_and_op(value, result, datatype.handle, rank, target.offset, operation.handle, handle)
    }
    note(storage, isWritten: true, rank: target.rank)
  }

  @usableFromInline
  internal final func compareAndSwap(
    _ expected: UnsafeRawPointer?, _ desired: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer,
    _ storage: MessageStorage?, _ datatype: Datatype, _ target: RemoteTarget
  ) throws(MPIError) {
    let rank = covered(target.rank)
    storage?.requireForWindow(isWritten: true)
    try check("MPI_Compare_and_swap") {
      MPI_Compare_and_swap(desired, expected, result, datatype.handle, rank, target.offset, handle)
    }
    note(storage, isWritten: true, rank: target.rank)
  }
}
