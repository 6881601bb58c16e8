// One step of shallow water, as a list of sweeps: for each Runge-Kutta stage one that reads a state two cells around and
// writes q' = s + dt L(s), or a combination of that with the step's first state.
//
// A row of cells is computed line by line. Depth, surface and velocity of a line are computed once, into scratch rows
// that go round as the lines advance; so are the limited slopes, and the fluxes, of which those at the upper side of a
// line are those at the lower side of the next.

import Stencils

struct WaterStep<Scalar: Real> {
  let domain: Domain<Scalar>
  let physics: WaterPhysics
  let state: WaterFields<Scalar>
  let middle: WaterFields<Scalar>
  let old: WaterFields<Scalar>
  let bottom: Field<Scalar>
  let watch: Watch<Scalar>
  let next: Watch<Scalar>
  let coriolis: Profile<Scalar>?
  let roughness: Field<Scalar>?
  let rain: Field<Scalar>?
  let rainQuantity: Quantity
  let rows: WaterRows<Scalar>

  init(
    domain: Domain<Scalar>, physics: WaterPhysics, _ parameters: Parameters, state: WaterFields<Scalar>,
    old: WaterFields<Scalar>, bottom: Field<Scalar>, rules: WaterRules, tracers: [String], watch: Watch<Scalar>,
    next: Watch<Scalar>
  ) throws {
    self.domain = domain
    self.physics = physics
    self.state = state
    self.old = old
    self.bottom = bottom
    self.watch = watch
    self.next = next
    middle = WaterFields("middle ", tracers, rules, on: domain)
    coriolis =
      physics.rotates
      ? domain.profile(along: .y) {
        physics.coriolis + physics.beta * ((domain.grid.dimensions > 1 ? $0 : physics.coriolisY) - physics.coriolisY)
      } : nil
    func field(_ key: String, _ unit: String) throws -> Field<Scalar>? {
      let quantity = parameters.quantity(key)
      guard quantity.constant != 0 else { return nil }
      let field: Field<Scalar> = domain.field(key, unit: unit)
      try domain.fill(field, with: quantity)
      return field
    }
    roughness = try field("manning", "s m-1/3")
    rain = try field("rain", "m s-1")
    rainQuantity = parameters.quantity("rain")
    rows = WaterRows(scratch: domain.scratch(rows: WaterRows<Scalar>.count(tracers.count)), tracers: tracers.count)
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func step() -> Step<Scalar> {
    var step = Step<Scalar>()
    if physics.stages == 2 {
      stage(&step, "first stage", from: state, to: middle, start: 0, completion: 1, keeping: 0)
      stage(&step, "second stage", from: middle, to: old, start: 1, completion: 1, keeping: 0.5, isLast: true)
      swap(&step, state, old)
    } else {
      stage(&step, "first stage", from: state, to: middle, start: 0, completion: 1, keeping: 0)
      stage(&step, "second stage", from: middle, to: old, start: 1, completion: 0.5, keeping: 0.75)
      stage(&step, "third stage", from: old, to: middle, start: 0.5, completion: 1, keeping: 1.0 / 3, isLast: true)
      swap(&step, state, middle)
      swap(&step, middle, old)
    }
    return step
  }

  private func swap(_ step: inout Step<Scalar>, _ a: WaterFields<Scalar>, _ b: WaterFields<Scalar>) {
    for (a, b) in zip(a.all, b.all) { step.swap(a, b) }
  }

  /// Appends `output = (1 - keeping) (input + dt L(input)) + keeping * state`.
  private func stage(
    _ step: inout Step<Scalar>, _ name: String, from input: WaterFields<Scalar>, to output: WaterFields<Scalar>,
    start: Double, completion: Double, keeping: Double, isLast: Bool = false
  ) {
    if let rain, rainQuantity.variesInTime {
      step.evaluate(.quantity(rainQuantity), into: rain, fraction: start)
    }
    var reading: [Field<Scalar>: Int] = [bottom: 2]
    for field in state.all { reading[field] = 0 }
    for field in input.all { reading[field] = 2 }
    if let roughness { reading[roughness] = 0 }
    if let rain { reading[rain] = 0 }
    let kernel = WaterKernel(
      physics: physics, spacing: domain.grid.spacing, bottom: bottom, input: input, state: state, output: output,
      rows: rows, watch: watch, next: next, law: WaterSignals.Law(physics, domain.grid), coriolis: coriolis,
      roughness: roughness, rain: rain, keeping: keeping, isFirst: keeping == 0, isLast: isLast)
    if domain.grid.dimensions == 1 {
      step.append(
        Sweep(name, reading: reading, writing: output.all, completion: completion) { row in kernel.run(row, false) })
    } else {
      step.append(
        Sweep(name, reading: reading, writing: output.all, completion: completion) { row in kernel.run(row, true) })
    }
  }
}

/// Which scratch row holds what.
struct WaterRows<Scalar: Real> {
  let scratch: Scratch<Scalar>
  let tracers: Int

  // Of each of four lines: depth, surface, two velocities, tracers. Of each of three (along x, and along y of two lines)
  // the slopes of these. Of x faces and of two lines' y faces: four numbers, the speed, tracers.
  private var values: Int { 4 + tracers }
  private var fluxes: Int { 5 + tracers }
  static func count(_ tracers: Int) -> Int { 7 * (4 + tracers) + 3 * (5 + tracers) }

  // Rows go round with a line's place in the block, so that they serve the next row's lines too.
  @inline(__always)
  func value(_ row: Row<Scalar>, _ line: Int) -> Int { ((row.y &+ line) & 3) &* values }
  /// Slopes along x, for the line at hand.
  @inline(__always)
  var slopeX: Int { 4 &* values }
  @inline(__always)
  func slopeY(_ row: Row<Scalar>, _ line: Int) -> Int { (5 &+ ((row.y &+ line) & 1)) &* values }
  @inline(__always)
  var fluxX: Int { 7 &* values }
  /// Fluxes at the lower side of a line.
  @inline(__always)
  func fluxY(_ row: Row<Scalar>, _ line: Int) -> Int { 7 &* values &+ (1 &+ ((row.y &+ line) & 1)) &* fluxes }
}
