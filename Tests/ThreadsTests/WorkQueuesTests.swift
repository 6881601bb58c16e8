import Synchronization
import Testing
import Threads

@Suite struct WorkQueuesTests {
  /// Every piece is taken once, whoever takes it: with queues of unlike lengths, over and over.
  @Test(arguments: [1, 2, 3, 8])
  func everyPieceIsTakenOnce(workers: Int) {
    let team = ThreadTeam(count: workers, sharesCores: true)
    defer { team.end() }
    let queues = WorkQueues(workers: workers)
    let most = 500
    nonisolated(unsafe) let taken = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: workers * most)
    defer { taken.deallocate() }
    for round in 0..<50 {
      let lengths = (0..<workers).map { (round * 37 + $0 * 211) % most }
      for index in 0..<(workers * most) { (taken + index).initialize(to: Atomic(0)) }
      team.run { worker in
        queues.fill(worker, count: lengths[worker])
        while let (owner, piece) = queues.take(worker) {
          taken[owner * most + piece].add(1, ordering: .relaxed)
        }
        team.barrier()
      }
      for owner in 0..<workers {
        for piece in 0..<most {
          let times = taken[owner * most + piece].load(ordering: .relaxed)
          #expect(times == (piece < lengths[owner] ? 1 : 0))
        }
      }
    }
  }

  @Test func othersAreHelpedFromTheBack() {
    let queues = WorkQueues(workers: 2)
    queues.fill(0, count: 3)
    let first = queues.take(1)
    #expect(first?.owner == 0 && first?.piece == 2)
    let own = queues.take(0)
    #expect(own?.owner == 0 && own?.piece == 0)
    #expect(queues.take(1)?.piece == 1)
    #expect(queues.take(0) == nil && queues.take(1) == nil)
  }
}
