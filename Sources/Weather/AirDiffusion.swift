// ∂(ρφ)/∂t = ∇·(ρ ν ∇φ) for φ = u, w and θ', with constant ν. Second-order finite volumes on cell means, forward Euler,
// stable to dt = 1 / (2 ν Σ 1/Δ²). Invariant: Σ (ρθ)', since no θ' passes ground and lid, where the wind slips too; the
// vertical wind is zero on both.

import Stencils

struct AirDiffusion<Scalar: Real> {
  typealias V = Scalar.Vector
  let viscosity: Double
  let spacing: SIMD3<Double>
  let input: AirFields<Scalar>
  let output: AirFields<Scalar>
  let base: AirProfiles<Scalar>

  private struct Air {
    let density: V
    let u: V
    let w: V
    let theta: V
  }

  @inline(__always)
  func run(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount { runLine(row.single(line)) }
  }

  @inline(__always)
  private func runLine(_ row: Row<Scalar>) {
    let (r, t) = (row[input.density], row[input.rhoTheta])
    let (m, n) = (row[input.momentum[0]], row[input.momentum[1]])
    let (newR, newT) = (row[output.density], row[output.rhoTheta])
    let (newM, newN) = (row[output.momentum[0]], row[output.momentum[1]])
    // Half, for the mean of two densities.
    let rx = V(Scalar(0.5 * viscosity * row.dt / (spacing.x * spacing.x)))
    let rz = V(Scalar(0.5 * viscosity * row.dt / (spacing.y * spacing.y)))
    let (below, above) = (row.value(of: base.passes), row.value(of: base.passes, 1))
    let two = V(2)
    func air(_ i: Cell<Scalar>, _ x: Int, _ y: Int) -> Air {
      let density = r[i, x, y] + row.value(of: base.density, y)
      let inverse = V(1) / density
      return Air(
        density: density, u: m[i, x, y] * inverse, w: n[i, x, y] * inverse,
        theta: (t[i, x, y] - row.value(of: base.theta, y) * r[i, x, y]) * inverse)
    }
    for i in row {
      let here = air(i, 0, 0)
      var (u, w, theta) = (V(0), V(0), V(0))
      for side in stride(from: -1, through: 1, by: 2) {
        let there = air(i, side, 0)
        let weight = rx * (there.density + here.density)
        u += weight * (there.u - here.u)
        w += weight * (there.w - here.w)
        theta += weight * (there.theta - here.theta)
      }
      for side in stride(from: -1, through: 1, by: 2) {
        let there = air(i, 0, side)
        let passes = side < 0 ? below : above
        let weight = rz * (there.density + here.density)
        u += passes * (weight * (there.u - here.u))
        // At a solid side w is zero on the face, half a cell away, and so it is in the ghost cell.
        w += (two - passes) * (weight * (there.w - here.w))
        theta += passes * (weight * (there.theta - here.theta))
      }
      newR[i] = r[i]
      newM[i] = m[i] + u
      newN[i] = n[i] + w
      newT[i] = t[i] + theta
    }
  }
}
