import Foundation
import TestSupport
import Testing

/// What the pages of the cases promise, checked. A folder in Simulations without a check fails.
@Suite(.serialized) struct CaseTests {
  static let checks: [String: @Sendable () throws -> Void] = [
    "ground": checkGround, "heat-sink": checkHeatSink, "hot-plate": checkHotPlate, "hot-spot": checkHotSpot,
    "rod": checkRod, "wall": checkWall,
  ]

  @Test func thereAreCases() { #expect(caseNames.count >= 6, "\(simulations.path) holds \(caseNames)") }

  @Test(arguments: caseNames) func isRight(name: String) throws {
    let check = try #require(Self.checks[name], "Simulations/\(name) has no check: add one to CaseTests.checks")
    try check()
  }

  @Test(arguments: caseNames) func hasAPageAndAPicture(name: String) throws {
    let folder = simulations.appending(path: name)
    let page = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
    #expect(page.contains("picture.png") && page.contains("make run CASE=\(name)"))
    let picture = try Data(contentsOf: folder.appending(path: "picture.png"))
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count < 150_000)
  }
}

/// Runs a case on grids of which each is twice as fine as the one before, and expects second order.
private func expectSecondOrder(
  _ name: String, grids: [[Int]], set: [String] = [], sourceLocation: SourceLocation = #_sourceLocation,
  exact: @escaping ([Double]) -> Double
) throws {
  let errors = try grids.map { cells in
    try Simulated(case: name, set: set + ["grid.cells=\(list(cells))"]).error(exact).rms
  }
  for (coarse, fine) in zip(errors, errors.dropFirst()) {
    let observed = order(coarse, fine)
    #expect(abs(observed - 2) < 0.1, "order \(observed), errors \(errors)", sourceLocation: sourceLocation)
  }
}

// The budget closes to the rounding of the steps.
private func expectClosedBudget(_ run: Simulated) throws {
  #expect(try run.diagnostic("budget_residual") < 1e-12)
}

// MARK: - Rod

/// The straight line between the ends, and the part of the start that has not faded, as a Fourier series.
private func rod(_ x: Double, at t: Double) -> Double {
  let diffusivity = 237 / 2.43e6
  var sum = 273.15 + 100 * x
  for n in 1...400 {
    let sign = n % 2 == 0 ? 1.0 : -1.0
    let (k, start) = (Double(n) * .pi, 293.15 - 273.15)
    sum += 2 * (start * (1 - sign) + 100 * sign) / k * sin(k * x) * exp(-diffusivity * k * k * t)
  }
  return sum
}

@Sendable private func checkRod() throws {
  let run = try Simulated(case: "rod")
  // Its error is that of second order: π⁴ α t h²/12 of the slowest mode's 45 K, about 4 mK.
  #expect(try run.error { rod($0[0], at: 1000) }.max < 0.005)
  try expectClosedBudget(run)
  try expectSecondOrder("rod", grids: [[25], [50], [100]]) { rod($0[0], at: 1000) }
}

// MARK: - Wall

/// Resistances in series: ISO 6946.
@Sendable private func checkWall() throws {
  let layers = [(0.015, 0.51), (0.240, 0.58), (0.160, 0.035), (0.020, 0.87)]
  let resistance = 1 / 7.7 + layers.reduce(0) { $0 + $1.0 / $1.1 } + 1 / 25.0
  let flux = 30 / resistance
  let run = try Simulated(case: "wall")
  // The slowest mode has faded; what is left is rounding.
  #expect(abs(try run.diagnostic("flow_through_x_low") / flux - 1) < 1e-8)
  #expect(abs(try run.diagnostic("flow_through_x_high") / -flux - 1) < 1e-8)
  // Second-order finite volumes with harmonic means are exact here, at the centres and at the interfaces.
  let values = try run.temperature
  let h = run.spacing[0]
  var (wall, place) = (293.15 - flux / 7.7, 0.0)
  for (thickness, conductivity) in layers {
    let (first, count) = (Int((place / h).rounded()), Int((thickness / h).rounded()))
    #expect(abs(values[first] + flux * h / 2 / conductivity - wall) < 1e-6)
    for cell in 0..<count {
      #expect(abs(values[first + cell] - (wall - flux * (Double(cell) + 0.5) * h / conductivity)) < 1e-6)
    }
    (wall, place) = (wall - flux * thickness / conductivity, place + thickness)
  }
  #expect(abs(wall - 263.15 - flux / 25) < 1e-9)
  // Closed as long as something moves: what passes once a step changes no temperature by half a unit in the last place
  // would be booked, but not arrive.
  try expectClosedBudget(run)
}

// MARK: - Ground

private func ground(_ x: Double, at t: Double) -> Double {
  func wave(_ amplitude: Double, _ period: Double) -> Double {
    let omega = 2 * .pi / period
    let depth = (2 * 0.5e-6 / omega).squareRoot()
    return amplitude * exp(-x / depth) * sin(omega * t - x / depth)
  }
  return 283.15 + wave(10, 31_557_600) + wave(6, 86400)
}

@Sendable private func checkGround() throws {
  let run = try Simulated(case: "ground")
  // Second order: (h/d)²/12 of the day's wave of 6 K, with d = 0.117 m, is 15 mK. The bottom, insulated at seven depths
  // of the year's wave, adds 10 K e^-7 = 9 mK there and nothing above.
  #expect(try run.error { ground($0[0], at: 15_789_600) }.max < 0.018)
  try expectClosedBudget(run)
  // The first two metres, for a day and a half; the step shrinks with the cells, and time is of second order too. The
  // lower side is given the exact temperature.
  let state = "283.15 + 10*exp(-2.0*sqrt(1e6*2*pi/31557600))*sin(2*pi*t/31557600 - 2.0*sqrt(1e6*2*pi/31557600))"
  let daily = " + 6*exp(-2.0*sqrt(1e6*2*pi/86400))*sin(2*pi*t/86400 - 2.0*sqrt(1e6*2*pi/86400))"
  let errors = try [(40, 3600.0), (80, 1800), (160, 900)].map { cells, step in
    try Simulated(
      case: "ground",
      set: [
        "grid.cells=[\(cells)]", "grid.extent=[2.0]", "time.end=129600", "time.step=\(step)", "heat.stages=9",
        "boundary.x.high={ kind = \"fixed\", value = \"\(state)\(daily)\" }",
      ]
    ).error { ground($0[0], at: 129_600) }.rms
  }
  for (coarse, fine) in zip(errors, errors.dropFirst()) {
    #expect(abs(order(coarse, fine) - 2) < 0.1, "order \(order(coarse, fine)), errors \(errors)")
  }
}

// MARK: - Hot plate and hot spot

/// A Gaussian of a standard deviation's square `variance` about `center` that spreads along one axis, by its images:
/// the sides at 0 and 1 are fixed (odd images) or insulated (even).
private func spread(_ x: Double, center: Double, variance: Double, growth: Double, fixed: Bool) -> Double {
  let now = variance + growth
  var sum = 0.0
  for n in -2...2 {
    let (here, mirrored) = (x - center + 2 * Double(n), x + center + 2 * Double(n))
    sum += exp(-here * here / (2 * now)) + (fixed ? -1 : 1) * exp(-mirrored * mirrored / (2 * now))
  }
  return (variance / now).squareRoot() * sum
}

private func hotPlate(_ p: [Double], at t: Double) -> Double {
  let growth = 2e-4 * t
  return [(90.0, 0.33, 0.66), (70, 0.66, 0.60), (110, 0.47, 0.32)].reduce(300 + 20 * p[0]) { sum, spot in
    sum + spot.0 * spread(p[0], center: spot.1, variance: 0.0025, growth: growth, fixed: true)
      * spread(p[1], center: spot.2, variance: 0.0025, growth: growth, fixed: false)
  }
}

@Sendable private func checkHotPlate() throws {
  let run = try Simulated(case: "hot-plate", threads: 2)
  #expect(try run.error { hotPlate($0, at: 20) }.max < 0.01)
  try expectClosedBudget(run)
  try expectSecondOrder("hot-plate", grids: [[96, 80], [192, 160]]) { hotPlate($0, at: 20) }
}

private func hotSpot(_ p: [Double], at t: Double) -> Double {
  let growth = 2e-4 * t
  return 300 + 100 * p.reduce(1) { $0 * spread($1, center: 0.5, variance: 0.01, growth: growth, fixed: true) }
}

@Sendable private func checkHotSpot() throws {
  let run = try Simulated(case: "hot-spot", threads: 2)
  #expect(try run.error { hotSpot($0, at: 20) }.max < 0.02)
  try expectClosedBudget(run)
  // A cube looks the same from all sides: what leaves through one leaves through each.
  let flows = try ["x_low", "x_high", "y_low", "y_high", "z_low", "z_high"].map {
    try run.diagnostic("heat_through_\($0)")
  }
  for flow in flows { #expect(abs(flow / flows[0] - 1) < 1e-10) }
  try expectSecondOrder("hot-spot", grids: [[32, 32, 32], [64, 64, 64]]) { hotSpot($0, at: 20) }
}

// MARK: - Heat sink

@Sendable private func checkHeatSink() throws {
  let run = try Simulated(case: "heat-sink", threads: 2)
  try expectClosedBudget(run)
  // Steady: all of the chip's 10 W reach the air, through the surfaces inside the grid and through its sides.
  let sides = try ["x_low", "x_high", "y_low", "y_high", "z_low", "z_high"].reduce(0) {
    $0 - (try run.diagnostic("flow_through_\($1)"))
  }
  #expect(try run.diagnostic("flow_through_z_low") == 0)
  #expect(abs(sides + (try run.diagnostic("flow_to_held")) - 10) < 1e-3)
  // The same once more from the temperatures: Newton's law over the surface of the fins, the base and the chip.
  let values = try run.temperature
  let isBody = (0..<values.count).map { index in
    let p = run.center(index).map { $0 * 1000 }
    if p[2] < 2 { return p[0] > 12 && p[0] < 26 && p[1] > 14 && p[1] < 26 }
    return p[2] < 6 || (p[2] < 22 && p[0].truncatingRemainder(dividingBy: 6) < 2)
  }
  let strides = [1, run.cells[0], run.cells[0] * run.cells[1]]
  let h = run.spacing
  var (convected, area) = (0.0, 0.0)
  for index in values.indices where isBody[index] {
    let cell = (0..<3).map { index / strides[$0] % run.cells[$0] }
    let conductivity = run.center(index)[2] < 0.002 ? 130.0 : 237
    for axis in 0..<3 {
      for step in [-1, 1] {
        let beyond = !(0..<run.cells[axis]).contains(cell[axis] + step)
        if beyond ? axis == 2 : isBody[index + step * strides[axis]] { continue }
        let face = h[0] * h[1] * h[2] / h[axis]
        area += face
        convected += face * (values[index] - 298.15) / (1 / 60 + h[axis] / 2 / conductivity)
      }
    }
  }
  #expect(abs(convected - 10) < 1e-3)
  // Fins of thickness 2 mm and length 16 mm have an efficiency tanh(mL)/(mL) of 0.979 (m² = 2h/(k·2 mm)), so that the
  // surface has nearly one temperature; the chip is hotter by what drives its heat through silicon and aluminium.
  let mean = 10 / (60 * area)
  let hottest = try run.diagnostic("maximum_temperature") - 298.15
  #expect(hottest > mean && hottest < 1.25 * mean, "surface +\(mean) K, chip +\(hottest) K")
}
