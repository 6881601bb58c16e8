import MPI
import Testing

extension OnEveryRank {
  @Suite struct CommunicatorTests {
    @Test func ranksAreNumberedFromZero() throws {
      #expect(try world.allGather(world.rank) == Array(0..<world.size))
    }

    @Test func aDuplicateKeepsItsMessagesApart() throws {
      let other = try world.duplicate()
      #expect(other.rank == world.rank && other.size == world.size)
      let (next, previous) = ((world.rank + 1) % world.size, (world.rank + world.size - 1) % world.size)
      // Sent first in the world, received last: on one and the same communicator the values would be exchanged.
      let a = try world.startSend([1], to: next)
      let b = try other.startSend([2], to: next)
      #expect(try other.receive(Int.self, from: previous) == 2)
      #expect(try world.receive(Int.self, from: previous) == 1)
      try a.wait()
      try b.wait()
    }

    @Test func aSplitGroupsByColorAndOrdersByKey() throws {
      let part = try #require(try world.split(color: world.rank % 2, key: -world.rank))
      let expected = (0..<world.size).filter { $0 % 2 == world.rank % 2 }.reversed()
      #expect(try part.allGather(world.rank) == Array(expected))
    }

    @Test func aSplitWithoutColorJoinsNoGroup() throws {
      let part = try world.split(color: world.rank == 0 ? nil : 3)
      #expect((part == nil) == (world.rank == 0))
      if let part { #expect(part.size == world.size - 1 && part.rank == world.rank - 1) }
    }

    @Test func theRanksOfOneHostShareIt() throws {
      let host = try world.splitByHost()
      let hosts = try #require(
        try world.broadcast(world.gather(processorName(), to: 0)?.joined(separator: " ") ?? "", from: 0)
      )
      .split(separator: " ")
      #expect(host.size == hosts.count { $0 == processorName() })
    }

    @Test func communicatorsAreFreed() throws {
      // MPICH has about 2000 communicators. Of one process each, they need no messages.
      let alone = try #require(try world.split(color: world.rank))
      for _ in 0..<5000 { _ = try alone.duplicate() }
      #expect(try world.allReduce(1, .sum) == world.size)
    }
  }

  @Suite struct TopologyTests {
    @Test func aRingHasTwoNeighboursEverywhere() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      #expect(ring.coordinates == [world.rank])
      let (source, destination) = try ring.shift(dimension: 0, displacement: 1)
      #expect(source == (world.rank + world.size - 1) % world.size)
      #expect(destination == (world.rank + 1) % world.size)
      #expect(try ring.rank(at: [-1]) == world.size - 1)
      #expect(try ring.rank(at: [world.size * 3 + 1]) == 1 % world.size)
    }

    @Test func aLineEndsInNobody() throws {
      let line = try world.cartesian(dimensions: [1, world.size], periodic: [false, false])
      #expect(line.coordinates == [0, world.rank])
      let (source, destination) = try line.shift(dimension: 1, displacement: 1)
      #expect(source == (world.rank == 0 ? nil : world.rank - 1))
      #expect(destination == (world.rank == world.size - 1 ? nil : world.rank + 1))
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

    @Test func dimensionsAreBalanced() throws {
      _ = world.size
      #expect(try balancedDimensions(size: 12, count: 2) == [4, 3])
      #expect(try balancedDimensions(size: 64, count: 3) == [4, 4, 4])
      #expect(try balancedDimensions(size: 7, count: 2) == [7, 1])
      #expect(try balancedDimensions(size: 12, constraints: [0, 2, 0]) == [3, 2, 2])
      let error = #expect(throws: MPIError.self) { try balancedDimensions(size: 7, constraints: [2, 0]) }
      #expect(error?.function == "MPI_Dims_create" && error?.errorClass == .invalidDimensions)
    }
  }
}
