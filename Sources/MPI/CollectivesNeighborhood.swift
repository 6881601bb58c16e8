// Data that each process exchanges with its neighbours only, on a grid or on a graph.
//
// A process sends to its `destinations` and receives from its `sources`, and the parts of a buffer are in the order of
// these lists. A neighbour that is nil, beyond the edge of a grid, has its part all the same: what is sent there goes
// nowhere, and what would come from there stays as it is.

internal import CMPI

// MARK: The same to all neighbours

extension NeighborhoodCommunicator {
  /// Sends the same elements to all neighbours and joins theirs.
  ///
  /// - Parameters:
  ///   - values: what goes to each destination, as many elements on each process.
  ///   - result: room for as many elements from each of `sources`, one after another.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Neighbor_allgather`.
  @inlinable
  public func neighborAllGather<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try neighborAllGather(Outgoing(data, count, datatype), Incoming(target, room, targetType))
      }
    }
  }

  /// Sends one value to all neighbours and gives theirs, in the order of `sources`; nil from nobody.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Neighbor_allgather`.
  @inlinable
  public func neighborAllGather<T: MPIDatatype>(_ value: T) throws(MPIError) -> [T?] {
    var result = [T](repeating: value, count: sources.count)
    try neighborAllGather(value, into: &result)
    return zip(sources, result).map { $0 == nil ? nil : $1 }
  }

  @usableFromInline
  internal func neighborAllGather(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    requireRoom(received, for: sent, times: sources.count)
    try withAllGather(sent, received, among: sources.count) { (count, type, room, roomType) throws(MPIError) in
      try check("MPI_Neighbor_allgather") {
        MPI_Neighbor_allgather(sent.address, count, type, received.address, room, roomType, handle)
      }
    }
  }

  /// Sends the same elements to all neighbours and joins theirs, which may be of different lengths.
  ///
  /// - Parameters:
  ///   - values: what goes to each destination.
  ///   - result: room for what comes from all sources.
  ///   - layout: how many elements come from each of `sources` and where they go.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Neighbor_allgatherv`.
  @inlinable
  public func neighborAllGatherVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, layout: SharesLayout) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try neighborAllGatherVariable(Outgoing(data, count, datatype), Incoming(target, room, targetType), layout)
      }
    }
  }

  @usableFromInline
  internal func neighborAllGatherVariable(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout)
    throws(MPIError)
  {
    layout.requireReceiving(received.count, processes: sources.count)
    requireApart(sent, received)
    let count = checkedCount(sent.count)
    defer { withExtendedLifetime(layout) {} }
    try check("MPI_Neighbor_allgatherv") {
      MPI_Neighbor_allgatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, handle)
    }
  }
}

// MARK: Something else to each neighbour

extension NeighborhoodCommunicator {
  /// Sends a part of the elements to each neighbour and joins the parts that come from them.
  ///
  /// - Parameters:
  ///   - values: a part for each of `destinations`, one after another, all of one length.
  ///   - result: room for a part from each of `sources`, of that length too.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Neighbor_alltoall`.
  @inlinable
  public func neighborAllToAll<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try neighborAllToAll(Outgoing(data, count, datatype), Incoming(target, room, targetType))
      }
    }
  }

  /// Sends one value to each neighbour and gives theirs, in the order of `sources`; nil from nobody.
  ///
  /// - Parameter values: one for each of `destinations`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Neighbor_alltoall`.
  @inlinable
  public func neighborAllToAll<T: MPIDatatype>(_ values: [T]) throws(MPIError) -> [T?] {
    require(
      values.count == destinations.count,
      "One value goes to each of \(destinations.count) neighbours, but there are \(values.count).")
    let result = try values.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      try makeArray(count: sources.count) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        // Nobody writes the parts of neighbours that are not there.
        UnsafeMutableRawBufferPointer(result).initializeMemory(as: UInt8.self, repeating: 0)
        try neighborAllToAll(
          Outgoing(values.baseAddress, values.count, T.datatype),
          Incoming(result.baseAddress, result.count, T.datatype))
      }
    }
    return zip(sources, result).map { $0 == nil ? nil : $1 }
  }

  @usableFromInline
  internal func neighborAllToAll(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    requireSameParts(sent, destinations.count, received, sources.count)
    if hasTwins {
      let (layout, resultLayout) = partsAsShares(sent, received)
      return try neighborAllToAllVariable(sent, layout, received, resultLayout)
    }
    try withAllToAll(sent, destinations.count, received, sources.count) {
      (count, type, room, roomType) throws(MPIError) in
      try check("MPI_Neighbor_alltoall") {
        MPI_Neighbor_alltoall(sent.address, count, type, received.address, room, roomType, handle)
      }
    }
  }

  /// Sends a share of its own length to each neighbour and gets one from each.
  ///
  /// - Parameters:
  ///   - values: this process's elements.
  ///   - layout: which of them go to which of `destinations`.
  ///   - result: where the elements of the neighbours go.
  ///   - resultLayout: how many come from each of `sources` and where they go.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Neighbor_alltoallv`.
  @inlinable
  public func neighborAllToAllVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, layout: SharesLayout, into result: inout Received, layout resultLayout: SharesLayout
  ) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try neighborAllToAllVariable(
          Outgoing(data, count, datatype), layout, Incoming(target, room, targetType), resultLayout)
      }
    }
  }

  @usableFromInline
  internal func neighborAllToAllVariable(
    _ sent: Outgoing, _ layout: SharesLayout, _ received: Incoming, _ resultLayout: SharesLayout
  ) throws(MPIError) {
    layout.requireSending(sent.count, processes: destinations.count)
    resultLayout.requireReceiving(received.count, processes: sources.count)
    requireApart(sent, received)
    let resultLayout = try placed(resultLayout, by: .shares)
    defer { withExtendedLifetime((layout, resultLayout)) {} }
    try check("MPI_Neighbor_alltoallv") {
      MPI_Neighbor_alltoallv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address,
        resultLayout.counts32, resultLayout.offsets32, received.datatype.handle, handle)
    }
  }

  /// Sends a section of a buffer to each neighbour and receives one from each; their shapes may all differ. So the sides
  /// of a grid go to the neighbours' halos in one call.
  ///
  /// - Parameters:
  ///   - sections: what goes to each of `destinations`.
  ///   - result: where what comes from each of `sources` goes; perhaps other sections of the same buffer.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Neighbor_alltoallw`.
  public func neighborAllToAll<Sent, Received>(_ sections: SectionList<Sent>, into result: SectionList<Received>)
    throws(MPIError) where Received.Element == Sent.Element
  {
    let (sent, received) = try requireNeighborSections(sections, result, .sections)
    sent.storage?.requireReadable()
    received.storage?.requireWritable()
    try check("MPI_Neighbor_alltoallw") {
      MPI_Neighbor_alltoallw(
        sent.base, sent.counts, sent.offsets, sent.types, received.base, received.counts, received.offsets,
        received.types, handle)
    }
  }

  internal func requireNeighborSections<Sent, Received>(
    _ sections: SectionList<Sent>, _ result: SectionList<Received>, _ call: NeighborCall
  ) throws(MPIError) -> (SectionTable, SectionTable) {
    sections.table.requireCount(destinations.count, "neighbours")
    result.table.requireCount(sources.count, "neighbours")
    return (sections.table, try placed(result.table, by: call))
  }
}
