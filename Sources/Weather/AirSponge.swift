// Layers below the lid and at the ends of x that take up waves, so that they do not come back: ∂(ρw)/∂t = -α ρw with
// α = rate sin²(π/2 s), s from 0 where a layer begins to 1 at the lid or at the end, implicit in time. Only the vertical
// momentum is damped: mass, (ρθ)' and the horizontal momentum are kept (after J. B. Klemp, J. Dudhia, A. D. Hassiotis, Mon.
// Wea. Rev. 136, 2008). Heights are those of the grid.

import Stencils

struct AirSponge<Scalar: Real> {
  typealias V = Scalar.Vector
  /// The vertical momentum.
  let momentum: Field<Scalar>
  /// α in 1/s at the heights of cell centres, or at all of them where it is not the same along x.
  private let profile: Profile<Scalar>
  private let field: Field<Scalar>?

  init?(_ parameters: Parameters, on state: AirFields<Scalar>, _ domain: Domain<Scalar>) {
    func size(_ key: String) -> Double { parameters.has(key) ? parameters.number(key) : 0 }
    let (depth, width, most) = (size("sponge.depth"), size("sponge.width"), parameters.number("sponge.rate"))
    guard depth > 0 || width > 0 else { return nil }
    let (grid, axes) = (domain.grid, AirAxes(domain.grid))
    let lid = grid.origin[axes.up.rawValue] + grid.extent[axes.up.rawValue]
    let ends = (grid.origin.x, grid.origin.x + grid.extent.x)
    @Sendable func rate(_ distance: Double, _ size: Double) -> Double {
      let sine = distance < size ? Elementary.sine(0.5 * Double.pi * min(1, (size - distance) / size)) : 0
      return most * (sine * sine)
    }
    momentum = state.momentum[axes.up.rawValue]
    profile = domain.profile(along: axes.up) { rate(lid - $0, depth) }
    field = width > 0 ? domain.field("sponge rate", unit: "s-1") : nil
    if let field {
      domain.fill(
        field,
        with: .cells { max(rate(lid - axes.height($0), depth), rate(min($0.x - ends.0, ends.1 - $0.x), width)) })
    }
  }

  /// The sweep that damps the state that it was made for.
  var sweep: Sweep<Scalar> {
    var reading = [momentum: 0]
    if let field { reading[field] = 0 }
    return Sweep("sponge", reading: reading, writing: [momentum]) { run($0) }
  }

  @inline(__always)
  private func run(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount {
      let one = row.single(line)
      let m = one[momentum]
      let (unit, dt) = (V(1), V(Scalar(one.dt)))
      if let field {
        let rate = one[field]
        for i in one { m[i] = m[i] / unit.addingProduct(dt, rate[i]) }
      } else {
        let factor = unit / unit.addingProduct(dt, one.value(of: profile))
        for i in one { m[i] = m[i] * factor }
      }
    }
  }
}
