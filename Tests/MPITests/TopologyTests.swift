import MPI
import Testing

extension OnEveryRank {
  @Suite struct TopologyTests {
    @Test func aRingHasTwoNeighboursEverywhere() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      #expect(ring.coordinates == [world.rank])
      let (source, destination) = try ring.shift(dimension: 0, displacement: 1)
      #expect(source == (world.rank + world.size - 1) % world.size)
      #expect(destination == (world.rank + 1) % world.size)
      #expect(ring.sources == [source, destination] && ring.destinations == ring.sources)
      #expect(try ring.rank(at: [-1]) == world.size - 1)
      #expect(try ring.rank(at: [world.size * 3 + 1]) == 1 % world.size)
      #expect(try ring.topology() == .cartesian && world.topology() == nil)
    }

    @Test func aLineEndsInNobody() throws {
      let line = try world.cartesian(dimensions: [1, world.size], periodic: [false, false])
      #expect(line.coordinates == [0, world.rank])
      let (source, destination) = try line.shift(dimension: 1, displacement: 1)
      #expect(source == (world.rank == 0 ? nil : world.rank - 1))
      #expect(destination == (world.rank == world.size - 1 ? nil : world.rank + 1))
      #expect(line.sources == [nil, nil, source, destination])
      #expect(try line.rank(at: [0, -1]) == nil)
      #expect(try line.rank(at: [1, 0]) == nil)
      #expect(try line.rank(at: [0, world.size - 1]) == world.size - 1)
      let (above, below) = try line.shift(dimension: 0, displacement: -1)
      #expect(above == nil && below == nil)
    }

    @Test func coordinatesAndRanksAgree() throws {
      let dimensions = try balancedDimensions(size: world.size, count: 3)
      let grid = try world.cartesian(dimensions: dimensions, periodic: [false, true, false])
      #expect(grid.dimensions == dimensions && grid.periodic == [false, true, false])
      for rank in 0..<grid.size {
        let point = try grid.coordinates(of: rank)
        #expect(try grid.rank(at: point) == rank)
        #expect(rank == (point[0] * dimensions[1] + point[1]) * dimensions[2] + point[2])
      }
      #expect(try grid.coordinates(of: grid.rank) == grid.coordinates)
    }

    /// One row of a table of neighbours: where a process is, then for each dimension the source and the destination of a
    /// shift by 1 and of one by 2; -1 is nobody.
    private func expect(_ rows: [[Int]], dimensions: [Int], periodic: [Bool]) throws {
      guard let part = try world.split(color: world.rank < rows.count ? 0 : nil), part.size == rows.count else {
        return
      }
      let grid = try part.cartesian(dimensions: dimensions, periodic: periodic)
      for (rank, row) in rows.enumerated() {
        #expect(try grid.coordinates(of: rank) == Array(row.prefix(dimensions.count)))
        #expect(try grid.rank(at: Array(row.prefix(dimensions.count))) == rank)
      }
      let shifts = try (0..<dimensions.count).flatMap { dimension in
        try [1, 2].flatMap { displacement in
          let (source, destination) = try grid.shift(dimension: dimension, displacement: displacement)
          return [source ?? -1, destination ?? -1]
        }
      }
      #expect(shifts == Array(rows[grid.rank].dropFirst(dimensions.count)))
    }

    @Test func neighboursAreThoseOfTheStandard() throws {
      // Coordinates, then source and destination along the first dimension by 1 and by 2, then along the second.
      try expect(
        [
          [0, 0, 4, 2, 2, 4, -1, 1, -1, -1],
          [0, 1, 5, 3, 3, 5, 0, -1, -1, -1],
          [1, 0, 0, 4, 4, 0, -1, 3, -1, -1],
          [1, 1, 1, 5, 5, 1, 2, -1, -1, -1],
          [2, 0, 2, 0, 0, 2, -1, 5, -1, -1],
          [2, 1, 3, 1, 1, 3, 4, -1, -1, -1],
        ], dimensions: [3, 2], periodic: [true, false])
      try expect(
        [
          [0, 0, -1, 2, -1, -1, 1, 1, 0, 0], [0, 1, -1, 3, -1, -1, 0, 0, 1, 1],
          [1, 0, 0, -1, -1, -1, 3, 3, 2, 2], [1, 1, 1, -1, -1, -1, 2, 2, 3, 3],
        ],
        dimensions: [2, 2], periodic: [false, true])
    }

    @Test func neighboursInThreeDimensionsAreThoseOfTheStandard() throws {
      // Runs on eight ranks or more only: `LaunchTests` starts it so.
      let rows = (0..<8).map { rank in
        let (a, b, c) = (rank / 4, rank / 2 % 2, rank % 2)
        let first = a == 0 ? [-1, rank + 4] : [rank - 4, -1]
        // Along periodic sides of two, a step either way leads to the other process and two lead back.
        return [a, b, c] + first + [-1, -1] + [rank ^ 2, rank ^ 2, rank, rank, rank ^ 1, rank ^ 1, rank, rank]
      }
      try expect(rows, dimensions: [2, 2, 2], periodic: [false, true, true])
    }

    @Test func subgridsAreTheRowsAndColumns() throws {
      let dimensions = try balancedDimensions(size: world.size, count: 2)
      let grid = try world.cartesian(dimensions: dimensions, periodic: [true, false])
      let column = try grid.subgrid(keeping: [true, false])
      #expect(column.dimensions == [dimensions[0]] && column.periodic == [true])
      #expect(column.coordinates == [grid.coordinates[0]])
      #expect(try column.allGather(grid.coordinates[1]) == [Int](repeating: grid.coordinates[1], count: dimensions[0]))
      let row = try grid.subgrid(keeping: [false, true])
      #expect(row.dimensions == [dimensions[1]] && row.periodic == [false] && row.rank == grid.coordinates[1])
      #expect(try row.allGather(grid.rank) == (0..<dimensions[1]).map { grid.coordinates[0] * dimensions[1] + $0 })
      let all = try grid.subgrid(keeping: [true, true])
      #expect(all.dimensions == dimensions && all.coordinates == grid.coordinates)
    }

    @Test func aDuplicateOfAGridIsAGrid() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      let copy: CartesianCommunicator = try ring.duplicate()
      #expect(copy.dimensions == ring.dimensions && copy.periodic == [true] && copy.coordinates == ring.coordinates)
      #expect(copy.sources == ring.sources)
    }

    @Test func aGridHasAPlaceForAsManyAsItsSize() throws {
      let place = try world.cartesianRank(dimensions: [1], periodic: [false])
      let places = try world.allGather(place ?? -1)
      #expect(places.sorted() == [Int](repeating: -1, count: world.size - 1) + [0])
      let all = try world.allGather(
        try world.cartesianRank(dimensions: [world.size, 1], periodic: [true, false]) ?? -1)
      #expect(all.sorted() == Array(0..<world.size))
    }

    @Test func dimensionsAreBalanced() throws {
      _ = world.size
      let expected = [
        ([6, 0, 0], [3, 2]), ([7, 0, 0], [7, 1]), ([6, 0, 3, 0], [2, 3, 1]), ([12, 0, 0], [4, 3]),
        ([16, 0, 0], [4, 4]),
        ([24, 0, 0, 0], [4, 3, 2]), ([64, 0, 0, 0], [4, 4, 4]), ([60, 0, 0, 0], [5, 4, 3]),
        ([30, 0, 0, 0], [5, 3, 2]), ([5, 0, 0], [5, 1]), ([8, 0, 0, 0], [2, 2, 2]), ([100, 0, 0], [10, 10]),
        ([36, 0, 0, 0], [4, 3, 3]), ([48, 0, 0], [8, 6]), ([12, 0, 2, 0], [3, 2, 2]),
      ]
      for (given, result) in expected {
        #expect(try balancedDimensions(size: given[0], constraints: Array(given.dropFirst())) == result)
      }
      #expect(try balancedDimensions(size: 64, count: 3) == [4, 4, 4])
      let error = #expect(throws: MPIError.self) { try balancedDimensions(size: 7, constraints: [2, 0]) }
      #expect(error?.function == "MPI_Dims_create" && error?.errorClass == .invalidDimensions)
    }

    @Test func everyGridCallReportsItsFailure() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      fails("MPI_Cart_create") { _ = try world.cartesian(dimensions: [world.size], periodic: [true]) }
      fails("MPI_Dims_create") { _ = try balancedDimensions(size: 4, count: 2) }
      fails("MPI_Cart_coords") { _ = try ring.coordinates(of: 0) }
      fails("MPI_Cart_rank") { _ = try ring.rank(at: [0]) }
      fails("MPI_Cart_shift") { _ = try ring.shift(dimension: 0, displacement: 1) }
      fails("MPI_Cart_sub") { _ = try ring.subgrid(keeping: [true]) }
      fails("MPI_Cart_map") { _ = try world.cartesianRank(dimensions: [1], periodic: [true]) }
      fails("MPI_Cart_get") { _ = try ring.duplicate() }
      fails("MPI_Cartdim_get") { _ = try ring.duplicate() }
      fails("MPI_Topo_test") { _ = try world.topology() }
    }
  }

  @Suite struct GraphTests {
    private var next: Int { (world.rank + 1) % world.size }
    private var previous: Int { (world.rank + world.size - 1) % world.size }

    @Test func eachProcessGivesItsOwnEdges() throws {
      // A ring in one direction, in which each also sends to itself.
      let graph = try world.graph(sources: [previous, world.rank], destinations: [next, world.rank])
      #expect(graph.sources == [previous, world.rank] && graph.destinations == [next, world.rank])
      #expect(graph.sourceWeights == nil && graph.destinationWeights == nil)
      #expect(try graph.topology() == .distributedGraph)
      #expect(try graph.sendReceive(world.rank, to: graph.destinations[0], from: graph.sources[0]) == previous)
      let copy: GraphCommunicator = try graph.duplicate()
      #expect(copy.sources == graph.sources && copy.destinations == graph.destinations)
    }

    @Test func edgesHaveTheirWeights() throws {
      let graph = try world.graph(
        sources: [previous], destinations: [next], sourceWeights: [10 + previous],
        destinationWeights: [10 + world.rank],
        info: Info(["my_hint": "1"]))
      #expect(graph.sources == [previous] && graph.sourceWeights == [10 + previous])
      #expect(graph.destinations == [next] && graph.destinationWeights == [10 + world.rank])
    }

    @Test func processesMayHaveNoNeighbours() throws {
      // A star: the others send to rank 0 only.
      let isCentre = world.rank == 0
      let others = Array(1..<world.size)
      for weighted in [false, true] {
        let star = try world.graph(
          sources: isCentre ? others : [], destinations: isCentre ? [] : [0],
          sourceWeights: weighted ? (isCentre ? others : []) : nil,
          destinationWeights: weighted ? (isCentre ? [] : [world.rank]) : nil)
        #expect(star.sources == (isCentre ? others : []) && star.destinations == (isCentre ? [] : [0]))
        #expect(star.sourceWeights == (weighted ? (isCentre ? others : []) : nil))
        #expect(star.destinationWeights == (weighted ? (isCentre ? [] : [world.rank]) : nil))
      }
    }

    @Test func edgesMayBeGivenByAnyProcess() throws {
      // Rank 0 gives the whole of a ring with an edge from each to the one after the next.
      for weighted in [false, true] {
        let size = world.size
        let nodes = (0..<size).map { rank in
          GraphNode(rank, to: [(rank + 1) % size, (rank + 2) % size], weights: weighted ? [rank, 100 + rank] : nil)
        }
        let graph = try world.graph(edges: world.rank == 0 ? nodes : [], weighted: weighted)
        let edges = zip(graph.destinations.map { $0! }, graph.destinationWeights ?? [0, 0]).map { [$0, $1] }
        let expected =
          weighted
          ? [[next, world.rank], [(next + 1) % size, 100 + world.rank]] : [[next, 0], [(next + 1) % size, 0]]
        #expect(
          edges.sorted { $0.lexicographicallyPrecedes($1) } == expected.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(graph.sources.map { $0! }.sorted() == [previous, (previous + size - 1) % size].sorted())
        #expect((graph.sourceWeights != nil) == weighted)
        let arriving = (graph.sourceWeights ?? []).sorted()
        #expect(arriving == (weighted ? [previous, 100 + (previous + size - 1) % size] : []))
      }
    }

    @Test func everyGraphCallReportsItsFailure() throws {
      fails("MPI_Dist_graph_create") { _ = try world.graph(edges: []) }
      fails("MPI_Dist_graph_create_adjacent") { _ = try world.graph(sources: [], destinations: []) }
      fails("MPI_Dist_graph_neighbors_count") { _ = try world.graph(edges: []) }
      fails("MPI_Dist_graph_neighbors") { _ = try world.graph(edges: []) }
    }
  }
}
