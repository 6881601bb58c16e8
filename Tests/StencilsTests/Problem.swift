// A problem that exists only here, made to use all that the engine offers at once: three fields, box-shaped stencils of
// reach 1 and 2 that read corners, three sweeps and a swap in a step, coefficients that change in time, and sides of
// every kind.

import MPI
import Stencils
import TestWorld
import Threads

/// A stencil over all cells of a box: offsets and weights.
struct BoxStencil<Scalar: Real> {
  let terms: [(offset: Triple, weight: Scalar)]

  init(reach: Int, dimensions: Int, seed: UInt64) {
    var noise = Noise(seed)
    let range = { (axis: Int) in axis < dimensions ? -reach...reach : 0...0 }
    var found: [(offset: Triple, weight: Scalar)] = []
    let count = Double(range(0).count * range(1).count * range(2).count)
    for z in range(2) {
      for y in range(1) {
        for x in range(0) {
          found.append((Triple(x, y, z), Scalar(Double.random(in: -1...1, using: &noise) / count)))
        }
      }
    }
    terms = found
  }
}

/// What holds on the sides.
enum Sides: CaseIterable {
  case mixed, periodicAlongX, periodic, varying, periodicAlongY

  func periodic(dimensions: Int) -> [Bool] {
    let axes: [Bool]
    switch self {
    case .mixed: axes = [false, false, true]
    case .periodicAlongX: axes = [true, false, false]
    case .periodic: axes = [true, true, true]
    case .varying: axes = [false, false, false]
    case .periodicAlongY: axes = [false, true, false]
    }
    return (0..<3).map { $0 < dimensions && axes[$0] }
  }

  /// The rules of the field with a number, different for each field.
  func rules(_ field: Int) -> [Side: GhostRule] {
    let own = Double(field)
    let fixed = GhostRule.constant(scale: -1, offset: 0.6 + own)
    let inSpace = GhostRule.varying(inTime: false) { face in
      (scale: 0.5 - 0.1 * own, offset: 0.3 * face.center.x - 0.2 * face.cell.y + 0.1 * face.center.z)
    }
    let inTime = GhostRule.varying(inTime: true) { face in
      (
        scale: 0.25 + 0.1 * own + 0.5 * face.cell.z,
        offset: face.center.t * (0.3 + face.center.y) - 0.2 * face.cell.x * face.cell.t + own
      )
    }
    switch self {
    case .mixed: return [.xLow: fixed, .yLow: inTime, .yHigh: inSpace]
    case .periodicAlongX: return [.yLow: .mirror, .yHigh: fixed, .zLow: inTime, .zHigh: inSpace]
    case .periodic: return [:]
    case .varying:
      return [.xLow: inTime, .xHigh: inTime, .yLow: inTime, .yHigh: inSpace, .zLow: inSpace, .zHigh: inTime]
    case .periodicAlongY: return [.xLow: inSpace, .xHigh: inTime, .zLow: fixed]
    }
  }
}

struct Problem<Scalar: Real> {
  let grid: Grid
  let sides: Sides
  let box1: BoxStencil<Scalar>
  let box2: BoxStencil<Scalar>
  let dt = 0.125

  init(cells: [Int], sides: Sides) {
    grid = Grid(
      cells: cells, extent: cells.map { 0.1 * Double($0) }, origin: cells.indices.map { 0.7 - Double($0) })
    self.sides = sides
    box1 = BoxStencil(reach: 1, dimensions: cells.count, seed: 3)
    box2 = BoxStencil(reach: 2, dimensions: cells.count, seed: 5)
  }

  var periodic: [Bool] { sides.periodic(dimensions: grid.dimensions) }

  /// The initial value of the field with a number, from 0: three unknowns and a coefficient.
  static func initial(_ field: Int, _ p: Point) -> Double {
    let a = p.x * (1.3 + Double(field)) + p.y * p.y - 0.7 * p.z
    return a - a.rounded() + 0.1 * Double(field)
  }

  /// A coefficient on faces that changes in time.
  static func onFace(_ below: Point, _ above: Point) -> Double {
    0.3 * below.x - 0.2 * above.x * above.t + 0.1 * below.y + 0.05 * above.z + below.t
  }

  var faceAxis: Axis { Axis.allCases[grid.dimensions - 1] }
  static var faceFraction: Double { 0.25 }
  static var completions: [Double] { [0.5, 1, 1] }
}

/// The problem on the engine.
struct Engine<Scalar: Real> {
  let domain: Domain<Scalar>
  let u, v, w: Field<Scalar>
  let program: Program<Scalar>

  init(
    _ problem: Problem<Scalar>, decomposition: Decomposition, communicator: Communicator, team: ThreadTeam,
    cacheBytes: Int, depth: Int = 1, way: HaloWay? = nil
  ) throws {
    let domain = Domain<Scalar>(
      grid: problem.grid, periodic: problem.periodic, reach: 2, depth: depth, reachPerStep: Self.reachPerStep,
      decomposition: decomposition, communicator: communicator, team: team, cacheBytes: cacheBytes)
    domain.haloWay = way
    let fields = ["u", "v", "w", "c"].enumerated().map { index, name in
      domain.field(name, unit: "1", boundary: problem.sides.rules(index))
    }
    let face = domain.field("face", unit: "1")
    for (index, field) in fields.enumerated() {
      domain.fill(field, with: .cells { Problem<Scalar>.initial(index, $0) })
      domain.fillBoundary(of: field, at: 0)
    }
    (u, v, w) = (fields[0], fields[1], fields[2])
    self.domain = domain
    program = try Program(
      Self.step(problem, u: u, v: v, w: w, constant: fields[3], face: face), on: domain)
  }

  /// The sum of the sweeps' reaches.
  private static var reachPerStep: Int { 5 }

  private static func step(
    _ problem: Problem<Scalar>, u: Field<Scalar>, v: Field<Scalar>, w: Field<Scalar>, constant: Field<Scalar>,
    face: Field<Scalar>
  ) -> Step<Scalar> {
    let (box1, box2) = (problem.box1.terms, problem.box2.terms)
    let completions = Problem<Scalar>.completions
    var step = Step<Scalar>()
    step.evaluate(
      .faces(problem.faceAxis, Problem<Scalar>.onFace), into: face, fraction: Problem<Scalar>.faceFraction)
    step.append(
      Sweep("gather", reading: [u: 2, v: 0, constant: 1], writing: [w], completion: completions[0]) { row in
        let (u, v, c, w) = (row[u], row[v], row[constant], row[w])
        for i in row {
          var sum = Scalar(row.dt) * v[i]
          for (o, weight) in box2 { sum = sum.addingProduct(Scalar.Vector(weight), u[i, o.x, o.y, o.z]) }
          for (o, weight) in box1 { sum = sum + weight * c[i, o.x, o.y, o.z] }
          w[i] = sum
        }
      })
    step.append(
      Sweep("couple", reading: [w: 1, u: 1, face: 1, v: 0], writing: [v], completion: completions[1]) { row in
        let (u, v, w, face) = (row[u], row[v], row[w], row[face])
        for i in row {
          var sum = Scalar(row.time) * v[i]
          for (o, weight) in box1 {
            sum = sum.addingProduct(Scalar.Vector(weight), w[i, o.x, o.y, o.z])
            sum = sum - weight * (face[i, o.x, o.y, o.z] * u[i, o.x, o.y, o.z])
          }
          v[i] = sum
        }
      })
    step.append(
      Sweep("update", reading: [v: 2, u: 1, w: 0], writing: [w], completion: completions[2]) { row in
        let (u, v, w) = (row[u], row[v], row[w])
        for i in row {
          var sum = w[i]
          for (o, weight) in box2 { sum = sum.addingProduct(Scalar.Vector(weight), v[i, o.x, o.y, o.z]) }
          for (o, weight) in box1 { sum = sum.addingProduct(Scalar.Vector(weight), u[i, o.x, o.y, o.z]) }
          w[i] = sum / (Scalar.Vector(1) + v[i].magnitude)
        }
      })
    step.swap(u, w)
    return step
  }
}
