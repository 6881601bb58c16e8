// Neighbours that are one process, and which of its messages is which.
//
// On a grid that is closed in a dimension of one or two processes, the neighbours below and above are the same one, or
// this process itself. What goes down to it then comes from above, as on larger grids: so say MPI-4 and common sense.
// MPI-3.1 leaves it open, and calls of Open MPI 4.1 and MPICH 4.0 take the first message for that from below, or do so in
// grids of several dimensions. So each kind of call is tried on this process alone, and where it takes messages for
// others, the places of the results are named in the order in which it fills them.

internal import CMPI

/// The calls that may differ in how they match messages.
internal enum NeighborCall: Int, CaseIterable {
  case shares, sections, startShares, startSections
}

extension NeighborhoodCommunicator {
  /// Whether two neighbours along one dimension are the same process.
  internal var hasTwins: Bool {
    self is CartesianCommunicator && sources.indices.contains { $0 % 2 == 0 && isTwin(dimension: $0 / 2) }
  }

  private func isTwin(dimension: Int) -> Bool {
    sources[2 * dimension] != nil && sources[2 * dimension] == sources[2 * dimension + 1]
  }

  /// The layouts of parts of one length.
  internal func partsAsShares(_ sent: Outgoing, _ received: Incoming) -> (SharesLayout, SharesLayout) {
    (
      SharesLayout(counts: destinations.map { _ in sent.count / destinations.count }),
      SharesLayout(counts: sources.map { _ in received.count / sources.count })
    )
  }

  /// The layout of a result for a call that fills its shares in an order of its own.
  internal func placed(_ layout: SharesLayout, by call: NeighborCall) throws(MPIError) -> SharesLayout {
    guard hasTwins, let order = try order(of: call) else { return layout }
    return layout.reordered(order)
  }

  internal func placed(_ table: SectionTable, by call: NeighborCall) throws(MPIError) -> SectionTable {
    guard hasTwins, let order = try order(of: call) else { return table }
    return table.reordered(order)
  }

  /// For each source, the one whose data a call writes in its place; nil when it is that source itself.
  private func order(of call: NeighborCall) throws(MPIError) -> [Int]? {
    if let known = orders[call] { return known.isEmpty ? nil : known }
    var order = Array(sources.indices)
    let twins = (0..<sources.count / 2).filter { isTwin(dimension: $0) }
    // Another process is a neighbour along one dimension only, this one perhaps along several. Messages of different
    // processes never get mixed up, so that each dimension of the first kind is tried by itself.
    let own = twins.filter { sources[2 * $0] == rank }
    for dimensions in [own] + twins.filter({ sources[2 * $0] != rank }).map({ [$0] }) where !dimensions.isEmpty {
      let directions = try directionsReceived(call, closed: dimensions)
      for place in dimensions.flatMap({ [2 * $0, 2 * $0 + 1] }) { order[place] = Int(directions[place]) ^ 1 }
    }
    orders[call] = order == Array(sources.indices) ? [] : order
    return try self.order(of: call)
  }

  /// For each source, the direction of the message that a call puts there when this process is alone on a grid that is
  /// closed along some dimensions.
  private func directionsReceived(_ call: NeighborCall, closed: [Int]) throws(MPIError) -> [CInt] {
    let dimensions = sources.count / 2
    let sizes = [CInt](repeating: 1, count: dimensions)
    let periodic: [CInt] = (0..<dimensions).map { closed.contains($0) ? 1 : 0 }
    var grid = cmpi_comm_null()
    try check("MPI_Cart_create") {
      MPI_Cart_create(cmpi_comm_self(), CInt(dimensions), sizes, periodic, 0, &grid)
    }
    defer { _ = MPI_Comm_free(&grid) }
    let directions = MessageBuffer(sources.indices.map { CInt($0) })
    let result = MessageBuffer<CInt>(repeating: -1, count: directions.count)
    let places = (0..<directions.count).map { NeighborPlace(storage: result, address: result.baseAddress + $0) }
    let values = (0..<directions.count).map { NeighborPlace(storage: directions, address: directions.baseAddress + $0) }
    let (outgoing, incoming) = (try SectionTable(values), try SectionTable(places))
    let layout = SharesLayout(counts: places.map { _ in 1 })
    let type = cmpi_int32()
    var request = cmpi_request_null()
    switch call {
    case .shares:
      try check("MPI_Neighbor_alltoallv") {
        MPI_Neighbor_alltoallv(
          outgoing.base, layout.counts32, layout.offsets32, type, incoming.base, layout.counts32, layout.offsets32,
          type, grid)
      }
    case .sections:
      try check("MPI_Neighbor_alltoallw") {
        MPI_Neighbor_alltoallw(
          outgoing.base, outgoing.counts, outgoing.offsets, outgoing.types, incoming.base, incoming.counts,
          incoming.offsets, incoming.types, grid)
      }
    case .startShares:
      try check("MPI_Ineighbor_alltoallv") {
        MPI_Ineighbor_alltoallv(
          outgoing.base, layout.counts32, layout.offsets32, type, incoming.base, layout.counts32, layout.offsets32,
          type, grid, &request)
      }
    case .startSections:
      try check("MPI_Ineighbor_alltoallw") {
        MPI_Ineighbor_alltoallw(
          outgoing.base, outgoing.counts, outgoing.offsets, outgoing.types, incoming.base, incoming.counts,
          incoming.offsets, incoming.types, grid, &request)
      }
    }
    try check("MPI_Wait") { MPI_Wait(&request, cmpi_status_ignore()) }
    withExtendedLifetime((directions, layout, outgoing, incoming)) {}
    return result.array
  }
}

/// One number of a buffer.
private struct NeighborPlace: OwnedBuffer {
  typealias Element = CInt
  let storage: MessageStorage
  let pointer: UnsafeMutablePointer<CInt>

  init(storage: MessageStorage, address: UnsafeMutablePointer<CInt>) {
    self.storage = storage
    pointer = address
  }

  var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }
  var count: Int { 1 }
  var datatype: Datatype { CInt.datatype }
}
