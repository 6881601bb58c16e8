/// The division of a box of cells among threads and into tiles whose planes stay in a core's second-level cache.
package enum Tiles {
  /// - Parameters:
  ///   - lanes: the cells of a vector; rows are cut at multiples of it only.
  ///   - rowsInCache: rows of a tile along y.
  /// - Returns: for each worker its tiles in the order in which it runs them.
  package static func divide(_ box: Box, workers: Int, lanes: Int, rowsInCache: Int) -> [[Box]] {
    if box.isEmpty { return Array(repeating: [], count: workers) }
    let count = box.count
    let rows = count.y * count.z
    if rows < workers {
      // A single row, or fewer rows than threads: cut the rows themselves.
      let vectors = (count.x + lanes - 1) / lanes
      return (0..<workers).map { worker in
        var part = box
        part.low.x = box.low.x + vectors * worker / workers * lanes
        part.high.x = min(box.high.x, box.low.x + vectors * (worker + 1) / workers * lanes)
        return part.isEmpty ? [] : [part]
      }
    }
    return (0..<workers).map { worker in
      // A run of whole rows in memory order is a part of a plane, whole planes, and a part of a plane.
      let first = rows * worker / workers
      let last = rows * (worker + 1) / workers
      var parts: [Box] = []
      var row = first
      while row < last {
        let (z, y) = row.quotientAndRemainder(dividingBy: count.y)
        let planes = y == 0 ? (last - row) / count.y : 0
        let taken = planes > 0 ? planes * count.y : min(count.y - y, last - row)
        var part = box
        part.low.z = box.low.z + z
        part.high.z = part.low.z + max(planes, 1)
        part.low.y = box.low.y + y
        part.high.y = planes > 0 ? box.high.y : part.low.y + taken
        parts.append(part)
        row += taken
      }
      return parts.flatMap { split($0, rowsInCache: rowsInCache) }
    }
  }

  private static func split(_ box: Box, rowsInCache: Int) -> [Box] {
    guard box.count.z > 1, box.count.y > rowsInCache else { return [box] }
    let pieces = (box.count.y + rowsInCache - 1) / rowsInCache
    return (0..<pieces).map { piece in
      var part = box
      part.low.y = box.low.y + box.count.y * piece / pieces
      part.high.y = box.low.y + box.count.y * (piece + 1) / pieces
      return part
    }
  }
}
