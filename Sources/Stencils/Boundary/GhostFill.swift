/// Fills the ghost cells beyond the grid's sides of one field on one rank, row by row, right after a row is written:
/// first along x, then the ghost rows below and above in y, then those in z, so that edges and corners are filled too.
final class GhostFill<Scalar: Real> {
  /// One side's coefficients: two numbers, or two planes of numbers, one a face. Plain memory, so that threads that
  /// share it touch no reference count.
  private struct Plane {
    let side: Side
    var isPresent = false
    var isConstant = true
    // For ghost cells that take the value of the nearest cell, one factor a layer; none for others.
    var layers = 0
    let width: Int
    let height: Int
    let scale: UnsafeMutablePointer<Scalar>
    let offset: UnsafeMutablePointer<Scalar>

    init(side: Side, layout: Layout, rule: GhostRule?) {
      self.side = side
      isPresent = rule != nil
      if case .varying? = rule { isConstant = false }
      if case .nearest(let scales)? = rule {
        precondition(side.axis != .x && scales.count >= layout.ghost[side.axis.rawValue])
        layers = layout.ghost[side.axis.rawValue]
      }
      let free = [0, 1, 2].filter { $0 != side.axis.rawValue }
      width = isConstant ? max(1, layers) : layout.count[free[0]]
      height = isConstant ? 1 : layout.count[free[1]]
      scale = .allocate(capacity: width * height)
      offset = .allocate(capacity: width * height)
      var coefficients = (1.0, 0.0)
      if case .constant(let a, let b)? = rule { coefficients = (a, b) }
      scale.initialize(repeating: Scalar(coefficients.0), count: width * height)
      offset.initialize(repeating: Scalar(coefficients.1), count: width * height)
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
    func at(_ u: Int, _ v: Int) -> (Scalar, Scalar) {
      if isConstant { return (scale[0], offset[0]) }
      let index = min(max(u, 0), width - 1) + width * min(max(v, 0), height - 1)
      return (scale[index], offset[index])
    }
  }

  private let layout: Layout
  private let block: Box
  private let grid: Grid
  private let rules: [GhostRule?]
  private let planes: UnsafeMutablePointer<Plane>
  /// True where ghost cells depend on time otherwise than through the field.
  let variesInTime: Bool

  /// - Parameter sides: the sides of the grid that this rank's block touches and that do not wrap around.
  init(field: Field<Scalar>, sides: [Side], layout: Layout, block: Box, grid: Grid) {
    self.layout = layout
    self.block = block
    self.grid = grid
    let rules = Side.allCases.map { sides.contains($0) ? field.boundary[$0] ?? .mirror : nil }
    self.rules = rules
    planes = .allocate(capacity: 6)
    for side in Side.allCases {
      (planes + side.rawValue).initialize(to: Plane(side: side, layout: layout, rule: rules[side.rawValue]))
    }
    variesInTime = rules.contains { if case .varying(true, _)? = $0 { true } else { false } }
  }

  deinit {
    for side in 0..<6 { planes[side].free() }
    planes.deallocate()
  }

  /// Whether writing this row means filling ghost rows from it.
  @inline(__always)
  func touches(y: Int, z: Int) -> Bool {
    (y < layout.ghost.y && planes[2].isPresent) || (y >= layout.count.y - layout.ghost.y && planes[3].isPresent)
      || (z < layout.ghost.z && planes[4].isPresent) || (z >= layout.count.z - layout.ghost.z && planes[5].isPresent)
  }

  /// Computes the coefficients for a time.
  /// - Parameters:
  ///   - changingOnly: leaves those alone that do not depend on time.
  ///   - worker: which of `workers` threads this is; each does its part of every side.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func update(time: Double, changingOnly: Bool, worker: Int, workers: Int) {
    for side in 0..<6 {
      guard case .varying(let inTime, let rule)? = rules[side], inTime || !changingOnly else { continue }
      let plane = planes[side]
      let faces = plane.width * plane.height
      for index in (faces * worker / workers)..<(faces * (worker + 1) / workers) {
        let (u, v) = (index % plane.width, index / plane.width)
        let (scale, offset) = rule(face(plane.side, u, v, time, worker))
        plane.scale[index] = Scalar(scale)
        plane.offset[index] = Scalar(offset)
      }
    }
  }

  private func face(_ side: Side, _ u: Int, _ v: Int, _ time: Double, _ worker: Int) -> GhostRule.Face {
    let axis = side.axis
    let end = side.isHigh ? grid.cells[axis.rawValue] - 1 : 0
    let index: Triple
    switch axis {
    case .x: index = Triple(end, block.low.y + u, block.low.z + v)
    case .y: index = Triple(block.low.x + u, end, block.low.z + v)
    case .z: index = Triple(block.low.x + u, block.low.y + v, end)
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
  /// another thread's, or not computed yet. `base` points at cell (0, 0, 0).
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fill(_ base: UnsafeMutablePointer<Scalar>, y: Int, z: Int, low: Int, high: Int) {
    let (count, ghost) = (layout.count.x, layout.ghost.x)
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
      base, y, z, isLeftApart ? low : left.lowerBound, isRightApart ? high : right.upperBound)
    if isLeftApart { fillRows(base, y, z, left.lowerBound, left.upperBound) }
    if isRightApart { fillRows(base, y, z, right.lowerBound, right.upperBound) }
  }

  /// Fills the ghost rows that mirror cells `first ..< last` of a row, in y, and of the row and these in z.
  private func fillRows(_ base: UnsafeMutablePointer<Scalar>, _ y: Int, _ z: Int, _ first: Int, _ last: Int) {
    fillPlanes(base, y, z, first, last)
    for side in 2...3 where planes[side].isPresent {
      let count = layout.count.y
      // Layers of ghost rows are counted from the side, as rows are.
      let inside = side == 2 ? y : count - 1 - y
      for layer in planes[side].layersFilled(from: inside, ghost: layout.ghost.y) {
        let target = side == 2 ? -1 - layer : count + layer
        copy(planes[side], base, from: (y, z), to: (target, z), z, layer, first, last)
        fillPlanes(base, target, z, first, last)
      }
    }
  }

  /// Fills the ghost cells at the ends of rows that were streamed, from copies of their first and last vectors, one row
  /// behind the other. The lines beside a row hold nothing but ghost cells, as many as a vector or fewer: they are
  /// streamed whole, so that none is read before.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fillStreamed(
    _ base: UnsafeMutablePointer<Scalar>, _ rows: Range<Int>, _ z: Int, low: Int, high: Int,
    _ ends: UnsafeMutablePointer<Scalar>
  ) {
    let lanes = Scalar.Vector.count
    let isLeft = low == 0 && planes[0].isPresent
    let isRight = high == layout.count.x && planes[1].isPresent
    guard isLeft || isRight else { return }
    // A single vector is its row's first one.
    let last = high &- low > lanes ? lanes : 0
    var row = base + (rows.lowerBound &* layout.strideY &+ z &* layout.strideZ)
    var ends = ends
    for y in rows {
      if isLeft {
        let (a, b) = planes[0].at(y, z)
        (a * Scalar.Vector.load(ends).reversed + Scalar.Vector(b)).stream(row - lanes)
      }
      if isRight {
        let (a, b) = planes[1].at(y, z)
        (a * Scalar.Vector.load(ends + last).reversed + Scalar.Vector(b)).stream(row + high)
      }
      row += layout.strideY
      ends += RowEnds.stride(of: Scalar.self)
    }
  }

  private func fillPlanes(_ base: UnsafeMutablePointer<Scalar>, _ y: Int, _ z: Int, _ first: Int, _ last: Int) {
    for side in 4...5 where planes[side].isPresent {
      let count = layout.count.z
      let inside = side == 4 ? z : count - 1 - z
      for layer in planes[side].layersFilled(from: inside, ghost: layout.ghost.z) {
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
