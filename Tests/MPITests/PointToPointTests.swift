import MPI
import Testing

extension OnEveryRank {
  @Suite struct PointToPointTests {
    let next = (world.rank + 1) % world.size
    let previous = (world.rank + world.size - 1) % world.size

    private func goesRound<T: MPIDatatype & Equatable>(_ value: (Int) -> T) throws {
      let received = try world.sendReceive(value(world.rank), to: next, from: previous)
      #expect(received == value(previous))
      let request = try world.startSend([value(world.rank), value(7)], to: next, tag: 3)
      #expect(try world.receive([T].self, from: previous, tag: 3) == [value(previous), value(7)])
      try request.wait()
    }

    @Test func everyTypeOfElementTravels() throws {
      try goesRound { Int8(-3 - $0) }
      try goesRound { Int16(-300 - $0) }
      try goesRound { Int32(-70000 - $0) }
      try goesRound { Int64(-5_000_000_000 - $0) }
      try goesRound { Int(-5_000_000_000 - $0) }
      try goesRound { UInt8(200 + $0) }
      try goesRound { UInt16(60000 + $0) }
      try goesRound { UInt32(4_000_000_000 + $0) }
      try goesRound { UInt64.max - UInt64($0) }
      try goesRound { UInt.max - UInt($0) }
      try goesRound { Float($0) + 0.1 }
      try goesRound { Double($0) + 0.1 }
      try goesRound { $0 % 2 == 0 }
    }

    @Test func arraysLargerThanAnEagerMessageAreExchanged() throws {
      let sent = (0..<300_000).map { Double($0 + world.rank) }
      var received = [Double](repeating: -1, count: sent.count + 1)
      let status = try world.sendReceive(sent, to: next, into: &received, from: previous)
      #expect(status.source == previous && status.count(of: Double.self) == sent.count)
      #expect(received == (0..<300_000).map { Double($0 + previous) } + [-1])
    }

    @Test func sendAndReceiveMeet() throws {
      guard world.size > 1 else { return }
      // Even ranks send first; a lone last rank has no partner.
      let partner = world.rank ^ 1
      guard partner < world.size else { return }
      var received = [Int32](repeating: 0, count: 5)
      if world.rank < partner {
        try world.send([1, 2, 3] as [Int32], to: partner, tag: 5)
        try world.send(Int32(9), to: partner, tag: 6)
      } else {
        let status = try world.receive(into: &received, from: partner, tag: 5)
        #expect(status.source == partner && status.tag == 5 && status.count(of: Int32.self) == 3)
        #expect(received == [1, 2, 3, 0, 0])
        var value: Int32 = 0
        try world.receive(into: &value, from: partner, tag: Communicator.anyTag)
        #expect(value == 9)
      }
    }

    @Test func anySourceTellsWhoSent() throws {
      // The messages of the next test must not be taken for those of this one.
      defer { #expect(throws: Never.self) { try world.barrier() } }
      if world.rank == 0 {
        var seen: Set<Int> = []
        for _ in 1..<world.size {
          var value = 0
          let status = try world.receive(
            into: &value, from: Communicator.anySource, tag: Communicator.anyTag)
          #expect(status.source == value && status.tag == value + 10)
          seen.insert(value)
        }
        #expect(seen == Set(1..<world.size))
      } else {
        try world.send(world.rank, to: 0, tag: world.rank + 10)
      }
    }

    @Test func aProbeTellsTheLengthBeforehand() throws {
      let values = (0...world.rank).map { Float($0) }
      let request = try world.startSend(values, to: next, tag: 4)
      let status = try world.probe(from: previous, tag: 4)
      #expect(status.source == previous && status.tag == 4 && status.count(of: Float.self) == previous + 1)
      // Still there, and not of whole Doubles when it is odd.
      let again = try #require(try world.probeNow(from: previous, tag: 4))
      #expect(again.count(of: Double.self) == (previous % 2 == 1 ? (previous + 1) / 2 : nil))
      #expect(try world.receive([Float].self, from: previous, tag: 4) == (0...previous).map { Float($0) })
      try request.wait()
      #expect(try world.probeNow(from: previous, tag: 4) == nil)
    }

    @Test func nobodyIsNoPartner() throws {
      var values = [1, 2]
      try world.send(values, to: nil)
      let status = try world.receive(into: &values, from: nil)
      #expect(values == [1, 2] && status.source == nil && status.tag == nil && status.count(of: Int.self) == 0)
      #expect(try world.sendReceive(5, to: nil, from: nil) == nil)
    }

    @Test func emptyMessagesArrive() throws {
      let request = try world.startSend([Double](), to: next)
      #expect(try world.receive([Double].self, from: previous) == [])
      try request.wait()
      var none: [Int] = []
      try world.sendReceive([Int](), to: next, into: &none, from: previous)
    }

    @Test func aMessageTooLongIsAnError() throws {
      let request = try world.startSend([1, 2, 3], to: next)
      var small = [0]
      let error = #expect(throws: MPIError.self) { try world.receive(into: &small, from: previous) }
      #expect(error?.function == "MPI_Recv" && error?.errorClass == .truncated && error?.rank == world.rank)
      try request.wait()
    }

    @Test func tagsReachTheirLimit() throws {
      #expect(Communicator.largestTag >= 32767)
      #expect(try world.sendReceive(world.rank, to: next, from: previous, tag: Communicator.largestTag) == previous)
    }
  }
}
