import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct AtmosphereTests {
  static func configuration(_ cells: [Int], end: Double, _ keys: String) -> String {
    """
    solver = "atmosphere"
    grid = { cells = [\(cells[0]), \(cells[1])], extent = [20e3, 10e3] }
    time = { end = \(end) }
    [boundary]
    x = "periodic"
    [atmosphere]
    \(keys)
    """
  }

  @Test(arguments: [
    "background.kind = \"neutral\"", "background = { kind = \"stable\", frequency = 0.02 }",
    "background = { kind = \"isothermal\", temperature = 250 }",
  ]) func airAtRestStaysExactlyAtRest(background: String) throws {
    let run = try Weathered(Self.configuration([37, 29], end: 100, background))
    for field in ["u", "w", "theta_perturbation", "density_perturbation"] {
      let values = try run.last(field)
      #expect(values.allSatisfy { $0 == 0 }, "\(field)")
    }
  }

  @Test func theColdBubbleIsThatOfMiniWeather() throws {
    let run = try Weathered(Self.configuration([200, 100], end: 300, "state = \"density-current\""))
    #expect(run.steps == 900)
    try expectReference(run, coldBubbleSamples)
  }

  @Test(arguments: ["thermal", "collision"]) func whatIsSymmetricStaysSo(state: String) throws {
    let run = try Weathered(Self.configuration([96, 48], end: 150, "state = \"\(state)\""))
    #expect(abs(try run.diagnostic("mass_change")) < 1e-13)
    let (u, w) = (try run.last("u"), try run.last("w"))
    let largest = w.map(abs).max()!
    #expect(largest > 1)
    for row in 0..<48 {
      for column in 0..<48 {
        let (here, there) = (row * 96 + column, row * 96 + 95 - column)
        // Rounding, which the flow lets grow.
        #expect(abs(u[here] + u[there]) < 1e-9 * largest && abs(w[here] - w[there]) < 1e-9 * largest)
      }
    }
  }

  /// A weak disturbance in a uniform wind is the one at rest, carried along: the scheme may add what its waves lose.
  @Test func windCarriesAlong() throws {
    let theta = "0.1*exp(-((x - 10e3)^2 + (z - 5e3)^2)/2e3^2)"
    let still = try Weathered(Self.configuration([80, 40], end: 200, "theta = \"\(theta)\""))
    let carried = try Weathered(Self.configuration([80, 40], end: 200, "theta = \"\(theta)\"\nvelocity.x = 100"))
    let (a, b) = (try still.last("theta_perturbation"), try carried.last("theta_perturbation"))
    // 100 m/s for 200 s is once around.
    let largest = a.max()!
    for (a, b) in zip(a, b) { #expect(abs(a - b) < 0.03 * largest) }
  }

  /// Beyond an eighth of the column's ρθ pressures come from another formula, lane by lane.
  @Test func strongDisturbancesHaveTheSameBitsOnEveryLayout() throws {
    let text = Self.configuration(
      [67, 53], end: 20,
      "theta = \"70*exp(-((x - 9e3)^2 + (z - 4e3)^2)/1e6)\"\nsponge = { depth = 3e3 }\nviscosity = 20")
    let alone = try Weathered(text)
    // 37.5 K in 300 K are an eighth.
    #expect(try alone.diagnostic("maximum_theta_perturbation") > 40)
    for (ranks, threads) in [(2, 1), (1, 2), (3, 2), (4, 1), (7, 1)] {
      #expect(try Weathered(text, ranks: ranks, threads: threads).fingerprint == alone.fingerprint)
    }
  }

  @Test func aJetFillsTheGridWithWhatItBrings() throws {
    let run = try Weathered(
      Self.configuration([64, 32], end: 60, "sponge = { depth = 2e3 }").replacingOccurrences(
        of: "x = \"periodic\"",
        with: "x.low = { kind = \"inflow\", velocity = \"abs(z - 5e3) < 1e3 ? 20 : 0\", theta = 1 }\nx.high = \"open\"")
    )
    let u = try run.last("u")
    // Next to the side, in the middle of the jet, which still has to push the air before it away, and far above it.
    #expect(u[16 * 64] > 8 && u[16 * 64] < 26 && abs(u[30 * 64]) < 6, "\(u[16 * 64]), \(u[30 * 64])")
    #expect(try run.last("theta_perturbation")[16 * 64] > 0.5)
    #expect(try run.diagnostic("mass_change") > 1e-5)
  }

  /// The jet of the state "injection", with either scheme, and with other words for it.
  @Test(arguments: ["split4", "weno5"]) func injectionBlowsAColdJetIn(scheme: String) throws {
    let keys = "scheme = \"\(scheme)\"\nstate = \"injection\""
    let text = Self.configuration([64, 32], end: 60, keys).replacingOccurrences(of: "x = \"periodic\"\n", with: "")
    let run = try Weathered(text)
    let (u, theta) = (try run.last("u"), try run.last("theta_perturbation"))
    // 7500 m are between rows 23 and 24 of 312 m; four rows are in the jet.
    // The air before it takes its time to move, and more of it with split4, whose values at the side are means across it.
    #expect(u[23 * 64] > 12 && u[24 * 64] > 12 && abs(u[16 * 64]) < 6 && abs(u[30 * 64]) < 6)
    #expect(theta[23 * 64] < -1.5 && theta[16 * 64] > -0.5)
    #expect(try run.diagnostic("mass_change") > 1e-5)
    let inflow =
      "x.low = { kind = \"inflow\", velocity = \"abs(z/10e3 - 0.75) <= 0.0625 ? 25 : 0\", theta = 2 }\nx.high = \"open\""
    let warm = try Weathered(text.replacingOccurrences(of: "[boundary]", with: "[boundary]\n" + inflow))
    #expect(try warm.last("theta_perturbation")[23 * 64] > 1)
    let closed = try Weathered(text.replacingOccurrences(of: "[boundary]", with: "[boundary]\nx = \"wall\""))
    #expect(try closed.last("u").allSatisfy { $0 == 0 })
  }

  @Test func aSpongeTakesUpWaves() throws {
    // Waves that rise from a warm spot in a stable column: less of them is left below where the lid is soft.
    let state =
      "background = { kind = \"stable\", frequency = 0.02 }\ntheta = \"0.1*exp(-((x - 10e3)^2 + (z - 2e3)^2)/1e6)\""
    let hard = try Weathered(Self.configuration([80, 40], end: 1500, state))
    let soft = try Weathered(Self.configuration([80, 40], end: 1500, state + "\nsponge = { depth = 5e3, rate = 0.1 }"))
    func motion(_ run: Weathered) throws -> Double { try run.last("w").reduce(0) { $0 + $1 * $1 } }
    let (left, kept) = (try motion(soft), try motion(hard))
    #expect(left < 0.7 * kept, "\(left) and \(kept)")
    #expect(abs(try soft.diagnostic("mass_change")) < 1e-13)
  }

  @Test func diffusionWidensAWarmSpot() throws {
    // Without gravity: θ' spreads as heat does, its variance by 2 ν t.
    let run = try Weathered(
      Self.configuration(
        [100, 50], end: 400,
        "gravity = 0\nviscosity = 1000\ntheta = \"0.01*exp(-((x - 10e3)^2 + (z - 5e3)^2)/(2*1e3^2))\""))
    let top = try run.diagnostic("maximum_theta_perturbation")
    let expected = 0.01 / (1 + 2 * 1000 * 400 / 1e6)
    #expect(abs(top / expected - 1) < 0.03, "\(top) K, not \(expected)")
  }
}

/// How a run ends that blows up.
@Suite(.serialized) struct BlowUpTests {
  struct Course: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configuration: String
    let says: [String]
  }

  static let courses = [
    Course(
      testDescription: "a fall faster than the step allows",
      configuration: AtmosphereTests.configuration(
        [64, 32], end: 200, "theta = \"hypot(x - 10e3, z - 5e3) < 2e3 ? -150 : 0\""),
      says: ["the Courant number is", "at cell (", "x = ", "z = ", "momentum_z = ", "time.step"]),
    Course(
      testDescription: "an explosion",
      configuration: AtmosphereTests.configuration(
        [32, 16], end: 100, "theta = \"hypot(x - 9e3, z - 5e3) < 1e3 ? 1e6 : 0\""),
      says: ["step 1, from t = 0 s", "is not finite at cell (", "rho_theta_perturbation = "]),
    Course(
      testDescription: "a flow that outruns its step",
      configuration: """
        solver = "shallow-water"
        grid = { cells = [200], extent = [10.0] }
        time = { end = 5.0, step = 0.005 }
        [shallow-water]
        surface = "x < 5 ? 2 : -100"
        bottom = "x < 5 ? 0 : -2*(x - 5)"
        """,
      says: ["the step is longer than the limit of", "at cell (", "depth = ", "time.step"]),
  ]

  @Test(arguments: courses, [1, 3]) func endsAtThatStepWithTheLastGoodState(_ course: Course, ranks: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try course.configuration.write(to: folder.appending(path: "c.toml"), atomically: true, encoding: .utf8)
    let run = try launch(
      "weathersim", ranks: ranks,
      arguments: ["c.toml", "--threads", "1", "--quiet", "--set", "output.file=\"kept.nc\""], directory: folder)
    #expect(run.status == 1, "\(run)")
    let lines = run.stderr.split(separator: "\n").filter { $0.hasPrefix("error:") }
    #expect(lines.count == 1, "\(run)")
    for part in course.says + ["the state before that step is in kept.nc"] {
      #expect(lines.first?.contains(part) ?? false, "\(part) is not in \(run.stderr)")
    }
    let kept = try NetCDF(folder.appending(path: "kept.nc"))
    for (name, variable) in kept.variables where variable.dimensions.count > 1 {
      let values = variable.values
      #expect(values.allSatisfy { $0.isFinite }, "\(name)")
    }
    #expect(kept.recordCount == 2)
  }
}
