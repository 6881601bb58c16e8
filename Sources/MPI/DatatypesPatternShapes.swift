// The arithmetic of patterns: how far they reach, which is known before MPI hears of them.

/// What a pattern is made of. Lengths and offsets count elements, or inner patterns where there is one.
internal indirect enum PatternShape: Sendable {
  case vector(count: Int, blockLength: Int, stride: Int, of: Pattern?)
  case indexed([Range<Int>], of: Pattern?)
  case indexedBlock(offsets: [Int], blockLength: Int, of: Pattern?)
  case subarray(sizes: [Int], subsizes: [Int], starts: [Int], GridOrder, of: Pattern?)
  case distributed(DistributedGrid, of: Pattern?)
  case joined([Pattern])
  case shifted(Pattern, by: Int)
  case resized(Pattern, lower: Int, extent: Int)
}

/// How far a pattern reaches, in elements. The rules are those of the standard for a datatype's extent and true extent.
internal struct PatternLayout: Sendable {
  private(set) var count: Int
  private(set) var touched: Range<Int>
  private(set) var (lower, upper): (Int, Int)
  /// Whether an element is surely taken twice: nothing can be received there.
  private(set) var isTwice = false
  private var hasParts = false

  /// One element.
  static let element = PatternLayout(count: 1, touched: 0..<1, lower: 0, upper: 1)
  static let nothing = PatternLayout(count: 0, touched: 0..<0, lower: 0, upper: 0)

  private init(count: Int, touched: Range<Int>, lower: Int, upper: Int) {
    (self.count, self.touched, self.lower, self.upper) = (count, touched, lower, upper)
  }

  var extent: Int { upper - lower }

  /// Adds copies of a part at offsets from `low` to `high`, both of which occur.
  private mutating func add(_ part: PatternLayout, copies: Int, from low: Int, to high: Int) {
    guard copies > 0 else { return }
    if !part.touched.isEmpty {
      let range = low + part.touched.lowerBound..<high + part.touched.upperBound
      touched =
        touched.isEmpty
        ? range : min(touched.lowerBound, range.lowerBound)..<max(touched.upperBound, range.upperBound)
    }
    lower = hasParts ? min(lower, low + part.lower) : low + part.lower
    upper = hasParts ? max(upper, high + part.upper) : high + part.upper
    hasParts = true
    count += copies * part.count
    // More elements than places.
    isTwice = isTwice || part.isTwice || count > touched.count
  }

  /// Several of these after one another, each an extent from the one before.
  func repeated(_ times: Int) -> PatternLayout {
    var result = PatternLayout.nothing
    result.add(self, copies: times, from: 0, to: (times - 1) * extent)
    return result
  }

  init(_ shape: PatternShape) {
    self = .nothing
    switch shape {
    case .vector(let count, let blockLength, let stride, let inner):
      guard blockLength > 0 else { return }
      let part = inner?.storage.layout ?? .element
      let (reach, length) = ((count - 1) * stride * part.extent, (blockLength - 1) * part.extent)
      add(part, copies: count * blockLength, from: min(0, reach), to: max(0, reach) + length)
      if inner == nil && count > 1 && abs(stride) < blockLength { isTwice = true }
    case .indexed(let blocks, let inner):
      addBlocks(blocks, of: inner)
    case .indexedBlock(let offsets, let length, let inner):
      addBlocks(offsets.map { $0..<$0 + length }, of: inner)
    case .subarray(let sizes, let subsizes, let starts, let order, let inner):
      let first = starts
      let last = zip(starts, subsizes).map { $0 + $1 - 1 }
      addGrid(sizes, order, copies: subsizes.reduce(1, *), from: first, to: last, of: inner)
    case .distributed(let grid, let inner):
      let shares = grid.shares
      addGrid(
        grid.sizes, grid.order, copies: shares.reduce(1) { $0 * $1.count }, from: shares.map(\.first),
        to: shares.map(\.last), of: inner)
    case .joined(let parts):
      for part in parts { add(part.storage.layout, copies: 1, from: 0, to: 0) }
    case .shifted(let part, let offset):
      add(part.storage.layout, copies: 1, from: offset, to: offset)
    case .resized(let part, let lower, let extent):
      self = part.storage.layout
      (self.lower, self.upper) = (lower, lower + extent)
    }
  }

  private mutating func addBlocks(_ blocks: [Range<Int>], of inner: Pattern?) {
    let part = inner?.storage.layout ?? .element
    for block in blocks {
      add(part, copies: block.count, from: block.lowerBound * part.extent, to: (block.upperBound - 1) * part.extent)
    }
    guard inner == nil else { return }
    let sorted = blocks.sorted { $0.lowerBound < $1.lowerBound }
    if zip(sorted, sorted.dropFirst()).contains(where: { $0.upperBound > $1.lowerBound }) { isTwice = true }
  }

  private mutating func addGrid(
    _ sizes: [Int], _ order: GridOrder, copies: Int, from first: [Int], to last: [Int], of inner: Pattern?
  ) {
    let part = inner?.storage.layout ?? .element
    func offset(_ index: [Int]) -> Int {
      let dimensions = Array(zip(index, sizes))
      let fastestLast = order == .rowMajor ? dimensions : dimensions.reversed()
      return fastestLast.reduce(0) { $0 * $1.1 + $1.0 }
    }
    add(part, copies: copies, from: offset(first) * part.extent, to: offset(last) * part.extent)
    (lower, upper) = (0, sizes.reduce(1, *) * part.extent)
  }
}

/// A grid that is dealt out to processes, and one of these.
internal struct DistributedGrid: Sendable {
  let sizes: [Int]
  let distributions: [Distribution]
  let processes: [Int]
  let rank: Int
  let order: GridOrder

  /// What the process holds of each dimension: how many indices, the first and the last of them.
  var shares: [(count: Int, first: Int, last: Int)] {
    var (rest, place) = (rank, [Int](repeating: 0, count: sizes.count))
    for dimension in sizes.indices.reversed() {
      place[dimension] = rest % processes[dimension]
      rest /= processes[dimension]
    }
    return sizes.indices.map { dimension in
      let (size, count, own) = (sizes[dimension], processes[dimension], place[dimension])
      let length = blockLength(dimension)
      // How many indices there are in whole rounds over the processes, and in the last one.
      let round = length * count
      let inLast = min(max(size % round - own * length, 0), length)
      let total = size / round * length + inLast
      let last =
        inLast > 0
        ? size / round * round + own * length + inLast - 1 : (size / round - 1) * round + (own + 1) * length - 1
      return (total, own * length, last)
    }
  }

  private func blockLength(_ dimension: Int) -> Int {
    let (size, count) = (sizes[dimension], processes[dimension])
    switch distributions[dimension] {
    case .whole:
      require(
        count == 1, "Dimension \(dimension) is dealt out to \(count) processes, but not how: name a distribution.")
      return max(size, 1)
    case .block: return max((size + count - 1) / count, 1)
    case .blocks(let length):
      require(
        length > 0 && length * count >= size,
        "\(count) blocks of \(length) elements do not cover the \(size) of dimension \(dimension).")
      return length
    case .cyclic(let length):
      require(length > 0, "A block that is dealt out has 1 element or more, not \(length).")
      return length
    }
  }
}
