import MPI
import Testing

extension OnEveryRank {
  @Suite struct NeighborhoodTests {
    /// Grids and graphs of all processes, open and closed, with and without neighbours that are not there.
    private func neighborhoods() throws -> [NeighborhoodCommunicator] {
      let (next, previous) = ((world.rank + 1) % world.size, (world.rank + world.size - 1) % world.size)
      let others = (0..<world.size).filter { $0 != world.rank }
      let square = try balancedDimensions(size: world.size, count: 2)
      return [
        try world.cartesian(dimensions: [world.size], periodic: [false]),
        try world.cartesian(dimensions: square, periodic: [false, false]),
        // One way around a ring.
        try world.graph(sources: [previous], destinations: [next]),
        // A star: everyone tells rank 0, which tells nobody.
        try world.graph(
          sources: world.rank == 0 ? Array(0..<world.size) : [], destinations: [0]),
        try world.graph(sources: others, destinations: others.reversed()),
      ]
    }

    /// What a process sends to a neighbour: each pair of processes has its own.
    private func letter(_ from: Int, _ to: Int) -> Int { 1000 * from + to }

    @Test func allNeighboursAreToldTheSame() throws {
      for group in try neighborhoods() {
        #expect(try group.neighborAllGather(world.rank) == group.sources)
        var result = [Int](repeating: -1, count: 2 * group.sources.count)
        try group.neighborAllGather([world.rank, 7], into: &result)
        let expected = group.sources.flatMap { $0.map { [$0, 7] } ?? [-1, -1] }
        #expect(result == expected)
        let room = MessageBuffer(repeating: -1, count: result.count)
        let values = MessageBuffer([world.rank, 7])
        #expect(try group.startNeighborAllGather(values, into: room).wait().array == expected)
      }
    }

    @Test func neighboursTellAnyNumberOfThings() throws {
      for group in try neighborhoods() {
        let values = [Int](repeating: world.rank, count: world.rank + 1)
        let layout = SharesLayout(counts: group.sources.map { ($0 ?? 0) + 1 })
        let expected = group.sources.flatMap { [Int](repeating: $0 ?? -1, count: ($0 ?? 0) + 1) }
        var result = [Int](repeating: -1, count: layout.total)
        try group.neighborAllGatherVariable(values, into: &result, layout: layout)
        #expect(result == expected)
        let room = MessageBuffer(repeating: -1, count: layout.total)
        let request = try group.startNeighborAllGatherVariable(MessageBuffer(values), into: room, layout: layout)
        #expect(try request.wait().array == expected)
      }
    }

    @Test func eachNeighbourIsToldSomethingElse() throws {
      for group in try neighborhoods() {
        let letters = group.destinations.map { letter(world.rank, $0 ?? 0) }
        let expected = group.sources.map { $0.map { letter($0, world.rank) } }
        #expect(try group.neighborAllToAll(letters) == expected)
        let pairs = letters.flatMap { [$0, -$0] }
        let expectedPairs = expected.flatMap { $0.map { [$0, -$0] } ?? [-9, -9] }
        var result = [Int](repeating: -9, count: expectedPairs.count)
        try group.neighborAllToAll(pairs, into: &result)
        #expect(result == expectedPairs)
        let room = MessageBuffer(repeating: -9, count: expectedPairs.count)
        #expect(try group.startNeighborAllToAll(MessageBuffer(pairs), into: room).wait().array == expectedPairs)
      }
    }

    @Test func eachNeighbourIsToldAnyNumberOfThings() throws {
      // From i to j go i + 2 j numbers.
      func letters(_ from: Int, _ to: Int) -> [Int] { [Int](repeating: letter(from, to), count: from + 2 * to) }
      for group in try neighborhoods() {
        let outgoing = Shares(group.destinations.map { letters(world.rank, $0 ?? 0) })
        let layout = SharesLayout(counts: group.sources.map { $0.map { $0 + 2 * world.rank } ?? 1 })
        let expected = group.sources.flatMap { $0.map { letters($0, world.rank) } ?? [-9] }
        var result = [Int](repeating: -9, count: layout.total)
        try group.neighborAllToAllVariable(outgoing.elements, layout: outgoing.layout, into: &result, layout: layout)
        #expect(result == expected)
        let room = MessageBuffer(repeating: -9, count: layout.total)
        let request = try group.startNeighborAllToAllVariable(
          MessageBuffer(outgoing.elements), layout: outgoing.layout, into: room, layout: layout)
        #expect(try request.wait().array == expected)
      }
    }

    @Test func theSidesOfAFieldGoToTheHalosOfTheNeighbours() throws {
      // 4 x 5 cells of its own and one of halo around them, in one buffer, exchanged in one call.
      let (rows, columns) = (6, 7)
      let dimensions = try balancedDimensions(size: world.size, count: 2)
      let grid = try world.cartesian(dimensions: dimensions, periodic: [false, false])
      let field = MessageBuffer(repeating: -1, count: rows * columns)
      let row = Pattern.range(0..<columns - 2)
      let column = Pattern.vector(count: rows - 2, stride: columns)
      func at(_ row: Int, _ column: Int) -> Int { row * columns + column }
      let sides = try SectionList([
        field[row, at: at(1, 1)], field[row, at: at(rows - 2, 1)],
        field[column, at: at(1, 1)], field[column, at: at(1, columns - 2)],
      ])
      let halos = try SectionList([
        field[row, at: at(0, 1)], field[row, at: at(rows - 1, 1)],
        field[column, at: at(1, 0)], field[column, at: at(1, columns - 1)],
      ])
      for isBlocking in [true, false] {
        field.withUnsafeMutableBufferPointer { cells in
          cells.update(repeating: -1)
          for row in 1..<rows - 1 {
            for column in 1..<columns - 1 { cells[at(row, column)] = 100 * world.rank + at(row, column) }
          }
        }
        if isBlocking {
          try grid.neighborAllToAll(sides, into: halos)
        } else {
          try grid.startNeighborAllToAll(sides, into: halos).wait()
        }
        let sources = grid.sources
        for row in 1..<rows - 1 {
          #expect(field[at(row, 0)] == (sources[2].map { 100 * $0 + at(row, columns - 2) } ?? -1))
          #expect(field[at(row, columns - 1)] == (sources[3].map { 100 * $0 + at(row, 1) } ?? -1))
        }
        for column in 1..<columns - 1 {
          #expect(field[at(0, column)] == (sources[0].map { 100 * $0 + at(rows - 2, column) } ?? -1))
          #expect(field[at(rows - 1, column)] == (sources[1].map { 100 * $0 + at(1, column) } ?? -1))
        }
        #expect(field[0] == -1 && field[rows * columns - 1] == -1)
      }
    }

    @Test func theTwoWaysRoundARingAreToldApart() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      let (next, previous) = ((world.rank + 1) % world.size, (world.rank + world.size - 1) % world.size)
      // What goes down comes from above.
      let expected = [10 * previous + 1, 10 * next]
      #expect(try ring.neighborAllToAll([10 * world.rank, 10 * world.rank + 1]) == expected)
      let values = MessageBuffer([10 * world.rank, 10 * world.rank + 1])
      let room = MessageBuffer([-1, -1])
      #expect(try ring.startNeighborAllToAll(values, into: room).wait().array == expected)
      let layout = SharesLayout(counts: [1, 1])
      var result = [-1, -1]
      try ring.neighborAllToAllVariable(values, layout: layout, into: &result, layout: layout)
      #expect(result == expected)
      // One number goes down and two go up.
      let triple = MessageBuffer([10 * world.rank, 10 * world.rank + 1, 10 * world.rank + 2])
      let threeRooms = MessageBuffer([-1, -1, -1])
      let request = try ring.startNeighborAllToAllVariable(
        triple, layout: SharesLayout(counts: [1, 2]), into: threeRooms, layout: SharesLayout(counts: [2, 1]))
      #expect(try request.wait().array == [10 * previous + 1, 10 * previous + 2, 10 * next])
      let parts = try SectionList([Run(of: triple, at: 0, count: 1), Run(of: triple, at: 1, count: 2)])
      for isBlocking in [true, false] {
        threeRooms.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
        let rooms = try SectionList([Run(of: threeRooms, at: 1, count: 2), Run(of: threeRooms, at: 0, count: 1)])
        if isBlocking {
          try ring.neighborAllToAll(parts, into: rooms)
        } else {
          try ring.startNeighborAllToAll(parts, into: rooms).wait()
        }
        #expect(threeRooms.array == [10 * next, 10 * previous + 1, 10 * previous + 2])
      }
    }

    @Test func aTorusOfAnySizeKeepsItsDirections() throws {
      for dimensions in [[1, world.size, 1], [world.size, 1, 1], try balancedDimensions(size: world.size, count: 3)] {
        let torus = try world.cartesian(dimensions: dimensions, periodic: [true, true, true])
        // What goes in direction d from rank r.
        func letter(_ rank: Int, _ direction: Int) -> Int { 10 * rank + direction }
        let values = MessageBuffer((0..<6).map { letter(world.rank, $0) })
        let expected = torus.sources.enumerated().map { letter($1!, $0 ^ 1) }
        #expect(try torus.neighborAllToAll(values.array) == expected, "\(dimensions)")
        let room = MessageBuffer(repeating: -1, count: 6)
        #expect(try torus.startNeighborAllToAll(values, into: room).wait().array == expected, "\(dimensions)")
        let letters = try SectionList((0..<6).map { Run(of: values, at: $0, count: 1) })
        for isBlocking in [true, false] {
          room.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
          let places = try SectionList((0..<6).map { Run(of: room, at: $0, count: 1) })
          if isBlocking {
            try torus.neighborAllToAll(letters, into: places)
          } else {
            try torus.startNeighborAllToAll(letters, into: places).wait()
          }
          #expect(room.array == expected, "\(dimensions) \(isBlocking)")
        }
      }
    }

    @Test func everyCallReportsItsFailure() throws {
      let line = try world.cartesian(dimensions: [world.size], periodic: [false])
      let (one, two) = (MessageBuffer([1]), MessageBuffer([1, 2]))
      let room = MessageBuffer([0, 0])
      let layout = SharesLayout(counts: [1, 1])
      var result = [0, 0]
      let sections = try SectionList([one, one])
      let targets = try SectionList([Run(of: room, at: 0, count: 1), Run(of: room, at: 1, count: 1)])
      fails("MPI_Neighbor_allgather") { _ = try line.neighborAllGather(1) }
      fails("MPI_Neighbor_allgatherv") { try line.neighborAllGatherVariable(1, into: &result, layout: layout) }
      fails("MPI_Neighbor_alltoall") { _ = try line.neighborAllToAll([1, 2]) }
      fails("MPI_Neighbor_alltoallv") {
        try line.neighborAllToAllVariable([1, 2], layout: layout, into: &result, layout: layout)
      }
      fails("MPI_Neighbor_alltoallw") { try line.neighborAllToAll(sections, into: targets) }
      fails("MPI_Ineighbor_allgather") { try line.startNeighborAllGather(one, into: room).wait() }
      fails("MPI_Ineighbor_allgatherv") {
        try line.startNeighborAllGatherVariable(one, into: room, layout: layout).wait()
      }
      fails("MPI_Ineighbor_alltoall") { try line.startNeighborAllToAll(two, into: room).wait() }
      fails("MPI_Ineighbor_alltoallv") {
        try line.startNeighborAllToAllVariable(two, layout: layout, into: room, layout: layout).wait()
      }
      fails("MPI_Ineighbor_alltoallw") { try line.startNeighborAllToAll(sections, into: targets).wait() }
      one[0] = 5
      room[0] = 5
    }
  }
}
