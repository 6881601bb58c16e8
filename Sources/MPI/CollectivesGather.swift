// Equal shares of all processes joined on one or all of them, and the other way round.

internal import CMPI

// MARK: Gather

extension Communicator {
  /// Joins as many elements of each process, in the order of ranks, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: on the root, room for `size` times as many; not looked at elsewhere.
  ///   - root: the rank that gets them.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gather`.
  @inlinable
  public func gather<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, to root: Int) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try gather(Outgoing(data, count, datatype), Incoming(target, room, targetType), root)
      }
    }
  }

  /// Joins as many elements of each process, in the order of ranks, in an array on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gather`.
  @inlinable
  public func gather<Sent: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Sent, to root: Int)
    throws(MPIError) -> [Sent.Element]?
  {
    let element = Sent.Element.datatype
    return try values.withElements { (data, count, datatype) throws(MPIError) -> [Sent.Element]? in
      guard rank == root else {
        try gather(Outgoing(data, count, datatype), Incoming(nil, 0, element), root)
        return nil
      }
      let total = elementCount(count, of: datatype, as: element) * size
      return try makeArray(count: total) { (result: UnsafeMutableBufferPointer<Sent.Element>) throws(MPIError) in
        try gather(Outgoing(data, count, datatype), Incoming(result.baseAddress, total, element), root)
      }
    }
  }

  /// Joins the shares of all processes in the memory of one process. Each process has its share in its own place, the
  /// one that its rank has among `size` equal parts; the others of its parts do not matter.
  ///
  /// - Parameters:
  ///   - values: room for all shares, as long on each process. The root's is filled, the others' stay as they are.
  ///   - root: the rank that gets them.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gather` with `MPI_IN_PLACE`.
  @inlinable
  public func gather<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer, to root: Int)
    throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try gatherInPlace(Incoming(data, count, datatype), root)
    }
  }

  @usableFromInline
  internal func gather(_ sent: Outgoing, _ received: Incoming, _ root: Int) throws(MPIError) {
    if rank == root { requireRoom(received, for: sent, times: size) }
    try gatherUnchecked(sent, received, root)
  }

  @usableFromInline
  internal func gatherInPlace(_ values: Incoming, _ root: Int) throws(MPIError) {
    if rank == root { return try gatherUnchecked(.inPlace(values), values, root) }
    try gatherUnchecked(values.part(rank, of: size).outgoing, values.nothing, root)
  }

  private func gatherUnchecked(_ sent: Outgoing, _ received: Incoming, _ root: Int) throws(MPIError) {
    try withGather(sent, received, root) { (count, type, room, roomType, root) throws(MPIError) in
      try check("MPI_Gather") {
        MPI_Gather(sent.address, count, type, received.address, room, roomType, root, handle)
      }
    }
  }

  /// Calls `body` with the arguments of a gather in MPI's form.
  @inline(__always)
  internal func withGather<R: ~Copyable>(
    _ sent: Outgoing, _ received: Incoming, _ root: Int,
    _ body: (CInt, MPI_Datatype, CInt, MPI_Datatype, CInt) throws(MPIError) -> R
  ) throws(MPIError) -> R {
    let checked = checkedRoot(root)
    let share = rank == root ? evenShare(of: received.count, among: size) : 0
    return try withCount(sent.count, sent.datatype) { (count, type) throws(MPIError) in
      try withCount(share, received.datatype) { (room, roomType) throws(MPIError) in
        try body(count, type, room, roomType, checked)
      }
    }
  }
}

// MARK: Gather to all

extension Communicator {
  /// Joins as many elements of each process, in the order of ranks, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: room for `size` times as many.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgather`.
  @inlinable
  public func allGather<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allGather(Outgoing(data, count, datatype), Incoming(target, room, targetType))
      }
    }
  }

  /// Joins as many elements of each process, in the order of ranks, in an array on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgather`.
  @inlinable
  public func allGather<Sent: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Sent) throws(MPIError)
    -> [Sent.Element]
  {
    let element = Sent.Element.datatype
    return try values.withElements { (data, count, datatype) throws(MPIError) -> [Sent.Element] in
      let total = elementCount(count, of: datatype, as: element) * size
      return try makeArray(count: total) { (result: UnsafeMutableBufferPointer<Sent.Element>) throws(MPIError) in
        try allGather(Outgoing(data, count, datatype), Incoming(result.baseAddress, total, element))
      }
    }
  }

  /// Joins the shares of all processes in the memory of each. Each process has its share in its own place, the one that
  /// its rank has among `size` equal parts.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgather` with `MPI_IN_PLACE`.
  @inlinable
  public func allGather<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      let values = Incoming(data, count, datatype)
      try allGatherUnchecked(.inPlace(values), values)
    }
  }

  @usableFromInline
  internal func allGather(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    requireRoom(received, for: sent, times: size)
    try allGatherUnchecked(sent, received)
  }

  @usableFromInline
  internal func allGatherUnchecked(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    try withAllGather(sent, received, among: size) { (count, type, room, roomType) throws(MPIError) in
      try check("MPI_Allgather") {
        MPI_Allgather(sent.address, count, type, received.address, room, roomType, handle)
      }
    }
  }

  /// Calls `body` with the arguments of a gather of `parts` shares in MPI's form.
  ///
  /// Without any share there is still a length, that of what is sent: Open MPI sends nothing where a length is 0.
  @inline(__always)
  internal func withAllGather<R: ~Copyable>(
    _ sent: Outgoing, _ received: Incoming, among parts: Int,
    _ body: (CInt, MPI_Datatype, CInt, MPI_Datatype) throws(MPIError) -> R
  ) throws(MPIError) -> R {
    try withCount(sent.count, sent.datatype) { (count, type) throws(MPIError) in
      if parts == 0 { return try body(count, type, count, type) }
      return try withCount(evenShare(of: received.count, among: parts), received.datatype) {
        (room, roomType) throws(MPIError) in try body(count, type, room, roomType)
      }
    }
  }
}

// MARK: Scatter

extension Communicator {
  /// Divides the elements of one process evenly among all, in the order of ranks.
  ///
  /// - Parameters:
  ///   - values: on the root, `size` times as many elements as each process gets; not looked at elsewhere.
  ///   - result: where this process's share goes, as long on each process.
  ///   - root: the rank whose elements are divided.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scatter`.
  @inlinable
  public func scatter<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, from root: Int) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try scatter(Outgoing(data, count, datatype), Incoming(target, room, targetType), root)
      }
    }
  }

  /// Gives each process one of the elements of one process, in the order of ranks.
  ///
  /// - Parameters:
  ///   - values: on the root, `size` elements; not looked at elsewhere.
  ///   - root: the rank whose elements are divided.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scatter`.
  @inlinable
  public func scatter<T: MPIDatatype>(_ values: [T], from root: Int) throws(MPIError) -> T {
    try values.withUnsafeBufferPointer { (values) throws(MPIError) -> T in
      try withUnsafeTemporaryAllocation(of: T.self, capacity: 1) { (result) throws(MPIError) -> T in
        try scatter(
          Outgoing(values.baseAddress, values.count, T.datatype), Incoming(result.baseAddress, 1, T.datatype), root)
        return result[0]
      }
    }
  }

  /// Divides the elements of one process evenly among all: each gets its share in its own place, the one that its rank
  /// has among `size` equal parts.
  ///
  /// - Parameters:
  ///   - values: on the root, the elements; as much room on every other process, of which its own part is filled.
  ///   - root: the rank whose elements are divided.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scatter` with `MPI_IN_PLACE`.
  @inlinable
  public func scatter<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer, from root: Int)
    throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try scatterInPlace(Incoming(data, count, datatype), root)
    }
  }

  @usableFromInline
  internal func scatter(_ sent: Outgoing, _ received: Incoming, _ root: Int) throws(MPIError) {
    if rank == root { requireRoom(received, times: size, for: sent) }
    try scatterUnchecked(sent, received, root)
  }

  @usableFromInline
  internal func scatterInPlace(_ values: Incoming, _ root: Int) throws(MPIError) {
    let inPlace = Incoming(cmpi_in_place(), 0, values.datatype)
    let received = try rank == root ? inPlace : values.part(rank, of: size)
    try scatterUnchecked(values.outgoing, received, root)
  }

  private func scatterUnchecked(_ sent: Outgoing, _ received: Incoming, _ root: Int) throws(MPIError) {
    try withScatter(sent, received, root) { (count, type, room, roomType, root) throws(MPIError) in
      try check("MPI_Scatter") {
        MPI_Scatter(sent.address, count, type, received.address, room, roomType, root, handle)
      }
    }
  }

  /// Calls `body` with the arguments of a scatter in MPI's form.
  @inline(__always)
  internal func withScatter<R: ~Copyable>(
    _ sent: Outgoing, _ received: Incoming, _ root: Int,
    _ body: (CInt, MPI_Datatype, CInt, MPI_Datatype, CInt) throws(MPIError) -> R
  ) throws(MPIError) -> R {
    let checked = checkedRoot(root)
    let share = rank == root ? evenShare(of: sent.count, among: size) : 0
    return try withCount(share, sent.datatype) { (count, type) throws(MPIError) in
      try withCount(received.count, received.datatype) { (room, roomType) throws(MPIError) in
        try body(count, type, room, roomType, checked)
      }
    }
  }
}
