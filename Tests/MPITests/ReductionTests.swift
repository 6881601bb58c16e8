import MPI
import Testing

extension OnEveryRank {
  @Suite struct ReductionTests {
    let ranks = 0..<world.size

    @Test func numbersAreReduced() throws {
      #expect(try world.allReduce(world.rank + 1, .sum) == ranks.map { $0 + 1 }.reduce(0, +))
      #expect(try world.allReduce(Double(world.rank + 1), .product) == ranks.map { Double($0 + 1) }.reduce(1, *))
      #expect(try world.allReduce(Float(world.rank) - 2, .min) == -2)
      #expect(try world.allReduce(Int8(world.rank) - 2, .max) == Int8(world.size - 3))
      #expect(try world.allReduce(UInt64.max - UInt64(world.rank), .max) == UInt64.max)
      #expect(try world.allReduce(UInt32(1) << UInt32(world.rank), .bitwiseOr) == (1 << UInt32(world.size)) - 1)
      #expect(try world.allReduce(UInt16(0xff00) | UInt16(world.rank), .bitwiseAnd) == 0xff00)
      #expect(try world.allReduce(Int16(world.rank), .bitwiseXor) == ranks.map { Int16($0) }.reduce(0, ^))
    }

    @Test func truthsAreReduced() throws {
      #expect(try world.allReduce(true, .logicalAnd))
      #expect(try world.allReduce(world.rank != 0, .logicalAnd) == false)
      #expect(try world.allReduce(world.rank == world.size - 1, .logicalOr))
      #expect(try world.allReduce(false, .logicalOr) == false)
      #expect(try world.allReduce(true, .logicalXor) == (world.size % 2 == 1))
    }

    @Test func everyOperationGivesTheReferenceValue() throws {
      // Worked out by hand from the standard's definitions, for x(r) = (7 r^2 - 5 r + 3) mod 11.
      let x = Int32((7 * world.rank * world.rank - 5 * world.rank + 3) % 11)
      let reference: [Int: [Int32]] = [
        1: [3, 4, 3, 3, 19, 3, 3, 1, 1, 1, 3, 0, 3, 0], 2: [8, 24, 3, 5, 17, 7, 6, 1, 1, 0, 5, 1, 3, 0],
        3: [18, 264, 3, 10, 16, 15, 12, 1, 1, 1, 10, 2, 3, 0], 4: [25, 2112, 3, 10, 16, 15, 11, 1, 1, 0, 10, 2, 3, 0],
        6: [42, 185_856, 3, 10, 16, 15, 6, 1, 1, 0, 10, 2, 3, 0],
      ]
      guard let expected = reference[world.size] else { return }
      let located = Located(x, at: world.rank)
      let greatest = try world.allReduce(located, .maxLocation)
      let least = try world.allReduce(located, .minLocation)
      #expect(
        try [
          world.allReduce(x, .sum), world.allReduce(x + 1, .product), world.allReduce(x, .min),
          world.allReduce(x, .max), world.allReduce(x | 16, .bitwiseAnd), world.allReduce(x, .bitwiseOr),
          world.allReduce(x, .bitwiseXor), world.allReduce(x != 0, .logicalAnd) ? 1 : 0,
          world.allReduce(x != 0, .logicalOr) ? 1 : 0, world.allReduce(x != 0, .logicalXor) ? 1 : 0, greatest.value,
          Int32(greatest.index), least.value, Int32(least.index),
        ] == expected)
      #expect(
        try world.reduceScatterBlock(ranks.map { x * Int32($0 + 1) }, .sum) == [expected[0] * Int32(world.rank + 1)])
      let scans: [Int32] = [3, 8, 18, 25, 32, 42]
      #expect(try world.scan(x, .sum) == scans[world.rank])
      #expect(try world.exScan(x, .sum) == (world.rank == 0 ? nil : scans[world.rank - 1]))
    }

    /// The least and the greatest of numbers that come in pairs, and the first rank that has each.
    private func findPlaces<Value: LocatableNumber & Numeric>(_ type: Value.Type) throws {
      let height = Value(exactly: (world.rank / 2) % 2)!
      let found = [Located(height, at: 10 + world.rank), Located(0 - height, at: 10 + world.rank)]
      var (least, greatest) = (found, found)
      try world.allReduce(&least, .minLocation)
      try world.allReduce(&greatest, .maxLocation)
      let top = Value(exactly: world.size > 2 ? 1 : 0)!
      let place = world.size > 2 ? 12 : 10
      #expect(least == [Located(0, at: 10), Located(0 - top, at: place)], "\(type)")
      #expect(greatest == [Located(top, at: place), Located(0, at: 10)], "\(type)")
    }

    @Test func placesAreFoundForEveryTypeOfNumber() throws {
      try findPlaces(Int16.self)
      try findPlaces(Int32.self)
      try findPlaces(Int64.self)
      try findPlaces(Int.self)
      try findPlaces(Float.self)
      try findPlaces(Double.self)
    }

    @Test func arraysAreReducedPositionByPosition() throws {
      var values = [world.rank, 1, -world.rank]
      try world.allReduce(&values, .sum)
      let sum = ranks.reduce(0, +)
      #expect(values == [sum, world.size, -sum])

      let input = [Double(world.rank), 2]
      var output = [0.0, 0]
      try world.allReduce(input, into: &output, .max)
      #expect(output == [Double(world.size - 1), 2] && input == [Double(world.rank), 2])
      try world.allReduce(&output[1...], .sum)
      #expect(output == [Double(world.size - 1), Double(2 * world.size)])
      var none: [Double] = []
      try world.allReduce(&none, .sum)
    }

    @Test func reductionsReachEveryRootAlone() throws {
      let sum = ranks.reduce(0, +)
      for root in ranks {
        let isRoot = world.rank == root
        #expect(try world.reduce(world.rank, .sum, to: root) == (isRoot ? sum : nil))
        var values = [world.rank, 3]
        try world.reduce(&values, .sum, to: root)
        #expect(values == (isRoot ? [sum, 3 * world.size] : [world.rank, 3]))
        var output = isRoot ? -1 : -2
        try world.reduce([world.rank], into: &output, .sum, to: root)
        #expect(output == (isRoot ? sum : -2))
      }
    }

    @Test func scansCombineTheRanksUpToHere() throws {
      #expect(try world.scan(world.rank + 1, .sum) == (1...world.rank + 1).reduce(0, +))
      #expect(try world.exScan(world.rank + 1, .sum) == (world.rank == 0 ? nil : (1...world.rank).reduce(0, +)))
      var values = [world.rank, 1]
      try world.scan(&values, .max)
      #expect(values == [world.rank, 1])
      values = [world.rank + 5, 1]
      try world.exScan(&values, .sum)
      let before = (0..<world.rank).map { $0 + 5 }.reduce(0, +)
      #expect(values == (world.rank == 0 ? [5, 1] : [before, world.rank]))
      var result = [-1, -1]
      try world.scan([world.rank + 5, 1], into: &result, .sum)
      #expect(result == [before + world.rank + 5, world.rank + 1])
      result = [-1, -1]
      try world.exScan([world.rank + 5, 1], into: &result, .sum)
      #expect(result == (world.rank == 0 ? [-1, -1] : [before, world.rank]))
    }

    @Test func reductionsAreDivided() throws {
      let sum = ranks.reduce(0, +)
      var share = [-1, -1]
      try world.reduceScatterBlock(ranks.flatMap { [$0 + world.rank, 1] }, into: &share, .sum)
      #expect(share == [sum + world.size * world.rank, world.size])
      let layout = SharesLayout(counts: ranks.map { 2 * $0 })
      let values = ranks.flatMap { [Int](repeating: $0 + world.rank, count: 2 * $0) }
      let expected = [Int](repeating: sum + world.size * world.rank, count: 2 * world.rank)
      #expect(try world.reduceScatter(values, layout: layout, .sum) == expected)
      var result = expected.map { _ in -1 }
      try world.reduceScatter(values, into: &result, layout: layout, .sum)
      #expect(result == expected)
    }

    @Test func oneProcessReducesByItself() throws {
      var result = [1, 2, 3]
      try reduceLocal([10, 20, 30], into: &result, .sum)
      #expect(result == [11, 22, 33])
      var word = true
      try reduceLocal(false, into: &word, .logicalAnd)
      #expect(word == false)
    }

    @Test func longReductionsTakeSeveralCalls() throws {
      let largest = ReductionLimit.elements
      ReductionLimit.elements = 3
      defer { ReductionLimit.elements = largest }
      let values = (0..<10).map { $0 * (world.rank + 1) }
      let weight = ranks.reduce(0) { $0 + $1 + 1 }
      let sums = (0..<10).map { $0 * weight }
      var result = values
      try world.allReduce(&result, .sum)
      #expect(result == sums)
      result = values.map { _ in -1 }
      try world.allReduce(values, into: &result, .sum)
      #expect(result == sums)
      result = values
      try world.reduce(&result, .sum, to: world.size - 1)
      #expect(result == (world.rank == world.size - 1 ? sums : values))
      result = values
      try world.scan(&result, .sum)
      #expect(result == (0..<10).map { $0 * (0...world.rank).reduce(0) { $0 + $1 + 1 } })
      result = values
      try world.exScan(&result, .sum)
      let before = (0..<10).map { $0 * (0..<world.rank).reduce(0) { $0 + $1 + 1 } }
      #expect(result == (world.rank == 0 ? values : before))
      result = values
      try reduceLocal([Int](repeating: 1, count: 10), into: &result, .sum)
      #expect(result == values.map { $0 + 1 })
    }
  }
}
