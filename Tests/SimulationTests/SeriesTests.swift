import Foundation
import Testing

/// Transient problems with series solutions.
@Suite(.serialized) struct SeriesTests {
  // An instantaneous point source that has spread for 0.002 s, in a periodic box: Carslaw & Jaeger, 10.2, with images.
  private func source(_ p: [Double], at t: Double) -> Double {
    p.reduce(1) { product, x in
      product * (-3...3).reduce(0) { $0 + exp(-pow(x - 0.5 + Double($1), 2) / (4 * t)) } / (4 * .pi * t).squareRoot()
    }
  }

  // A point, the temperature there and the integral of the square, at 0.03 s.
  static let spots: [(dimensions: Int, point: [Double], value: Double, square: Double)] = [
    (1, [0.63], 1.4177299851658125, 1.1873572360677913), (2, [0.63, 0.57], 2.2185123691904449, 1.4098172060425447),
    (3, [0.63, 0.57, 0.45], 3.5410655743743282, 1.6739566611274916),
  ]

  @Test(arguments: spots)
  func pointSourceSpreads(dimensions: Int, point: [Double], value: Double, square: Double) throws {
    #expect(abs(source(point, at: 0.03) / value - 1) < 1e-12)
    let names = Array(["x", "y", "z"].prefix(dimensions))
    let exponent = names.map { "(\($0) - 0.5)^2" }.joined(separator: " + ")
    let run = try Simulated(
      """
      grid.cells = \(list(names.map { _ in 64 }))
      grid.extent = \(list(names.map { _ in 1.0 }))
      time.end = 0.028
      heat.diffusivity = 1
      heat.scheme = "heun"
      heat.initial = "exp(-(\(exponent))/0.008)/(0.008*pi)^\(Double(dimensions) / 2)"
      boundary = { \(names.map { "\($0) = \"periodic\"" }.joined(separator: ", ")) }
      output.every = 0.004
      """, threads: 2)
    // Of the peak: 0.3 % at 0.01 s, 0.1 % at 0.03 s, for 64 cells in two dimensions; the errors of the axes add.
    let share = max(1, Double(dimensions) / 2)
    let center = names.map { _ in 0.5 }
    for (record, t, part) in [(2, 0.01, 0.003), (7, 0.03, 0.001)] {
      let peak = source(center, at: t)
      for (index, value) in try run.fields.values("temperature", record: record).enumerated() {
        let difference = abs(value - source(run.center(index), at: t))
        guard difference < share * part * peak else {
          Issue.record("\(difference) at \(run.center(index)), \(t) s, where the peak is \(peak)")
          return
        }
      }
    }
    #expect(abs(try run.diagnostic("total_heat") - 1) < 1e-12)
    let squares = try run.temperature.reduce(0) { $0 + $1 * $1 } / pow(64, Double(dimensions))
    #expect(abs(squares / square - 1) < 0.002 * share)
  }

  // A plane wall that loses heat through films, half of it: Carslaw & Jaeger 3.10. Sampled at the centre, half way and
  // at the surface, and its mean, at Fourier numbers 0.05, 0.2 and 1.
  static let slab: [(biot: Double, table: [[Double]])] = [
    (
      0.1,
      [
        [0.99997328280316, 0.99848171326805, 0.97526038767416, 0.99508287103233],
        [0.99399850159241, 0.98463147172772, 0.95141985486887, 0.98065349173797],
        [0.92238857160013, 0.9112562928074, 0.87812648760913, 0.90758707940888],
      ]
    ),
    (
      1,
      [
        [0.99975095505826, 0.98630019558154, 0.79037676364923, 0.95730998412667],
        [0.95064177850547, 0.87925481217904, 0.64339078447744, 0.8515954576873],
        [0.53385940140857, 0.48522406036858, 0.34817685166167, 0.47039722486541],
      ]
    ),
    (
      10,
      [
        [0.99852961347972, 0.93244010045912, 0.23232629426455, 0.8244541183628],
        [0.82925473082302, 0.63905688757552, 0.1224822380889, 0.58326203257018],
        [0.16381764169303, 0.12375826020288, 0.023172060216343, 0.11349564112041],
      ]
    ),
  ]

  @Test(arguments: slab)
  func slabCoolsThroughAFilm(biot: Double, table: [[Double]]) throws {
    let run = try Simulated(
      """
      grid = { cells = [40], extent = [1.0] }
      time.end = 1
      heat = { diffusivity = 1, initial = 1, scheme = "heun" }
      boundary.x.high = { kind = "convective", h = \(biot), ambient = 0 }
      output.every = 0.05
      """)
    for (record, expected) in zip([1, 4, 20], table) {
      let u = try run.fields.values("temperature", record: record)
      let surface = u[39] / (1 + biot / 80)  // Film and half a cell in series.
      let found = [
        (9 * u[0] - u[1]) / 8, (9 * (u[19] + u[20]) - u[18] - u[21]) / 16, surface, u.reduce(0, +) / 40,
      ]
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 2.5e-4, "\(found) for \(expected)") }
    }
  }

  // Two layers with u = 0 at both ends; their slowest mode, after it has fallen to exp(-1/2).
  @Test func twoLayersDecayTogether() throws {
    let omega = 1.756580278856903
    let root = 10.0.squareRoot()
    func mode(_ x: Double) -> Double {
      x < 0.5 ? sin(omega * x) / sin(omega * 0.5) : sin(omega * root * (1 - x)) / sin(omega * root * 0.5)
    }
    #expect(abs(mode(0.55) - 1.6809392736772) < 1e-12 && abs(mode(0.3) - 0.653441630699974) < 1e-12)
    // What Crank and Nicolson's scheme gave on the same cells with long steps.
    let table = [(20, 0.006448), (40, 0.001618), (80, 0.0004045), (160, 0.0001012)]
    let errors = try table.map { cells, listed in
      let run = try Simulated(
        """
        grid = { cells = [\(cells)], extent = [1.0] }
        time.end = 0.1620443895575243
        [heat]
        capacity = 1
        conductivity = { value = 1, regions = [{ layer = { axis = "x", from = 0.5 }, value = 0.1 }] }
        scheme = "heun"
        [heat.initial]
        value = "sin(\(omega)*x)/sin(\(omega)*0.5)"
        regions = [{ layer = { axis = "x", from = 0.5 }, value = "sin(\(omega * root)*(1 - x))/sin(\(omega * root)*0.5)" }]
        [boundary]
        x = { kind = "fixed", value = 0 }
        """)
      let error = try run.error { mode($0[0]) * exp(-0.5) }.max
      #expect(error < 1.1 * listed, "\(cells) cells")
      return error
    }
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      #expect(abs(order(coarse, fine) - 2) < 0.1, "errors \(errors)")
    }
  }

  // NAFEMS benchmark T3 (The Standard NAFEMS Benchmarks, 1990): 36.60 °C at 0.08 m after 32 s; the series gives 36.6031.
  @Test(arguments: [(40, 0.06), (80, 0.015)]) func nafemsT3(cells: Int, tolerance: Double) throws {
    let run = try Simulated(
      """
      grid = { cells = [\(cells)], extent = [0.1] }
      time.end = 32
      heat = { conductivity = 35, capacity = "440.5*7200", initial = 0, scheme = "heun" }
      boundary.x.low = { kind = "fixed", value = 0 }
      boundary.x.high = { kind = "fixed", value = "100*sin(pi*t/40)" }
      """)
    #expect(abs(try run.interpolated([0.08]) - 36.603115950155) < tolerance)
  }
}
