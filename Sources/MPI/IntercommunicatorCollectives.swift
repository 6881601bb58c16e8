// Data that the processes of one group give and those of another get.

internal import CMPI

extension Intercommunicator {
  /// Where the one process is that gives or gets the data of a call: each process says it from where it stands.
  public enum Root: Sendable {
    /// It is this process. The corresponding MPI constant is `MPI_ROOT`.
    case thisProcess
    /// It is another process of this group, which takes no part in the data. The corresponding MPI constant is
    /// `MPI_PROC_NULL`.
    case inThisGroup
    /// It is the process of the remote group with this rank.
    case remote(Int)
  }

  private func checkedRoot(_ root: Root) -> CInt {
    switch root {
    case .thisProcess: return cmpi_root()
    case .inThisGroup: return cmpi_proc_null()
    case .remote(let rank):
      require(
        rank >= 0 && rank < remoteSize, "A root in the remote group is a rank from 0 to \(remoteSize - 1), not \(rank)."
      )
      return CInt(truncatingIfNeeded: rank)
    }
  }

  /// The share of one process of the remote group in `count` elements.
  private func remoteShare(of count: Int) -> Int {
    require(
      count % remoteSize == 0, "\(count) elements cannot be divided evenly among \(remoteSize) remote processes.")
    return count / remoteSize
  }

  /// Waits until all processes of both groups have called it. The corresponding MPI function is `MPI_Barrier`.
  public func barrier() throws(MPIError) {
    try check("MPI_Barrier") { MPI_Barrier(handle) }
  }
}

// MARK: One process and a group

extension Intercommunicator {
  /// Copies elements from one process to all of the other group.
  ///
  /// - Parameters:
  ///   - values: the elements on the root; as much room on every process of the other group; elsewhere not looked at.
  ///   - root: where the process is whose elements are copied.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer, from root: Root)
    throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try broadcast(data, count, datatype, root)
    }
  }

  /// The value of one process, on all of the other group; in the root's own group, the value given.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<T: MPIDatatype>(_ value: T, from root: Root) throws(MPIError) -> T {
    var result = value
    try broadcast(&result, from: root)
    return result
  }

  /// Joins as many elements of each process of one group, in the order of ranks, on one process of the other.
  ///
  /// - Parameters:
  ///   - values: the elements, looked at in the group that gives them.
  ///   - result: on the root, room for all; not looked at elsewhere.
  ///   - root: where the process is that gets them.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Gather`.
  @inlinable
  public func gather<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received, to root: Root
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try gather(data, count, datatype, target, room, targetType, root)
      }
    }
  }

  /// Deals the elements of one process out to the other group, as many to each process, in the order of ranks.
  ///
  /// - Parameters:
  ///   - values: on the root, all elements; not looked at elsewhere.
  ///   - result: room for one share, looked at in the group that gets them.
  ///   - root: where the process is that gives them.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Scatter`.
  @inlinable
  public func scatter<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received, from root: Root
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try scatter(data, count, datatype, target, room, targetType, root)
      }
    }
  }

  /// Combines the elements of one group, position by position, on one process of the other.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process of the group that gives them.
  ///   - result: on the root, room for as many; not looked at elsewhere.
  ///   - operation: how two elements become one.
  ///   - root: where the process is that gets them.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Reduce`.
  @inlinable
  public func reduce<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>, to root: Root
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try reduce(
          Outgoing(data, count, datatype), Incoming(target, room, targetType), operation.operation, root)
      }
    }
  }

  @usableFromInline
  internal func broadcast(_ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ root: Root)
    throws(MPIError)
  {
    let root = checkedRoot(root)
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Bcast") { MPI_Bcast(data, count, type, root, handle) }
    }
  }

  @usableFromInline
  internal func gather(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype,
    _ target: UnsafeMutableRawPointer?, _ room: Int, _ targetType: Datatype, _ root: Root
  ) throws(MPIError) {
    let rootRank = checkedRoot(root)
    let isRoot = if case .thisProcess = root { true } else { false }
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(isRoot ? remoteShare(of: room) : 0, targetType) { (share, targetType) throws(MPIError) in
        try check("MPI_Gather") { MPI_Gather(data, count, type, target, share, targetType, rootRank, handle) }
      }
    }
  }

  @usableFromInline
  internal func scatter(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype,
    _ target: UnsafeMutableRawPointer?, _ room: Int, _ targetType: Datatype, _ root: Root
  ) throws(MPIError) {
    let rootRank = checkedRoot(root)
    let isRoot = if case .thisProcess = root { true } else { false }
    try withCount(isRoot ? remoteShare(of: count) : 0, datatype) { (share, type) throws(MPIError) in
      try withCount(room, targetType) { (room, targetType) throws(MPIError) in
        try check("MPI_Scatter") { MPI_Scatter(data, share, type, target, room, targetType, rootRank, handle) }
      }
    }
  }

  @usableFromInline
  internal func reduce(_ sent: Outgoing, _ received: Incoming, _ operation: Operation, _ root: Root) throws(MPIError) {
    let rootRank = checkedRoot(root)
    let isRoot = if case .thisProcess = root { true } else { false }
    // The root sends nothing, but MPICH refuses an address that is none.
    let values =
      isRoot
      ? Combination(
        sent.address ?? UnsafeRawPointer(received.address), received.address, received.count, received.datatype,
        operation)
      : Combination(sent, into: nil, operation)
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Reduce") {
        MPI_Reduce(sent, received, count, values.datatype, values.operation, rootRank, handle)
      }
    }
  }
}

// MARK: Both groups at once

extension Intercommunicator {
  /// Joins as many elements of each process of a group, in the order of ranks, on all processes of the other.
  ///
  /// - Parameters:
  ///   - values: this process's elements; a group may give none.
  ///   - result: room for those of the remote group.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Allgather`.
  @inlinable
  public func allGather<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allGather(data, count, datatype, target, room, targetType)
      }
    }
  }

  /// One value of each process of the remote group, in the order of ranks.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Allgather`.
  @inlinable
  public func allGather<T: MPIDatatype>(_ value: T) throws(MPIError) -> [T] {
    var result = [T](repeating: value, count: remoteSize)
    try allGather(value, into: &result)
    return result
  }

  /// Sends to each process of the remote group elements of its own, and receives some from each.
  ///
  /// - Parameters:
  ///   - values: as many elements for each remote process, in the order of ranks.
  ///   - result: room for as many from each, in the order of ranks.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Alltoall`.
  @inlinable
  public func allToAll<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allToAll(data, count, datatype, target, room, targetType)
      }
    }
  }

  /// Combines the elements of each group, position by position, on all processes of the other.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process of both groups.
  ///   - result: room for as many.
  ///   - operation: how two elements become one.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) where Sent.Element == Received.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = Incoming(target, room, targetType)
        try allReduce(Combination(Outgoing(data, count, datatype), into: result, operation.operation))
      }
    }
  }

  /// One value made of those of all processes of the remote group.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T {
    var result = value
    try allReduce(value, into: &result, operation)
    return result
  }

  @usableFromInline
  internal func allGather(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype,
    _ target: UnsafeMutableRawPointer?, _ room: Int, _ targetType: Datatype
  ) throws(MPIError) {
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(remoteShare(of: room), targetType) { (share, targetType) throws(MPIError) in
        try check("MPI_Allgather") { MPI_Allgather(data, count, type, target, share, targetType, handle) }
      }
    }
  }

  @usableFromInline
  internal func allToAll(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype,
    _ target: UnsafeMutableRawPointer?, _ room: Int, _ targetType: Datatype
  ) throws(MPIError) {
    try withCount(remoteShare(of: count), datatype) { (share, type) throws(MPIError) in
      try withCount(remoteShare(of: room), targetType) { (room, targetType) throws(MPIError) in
        try check("MPI_Alltoall") { MPI_Alltoall(data, share, type, target, room, targetType, handle) }
      }
    }
  }

  @usableFromInline
  internal func allReduce(_ values: Combination) throws(MPIError) {
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Allreduce") {
        MPI_Allreduce(sent, received, count, values.datatype, values.operation, handle)
      }
    }
  }
}
