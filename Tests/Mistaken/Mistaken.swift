// Diffusion, with the slip of its author that the configuration asks for.

import Stencils

final class Mistaken<Scalar: Real>: Solver {
  static var name: String { "mistaken" }
  static var schema: Schema {
    Schema(
      [
        ParameterKey(
          "slip",
          .word(["none", "reach", "far", "unset", "state", "own-input", "in-place", "parameter", "undeclared"]),
          help: "what is wrong"),
        ParameterKey("rate", .number, unit: "1/s", .optional, range: .positive, help: "never given"),
        ParameterKey("u", .quantity(time: false), unit: "1", help: "u at time 0"),
      ], boundaries: [.closed], defaultBoundary: "closed")
  }

  let prognostic: [Field<Scalar>]
  private(set) var step = Step<Scalar>()

  init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    let slip = parameters.word("slip")
    let u =
      slip == "state"
      ? domain.field("u", unit: "1")
      : try domain.field("u", unit: "1", boundary: boundary, initial: parameters.quantity("u"))
    let source = domain.field("source", unit: "1")
    prognostic = [u]
    if slip != "unset" { domain.fill(source, with: .cells { _ in 1e-3 }) }
    let rate = slip == "parameter" ? Scalar(parameters.number("rate")) : 0.1
    // How far the kernel looks, and how far it says that it does.
    let (distance, declared) = (slip == "reach" || slip == "far" ? 2 : 1, slip == "far" ? 2 : 1)
    if slip == "in-place" {
      step.append(Sweep("diffuse", reading: [u: 1], writing: [u]) { _ in })
      return
    }
    let writesInput = slip == "own-input"
    step.advance([u], reach: declared, reading: slip == "undeclared" ? [:] : [source: 0], name: "diffuse") { row in
      let (u, next, source) = (row[u], row[next: u], row[source])
      for i in row {
        let value = u[i] + source[i] + rate * (u[i, -distance] - (u[i] + u[i]) + u[i, distance])
        if writesInput { u[i] = value }
        next[i] = value
      }
    }
  }

  func stableTimeStep(at time: Double) -> Double { 1 }
}
