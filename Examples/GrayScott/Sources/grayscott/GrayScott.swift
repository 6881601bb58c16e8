// Reaction and diffusion of two species, of which v feeds on u:
//
//   ∂u/∂t = Du ∇²u - u v² + F (1 - u)
//   ∂v/∂t = Dv ∇²v + u v² - (F + k) v
//
// P. Gray, S. K. Scott, Chem. Eng. Sci. 39 (1984) 1087; patterns: J. E. Pearson, Science 261 (1993) 189.
// Second order in space, forward Euler in time.

import Stencils

final class GrayScott<Scalar: Real>: Solver {
  static var name: String { "gray-scott" }
  static var schema: Schema {
    Schema(
      [
        ParameterKey("diffusion.u", .number, unit: "m²/s", range: .positive, help: "Du"),
        ParameterKey("diffusion.v", .number, unit: "m²/s", range: .positive, help: "Dv"),
        ParameterKey(
          "feed", .number, unit: "1/s", range: .nonNegative, help: "F, at which u flows in and both flow out"),
        ParameterKey("kill", .number, unit: "1/s", range: .nonNegative, help: "k, at which v decays"),
        ParameterKey("u", .quantity(time: false), unit: "1", help: "u at time 0"),
        ParameterKey("v", .quantity(time: false), unit: "1", help: "v at time 0"),
      ],
      boundaries: [.closed, .fixed("u", "v", unit: "1")], defaultBoundary: "periodic")
  }

  let prognostic: [Field<Scalar>]
  private(set) var step = Step<Scalar>()
  private let limit: Double

  init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    let u = try domain.field("u", unit: "1", boundary: boundary, initial: parameters.quantity("u"))
    let v = try domain.field("v", unit: "1", boundary: boundary, initial: parameters.quantity("v"))
    let (Du, Dv) = (Scalar(parameters.number("diffusion.u")), Scalar(parameters.number("diffusion.v")))
    let (F, k) = (Scalar(parameters.number("feed")), Scalar(parameters.number("kill")))
    let laplacian = Laplacian<Scalar>(on: domain.grid)
    prognostic = [u, v]
    // A mode decays by the diffusion of the fastest and by F + k; a step must not overshoot.
    limit = 2 / (Double(max(Du, Dv)) * laplacian.largestEigenvalue + Double(F + k))

    step.advance([u, v]) { row in
      let (u, v, nextU, nextV) = (row[u], row[v], row[next: u], row[next: v])
      let dt = Scalar(row.dt)
      for i in row {
        let reaction = u[i] * v[i] * v[i]
        nextU[i] = u[i] + dt * (Du * laplacian(u, i) - reaction + F * (1 - u[i]))
        nextV[i] = v[i] + dt * (Dv * laplacian(v, i) + reaction - (F + k) * v[i])
      }
    }
  }

  func stableTimeStep(at time: Double) -> Double { limit }
}
