// Tracers carried by a given wind w: ∂c/∂t + ∇·(w c) = 0.
//
// Finite volumes: what leaves a cell through a face enters the next one, so that the amount of each tracer is conserved
// to rounding. The value at a face is taken from the side that the wind comes from:
//
//   upwind   c of that cell, and forward Euler: first order.
//   third    (2 c[+1] + 5 c[0] - c[-1]) / 6 with c[0] that cell's, c[+1] behind the face, and the three stages of C.-W. Shu
//            and S. Osher, J. Comput. Phys. 77 (1988) 439: third order in space and time where the wind is uniform.
//
// Both are stable while dt Σ |w| / h <= 1 over the axes.

import Stencils

final class Advection<Scalar: Real>: Solver {
  static var name: String { "advection" }
  static var reach: Int { 2 }
  static var schema: Schema {
    Schema(
      [
        ParameterKey("scheme", .word(["upwind", "third"]), .default("third"), help: "of first or of third order"),
        ParameterKey("wind.x", .quantity(time: false), unit: "m/s", .default(0), help: "the wind along x"),
        ParameterKey("wind.y", .quantity(time: false), unit: "m/s", .default(0), help: "along y"),
        ParameterKey("wind.z", .quantity(time: false), unit: "m/s", .default(0), help: "along z"),
        ParameterKey(
          "tracer",
          .list([
            ParameterKey("name", .text, help: "of its field"),
            ParameterKey("initial", .quantity(time: false), unit: "kg/m³", help: "c at time 0"),
          ]), help: "what is carried"),
      ],
      boundaries: [
        .closed,
        BoundaryKind(
          "inflow", [ParameterKey("value", .quantity(time: true), unit: "kg/m³", help: "c outside, of all tracers")],
          help: "where wind comes in, it brings this"),
      ], defaultBoundary: "periodic")
  }

  let prognostic: [Field<Scalar>]
  private(set) var step = Step<Scalar>()
  private let domain: Domain<Scalar>
  private let limit: Double

  init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    let axes = domain.grid.axes
    var rules: [Side: GhostRule] = [:]
    for side in domain.openSides {
      guard let condition = boundary[side], condition.kind == "inflow" else { continue }
      rules[side] = .value(condition.parameters.quantity("value"))
    }
    let tables = parameters.tables("tracer")
    let tracers = tables.map { domain.field($0.text("name"), unit: "kg m-3", boundary: rules) }
    for (table, tracer) in zip(tables, tracers) { try domain.fill(tracer, with: table.quantity("initial")) }

    // The wind through every cell's lower face, over the cell's width.
    var rate = 0.0
    let wind = try axes.map { axis in
      let (field, width) = (domain.field("wind.\(axis)", unit: "s-1"), domain.grid.spacing[axis.rawValue])
      let speed = parameters.quantity("wind.\(axis)")
      domain.fill(field, with: .faceCenters(axis) { speed($0) / width })
      let range = try domain.extrema(of: field)
      rate += max(range.maximum, -range.minimum)
      return field
    }
    (prognostic, self.domain, limit) = (tracers, domain, 1 / rate)

    let windReach = Dictionary(uniqueKeysWithValues: wind.map { ($0, 1) })
    if parameters.word("scheme") == "upwind" {
      step.advance(tracers, reading: windReach) { row in
        let (dt, outflow) = (Scalar(row.dt), Outflow(wind, row))
        for tracer in tracers {
          let (c, next) = (row[tracer], row[next: tracer])
          for i in row { next[i] = c[i] - dt * outflow(c, i, Upwind.self) }
        }
      }
      return
    }
    // Three steps of forward Euler, each mixed with the state at the start: c1, then 3/4 c + 1/4 c2, then 1/3 c + 2/3 c3.
    let stages = (1...2).map { stage in
      tables.map { domain.field("stage \(stage) \($0.text("name"))", unit: "kg m-3", boundary: rules) }
    }
    let parts: [(from: [Field<Scalar>], to: [Field<Scalar>], old: Scalar, time: Double)] = [
      (tracers, stages[0], 0, 1), (stages[0], stages[1], 3 / 4, 0.5), (stages[1], tracers, 1 / 3, 1),
    ]
    for (index, part) in parts.enumerated() {
      var reads = windReach
      for field in tracers { reads[field] = 0 }
      for field in part.from { reads[field] = 2 }
      step.append(
        Sweep("stage \(index + 1)", reading: reads, writing: part.to, completion: part.time) { row in
          let (dt, outflow) = (Scalar(row.dt), Outflow(wind, row))
          for index in tracers.indices {
            let (start, c, next) = (row[tracers[index]], row[part.from[index]], row[part.to[index]])
            for i in row {
              let moved = c[i] - dt * outflow(c, i, Third.self)
              next[i] = part.old * start[i] + (1 - part.old) * moved
            }
          }
        })
    }
  }

  func stableTimeStep(at time: Double) -> Double { limit }

  func diagnostics(at time: Double) throws -> [Diagnostic] {
    try prognostic.map {
      Diagnostic(
        "total_\($0.name)", "amount of \($0.name)", unit: "kg", try domain.sum(of: $0) * domain.grid.cellVolume)
    }
  }
}

/// What flows out of cells in unit time, over their volume: through the upper faces less through the lower ones.
struct Outflow<Scalar: Real> {
  private let dimensions: Int
  private let x, y, z: Stencil<Scalar>

  init(_ wind: [Field<Scalar>], _ row: Row<Scalar>) {
    dimensions = wind.count
    (x, y, z) = (row[wind[0]], row[wind[min(1, dimensions - 1)]], row[wind[dimensions - 1]])
  }

  @inline(__always)
  func callAsFunction<Value: FaceValue>(_ c: Stencil<Scalar>, _ i: Cell<Scalar>, _: Value.Type) -> Scalar.Vector {
    func flux(_ w: Stencil<Scalar>, _ axis: Axis, _ face: Int) -> Scalar.Vector {
      let (speed, c) = (w[i, axis, face], Value.at(face, c, i, axis))
      return .maximum(speed, 0) * c.below + .minimum(speed, 0) * c.above
    }
    var sum = flux(x, .x, 1) - flux(x, .x, 0)
    if dimensions > 1 { sum += flux(y, .y, 1) - flux(y, .y, 0) }
    if dimensions > 2 { sum += flux(z, .z, 1) - flux(z, .z, 0) }
    return sum
  }
}

/// The value at the faces `face` cells above the lower faces of `i`, as wind from below and wind from above bring it.
protocol FaceValue {
  static func at<Scalar: Real>(
    _ face: Int, _ c: Stencil<Scalar>, _ i: Cell<Scalar>, _ axis: Axis
  ) -> (below: Scalar.Vector, above: Scalar.Vector)
}

enum Upwind: FaceValue {
  static func at<Scalar: Real>(
    _ face: Int, _ c: Stencil<Scalar>, _ i: Cell<Scalar>, _ axis: Axis
  ) -> (below: Scalar.Vector, above: Scalar.Vector) { (c[i, axis, face - 1], c[i, axis, face]) }
}

enum Third: FaceValue {
  static func at<Scalar: Real>(
    _ face: Int, _ c: Stencil<Scalar>, _ i: Cell<Scalar>, _ axis: Axis
  ) -> (below: Scalar.Vector, above: Scalar.Vector) {
    let (a, b, d, e) = (c[i, axis, face - 2], c[i, axis, face - 1], c[i, axis, face], c[i, axis, face + 1])
    let sixth = Scalar.Vector(1.0 / 6)
    return (sixth * (2 * d + 5 * b - a), sixth * (2 * b + 5 * d - e))
  }
}
