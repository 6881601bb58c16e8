/// How one rank's block lies in memory: x fastest, then y, then z, ghost cells around, the first own cell of every row
/// aligned to 64 bytes. All fields of a domain share one layout, so that one offset finds a cell in each.
package struct Layout: Equatable, Sendable {
  /// Own cells along x, y, z.
  package let count: Triple
  /// Ghost cells on either side along x, y, z; none along axes that the grid does not have.
  package let ghost: Triple
  /// How many of them are filled beyond the grid's sides: as many as a sweep reads.
  package let reach: Triple
  /// Elements from a row to the next, and from a plane to the next.
  package let strideY: Int
  package let strideZ: Int
  /// Elements before cell (0, 0, 0).
  package let origin: Int
  /// Elements in all.
  package let capacity: Int
  /// How often a field may be moved down in its memory by `shift` elements, to be overwritten by what is computed of it.
  package let shifts: Int
  /// Elements of one such move: a plane more than sweeps read, and as many rows; in two dimensions a row more, and a
  /// vector. See `SkewedSchedule`.
  package let shift: Int
  /// Whether rows are whole cache lines with lines of ghost cells alone beside them, so that they can be streamed.
  package let hasWholeLines: Bool
  /// Whether one such line lies between a row and the next: the ghost cells behind the one, then those before the other.
  package var sharesLines: Bool { hasWholeLines && strideY == count.x + lanes }
  private let lanes: Int

  /// - Parameters:
  ///   - ghost: ghost cells along each axis, no fewer than `reach`.
  ///   - lanes: elements in 64 bytes.
  ///   - shifts: moves down that fields have room for.
  package init(count: Triple, reach: Triple, ghost: Triple? = nil, lanes: Int, shifts: Int = 0) {
    let ghost = ghost ?? reach
    func roundUp(_ n: Int) -> Int { (n + lanes - 1) / lanes * lanes }
    self.count = count
    self.ghost = ghost
    self.reach = reach
    self.shifts = shifts
    let dimensions = ghost.z > 0 ? 3 : ghost.y > 0 ? 2 : 1
    let left = roundUp(max(ghost.x, 1))
    self.lanes = lanes
    // One line for the ghost cells of two rows where both fit: there is less to read and to write. Not where ghost cells
    // are computed, a whole vector before a row at a time.
    let shares = count.x % lanes == 0 && 2 * ghost.x <= lanes && ghost.x == reach.x
    var pitch = shares ? count.x + lanes : left + roundUp(count.x + ghost.x)
    // What is moved must not run into the rows of the plane before, nor into the cells of the row before.
    if dimensions == 2 { pitch += shifts * lanes }
    hasWholeLines = count.x % lanes == 0 && count.x >= lanes && reach.x <= lanes
    // Rows whose starts are a multiple of 4096 bytes apart would meet in the same sets of the first-level cache.
    if pitch % (64 * lanes) == 0 { pitch += lanes }
    var plane = pitch * (count.y + 2 * ghost.y + (dimensions == 3 ? shifts * reach.y : 0))
    if plane % (64 * lanes) == 0 { plane += 3 * lanes }
    strideY = pitch
    strideZ = plane
    shift = shifts == 0 ? 0 : dimensions == 3 ? (reach.z + 1) * plane + reach.y * pitch : (reach.y + 1) * pitch + lanes
    // A vector before the first cells may be loaded with them.
    origin = ghost.z * plane + ghost.y * pitch + left + lanes + shifts * shift
    // A vector may read past the last cell of the last row.
    capacity = origin + plane * (count.z + ghost.z) + 2 * lanes
  }

  /// The box of own cells.
  package var interior: Box { Box(low: .zero, high: count) }
  /// Own cells and ghost cells.
  package var padded: Box { Box(low: .zero &- ghost, high: count &+ ghost) }
  package func offset(_ cell: Triple) -> Int { cell.x &+ cell.y &* strideY &+ cell.z &* strideZ }
}
