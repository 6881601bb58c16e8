/// A half-open box of cell indices, `low ..< high` along each axis.
package struct Box: Equatable, Sendable {
  package var low: Triple
  package var high: Triple

  package init(low: Triple, high: Triple) {
    self.low = low
    self.high = high
  }

  /// Cells along each axis, none negative.
  package var count: Triple { Triple(max(0, high.x - low.x), max(0, high.y - low.y), max(0, high.z - low.z)) }
  package var isEmpty: Bool { count.x == 0 || count.y == 0 || count.z == 0 }
  /// Cells in all.
  package var volume: Int { count.x * count.y * count.z }

  /// The cells of both.
  public func intersection(_ other: Box) -> Box {
    var common = self
    for axis in 0..<3 {
      common.low[axis] = max(low[axis], other.low[axis])
      common.high[axis] = min(high[axis], other.high[axis])
    }
    return common
  }

  /// What is left of `outer` around this box, which lies inside it, as at most six boxes: whole planes first, so that
  /// rows stay long.
  package func remainder(of outer: Box) -> [Box] {
    if isEmpty { return outer.isEmpty ? [] : [outer] }
    var parts: [Box] = []
    var rest = outer
    for axis in [2, 1, 0] {
      var below = rest
      below.high[axis] = low[axis]
      var above = rest
      above.low[axis] = high[axis]
      parts += [below, above]
      rest.low[axis] = low[axis]
      rest.high[axis] = high[axis]
    }
    return parts.filter { !$0.isEmpty }
  }
}
