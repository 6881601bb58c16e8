// Reductions over the processes of a group.

internal import CMPI

// MARK: What all of them share

/// The largest number of elements that one call of MPI combines.
package enum ReductionLimit {
  // Lower in tests only, so that they see reductions in several calls without gigabytes.
  @exclusivity(unchecked) nonisolated(unsafe) package static var elements = Int(CInt.max)
}

/// Elements to be combined, where the result goes and how. The address of what is sent may be `MPI_IN_PLACE`.
@usableFromInline
internal struct Combination {
  internal let sent: UnsafeRawPointer?
  internal let received: UnsafeMutableRawPointer?
  internal let count: Int
  internal let datatype: MPI_Datatype
  internal let operation: MPI_Op
  // The caller's, who keeps it for as long as the call takes: a reference of its own would be counted for nothing.
  private unowned(unsafe) let closure: ClosureOperation?

  /// - Parameters:
  ///   - sent: the elements.
  ///   - result: room for the result; nil where there is none or it is where the elements are.
  @usableFromInline
  internal init(_ sent: Outgoing, into result: Incoming?, _ operation: Operation) {
    if let result { requireRoom(result, for: sent) }
    self.init(sent.address, result?.address, sent.count, sent.datatype, operation)
  }

  /// The result goes where the elements are.
  @usableFromInline
  internal init(inPlace values: Incoming, _ operation: Operation) {
    self.init(UnsafeRawPointer(cmpi_in_place()), values.address, values.count, values.datatype, operation)
  }

  @inline(__always)
  internal init(
    _ sent: UnsafeRawPointer?, _ received: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype,
    _ operation: Operation
  ) {
    require(
      !operation.isForWindows, "The operations replace and noOperation are for windows, not for collective calls.")
    operation.closure?.requireElements(datatype)
    self.sent = sent
    self.received = received
    self.count = count
    self.datatype = operation.closure?.datatype ?? datatype.handle
    self.operation = operation.handle
    closure = operation.closure
  }

  /// What a request has to keep.
  internal var kept: AnyObject? { closure }

  /// A number of elements that one call combines.
  internal var count32: CInt {
    require(
      count <= Int(CInt.max),
      "This reduction combines from 0 to 2147483647 elements, not \(count): split it into several.")
    return CInt(truncatingIfNeeded: count)
  }

  /// Calls `body` once with all elements or, when they are too many for one call of MPI, for one part after another.
  @inline(__always)
  internal func inParts(
    _ body: (UnsafeRawPointer?, UnsafeMutableRawPointer?, CInt) throws(MPIError) -> Void
  ) throws(MPIError) {
    if count <= ReductionLimit.elements { return try body(sent, received, CInt(truncatingIfNeeded: count)) }
    try inSeveralParts(body)
  }

  @inline(never)
  private func inSeveralParts(
    _ body: (UnsafeRawPointer?, UnsafeMutableRawPointer?, CInt) throws(MPIError) -> Void
  ) throws(MPIError) {
    var (lowest, extent): (MPI_Aint, MPI_Aint) = (0, 0)
    try check("MPI_Type_get_extent") { MPI_Type_get_extent(datatype, &lowest, &extent) }
    let isInPlace = sent == UnsafeRawPointer(cmpi_in_place())
    var done = 0
    while done < count {
      let part = min(count - done, ReductionLimit.elements)
      let offset = done * extent
      try body(isInPlace ? sent : sent.map { $0 + offset }, received.map { $0 + offset }, CInt(part))
      done += part
    }
  }
}

// MARK: Reduce to all

extension Communicator {
  /// Combines the elements of all processes, position by position, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allReduce(
          Outgoing(data, count, datatype), into: Incoming(target, room, targetType), operation.operation)
      }
    }
  }

  /// Combines the elements of all processes where they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allreduce` with `MPI_IN_PLACE`.
  @inlinable
  public func allReduce<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try allReduce(inPlace: Incoming(data, count, datatype), operation.operation)
    }
  }

  /// Combines one value of each process on all of them. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T {
    var result = value
    guard operation.operation.isPredefined else {
      try allReduce(&result, operation)
      return result
    }
    try value.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, _, _) throws(MPIError) in
        let code = Calls.allReduce(
          data, target, CInt(truncatingIfNeeded: count), datatype.bits, operation.operation.bits, bits)
        if code != 0 { throw failure("MPI_Allreduce", code) }
      }
    }
    return result
  }

  @usableFromInline
  internal func allReduce(_ sent: Outgoing, into result: Incoming, _ operation: Operation) throws(MPIError) {
    try allReduce(Combination(sent, into: result, operation))
  }

  @usableFromInline
  internal func allReduce(inPlace values: Incoming, _ operation: Operation) throws(MPIError) {
    try allReduce(Combination(inPlace: values, operation))
  }

  // Small and frequent: nothing may be copied or counted on the way to the call.
  @inline(__always)
  private func allReduce(_ values: Combination) throws(MPIError) {
    let (datatype, operation, handle) = (values.datatype, values.operation, handle)
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Allreduce") { MPI_Allreduce(sent, received, count, datatype, operation, handle) }
    }
  }
}

// MARK: Reduce to one

extension Communicator {
  /// Combines the elements of all processes, position by position, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go on the root; as long, and other memory. Not looked at elsewhere.
  ///   - operation: how two elements become one.
  ///   - root: the rank that gets the result.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce`.
  @inlinable
  public func reduce<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>, to root: Int
  ) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = rank == root ? Incoming(target, room, targetType) : nil
        try reduce(Combination(Outgoing(data, count, datatype), into: result, operation.operation), root)
      }
    }
  }

  /// Combines the elements of all processes in the memory of one process; the others' stay as they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce`, on the root with
  /// `MPI_IN_PLACE`.
  @inlinable
  public func reduce<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, _ operation: Reduction<Buffer.Element>, to root: Int
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      if rank == root {
        try reduce(Combination(inPlace: Incoming(data, count, datatype), operation.operation), root)
      } else {
        try reduce(Combination(Outgoing(data, count, datatype), into: nil, operation.operation), root)
      }
    }
  }

  /// Combines one value of each process on one process; nil on the others. The corresponding MPI function is
  /// `MPI_Reduce`.
  @inlinable
  public func reduce<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>, to root: Int) throws(MPIError) -> T? {
    var result = value
    try reduce(&result, operation, to: root)
    return rank == root ? result : nil
  }

  @usableFromInline
  internal func reduce(_ values: Combination, _ root: Int) throws(MPIError) {
    let root = checkedRoot(root)
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Reduce") {
        MPI_Reduce(sent, received, count, values.datatype, values.operation, root, handle)
      }
    }
  }
}

// MARK: Without other processes

/// Combines elements with those of a result, position by position, on this process alone.
///
/// - Parameters:
///   - values: the first operands.
///   - result: as many second operands; the combined elements take their place.
///   - operation: how two elements become one.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Reduce_local`.
@inlinable
public func reduceLocal<
  Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
>(_ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>) throws(MPIError)
where Received.Element == Sent.Element {
  try values.withElements { (data, count, datatype) throws(MPIError) in
    try result.withMutableElements { (target, room, targetType) throws(MPIError) in
      let result = Incoming(target, room, targetType)
      try reduceLocal(Combination(Outgoing(data, count, datatype), into: result, operation.operation))
    }
  }
}

@usableFromInline
internal func reduceLocal(_ values: Combination) throws(MPIError) {
  try values.inParts { (sent, received, count) throws(MPIError) in
    try check("MPI_Reduce_local") {
      MPI_Reduce_local(sent, received, count, values.datatype, values.operation)
    }
  }
}
