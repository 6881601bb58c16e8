// Many numbers at once. An anchor S = 1.5 * 2^k that is large against their sum takes from each what it can hold:
// q = (S + x) - S is a multiple of 2^(k-52), and so is the sum of all q, which fits into 53 bits and is exact; what is
// left, x - q, is exact as well, and is taken by a smaller anchor in the next round. (S. M. Rump, T. Ogita, S. Oishi,
// Accurate floating-point summation, 2008.) Numbers of like size need two rounds.

extension ExactSum {
  /// How many numbers are taken at once.
  package static var run: Int { 256 }

  /// Adds up to `run` numbers. What lies at `values` and behind them up to a whole vector is lost.
  @inline(never)
  package func add(_ values: UnsafeMutablePointer<Double>, count: Int) {
    let lanes = DoubleLanes.count
    let padded = (count &+ lanes &- 1) / lanes &* lanes
    for index in count..<padded { values[index] = 0 }
    var sizes = DoubleLanes(0)
    for place in stride(from: 0, to: padded, by: lanes) { sizes += DoubleLanes.load(values + place).magnitude }
    var size = Self.total(sizes)
    while size != 0 {
      // Not where the anchor or its last place is beyond what a number can be, nor for infinities and NaN.
      guard size > 0x1p-900, size < 0x1p1000 else {
        for index in 0..<count { add(values[index]) }
        return
      }
      // |sum| <= size < 2^(k-2): the anchor stays within its binade whatever was rounded in `size`.
      let exponent = size.bitPattern & 0x7ff0_0000_0000_0000
      let anchor = DoubleLanes(Double(bitPattern: exponent &+ 0x0038_0000_0000_0000))
      var (sum, left) = (anchor, DoubleLanes(0))
      for place in stride(from: 0, to: padded, by: lanes) {
        let value = DoubleLanes.load(values + place)
        let more = sum + value
        let rest = value - (more - sum)
        rest.store(values + place)
        left += rest.magnitude
        sum = more
      }
      add(Self.total(sum - anchor))
      size = Self.total(left)
    }
  }

  @inline(__always)
  private static func total(_ lanes: DoubleLanes) -> Double {
    var total = 0.0
    for lane in 0..<DoubleLanes.count { total += lanes[lane] }
    return total
  }

  /// Adds a field's cells of a row. Compiled for each scalar, which a closure of a generic solver is not.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func add<Scalar: Real>(_ values: Stencil<Scalar>, over row: Row<Scalar>) {
    addRuns(row.low..<row.high) { Double(values.row[$0]) }
  }

  /// Adds the products of two fields' cells of a row, each rounded once.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func addProduct<Scalar: Real>(_ a: Stencil<Scalar>, _ b: Stencil<Scalar>, over row: Row<Scalar>) {
    addRuns(row.low..<row.high) { Double(a.row[$0]) * Double(b.row[$0]) }
  }

  @inline(__always)
  private func addRuns(_ cells: Range<Int>, _ value: (Int) -> Double) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.run) { buffer in
      let values = buffer.baseAddress!
      var first = cells.lowerBound
      while first < cells.upperBound {
        let count = min(Self.run, cells.upperBound &- first)
        for index in 0..<count { values[index] = value(first &+ index) }
        add(values, count: count)
        first = first &+ count
      }
    }
  }
}
