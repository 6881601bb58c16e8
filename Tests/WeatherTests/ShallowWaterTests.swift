import Foundation
import TestSupport
import Testing

/// What the equations of shallow water say exactly, against runs.
@Suite(.serialized) struct ShallowWaterTests {
  static let header = "solver = \"shallow-water\"\n"

  /// A plane surface that swings in a parabola and whose shores move: W. C. Thacker, 1981, one period.
  @Test(arguments: ["ssprk2", "ssprk3"]) func waterSwingsInABowl(scheme: String) throws {
    // Mean errors over 0.5 m of MUSCL with minmod slopes; half as much again is allowed.
    for (cells, bound) in [(50, 0.01135), (100, 0.003291), (200, 0.001209), (400, 0.0007636)] {
      let run = try Weathered(
        Self.header + """
          grid = { cells = [\(cells)], extent = [4.0] }
          time = { end = 2.00606668071065 }
          [shallow-water]
          scheme = "\(scheme)"
          bottom = "0.5*((x - 2)^2 - 1)"
          depth = "max(0, -0.5*((x - 1.5)^2 - 1))"
          """)
      let error = try run.meanError("depth") { max(0, -0.5 * (($0 - 1.5) * ($0 - 1.5) - 1)) }
      #expect(error / 0.5 < 1.5 * bound, "\(cells) cells: \(error / 0.5)")
      #expect(abs(try run.diagnostic("volume_change")) < 1e-12)
      let depths = try run.last("depth")
      #expect(depths.allSatisfy { $0 >= 0 })
    }
  }

  /// Flow over a bump, subcritical, steady: q = 4.42 m²/s and the Bernoulli sum are the same everywhere.
  @Test func flowOverABumpKeepsDischargeAndHead() throws {
    func bed(_ x: Double) -> Double { max(0, 0.2 - 0.05 * (x - 10) * (x - 10)) }
    let (q, g) = (4.42, 9.81)
    let head = q * q / (2 * g * 4) + 2
    func depth(_ x: Double) -> Double {
      var h = 2.0
      for _ in 0..<50 { h -= (q * q / (2 * g * h * h) + h + bed(x) - head) / (1 - q * q / (g * h * h * h)) }
      return h
    }
    let errors = try [100, 200].map { cells in
      let run = try Weathered(
        Self.header + """
          grid = { cells = [\(cells)], extent = [25.0] }
          time = { end = 400.0 }
          [shallow-water]
          bottom = "max(0, 0.2 - 0.05*(x - 10)^2)"
          surface = 2.0
          [boundary]
          x.low = { kind = "inflow", discharge = 4.42 }
          x.high = { kind = "level", surface = 2.0 }
          """)
      return try run.meanError("depth", depth)
    }
    #expect(errors[1] < 1e-3)
    #expect(log2(errors[0] / errors[1]) > 1.7, "\(errors)")
  }

  /// A vortex in balance, v = Γ r exp(-c r²), carried by a uniform flow: it comes back unchanged.
  @Test func orderInSpaceAndTimeIsTwo() throws {
    let errors = try [40, 80, 160].map { cells in
      let run = try Weathered(
        Self.header
          + """
          grid = { cells = [\(cells), \(cells)], extent = [20.0, 20.0] }
          time = { end = 5.0 }
          [shallow-water]
          gravity = 9.81
          depth = "1 - 1/(4*0.25*9.81)*exp(-0.5*((x - 10)^2 + (y - 10)^2))"
          velocity.x = "4 - (y - 10)*exp(-0.25*((x - 10)^2 + (y - 10)^2))"
          velocity.y = "(x - 10)*exp(-0.25*((x - 10)^2 + (y - 10)^2))"
          boundary = { x = "periodic", y = "periodic" }
          """.replacingOccurrences(
            of: "boundary = { x = \"periodic\", y = \"periodic\" }",
            with: "[boundary]\nx = \"periodic\"\ny = \"periodic\""))
      let (depth, x, y) = (try run.last("depth"), try run.fields.values("x"), try run.fields.values("y"))
      var sum = 0.0
      for (row, y) in y.enumerated() {
        for (column, x) in x.enumerated() {
          let exact = 1 - exp(-0.5 * ((x - 10) * (x - 10) + (y - 10) * (y - 10))) / 9.81
          sum += abs(depth[row * cells + column] - exact)
        }
      }
      #expect(abs(try run.diagnostic("volume_change")) < 1e-13)
      return sum / Double(cells * cells)
    }
    // Limiters cut the crest of the vortex, which costs a little of the order in the mean.
    #expect(log2(errors[1] / errors[2]) > 1.7, "\(errors)")
  }

  @Test func tracersStayBetweenTheirExtremesAndConstantsStayConstant() throws {
    let run = try Weathered(
      Self.header + """
        grid = { cells = [60, 40], extent = [6.0, 4.0] }
        time = { end = 2.0 }
        [shallow-water]
        depth = "x + y < 3 ? 1 : 0.2"
        bottom = "0.1*sin(9*x)*cos(7*y)"
        tracer = [{ name = "dye", initial = "x < 2 ? 1 : 0" }, { name = "salt", initial = 35 }]
        """)
    let (depth, dye, salt) = (try run.last("depth"), try run.last("dye"), try run.last("salt"))
    for i in depth.indices {
      #expect(dye[i] > -1e-13 && dye[i] < depth[i] + 1e-13)
      #expect(abs(salt[i] / depth[i] - 35) < 1e-11)
    }
    #expect(try run.diagnostic("maximum_speed") > 0.5, "nothing moves: the test would say nothing")
  }

  @Test func rainFillsTheBasin() throws {
    let run = try Weathered(
      Self.header + """
        grid = { cells = [20, 30], extent = [2.0, 3.0] }
        time = { end = 10.0 }
        [shallow-water]
        depth = 0.5
        rain = "1e-3*t"
        """)
    // ∫ 1e-3 t dt = 0.05 m; the mean of a stage's two ends is exact for it.
    #expect(abs(try run.diagnostic("volume") - 6 * 0.55) < 1e-11)
    #expect(try run.diagnostic("maximum_speed") < 1e-12)
  }

  @Test func frictionSlowsAUniformFlow() throws {
    let errors = try [0.02, 0.01].map { step in
      let run = try Weathered(
        Self.header + """
          grid = { cells = [16], extent = [16.0] }
          time = { end = 20.0, step = \(step) }
          [shallow-water]
          depth = 0.5
          velocity.x = 2
          manning = 0.05
          [boundary]
          x = "periodic"
          """)
      // du/dt = - g n² u² / h^(4/3).
      let rate = 9.81 * 0.05 * 0.05 / pow(0.5, 4.0 / 3)
      return abs(try run.last("momentum_x")[3] / 0.5 - 2 / (1 + rate * 2 * 20))
    }
    #expect(errors[1] < 1e-3)
    // Implicit friction is of first order in time.
    #expect(log2(errors[0] / errors[1]) > 0.9, "\(errors)")
  }

  @Test func uniformFlowTurnsWithRotation() throws {
    let run = try Weathered(
      Self.header + """
        grid = { cells = [12, 16], extent = [12e3, 16e3] }
        time = { end = 40000.0 }
        [shallow-water]
        scheme = "ssprk3"
        depth = 100
        velocity.x = 1
        coriolis = 1e-4
        [boundary]
        x = "periodic"
        y = "periodic"
        """)
    // Third order: (f dt)³/24 a step, with f dt = 1.4e-3.
    for (u, v) in zip(try run.last("momentum_x"), try run.last("momentum_y")) {
      #expect(abs(u / 100 - cos(4.0)) < 1e-6 && abs(v / 100 + sin(4.0)) < 1e-6)
    }
  }

  /// A current along a beta plane in balance: g ∂η/∂y = -(f0 + β y) u.
  @Test func aBalancedCurrentStays() throws {
    let errors = try [50, 100].map { cells in
      let run = try Weathered(
        Self.header + """
          grid = { cells = [8, \(cells)], extent = [80e3, 1000e3], origin = [0, -500e3] }
          time = { end = 86400.0 }
          [shallow-water]
          depth = "1000 - 0.5/9.81*(1e-4*y + 1e-11*y^2)"
          velocity.x = 0.5
          velocity.y = 0
          coriolis = 1e-4
          beta = 2e-11
          [boundary]
          x = "periodic"
          """)
      let (u, h) = (try run.last("momentum_x"), try run.last("depth"))
      // Away from the walls, where the one-sided slope of the surface starts weak waves.
      let rows = (cells / 4)..<(3 * cells / 4)
      return rows.map { abs(u[$0 * 8] / h[$0 * 8] - 0.5) }.max()!
    }
    #expect(errors[1] < 0.01 && errors[1] < errors[0], "\(errors)")
  }
}
