import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct SendModeTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size
    // Longer than any message that MPI sends without asking the receiver first.
    let count = 100_000

    private func values(_ rank: Int) -> [Double] { (0..<count).map { Double($0 + rank) } }

    /// Runs a call with room for a few buffered messages.
    private func withSendSpace(_ body: () throws -> Void) throws {
      let space = try SendSpace(byteCount: 4 * world.bufferedByteCount(of: Double.self, count: count))
      try body()
      try space.detach()
    }

    @Test(arguments: SendMode.allCases) func valuesTravelInEveryMode(mode: SendMode) throws {
      try withSendSpace {
        // The receive is there before any send: what the ready mode promises.
        let receive = try world.startReceive(filling: -1.0, count: count, from: previous, tag: 1)
        try world.barrier()
        try world.send(values(world.rank), to: next, tag: 1, mode: mode)
        let (buffer, status) = try receive.wait()
        #expect(buffer.array == values(previous) && status.count(of: Double.self) == count)

        let again = try world.startReceive(into: buffer, from: previous, tag: 2)
        try world.barrier()
        let send = try world.startSend(values(world.rank + 1), to: next, tag: 2, mode: mode)
        #expect(try again.wait().buffer.array == values(previous + 1))
        #expect(try send.wait().array == values(world.rank + 1))

        let requests = PersistentRequests(over: world)
        let outgoing = MessageBuffer(repeating: 0, count: 3)
        let incoming = MessageBuffer(repeating: 0, count: 3)
        let arriving = try requests.addReceive(into: incoming, from: previous, tag: 3)
        let leaving = try requests.addSend(of: outgoing, to: next, tag: 3, mode: mode)
        for step in 0..<5 {
          outgoing[1] = world.rank + step
          try requests.start(arriving)
          try world.barrier()
          try requests.start(leaving)
          try requests.wait()
          #expect(incoming.array == [0, previous + step, 0])
        }
      }
      for value in 0..<2 {
        try world.send([value], to: nil, mode: mode)
        try world.startSend([value], to: nil, mode: mode).wait()
      }
    }

    @Test func aSynchronousSendWaitsForItsReceiver() throws {
      var send = try world.startSend([world.rank], to: next, tag: 4, mode: .synchronous)
      let persistent = PersistentRequests(over: world)
      try persistent.addSend(of: MessageBuffer([world.rank + 1]), to: next, tag: 5, mode: .synchronous)
      try persistent.start()
      // Nobody receives before all have come to the barrier.
      for _ in 0..<50 {
        #expect(try !send.test())
        #expect(try !persistent.test())
      }
      try world.barrier()
      let receive = try world.startReceive(filling: 0, count: 1, from: previous, tag: 4)
      #expect(try receive.wait().buffer.array == [previous])
      #expect(try world.sendReceive(0, to: nil, from: previous, tag: 0, receiveTag: 5) == previous + 1)
      try send.wait()
      try persistent.wait()
    }

    @Test func aBufferedSendDoesNotWaitForItsReceiver() throws {
      try withSendSpace {
        try world.send(values(world.rank), to: next, tag: 6, mode: .buffered)
        var sent = [world.rank]
        try world.send(sent, to: next, tag: 7, mode: .buffered)
        sent[0] = -1
        let request = try world.startSend(values(world.rank + 5), to: next, tag: 8, mode: .buffered)
        #expect(try request.wait()[0] == Double(world.rank + 5))
        // Nobody has received yet.
        try world.barrier()
        #expect(try world.receive([Double].self, from: previous, tag: 8) == values(previous + 5))
        #expect(try world.receive(Int.self, from: previous, tag: 7) == previous)
        #expect(try world.receive([Double].self, from: previous, tag: 6) == values(previous))
      }
    }

    @Test func theEndOfASpaceWaitsForItsMessages() throws {
      let receive = try world.startReceive(filling: 0, count: 1, from: previous, tag: 9)
      do {
        let space = try SendSpace(byteCount: world.bufferedByteCount(of: Int.self, count: 1))
        try world.send(world.rank, to: next, tag: 9, mode: .buffered)
        withExtendedLifetime(space) {}
      }
      #expect(try receive.wait().buffer.array == [previous])
      // The process may have another now.
      try SendSpace(byteCount: 100).detach()
    }

    @Test func theSpaceForMessagesIsChecked() throws {
      func isRefused(_ function: String, _ call: () throws -> Void) {
        let error = #expect(throws: MPIError.self) { try call() }
        #expect(error?.function == function && error?.errorClass == .invalidBuffer, "\(error as Any)")
      }
      // With Open MPI no message to the same rank arrives in the communicator afterwards.
      let lost = try world.duplicate()
      isRefused("MPI_Bsend") { try lost.send(values(0), to: next, mode: .buffered) }
      isRefused("MPI_Ibsend") { try lost.startSend(values(0), to: next, mode: .buffered).wait() }
      let space = try SendSpace(byteCount: 1000)
      isRefused("MPI_Bsend") { try lost.send(values(0), to: next, mode: .buffered) }
      isRefused("MPI_Buffer_attach") { _ = try SendSpace(byteCount: 1000) }
      try space.detach()
      // The space goes after the failure all the same: a next one is taken below.
      fails("MPI_Buffer_detach") { try SendSpace(byteCount: 1000).detach() }
      fails("MPI_Buffer_attach") { _ = try SendSpace(byteCount: 1000) }
      fails("MPI_Pack_size") { _ = try world.bufferedByteCount(of: Int.self, count: 1) }
      let (small, large) = (
        try world.bufferedByteCount(of: Int.self, count: 1), try world.bufferedByteCount(of: Int.self, count: 11)
      )
      #expect(small > 8 && large == small + 80)
      try SendSpace(byteCount: 1000).detach()
    }

    @Test func everyModeReportsItsFailure() throws {
      let names = [(SendMode.standard, ""), (.synchronous, "s"), (.ready, "r"), (.buffered, "b")]
      let requests = PersistentRequests(over: world)
      for (mode, letter) in names {
        let isStandard = letter.isEmpty
        fails(isStandard ? "MPI_Send" : "MPI_\(letter.uppercased())send") { try world.send(1, to: nil, mode: mode) }
        fails("MPI_I\(letter)send") { try world.startSend([1], to: nil, mode: mode).wait() }
        fails(isStandard ? "MPI_Send_init" : "MPI_\(letter.uppercased())send_init") {
          try requests.addSend(of: MessageBuffer([1]), to: nil, mode: mode)
        }
      }
      #expect(requests.count == 0)
    }
  }

  @Suite struct SendReceiveTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    @Test func bothMessagesHaveATagOfTheirOwn() throws {
      // Even ranks send with tag 1, odd ones with tag 2; the first and the last may be of one kind.
      let (mine, theirs) = (1 + world.rank % 2, 1 + previous % 2)
      var received = [0, 0]
      let status = try world.sendReceive(
        [world.rank, 7], to: next, into: &received, from: previous, tag: mine, receiveTag: theirs)
      #expect(received == [previous, 7] && status.tag == theirs && status.source == previous)
      #expect(try world.sendReceive(world.rank, to: next, from: previous, tag: mine, receiveTag: theirs) == previous)
      let any = try world.sendReceive(
        [world.rank], to: next, into: &received, from: Communicator.anySource, tag: mine,
        receiveTag: Communicator.anyTag)
      #expect(received == [previous, 7] && any.tag == theirs && any.source == previous)
      // The messages of the next test must not be taken for those of this one.
      try world.barrier()
    }

    @Test func elementsAreReplaced() throws {
      let count = 100_000
      var values = (0..<count).map { $0 + world.rank }
      let status = try world.sendReceive(replacing: &values, to: next, from: previous, tag: 3)
      #expect(values == (0..<count).map { $0 + previous })
      #expect(status.source == previous && status.count(of: Int.self) == count)
      // A message that is shorter than the room leaves the rest.
      var part = [1.0, 2, 3]
      let request = try world.startSend([Double(world.rank)], to: next, tag: 4)
      try world.sendReceive(replacing: &part, to: nil, from: previous, tag: 0, receiveTag: 4)
      try request.wait()
      #expect(part == [Double(previous), 2, 3])
      try world.sendReceive(replacing: &part, to: nil, from: nil)
      #expect(part == [Double(previous), 2, 3])
      var value = world.rank
      try world.sendReceive(replacing: &value, to: next, from: previous)
      #expect(value == previous)
      var buffer = MessageBuffer([world.rank, 5])
      try world.sendReceive(replacing: &buffer, to: next, from: previous)
      #expect(buffer.array == [previous, 5])
      fails("MPI_Sendrecv_replace") { try world.sendReceive(replacing: &value, to: nil, from: nil) }
    }

    @Test func aMessageBufferIsReceivedIntoAtOnce() throws {
      var buffer = MessageBuffer([0, 0])
      let request = try world.startSend([world.rank], to: next, tag: 5)
      #expect(try world.receive(into: &buffer, from: previous, tag: 5).count(of: Int.self) == 1)
      #expect(buffer.array == [previous, 0])
      try request.wait()
    }

    @Test func oneValueOfAMessageOfSeveralIsAnError() throws {
      // Open MPI does not notice when a process sends too much to itself.
      guard world.size > 1 else { return }
      let request = try world.startSend([1, 2], to: next, tag: 6)
      let error = #expect(throws: MPIError.self) { _ = try world.receive(Int.self, from: previous, tag: 6) }
      #expect(error?.function == "MPI_Recv" && error?.errorClass == .truncated)
      try request.wait()
    }
  }
}
