// The scheme "split4": finite volumes split by direction, after M. R. Norman's miniWeather.
//
// A step is a sweep along x and one along z, the next step z and x, and so on, each of length Δt by three stages
// q* = q + Δt/3 R(q), q** = q + Δt/2 R(q*), q + Δt R(q**) (L. J. Wicker, W. C. Skamarock, Time-splitting methods for
// elastic models using forward time schemes, Mon. Wea. Rev. 130, 2002). Faces take fourth-order means of four cells and a
// hyperviscous flux of the third difference, whose strength per step does not depend on Δt. Second order in time, fourth
// in space where the flow is smooth, first in the hyperviscosity; stable to (|u| + c) Δt / Δ = 1.26 in a uniform flow, and a
// little beyond where the flow is not. The original's step, 1.5 Δ / (450 m/s), leaves room for 30 m/s of wind; a run ends
// where |u| + c exceeds 450 m/s.
// Invariant: mass, to rounding, since the flux through ground and lid is exactly zero.
//
// Compared with the original, pressures are taken as perturbations by a formula without cancellation (`PressureLaw`), in
// x too; the difference is of the size of rounding.

import Stencils

struct Split4<Scalar: Real>: AirScheme {
  /// The Courant number up to which a uniform flow is stable: √3, that of the three stages, over 1.372, the largest of the
  /// fourth-order difference, with a little to spare.
  static var stableCourant: Double { 1.2 }
  /// The Courant number of the step for the largest speed that is reckoned with, m/s.
  static var courant: Double { 1.5 }
  static var largestSpeed: Double { 450 }

  let domain: Domain<Scalar>
  let column: AirColumn
  let state: AirFields<Scalar>
  let old: AirFields<Scalar>
  let others: (AirFields<Scalar>, AirFields<Scalar>)
  let base: AirProfiles<Scalar>
  let watch: Watch<Scalar>
  let parameters: Parameters

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func step() -> Step<Scalar> {
    var step = Step<Scalar>()
    // For each stage along z, since the stages go up together.
    let rows = (0..<3).map { _ in domain.scratch(rows: 4) }
    let (a, b, c) = (old, others.0, others.1)
    for turn in [Turn.odd, .even] {
      let xFirst = turn == .odd
      // The state itself stays as it is until the end, so that a step can be taken back.
      direction(&step, turn, alongX: xFirst, from: state, stages: (a, b), to: a, rows, isFirst: true)
      direction(&step, turn, alongX: !xFirst, from: a, stages: (b, c), to: b, rows, isFirst: false)
    }
    finish(&step, end: b, spare: c)
    return step
  }

  private func direction(
    _ step: inout Step<Scalar>, _ turn: Turn, alongX: Bool, from start: AirFields<Scalar>,
    stages: (AirFields<Scalar>, AirFields<Scalar>), to end: AirFields<Scalar>, _ rows: [Scratch<Scalar>], isFirst: Bool
  ) {
    let parts = [
      (start, stages.0, 1.0 / 3), (stages.0, stages.1, 1.0 / 2), (stages.1, end, 1.0),
    ]
    for (index, part) in parts.enumerated() {
      let (input, output, fraction) = part
      var reading: [Field<Scalar>: Int] = [:]
      for field in start.all { reading[field] = 0 }
      for field in input.all { reading[field] = 2 }
      let kernel = Split4Kernel(
        column: column, spacing: domain.grid.spacing, start: start, input: input, output: output, base: base,
        watch: watch, fraction: fraction, rows: rows[index])
      // What is noted is known where a kernel is compiled: the others do not pay for it.
      let body: (Row<Scalar>) -> Void =
        switch (alongX, isFirst && index == 0, !isFirst && index == 2) {
        case (true, true, _): { kernel.runX($0, notesRate: true, checks: false) }
        case (true, _, true): { kernel.runX($0, notesRate: false, checks: true) }
        case (true, _, _): { kernel.runX($0, notesRate: false, checks: false) }
        case (false, true, _): { kernel.runZ($0, notesRate: true, checks: false) }
        case (false, _, true): { kernel.runZ($0, notesRate: false, checks: true) }
        case (false, _, _): { kernel.runZ($0, notesRate: false, checks: false) }
        }
      let name = "\(alongX ? "x" : "z") stage \(index + 1)"
      step.append(
        Sweep(name, reading: reading, writing: output.all, turn: turn, along: alongX ? .x : .y, body: body))
    }
  }
}
