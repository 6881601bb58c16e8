import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct ProbeTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    @Test func aMatchedMessageIsReceivedInEveryWay() throws {
      // A message to oneself may wait for its receive: their ends are waited for below.
      var sends = RequestSet<MessageBuffer<Int>>()
      for (index, values) in [[world.rank, 1], [world.rank, 2], [world.rank, 3, 4]].enumerated() {
        sends.add(try world.startSend(values, to: next, tag: index + 1))
      }
      let first = try world.matchedProbe(from: previous, tag: 1)
      #expect(first.status.source == previous && first.status.tag == 1 && first.status.count(of: Int.self) == 2)
      // Taken: a receive with the same tag would wait for another.
      #expect(try world.probeNow(from: previous, tag: 1) == nil)
      var values = [0, 0, 9]
      try first.receive(into: &values)
      #expect(values == [previous, 1, 9])

      let second = try world.matchedProbe(from: previous, tag: Communicator.anyTag)
      #expect(second.status.tag == 2)
      #expect(try second.receive([Int].self) == [previous, 2])

      let third = try world.matchedProbe(from: Communicator.anySource, tag: 3)
      let request = try third.startReceive(into: MessageBuffer(repeating: -1, count: 4))
      let (buffer, status) = try request.wait()
      #expect(buffer.array == [previous, 3, 4, -1] && status.count(of: Int.self) == 3)
      #expect(try sends.waitAll().map(\.result.count).sorted() == [2, 2, 3])
    }

    @Test func aMessageIsMatchedWhenItIsThere() throws {
      func isThere() throws -> Bool {
        guard let message = try world.matchedProbeNow(from: previous, tag: 4) else { return false }
        #expect(message.status.count(of: Double.self) == 1)
        #expect(try message.receive([Double].self) == [Double(previous)])
        return true
      }
      #expect(try !isThere())
      try world.barrier()
      let request = try world.startSend([Double(world.rank)], to: next, tag: 4)
      while try !isThere() { usleep(10) }
      #expect(try !isThere())
      try request.wait()
    }

    @Test func nobodysMessageIsThereAndEmpty() throws {
      var value = 5
      try world.matchedProbe(from: nil).receive(into: &value)
      #expect(value == 5)
      #expect(try world.matchedProbe(from: nil).receive([Int].self) == [])
      let message = try world.matchedProbeNow(from: nil)
      guard let message else { fatalError("no message of nobody") }
      let request = try message.startReceive(into: MessageBuffer([1]))
      let (buffer, status) = try request.wait()
      #expect(buffer.array == [1] && status.source == nil)
      #expect(try world.probe(from: nil).count(of: Int.self) == 0)
      #expect(try world.probeNow(from: nil)?.source == nil)
    }

    @Test func aMatchedMessageTooLongIsAnError() throws {
      let request = try world.startSend([1, 2, 3], to: next, tag: 5)
      let message = try world.matchedProbe(from: previous, tag: 5)
      var small = [0]
      var failure: MPIError?
      do throws(MPIError) { try message.receive(into: &small) } catch { failure = error }
      #expect(failure?.function == "MPI_Mrecv" && failure?.errorClass == .truncated)
      try request.wait()
    }

    @Test func everyProbeReportsItsFailure() throws {
      fails("MPI_Mprobe") { try discard(world.matchedProbe(from: nil)) }
      fails("MPI_Improbe") { try discard(world.matchedProbeNow(from: nil)) }
      fails("MPI_Mrecv") { _ = try world.matchedProbe(from: nil).receive([Int].self) }
      fails("MPI_Imrecv") {
        _ = try world.matchedProbe(from: nil).startReceive(into: MessageBuffer([1])).wait()
      }
    }

    private func discard(_ message: consuming MatchedMessage?) throws {
      if let message { _ = try message.receive([Int].self) }
    }

    @Test func aStatusIsSeenBeforeTheEnd() throws {
      let receive = try world.startReceive(filling: 0, count: 3, from: previous, tag: 6)
      #expect(try receive.statusIfDone() == nil)
      try world.barrier()
      let send = try world.startSend([world.rank, 8], to: next, tag: 6)
      while try receive.statusIfDone() == nil { usleep(10) }
      let status = try #require(try receive.statusIfDone())
      #expect(status.source == previous && status.count(of: Int.self) == 2 && !status.isCancelled)
      while try send.statusIfDone() == nil { usleep(10) }
      fails("MPI_Request_get_status") { _ = try receive.statusIfDone() }
      #expect(try receive.wait().buffer.array == [previous, 8, 0])
      #expect(try send.wait().array == [world.rank, 8])
    }

    @Test func aReceiveIsCancelled() throws {
      var receive = try world.startReceive(filling: 3, count: 1, from: previous, tag: 7)
      try receive.cancel()
      let (buffer, status) = try receive.wait()
      #expect(status.isCancelled)
      buffer[0] = 4

      // Too late for one whose message is there.
      try world.barrier()
      let send = try world.startSend([world.rank], to: next, tag: 7)
      var late = try world.startReceive(into: buffer, from: previous, tag: 7)
      while try late.statusIfDone() == nil { usleep(10) }
      fails("MPI_Cancel") { try late.cancel() }
      try late.cancel()
      let (same, lateStatus) = try late.wait()
      #expect(!lateStatus.isCancelled && same.array == [previous] && lateStatus.source == previous)
      try send.wait()
    }
  }
}
