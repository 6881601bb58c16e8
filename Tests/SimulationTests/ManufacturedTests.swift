import Foundation
import Testing

/// Problems made from their solution, with a conductivity that varies everywhere.
struct Manufactured: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let axes: [String]
  /// u at time 0; at time t it is u exp(-t).
  let start: String
  let exact: @Sendable ([Double]) -> Double
  let conductivity: String
  /// ∂u/∂t - ∇·(k ∇u) at time 0.
  let source: String
  /// For each number of cells the root mean square and the largest error of the steady problem -∇·(k ∇u) = s, of
  /// cell-centred finite volumes with harmonic means: computed elsewhere.
  let steady: [(cells: Int, rms: Double, max: Double)]

  static let all = [
    Manufactured(
      testDescription: "two dimensions", axes: ["x", "y"],
      start: "(x*y + sin(pi*x)*cos(2*pi*y))", exact: { $0[0] * $0[1] + sin(.pi * $0[0]) * cos(2 * .pi * $0[1]) },
      conductivity: "sin(2*pi*x)*cos(pi*y)/2 + 1",
      source: """
        (-x*y + pi*(x - 2*pi*sin(pi*x)*sin(2*pi*y))*sin(2*pi*x)*sin(pi*y)/2 \
        - pi*(y + pi*cos(pi*x)*cos(2*pi*y))*cos(2*pi*x)*cos(pi*y) \
        + 5*pi^2*(sin(2*pi*x)*cos(pi*y) + 2)*sin(pi*x)*cos(2*pi*y)/2 - sin(pi*x)*cos(2*pi*y))
        """,
      steady: [
        (16, 0.0076494855, 0.018646822), (32, 0.001908514, 0.0047457513), (64, 0.00047698523, 0.0011958333),
      ]),
    Manufactured(
      testDescription: "three dimensions", axes: ["x", "y", "z"],
      start: "(sin(pi*x)*sin(pi*z + 3/10)*cos(pi*y))",
      exact: { sin(.pi * $0[0]) * sin(.pi * $0[2] + 0.3) * cos(.pi * $0[1]) },
      conductivity: "x*y/2 + z^2/3 + 1",
      source: """
        (pi*x*sin(pi*x)*sin(pi*y)*sin(pi*z + 3/10)/2 - pi*y*sin(pi*z + 3/10)*cos(pi*x)*cos(pi*y)/2 \
        - 2*pi*z*sin(pi*x)*cos(pi*y)*cos(pi*z + 3/10)/3 \
        + pi^2*(3*x*y + 2*z^2 + 6)*sin(pi*x)*sin(pi*z + 3/10)*cos(pi*y)/2 - sin(pi*x)*sin(pi*z + 3/10)*cos(pi*y))
        """,
      steady: [
        (8, 0.0060048549, 0.017000971), (16, 0.0015029688, 0.0045595167), (32, 0.00037595217, 0.0011724107),
      ]),
  ]

  func configuration(cells: Int, end: Double, stages: Int, source: String, side: String) -> String {
    """
    grid = { cells = \(list(axes.map { _ in cells })), extent = \(list(axes.map { _ in 1.0 })) }
    time.end = \(end)
    [heat]
    conductivity = "\(conductivity)"
    capacity = 1
    source = "\(source)"
    initial = "\(start)"
    scheme = "rkl2"
    stages = \(stages)
    [boundary]
    \(axes.map { "\($0) = { kind = \"fixed\", value = \"\(side)\" }" }.joined(separator: "\n"))
    """
  }
}

@Suite(.serialized) struct ManufacturedTests {
  @Test(arguments: Manufactured.all) func steadyErrorsAreThoseOfTheScheme(problem: Manufactured) throws {
    for (cells, rms, largest) in problem.steady {
      let error = try Simulated(
        problem.configuration(
          cells: cells, end: 2.5, stages: 9, source: "\(problem.source) + \(problem.start)", side: problem.start)
      ).error(problem.exact)
      #expect(abs(error.rms / rms - 1) < 5e-5 && abs(error.max / largest - 1) < 5e-5, "\(cells) cells: \(error)")
    }
  }

  @Test(arguments: Manufactured.all) func unsteadyErrorsFallInSecondOrder(problem: Manufactured) throws {
    let sizes = problem.axes.count == 2 ? [12, 24, 48] : [6, 12, 24]
    let errors = try sizes.map { cells in
      try Simulated(
        problem.configuration(
          cells: cells, end: 0.1, stages: 5, source: "\(problem.source)*exp(-t)", side: "\(problem.start)*exp(-t)")
      ).error { problem.exact($0) * exp(-0.1) }.rms
    }
    #expect(abs(errors[1] / errors[2] - 4) < 0.2, "errors \(errors)")
  }
}
