import Foundation
import TestSupport
import Testing

/// The scheme "weno5", against exact solutions.
@Suite(.serialized) struct Weno5Tests {
  static func slice(_ cells: [Int], _ extent: [Double], end: Double, _ keys: String, grid: String = "") -> String {
    """
    solver = "atmosphere"
    grid = { cells = [\(cells[0]), \(cells[1])], extent = [\(extent[0]), \(extent[1])]\(grid) }
    time = { end = \(end) }
    boundary = { x = "periodic" }
    [atmosphere]
    scheme = "weno5"
    \(keys)
    """
  }

  /// The root of the mean square of what a field is now, less what it was at the start.
  static func change(_ run: Weathered, _ field: String) throws -> Double {
    let (before, after) = (try run.fields.values(field, record: 0), try run.last(field))
    return (zip(before, after).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(before.count)).squareRoot()
  }

  @Test(arguments: ["neutral", "stable", "isothermal"], [2, 3]) func airAtRestStaysExactlyAtRest(
    background: String, dimensions: Int
  ) throws {
    let (cells, extent) = dimensions == 2 ? ("[37, 29]", "[20e3, 10e3]") : ("[19, 13, 17]", "[20e3, 15e3, 10e3]")
    let run = try Weathered(
      """
      solver = "atmosphere"
      grid = { cells = \(cells), extent = \(extent) }
      time = { end = 20 }
      [boundary]
      x = "periodic"
      [atmosphere]
      scheme = "weno5"
      background = { kind = "\(background)", frequency = 0.01 }
      """)
    for field in ["u", "w", "theta_perturbation", "density_perturbation"] {
      #expect(try run.last(field).allSatisfy { $0 == 0 }, "\(field)")
    }
  }

  /// Warm and cold air at one pressure without gravity moves with the wind as it is: once around. The step shrinks with
  /// the cells to the power of 5/3, so that the third order in time is no less than the fifth in space.
  @Test func windCarriesDensityAtFifthOrder() throws {
    var errors: [Double] = []
    for cells in [16, 32, 64] {
      let step = 0.25 * pow(16 / Double(cells), 5.0 / 3)
      let run = try Weathered(
        Self.slice(
          [cells, 6], [1e4, 5e3], end: 100,
          "gravity = 0\nunchanged = \"pressure\"\ntheta = \"30*sin(2*pi*x/1e4)\"\nvelocity.x = 100"),
        set: ["time.step=\(step)"])
      errors.append(try Self.change(run, "density_perturbation"))
    }
    let orders = zip(errors, errors.dropFirst()).map { log2($0 / $1) }
    // That of linear weights is 5; squared indicators take a few cells more to come to them.
    #expect(orders[1] > 4.5 && orders[1] < 5.8, "\(errors): orders \(orders)")
  }

  /// The isentropic vortex, which moves once around the grid and is then what it was.
  @Test func theVortexReturns() throws {
    var errors: [Double] = []
    for cells in [32, 64, 128] {
      let run = try Weathered(
        Self.slice(
          [cells, cells], [20, 20], end: 20,
          """
          gravity = 0
          cp = 3.5
          gas-constant = 1
          pressure = 1
          background = { kind = "neutral", temperature = 1 }
          density = "(1 - 0.4*25/(8*1.4*pi^2)*exp(1 - x^2 - z^2))^2.5 - 1"
          velocity.x = "1 - 5/(2*pi)*exp((1 - x^2 - z^2)/2)*z"
          velocity.up = "5/(2*pi)*exp((1 - x^2 - z^2)/2)*x"
          """, grid: ", origin = [-10, -10]"))
      errors.append(try Self.change(run, "density_perturbation"))
    }
    let orders = zip(errors, errors.dropFirst()).map { log2($0 / $1) }
    // Second order is what finite volumes with one point a face come to in the end; here the fifth still counts.
    #expect(orders[1] > 2, "\(errors): orders \(orders)")
    #expect(errors[2] < 3e-4, "\(errors)")
  }

  /// Linear gravity and sound waves in an isothermal channel: the test of M. Baldauf and S. Brdar (Q. J. R. Meteorol. Soc.
  /// 139, 2013), here on 60 km after 300 s. Samples of the exact solution: x, z, w, θ'.
  @Test func gravityWavesAreThoseOfTheLinearTheory() throws {
    let height = 10e3
    let cells = [240, 40]
    let warmth =
      "0.01*exp(9.80665/(288*250)*z/2)*sin(pi*z/1e4)*exp(-((x - 30e3)/3e3)^2)*exp(9.80665/(1005*250)*z)"
    let run = try Weathered(
      Self.slice(
        cells, [60e3, height], end: 300,
        """
        gravity = 9.80665
        cp = 1005
        gas-constant = 288
        background = { kind = "isothermal", temperature = 250 }
        unchanged = "pressure"
        theta = "\(warmth)"
        """))
    let (w, theta) = (try run.last("w"), try run.last("theta_perturbation"))
    func value(_ field: [Double], _ x: Double, _ z: Double) -> Double {
      // Samples lie on corners of cells or at centres: the mean of the cells around.
      let (i, j) = (x / 250 - 0.5, z / 250 - 0.5)
      let (i0, j0) = (Int(i.rounded(.down)), Int(j.rounded(.down)))
      let (a, b) = (i - Double(i0), j - Double(j0))
      func at(_ i: Int, _ j: Int) -> Double { field[min(max(j, 0), cells[1] - 1) * cells[0] + i] }
      return (1 - b) * ((1 - a) * at(i0, j0) + a * at(i0 + 1, j0))
        + b * ((1 - a) * at(i0, j0 + 1) + a * at(i0 + 1, j0 + 1))
    }
    var (errorW, sizeW, errorT, sizeT) = (0.0, 0.0, 0.0, 0.0)
    for sample in gravityWaveSamples {
      let (x, z, exactW, exactT) = (sample[0], sample[1], sample[2], sample[3])
      errorW += pow(value(w, x, z) - exactW, 2)
      sizeW += exactW * exactW
      errorT += pow(value(theta, x, z) - exactT, 2)
      sizeT += exactT * exactT
    }
    // Interpolation between cells of 250 m adds to what fifth order leaves of waves of 3 km and more.
    #expect((errorW / sizeW).squareRoot() < 0.02, "w \((errorW / sizeW).squareRoot())")
    #expect((errorT / sizeT).squareRoot() < 0.03, "θ' \((errorT / sizeT).squareRoot())")
  }

  @Test func sharesOfTracersKeepTheirBounds() throws {
    let run = try Weathered(
      Self.slice(
        [80, 40], [20e3, 10e3], end: 200,
        """
        state = "thermal"
        tracer = [
          { name = "all", initial = 1 },
          { name = "smoke", initial = "hypot(x - 10e3, z - 2e3) < 1500 ? 1 : 0" },
        ]
        """))
    let density = try run.last("density_perturbation")
    let (all, smoke) = (try run.last("all"), try run.last("smoke"))
    // One share everywhere stays one: its amount is the mass, up to the rounding of 250 steps of three stages.
    let rest = try run.fields.values("all", record: 0)
    for index in density.indices {
      let mass = all[index] - rest[index] - density[index]
      #expect(abs(mass) < 1e-12, "\(mass) at \(index)")
      let share = smoke[index] / all[index]
      #expect(share > -0.02 && share < 1.02, "\(share) at \(index)")
    }
    let total = try run.diagnostic("total_smoke")
    let start = try run.fields.values("smoke", record: 0).reduce(0, +) * 250 * 250
    #expect(abs(total / start - 1) < 1e-12)
  }

  @Test(arguments: ["double", "float"]) func bitsAreTheSameOnEveryLayout(precision: String) throws {
    let slice = Self.slice(
      [67, 53], [20e3, 10e3], end: 5,
      """
      theta = "20*exp(-((x - 9e3)^2 + (z - 4e3)^2)/1e6)"
      sponge = { depth = 3e3 }
      viscosity = 20
      velocity.x = 10
      tracer = [{ name = "smoke", initial = "x/20e3" }]
      """)
    let block = """
      solver = "atmosphere"
      grid = { cells = [27, 22, 25], extent = [5e3, 4e3, 5e3] }
      time = { end = 2 }
      boundary = { x = "periodic", y = { low = "wall", high = "open" } }
      [atmosphere]
      viscosity = 20
      theta = "5*exp(-((x - 2e3)^2 + (y - 2e3)^2 + (z - 2e3)^2)/1e6)"
      velocity = { x = 5, y = -7 }
      tracer = [{ name = "smoke", initial = "y/4e3" }]
      """
    for text in [slice, block] {
      let set = ["precision=\"\(precision)\""]
      let alone = try Weathered(text, set: set)
      for (ranks, threads) in precision == "double" ? [(2, 1), (1, 2), (3, 2), (7, 1), (1, 3)] : [(3, 2), (7, 1)] {
        #expect(
          try Weathered(text, set: set, ranks: ranks, threads: threads).fingerprint == alone.fingerprint,
          "\(ranks) ranks x \(threads) threads")
      }
    }
  }
}

/// Names that no tracer can have.
@Suite(.serialized) struct TracerNameTests {
  @Test(
    arguments: ["atmosphere", "shallow-water"],
    [
      ("[{ name = 'momentum_x' }]", "the output calls something else"), ("[{ name = 'a b' }]", "not a name"),
      ("[{ name = 'maximum_u' }]", "the output calls something else"), ("[{ name = '2nd' }]", "not a name"),
      ("[{ name = 'a' }, { name = 'a' }]", "another tracer"),
    ])
  func isRefused(solver: String, course: (names: String, says: String)) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let own = solver == "atmosphere" ? "scheme = \"weno5\"" : "depth = 1"
    try """
    solver = "\(solver)"
    grid = { cells = [16, 16], extent = [1e3, 1e3] }
    time = { end = 1 }
    [\(solver)]
    \(own)
    tracer = \(course.names)
    """.write(to: folder.appending(path: "c.toml"), atomically: true, encoding: .utf8)
    let run = try launch(
      "weathersim", ranks: 2, arguments: ["c.toml", "--threads", "1", "--quiet"], directory: folder)
    #expect(run.status != 0)
    #expect(run.stderr.contains("c.toml:6:") && run.stderr.contains(course.says), "\(run.stderr)")
    #expect(run.stderr.components(separatedBy: "error:").count == 2, "\(run.stderr)")
  }
}

/// In three dimensions.
@Suite(.serialized) struct Weno5BlockTests {
  static func block(_ cells: [Int], end: Double, _ keys: String) -> String {
    """
    solver = "atmosphere"
    grid = { cells = [\(cells[0]), \(cells[1]), \(cells[2])], extent = [10e3, 10e3, 10e3] }
    time = { end = \(end), step = 0.3 }
    boundary = { x = "periodic", y = "periodic" }
    [atmosphere]
    \(keys)
    """
  }

  @Test func whatIsTheSameAlongYIsTheSlice() throws {
    let theta = "theta = \"3*exp(-((x - 5e3)^2 + (z - 3e3)^2)/2e6)\""
    let block = try Weathered(Self.block([32, 5, 32], end: 60, theta))
    let slice = try Weathered(
      Weno5Tests.slice([32, 32], [10e3, 10e3], end: 60, theta), set: ["time.step=0.3"])
    let (w, flat) = (try block.last("w"), try slice.last("w"))
    let largest = flat.map(abs).max()!
    #expect(largest > 0.5)
    for z in 0..<32 {
      for y in 0..<5 {
        for x in 0..<32 {
          // Other orders of the same sums, and their rounding in 200 steps.
          #expect(abs(w[(z * 5 + y) * 32 + x] - flat[z * 32 + x]) < 1e-11 * largest)
        }
      }
    }
    #expect(try block.last("v").allSatisfy { $0 == 0 })
  }

  @Test func xAndYAreAlike() throws {
    let n = 20
    let run = try Weathered(
      Self.block(
        [n, n, n], end: 60, "theta = \"3*exp(-((x - 4e3)^2 + (y - 5e3)^2 + (z - 3e3)^2)/2e6)\"\nvelocity.x = 10"))
    let turned = try Weathered(
      Self.block(
        [n, n, n], end: 60, "theta = \"3*exp(-((x - 5e3)^2 + (y - 4e3)^2 + (z - 3e3)^2)/2e6)\"\nvelocity.y = 10"))
    let (u, v, w) = (try run.last("u"), try turned.last("v"), (try run.last("w"), try turned.last("w")))
    let largest = w.0.map(abs).max()!
    #expect(largest > 0.5)
    for z in 0..<n {
      for y in 0..<n {
        for x in 0..<n {
          let (here, there) = ((z * n + y) * n + x, (z * n + x) * n + y)
          #expect(abs(u[here] - v[there]) < 1e-10 * largest && abs(w.0[here] - w.1[there]) < 1e-10 * largest)
        }
      }
    }
    #expect(abs(try run.diagnostic("mass_change")) < 1e-13)
  }
}
