// The advection example: after one way around a periodic box every tracer is where it was; what is missing is the
// scheme's error. Amounts do not change.

import Foundation
import TestSupport
import Testing

@Suite struct AdvectionTests {
  private func run(_ scheme: String, _ cells: [Int], wind: [Double], precision: String = "double", ranks: Int? = nil)
    throws
    -> FinishedRun
  {
    let axes = zip(["x", "y", "z"], wind).map { "\($0) = \($1)" }.joined(separator: ", ")
    return try FinishedRun(
      "example-advection",
      """
      solver = "advection"
      precision = "\(precision)"
      [grid]
      cells = \(cells)
      extent = \(cells.map { _ in 1.0 })
      [time]
      end = 1.0
      [advection]
      scheme = "\(scheme)"
      wind = { \(axes) }
      [[advection.tracer]]
      name = "waves"
      initial = "2 + sin(2*pi*x)\(cells.count > 1 ? "*cos(2*pi*y)" : "")"
      [[advection.tracer]]
      name = "hill"
      initial = "exp(-((x - 0.5)/0.1)^2)"
      [[advection.tracer]]
      name = "air"
      initial = 1.25
      """, set: [], ranks: ranks, threads: 1, timeout: 120)
  }

  private func error(_ run: FinishedRun, _ tracer: String) throws -> Double {
    let (first, last) = (try run.fields.values(tracer, record: 0), try run.fields.values(tracer, record: -1))
    return zip(first, last).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(first.count)
  }

  private func orders(_ runs: [FinishedRun], _ tracer: String) throws -> [Double] {
    let errors = try runs.map { try error($0, tracer) }
    return zip(errors, errors.dropFirst()).map { log2($0 / $1) }
  }

  /// Along an axis, forward and backward: the wind's sign decides where values come from.
  @Test(arguments: [1.0, -1.0])
  func thirdOrderAlongALine(wind: Double) throws {
    let runs = try [64, 128, 256].map { try run("third", [$0], wind: [wind], ranks: 2) }
    for order in try orders(runs, "waves") { #expect(abs(order - 3) < 0.1, "\(order)") }
    // The hill is still coarse at 64 cells.
    #expect(try orders(runs, "hill").last! > 2.8)
  }

  /// Across both axes.
  @Test func thirdOrderInAPlane() throws {
    let runs = try [32, 64, 128].map { try run("third", [$0, $0], wind: [1, -2], ranks: 4) }
    #expect(abs(try orders(runs, "waves").last! - 3) < 0.1)
  }

  /// The error of a sine, 1 - exp(-(2π)² h (1 - courant)/2 ...), is of first order only where it is small.
  @Test func firstOrderUpwind() throws {
    let runs = try [256, 512, 1024].map { try run("upwind", [$0], wind: [1]) }
    #expect(abs(try orders(runs, "waves").last! - 1) < 0.1)
  }

  /// In three dimensions as well; a uniform tracer stays uniform in a uniform wind, and amounts stay what they were, to the
  /// rounding of as many additions as there are steps.
  @Test(arguments: ["upwind", "third"], ["double", "float"])
  func amountsAreConserved(scheme: String, precision: String) throws {
    let run = try run(scheme, [24, 20, 16], wind: [1, 0.5, -0.25], precision: precision, ranks: 3)
    let rounding = precision == "double" ? 2.3e-16 : 1.2e-7
    for tracer in ["waves", "hill", "air"] {
      let totals = try run.fields.values("total_\(tracer)")
      #expect(abs(totals.last! / totals[0] - 1) < rounding * Double(run.steps), "\(tracer): \(totals)")
    }
    for value in try run.fields.values("air", record: -1) {
      #expect(abs(value / 1.25 - 1) < rounding * Double(run.steps))
    }
  }
}
