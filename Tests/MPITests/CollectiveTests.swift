import MPI
import Testing

extension OnEveryRank {
  @Suite struct CollectiveTests {
    @Test func broadcastsReachAllFromEveryRoot() throws {
      for root in 0..<world.size {
        #expect(try world.broadcast(world.rank * 3 + 1, from: root) == root * 3 + 1)
        var values = [Double(world.rank), 0.5]
        try world.broadcast(&values, from: root)
        #expect(values == [Double(root), 0.5])
        let varied = try world.broadcastVariable([Int](repeating: world.rank, count: world.rank * 2), from: root)
        #expect(varied == [Int](repeating: root, count: root * 2))
        #expect(try world.broadcast("température de \(world.rank)", from: root) == "température de \(root)")
      }
      var none: [Int] = []
      try world.broadcast(&none, from: 0)
    }

    @Test func gathersJoinInTheOrderOfRanks() throws {
      for root in 0..<world.size {
        let isRoot = world.rank == root
        #expect(try world.gather(world.rank * 2, to: root) == (isRoot ? (0..<world.size).map { $0 * 2 } : nil))
        let pairs = try world.gather([Float(world.rank), -1], to: root)
        #expect(pairs == (isRoot ? (0..<world.size).flatMap { [Float($0), -1] } : nil))
        let texts = try world.gather(String(repeating: "x", count: world.rank), to: root)
        #expect(texts == (isRoot ? (0..<world.size).map { String(repeating: "x", count: $0) } : nil))
      }
      #expect(try world.allGather(world.rank * 2) == (0..<world.size).map { $0 * 2 })
      #expect(try world.allGather([world.rank, 5]) == (0..<world.size).flatMap { [$0, 5] })
    }

    @Test func sharesOfAnyLengthAreJoined() throws {
      // Rank r has r elements: rank 0 none.
      let mine = [Double](repeating: Double(world.rank), count: world.rank)
      let all = (0..<world.size).flatMap { [Double](repeating: Double($0), count: $0) }
      for root in 0..<world.size {
        let shares = try world.gatherVariable(mine, to: root)
        #expect(shares?.elements == (world.rank == root ? all : nil))
      }
      let shares = try world.allGatherVariable(mine)
      #expect(shares.elements == all && shares.layout.counts == Array(0..<world.size))
      for rank in 0..<world.size { #expect(Array(shares[rank]) == [Double](repeating: Double(rank), count: rank)) }
    }

    @Test func preparedStorageIsFilledInPlace() throws {
      let layout = SharesLayout(counts: (0..<world.size).map { 2 * $0 + 1 })
      let mine = MessageBuffer(repeating: world.rank, count: 2 * world.rank + 1)
      let all = MessageBuffer(repeating: -1, count: layout.total)
      let expected = (0..<world.size).flatMap { [Int](repeating: $0, count: 2 * $0 + 1) }
      try all.withUnsafeMutableBufferPointer { all in
        try mine.withUnsafeBufferPointer { try world.allGatherVariable($0, into: all, layout: layout) }
      }
      #expect(all.array == expected)
      try all.withUnsafeMutableBufferPointer { all in
        all.update(repeating: -1)
        try mine.withUnsafeBufferPointer { try world.gatherVariable($0, into: all, layout: layout, to: 0) }
      }
      #expect(all.array == (world.rank == 0 ? expected : expected.map { _ in -1 }))

      let one = MessageBuffer([world.rank])
      let ranks = MessageBuffer(repeating: -1, count: world.size)
      try ranks.withUnsafeMutableBufferPointer { ranks in
        try one.withUnsafeBufferPointer { try world.allGather($0, into: ranks) }
      }
      #expect(ranks.array == Array(0..<world.size))
      try ranks.withUnsafeMutableBufferPointer { ranks in
        ranks.update(repeating: -1)
        try one.withUnsafeBufferPointer { try world.gather($0, into: ranks, to: world.size - 1) }
      }
      let isLast = world.rank == world.size - 1
      #expect(ranks.array == (isLast ? Array(0..<world.size) : [Int](repeating: -1, count: world.size)))
    }

    @Test func aBarrierHoldsEveryoneBack() throws {
      // Nobody may pass before rank 0 has come, which it announces just before.
      let received = world.rank == 0 ? nil : try world.startReceive(filling: 0, count: 1, from: 0)
      if world.rank == 0 { for rank in 1..<world.size { try world.send(1, to: rank) } }
      try world.barrier()
      if let received { #expect(try received.wait().buffer[0] == 1) }
      #expect(try world.probeNow(from: Communicator.anySource, tag: Communicator.anyTag) == nil)
    }
  }

  @Suite struct ReductionTests {
    let ranks = 0..<world.size

    @Test func numbersAreReduced() throws {
      #expect(try world.allReduce(world.rank + 1, .sum) == ranks.map { $0 + 1 }.reduce(0, +))
      #expect(try world.allReduce(Double(world.rank + 1), .product) == ranks.map { Double($0 + 1) }.reduce(1, *))
      #expect(try world.allReduce(Float(world.rank) - 2, .min) == -2)
      #expect(try world.allReduce(Int8(world.rank) - 2, .max) == Int8(world.size - 3))
      #expect(try world.allReduce(UInt64.max - UInt64(world.rank), .max) == UInt64.max)
      #expect(try world.allReduce(UInt32(1) << UInt32(world.rank), .bitwiseOr) == (1 << UInt32(world.size)) - 1)
      #expect(try world.allReduce(UInt16(0xff00) | UInt16(world.rank), .bitwiseAnd) == 0xff00)
      #expect(try world.allReduce(Int16(world.rank), .bitwiseXor) == ranks.map { Int16($0) }.reduce(0, ^))
    }

    @Test func truthsAreReduced() throws {
      #expect(try world.allReduce(true, .logicalAnd))
      #expect(try world.allReduce(world.rank != 0, .logicalAnd) == false)
      #expect(try world.allReduce(world.rank == world.size - 1, .logicalOr))
      #expect(try world.allReduce(false, .logicalOr) == false)
      #expect(try world.allReduce(true, .logicalXor) == (world.size % 2 == 1))
    }

    @Test func arraysAreReducedPositionByPosition() throws {
      var values = [world.rank, 1, -world.rank]
      try world.allReduce(&values, .sum)
      let sum = ranks.reduce(0, +)
      #expect(values == [sum, world.size, -sum])

      let input = MessageBuffer([Double(world.rank), 2])
      let output = MessageBuffer(repeating: 0.0, count: 2)
      try output.withUnsafeMutableBufferPointer { output in
        try input.withUnsafeBufferPointer { try world.allReduce($0, into: output, .max) }
      }
      #expect(output.array == [Double(world.size - 1), 2] && input.array == [Double(world.rank), 2])
      try output.withUnsafeMutableBufferPointer { try world.allReduce($0, .sum) }
      #expect(output.array == [Double((world.size - 1) * world.size), Double(2 * world.size)])
      var none: [Double] = []
      try world.allReduce(&none, .sum)
    }

    @Test func reductionsReachEveryRootAlone() throws {
      let sum = ranks.reduce(0, +)
      for root in ranks {
        let isRoot = world.rank == root
        #expect(try world.reduce(world.rank, .sum, to: root) == (isRoot ? sum : nil))
        var values = [world.rank, 3]
        try world.reduce(&values, .sum, to: root)
        #expect(values == (isRoot ? [sum, 3 * world.size] : [world.rank, 3]))
        let input = MessageBuffer([world.rank])
        let output = MessageBuffer([-1])
        try output.withUnsafeMutableBufferPointer { output in
          try input.withUnsafeBufferPointer { try world.reduce($0, into: output, .sum, to: root) }
        }
        #expect(output[0] == (isRoot ? sum : -1))
      }
    }

    @Test func scansCombineTheRanksUpToHere() throws {
      #expect(try world.scan(world.rank + 1, .sum) == (1...world.rank + 1).reduce(0, +))
      #expect(try world.exScan(world.rank + 1, .sum) == (world.rank == 0 ? nil : (1...world.rank).reduce(0, +)))
      var values = [world.rank, 1]
      try world.scan(&values, .max)
      #expect(values == [world.rank, 1])
      values = [world.rank + 5, 1]
      try world.exScan(&values, .sum)
      let before = (0..<world.rank).map { $0 + 5 }.reduce(0, +)
      #expect(values == (world.rank == 0 ? [5, 1] : [before, world.rank]))
    }
  }
}
