// The scheme "weno5": finite volumes, not split. Cell means become values at both sides of each face by WENO-Z along the
// axis (`Weno`); what passes the face is found by the Riemann solver for low Mach numbers (X. Chen, N. Andronova,
// B. van Leer, J. E. Penner, J. P. Boyd, C. Jablonowski, S.-J. Lin, Mon. Wea. Rev. 141, 2013): with L and R the sides,
//   u* = (u_L + u_R)/2 - (p'_R - p'_L) / (2 ρ c),  p* = (p'_L + p'_R)/2 - ρ c (u_R - u_L)/2,
// and everything is carried by u* from the side that it comes from. Transverse momentum and tracers are carried as shares
// of the mass, so that what is the same everywhere stays so.
//   SSP-RK3 (C.-W. Shu, S. Osher, 1988): q1 = q + Δt L(q), q2 = 3/4 q + 1/4 (q1 + Δt L(q1)),
//   q' = 1/3 q + 2/3 (q2 + Δt L(q2)).
// Fifth order in space where flows are smooth and along one axis, second order where they are neither; third in time.
// Stable to Σ (|u| + c) Δt / Δ = 1 over the axes.
// Over terrain (`AirGround`) cells are enclosed by vertical faces and by faces with the normal n = (-∂z/∂x, -∂z/∂y, 1), through
// which the Riemann solver carries Ω = n·u at the impedance ρ c / |n|:
//   ∂(J q)/∂t + ∂(J q u)/∂x + ∂(q Ω)/∂ζ + ... = 0, with p' J in the momenta's fluxes along x and y, p' n in that along ζ.
// At the ground Ω = 0; below it momenta are mirrored about its slope. Second order, since means are taken along levels.
// Invariants: mass, (ρθ)' and tracers, to rounding, since nothing passes ground and lid; a column at rest, exactly.

import Stencils

struct Weno5<Scalar: Real>: AirScheme {
  let domain: Domain<Scalar>
  let column: AirColumn
  let state: AirFields<Scalar>
  let old: AirFields<Scalar>
  let other: AirFields<Scalar>
  let base: AirProfiles<Scalar>
  let watch: Watch<Scalar>
  let parameters: Parameters

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func step() -> Step<Scalar> {
    var step = Step<Scalar>()
    let rows = domain.scratch(rows: Weno5Kernel<Scalar>.scratchRows(state))
    stage(&step, 1, from: state, to: old, completion: 1, keeping: 0, rows)
    stage(&step, 2, from: old, to: other, completion: 0.5, keeping: 0.75, rows)
    stage(&step, 3, from: other, to: old, completion: 1, keeping: 1.0 / 3, rows)
    finish(&step, end: old, spare: other)
    return step
  }

  /// Appends `output = keeping state + (1 - keeping) (input + Δt L(input))`, an axis after the other.
  @inline(__always)
  private func stage(
    _ step: inout Step<Scalar>, _ number: Int, from input: AirFields<Scalar>, to output: AirFields<Scalar>,
    completion: Double, keeping: Double, _ rows: Scratch<Scalar>
  ) {
    let axes = AirAxes(domain.grid)
    for axis in axes.all {
      var reading: [Field<Scalar>: Int] = [:]
      if axis == .x {
        for field in state.all { reading[field] = 0 }
      } else {
        for field in output.all { reading[field] = 0 }
      }
      for field in input.all { reading[field] = 3 }
      if let terrain = base.terrain {
        for field in terrain.slopes + [terrain.volume] { reading[field] = 0 }
        for field in terrain.faces[axis.rawValue].all + [terrain.faces[axes.up.rawValue].sound] { reading[field] = 1 }
        reading[terrain.density] = 3
      }
      let kernel = Weno5Kernel(
        column: column, spacing: domain.grid.spacing, axes: axes, state: state, input: input, output: output,
        base: base, keeping: keeping, rows: rows)
      let isLast = number == 3 && axis == axes.up
      let watch = self.watch
      let body: (Row<Scalar>) -> Void =
        switch axis {
        case .x: { kernel.runX($0) }
        case .y: { kernel.runAcross(.y, $0, watch: isLast ? watch : nil) }
        case .z: { kernel.runAcross(.z, $0, watch: isLast ? watch : nil) }
        }
      step.append(
        Sweep(
          "\(axes.letters[axis.rawValue]) stage \(number)", reading: reading, writing: output.all,
          completion: completion, body: body))
    }
  }
}
