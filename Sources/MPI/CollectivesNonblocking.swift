// Data that all processes give or get together while the program computes.
//
// All processes of a group start these calls in the same order. The memory that one reads or writes must not be touched
// until the request's `wait` has given the result; several may be under way at once.

internal import CMPI

// MARK: Equal shares

extension Communicator {
  /// Starts to join as many elements of each process, in the order of ranks, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: on the root, room for `size` times as many; not looked at elsewhere, where an empty buffer will do.
  ///   - root: the rank that gets them.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Igather`.
  public func startGather<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, to root: Int
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    if rank == root { requireRoom(received, for: sent, times: size) }
    let written = rank == root ? result.storage : nil
    let request = try withGather(sent, received, root) { (count, type, room, roomType, root) throws(MPIError) in
      try ActiveRequest("MPI_Igather", reading: values.storage, writing: written) {
        MPI_Igather(sent.address, count, type, received.address, room, roomType, root, handle, &$0)
      }
    }
    return Request(request, giving: result)
  }

  /// Starts to join as many elements of each process, in the order of ranks, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: room for `size` times as many.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iallgather`.
  public func startAllGather<Sent: OwnedBuffer, Received: OwnedBuffer>(_ values: Sent, into result: Received)
    throws(MPIError) -> Request<Received> where Received.Element == Sent.Element
  {
    let (sent, received) = (Outgoing(values), Incoming(result))
    requireRoom(received, for: sent, times: size)
    return Request(try startAllGather(sent, received, reading: values.storage, result.storage), giving: result)
  }

  /// Starts to join the shares of all processes in the buffer of each, which has its share in its own place already.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iallgather` with `MPI_IN_PLACE`.
  public func startAllGather<Buffer: OwnedBuffer>(_ values: Buffer) throws(MPIError) -> Request<Buffer> {
    let received = Incoming(values)
    return Request(try startAllGather(.inPlace(received), received, reading: nil, values.storage), giving: values)
  }

  private func startAllGather(
    _ sent: Outgoing, _ received: Incoming, reading read: MessageStorage?, _ written: MessageStorage
  ) throws(MPIError) -> ActiveRequest {
    try withAllGather(sent, received, among: size) { (count, type, room, roomType) throws(MPIError) in
      try ActiveRequest("MPI_Iallgather", reading: read, writing: written) {
        MPI_Iallgather(sent.address, count, type, received.address, room, roomType, handle, &$0)
      }
    }
  }

  /// Starts to divide the elements of one process evenly among all, in the order of ranks.
  ///
  /// - Parameters:
  ///   - values: on the root, `size` times as many elements as each process gets; not looked at elsewhere, where an empty
  ///     buffer will do.
  ///   - result: where this process's share goes, as long on each process.
  ///   - root: the rank whose elements are divided.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iscatter`.
  public func startScatter<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, from root: Int
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    if rank == root { requireRoom(received, times: size, for: sent) }
    let read = rank == root ? values.storage : nil
    let request = try withScatter(sent, received, root) { (count, type, room, roomType, root) throws(MPIError) in
      try ActiveRequest("MPI_Iscatter", reading: read, writing: result.storage) {
        MPI_Iscatter(sent.address, count, type, received.address, room, roomType, root, handle, &$0)
      }
    }
    return Request(request, giving: result)
  }

  /// Starts to send the parts of each process's elements to all processes: part `j` of process `i` becomes part `i` of
  /// process `j`.
  ///
  /// - Parameters:
  ///   - values: `size` parts of one length, the same on each process.
  ///   - result: as much room.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ialltoall`.
  public func startAllToAll<Sent: OwnedBuffer, Received: OwnedBuffer>(_ values: Sent, into result: Received)
    throws(MPIError) -> Request<Received> where Received.Element == Sent.Element
  {
    let (sent, received) = (Outgoing(values), Incoming(result))
    requireRoom(received, for: sent)
    let request = try withAllToAll(sent, size, received, size) { (count, type, room, roomType) throws(MPIError) in
      try ActiveRequest("MPI_Ialltoall", reading: values.storage, writing: result.storage) {
        MPI_Ialltoall(sent.address, count, type, received.address, room, roomType, handle, &$0)
      }
    }
    return Request(request, giving: result)
  }
}

// MARK: Shares of different lengths

extension Communicator {
  /// Starts to join shares of different lengths on one process.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: on the root, room for all elements; not looked at elsewhere, where an empty buffer will do.
  ///   - layout: how long all shares are and where they go; looked at on the root only.
  ///   - root: the rank that gets them.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Igatherv`.
  public func startGatherVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, layout: SharesLayout, to root: Int
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    let (count, rootRank) = checkedGatherVariable(sent, received, layout, root)
    let written = rank == root ? result.storage : nil
    let request = try ActiveRequest(
      "MPI_Igatherv", reading: values.storage, writing: written, keeping: layout.lists
    ) {
      MPI_Igatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, rootRank, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to join shares of different lengths on all processes.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: room for all elements.
  ///   - layout: how long all shares are, the same on every process, and where they go.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iallgatherv`.
  public func startAllGatherVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, layout: SharesLayout
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    requireOwnShare(sent, received, layout)
    layout.requireReceiving(received.count, processes: size)
    let count = checkedCount(sent.count)
    let request = try ActiveRequest(
      "MPI_Iallgatherv", reading: values.storage, writing: result.storage, keeping: layout.lists
    ) {
      MPI_Iallgatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to divide the elements of one process into shares of different lengths.
  ///
  /// - Parameters:
  ///   - values: on the root, all elements; not looked at elsewhere, where an empty buffer will do.
  ///   - layout: how long the shares are and where they lie; looked at on the root only.
  ///   - result: where this process's share goes, as long as the root says.
  ///   - root: the rank whose elements are divided.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iscatterv`.
  public func startScatterVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, layout: SharesLayout, into result: Received, from root: Int
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    let (count, rootRank) = checkedScatterVariable(sent, layout, received, root)
    let read = rank == root ? values.storage : nil
    let request = try ActiveRequest(
      "MPI_Iscatterv", reading: read, writing: result.storage, keeping: layout.lists
    ) {
      MPI_Iscatterv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address, count,
        received.datatype.handle, rootRank, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to send a share of its own length from each process to each.
  ///
  /// - Parameters:
  ///   - values: this process's elements.
  ///   - layout: which of them go to which process.
  ///   - result: where the elements of all processes go.
  ///   - resultLayout: how many come from each process and where they go.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Ialltoallv`.
  public func startAllToAllVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, layout: SharesLayout, into result: Received, layout resultLayout: SharesLayout
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    layout.requireSending(sent.count, processes: size)
    resultLayout.requireReceiving(received.count, processes: size)
    requireApart(sent, received)
    let request = try ActiveRequest(
      "MPI_Ialltoallv", reading: values.storage, writing: result.storage,
      keeping: Kept(layout.lists, resultLayout.lists)
    ) {
      MPI_Ialltoallv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address,
        resultLayout.counts32, resultLayout.offsets32, received.datatype.handle, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to send a section of a buffer to each process and to receive one from each; their shapes may all differ.
  ///
  /// - Parameters:
  ///   - sections: what goes to each process, in the order of ranks.
  ///   - result: where what comes from each process goes, in the order of ranks.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Ialltoallw`.
  public func startAllToAll<Sent, Received>(_ sections: SectionList<Sent>, into result: SectionList<Received>)
    throws(MPIError) -> Request<SectionList<Received>> where Received.Element == Sent.Element
  {
    let (sent, received) = requireSections(sections, result)
    let request = try ActiveRequest(
      "MPI_Ialltoallw", reading: sent.storage, writing: received.storage, keeping: Kept(sent, received)
    ) {
      MPI_Ialltoallw(
        sent.base, sent.counts, sent.offsets32, sent.types, received.base, received.counts, received.offsets32,
        received.types, handle, &$0)
    }
    return Request(request, giving: result)
  }
}

/// Several objects for a request to keep.
internal final class Kept {
  private let objects: (AnyObject?, AnyObject?)

  init(_ first: AnyObject?, _ second: AnyObject?) { objects = (first, second) }
}
