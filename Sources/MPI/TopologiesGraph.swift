// Processes arranged as a graph.

internal import CMPI

/// A group whose processes are the points of a directed graph, of which each knows the edges that begin or end at it.
public final class GraphCommunicator: NeighborhoodCommunicator {
  /// What each edge of `sources` carries, as it was given; nil when the graph was made without weights.
  public let sourceWeights: [Int]?
  /// What each edge of `destinations` carries, as it was given; nil when the graph was made without weights.
  public let destinationWeights: [Int]?

  internal required init(handle: MPI_Comm, isOwned: Bool) throws(MPIError) {
    let edges = try GraphEdges(of: handle)
    sourceWeights = edges.isWeighted ? edges.sourceWeights.map { Int($0) } : nil
    destinationWeights = edges.isWeighted ? edges.destinationWeights.map { Int($0) } : nil
    try super.init(handle: handle, isOwned: isOwned)
  }
}

/// The edges of a graph that begin or end at this process.
internal struct GraphEdges {
  let isWeighted: Bool
  private(set) var sources: [CInt]
  private(set) var sourceWeights: [CInt]
  private(set) var destinations: [CInt]
  private(set) var destinationWeights: [CInt]

  init(of handle: MPI_Comm) throws(MPIError) {
    var (incoming, outgoing, isWeighted): (CInt, CInt, CInt) = (0, 0, 0)
    try check("MPI_Dist_graph_neighbors_count") {
      MPI_Dist_graph_neighbors_count(handle, &incoming, &outgoing, &isWeighted)
    }
    self.isWeighted = isWeighted != 0
    sources = [CInt](repeating: 0, count: Int(incoming))
    destinations = [CInt](repeating: 0, count: Int(outgoing))
    (sourceWeights, destinationWeights) = (sources, destinations)
    try check("MPI_Dist_graph_neighbors") {
      MPI_Dist_graph_neighbors(
        handle, incoming, &sources, &sourceWeights, outgoing, &destinations, &destinationWeights)
    }
  }
}

/// Edges of a graph that begin at one process.
public struct GraphNode: Sendable {
  /// The rank at which the edges begin.
  public let source: Int
  /// The ranks at which they end.
  public let destinations: [Int]
  /// What each edge carries, 0 or more; nil when that is not told.
  public let weights: [Int]?

  /// - Parameters:
  ///   - source: the rank at which the edges begin.
  ///   - destinations: the ranks at which they end.
  ///   - weights: as many numbers, 0 or more, or nil.
  public init(_ source: Int, to destinations: [Int], weights: [Int]? = nil) {
    self.source = source
    self.destinations = destinations
    self.weights = weights
  }
}

extension Communicator {
  /// Arranges the processes as a graph of which each gives the edges that begin or end at itself.
  ///
  /// - Parameters:
  ///   - sources: the ranks that this process receives from; each must name this one among its destinations.
  ///   - destinations: the ranks that this process sends to; each must name this one among its sources.
  ///   - sourceWeights: what each edge from a source carries, 0 or more; both ends give the same.
  ///   - destinationWeights: what each edge to a destination carries. All processes give both weights or none does.
  ///   - reorder: whether ranks may be renumbered to suit the machine's network.
  ///   - info: hints, the same on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Dist_graph_create_adjacent`.
  public func graph(
    sources: [Int], destinations: [Int], sourceWeights: [Int]? = nil, destinationWeights: [Int]? = nil,
    reorder: Bool = false, info: Info? = nil
  ) throws(MPIError) -> GraphCommunicator {
    require(
      (sourceWeights == nil) == (destinationWeights == nil),
      "The edges of a graph have weights at both ends or at none: give both lists.")
    requireWeights(sourceWeights, count: sources.count)
    requireWeights(destinationWeights, count: destinations.count)
    let (from, to) = (checkedRanks(sources), checkedRanks(destinations))
    var result = cmpi_comm_null()
    try withWeights(sourceWeights) { (fromWeights) throws(MPIError) in
      try withWeights(destinationWeights) { (toWeights) throws(MPIError) in
        try check("MPI_Dist_graph_create_adjacent") {
          MPI_Dist_graph_create_adjacent(
            handle, CInt(from.count), from, fromWeights, CInt(to.count), to, toWeights, infoHandle(info),
            reorder ? 1 : 0, &result)
        }
      }
    }
    return try GraphCommunicator(handle: result, isOwned: true)
  }

  /// Arranges the processes as a graph of which each gives some edges, wherever these begin and end.
  ///
  /// - Parameters:
  ///   - edges: edges that no other process gives as well, perhaps none. All have weights, on all processes, or none has.
  ///   - reorder: whether ranks may be renumbered to suit the machine's network.
  ///   - info: hints, the same on all processes.
  ///   - weighted: whether the graph has weights, for a process that gives no edges; the others' edges tell.
  ///
  /// The order of the neighbours of a process is up to MPI. All processes of the group must call it. The corresponding
  /// MPI function is `MPI_Dist_graph_create`.
  public func graph(edges: [GraphNode], weighted: Bool = false, reorder: Bool = false, info: Info? = nil)
    throws(MPIError) -> GraphCommunicator
  {
    let hasWeights = edges.first.map { $0.weights != nil } ?? weighted
    for node in edges {
      require((node.weights != nil) == hasWeights, "All edges of a graph have weights or none has.")
      requireWeights(node.weights, count: node.destinations.count)
    }
    let sources = checkedRanks(edges.map(\.source))
    let destinations = checkedRanks(edges.flatMap(\.destinations))
    let degrees = edges.map { CInt($0.destinations.count) }
    var result = cmpi_comm_null()
    try withWeights(hasWeights ? edges.flatMap { $0.weights ?? [] } : nil) { (weights) throws(MPIError) in
      try check("MPI_Dist_graph_create") {
        MPI_Dist_graph_create(
          handle, CInt(sources.count), sources, degrees, destinations, weights, infoHandle(info), reorder ? 1 : 0,
          &result)
      }
    }
    return try GraphCommunicator(handle: result, isOwned: true)
  }

  private func checkedRanks(_ ranks: [Int]) -> [CInt] {
    for rank in ranks {
      require(rank >= 0 && rank < size, "A point of a graph is a rank from 0 to \(size - 1), not \(rank).")
    }
    return ranks.map { CInt($0) }
  }
}

private func requireWeights(_ weights: [Int]?, count: Int) {
  guard let weights else { return }
  require(weights.count == count, "\(count) edges of a graph have as many weights, not \(weights.count).")
  for weight in weights {
    require(
      weight >= 0 && weight <= Int(CInt.max), "The weight of an edge is from 0 to 2147483647, not \(weight).")
  }
}

/// Calls `body` with the address of the weights. MPI tells a list of no weights from none given.
private func withWeights(_ weights: [Int]?, _ body: (UnsafePointer<CInt>) throws(MPIError) -> Void) throws(MPIError) {
  guard let weights else { return try body(cmpi_unweighted()) }
  if weights.isEmpty { return try body(cmpi_weights_empty()) }
  let values = weights.map { CInt($0) }
  try values.withUnsafeBufferPointer { (values) throws(MPIError) in try body(values.baseAddress!) }
}
