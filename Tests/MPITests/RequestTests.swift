import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct RequestTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    @Test func aReceiveGivesItsBufferWhenDone() throws {
      let receive = try world.startReceive(filling: -1.0, count: 4, from: previous)
      let send = try world.startSend([Double(world.rank), 2, 3], to: next)
      let (buffer, status) = try receive.wait()
      #expect(buffer.array == [Double(previous), 2, 3, -1])
      #expect(status.source == previous && status.count(of: Double.self) == 3)
      try send.wait()
    }

    @Test func aBufferIsReusedByOneRequestAfterAnother() throws {
      var (outgoing, incoming) = (MessageBuffer([0]), MessageBuffer([0]))
      for step in 0..<100 {
        outgoing[0] = world.rank + 1000 * step
        let receive = try world.startReceive(into: incoming, from: previous, tag: step)
        let send = try world.startSend(outgoing, to: next, tag: step)
        incoming = try receive.wait().buffer
        outgoing = try send.wait()
        #expect(incoming[0] == previous + 1000 * step)
      }
    }

    @Test func aTestIsFalseUntilTheMessageIsThere() throws {
      var receive = try world.startReceive(filling: 0, count: 1, from: previous)
      // Nobody has sent yet, and nobody does before all have come here.
      #expect(try receive.test() == false)
      try world.barrier()
      var send = try world.startSend([world.rank], to: next)
      while try !receive.test() { usleep(10) }
      while try !send.test() { usleep(10) }
      #expect(try receive.test())
      #expect(try receive.wait().buffer[0] == previous)
      try send.wait()
    }

    @Test func aTruncatedReceiveThrowsAndFreesItsBuffer() throws {
      // Open MPI does not notice when a process sends too much to itself.
      guard world.size > 1 else { return }
      let buffer = MessageBuffer([0])
      let receive = try world.startReceive(into: buffer, from: previous)
      let send = try world.startSend([1, 2], to: next)
      var failure: MPIError?
      do throws(MPIError) { _ = try receive.wait() } catch { failure = error }
      #expect(failure?.errorClass == .truncated && failure?.function == "MPI_Wait")
      buffer[0] = 5
      #expect(buffer[0] == 5)
      try send.wait()
    }

    @Test func requestsToNobodyAreDoneAtOnce() throws {
      let receive = try world.startReceive(filling: 7, count: 2, from: nil)
      let (buffer, status) = try receive.wait()
      #expect(buffer.array == [7, 7] && status.source == nil)
      try world.startSend([1], to: nil).wait()
    }
  }

  @Suite struct PersistentRequestTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    @Test func aRingExchangesManyTimes() throws {
      // Two parts of one buffer each way, and a side without a neighbour.
      let outgoing = MessageBuffer(repeating: 0, count: 4)
      let incoming = MessageBuffer(repeating: 0, count: 4)
      let requests = PersistentRequests(over: world)
      try requests.addReceive(into: incoming, offset: 0, count: 2, from: previous, tag: 1)
      try requests.addReceive(into: incoming, offset: 2, from: next, tag: 2)
      try requests.addReceive(into: incoming, offset: 4, from: nil)
      try requests.addSend(of: outgoing, offset: 0, count: 2, to: next, tag: 1)
      try requests.addSend(of: outgoing, offset: 2, to: previous, tag: 2)
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
      try run(1000)
      // MPI itself reserves a few blocks for messages that come early; one for each round would be 1000.
      #expect(try allocations { try run(1000) } < 100)
      // The counter counts.
      #expect(allocations { _ = MessageBuffer(repeating: 1, count: 1) } > 0)
    }
  }

  @Suite struct MessageBufferTests {
    @Test func memoryIsAlignedAndKeepsItsValues() throws {
      for count in [0, 1, 3, 1000] {
        let buffer = MessageBuffer(repeating: Float(2), count: count)
        #expect(Int(bitPattern: buffer.baseAddress) % 64 == 0 && buffer.count == count)
        buffer.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] += Float(index) } }
        #expect(buffer.array == (0..<count).map { Float(2 + $0) })
        #expect(buffer.withUnsafeBufferPointer { $0.reduce(0, +) } == buffer.array.reduce(0, +))
      }
      #expect(MessageBuffer([1, 2, 3]).array == [1, 2, 3] && MessageBuffer<Int>([]).array == [])
    }
  }
}
