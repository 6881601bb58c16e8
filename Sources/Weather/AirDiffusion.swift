// ∂(ρφ)/∂t = ∇·(ρ ν ∇φ) for the velocities and θ', with constant ν. Second-order finite volumes on cell means, forward
// Euler, stable to dt = 1 / (2 ν Σ 1/Δ²). Invariant: Σ (ρθ)', since no θ' passes ground and lid, where the wind slips
// too; the vertical wind is zero on both.

import Stencils

struct AirDiffusion<Scalar: Real> {
  typealias V = Scalar.Vector
  let viscosity: Double
  let spacing: SIMD3<Double>
  let axes: AirAxes
  let input: AirFields<Scalar>
  let output: AirFields<Scalar>
  let base: AirProfiles<Scalar>

  @inline(__always)
  func run(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount { runLine(row.single(line)) }
  }

  @inline(__always)
  private func runLine(_ row: Row<Scalar>) {
    let (r, newR) = (row[input.density], row[output.density])
    for i in row { newR[i] = r[i] }
    for (index, (old, new)) in zip(input.momentum, output.momentum).enumerated() {
      spread(row, old, new, excess: nil, isUpward: index == axes.up.rawValue)
    }
    spread(row, input.rhoTheta, output.rhoTheta, excess: base.theta, isUpward: false)
    for (old, new) in zip(input.tracers, output.tracers) { spread(row, old, new, excess: nil, isUpward: false) }
  }

  /// Diffuses one amount.
  /// - Parameters:
  ///   - excess: what the amount a volume has of a perturbation of density.
  ///   - isUpward: whether it is zero on ground and lid; otherwise nothing passes them.
  @inline(__always)
  private func spread(
    _ row: Row<Scalar>, _ old: Field<Scalar>, _ new: Field<Scalar>, excess: Profile<Scalar>?, isUpward: Bool
  ) {
    let (r, q, newQ) = (row[input.density], row[old], row[new])
    func share(_ i: Cell<Scalar>, _ x: Int, _ y: Int, _ z: Int, _ height: Int) -> (density: V, value: V) {
      let density = r[i, x, y, z] + row.value(of: base.density, height)
      var amount = q[i, x, y, z]
      if let excess { amount = amount - row.value(of: excess, height) * r[i, x, y, z] }
      return (density, amount / density)
    }
    let (two, one) = (V(2), V(1))
    for i in row {
      let here = share(i, 0, 0, 0, 0)
      var sum = V(0)
      for axis in axes.all {
        let width = spacing[axis.rawValue]
        // Half, for the mean of two densities.
        let rate = V(Scalar(0.5 * viscosity * row.dt / (width * width)))
        for side in stride(from: -1, through: 1, by: 2) {
          let isUp = axis == axes.up
          let there = share(
            i, axis == .x ? side : 0, axis == .y ? side : 0, axis == .z ? side : 0, isUp ? side : 0)
          let weight = rate * (there.density + here.density)
          let across = weight * (there.value - here.value)
          guard isUp else {
            sum += across
            continue
          }
          let passes = row.value(of: base.passes, side < 0 ? 0 : 1)
          sum += passes * across
          // On a solid side, half a cell away.
          if isUpward { sum -= (one - passes) * (weight * (two * here.value)) }
        }
      }
      newQ[i] = q[i] + sum
    }
  }
}
