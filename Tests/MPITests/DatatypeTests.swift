import MPI
import TestSupport
import Testing

/// Travels as bytes: it says nothing about its members.
private struct Particle: MPIDatatype, Equatable {
  var id: Int32
  var position: SIMD3<Double>
  var isAlive: Bool
}

/// Travels member by member, without the padding after `id`.
private struct Measured: MPIDatatype, Equatable {
  var id: Int8
  var value: Double
  var count: Int16
  static let datatype = Datatype(of: \Measured.value, \Measured.id, \Measured.count)
}

private struct Complex: MPIDatatype, Equatable {
  var real: Double
  var imaginary: Double
  static var datatype: Datatype { .complexDouble }
}

private struct Matrix3: MPIDatatype {
  var rows: InlineArray<3, SIMD4<Float>>
}

extension OnEveryRank {
  @Suite struct DatatypeTests {
    private let next = (world.rank + 1) % world.size
    private let previous = (world.rank + world.size - 1) % world.size

    private func goesRound<T: MPIDatatype & Equatable>(_ value: (Int) -> T) throws {
      #expect(try world.sendReceive(value(world.rank), to: next, from: previous) == value(previous))
      let stride = MemoryLayout<T>.stride
      #expect(try T.datatype.extent == 0..<stride, "\(T.self)")
    }

    private func lanes<S: MPIScalar>(_ value: (Int) -> S) throws {
      try goesRound { SIMD2(value($0), value(1)) }
      try goesRound { SIMD3(value($0), value(1), value(2)) }
      try goesRound { SIMD4(value($0), value(1), value(2), value(3)) }
      try goesRound { rank in SIMD8((0..<8).map { value(rank + $0) }) }
      try goesRound { rank in SIMD16((0..<16).map { value(rank + $0) }) }
      try goesRound { rank in SIMD32((0..<32).map { value(rank + $0) }) }
      try goesRound { rank in SIMD64((0..<64).map { value(rank + $0) }) }
    }

    @Test func vectorsOfEveryScalarTravel() throws {
      try lanes { Int8($0) - 4 }
      try lanes { Int16($0) - 400 }
      try lanes { Int32($0) - 70000 }
      try lanes { Int64($0) - 5_000_000_000 }
      try lanes { Int($0) - 5_000_000_000 }
      try lanes { UInt8($0) + 128 }
      try lanes { UInt16($0) + 40000 }
      try lanes { UInt32($0) + 4_000_000_000 }
      try lanes { UInt64.max - UInt64($0) }
      try lanes { UInt.max - UInt($0) }
      try lanes { Float16($0) + 0.5 }
      try lanes { Float($0) + 0.1 }
      try lanes { Double($0) + 0.1 }
      #expect(try SIMD4<Float>.datatype.size == 16 && SIMD64<Int8>.datatype.size == 64)
    }

    @Test func wideAndNarrowNumbersTravel() throws {
      try goesRound { Float16($0) + 0.25 }
      try goesRound { Int128($0) << 100 - 1 }
      try goesRound { UInt128.max - UInt128($0) }
      #if arch(x86_64)
        try goesRound { Float80($0) + 0.1 }
        #expect(try world.allReduce(Float80(1), .sum) == Float80(world.size))
      #endif
    }

    @Test func structsTravelAsBytes() throws {
      let make = { (rank: Int) in
        Particle(id: Int32(rank), position: SIMD3(Double(rank), 0.5, -1), isAlive: rank % 2 == 0)
      }
      try goesRound(make)
      // A variable ends with its last member, an element of an array does not.
      #expect(MemoryLayout<Particle>.size == 49 && MemoryLayout<Particle>.stride > 49)
      #expect(try Particle.datatype.size == 49)
      let all = try world.allGather([make(world.rank), make(5)])
      #expect(all == (0..<world.size).flatMap { [make($0), make(5)] })
      var matrix = Matrix3(rows: [SIMD4(repeating: Float(world.rank)), .zero, .one])
      matrix = try #require(try world.sendReceive(matrix, to: next, from: previous))
      #expect(matrix.rows[0] == SIMD4(repeating: Float(previous)) && matrix.rows[2] == .one)
    }

    @Test func structsTravelByTheirMembers() throws {
      try goesRound { Measured(id: Int8($0), value: 0.5, count: Int16(300 * $0)) }
      #expect(try Measured.datatype.size == 11 && Measured.datatype.extent == 0..<24)
      #expect(try Measured.datatype.trueExtent == 0..<18)
      let sent = (0..<5).map { Measured(id: Int8($0), value: Double(world.rank), count: -1) }
      let request = try world.startSend(sent, to: next)
      let received = try world.receive([Measured].self, from: previous)
      #expect(received == (0..<5).map { Measured(id: Int8($0), value: Double(previous), count: -1) })
      try request.wait()
    }

    @Test func complexNumbersHaveADatatype() throws {
      try goesRound { Complex(real: Double($0), imaginary: -1) }
      #expect(try Datatype.complexDouble.size == 16 && Datatype.complexFloat.size == 8 && Datatype.byte.size == 1)
    }

    @Test func arraysOfFixedLengthTravel() throws {
      let sent: [3 of Double] = [Double(world.rank), 1, 2]
      var received: [3 of Double] = [0, 0, 0]
      try world.sendReceive(sent, to: next, into: &received, from: previous)
      #expect(received[0] == Double(previous) && received[1] == 1 && received[2] == 2)
    }

    @Test func datatypesHaveNames() throws {
      #expect(try Double.datatype.name == "MPI_DOUBLE")
      let made = try Pattern.vector(count: 2, stride: 3).datatype(of: Int.self)
      try made.setName("every third")
      #expect(try made.name == "every third")
    }

    @Test(.enabled(if: !isDebugBuild)) func structsReserveNoMemoryPerMessage() throws {
      var particle = Particle(id: 1, position: .zero, isAlive: true)
      var measured = Measured(id: 1, value: 2, count: 3)
      var lanes = SIMD8<Float>.zero
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try world.sendReceive(particle, to: nil, into: &particle, from: nil)
          try world.sendReceive(measured, to: nil, into: &measured, from: nil)
          try world.sendReceive(lanes, to: nil, into: &lanes, from: nil)
        }
      }
      try run(5)
      #expect(try allocations { try run(1000) } < 10)
    }
  }
}
