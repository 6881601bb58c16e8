// The problem again, in the plainest way: one process, one thread, one array a field, one loop over cells, no vectors.

import Stencils

/// A field over the whole grid with two ghost cells around.
struct ReferenceField<Scalar: Real> {
  private static var ghost: Int { 2 }
  private let grid: Grid
  private let periodic: [Bool]
  private let strides: Triple
  private let origin: Int
  private let padded: Box
  private(set) var values: [Scalar]

  init(grid: Grid, periodic: [Bool]) {
    self.grid = grid
    self.periodic = periodic
    var ghost = Triple.zero
    for axis in grid.axes { ghost[axis.rawValue] = Self.ghost }
    padded = Box(low: .zero &- ghost, high: grid.cells &+ ghost)
    strides = Triple(1, padded.count.x, padded.count.x * padded.count.y)
    origin = (ghost &* strides).wrappedSum()
    values = Array(repeating: 0, count: padded.volume)
  }

  subscript(_ cell: Triple) -> Scalar {
    get { values[origin + (cell &* strides).wrappedSum()] }
    set { values[origin + (cell &* strides).wrappedSum()] = newValue }
  }

  mutating func setEach(_ value: (Triple) -> Scalar) {
    forEach(Box(low: .zero, high: grid.cells)) { self[$0] = value($0) }
  }

  /// Fills all ghost cells by the rules, z after y after x, and then around where the grid wraps.
  mutating func fillGhosts(_ rules: [Side: GhostRule], time: Double) {
    forEach(padded) { cell in self[cell] = ghost(cell, rules, time) }
  }

  private func ghost(_ cell: Triple, _ rules: [Side: GhostRule], _ time: Double) -> Scalar {
    var cell = cell
    for axis in 0..<3 where periodic[axis] {
      cell[axis] = (cell[axis] + grid.cells[axis]) % grid.cells[axis]
    }
    for axis in [2, 1, 0] {
      let count = grid.cells[axis]
      guard cell[axis] < 0 || cell[axis] >= count else { continue }
      let isHigh = cell[axis] >= count
      var mirrored = cell
      mirrored[axis] = isHigh ? 2 * count - 1 - cell[axis] : -1 - cell[axis]
      var behind = cell.clamped(lowerBound: .zero, upperBound: grid.cells &- 1)
      behind[axis] = isHigh ? count - 1 : 0
      if case .nearest(let scales)? = rules[Side(Axis.allCases[axis], isHigh: isHigh)] {
        var nearest = cell
        nearest[axis] = behind[axis]
        return Scalar(scales[isHigh ? cell[axis] - count : -1 - cell[axis]]) * ghost(nearest, rules, time)
      }
      let (scale, offset) = coefficients(rules, Side(Axis.allCases[axis], isHigh: isHigh), behind, time)
      return scale * ghost(mirrored, rules, time) + offset
    }
    return self[cell]
  }

  private func coefficients(_ rules: [Side: GhostRule], _ side: Side, _ cell: Triple, _ time: Double) -> (
    Scalar, Scalar
  ) {
    switch rules[side] ?? .mirror {
    case .constant(let scale, let offset): return (Scalar(scale), Scalar(offset))
    case .varying(let inTime, let rule):
      let inside = grid.point(of: cell, time: inTime ? time : 0)
      var center = inside
      let position = grid.face(side.isHigh ? grid.cells[side.axis.rawValue] : 0, along: side.axis)
      switch side.axis {
      case .x: center.x = position
      case .y: center.y = position
      case .z: center.z = position
      }
      let (scale, offset) = rule(GhostRule.Face(center: center, cell: inside))
      return (Scalar(scale), Scalar(offset))
    case .nearest: preconditionFailure("each layer of ghost cells has a factor of its own")
    }
  }

  /// Sets ghost cells to what a function has there: at the nearest cell inside, or around where the grid wraps.
  mutating func setFaces(along axis: Axis, time: Double, _ value: (Point, Point) -> Double) {
    forEach(padded) { cell in
      var below = cell
      below[axis.rawValue] -= 1
      self[cell] = Scalar(
        value(grid.point(of: owner(below), time: time), grid.point(of: owner(cell), time: time)))
    }
  }

  private func owner(_ cell: Triple) -> Triple {
    var cell = cell
    for axis in 0..<3 {
      let count = grid.cells[axis]
      cell[axis] = periodic[axis] ? (cell[axis] + count) % count : min(max(cell[axis], 0), count - 1)
    }
    return cell
  }
}

extension Grid {
  func point(of cell: Triple, time: Double) -> Point {
    Point(x: center(cell.x, along: .x), y: center(cell.y, along: .y), z: center(cell.z, along: .z), t: time)
  }
}

extension ReferenceField {
  /// 64 bits of a list of fields: a word a cell and field, mixed twice (SplitMix64), added up.
  static func fingerprint(of fields: [ReferenceField], grid: Grid) -> UInt64 {
    func mixed(_ word: UInt64) -> UInt64 {
      var z = word
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    var sum: UInt64 = 0
    for (order, field) in fields.enumerated() {
      var index: UInt64 = 0
      forEach(Box(low: .zero, high: grid.cells)) { cell in
        sum &+= mixed(mixed(index &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(order)) ^ field[cell].pattern)
        index += 1
      }
    }
    return sum
  }
}

/// The three fields after each step.
struct Reference<Scalar: Real> {
  private let problem: Problem<Scalar>
  private(set) var u, v, w: ReferenceField<Scalar>
  private let constant: ReferenceField<Scalar>
  private var face: ReferenceField<Scalar>
  // Which field's rules filled the ghost cells stays with the name, the contents are swapped.
  private var step = 0

  init(_ problem: Problem<Scalar>) {
    self.problem = problem
    let fields = (0..<4).map { index in
      var field = ReferenceField<Scalar>(grid: problem.grid, periodic: problem.periodic)
      field.setEach { Scalar(Problem<Scalar>.initial(index, problem.grid.point(of: $0, time: 0))) }
      field.fillGhosts(problem.sides.rules(index), time: 0)
      return field
    }
    (u, v, w, constant) = (fields[0], fields[1], fields[2], fields[3])
    face = ReferenceField(grid: problem.grid, periodic: problem.periodic)
  }

  var fields: [ReferenceField<Scalar>] { [u, v, w] }
  var fingerprint: UInt64 { ReferenceField.fingerprint(of: fields, grid: problem.grid) }

  mutating func advance() {
    let (dt, time) = (problem.dt, Double(step) * problem.dt)
    let (box1, box2) = (problem.box1.terms, problem.box2.terms)
    let rules = (0..<3).map { problem.sides.rules($0) }
    let times = Problem<Scalar>.completions.map { time + $0 * dt }
    face.setFaces(along: problem.faceAxis, time: time + Problem<Scalar>.faceFraction * dt, Problem<Scalar>.onFace)

    var next = w
    next.setEach { cell in
      var sum = Scalar(dt) * v[cell]
      for (offset, weight) in box2 { sum.addProduct(weight, u[cell &+ offset]) }
      for (offset, weight) in box1 { sum = sum + weight * constant[cell &+ offset] }
      return sum
    }
    next.fillGhosts(rules[2], time: times[0])
    w = next

    next = v
    next.setEach { cell in
      var sum = Scalar(time) * v[cell]
      for (offset, weight) in box1 {
        sum.addProduct(weight, w[cell &+ offset])
        sum = sum - weight * (face[cell &+ offset] * u[cell &+ offset])
      }
      return sum
    }
    next.fillGhosts(rules[1], time: times[1])
    v = next

    next = w
    next.setEach { cell in
      var sum = w[cell]
      for (offset, weight) in box2 { sum.addProduct(weight, v[cell &+ offset]) }
      for (offset, weight) in box1 { sum.addProduct(weight, u[cell &+ offset]) }
      return sum / (1 + v[cell].magnitude)
    }
    next.fillGhosts(rules[2], time: times[2])
    w = next
    swap(&u, &w)
    step += 1
  }
}
