import MPI
import Testing

extension OnEveryRank {
  @Suite struct CollectiveRequestTests {
    let ranks = Array(0..<world.size)

    @Test func broadcastsReachAll() throws {
      for root in ranks {
        let buffer = MessageBuffer([world.rank, 5])
        #expect(try world.startBroadcast(buffer, from: root).wait().array == [root, 5])
      }
    }

    @Test func equalSharesAreJoinedAndDivided() throws {
      let mine = MessageBuffer([world.rank, -world.rank])
      let all = ranks.flatMap { [$0, -$0] }
      for root in ranks {
        let isRoot = world.rank == root
        let room = MessageBuffer(repeating: -9, count: isRoot ? all.count : 0)
        #expect(try world.startGather(mine, into: room, to: root).wait().array == (isRoot ? all : []))
        let share = MessageBuffer([-9, -9])
        #expect(try world.startScatter(room, into: share, from: root).wait().array == mine.array)
      }
      let room = MessageBuffer(repeating: -9, count: all.count)
      #expect(try world.startAllGather(mine, into: room).wait().array == all)
      let own = MessageBuffer(ranks.flatMap { $0 == world.rank ? [$0, -$0] : [-9, -9] })
      #expect(try world.startAllGather(own).wait().array == all)
      let values = MessageBuffer(ranks.map { 100 * world.rank + $0 })
      let exchanged = MessageBuffer(repeating: -9, count: world.size)
      #expect(try world.startAllToAll(values, into: exchanged).wait().array == ranks.map { 100 * $0 + world.rank })
    }

    @Test func sharesOfDifferentLengthsAreJoinedAndDivided() throws {
      let mine = MessageBuffer([Int](repeating: world.rank, count: world.rank))
      let all = ranks.flatMap { [Int](repeating: $0, count: $0) }
      let layout = SharesLayout(counts: ranks)
      for root in ranks {
        let isRoot = world.rank == root
        let room = MessageBuffer(repeating: -9, count: isRoot ? all.count : 0)
        let gathered = try world.startGatherVariable(mine, into: room, layout: layout, to: root).wait()
        #expect(gathered.array == (isRoot ? all : []))
        let share = MessageBuffer(repeating: -9, count: world.rank)
        #expect(
          try world.startScatterVariable(room, layout: layout, into: share, from: root).wait().array == mine.array)
      }
      let room = MessageBuffer(repeating: -9, count: all.count)
      #expect(try world.startAllGatherVariable(mine, into: room, layout: layout).wait().array == all)
    }

    @Test func everyoneExchangesSharesOfItsOwnLength() throws {
      func share(_ from: Int, _ to: Int) -> [Int] { (0..<from + to).map { 1000 * from + 10 * to + $0 } }
      let outgoing = Shares(ranks.map { share(world.rank, $0) })
      let expected = ranks.flatMap { share($0, world.rank) }
      let room = MessageBuffer(repeating: -9, count: expected.count)
      // The layouts are gone before the request is complete: it keeps what it needs of them.
      let request = try world.startAllToAllVariable(
        MessageBuffer(outgoing.elements), layout: SharesLayout(counts: outgoing.layout.counts), into: room,
        layout: SharesLayout(counts: ranks.map { $0 + world.rank }))
      #expect(try request.wait().array == expected)
    }

    @Test func reductionsGiveWhatBlockingOnesGive() throws {
      let values = MessageBuffer([world.rank + 1, -world.rank])
      let room = MessageBuffer([-9, -9])
      let sums = [ranks.reduce(0) { $0 + $1 + 1 }, -ranks.reduce(0, +)]
      let upToHere = [(0...world.rank).reduce(0) { $0 + $1 + 1 }, -(0...world.rank).reduce(0, +)]
      let before = [(0..<world.rank).reduce(0) { $0 + $1 + 1 }, -(0..<world.rank).reduce(0, +)]
      #expect(try world.startAllReduce(values, into: room, .sum).wait().array == sums)
      #expect(try world.startAllReduce(MessageBuffer(values.array), .sum).wait().array == sums)
      for root in ranks {
        let isRoot = world.rank == root
        let room = MessageBuffer(isRoot ? [-9, -9] : [])
        #expect(try world.startReduce(values, into: room, .sum, to: root).wait().array == (isRoot ? sums : []))
        let own = MessageBuffer(values.array)
        #expect(try world.startReduce(own, .sum, to: root).wait().array == (isRoot ? sums : values.array))
      }
      #expect(try world.startScan(values, into: room, .sum).wait().array == upToHere)
      #expect(try world.startScan(MessageBuffer(values.array), .sum).wait().array == upToHere)
      room[0] = -9
      room[1] = -9
      let isFirst = world.rank == 0
      #expect(try world.startExScan(values, into: room, .sum).wait().array == (isFirst ? [-9, -9] : before))
      let own = MessageBuffer(values.array)
      #expect(try world.startExScan(own, .sum).wait().array == (isFirst ? values.array : before))
    }

    @Test func reductionsAreDivided() throws {
      let one = MessageBuffer([0])
      let blocks = MessageBuffer(ranks.map { world.rank * ($0 + 1) })
      let sum = ranks.reduce(0, +)
      #expect(try world.startReduceScatterBlock(blocks, into: one, .sum).wait().array == [sum * (world.rank + 1)])
      let values = MessageBuffer(ranks.flatMap { [Int](repeating: world.rank * ($0 + 1), count: $0) })
      let share = MessageBuffer(repeating: -9, count: world.rank)
      let request = try world.startReduceScatter(values, into: share, layout: SharesLayout(counts: ranks), .sum)
      #expect(try request.wait().array == [Int](repeating: sum * (world.rank + 1), count: world.rank))
    }

    @Test func severalMayBeUnderWay() throws {
      let sum = MessageBuffer([world.rank])
      let all = MessageBuffer(repeating: -1, count: world.size)
      let word = MessageBuffer([world.rank])
      var reduction = try world.startAllReduce(sum, .sum)
      let gather = try world.startAllGather(MessageBuffer([world.rank]), into: all)
      let broadcast = try world.startBroadcast(word, from: world.size - 1)
      let barrier = try world.startBarrier()
      while try !reduction.test() {}
      #expect(try gather.wait().array == ranks)
      #expect(try reduction.wait().array == [ranks.reduce(0, +)])
      try barrier.wait()
      #expect(try broadcast.wait().array == [world.size - 1])
    }
  }
}
