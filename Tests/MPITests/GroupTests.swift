import MPI
import Testing

extension OnEveryRank {
  @Suite struct GroupTests {
    private var all: [Int] { Array(0..<world.size) }

    /// The ranks in the world of the members of a group, in its order.
    private func members(_ group: Group) throws -> [Int] {
      try group.translate((0..<group.size).map { $0 }, to: world.group()).map { try #require($0) }
    }

    @Test func theGroupOfACommunicatorHasItsProcesses() throws {
      let group = try world.group()
      #expect(group.size == world.size && group.rank == world.rank)
      #expect(try members(group) == all)
      let reversed = try #require(try world.split(color: 0, key: -world.rank)).group()
      #expect(try members(reversed) == all.reversed())
      #expect(try group.compared(to: reversed) == (world.size == 1 ? .identical : .similar))
      #expect(try group.compared(to: world.group()) == .identical)
      #expect(try group.compared(to: .empty()) == .unequal)
      #expect(try Group.empty().size == 0 && Group.empty().rank == nil)
    }

    @Test func groupsAreSets() throws {
      let group = try world.group()
      let even = try group.including(all.filter { $0 % 2 == 0 })
      let first = try group.including(all.prefix(2).reversed())
      #expect(try members(even) == all.filter { $0 % 2 == 0 })
      #expect(even.rank == (world.rank % 2 == 0 ? world.rank / 2 : nil))
      #expect(try members(first) == all.prefix(2).reversed())
      #expect(try members(even.union(first)) == all.filter { $0 % 2 == 0 } + all.filter { $0 == 1 })
      #expect(try members(even.intersection(first)) == [0])
      #expect(try members(first.subtracting(even)) == all.filter { $0 == 1 })
      #expect(try members(group.excluding([0])) == Array(all.dropFirst()))
      #expect(try members(group.excluding([])) == all && group.including([]).size == 0)
    }

    @Test func rangesOfRanksAreChosen() throws {
      let group = try world.group()
      let last = world.size - 1
      #expect(try members(group.including(ranges: [RankRange(0...last)])) == all)
      #expect(try members(group.including(ranges: [RankRange(from: last, through: 0, by: -1)])) == all.reversed())
      let odd = try group.excluding(ranges: [RankRange(from: 0, through: last, by: 2)])
      #expect(try members(odd) == all.filter { $0 % 2 == 1 })
      #expect(try group.including(ranges: []).size == 0 && group.excluding(ranges: []).size == world.size)
      // The end lies beyond the group, but no step reaches it.
      #expect(try members(group.including(ranges: [RankRange(from: 0, through: last + 3, by: last + 4)])) == [0])
    }

    @Test func ranksAreTranslated() throws {
      let group = try world.group()
      let others = try group.excluding([0])
      #expect(
        try group.translate([0, nil, world.size - 1], to: others) == [nil, nil, world.size > 1 ? world.size - 2 : nil])
      #expect(try group.translate([], to: others) == [])
    }

    @Test func aCommunicatorIsMadeOfAGroup() throws {
      let odd = try world.group().including(all.filter { $0 % 2 == 1 }.reversed())
      let part = try world.communicator(for: odd)
      #expect((part != nil) == (world.rank % 2 == 1))
      if let part { #expect(try part.allGather(world.rank) == all.filter { $0 % 2 == 1 }.reversed()) }
      // Each half makes its own, all at once.
      let half = try world.group().including(all.filter { $0 % 2 == world.rank % 2 })
      let mine = try #require(try world.communicator(for: half))
      #expect(try mine.allGather(world.rank) == all.filter { $0 % 2 == world.rank % 2 })
      // Nobody is in it.
      #expect(try world.communicator(for: .empty()) == nil)
    }

    @Test func membersAloneMakeACommunicator() throws {
      let others = try world.group().excluding([0])
      if world.rank > 0 {
        let part = try world.communicator(amongMembersOf: others, tag: 3)
        #expect(part.rank == world.rank - 1)
        #expect(try part.allGather(world.rank) == Array(1..<world.size))
      }
      try world.barrier()
    }

    @Test func everyGroupCallReportsItsFailure() throws {
      let group = try world.group()
      fails("MPI_Comm_group") { _ = try world.group() }
      fails("MPI_Group_size") { _ = try world.group() }
      fails("MPI_Group_rank") { _ = try world.group() }
      fails("MPI_Group_union") { _ = try group.union(group) }
      fails("MPI_Group_intersection") { _ = try group.intersection(group) }
      fails("MPI_Group_difference") { _ = try group.subtracting(group) }
      fails("MPI_Group_compare") { _ = try group.compared(to: group) }
      fails("MPI_Group_translate_ranks") { _ = try group.translate([0], to: group) }
      fails("MPI_Group_incl") { _ = try group.including([0]) }
      fails("MPI_Group_excl") { _ = try group.excluding([0]) }
      fails("MPI_Group_range_incl") { _ = try group.including(ranges: [RankRange(0...0)]) }
      fails("MPI_Group_range_excl") { _ = try group.excluding(ranges: [RankRange(0...0)]) }
      fails("MPI_Comm_create") { _ = try world.communicator(for: group) }
      fails("MPI_Comm_create_group") { _ = try world.communicator(amongMembersOf: group) }
    }
  }
}
