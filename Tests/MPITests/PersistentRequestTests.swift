import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct PersistentRequestTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    @Test func aRingExchangesManyTimes() throws {
      // Two parts of one buffer each way, and a side without a neighbour.
      let outgoing = MessageBuffer(repeating: 0, count: 4)
      let incoming = MessageBuffer(repeating: 0, count: 4)
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: incoming[0..<2], from: previous, tag: 1)
      try requests.addReceive(into: incoming[2...], from: next, tag: 2)
      try requests.addReceive(into: incoming[4...], from: nil)
      try requests.addSend(of: outgoing[..<2], to: next, tag: 1)
      try requests.addSend(of: outgoing[2..<4], to: previous, tag: 2)
      #expect(requests.count == 5 && !requests.isActive)
      for step in 0..<200 {
        for index in 0..<4 { outgoing[index] = world.rank * 10 + index + step * 1000 }
        try requests.start()
        #expect(requests.isActive)
        // A send leaves its buffer readable.
        #expect(outgoing[0] == world.rank * 10 + step * 1000)
        if step % 2 == 0 { try requests.wait() } else { while try !requests.test() { usleep(1) } }
        #expect(!requests.isActive)
        let expected = [previous * 10, previous * 10 + 1, next * 10 + 2, next * 10 + 3].map { $0 + step * 1000 }
        #expect(incoming.array == expected)
      }
    }

    @Test func noneUnderWayIsDone() throws {
      let requests = PersistentRequests(over: world)
      #expect(try requests.test())
      try requests.wait()
      try requests.start()
      try requests.wait()
      #expect(!requests.isActive)
    }

    @Test func theBuffersLiveAsLongAsTheRequests() throws {
      weak var buffer: MessageBuffer<Double>?
      do {
        let requests = PersistentRequests(over: world)
        do {
          let created = MessageBuffer(repeating: 1.0, count: 1000)
          buffer = created
          try requests.addReceive(into: created, from: previous)
          try requests.addSend(of: MessageBuffer(repeating: Double(world.rank), count: 1000), to: next)
        }
        try requests.start()
        try requests.wait()
        #expect(buffer?[999] == Double(previous))
        withExtendedLifetime(requests) {}
      }
      #expect(buffer == nil)
    }

    /// Starts a receive that fits and one that is too small, and then lets `end` run into the error.
    private func truncate(_ end: (PersistentRequests) throws -> Void) throws -> MPIError? {
      let requests = PersistentRequests(over: world)
      let (small, fitting) = (MessageBuffer([0]), MessageBuffer([0, 0]))
      try requests.addReceive(into: fitting, from: previous, tag: 1)
      try requests.addReceive(into: small, from: previous, tag: 2)
      let first = try world.startSend([1, 2], to: next, tag: 1)
      let second = try world.startSend([1, 2], to: next, tag: 2)
      try requests.start()
      let error = #expect(throws: MPIError.self) { try end(requests) }
      #expect(!requests.isActive)
      // The buffers are free again.
      (small[0], fitting[0]) = (5, 6)
      #expect(small.array == [5] && fitting.array == [6, 2])
      try first.wait()
      try second.wait()
      return error
    }

    @Test func theFailureOfOneNamesItsOwnError() throws {
      // Open MPI does not notice when a process sends too much to itself.
      guard world.size > 1 else { return }
      let waiting = try truncate { try $0.wait() }
      #expect(waiting?.errorClass == .truncated && waiting?.function == "MPI_Wait")
      let testing = try truncate { while try !$0.test() { usleep(1) } }
      #expect(testing?.errorClass == .truncated && testing?.function == "MPI_Test")
      let any = try truncate { while try $0.waitAny() != nil {} }
      #expect(any?.errorClass == .truncated && any?.function == "MPI_Waitany")
    }

    @Test func messagesNeverSentAreGivenUpAfterTheFailureOfAnother() throws {
      guard world.size > 1 else { return }
      let requests = PersistentRequests(over: world)
      let (small, waiting) = (MessageBuffer([0]), MessageBuffer([0]))
      try requests.addReceive(into: small, from: previous, tag: 3)
      try requests.addReceive(into: waiting, from: previous, tag: 4)
      let send = try world.startSend([1, 2], to: next, tag: 3)
      try requests.start()
      let error = #expect(throws: MPIError.self) { try requests.wait() }
      #expect(error?.errorClass == .truncated && !requests.isActive && requests.count == 0)
      try send.wait()
      try world.barrier()
      // Lets the receive that MPI still holds come to its end.
      try world.send(7, to: next, tag: 4)
    }

    @Test func messagesAreStartedAndWaitedForOneByOne() throws {
      let buffers = (0..<4).map { MessageBuffer([$0]) }
      let requests = PersistentRequests(over: world)
      #expect(try requests.addReceive(into: buffers[0], from: previous, tag: 1) == 0)
      #expect(try requests.addSend(of: buffers[1], to: next, tag: 1) == 1)
      #expect(try requests.addReceive(into: buffers[2], from: previous, tag: Communicator.anyTag) == 2)
      #expect(try requests.addSend(of: buffers[3], to: next, tag: 2) == 3)
      for step in 0..<10 {
        try requests.start(0)
        // Only the buffer of the message under way belongs to MPI.
        (buffers[1][0], buffers[3][0]) = (world.rank + step, world.rank - step)
        #expect(requests.isActive)
        #expect(try requests.test(3))
        try requests.start(1)
        try requests.wait(for: 0)
        #expect(buffers[0].array == [previous + step])
        #expect(requests.status(of: 0).source == previous && requests.status(of: 0).count(of: Int.self) == 1)
        try requests.wait(for: 1)
        #expect(!requests.isActive)
        try requests.start(2)
        try requests.start(3)
        while try !requests.test(2) { usleep(1) }
        #expect(buffers[2].array == [previous - step] && requests.status(of: 2).tag == 2)
        try requests.wait()
        #expect(!requests.isActive)
      }
    }

    @Test func theyComeInAnyOrder() throws {
      let incoming = MessageBuffer(repeating: 0, count: world.size)
      let requests = PersistentRequests(over: world)
      let pieces = (0..<world.size).map { _ in MessageBuffer([0]) }
      for (rank, piece) in pieces.enumerated() { try requests.addReceive(into: piece, from: rank) }
      for rank in 0..<world.size { try requests.addSend(of: MessageBuffer([world.rank * 10 + rank]), to: rank) }
      for _ in 0..<5 {
        try requests.start()
        var seen: Set<Int> = []
        while let index = try requests.waitAny() {
          seen.insert(index)
          guard index < world.size else { continue }
          incoming[index] = pieces[index][0]
          pieces[index][0] = -1
        }
        #expect(seen == Set(0..<2 * world.size) && !requests.isActive)
        #expect(incoming.array == (0..<world.size).map { $0 * 10 + world.rank })
      }
    }

    @Test func sectionsOfABufferAreSent() throws {
      // Column 1 of a matrix of three by two goes into column 0 of the next.
      let column = Pattern.vector(count: 3, stride: 2)
      let (outgoing, incoming) = (MessageBuffer((0..<6).map { $0 * 10 }), MessageBuffer(repeating: -1, count: 6))
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: incoming[column], from: previous)
      try requests.addSend(of: outgoing[column, at: 1], to: next)
      for step in 0..<3 {
        outgoing[3] = world.rank + step
        try requests.start()
        try requests.wait()
        #expect(incoming.array == [10, -1, previous + step, -1, 50, -1])
      }
    }

    @Test(.disabled(if: isDebugBuild, "Without optimization Swift reserves memory for closures."))
    func startAndWaitReserveNoMemory() throws {
      let (outgoing, incoming) = (MessageBuffer(repeating: 1.0, count: 64), MessageBuffer(repeating: 0.0, count: 64))
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: incoming, from: previous)
      try requests.addSend(of: outgoing, to: next)
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try requests.start()
          try requests.wait()
        }
      }
      // MPICH's processes do not yield the core to the one that they wait for, so that rounds take long there.
      let rounds = mpirun == "mpirun.mpich" ? 200 : 1000
      try run(rounds)
      // MPI itself reserves a few blocks for messages that come early; one for each round would be all of them.
      #expect(try allocations { try run(rounds) } < 100)
      // The counter counts.
      #expect(allocations { _ = MessageBuffer(repeating: 1, count: 1) } > 0)
    }
  }
}
