// Sound of small amplitude in a medium whose speed of sound c varies, with a sponge of strength σ that absorbs it:
//
//   ∂p/∂t = q
//   ∂q/∂t = c² ∇²p - σ q
//
// Second order in space, and in time by the scheme of Störmer and Verlet: p goes half a step on, q a whole one with the
// forces there, p the other half. The two levels in time that a wave needs are p and its rate q at the same time, so that
// a run starts from both and steps may change their length. Stable while c dt √λ <= 2, with λ the largest eigenvalue of
// -∇². Where σ = 0 the scheme is reversible in time and conserves an energy.

import Stencils

final class Wave<Scalar: Real>: Solver {
  static var name: String { "wave" }
  static var schema: Schema {
    Schema(
      [
        ParameterKey("speed", .quantity(time: false), unit: "m/s", range: .positive, help: "c"),
        ParameterKey("pressure", .quantity(time: false), unit: "Pa", help: "p at time 0, the difference to the rest's"),
        ParameterKey("rate", .quantity(time: false), unit: "Pa/s", .default(0), help: "q at time 0"),
      ],
      boundaries: [
        BoundaryKind("hard", help: "a rigid wall: ∂p/∂n = 0, the wave comes back"),
        BoundaryKind("soft", help: "p = 0: the wave comes back with the other sign"),
        BoundaryKind(
          "sponge",
          [
            ParameterKey("width", .number, unit: "m", range: .positive, help: "of the layer along the side"),
            ParameterKey("strength", .number, unit: "1/s", range: .positive, help: "σ at the side; it falls inwards"),
          ], help: "the wave is absorbed"),
      ], defaultBoundary: "hard")
  }

  let prognostic: [Field<Scalar>]
  let recorded: [Field<Scalar>]
  private(set) var step = Step<Scalar>()
  private let limit: Double

  init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    var rules: [Side: GhostRule] = [:]
    for side in domain.openSides where boundary[side]?.kind == "soft" { rules[side] = .value(0) }
    let p = domain.field("pressure", unit: "Pa", boundary: rules)
    let q = domain.field("rate", unit: "Pa s-1", boundary: rules)
    let c = domain.field("speed", unit: "m s-1")
    let sigma = domain.field("absorption", unit: "s-1")
    try domain.fill(p, with: parameters.quantity("pressure"))
    try domain.fill(q, with: parameters.quantity("rate"))
    try domain.fill(c, with: parameters.quantity("speed"))
    let sponge = Sponge(boundary, on: domain.grid)
    domain.fill(sigma, with: .cells { sponge.strength(at: $0) })
    let laplacian = Laplacian<Scalar>(on: domain.grid)
    prognostic = [p, q]
    recorded = [p, c]
    limit = try 2 / (domain.extrema(of: c).maximum * laplacian.largestEigenvalue.squareRoot())

    step.advance([p, q], reading: [c: 0, sigma: 0]) { row in
      let (p, q, nextP, nextQ, c, sigma) = (row[p], row[q], row[next: p], row[next: q], row[c], row[sigma])
      let dt = Scalar(row.dt)
      for i in row {
        let force = c[i] * c[i] * (laplacian(p, i) + 0.5 * dt * laplacian(q, i))
        let loss = 0.5 * dt * sigma[i]
        let rate = ((1 - loss) * q[i] + dt * force) / (1 + loss)
        nextQ[i] = rate
        nextP[i] = p[i] + 0.5 * dt * (q[i] + rate)
      }
    }
  }

  func stableTimeStep(at time: Double) -> Double { limit }
}

/// Layers along sides in which waves are absorbed: σ rises as the square of the way into them, so that little is thrown
/// back.
struct Sponge: Sendable {
  private var layers: [(side: Side, end: Double, width: Double, strength: Double)] = []

  init(_ boundary: Boundary, on grid: Grid) {
    for side in Side.all(dimensions: grid.dimensions) {
      guard let condition = boundary[side], condition.kind == "sponge" else { continue }
      let axis = side.axis.rawValue
      let end = grid.origin[axis] + (side.isHigh ? grid.extent[axis] : 0)
      layers.append((side, end, condition.parameters.number("width"), condition.parameters.number("strength")))
    }
  }

  func strength(at p: Point) -> Double {
    var sum = 0.0
    for layer in layers {
      let depth = 1 - abs([p.x, p.y, p.z][layer.side.axis.rawValue] - layer.end) / layer.width
      if depth > 0 { sum += layer.strength * depth * depth }
    }
    return sum
  }
}
