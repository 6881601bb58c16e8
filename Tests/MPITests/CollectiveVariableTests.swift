import MPI
import Testing

extension OnEveryRank {
  @Suite struct CollectiveVariableTests {
    let ranks = Array(0..<world.size)
    // Rank r has r elements: rank 0 none.
    let mine = [Double](repeating: Double(world.rank), count: world.rank)
    let all = (0..<world.size).flatMap { [Double](repeating: Double($0), count: $0) }
    let layout = SharesLayout(counts: Array(0..<world.size))

    @Test func sharesOfAnyLengthAreJoined() throws {
      for root in ranks {
        let shares = try world.gatherVariable(mine, to: root)
        #expect(shares?.elements == (world.rank == root ? all : nil))
        var result = world.rank == root ? all.map { _ in -1.0 } : []
        try world.gatherVariable(mine, into: &result, layout: layout, to: root)
        #expect(result == (world.rank == root ? all : []))
      }
      let shares = try world.allGatherVariable(mine)
      #expect(shares.elements == all && shares.layout.counts == ranks)
      for rank in ranks { #expect(Array(shares[rank]) == [Double](repeating: Double(rank), count: rank)) }
      var result = all.map { _ in -1.0 }
      try world.allGatherVariable(mine, into: &result, layout: layout)
      #expect(result == all)
    }

    @Test func sharesAreJoinedInPlace() throws {
      var result = all.map { $0 == Double(world.rank) ? $0 : -1 }
      try world.allGatherVariable(&result, layout: layout)
      #expect(result == all)
    }

    @Test func sharesGoWhereTheLayoutSays() throws {
      // From the last rank to the first, with a gap after each.
      let counts = ranks.map { $0 + 1 }
      var (offsets, end) = (counts, 0)
      for rank in ranks.reversed() {
        offsets[rank] = end
        end += counts[rank] + 1
      }
      let layout = SharesLayout(counts: counts, offsets: offsets)
      #expect(layout.extent == end - 1 && layout.total == counts.reduce(0, +) && layout.counts == counts)
      #expect(layout.range(of: 0) == offsets[0]..<offsets[0] + 1)
      let expected = ranks.reversed().flatMap { [Int](repeating: $0, count: $0 + 1) + [-1] }
      let own = [Int](repeating: world.rank, count: world.rank + 1)
      var result = [Int](repeating: -1, count: end)
      try world.allGatherVariable(own, into: &result, layout: layout)
      #expect(result == expected)
      var back = own.map { _ in -1 }
      try world.scatterVariable(result, layout: layout, into: &back, from: 0)
      #expect(back == own)
    }

    @Test func sharesOfAnyLengthAreDivided() throws {
      for root in ranks {
        let shares = Shares(ranks.map { [Int](repeating: $0 + root, count: $0) })
        let expected = [Int](repeating: world.rank + root, count: world.rank)
        #expect(try world.scatterVariable(world.rank == root ? shares : nil, from: root) == expected)
        var result = expected.map { _ in -1 }
        let values = world.rank == root ? shares.elements : []
        try world.scatterVariable(values, layout: layout, into: &result, from: root)
        #expect(result == expected)
      }
    }

    @Test func everyoneExchangesSharesOfItsOwnLength() throws {
      // Rank i sends i + j numbers to rank j.
      func share(_ from: Int, _ to: Int) -> [Int] { (0..<from + to).map { 1000 * from + 10 * to + $0 } }
      let outgoing = Shares(ranks.map { share(world.rank, $0) })
      let incoming = try world.allToAllVariable(outgoing)
      #expect(incoming.elements == ranks.flatMap { share($0, world.rank) })
      #expect(incoming.layout.counts == ranks.map { $0 + world.rank })
      var result = incoming.elements.map { _ in -1 }
      try world.allToAllVariable(
        outgoing.elements, layout: outgoing.layout, into: &result, layout: incoming.layout)
      #expect(result == incoming.elements)
      result = outgoing.elements
      try world.allToAllVariable(&result, layout: outgoing.layout)
      #expect(result == incoming.elements)
    }

    @Test func everyoneExchangesSectionsOfABuffer() throws {
      // Rank i sends j + 1 numbers to rank j, which takes them in reverse order of ranks.
      let source = MessageBuffer((0..<100).map { 1000 * world.rank + $0 })
      let target = MessageBuffer(repeating: -1, count: world.size * (world.rank + 1) + 1)
      let outgoing = try SectionList(ranks.map { Run(of: source, at: $0 * 10, count: $0 + 1) })
      let incoming = try SectionList(
        ranks.map { Run(of: target, at: (world.size - 1 - $0) * (world.rank + 1), count: world.rank + 1) })
      let expected =
        ranks.reversed().flatMap { rank in (0...world.rank).map { 1000 * rank + world.rank * 10 + $0 } } + [-1]
      try world.allToAll(outgoing, into: incoming)
      #expect(target.array == expected)
      target.withUnsafeMutableBufferPointer { $0.update(repeating: -1) }
      try world.startAllToAll(outgoing, into: incoming).wait()
      #expect(target.array == expected)
    }
  }
}

/// Some elements of a buffer, one after another.
struct Run<Element: MPIDatatype>: OwnedBuffer {
  let storage: MessageStorage
  let address: UnsafeMutableRawPointer
  let count: Int
  var datatype: Datatype { Element.datatype }

  init(of buffer: MessageBuffer<Element>, at offset: Int, count: Int) {
    storage = buffer
    address = UnsafeMutableRawPointer(buffer.baseAddress + offset)
    self.count = count
  }
}
