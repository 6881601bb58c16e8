// Calls that programs make in loops reserve no memory.

import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite(.disabled(if: isDebugBuild, "Without optimization Swift reserves memory for closures."))
  struct AllocationTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size
    // MPICH's processes do not yield the core to the one that they wait for, so that rounds take long there,
    // longest where there are more of them than cores.
    let rounds = mpirun == "mpirun.mpich" ? (world.size > 2 ? 50 : 200) : 1000

    /// Runs a round of messages many times and expects none to reserve memory, apart from the blocks that MPI reserves
    /// in every round.
    private func isFree(apartFrom blocks: Int = 0, _ round: () throws -> Void) throws {
      for _ in 0..<rounds { try round() }
      // MPI itself reserves a few blocks for messages that come early; one for each round would be all of them.
      let count = try allocations { for _ in 0..<rounds { try round() } }
      #expect(count < rounds * blocks + max(10, rounds / 10))
      // No rank goes on to other messages while one is still at these.
      try world.barrier()
    }

    @Test func theCounterCounts() {
      #expect(allocations { for _ in 0..<10 { _ = MessageBuffer(repeating: 1, count: 1) } } >= 10)
    }

    // A message to oneself may wait for its receive, and with MPICH it does.
    @Test(.enabled(if: isUnderMPI && world.size > 1), arguments: [SendMode.standard, .buffered])
    func sendAndReceive(mode: SendMode) throws {
      let space = try SendSpace(byteCount: 100_000)
      let values = [Double](repeating: 1, count: 8)
      var received = [Double](repeating: 0, count: 8)
      var value = 0.0
      try isFree {
        try world.send(values, to: next, mode: mode)
        try world.receive(into: &received, from: previous)
        try world.send(received[0], to: next)
        try world.receive(into: &value, from: previous)
        try world.send(value, to: next)
        value = try world.receive(Double.self, from: previous)
      }
      #expect(received == values && value == 1)
      try space.detach()
    }

    @Test func sendReceive() throws {
      var values = [1, 2, 3]
      var received = [0, 0, 0]
      try isFree { try world.sendReceive(values, to: next, into: &received, from: previous) }
      // MPICH keeps what is to be sent in a block of its own meanwhile.
      try isFree(apartFrom: mpirun == "mpirun.mpich" ? 1 : 0) {
        try world.sendReceive(replacing: &values, to: next, from: previous)
      }
      #expect(values == [1, 2, 3] && received == values)
    }

    @Test func requestsOfABufferThatIsUsedAgain() throws {
      var (outgoing, incoming) = (MessageBuffer([1.0, 2]), MessageBuffer([0.0, 0]))
      try isFree {
        let receive = try world.startReceive(into: incoming, from: previous)
        var send = try world.startSend(outgoing, to: next)
        _ = try send.test()
        incoming = try receive.wait().buffer
        outgoing = try send.wait()
      }
      #expect(incoming.array == [1, 2])
    }

    @Test func matchedMessages() throws {
      let outgoing = MessageBuffer([1, 2])
      var received = [0, 0]
      try isFree {
        let send = try world.startSend(outgoing, to: next)
        try world.matchedProbe(from: previous).receive(into: &received)
        try send.wait()
      }
      #expect(received == [1, 2])
    }

    @Test func aSetThatIsUsedAgain() throws {
      let (outgoing, incoming) = (MessageBuffer([1, 2]), MessageBuffer([0, 0]))
      var set = RequestSet<MessageBuffer<Int>>()
      var count = 0
      try isFree {
        set.add(try world.startReceive(into: incoming, from: previous))
        set.add(try world.startSend(outgoing, to: next))
        while let done = try set.waitAny() { count += done.result.count }
      }
      #expect(incoming.array == [1, 2] && count == 8 * rounds)
    }

    @Test func persistentRequestsOneByOne() throws {
      let (outgoing, incoming) = (MessageBuffer([1, 2]), MessageBuffer([0, 0]))
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: incoming, from: previous)
      try requests.addSend(of: outgoing, to: next)
      try isFree {
        try requests.start(0)
        try requests.start(1)
        while try requests.waitAny() != nil {}
      }
      #expect(incoming.array == [1, 2])
    }
  }
}
