import MPI
import TestSupport
import Testing

/// The function x -> a x + b modulo a prime. One after another they make a function of this kind again, and the order
/// matters.
private struct Affine: MPIDatatype, Equatable {
  static let prime: UInt64 = 2_147_483_647
  var (a, b): (UInt64, UInt64)

  /// First this one, then the other.
  func followed(by next: Affine) -> Affine {
    Affine(a: a * next.a % Affine.prime, b: (b * next.a + next.b) % Affine.prime)
  }

  static func example(_ rank: Int, _ index: Int = 0) -> Affine {
    Affine(a: UInt64(3 * rank + 2 + index), b: UInt64(7 * rank * rank + 1 + index))
  }
}

private final class Witness: Sendable {}

extension OnEveryRank {
  @Suite struct ReductionClosureTests {
    let ranks = 0..<world.size

    /// The functions of some ranks one after another, `count` of them side by side.
    private func chain(_ ranks: Range<Int>, count: Int) -> [Affine] {
      (0..<count).map { index in
        ranks.dropFirst().reduce(Affine.example(ranks.lowerBound, index)) {
          $0.followed(by: .example($1, index))
        }
      }
    }

    private func inOrder() throws -> Reduction<Affine> {
      let reduction = try Reduction<Affine>(commutative: false) { $0.followed(by: $1) }
      #expect(try reduction.isCommutative() == false)
      return reduction
    }

    @Test(arguments: [1, 5, 3000]) func theOrderOfRanksIsKept(count: Int) throws {
      let reduction = try inOrder()
      let mine = (0..<count).map { Affine.example(world.rank, $0) }
      let all = chain(ranks, count: count)
      var values = mine
      try world.allReduce(&values, reduction)
      #expect(values == all)
      for root in [0, world.size / 2, world.size - 1] {
        values = mine
        try world.reduce(&values, reduction, to: root)
        #expect(values == (world.rank == root ? all : mine))
        var result = mine
        try world.reduce(mine, into: &result, reduction, to: root)
        #expect(result == (world.rank == root ? all : mine))
      }
      values = mine
      try world.scan(&values, reduction)
      #expect(values == chain(0..<world.rank + 1, count: count))
      values = mine
      try world.exScan(&values, reduction)
      #expect(values == (world.rank == 0 ? mine : chain(0..<world.rank, count: count)))
    }

    @Test(arguments: [1, 5, 3000]) func theOrderIsKeptWhileTheProgramComputes(count: Int) throws {
      let reduction = try inOrder()
      let mine = (0..<count).map { Affine.example(world.rank, $0) }
      let all = chain(ranks, count: count)
      let room = MessageBuffer(mine)
      #expect(try world.startAllReduce(MessageBuffer(mine), into: room, reduction).wait().array == all)
      #expect(try world.startAllReduce(MessageBuffer(mine), reduction).wait().array == all)
      for root in [0, world.size - 1] {
        let result = try world.startReduce(MessageBuffer(mine), reduction, to: root).wait()
        #expect(result.array == (world.rank == root ? all : mine))
      }
      let scan = try world.startScan(MessageBuffer(mine), reduction).wait()
      #expect(scan.array == chain(0..<world.rank + 1, count: count))
      let exScan = try world.startExScan(MessageBuffer(mine), reduction).wait()
      #expect(exScan.array == (world.rank == 0 ? mine : chain(0..<world.rank, count: count)))
    }

    @Test func theOrderIsKeptWhenTheResultIsDivided() throws {
      let reduction = try inOrder()
      let values = ranks.flatMap { index in [Affine](repeating: .example(world.rank, index), count: 2) }
      let expected = ranks.map { chain(ranks, count: $0 + 1).last! }[world.rank]
      #expect(try world.reduceScatterBlock(values, reduction) == [expected, expected])
      let layout = SharesLayout(counts: ranks.map { _ in 2 })
      #expect(try world.reduceScatter(values, layout: layout, reduction) == [expected, expected])
      let room = MessageBuffer(repeating: Affine.example(0), count: 2)
      let block = try world.startReduceScatterBlock(MessageBuffer(values), into: room, reduction)
      #expect(try block.wait().array == [expected, expected])
      let parts = try world.startReduceScatter(MessageBuffer(values), into: room, layout: layout, reduction)
      #expect(try parts.wait().array == [expected, expected])
    }

    @Test func oneProcessCombinesByItself() throws {
      let (first, second) = (Affine.example(1), Affine.example(2))
      var result = second
      try reduceLocal(first, into: &result, try inOrder())
      #expect(result == first.followed(by: second))
    }

    @Test func aClosureThatCommutesMayUseWhatItCaptures() throws {
      let modulus = 1000 + world.size
      let reduction = try Reduction<Int>(commutative: true) { ($0 + $1) % modulus }
      #expect(try reduction.isCommutative())
      #expect(try world.allReduce(world.rank + 999, reduction) == ranks.reduce(0) { ($0 + $1 + 999) % modulus })
    }

    @Test func manyOperationsExistAtOnce() throws {
      let reductions = try (0..<100).map { factor in
        try Reduction<Int>(commutative: true) { max($0, $1) + 0 * factor }
      }
      let offsets = try (0..<100).map { offset in
        try Reduction<Int>(commutative: true) { $0 + $1 + offset }
      }
      for (index, pair) in zip(reductions, offsets).enumerated() {
        #expect(try world.allReduce(world.rank, pair.0) == world.size - 1)
        let sum = ranks.reduce(0, +) + index * (world.size - 1)
        #expect(try world.allReduce(world.rank, pair.1) == sum)
      }
    }

    @Test func aRequestKeepsItsOperation() throws {
      weak var witness: Witness?
      do {
        let request: Request<MessageBuffer<Int>>
        do {
          let captured = Witness()
          witness = captured
          let reduction = try Reduction<Int>(commutative: true) { a, b in withExtendedLifetime(captured) { a + b } }
          request = try world.startAllReduce(MessageBuffer([world.rank]), reduction)
        }
        #expect(witness != nil)
        #expect(try request.wait().array == [ranks.reduce(0, +)])
      }
      #expect(witness == nil)
    }

    @Test func failuresAreReported() throws {
      for function in ["MPI_Type_dup", "MPI_Type_commit", "MPI_Type_set_attr", "MPI_Op_create"] {
        fails(function) { _ = try Reduction<Int>(commutative: true) { $0 + $1 } }
      }
      fails("MPI_Op_commutative") { _ = try Reduction<Int>.sum.isCommutative() }
      fails("MPI_Reduce_local") {
        var result = 1
        try reduceLocal(1, into: &result, .sum)
      }
    }
  }
}
