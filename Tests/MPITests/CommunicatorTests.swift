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
}
