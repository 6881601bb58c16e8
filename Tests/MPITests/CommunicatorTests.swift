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

    @Test func aDuplicateIsMadeWhileTheProgramGoesOn() throws {
      let ring = try world.cartesian(dimensions: [world.size], periodic: [true])
      var request = try ring.startDuplicate()
      #expect(try world.allReduce(1, .sum) == world.size)
      while try !request.test() {}
      let copy = try #require(try request.wait() as? CartesianCommunicator)
      #expect(copy.dimensions == [world.size])
      #expect(try copy.compared(to: ring) == .congruent)
      #expect(try copy.allReduce(1, .sum) == world.size)
    }

    @Test func communicatorsAreCompared() throws {
      #expect(try world.compared(to: world) == .identical)
      #expect(try world.compared(to: world.duplicate()) == .congruent)
      let reversed = try #require(try world.split(color: 0, key: -world.rank))
      #expect(try world.compared(to: reversed) == (world.size == 1 ? .congruent : .similar))
      #expect(try world.compared(to: Communicator.selfOnly) == (world.size == 1 ? .congruent : .unequal))
    }

    @Test func oneProcessIsACommunicatorToo() throws {
      let alone = try Communicator.selfOnly
      #expect(alone.rank == 0 && alone.size == 1)
      #expect(try alone.allGather(world.rank) == [world.rank])
    }

    @Test func aNameIsKept() throws {
      #expect(try world.name() == "MPI_COMM_WORLD")
      let other = try world.duplicate()
      try other.setName("température")
      #expect(try other.name() == "température")
      // Both libraries cut a name that is too long.
      try other.setName(String(repeating: "x", count: 500))
      let name = try other.name()
      #expect(name.count >= 63 && name.allSatisfy { $0 == "x" })
    }

    @Test func hintsAreTakenAndGivenBack() throws {
      let other = try world.duplicate(with: Info(["my_hint": "1"]))
      #expect(try other.compared(to: world) == .congruent)
      try other.setInfo(Info(["my_hint": "2"]))
      // Whether a hint is kept that the library does not know is its own affair.
      let value = try other.info()["my_hint"]
      #expect(value == nil || value == "2")
      #expect(try other.allReduce(1, .sum) == world.size)
    }

    @Test func aSplitByTypeCanBeLeft() throws {
      let part = try world.split(by: world.rank == 0 ? nil : .sharedMemory, key: -world.rank)
      #expect((part == nil) == (world.rank == 0))
      // All test processes run on one host.
      if let part { #expect(part.size == world.size - 1 && part.rank == world.size - 1 - world.rank) }
    }

    @Test func everyCommunicatorCallReportsItsFailure() throws {
      fails("MPI_Comm_dup") { _ = try world.duplicate() }
      fails("MPI_Comm_rank") { _ = try world.duplicate() }
      fails("MPI_Comm_size") { _ = try world.duplicate() }
      fails("MPI_Comm_test_inter") { _ = try world.duplicate() }
      fails("MPI_Comm_dup_with_info") { _ = try world.duplicate(with: Info()) }
      fails("MPI_Comm_idup") { _ = try world.startDuplicate().wait() }
      fails("MPI_Comm_split") { _ = try world.split(color: 0) }
      fails("MPI_Comm_split_type") { _ = try world.splitByHost() }
      fails("MPI_Comm_compare") { _ = try world.compared(to: world) }
      fails("MPI_Comm_get_name") { _ = try world.name() }
      fails("MPI_Comm_set_name") { try world.setName("x") }
      fails("MPI_Comm_get_info") { _ = try world.info() }
      fails("MPI_Comm_set_info") { try world.setInfo(Info()) }
    }

    @Test func communicatorsAreFreed() throws {
      // MPICH has about 2000 communicators. Of one process each, they need no messages.
      let alone = try #require(try world.split(color: world.rank))
      for _ in 0..<5000 { _ = try alone.duplicate() }
      #expect(try world.allReduce(1, .sum) == world.size)
    }
  }
}
