import Foundation
import Testing

/// Decaying modes of a box, exact in the continuum: H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids.
struct Mode: CustomTestStringConvertible, Sendable {
  /// One axis of unit length.
  enum Shape: Sendable {
    /// sin(k π x), both sides fixed at 0.
    case fixed(Int)
    /// cos(k π x), both sides insulated.
    case insulated(Int)
    /// sin((k + 1/2) π x), fixed below and insulated above.
    case mixed(Int)
    /// sin(2 π k x + phase).
    case periodic(Int, phase: Double)
    /// cos(κ x) + (h₀/κ) sin(κ x), films of h₀ and h₁ below and above; tan κ = κ (h₀ + h₁)/(κ² - h₀ h₁).
    case films(Double, Double, kappa: Double)

    var kappa: Double {
      switch self {
      case .fixed(let k), .insulated(let k): Double(k) * .pi
      case .mixed(let k): (Double(k) + 0.5) * .pi
      case .periodic(let k, _): 2 * Double(k) * .pi
      case .films(_, _, let kappa): kappa
      }
    }

    func value(_ x: Double) -> Double {
      switch self {
      case .fixed, .mixed: sin(kappa * x)
      case .insulated: cos(kappa * x)
      case .periodic(_, let phase): sin(kappa * x + phase)
      case .films(let h, _, let kappa): cos(kappa * x) + h / kappa * sin(kappa * x)
      }
    }

    func formula(_ x: String) -> String {
      switch self {
      case .fixed, .mixed: "sin(\(kappa)*\(x))"
      case .insulated: "cos(\(kappa)*\(x))"
      case .periodic(_, let phase): "sin(\(kappa)*\(x) + \(phase))"
      case .films(let h, _, let kappa): "(cos(\(kappa)*\(x)) + \(h / kappa)*sin(\(kappa)*\(x)))"
      }
    }

    func boundary(_ x: String) -> String {
      func film(_ h: Double) -> String { "{ kind = \"convective\", h = \(h), ambient = 0 }" }
      switch self {
      case .fixed: return "\(x) = { kind = \"fixed\", value = 0 }"
      case .insulated: return "\(x) = \"insulated\""
      case .mixed: return "\(x).low = { kind = \"fixed\", value = 0 }\n\(x).high = \"insulated\""
      case .periodic: return "\(x) = \"periodic\""
      case .films(let low, let high, _): return "\(x).low = \(film(low))\n\(x).high = \(film(high))"
      }
    }
  }

  let testDescription: String
  let axes: [Shape]
  /// A point and the temperature there at 0.05 s, to check the test's own formulas.
  let sample: (point: [Double], value: Double)

  init(_ name: String, _ axes: [Shape], _ point: [Double], _ value: Double) {
    (testDescription, self.axes, sample) = (name, axes, (point, value))
  }

  /// 1/m².
  var decay: Double { axes.reduce(0) { $0 + $1.kappa * $1.kappa } }
  func start(_ p: [Double]) -> Double { zip(axes, p).reduce(1) { $0 * $1.0.value($1.1) } }
  func value(_ p: [Double], at t: Double) -> Double { start(p) * exp(-decay * t) }

  func configuration(cells: Int, end: Double, heat: String) -> String {
    let names = Array(["x", "y", "z"].prefix(axes.count))
    return """
      grid.cells = \(list(axes.map { _ in cells }))
      grid.extent = \(list(axes.map { _ in 1.0 }))
      time.end = \(end)
      \(heat)
      heat.diffusivity = 1
      heat.initial = "\(zip(axes, names).map { $0.formula($1) }.joined(separator: "*"))"
      [boundary]
      \(zip(axes, names).map { $0.boundary($1) }.joined(separator: "\n"))
      """
  }

  // Values at 0.05 s: closed form.
  static let all = [
    Mode("fixed, fixed", [.fixed(1), .fixed(1)], [0.2, 0.7], 0.17723310940792311),
    Mode("fixed, insulated", [.fixed(2), .insulated(1)], [0.2, 0.7], -0.047407420818852158),
    Mode(
      "periodic, periodic", [.periodic(1, phase: 0.3), .periodic(2, phase: 0)], [0.2, 0.7], 3.0399078521081914e-05),
    Mode("mixed, films", [.mixed(0), .films(1, 1, kappa: 1.3065423741888063)], [0.2, 0.7], 0.3051131829445039),
    Mode(
      "fixed, insulated, mixed", [.fixed(1), .insulated(1), .mixed(0)], [0.2, 0.7, 0.9], -0.11242085670931992),
    Mode(
      "periodic, fixed, films", [.periodic(1, phase: 0.3), .fixed(1), .films(0.5, 2, kappa: 1.3385052854928849)],
      [0.2, 0.7, 0.9], 0.044333451707563892),
  ]
}

@Suite(.serialized) struct ModeTests {
  @Test(arguments: Mode.all) func decaysInSecondOrder(mode: Mode) throws {
    #expect(abs(mode.value(mode.sample.point, at: 0.05) / mode.sample.value - 1) < 1e-12)
    let sizes = mode.axes.count == 2 ? [32, 64, 128] : [16, 32, 64]
    let errors = try sizes.map { cells in
      try Simulated(mode.configuration(cells: cells, end: 0.01, heat: "heat.scheme = \"heun\""))
        .error { mode.value($0, at: 0.01) }.rms
    }
    let observed = order(errors[1], errors[2])
    #expect(abs(observed - 2) < 0.1, "order \(observed), errors \(errors)")
  }

  @Test(arguments: Mode.all) func decaysAtTheRightRate(mode: Mode) throws {
    let run = try Simulated(mode.configuration(cells: 32, end: 0.05, heat: "heat.scheme = \"heun\""))
    // The second-order Laplacian decays more slowly by κ² h²/12 along each axis; films add an error of that order.
    let slower = mode.axes.reduce(0) { $0 + pow($1.kappa, 4) / 12 } / (32 * 32)
    let amplitude = try run.temperature.indices.map { abs(mode.value(run.center($0), at: 0.05)) }.max()!
    let error = try run.error { mode.value($0, at: 0.05) }.max
    #expect(error < 1.2 * (exp(slower * 0.05) - 1 + 1e-4) * amplitude)
    if mode.testDescription == "fixed, fixed" { #expect(error < 0.002 * amplitude) }
  }

  /// The factor by which a scheme multiplies a discrete mode of eigenvalue μ in a step, z = μ dt.
  private static func factor(_ scheme: String, _ z: Double) -> Double {
    switch scheme {
    case "euler": return 1 - z
    case "heun": return 1 - z + z * z / 2
    default:
      // RKL2's stability polynomial, a + b P_s(1 - w z), with Legendre's recursion (Meyer, Balsara, Aslam 2014, eq. 13).
      let s = Double(scheme.split(separator: " ")[1])!
      let b = (s * s + s - 2) / (2 * s * (s + 1))
      let argument = 1 - 4 / (s * s + s - 2) * z
      var (before, legendre) = (1.0, argument)
      for n in 1..<Int(s) {
        let m = Double(n)
        (before, legendre) = (legendre, ((2 * m + 1) * argument * legendre - m * before) / (m + 1))
      }
      return 1 - b + b * legendre
    }
  }

  // Discrete modes are multiplied by the same factor in every cell. The listed factors, of 50 steps on 32 x 32 cells,
  // are closed-form numbers made elsewhere.
  @Test(arguments: [
    ("euler", 0.0001220703125, 0.886453166899552), ("heun", 0.0001220703125, 0.88658194899845577),
    ("euler", 0.00021972656250000001, 0.80480264380605204), ("heun", 0.00021972656250000001, 0.80518225838159019),
    ("rkl2 5", 0.0009765625, 0.38173490145232841), ("rkl2 9", 0.0009765625, 0.38173340764173996),
    ("rkl2 15", 0.0048828125, 0.0081268516883350895),
  ])
  func discreteFactorIsExact(scheme: String, dt: Double, listed: Double) throws {
    let mu = 2 * 4 * 32.0 * 32 * pow(sin(.pi / 64), 2)
    let factor = pow(Self.factor(scheme, mu * dt), 50)
    #expect(abs(factor / listed - 1) < 1e-11)
    let words = scheme.split(separator: " ")
    let heat =
      "heat.scheme = \"\(words[0])\"\ntime.step = \(dt)" + (words.count > 1 ? "\nheat.stages = \(words[1])" : "")
    let mode = Mode.all[0]
    let run = try Simulated(mode.configuration(cells: 32, end: 50 * dt, heat: heat))
    #expect(run.steps == 50)
    #expect(try run.error { mode.start($0) * factor }.max < 1e-12 * factor)
  }

  // The stated order in time, against the exact decay of the discrete mode.
  @Test(arguments: [("euler", 1.0), ("heun", 2), ("rkl2", 2)]) func orderInTime(scheme: String, stated: Double) throws {
    let mode = Mode.all[0]
    let mu = 2 * 4 * 16.0 * 16 * pow(sin(.pi / 32), 2)
    let step = scheme == "rkl2" ? 0.01 : 0.0008
    let errors = try [1.0, 2, 4].map { parts in
      let heat = "heat.scheme = \"\(scheme)\"\nheat.stages = 9\ntime.step = \(step / parts)"
      return try Simulated(mode.configuration(cells: 16, end: 0.04, heat: heat))
        .error { mode.start($0) * exp(-mu * 0.04) }.max
    }
    let observed = order(errors[1], errors[2])
    #expect(abs(observed - stated) < 0.1, "order \(observed), errors \(errors)")
  }
}
