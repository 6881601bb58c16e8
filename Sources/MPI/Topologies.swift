// Communicators that know which of their processes are neighbours.

internal import CMPI

/// A group whose processes have neighbours: a grid (`CartesianCommunicator`) or any graph (`GraphCommunicator`).
///
/// The neighbourhood collectives exchange data along these lists.
public class NeighborhoodCommunicator: Communicator {
  /// The ranks that this process receives from, in the order in which neighbourhood collectives lay out their data; nil
  /// is nobody, beyond the edge of a grid that is not periodic.
  ///
  /// On a grid these are, for each dimension, the process one step down and the one a step up.
  public final let sources: [Int?]
  /// The ranks that this process sends to, in the same order; nil is nobody.
  public final let destinations: [Int?]
  // Found out by the first call of each kind; see CollectivesNeighborhoodOrder.swift.
  internal final var orders: [NeighborCall: [Int]] = [:]

  internal required init(handle: MPI_Comm, isOwned: Bool) throws(MPIError) {
    switch try topologyKind(handle) {
    case .cartesian:
      sources = try cartesianNeighbours(handle)
      destinations = sources
    case .distributedGraph:
      let edges = try GraphEdges(of: handle)
      sources = edges.sources.map { Int($0) }
      destinations = edges.destinations.map { Int($0) }
    case .graph, nil:
      fatalError("A communicator without neighbours was taken for one that has some.")
    }
    try super.init(handle: handle, isOwned: isOwned)
  }
}

/// How the processes of a communicator are arranged.
public enum Topology: Sendable {
  /// The points of a grid.
  case cartesian
  /// The points of a graph that every process knows as a whole, which only C programs make.
  case graph
  /// The points of a graph of which each process knows its own edges.
  case distributedGraph
}

extension AnyCommunicator {
  /// How the processes are arranged; nil when they are not.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Topo_test`.
  public func topology() throws(MPIError) -> Topology? { try topologyKind(handle) }
}

private func topologyKind(_ handle: MPI_Comm) throws(MPIError) -> Topology? {
  var kind: CInt = 0
  try check("MPI_Topo_test") { MPI_Topo_test(handle, &kind) }
  switch kind {
  case cmpi_cart(): return .cartesian
  case cmpi_graph(): return .graph
  case cmpi_dist_graph(): return .distributedGraph
  default: return nil
  }
}
