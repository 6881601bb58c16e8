import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct RequestSetTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    private enum Outcome {
      case received(MessageBuffer<Double>)
      case sent(count: Int)
    }

    /// One receive from each rank, and the sends to all of them.
    private func exchange(_ body: (inout RequestSet<MessageBuffer<Int>>) throws -> Void) throws {
      var receives = RequestSet<MessageBuffer<Int>>()
      for rank in 0..<world.size {
        #expect(receives.add(try world.startReceive(filling: -1, count: 2, from: rank, tag: 1)) == rank)
      }
      #expect(receives.count == world.size && !receives.isEmpty)
      try world.barrier()
      var sends = RequestSet<Void>()
      for rank in 0..<world.size {
        sends.add(try world.startSend([world.rank * 100 + rank], to: rank, tag: 1), giving: { _ in })
      }
      try body(&receives)
      #expect(receives.isEmpty && receives.count == 0)
      #expect(try sends.waitAll().map(\.index) == Array(0..<world.size))
    }

    private func check(_ completions: [RequestSet<MessageBuffer<Int>>.Completion]) {
      for completion in completions {
        #expect(completion.result.array == [completion.index * 100 + world.rank, -1])
        #expect(completion.status.source == completion.index && completion.status.count(of: Int.self) == 1)
      }
    }

    @Test func allComeInOrder() throws {
      try exchange { receives in
        let all = try receives.waitAll()
        #expect(all.map(\.index) == Array(0..<world.size))
        check(all)
        #expect(try receives.waitAll().isEmpty)
      }
      try exchange { receives in
        var all = try receives.testAll()
        while all == nil { all = try receives.testAll() }
        #expect(all?.map(\.index) == Array(0..<world.size))
        check(all ?? [])
        #expect(try receives.testAll()?.isEmpty == true)
      }
    }

    @Test func buffersThatTheSetDoesNotHandOutAreKept() throws {
      var set = RequestSet<Int>()
      weak var received: MessageBuffer<Int>?
      do {
        let buffer = MessageBuffer(repeating: 0, count: 1000)
        received = buffer
        set.add(try world.startReceive(into: buffer, from: previous), giving: { _ in 1 })
      }
      #expect(received != nil)
      set.add(try world.startSend(MessageBuffer(repeating: 3, count: 1000), to: next), giving: { _ in 2 })
      #expect(try set.waitAll().map(\.result) == [1, 2])
    }

    @Test func eachComesOnce() throws {
      try exchange { receives in
        var seen: [Int] = []
        while let one = try receives.waitAny() {
          check([one])
          seen.append(one.index)
        }
        #expect(seen.sorted() == Array(0..<world.size))
      }
      try exchange { receives in
        var seen: [Int] = []
        while !receives.isEmpty {
          guard let one = try receives.testAny() else { continue }
          check([one])
          seen.append(one.index)
        }
        #expect(seen.sorted() == Array(0..<world.size))
        #expect(try receives.testAny() == nil)
      }
    }

    @Test func someComeAtATime() throws {
      for test in [false, true] {
        try exchange { receives in
          var seen: [Int] = []
          while !receives.isEmpty {
            let some = try test ? receives.testSome() : receives.waitSome()
            #expect((test || !some.isEmpty) && some.map(\.index) == some.map(\.index).sorted())
            check(some)
            seen += some.map(\.index)
          }
          #expect(seen.sorted() == Array(0..<world.size))
          #expect(try receives.waitSome().isEmpty)
        }
      }
    }

    @Test func nothingIsHandedOutBeforeItIsThere() throws {
      var set = RequestSet<MessageBuffer<Int>>()
      set.add(try world.startReceive(filling: 0, count: 1, from: previous, tag: 2))
      #expect(try set.testAny() == nil)
      #expect(try set.testSome().isEmpty)
      #expect(try set.testAll() == nil)
      try world.barrier()
      let send = try world.startSend([5], to: next, tag: 2)
      #expect(try set.waitAny()?.result.array == [5])
      try send.wait()
    }

    @Test func differentKindsGoTogether() throws {
      var set = RequestSet<Outcome>()
      let receive = try world.startReceive(filling: 0.5, count: 2, from: previous, tag: 3)
      let indices = [
        set.add(receive) { .received($0) },
        set.add(try world.startSend([Double(world.rank)], to: next, tag: 3)) { .sent(count: $0.count) },
        set.add(try world.startSend([1, 2, 3] as [Int8], to: nil)) { .sent(count: $0.count) },
      ]
      #expect(indices == Array(0..<3))
      for completion in try set.waitAll() {
        switch completion.result {
        case .received(let buffer):
          #expect(buffer.array == [Double(previous), 0.5] && completion.status.source == previous)
        case .sent(let count): #expect(count == (completion.index == 1 ? 1 : 3))
        }
      }
    }

    @Test func placesAreUsedAgain() throws {
      var set = RequestSet<MessageBuffer<Int>>()
      for step in 0..<20 {
        #expect(set.add(try world.startSend([step], to: next, tag: 4)) == 0)
        #expect(set.add(try world.startReceive(filling: 0, count: 1, from: previous, tag: 4)) == 1)
        let first = try #require(try set.waitAny())
        // A place that was handed out is free for another request.
        #expect(set.add(try world.startSend([7], to: nil)) == first.index)
        let rest = try set.waitAll()
        #expect(rest.map(\.index) == [0, 1])
        let received = first.index == 1 ? first.result : rest[1].result
        #expect(received.array == [step])
      }
    }

    @Test func whatIsCompleteAlreadyIsHandedOut() throws {
      var set = RequestSet<MessageBuffer<Int>>()
      var request = try world.startReceive(filling: 0, count: 1, from: previous, tag: 5)
      let send = try world.startSend([world.rank], to: next, tag: 5)
      while try !request.test() { usleep(10) }
      set.add(request)
      let completion = try #require(try set.testAny())
      #expect(completion.result.array == [previous] && completion.status.source == previous)
      try send.wait()
    }

    @Test func receivesAreCancelled() throws {
      var set = RequestSet<MessageBuffer<Int>>()
      set.add(try world.startReceive(filling: 1, count: 1, from: previous, tag: 6))
      set.add(try world.startSend([world.rank], to: next, tag: 7))
      set.add(try world.startReceive(filling: 1, count: 1, from: next, tag: 6))
      fails("MPI_Cancel") { try set.cancelReceives() }
      try set.cancelReceives()
      var received = 0
      try world.receive(into: &received, from: previous, tag: 7)
      let all = try set.waitAll()
      #expect(all[0].status.isCancelled && all[2].status.isCancelled && received == previous)
      all[0].result[0] = 2
      #expect(all[0].result.array == [2])
    }
  }

  @Suite struct RequestSetFailureTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    private typealias Messages = RequestSet<MessageBuffer<Int>>

    /// Three messages of which the middle one is too long: what two calls give, the first of which throws.
    private func truncate(_ function: String, _ take: (inout Messages) throws -> [Messages.Completion]) throws {
      var set = Messages()
      let buffers = (0..<3).map { _ in MessageBuffer([0]) }
      for (tag, buffer) in buffers.enumerated() {
        set.add(try world.startReceive(into: buffer, from: previous, tag: tag))
      }
      try world.barrier()
      for tag in 0..<3 {
        try world.startSend(tag == 1 ? [1, 2] : [10 + tag], to: next, tag: tag).wait()
      }
      try world.barrier()
      var (seen, failures): ([Int], [MPIError]) = ([], [])
      while !set.isEmpty {
        do {
          for completion in try take(&set) {
            #expect(completion.result.array == [10 + completion.index] && completion.status.source == previous)
            seen.append(completion.index)
          }
        } catch let error as MPIError {
          failures.append(error)
        }
      }
      #expect(seen.sorted() == [0, 2] && failures.count == 1)
      #expect(failures.first?.errorClass == .truncated && failures.first?.function == function)
      // The buffer of the one that failed is free, and its place as well.
      buffers[1][0] = 5
      #expect(buffers[1].array == [5])
    }

    @Test func theFailureOfOneLeavesTheOthers() throws {
      // Open MPI does not notice when a process sends too much to itself.
      guard world.size > 1 else { return }
      try truncate("MPI_Waitsome") { try $0.waitAll() }
      try truncate("MPI_Testall") { try $0.testAll() ?? [] }
      try truncate("MPI_Waitany") { try $0.waitAny().map { [$0] } ?? [] }
      try truncate("MPI_Testany") { try $0.testAny().map { [$0] } ?? [] }
      try truncate("MPI_Waitsome") { try $0.waitSome() }
      try truncate("MPI_Testsome") { try $0.testSome() }
    }

    @Test func aCallThatFailsLeavesAll() throws {
      var set = Messages()
      set.add(try world.startReceive(filling: 0, count: 1, from: previous, tag: 3))
      fails("MPI_Waitsome") { _ = try set.waitAll() }
      fails("MPI_Testall") { _ = try set.testAll() }
      fails("MPI_Waitany") { _ = try set.waitAny() }
      fails("MPI_Testany") { _ = try set.testAny() }
      fails("MPI_Waitsome") { _ = try set.waitSome() }
      fails("MPI_Testsome") { _ = try set.testSome() }
      #expect(set.count == 1)
      let send = try world.startSend([world.rank], to: next, tag: 3)
      #expect(try set.waitAll().first?.result.array == [previous])
      try send.wait()
    }

    @Test func aSetIsAbandoned() throws {
      var set = Messages()
      set.add(try world.startReceive(filling: 0, count: 1, from: previous, tag: 4))
      set.abandon()
      try world.barrier()
      // Lets the receive that MPI still holds come to its end.
      try world.send(7, to: next, tag: 4)
    }
  }
}
