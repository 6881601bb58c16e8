// Data that neighbours exchange while the program computes.

internal import CMPI

extension NeighborhoodCommunicator {
  /// Starts to send the same elements to all neighbours and to join theirs.
  ///
  /// - Parameters:
  ///   - values: what goes to each destination, as many elements on each process.
  ///   - result: room for as many elements from each of `sources`, one after another.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ineighbor_allgather`.
  public func startNeighborAllGather<Sent: OwnedBuffer, Received: OwnedBuffer>(_ values: Sent, into result: Received)
    throws(MPIError) -> Request<Received> where Received.Element == Sent.Element
  {
    let (sent, received) = (Outgoing(values), Incoming(result))
    requireRoom(received, for: sent, times: sources.count)
    let request = try withAllGather(sent, received, among: sources.count) {
      (count, type, room, roomType) throws(MPIError) in
      try ActiveRequest("MPI_Ineighbor_allgather", reading: values.storage, writing: result.storage) {
        MPI_Ineighbor_allgather(sent.address, count, type, received.address, room, roomType, handle, &$0)
      }
    }
    return Request(request, giving: result)
  }

  /// Starts to send the same elements to all neighbours and to join theirs, which may be of different lengths.
  ///
  /// - Parameters:
  ///   - values: what goes to each destination.
  ///   - result: room for what comes from all sources.
  ///   - layout: how many elements come from each of `sources` and where they go.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ineighbor_allgatherv`.
  public func startNeighborAllGatherVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, layout: SharesLayout
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    layout.requireReceiving(received.count, processes: sources.count)
    requireApart(sent, received)
    let count = checkedCount(sent.count)
    let request = try ActiveRequest(
      "MPI_Ineighbor_allgatherv", reading: values.storage, writing: result.storage, keeping: layout.lists
    ) {
      MPI_Ineighbor_allgatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to send a part of the elements to each neighbour and to join the parts that come from them.
  ///
  /// - Parameters:
  ///   - values: a part for each of `destinations`, one after another, all of one length.
  ///   - result: room for a part from each of `sources`, of that length too.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ineighbor_alltoall`.
  public func startNeighborAllToAll<Sent: OwnedBuffer, Received: OwnedBuffer>(_ values: Sent, into result: Received)
    throws(MPIError) -> Request<Received> where Received.Element == Sent.Element
  {
    let (sent, received) = (Outgoing(values), Incoming(result))
    requireSameParts(sent, destinations.count, received, sources.count)
    if hasTwins {
      let (layout, resultLayout) = partsAsShares(sent, received)
      return try startNeighborAllToAllVariable(values, layout: layout, into: result, layout: resultLayout)
    }
    let request = try withAllToAll(sent, destinations.count, received, sources.count) {
      (count, type, room, roomType) throws(MPIError) in
      try ActiveRequest("MPI_Ineighbor_alltoall", reading: values.storage, writing: result.storage) {
        MPI_Ineighbor_alltoall(sent.address, count, type, received.address, room, roomType, handle, &$0)
      }
    }
    return Request(request, giving: result)
  }

  /// Starts to send a share of its own length to each neighbour and to get one from each.
  ///
  /// - Parameters:
  ///   - values: this process's elements.
  ///   - layout: which of them go to which of `destinations`.
  ///   - result: where the elements of the neighbours go.
  ///   - resultLayout: how many come from each of `sources` and where they go.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Ineighbor_alltoallv`.
  public func startNeighborAllToAllVariable<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, layout: SharesLayout, into result: Received, layout resultLayout: SharesLayout
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let (sent, received) = (Outgoing(values), Incoming(result))
    layout.requireSending(sent.count, processes: destinations.count)
    resultLayout.requireReceiving(received.count, processes: sources.count)
    requireApart(sent, received)
    let resultLayout = try placed(resultLayout, by: .startShares)
    let request = try ActiveRequest(
      "MPI_Ineighbor_alltoallv", reading: values.storage, writing: result.storage,
      keeping: Kept(layout.lists, resultLayout.lists)
    ) {
      MPI_Ineighbor_alltoallv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address,
        resultLayout.counts32, resultLayout.offsets32, received.datatype.handle, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to send a section of a buffer to each neighbour and to receive one from each; their shapes may all differ.
  ///
  /// - Parameters:
  ///   - sections: what goes to each of `destinations`.
  ///   - result: where what comes from each of `sources` goes; perhaps other sections of the same buffer.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Ineighbor_alltoallw`.
  public func startNeighborAllToAll<Sent, Received>(
    _ sections: SectionList<Sent>, into result: SectionList<Received>
  ) throws(MPIError) -> Request<SectionList<Received>> where Received.Element == Sent.Element {
    let (sent, received) = try requireNeighborSections(sections, result, .startSections)
    let request = try ActiveRequest(
      "MPI_Ineighbor_alltoallw", reading: sent.storage, writing: received.storage, keeping: Kept(sent, received)
    ) {
      MPI_Ineighbor_alltoallw(
        sent.base, sent.counts, sent.offsets, sent.types, received.base, received.counts, received.offsets,
        received.types, handle, &$0)
    }
    return Request(request, giving: result)
  }
}
