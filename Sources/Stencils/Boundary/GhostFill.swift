/// Fills the ghost cells beyond the grid's sides of one field on one rank, row by row, right after a row is written:
/// first along x, then the ghost rows below and above in y, then those in z, so that edges and corners are filled too.
final class GhostFill<Scalar: Real> {
  /// One side's coefficients: two numbers, or two planes of numbers, one a face. Plain memory, so that threads that
  /// share it touch no reference count.
  private struct Plane {
    let side: Side
    var isPresent = false
    var isConstant = true
    // The faces along the two axes of the side's plane, those of redundantly computed cells included.
    let u: Range<Int>
    let v: Range<Int>
    // For ghost cells that take the value of the nearest cell, one factor a layer; none for others.
    var layers = 0
    let scale: UnsafeMutablePointer<Scalar>
    let offset: UnsafeMutablePointer<Scalar>

    /// - Parameter sides: the sides of the grid that the block touches: beyond others lie cells of other ranks.
    init(side: Side, layout: Layout, rule: GhostRule?, sides: [Side]) {
      self.side = side
      isPresent = rule != nil
      if case .varying? = rule { isConstant = false }
      let faces = [0, 1, 2].filter { $0 != side.axis.rawValue }.map { axis in
        let low = sides.contains(Side(Axis.allCases[axis], isHigh: false)) ? 0 : -layout.ghost[axis]
        let high = sides.contains(Side(Axis.allCases[axis], isHigh: true)) ? 0 : layout.ghost[axis]
        return low..<(layout.count[axis] + high)
      }
      if case .nearest(let scales)? = rule {
        require(
          side.axis != .x && scales.count >= layout.reach[side.axis.rawValue],
          "GhostRule.nearest is for sides across y and z, with a number for each of \(layout.reach[side.axis.rawValue]) layers"
        )
        layers = layout.reach[side.axis.rawValue]
      }
      (u, v) = isConstant ? (0..<max(1, layers), 0..<1) : (faces[0], faces[1])
      scale = .allocate(capacity: u.count * v.count)
      offset = .allocate(capacity: u.count * v.count)
      var coefficients = (1.0, 0.0)
      if case .constant(let a, let b)? = rule { coefficients = (a, b) }
      scale.initialize(repeating: Scalar(coefficients.0), count: u.count * v.count)
      offset.initialize(repeating: Scalar(coefficients.1), count: u.count * v.count)
      if case .nearest(let scales)? = rule {
        for layer in 0..<layers { scale[layer] = Scalar(scales[layer]) }
      }
    }

    func free() {
      scale.deallocate()
      offset.deallocate()
    }

    /// The layers of ghost cells that are filled from the own cells so far inside the side.
    @inline(__always)
    func layersFilled(from inside: Int, ghost: Int) -> Range<Int> {
      if layers > 0 { return inside == 0 ? 0..<layers : 0..<0 }
      return inside < ghost ? inside..<(inside + 1) : 0..<0
    }

    /// The coefficients of a face; ghost cells beside the side use those of the nearest face.
    @inline(__always)
    func at(_ i: Int, _ j: Int) -> (Scalar, Scalar) {
      if isConstant { return (scale[0], offset[0]) }
      let index = clamp(i, u) &+ u.count &* clamp(j, v)
      return (scale[index], offset[index])
    }

    @inline(__always)
    private func clamp(_ index: Int, _ range: Range<Int>) -> Int {
      min(max(index, range.lowerBound), range.upperBound &- 1) &- range.lowerBound
    }
  }

  private let layout: Layout
  private let block: Box
  private let grid: Grid
  private let periodic: [Bool]
  private let rules: [GhostRule?]
  // Six sides, and once more for each further set.
  private var planes: UnsafeMutablePointer<Plane>
  private var setCount = 1
  private let sides: [Side]
  /// True where ghost cells depend on time otherwise than through the field.
  let variesInTime: Bool

  /// - Parameter sides: the sides of the grid that this rank's block touches and that do not wrap around.
  init(field: Field<Scalar>, sides: [Side], layout: Layout, block: Box, grid: Grid, periodic: [Bool]) {
    self.layout = layout
    self.block = block
    self.grid = grid
    self.periodic = periodic
    self.sides = sides
    let rules = Side.allCases.map { sides.contains($0) ? field.boundary[$0] ?? .mirror : nil }
    self.rules = rules
    planes = .allocate(capacity: 6)
    for side in Side.allCases {
      (planes + side.rawValue).initialize(
        to: Plane(side: side, layout: layout, rule: rules[side.rawValue], sides: sides))
    }
    variesInTime = rules.contains { if case .varying(true, _)? = $0 { true } else { false } }
  }

  deinit {
    for set in 0..<setCount {
      for side in 0..<6 where set == 0 || variesInTime(side) { planes[6 * set + side].free() }
    }
    planes.deallocate()
  }

  private func variesInTime(_ side: Int) -> Bool {
    if case .varying(true, _)? = rules[side] { true } else { false }
  }

  /// Makes room for the coefficients of several times at once. Those that do not depend on time are in every set.
  func reserve(sets: Int) {
    guard variesInTime, sets > setCount else { return }
    let larger = UnsafeMutablePointer<Plane>.allocate(capacity: 6 * sets)
    larger.moveInitialize(from: planes, count: 6 * setCount)
    for index in (6 * setCount)..<(6 * sets) {
      let side = index % 6
      (larger + index).initialize(
        to: variesInTime(side)
          ? Plane(side: Side.allCases[side], layout: layout, rule: rules[side], sides: sides) : larger[side])
    }
    planes.deallocate()
    planes = larger
    setCount = sets
  }

  /// Whether writing this row means filling ghost rows from it.
  @inline(__always)
  func touches(y: Int, z: Int) -> Bool {
    (y < layout.reach.y && planes[2].isPresent) || (y >= layout.count.y - layout.reach.y && planes[3].isPresent)
      || (z < layout.reach.z && planes[4].isPresent) || (z >= layout.count.z - layout.reach.z && planes[5].isPresent)
  }

  /// Computes the coefficients for a time.
  /// - Parameters:
  ///   - changingOnly: leaves those alone that do not depend on time.
  ///   - set: where to keep them.
  ///   - worker: which of `workers` threads this is; each does its part of every side.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func update(time: Double, changingOnly: Bool, set: Int = 0, worker: Int, workers: Int) {
    for side in 0..<6 {
      guard case .varying(let inTime, let rule)? = rules[side], inTime || !changingOnly else { continue }
      let plane = planes[6 * set + side]
      let faces = plane.u.count * plane.v.count
      for index in (faces * worker / workers)..<(faces * (worker + 1) / workers) {
        let (v, u) = index.quotientAndRemainder(dividingBy: plane.u.count)
        let (scale, offset) = rule(
          face(plane.side, plane.u.lowerBound + u, plane.v.lowerBound + v, time, worker))
        plane.scale[index] = Scalar(scale)
        plane.offset[index] = Scalar(offset)
      }
    }
  }

  private func face(_ side: Side, _ u: Int, _ v: Int, _ time: Double, _ worker: Int) -> GhostRule.Face {
    let axis = side.axis
    let end = side.isHigh ? grid.cells[axis.rawValue] - 1 : 0
    var index: Triple
    switch axis {
    case .x: index = Triple(end, block.low.y + u, block.low.z + v)
    case .y: index = Triple(block.low.x + u, end, block.low.z + v)
    case .z: index = Triple(block.low.x + u, block.low.y + v, end)
    }
    for axis in 0..<grid.dimensions where periodic[axis] {
      index[axis] = (index[axis] + grid.cells[axis]) % grid.cells[axis]
    }
    let cell = grid.point(index, time: time, worker: worker)
    var center = cell
    let position = grid.face(side.isHigh ? grid.cells[axis.rawValue] : 0, along: axis)
    switch axis {
    case .x: center.x = position
    case .y: center.y = position
    case .z: center.z = position
    }
    return GhostRule.Face(center: center, cell: cell)
  }

  /// Fills the ghost cells that depend on cells `low ..< high` of row (y, z), and no others: the rest of the row may be
  /// another thread's, or not computed yet. `base` points at cell (0, 0, 0), `set` tells which coefficients to use.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fill(_ base: UnsafeMutablePointer<Scalar>, y: Int, z: Int, low: Int, high: Int, set: Int = 0) {
    let planes = planes + 6 &* set
    let (count, ghost) = (layout.count.x, layout.reach.x)
    let row = base + (y * layout.strideY + z * layout.strideZ)
    // The mirror images of those cells that are close to a side.
    var (left, right) = (low..<low, high..<high)
    if low < ghost, planes[0].isPresent {
      let (a, b) = planes[0].at(y, z)
      left = -min(high, ghost)..<(-low)
      for x in left { row[x] = a * row[-1 - x] + b }
    }
    if high > count - ghost, planes[1].isPresent {
      let (a, b) = planes[1].at(y, z)
      right = (2 * count - high)..<(2 * count - max(low, count - ghost))
      for x in right { row[x] = a * row[2 * count - 1 - x] + b }
    }
    guard touches(y: y, z: z) else { return }
    let isLeftApart = left.upperBound < low
    let isRightApart = right.lowerBound > high
    fillRows(
      planes, base, y, z, isLeftApart ? low : left.lowerBound, isRightApart ? high : right.upperBound)
    if isLeftApart { fillRows(planes, base, y, z, left.lowerBound, left.upperBound) }
    if isRightApart { fillRows(planes, base, y, z, right.lowerBound, right.upperBound) }
  }

  /// Fills what `fill` does for some rows of a plane. Most rows lie inside and need one cell at either end.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fill(_ base: UnsafeMutablePointer<Scalar>, rows: Range<Int>, z: Int, low: Int, high: Int, set: Int) {
    let sides = planes + 6 &* set
    let count = layout.count
    let isLeft = low <= 0 && sides[0].isPresent
    let isRight = high >= count.x && sides[1].isPresent
    guard layout.reach.x == 1, sides[0].isConstant, sides[1].isConstant, high > low,
      !touches(y: rows.lowerBound, z: z), !touches(y: rows.upperBound &- 1, z: z)
    else {
      for y in rows { fill(base, y: y, z: z, low: low, high: high, set: set) }
      return
    }
    var row = base + (rows.lowerBound &* layout.strideY &+ z &* layout.strideZ)
    let (left, right) = (sides[0].at(0, 0), sides[1].at(0, 0))
    for _ in rows {
      if isLeft { row[-1] = left.0 * row[0] + left.1 }
      if isRight { row[count.x] = right.0 * row[count.x &- 1] + right.1 }
      row += layout.strideY
    }
  }

  /// Fills the ghost rows that mirror cells `first ..< last` of a row, in y, and of the row and these in z.
  private func fillRows(
    _ planes: UnsafeMutablePointer<Plane>, _ base: UnsafeMutablePointer<Scalar>, _ y: Int, _ z: Int, _ first: Int,
    _ last: Int
  ) {
    fillPlanes(planes, base, y, z, first, last)
    for side in 2...3 where planes[side].isPresent {
      let count = layout.count.y
      // Layers of ghost rows are counted from the side, as rows are.
      let inside = side == 2 ? y : count - 1 - y
      for layer in planes[side].layersFilled(from: inside, ghost: layout.reach.y) {
        let target = side == 2 ? -1 - layer : count + layer
        copy(planes[side], base, from: (y, z), to: (target, z), z, layer, first, last)
        fillPlanes(planes, base, target, z, first, last)
      }
    }
  }

  /// Fills the ghost cells at the ends of rows that were streamed, from copies of their first and last vectors, one row
  /// behind the other. The lines beside a row hold nothing but ghost cells: they are streamed whole, so that none is read
  /// before. A line that two rows share is written with the second one, and at the ends of `range`, the rows that are
  /// streamed one after another, the one row's part is.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fillStreamed(
    _ base: UnsafeMutablePointer<Scalar>, _ rows: Range<Int>, of range: Range<Int>, _ z: Int, _ low: Int, _ high: Int,
    _ ends: UnsafeMutablePointer<Scalar>
  ) {
    let (lanes, stride) = (Scalar.Vector.count, RowEnds.stride(of: Scalar.self))
    let isLeft = low == 0 && planes[0].isPresent
    let isRight = high == layout.count.x && planes[1].isPresent
    guard isLeft || isRight else { return }
    // A single vector is its row's first one.
    let last = high &- low > lanes ? lanes : 0
    let isShared = layout.sharesLines
    var row = base + (rows.lowerBound &* layout.strideY &+ z &* layout.strideZ)
    var end = ends
    for y in rows {
      let (a, b) = planes[0].at(y, z)
      let before = a * Scalar.Vector.load(end).reversed + Scalar.Vector(b)
      if isShared, isLeft, isRight, y > range.lowerBound {
        let (a, b) = planes[1].at(y &- 1, z)
        let behind = a * Scalar.Vector.load(end + (last &- stride)).reversed + Scalar.Vector(b)
        behind.keepingFirst(lanes / 2, else: before).stream(row - lanes)
      } else if isLeft {
        if isShared {
          for x in 0..<layout.reach.x { row[-1 &- x] = before[lanes &- 1 &- x] }
        } else {
          before.stream(row - lanes)
        }
      }
      if isRight, !isShared || !isLeft || y == range.upperBound &- 1 {
        let (a, b) = planes[1].at(y, z)
        let behind = a * Scalar.Vector.load(end + last).reversed + Scalar.Vector(b)
        if isShared {
          for x in 0..<layout.reach.x { row[high &+ x] = behind[x] }
        } else {
          behind.stream(row + high)
        }
      }
      row += layout.strideY
      end += stride
    }
    Scalar.Vector.load(end + (last &- stride)).store(ends + (last &- stride))
  }

  private func fillPlanes(
    _ planes: UnsafeMutablePointer<Plane>, _ base: UnsafeMutablePointer<Scalar>, _ y: Int, _ z: Int, _ first: Int,
    _ last: Int
  ) {
    for side in 4...5 where planes[side].isPresent {
      let count = layout.count.z
      let inside = side == 4 ? z : count - 1 - z
      for layer in planes[side].layersFilled(from: inside, ghost: layout.reach.z) {
        copy(planes[side], base, from: (y, z), to: (y, side == 4 ? -1 - layer : count + layer), y, layer, first, last)
      }
    }
  }

  /// Writes the ghost row at `to`, in a layer of ghost cells, from the row at `from`; `v` is the row's second index on the
  /// side's plane.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func copy(
    _ plane: Plane, _ base: UnsafeMutablePointer<Scalar>, from: (y: Int, z: Int), to: (y: Int, z: Int), _ v: Int,
    _ layer: Int, _ first: Int, _ last: Int
  ) {
    let source = base + (from.y * layout.strideY + from.z * layout.strideZ)
    let target = base + (to.y * layout.strideY + to.z * layout.strideZ)
    if plane.isConstant {
      let index = plane.layers > 0 ? layer : 0
      let (a, b) = (plane.scale[index], plane.offset[index])
      for x in first..<last { target[x] = a * source[x] + b }
    } else {
      for x in first..<last {
        let (a, b) = plane.at(x, v)
        target[x] = a * source[x] + b
      }
    }
  }
}

extension Grid {
  /// The centre of a cell given by global indices.
  func point(_ index: Triple, time: Double, worker: Int) -> Point {
    Point(
      x: center(index.x, along: .x), y: center(index.y, along: .y), z: center(index.z, along: .z), t: time,
      worker: worker)
  }
}
