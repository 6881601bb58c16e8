import Stencils
import Testing

private func grid(_ cells: [Int]) -> Grid { Grid(cells: cells, extent: cells.map(Double.init)) }

/// Calls `body` with every way to write `count` as a product of three numbers.
private func factorizations(of count: Int) -> [Triple] {
  (1...count).flatMap { x in
    (1...count).compactMap { y in count % (x * y) == 0 ? Triple(x, y, count / (x * y)) : nil }
  }
}

/// Cells that have a neighbour on another rank, once for each such neighbour across a face: the number of faces between
/// blocks, counted face by face and wrapped around where the grid does.
private func facesBetweenBlocks(_ decomposition: Decomposition, periodic: [Bool]) -> Int {
  let cells = decomposition.cells
  var owner: [Int] = Array(repeating: -1, count: cells.x * cells.y * cells.z)
  func index(_ c: Triple) -> Int { c.x + cells.x * (c.y + cells.y * c.z) }
  for rank in 0..<(decomposition.ranks.x * decomposition.ranks.y * decomposition.ranks.z) {
    forEach(decomposition.block(at: decomposition.coordinates(of: rank))) { owner[index($0)] = rank }
  }
  var faces = 0
  forEach(Box(low: .zero, high: cells)) { cell in
    for axis in 0..<3 {
      var next = cell
      next[axis] += 1
      if next[axis] == cells[axis] {
        guard periodic[axis] else { continue }
        next[axis] = 0
      }
      if owner[index(cell)] != owner[index(next)] { faces += 1 }
    }
  }
  return faces
}

func forEach(_ box: Box, _ body: (Triple) -> Void) {
  for z in box.low.z..<box.high.z {
    for y in box.low.y..<box.high.y {
      for x in box.low.x..<box.high.x { body(Triple(x, y, z)) }
    }
  }
}

@Suite struct DecompositionTests {
  @Test(arguments: [[17], [17, 13], [17, 13, 11], [64, 3, 2]], [1, 2, 3, 4, 6, 7, 12])
  func blocksCoverTheGridOnceAndDifferByOneCell(cells: [Int], rankCount: Int) throws {
    let grid = grid(cells)
    let decomposition = try Decomposition(
      grid: grid, rankCount: rankCount, minimum: 1, periodic: [false, false, false])
    var visits = [Int](repeating: 0, count: grid.cellCount)
    var sizes: [Set<Int>] = [[], [], []]
    for rank in 0..<rankCount {
      let coordinates = decomposition.coordinates(of: rank)
      #expect(decomposition.rank(at: coordinates) == rank)
      let block = decomposition.block(at: coordinates)
      for axis in 0..<3 { sizes[axis].insert(block.count[axis]) }
      forEach(block) { visits[grid.linearIndex($0)] += 1 }
    }
    #expect(visits.allSatisfy { $0 == 1 })
    for axis in 0..<3 { #expect(sizes[axis].max()! - sizes[axis].min()! <= 1) }
  }

  @Test(arguments: [[12], [9, 8], [16, 4], [7, 6, 5], [12, 4, 3]], [1, 2, 3, 4, 6, 8])
  func surfaceIsTheSmallest(cells: [Int], rankCount: Int) throws {
    let grid = grid(cells)
    for bits in 0..<(1 << cells.count) {
      let periodic = (0..<3).map { bits >> $0 & 1 == 1 }
      let chosen = try? Decomposition(grid: grid, rankCount: rankCount, minimum: 1, periodic: periodic)
      let possible = factorizations(of: rankCount).filter { ranks in
        (0..<3).allSatisfy { ranks[$0] <= grid.cells[$0] }
      }
      guard let chosen else {
        #expect(possible.isEmpty)
        continue
      }
      let surfaces = try possible.map { ranks in
        let byHand = try Decomposition(
          grid: grid, ranks: (0..<cells.count).map { ranks[$0] }, rankCount: rankCount, minimum: 1)
        return facesBetweenBlocks(byHand, periodic: periodic)
      }
      #expect(facesBetweenBlocks(chosen, periodic: periodic) == surfaces.min()!)
      // Among equals rows stay whole, then planes.
      let best = zip(possible, surfaces).filter { $0.1 == surfaces.min()! }.map(\.0)
      #expect(chosen.ranks.x == best.map(\.x).min()!)
      #expect(chosen.ranks.y == best.filter { $0.x == chosen.ranks.x }.map(\.y).min()!)
    }
  }

  @Test func cubesAreCutAlongZFirst() throws {
    let cube = grid([32, 32, 32])
    let none = [false, false, false]
    func ranks(_ count: Int) throws -> Triple {
      try Decomposition(grid: cube, rankCount: count, minimum: 1, periodic: none).ranks
    }
    #expect(try ranks(1) == Triple(1, 1, 1))
    #expect(try ranks(2) == Triple(1, 1, 2))
    #expect(try ranks(4) == Triple(1, 2, 2))
    #expect(try ranks(8) == Triple(2, 2, 2))
  }

  @Test func minimumHoldsAlongCutAxes() throws {
    for count in 1...20 {
      guard
        let found = try? Decomposition(
          grid: grid([17, 6]), rankCount: count, minimum: 3, periodic: [true, false, false])
      else { continue }
      for rank in 0..<count {
        let block = found.block(at: found.coordinates(of: rank))
        for axis in 0..<2 where found.ranks[axis] > 1 { #expect(block.count[axis] >= 3) }
      }
    }
  }

  @Test func tooManyRanksNameTheLargestCountThatWorks() throws {
    func refusal(_ cells: [Int], _ count: Int, _ minimum: Int) -> String? {
      do {
        _ = try Decomposition(
          grid: grid(cells), rankCount: count, minimum: minimum, periodic: [false, false, false])
        return nil
      } catch { return error.description }
    }
    #expect(
      refusal([5, 3], 16, 1)
        == "16 ranks are too many for a grid of 5 x 3 cells; the largest count that works is 15")
    // 13 is prime and longer than either axis; 12 = 4 x 3 fits.
    #expect(refusal([5, 3], 13, 1)?.hasSuffix("the largest count that works is 12") == true)
    #expect(
      refusal([17, 13], 64, 2)
        == "64 ranks are too many for a grid of 17 x 13 cells, of which each needs at least 2 along an axis that is "
        + "cut; the largest count that works is 48")
    #expect(refusal([1], 2, 1)?.hasSuffix("the largest count that works is 1") == true)
    for (cells, minimum) in [([7, 5], 1), ([9, 4, 3], 1), ([9, 9], 2), ([20], 3)] {
      let works = (1...100).filter { refusal(cells, $0, minimum) == nil }
      for count in (1...100) where !works.contains(count) {
        let largest = works.filter { $0 < count }.max()!
        #expect(refusal(cells, count, minimum)?.hasSuffix("the largest count that works is \(largest)") == true)
      }
    }
  }

  @Test func noBlockIsEmptyWhenNothingIsRead() throws {
    let found = try Decomposition(grid: grid([3, 4]), rankCount: 4, minimum: 0, periodic: [false, false, false])
    for rank in 0..<4 { #expect(!found.block(at: found.coordinates(of: rank)).isEmpty) }
    #expect(throws: Decomposition.Refusal.self) {
      try Decomposition(grid: grid([3]), rankCount: 4, minimum: 0, periodic: [false, false, false])
    }
    #expect(throws: Decomposition.Refusal.self) {
      try Decomposition(grid: grid([3]), ranks: [4], rankCount: 4, minimum: 0)
    }
  }

  @Test func byHand() throws {
    func byHand(_ ranks: [Int], _ count: Int, minimum: Int = 1) -> String {
      do {
        return "\(try Decomposition(grid: grid([17, 13]), ranks: ranks, rankCount: count, minimum: minimum).ranks)"
      } catch { return error.description }
    }
    #expect(byHand([3, 2], 6) == "\(Triple(3, 2, 1))")
    #expect(byHand([3, 2, 1], 6) == "ranks = [3, 2, 1] names 3 axes, but the grid has 2")
    #expect(
      byHand([3, 2], 4) == "ranks = [3, 2] makes 6 blocks, but the run has 4 ranks: let them agree, or leave ranks out")
    #expect(
      byHand([1, 7], 7, minimum: 2)
        == "ranks = [1, 7] cuts 13 cells along y into 7 blocks, but a block needs at least 2; at most 6 fit")
    #expect(byHand([-1, -2], 2).hasPrefix("ranks = [-1, -2]"))
    #expect(byHand([1, 13], 13) == "\(Triple(1, 13, 1))")
    #expect(byHand([1, 14], 14).hasSuffix("at most 13 fit"))
  }
}

@Suite struct BoxTests {
  @Test func remainderCoversWhatIsLeftOnce() {
    let outer = Box(low: Triple(-1, 0, 2), high: Triple(5, 4, 6))
    for inner in [
      Box(low: Triple(0, 1, 3), high: Triple(4, 3, 5)), Box(low: Triple(-1, 0, 2), high: Triple(5, 4, 6)),
      Box(low: Triple(-1, 1, 2), high: Triple(5, 2, 3)), Box(low: Triple(2, 0, 2), high: Triple(3, 4, 6)),
      Box(low: .zero, high: .zero), Box(low: Triple(3, 3, 5), high: Triple(2, 4, 6)),
    ] {
      let parts = inner.remainder(of: outer)
      #expect(parts.count <= 6)
      var visits: [Triple: Int] = [:]
      for part in parts { forEach(part) { visits[$0, default: 0] += 1 } }
      var count = 0
      forEach(outer) { cell in
        let isInside = (0..<3).allSatisfy { inner.low[$0] <= cell[$0] && cell[$0] < inner.high[$0] }
        #expect(visits[cell, default: 0] == (isInside ? 0 : 1))
        count += visits[cell, default: 0]
      }
      #expect(count == visits.values.reduce(0, +))
      #expect(count == outer.volume - inner.volume)
    }
  }

  @Test func tilesCoverABoxOnce() {
    let boxes = [
      Box(low: .zero, high: Triple(17, 13, 11)), Box(low: Triple(8, 2, 1), high: Triple(33, 3, 2)),
      Box(low: Triple(9, 0, 0), high: Triple(17, 1, 1)), Box(low: .zero, high: Triple(5, 40, 1)),
      Box(low: Triple(0, 3, 0), high: Triple(3, 4, 9)), Box(low: .zero, high: .zero),
      Box(low: .zero, high: Triple(16, 3, 7)),
    ]
    for box in boxes {
      for workers in [1, 2, 3, 5, 8, 64] {
        for rowsInCache in [1, 4, 100] {
          let tiles = Tiles.divide(box, workers: workers, lanes: 8, rowsInCache: rowsInCache)
          #expect(tiles.count == workers)
          var visits: [Triple: Int] = [:]
          for tile in tiles.joined() {
            #expect(!tile.isEmpty)
            // Vectors stay where they are: rows are cut at multiples of a vector only.
            #expect((tile.low.x - box.low.x) % 8 == 0)
            #expect(tile.high.x == box.high.x || (tile.high.x - box.low.x) % 8 == 0)
            #expect(tile.count.z == 1 || tile.count.y <= rowsInCache || box.count.y * box.count.z < workers)
            forEach(tile) { visits[$0, default: 0] += 1 }
          }
          #expect(visits.values.allSatisfy { $0 == 1 })
          #expect(visits.count == box.volume)
          forEach(box) { #expect(visits[$0] != nil) }
          let work = tiles.map { $0.reduce(0) { $0 + $1.volume } }
          let rows = box.count.y * box.count.z
          if rows >= workers { #expect(work.max()! - work.min()! <= box.count.x) }
        }
      }
    }
  }

  @Test func layoutAlignsRowsAndSeparatesCells() {
    for (count, ghost) in [
      (Triple(17, 13, 11), Triple(2, 2, 2)), (Triple(1, 1, 1), Triple(1, 0, 0)), (Triple(8, 3, 1), Triple(1, 1, 0)),
      (Triple(496, 500, 2), Triple(3, 3, 3)), (Triple(512, 30, 3), Triple(1, 1, 1)), (Triple(9, 9, 9), Triple(9, 9, 9)),
    ] {
      for lanes in [8, 16] {
        let layout = Layout(count: count, reach: ghost, lanes: lanes)
        #expect(layout.origin % lanes == 0 && layout.strideY % lanes == 0 && layout.strideZ % lanes == 0)
        var found: Set<Int> = []
        forEach(layout.padded) { found.insert(layout.origin + layout.offset($0)) }
        #expect(found.count == layout.padded.volume)
        #expect(found.min()! >= 0 && found.max()! + lanes <= layout.capacity)
        // No two neighbouring rows or planes start in the same set of a 4096-byte page.
        #expect(layout.strideY * 64 / lanes % 4096 != 0 && layout.strideZ * 64 / lanes % 4096 != 0)
      }
    }
  }
}
