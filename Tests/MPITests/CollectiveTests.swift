import MPI
import TestSupport
import Testing

// MPICH does in most collective calls, and so does Swift for closures when it does not optimize.
private let reservesMemoryItself = isDebugBuild || mpirun == "mpirun.mpich"

extension OnEveryRank {
  @Suite struct CollectiveTests {
    let ranks = Array(0..<world.size)

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
        #expect(try world.gather(world.rank * 2, to: root) == (isRoot ? ranks.map { $0 * 2 } : nil))
        let pairs = try world.gather([Float(world.rank), -1], to: root)
        #expect(pairs == (isRoot ? ranks.flatMap { [Float($0), -1] } : nil))
        let texts = try world.gather(String(repeating: "x", count: world.rank), to: root)
        #expect(texts == (isRoot ? ranks.map { String(repeating: "x", count: $0) } : nil))
        var result = isRoot ? [Int](repeating: -1, count: 2 * world.size) : []
        try world.gather([world.rank, 7][...], into: &result, to: root)
        #expect(result == (isRoot ? ranks.flatMap { [$0, 7] } : []))
      }
      #expect(try world.allGather(world.rank * 2) == ranks.map { $0 * 2 })
      #expect(try world.allGather([world.rank, 5]) == ranks.flatMap { [$0, 5] })
      var result = [Int](repeating: -1, count: world.size)
      try world.allGather(world.rank, into: &result)
      #expect(result == ranks)
      #expect(try world.allGather([Int]()) == [])
    }

    @Test func gathersWorkInPlace() throws {
      let mine = ranks.flatMap { $0 == world.rank ? [$0, $0 + 10] : [-1, -1] }
      let all = ranks.flatMap { [$0, $0 + 10] }
      var values = mine
      try world.allGather(&values)
      #expect(values == all)
      for root in ranks {
        values = mine
        try world.gather(&values, to: root)
        #expect(values == (world.rank == root ? all : mine))
      }
    }

    @Test func scattersDivideInTheOrderOfRanks() throws {
      for root in ranks {
        let values = world.rank == root ? ranks.flatMap { [$0 + root, -$0] } : []
        var share = [-1, -1]
        try world.scatter(values, into: &share, from: root)
        #expect(share == [world.rank + root, -world.rank])
        #expect(try world.scatter(world.rank == root ? ranks.map { Double($0) } : [], from: root) == Double(world.rank))
        // In place: each process finds its share where it lies among all.
        let all = ranks.flatMap { [$0 * 3 + root, 1] }
        var own = world.rank == root ? all : [Int](repeating: -1, count: all.count)
        try world.scatter(&own, from: root)
        let expected = ranks.flatMap { $0 == world.rank || world.rank == root ? [$0 * 3 + root, 1] : [-1, -1] }
        #expect(own == expected)
      }
    }

    @Test func everyoneExchangesWithEveryone() throws {
      let values = ranks.flatMap { [100 * world.rank + $0, -$0] }
      let expected = ranks.flatMap { [100 * $0 + world.rank, -world.rank] }
      var result = [Int](repeating: -1, count: values.count)
      try world.allToAll(values, into: &result)
      #expect(result == expected)
      #expect(try world.allToAll(values) == expected)
      result = values
      try world.allToAll(&result)
      #expect(result == expected)
    }

    @Test func aBarrierHoldsEveryoneBack() throws {
      // Nobody may pass before rank 0 has come, which it announces just before.
      for tag in 1...2 {
        let received = world.rank == 0 ? nil : try world.startReceive(filling: 0, count: 1, from: 0, tag: tag)
        if world.rank == 0 { for rank in 1..<world.size { try world.send(1, to: rank, tag: tag) } }
        if tag == 1 { try world.barrier() } else { try world.startBarrier().wait() }
        if let received { #expect(try received.wait().buffer[0] == 1) }
        #expect(try world.probeNow(from: Communicator.anySource, tag: tag) == nil)
      }
    }

    @Test func spansAndUnsafeBuffersTakePart() throws {
      var storage = [Int](repeating: -1, count: world.size)
      var span = storage.mutableSpan
      try world.allGather([world.rank].span, into: &span)
      #expect(storage == ranks)
      try storage.withUnsafeMutableBufferPointer { storage in
        storage.update(repeating: world.rank)
        try world.broadcast(&storage, from: world.size - 1)
      }
      #expect(storage == [Int](repeating: world.size - 1, count: world.size))
    }

    @Test(.disabled(if: reservesMemoryItself, "Swift without optimization, or MPICH, reserves memory."))
    func repeatedCallsReserveNoMemory() throws {
      // Among several processes MPI reserves memory itself, for some calls. Alone it does not.
      let alone = try #require(try world.split(color: world.rank))
      var (values, all, blocks) = ([world.rank], [0], [0])
      let layout = SharesLayout(counts: [1])
      let user = try Reduction<Int>(commutative: true) { max($0, $1) }
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try alone.barrier()
          try alone.broadcast(&values, from: 0)
          try alone.gather(values, into: &all, to: 0)
          try alone.allGather(values, into: &all)
          try alone.gatherVariable(values, into: &all, layout: layout, to: 0)
          try alone.allGatherVariable(values, into: &all, layout: layout)
          try alone.scatter(all, into: &values, from: 0)
          try alone.allToAll(all, into: &blocks)
          try alone.reduce(values, into: &all, .max, to: 0)
          try alone.allReduce(values, into: &all, .max)
          try alone.allReduce(&values, user)
          _ = try alone.allReduce(1.0, .sum)
        }
      }
      try run(10)
      #expect(try allocations { try run(100) } == 0)
    }

    @Test(.disabled(if: reservesMemoryItself, "Swift without optimization, or MPICH, reserves memory."))
    func repeatedRequestsReserveNoMemory() throws {
      let alone = try #require(try world.split(color: world.rank))
      let (values, all) = (MessageBuffer([world.rank]), MessageBuffer([0]))
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try alone.startBroadcast(values, from: 0).wait()
          try alone.startAllGather(values, into: all).wait()
          try alone.startAllReduce(values, into: all, .max).wait()
        }
      }
      try run(100)
      #expect(try allocations { try run(100) } == 0)
    }
  }
}
