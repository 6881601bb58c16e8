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
