// A layer below the lid that takes up waves, so that they do not come back: ∂(ρw)/∂t = -α(z) ρw with
// α = rate sin²(π/2 (z - bottom) / depth), implicit in time. Only the vertical momentum is damped: mass, (ρθ)' and the
// horizontal momentum are kept (after J. B. Klemp, J. Dudhia, A. D. Hassiotis, Mon. Wea. Rev. 136, 2008).

import Stencils

struct AirSponge<Scalar: Real> {
  typealias V = Scalar.Vector
  /// The vertical momentum.
  let momentum: Field<Scalar>
  /// α at the heights of cell centres, 1/s.
  let rate: Profile<Scalar>

  init?(_ parameters: Parameters, on state: AirFields<Scalar>, _ domain: Domain<Scalar>) {
    guard parameters.has("sponge.depth") else { return nil }
    let (depth, most) = (parameters.number("sponge.depth"), parameters.number("sponge.rate"))
    let up = AirAxes(domain.grid).up
    let bottom = domain.grid.origin[up.rawValue] + domain.grid.extent[up.rawValue] - depth
    momentum = state.momentum[up.rawValue]
    rate = domain.profile(along: up) { z in
      let sine = z > bottom ? Elementary.sine(0.5 * Double.pi * min(1, (z - bottom) / depth)) : 0
      return most * (sine * sine)
    }
  }

  @inline(__always)
  func run(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount {
      let one = row.single(line)
      let m = one[momentum]
      let factor = V(1) / V(1).addingProduct(V(Scalar(one.dt)), one.value(of: rate))
      for i in one { m[i] = m[i] * factor }
    }
  }
}
