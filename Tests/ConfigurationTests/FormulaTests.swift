import Foundation
import Simulation
import Stencils
import TestSupport
import Testing

/// Formulas against Swift's arithmetic.
struct FormulaTests {
  /// A formula as a configuration of three dimensions reads it.
  static func formula(_ text: String) throws -> Formula {
    let file = Model.good.replacing("[64, 32]", with: "[8, 8, 8]").replacing("[2.0, 1.0]", with: "[1, 1, 1]")
      .replacing("1.0e-4", with: "'\(text)'")
    return try #require(try Model.load(file).parameters.quantity("diffusivity").formulas.first)
  }

  static let pairs: [(String, @Sendable (Point) -> Double)] = [
    (
      "300 + 50*exp(-200*((x-0.5)^2 + (y-0.5)^2))",
      { p in
        300 + 50 * exp(-200 * ((p.x - 0.5) * (p.x - 0.5) + (p.y - 0.5) * (p.y - 0.5)))
      }
    ),
    ("-x^2", { -($0.x * $0.x) }),
    ("2^3^2", { _ in 512 }),
    ("x - y - z", { $0.x - $0.y - $0.z }),
    ("x/y/z", { $0.x / $0.y / $0.z }),
    ("sin(2*pi*x)*cos(t)", { sin(2 * Double.pi * $0.x) * cos($0.t) }),
    ("ln(e) + log10(1000) + log2(8) + log(e)", { _ in 1 + 3 + 3 + 1 }),
    ("x < 0.5 ? 1 : 2", { $0.x < 0.5 ? 1 : 2 }),
    ("x < 0.5 && y >= 0.5 || z == 0.25 ? 1 : 0", { $0.x < 0.5 && $0.y >= 0.5 || $0.z == 0.25 ? 1 : 0 }),
    ("min(x, y, z) + max(x, y)", { min($0.x, $0.y, $0.z) + max($0.x, $0.y) }),
    ("abs(x - 1) + sqrt(y) + atan2(y, x)", { abs($0.x - 1) + $0.y.squareRoot() + atan2($0.y, $0.x) }),
    ("step(x - 0.5)", { $0.x - 0.5 < 0 ? 0 : 1 }),
    ("mod(-x, 0.3)", { -$0.x - 0.3 * floor(-$0.x / 0.3) }),
    ("pow(x, 2.5) + hypot(x, y)", { pow($0.x, 2.5) + hypot($0.x, $0.y) }),
    ("erf(x) + erfc(y) + floor(3*x) + ceil(3*y)", { erf($0.x) + erfc($0.y) + floor(3 * $0.x) + ceil(3 * $0.y) }),
    ("1.5e-3*x + .5 + 2.", { 1.5e-3 * $0.x + 0.5 + 2 }),
    ("sign(x - 0.5) + rint(2.6)", { ($0.x < 0.5 ? -1 : $0.x > 0.5 ? 1 : 0) + 3 }),
    ("sum(x, y, z)/3 - avg(x, y, z)", { _ in 0 }),
    ("sinh(x) + cosh(x) - tanh(x)", { sinh($0.x) + cosh($0.x) - tanh($0.x) }),
    ("asin(x) + acos(y) + atan(z) + tan(x)", { asin($0.x) + acos($0.y) + atan($0.z) + tan($0.x) }),
    ("asinh(x) + acosh(1 + y) + atanh(z)", { asinh($0.x) + acosh(1 + $0.y) + atanh($0.z) }),
  ]

  @Test(arguments: pairs.indices) func valueIsSwifts(_ index: Int) throws {
    let (text, expected) = Self.pairs[index]
    let formula = try Self.formula(text)
    for point in [
      Point(x: 0.1, y: 0.7, z: 0.25, t: 3), Point(x: 0.5, y: 0.5, z: 0.9, t: 0.1), Point(x: 0.9, y: 0.2, z: 0.6),
    ] {
      let (value, wanted) = (formula(point), expected(point))
      #expect(abs(value - wanted) <= 1e-14 * max(1, abs(wanted)), "\(text) at \(point)")
    }
  }

  /// Every function that a formula may call exists, with some number of arguments.
  @Test(arguments: FormulaScope.functions) func functionExists(_ name: String) {
    let accepted = ["x", "x, y"].contains { (try? Self.formula("\(name)(\($0))")) != nil }
    #expect(accepted)
  }

  @Test func whatAFormulaDependsOnIsKnown() throws {
    let quantity = { (text: String) in Quantity(.formula(try Self.formula(text))) }
    let both = try quantity("x*t")
    #expect(both.variesInSpace && both.variesInTime && both.constant == nil)
    let time = try quantity("exp(-t)")
    #expect(!time.variesInSpace && time.variesInTime && time.constant == nil)
    let fixed = try quantity("2*pi")
    #expect(!fixed.variesInSpace && !fixed.variesInTime && fixed.constant == 2 * Double.pi)
  }

  /// More threads than cores, each with a worker's own evaluator: none sees another's variables.
  @Test func threadsDoNotMeet() throws {
    let formula = try Self.formula("1000*x + y + sin(t)")
    formula.prepare(workers: 8)
    let wrong = Wrong()
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      var count = 0
      for i in 0..<20_000 {
        let p = Point(x: Double(worker), y: Double(i), z: 0, t: 0, worker: worker)
        if formula(p) != 1000 * Double(worker) + Double(i) { count += 1 }
      }
      wrong.add(count)
    }
    #expect(wrong.count == 0)
  }

  #if !DEBUG
    /// Boundary values are evaluated in every step, which must not allocate: not even the first time.
    @Test func callsDoNotAllocate() throws {
      let text = "{ value = \"300 + sin(x*t)^2\", regions = [{ box = [[0, 0], [1, 1]], value = \"max(x, y, t)\" }] }"
      let quantity = try Model.load(Model.good.replacing("1.0e-4", with: text)).parameters.quantity("diffusivity")
      for formula in quantity.formulas { formula.prepare(workers: 2) }
      var sum = 0.0
      let count = allocations {
        for i in 0..<1000 { sum += quantity(Point(x: Double(i) / 500, y: 0.5, z: 0, t: 1, worker: 1)) }
      }
      #expect(count == 0 && sum > 0)
    }
  #endif

  /// A value that is not finite, or out of range, is told with the formula and the place.
  @Test func badValuesAreTold() throws {
    let configuration = try Model.load(Model.good.replacing("1.0e-4", with: "\"1e-4/(x - 0.5)\""))
    let diffusivity = configuration.parameters.quantity("diffusivity")
    #expect(try diffusivity.checked(Point(x: 1.5), dimensions: 2) == 1e-4)
    #expect(
      throws: ConfigurationError(
        SourceLocation(file: "c.toml", line: 11, column: 15),
        "heat.diffusivity = \"1e-4/(x - 0.5)\" is inf at x = 0.5 m, y = 0.25 m; it must be > 0")
    ) { try diffusivity.checked(Point(x: 0.5, y: 0.25), dimensions: 2) }
  }
}

private final class Wrong: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var count = 0
  func add(_ more: Int) { lock.withLock { count += more } }
}
