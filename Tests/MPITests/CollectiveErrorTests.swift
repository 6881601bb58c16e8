import MPI
import Testing

extension OnEveryRank {
  @Suite struct CollectiveErrorTests {
    let one = MessageBuffer([1])
    let all = MessageBuffer(repeating: 1, count: world.size)
    let layout = SharesLayout(counts: [Int](repeating: 1, count: world.size))

    @Test func everyBlockingCallReportsItsFailure() throws {
      let values = [Int](repeating: 1, count: world.size)
      fails("MPI_Barrier") { try world.barrier() }
      fails("MPI_Bcast") { _ = try world.broadcast(1, from: 0) }
      fails("MPI_Gather") { _ = try world.gather(1, to: world.rank) }
      fails("MPI_Gatherv") { _ = try world.gatherVariable([1], to: 0) }
      fails("MPI_Allgather") { _ = try world.allGather(1) }
      fails("MPI_Allgatherv") { _ = try world.allGatherVariable([1]) }
      fails("MPI_Scatter") { _ = try world.scatter(values, from: 0) }
      fails("MPI_Scatterv") { _ = try world.scatterVariable(Shares(values.map { [$0] }), from: 0) }
      fails("MPI_Alltoall") { _ = try world.allToAll(values) }
      fails("MPI_Alltoallv") { _ = try world.allToAllVariable(Shares(values.map { [$0] })) }
      let sections = try SectionList([MessageBuffer<Int>](repeating: one, count: world.size))
      let targets = try SectionList((0..<world.size).map { Run(of: all, at: $0, count: 1) })
      fails("MPI_Alltoallw") { try world.allToAll(sections, into: targets) }
    }

    @Test func everyNonblockingCallReportsItsFailure() throws {
      fails("MPI_Ibarrier") { try world.startBarrier().wait() }
      fails("MPI_Ibcast") { try world.startBroadcast(one, from: 0).wait() }
      fails("MPI_Igather") { try world.startGather(one, into: all, to: 0).wait() }
      fails("MPI_Igatherv") { try world.startGatherVariable(one, into: all, layout: layout, to: 0).wait() }
      fails("MPI_Iallgather") { try world.startAllGather(one, into: all).wait() }
      fails("MPI_Iallgatherv") { try world.startAllGatherVariable(one, into: all, layout: layout).wait() }
      fails("MPI_Iscatter") { try world.startScatter(all, into: one, from: 0).wait() }
      fails("MPI_Iscatterv") { try world.startScatterVariable(all, layout: layout, into: one, from: 0).wait() }
      let other = MessageBuffer(all.array)
      fails("MPI_Ialltoall") { try world.startAllToAll(all, into: other).wait() }
      fails("MPI_Ialltoallv") {
        try world.startAllToAllVariable(all, layout: layout, into: other, layout: layout).wait()
      }
      let sections = try SectionList([MessageBuffer<Int>](repeating: one, count: world.size))
      let targets = try SectionList((0..<world.size).map { Run(of: all, at: $0, count: 1) })
      fails("MPI_Ialltoallw") { try world.startAllToAll(sections, into: targets).wait() }
      // Nothing is under way: the buffers are free.
      one[0] = 2
      all[0] = 2
    }

    @Test func everyReductionReportsItsFailure() throws {
      let values = [Int](repeating: 1, count: world.size)
      fails("MPI_Reduce") { _ = try world.reduce(1, .sum, to: 0) }
      fails("MPI_Allreduce") { _ = try world.allReduce(1, .sum) }
      fails("MPI_Scan") { _ = try world.scan(1, .sum) }
      fails("MPI_Exscan") { _ = try world.exScan(1, .sum) }
      fails("MPI_Reduce_scatter_block") { _ = try world.reduceScatterBlock(values, .sum) }
      fails("MPI_Reduce_scatter") { _ = try world.reduceScatter(values, layout: layout, .sum) }
      fails("MPI_Ireduce") { try world.startReduce(one, .sum, to: 0).wait() }
      fails("MPI_Iallreduce") { try world.startAllReduce(one, .sum).wait() }
      fails("MPI_Iscan") { try world.startScan(one, .sum).wait() }
      fails("MPI_Iexscan") { try world.startExScan(one, .sum).wait() }
      fails("MPI_Ireduce_scatter_block") { try world.startReduceScatterBlock(all, into: one, .sum).wait() }
      fails("MPI_Ireduce_scatter") { try world.startReduceScatter(all, into: one, layout: layout, .sum).wait() }
      one[0] = 2
      all[0] = 2
    }
  }
}
