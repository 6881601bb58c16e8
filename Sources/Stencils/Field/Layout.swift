/// How one rank's block lies in memory: x fastest, then y, then z, ghost cells around, the first own cell of every row
/// aligned to 64 bytes. All fields of a domain share one layout, so that one offset finds a cell in each.
@frozen
public struct Layout: Equatable, Sendable {
  /// Own cells along x, y, z.
  public let count: Triple
  /// Ghost cells on either side along x, y, z; none along axes that the grid does not have.
  public let ghost: Triple
  /// Elements from a row to the next, and from a plane to the next.
  public let strideY: Int
  public let strideZ: Int
  /// Elements before cell (0, 0, 0).
  public let origin: Int
  /// Elements in all.
  public let capacity: Int
  /// Whether rows are whole cache lines with lines of ghost cells alone beside them, so that they can be streamed.
  public let hasWholeLines: Bool

  /// - Parameters:
  ///   - lanes: elements in 64 bytes.
  public init(count: Triple, ghost: Triple, lanes: Int) {
    func roundUp(_ n: Int) -> Int { (n + lanes - 1) / lanes * lanes }
    self.count = count
    self.ghost = ghost
    let left = roundUp(max(ghost.x, 1))
    var pitch = left + roundUp(count.x + ghost.x)
    hasWholeLines = count.x % lanes == 0 && count.x >= lanes && ghost.x <= lanes
    // Rows whose starts are a multiple of 4096 bytes apart would meet in the same sets of the first-level cache.
    if pitch % (64 * lanes) == 0 { pitch += lanes }
    var plane = pitch * (count.y + 2 * ghost.y)
    if plane % (64 * lanes) == 0 { plane += 3 * lanes }
    strideY = pitch
    strideZ = plane
    origin = ghost.z * plane + ghost.y * pitch + left
    // A vector may read past the last cell of the last row.
    capacity = plane * (count.z + 2 * ghost.z) + 2 * lanes
  }

  /// The box of own cells.
  public var interior: Box { Box(low: .zero, high: count) }
  /// Own cells and ghost cells.
  public var padded: Box { Box(low: .zero &- ghost, high: count &+ ghost) }
  @inlinable
  public func offset(_ cell: Triple) -> Int { cell.x &+ cell.y &* strideY &+ cell.z &* strideZ }
}
