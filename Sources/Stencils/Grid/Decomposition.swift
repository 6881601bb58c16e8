/// The division of a grid into one block a rank: a Cartesian product of uneven cuts, the first `cells mod ranks` blocks
/// along an axis one cell longer than the others.
package struct Decomposition: Equatable, Sendable {
  /// Ranks along x, y, z.
  package let ranks: Triple
  /// The grid's cells along x, y, z.
  package let cells: Triple

  /// Why a grid cannot be cut as asked.
  package struct Refusal: Error, CustomStringConvertible, Equatable {
    package let description: String
  }

  /// The cut with the smallest halo surface; among equals the one whose rows along x stay longest.
  /// - Parameters:
  ///   - rankCount: the number of ranks.
  ///   - minimum: the fewest cells that a block may have along a cut axis: the halo width.
  ///   - periodic: which axes wrap around, so that cutting them costs a surface more.
  package init(grid: Grid, rankCount: Int, minimum: Int, periodic: [Bool]) throws(Refusal) {
    // Even where nothing is read from neighbours, no block may be empty.
    let minimum = max(1, minimum)
    guard let best = Decomposition.best(grid, rankCount, minimum, periodic) else {
      var largest = rankCount - 1
      while largest > 1, Decomposition.best(grid, largest, minimum, periodic) == nil { largest -= 1 }
      throw Refusal(
        description:
          "\(rankCount) ranks are too many for a grid of \(grid.sizeText) cells"
          + (minimum > 1 ? ", of which each needs at least \(minimum) along an axis that is cut" : "")
          + "; the largest count that works is \(largest)")
    }
    cells = grid.cells
    ranks = best
  }

  /// The cut set by hand.
  /// - Parameter ranks: ranks along each axis of the grid.
  package init(grid: Grid, ranks: [Int], rankCount: Int, minimum: Int) throws(Refusal) {
    let minimum = max(1, minimum)
    let product = ranks.reduce(1, *)
    guard ranks.count == grid.dimensions else {
      throw Refusal(
        description: "ranks = \(ranks) names \(ranks.count) axes, but the grid has \(grid.dimensions)")
    }
    guard product == rankCount else {
      throw Refusal(
        description:
          "ranks = \(ranks) makes \(product) blocks, but the run has \(rankCount) rank\(rankCount == 1 ? "" : "s"): "
          + "let them agree, or leave ranks out")
    }
    for axis in grid.axes {
      let along = ranks[axis.rawValue]
      let cells = grid.cells[axis.rawValue]
      guard along == 1 || cells / along >= minimum else {
        throw Refusal(
          description: "ranks = \(ranks) cuts \(cells) cells along \(axis) into \(along) blocks, but a block needs "
            + "at least \(minimum); at most \(max(1, cells / minimum)) fit")
      }
    }
    cells = grid.cells
    self.ranks = Triple(ranks + Array(repeating: 1, count: 3 - ranks.count))
  }

  private static func best(_ grid: Grid, _ rankCount: Int, _ minimum: Int, _ periodic: [Bool]) -> Triple? {
    var best: (surface: Int, ranks: Triple)?
    func fits(_ along: Int, _ axis: Int) -> Bool {
      along == 1 || (axis < grid.dimensions && grid.cells[axis] / along >= minimum)
    }
    for x in 1...rankCount where rankCount % x == 0 && fits(x, 0) {
      for y in 1...(rankCount / x) where (rankCount / x) % y == 0 && fits(y, 1) {
        let ranks = Triple(x, y, rankCount / x / y)
        guard fits(ranks.z, 2) else { continue }
        let surface = (0..<3).reduce(0) { sum, axis in
          let cuts = ranks[axis] == 1 ? 0 : ranks[axis] - (periodic[axis] ? 0 : 1)
          return sum + cuts * (grid.cellCount / grid.cells[axis])
        }
        // Candidates come with x ascending, so that a tie keeps the rows whole.
        if best == nil || surface < best!.surface { best = (surface, ranks) }
      }
    }
    return best?.ranks
  }

  /// The block of the rank at `coordinates`, in global indices.
  package func block(at coordinates: Triple) -> Box {
    func start(_ axis: Int, _ part: Int) -> Int {
      let (size, extra) = cells[axis].quotientAndRemainder(dividingBy: ranks[axis])
      return part * size + min(part, extra)
    }
    var box = Box(low: .zero, high: .zero)
    for axis in 0..<3 {
      box.low[axis] = start(axis, coordinates[axis])
      box.high[axis] = start(axis, coordinates[axis] + 1)
    }
    return box
  }

  /// The coordinates of a rank; x varies fastest.
  package func coordinates(of rank: Int) -> Triple {
    Triple(rank % ranks.x, rank / ranks.x % ranks.y, rank / (ranks.x * ranks.y))
  }

  /// The rank at coordinates that lie inside.
  package func rank(at coordinates: Triple) -> Int {
    coordinates.x + ranks.x * (coordinates.y + ranks.y * coordinates.z)
  }
}

extension Grid {
  /// "512 x 512".
  package var sizeText: String { axes.map { String(cells[$0.rawValue]) }.joined(separator: " x ") }
}
