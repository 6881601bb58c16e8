// A layer below the lid that takes up waves, so that they do not come back: ∂(ρw)/∂t = -α(z) ρw with
// α = rate sin²(π/2 (z - bottom) / depth), implicit in time. Only the vertical momentum is damped: mass, (ρθ)' and the
// horizontal momentum are kept (after J. B. Klemp, J. Dudhia, A. D. Hassiotis, Mon. Wea. Rev. 136, 2008).

import Stencils

struct AirSponge<Scalar: Real> {
  typealias V = Scalar.Vector
  let input: AirFields<Scalar>
  let output: AirFields<Scalar>
  /// α at the heights of cell centres, 1/s.
  let rate: Profile<Scalar>

  init?(
    _ parameters: Parameters, from input: AirFields<Scalar>, to output: AirFields<Scalar>, on domain: Domain<Scalar>
  ) {
    guard parameters.has("sponge.depth") else { return nil }
    let (depth, most) = (parameters.number("sponge.depth"), parameters.number("sponge.rate"))
    let bottom = domain.grid.origin.y + domain.grid.extent.y - depth
    self.input = input
    self.output = output
    rate = domain.profile(along: .y) { z in
      let sine = z > bottom ? Elementary.sine(0.5 * Double.pi * min(1, (z - bottom) / depth)) : 0
      return most * (sine * sine)
    }
  }

  @inline(__always)
  func run(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount {
      let one = row.single(line)
      let (r, t) = (one[input.density], one[input.rhoTheta])
      let (m, n) = (one[input.momentum[0]], one[input.momentum[1]])
      let (newR, newT) = (one[output.density], one[output.rhoTheta])
      let (newM, newN) = (one[output.momentum[0]], one[output.momentum[1]])
      let factor = V(1) / V(1).addingProduct(V(Scalar(one.dt)), one.value(of: rate))
      for i in one {
        newR[i] = r[i]
        newM[i] = m[i]
        newN[i] = n[i] * factor
        newT[i] = t[i]
      }
    }
  }
}
