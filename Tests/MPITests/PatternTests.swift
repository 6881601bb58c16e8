import MPI
import TestSupport
import Testing

/// Patterns of every kind, and the elements that they name in order: what the arithmetic must give.
private let cases: [(pattern: Pattern, elements: [Int])] = {
  let pair = Pattern.indexed([0..<1, 2..<3])
  let column = Pattern.vector(count: 3, stride: 5)
  return [
    (.contiguous(4), [0, 1, 2, 3]),
    (.contiguous(0), []),
    (.range(3..<7), [3, 4, 5, 6]),
    (.contiguous(2, of: pair), [0, 2, 3, 5]),
    (column, [0, 5, 10]),
    (.vector(count: 2, blockLength: 2, stride: 4), [0, 1, 4, 5]),
    (.vector(count: 3, blockLength: 0, stride: 4), []),
    (.vector(count: 2, blockLength: 2, stride: 3, of: pair), [0, 2, 3, 5, 9, 11, 12, 14]),
    (.vector(count: 3, stride: -2).shifted(by: 4), [4, 2, 0]),
    (.indexed([4..<6, 0..<1, 9..<9, 7..<10]), [4, 5, 0, 7, 8, 9]),
    (.indexed([2..<3, 0..<1], of: pair), [6, 8, 0, 2]),
    (.indexed(offsets: [6, 1], blockLength: 2), [6, 7, 1, 2]),
    (.indexed(offsets: [], blockLength: 2), []),
    (.indexed(offsets: [2, 0], of: pair), [6, 8, 0, 2]),
    (.subarray(sizes: [3, 4], subsizes: [2, 2], starts: [1, 1]), [5, 6, 9, 10]),
    (.subarray(sizes: [3, 4], subsizes: [2, 2], starts: [1, 1], order: .columnMajor), [4, 5, 7, 8]),
    (.subarray(sizes: [3, 4], subsizes: [0, 2], starts: [3, 1]), []),
    (.subarray(sizes: [2, 2, 3], subsizes: [2, 1, 2], starts: [0, 1, 0]), [3, 4, 9, 10]),
    (.subarray(sizes: [2, 2], subsizes: [2, 1], starts: [0, 1], of: .contiguous(2)), [2, 3, 6, 7]),
    (.joined([column, .range(1..<3)]), [0, 5, 10, 1, 2]),
    (column.resized(extent: 1), [0, 5, 10]),
    (.contiguous(3, of: column.resized(extent: 1)), [0, 5, 10, 1, 6, 11, 2, 7, 12]),
    (pair.resized(extent: 5, lowerBound: -1), [0, 2]),
    (column.shifted(by: 2), [2, 7, 12]),
  ]
}()

extension OnEveryRank {
  @Suite struct PatternTests {
    private let next = (world.rank + 1) % world.size
    private let previous = (world.rank + world.size - 1) % world.size

    /// Sends what a pattern takes to oneself as plain elements, and back.
    private func expect(_ pattern: Pattern, takes elements: [Int]) throws {
      let source = (0..<40).map { Int32($0) }
      var received = [Int32](repeating: -1, count: elements.count)
      try world.sendReceive(source[pattern], to: world.rank, into: &received, from: world.rank)
      #expect(received == elements.map { Int32($0) })
      var target = [Int32](repeating: -1, count: 40)
      let status = try world.sendReceive(received, to: world.rank, into: &target[pattern], from: world.rank)
      #expect(status.count(of: Int32.self) == elements.count)
      #expect(target == (0..<40).map { elements.contains($0) ? Int32($0) : -1 })
    }

    @Test(arguments: cases.indices) func aPatternTakesWhatItNames(index: Int) throws {
      let (pattern, elements) = cases[index]
      try expect(pattern, takes: elements)
      #expect(pattern.count == elements.count)
      #expect(pattern.range == (elements.min() ?? 0)..<(elements.max().map { $0 + 1 } ?? 0))
    }

    @Test(arguments: cases.indices) func ourArithmeticIsThatOfMPI(index: Int) throws {
      let (pattern, elements) = cases[index]
      let datatype = try pattern.datatype(of: Double.self)
      #expect(try datatype.size == 8 * elements.count)
      let extent = pattern.extent
      #expect(try datatype.extent == 8 * extent.lowerBound..<8 * extent.upperBound)
      // MPI's true extent of nothing is anything.
      guard !elements.isEmpty else { return }
      #expect(try datatype.trueExtent == 8 * pattern.range.lowerBound..<8 * pattern.range.upperBound)
    }

    @Test func aGridIsDealtOut() throws {
      let dealt: [[Distribution]] = [
        [.block, .whole], [.cyclic(1), .whole], [.cyclic(2), .whole], [.blocks(of: 5), .whole],
      ]
      for distributions in dealt {
        for order in [GridOrder.rowMajor, .columnMajor] {
          for count in 2...4 {
            var owners = [Int](repeating: 0, count: 30)
            for rank in 0..<count {
              let share = Pattern.distributed(
                sizes: [10, 3], distributions, over: [count, 1], rank: rank, order: order)
              #expect(share.extent == 0..<30)
              if share.count > 0 {
                let datatype = try share.datatype(of: Int.self)
                #expect(try datatype.trueExtent == 8 * share.range.lowerBound..<8 * share.range.upperBound)
                #expect(try datatype.size == 8 * share.count && datatype.extent == 0..<240)
              }
              let marks = [Int](repeating: rank + 1, count: share.count)
              try world.sendReceive(marks, to: world.rank, into: &owners[share], from: world.rank)
            }
            let length =
              switch distributions[0] {
              case .block: (10 + count - 1) / count
              case .cyclic(let length), .blocks(let length): length
              case .whole: 10
              }
            let expected = (0..<30).map { (order == .rowMajor ? $0 / 3 : $0 % 10) / length % count + 1 }
            #expect(owners == expected, "\(distributions) \(order) over \(count)")
          }
        }
      }
      let corner = Pattern.distributed(sizes: [4, 4], [.block, .cyclic(1)], over: [2, 2], rank: 3)
      try expect(corner, takes: [9, 11, 13, 15])
      // More processes than indices: the last has none.
      #expect(Pattern.distributed(sizes: [3], [.block], over: [4], rank: 3).count == 0)
    }

    @Test func columnsGoRound() throws {
      let (rows, columns) = (4, 3)
      let column = Pattern.vector(count: rows, stride: columns)
      var matrix = (0..<rows * columns).map { Double(100 * world.rank + $0) }
      try world.sendReceive(matrix[column, at: 2], to: next, into: &matrix[column, at: 0], from: previous)
      for row in 0..<rows {
        #expect(matrix[3 * row] == Double(100 * previous + 3 * row + 2))
        #expect(matrix[3 * row + 1] == Double(100 * world.rank + 3 * row + 1))
      }
    }

    @Test func everyKindOfBufferHasSections() throws {
      let every = Pattern.vector(count: 3, stride: 2)
      let values = (0..<6).map { Int16(10 * world.rank + $0) }
      let expected = [0, 2, 4].map { Int16(10 * previous + $0) }

      var contiguous = ContiguousArray<Int16>(repeating: -1, count: 6)
      try world.sendReceive(values[every], to: next, into: &contiguous[every], from: previous)
      #expect([0, 2, 4].map { contiguous[$0] } == expected && contiguous[1] == -1)

      var slice = [Int16](repeating: -1, count: 8)[1...]
      try world.sendReceive(values[0...][every], to: next, into: &slice[every, at: 1], from: previous)
      #expect([2, 4, 6].map { slice[$0] } == expected && slice[1] == -1 && slice.count == 7)

      try values.withUnsafeBufferPointer { source in
        var target = [Int16](repeating: -1, count: 6)
        try target.withUnsafeMutableBufferPointer { target in
          try world.sendReceive(source[every], to: next, into: &target[every], from: previous)
          try world.sendReceive(target[every], to: previous, into: &target[every, at: 1], from: next)
        }
        #expect(
          [0, 2, 4].map { target[$0] } == expected && [1, 3, 5].map { target[$0] } == [0, 2, 4].map { values[$0] })
      }

      let buffer = MessageBuffer(values)
      let target = MessageBuffer(repeating: Int16(-1), count: 6)
      try world.sendReceive(buffer[every], to: next, into: &target[every], from: previous)
      #expect([0, 2, 4].map { target[$0] } == expected && target[1] == -1)
      try world.sendReceive(buffer[2..<4], to: next, into: &target[4...], from: previous)
      #expect(target.array[4...] == [Int16(10 * previous + 2), Int16(10 * previous + 3)])
    }

    @Test func sectionsOfBuffersTravelWhileTheProgramComputes() throws {
      let every = Pattern.vector(count: 3, stride: 2)
      let source = MessageBuffer((0..<6).map { Float(10 * world.rank + $0) })
      let target = MessageBuffer(repeating: Float(-1), count: 7)
      let receive = try world.startReceive(into: target[every, at: 1], from: previous, tag: 8)
      let send = try world.startSend(source[every], to: next, tag: 8)
      let status = try receive.wait().status
      try send.wait()
      #expect(status.count(of: Float.self) == 3)
      #expect(target.array == [-1, 0, -1, 2, -1, 4, -1].map { $0 < 0 ? $0 : $0 + Float(10 * previous) })
    }

    @Test func repeatedPatternsAreScattered() throws {
      let column = Pattern.vector(count: 3, stride: world.size).resized(extent: 1)
      let matrix = (0..<3 * world.size).map { 7 * $0 }
      var received = [0, 0, 0]
      for destination in 0..<world.size {
        let request = try world.startSend(
          MessageBuffer(matrix)[column, at: destination, repeated: 1], to: world.rank)
        try world.receive(into: &received, from: world.rank)
        try request.wait()
        #expect(received == (0..<3).map { 7 * ($0 * world.size + destination) })
      }
      var all = [Int](repeating: 0, count: matrix.count)
      try world.sendReceive(
        matrix[column, repeated: world.size], to: world.rank, into: &all, from: world.rank)
      #expect(all == (0..<world.size).flatMap { c in (0..<3).map { 7 * ($0 * world.size + c) } })
    }

    @Test func elementsCanBeTakenTwiceToSend() throws {
      var received = [0, 0, 0, 0]
      try world.sendReceive(
        [5, 6, 7][.vector(count: 2, blockLength: 2, stride: 1)], to: world.rank, into: &received, from: world.rank)
      #expect(received == [5, 6, 6, 7])
    }

    @Test func patternsReachBeyondThirtyTwoBits() throws {
      let far = Pattern.vector(count: 3, blockLength: 2, stride: 3 << 31)
      #expect(far.range == 0..<(6 << 31) + 2)
      #expect(try far.datatype(of: Double.self).trueExtent == 0..<8 * far.range.upperBound)
      let long = Pattern.contiguous(5 << 31)
      #expect(try long.datatype(of: UInt8.self).size == 5 << 31)
      let block = Pattern.indexed([7..<7 + 3 << 31])
      #expect(try block.datatype(of: Int8.self).size == block.count)
    }

    @Test func anArrayKeepsItsMemory() throws {
      var values = [Int](repeating: 0, count: 100)
      let before = values.withUnsafeBufferPointer { $0.baseAddress }
      try world.sendReceive([1, 2], to: world.rank, into: &values[.range(50..<52)], from: world.rank)
      #expect(values.withUnsafeBufferPointer { $0.baseAddress } == before && values[51] == 2)
    }

    @Test(.enabled(if: !isDebugBuild)) func sectionsReserveNoMemoryPerMessage() throws {
      let column = Pattern.vector(count: 4, stride: 3)
      let source = [Double](repeating: 1, count: 12)
      var target = source
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try world.sendReceive(source[column, at: 2], to: nil, into: &target[column], from: nil)
        }
      }
      try run(5)
      #expect(try allocations { try run(1000) } < 10)
    }

    @Test func everyDatatypeCallReportsItsFailure() throws {
      func making(_ pattern: Pattern, failsIn function: String) {
        fails(function) { _ = try pattern.datatype(of: Double.self) }
      }
      making(.contiguous(2), failsIn: "MPI_Type_get_extent_x")
      making(.contiguous(2), failsIn: "MPI_Type_contiguous")
      making(.contiguous(2), failsIn: "MPI_Type_commit")
      making(.vector(count: 2, stride: 3), failsIn: "MPI_Type_create_hvector")
      making(.indexed([1..<2, 3..<5]), failsIn: "MPI_Type_create_hindexed")
      making(.indexed(offsets: [1, 5]), failsIn: "MPI_Type_create_hindexed_block")
      making(Pattern.contiguous(2).shifted(by: 1), failsIn: "MPI_Type_create_hindexed_block")
      making(.subarray(sizes: [4], subsizes: [2], starts: [1]), failsIn: "MPI_Type_create_subarray")
      making(.distributed(sizes: [4], [.block], over: [2], rank: 0), failsIn: "MPI_Type_create_darray")
      making(.joined([.contiguous(2), .range(5..<6)]), failsIn: "MPI_Type_create_struct")
      making(Pattern.contiguous(2).resized(extent: 3), failsIn: "MPI_Type_create_resized")
      fails("MPI_Type_size_x") { _ = try Double.datatype.size }
      fails("MPI_Type_get_true_extent_x") { _ = try Double.datatype.trueExtent }
      fails("MPI_Type_get_name") { _ = try Double.datatype.name }
      fails("MPI_Type_set_name") { try Double.datatype.setName("number") }
    }
  }
}
