import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct PackingTests {
    private let next = (world.rank + 1) % world.size
    private let previous = (world.rank + world.size - 1) % world.size

    private func fill(_ message: inout PackedMessage) throws {
      try message.append(world.rank)
      try message.append([1.5, -2.5, 3.5][.indexed([2..<3, 0..<1])])
      try message.append([Int16](repeating: Int16(world.rank), count: 5))
      try message.append([] as [Float])
    }

    private func read(_ message: inout PackedMessage) throws {
      #expect(try message.next(Int.self) == previous)
      var values = [0.0, 0, 0, 0]
      try message.next(into: &values[.vector(count: 2, stride: 3)])
      #expect(values == [3.5, 0, 0, 1.5] && !message.isAtEnd)
      #expect(try message.next([Int16].self, count: 5) == [Int16](repeating: Int16(previous), count: 5))
      #expect(try message.next([Float].self, count: 0) == [])
      #expect(message.isAtEnd)
    }

    @Test func partsOfDifferentTypesTravelTogether() throws {
      var message = PackedMessage(for: world)
      try fill(&message)
      #expect(message.bytes.count >= 34)
      let request = try world.startSend(message.bytes, to: next)
      var received = PackedMessage(for: world, try world.receive([PackedByte].self, from: previous))
      try request.wait()
      try read(&received)
      // The message itself is something to send.
      var bytes = message.bytes
      try world.sendReceive(message, to: next, into: &bytes, from: previous)
      received = PackedMessage(for: world, bytes)
      try read(&received)
    }

    @Test func thePortableFormIsTheSameEverywhere() throws {
      var message = PackedMessage()
      try fill(&message)
      #expect(message.bytes.count == 8 + 16 + 10)
      #expect(message.bytes[..<8].map(\.bits) == [0, 0, 0, 0, 0, 0, 0, UInt8(world.rank)])
      #expect(message.bytes[8..<16].map(\.bits) == [0x40, 0x0c, 0, 0, 0, 0, 0, 0])
      let request = try world.startSend(message.bytes, to: next)
      var received = PackedMessage(portable: try world.receive([PackedByte].self, from: previous))
      try request.wait()
      try read(&received)
    }

    @Test func sizesAreKnownBefore() throws {
      let values = [1.0, 2, 3]
      #expect(try PackedMessage(for: world).size(of: values) >= 24)
      #expect(try PackedMessage().size(of: values) == 24)
      #expect(try PackedMessage().size(of: values[.vector(count: 2, stride: 2)]) == 16)
    }

    @Test func aPartThatIsNotThereIsAnError() throws {
      var message = PackedMessage(for: world)
      try message.append(Int32(1))
      #expect(try message.next(Int32.self) == 1)
      let error = #expect(throws: MPIError.self) { try message.next(Double.self) }
      #expect(error?.function == "MPI_Unpack" && error?.errorClass == .truncated)
      var portable = PackedMessage(portable: [PackedByte(1)])
      let other = #expect(throws: MPIError.self) { try portable.next(Double.self) }
      #expect(other?.function == "MPI_Unpack_external" && other?.errorClass == .truncated)
    }

    @Test func everyPackingCallReportsItsFailure() throws {
      func packing(in message: PackedMessage, failsIn function: String) {
        fails(function) {
          var message = message
          try message.append(1)
          _ = try message.next(Int.self)
        }
      }
      for function in ["MPI_Pack_size", "MPI_Pack", "MPI_Unpack"] {
        packing(in: PackedMessage(for: world), failsIn: function)
      }
      for function in ["MPI_Pack_external_size", "MPI_Pack_external", "MPI_Unpack_external"] {
        packing(in: PackedMessage(), failsIn: function)
      }
    }

    @Test(.enabled(if: !isDebugBuild)) func aMessageKeepsItsMemory() throws {
      var message = PackedMessage(for: world)
      var value = 0.5
      func run(_ times: Int) throws {
        for _ in 0..<times {
          message.removeAll()
          try message.append(value)
          try message.next(into: &value)
        }
      }
      try run(5)
      #expect(try allocations { try run(1000) } < 10)
    }
  }
}
