// The Gray-Scott example: an exact mode, exact symmetry, and a pattern that does not depend on the resolution in time.

import Foundation
import TestSupport
import Testing

@Suite struct GrayScottTests {
  private static let configuration = try! String(
    contentsOf: simulations.deletingLastPathComponent().appending(path: "Examples/GrayScott/config.toml"),
    encoding: .utf8)

  private func pattern(_ set: [String], ranks: Int? = nil, threads: Int = 1) throws -> (run: FinishedRun, v: [Double]) {
    // The example's own output table gives way to the test's.
    let run = try FinishedRun(
      "example-gray-scott", Self.configuration, set: set + ["output.picture=[]", "output.every=3000"], ranks: ranks,
      threads: threads, timeout: 120)
    return (run, try run.fields.values("v", record: -1))
  }

  /// Without v, deviations of u from 1 decay as exp(-(F + Du k²) t): the only errors are those of the Laplacian and of the
  /// time step, which goes with h².
  @Test func modeDecaysWithSecondOrder() throws {
    let (feed, diffusion, time) = (0.03, 0.16, 10.0)
    let k = 2 * Double.pi / 16
    let errors = try [32, 64, 128].map { cells in
      let run = try FinishedRun(
        "example-gray-scott",
        """
        solver = "gray-scott"
        [grid]
        cells = [\(cells), \(cells)]
        extent = [16.0, 16.0]
        [time]
        end = \(time)
        [gray-scott]
        diffusion = { u = \(diffusion), v = 0.08 }
        feed = \(feed)
        kill = 0.06
        u = "1 + 0.1*cos(\(k)*x)*cos(\(k)*y)"
        v = 0
        """, set: [], ranks: 2, threads: 1, timeout: 60)
      let decay = exp(-(feed + 2 * diffusion * k * k) * time)
      let u = try run.fields.values("u", record: -1)
      let width = 16.0 / Double(cells)
      let differences = u.indices.map { index in
        let (x, y) = ((Double(index % cells) + 0.5) * width, (Double(index / cells) + 0.5) * width)
        return abs(u[index] - 1 - 0.1 * decay * cos(k * x) * cos(k * y))
      }
      return differences.max()!
    }
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      #expect(abs(log2(coarse / fine) - 2) < 0.1, "\(errors)")
    }
  }

  /// The square of v lies symmetrically, and so does what grows from it, to the last bit: the kernel adds neighbours in
  /// pairs. Between x and y it is symmetric to rounding, which the growth of spots magnifies.
  @Test func patternIsSymmetric() throws {
    let (run, v) = try pattern(["time.end=3000"], ranks: 3)
    let n = run.cells[0]
    var (mirrored, transposed) = (0.0, 0.0)
    for y in 0..<n {
      for x in 0..<n {
        let here = v[x + n * y]
        mirrored = max(mirrored, abs(here - v[(n - 1 - x) + n * y]), abs(here - v[x + n * (n - 1 - y)]))
        transposed = max(transposed, abs(here - v[y + n * x]))
      }
    }
    #expect(mirrored == 0)
    #expect(transposed < 1e-9)
  }

  /// Spots divide: from one square to 8, and then to 24. Their number is that of the equations, not of the step, and the
  /// mean of v goes to its limit with the first order of forward Euler.
  @Test func spotsDivideAsTheyShould() throws {
    let patterns = try [0.8, 0.4, 0.2].map { try pattern(["time.end=6000", "time.safety=\($0)"]) }
    let n = patterns[0].run.cells[0]
    for (_, v) in patterns { #expect(Self.spots(v, n) == 24) }
    let means = patterns.map { $0.v.reduce(0, +) / Double(n * n) }
    let order = log2((means[1] - means[0]) / (means[2] - means[1]))
    #expect(abs(order - 1) < 0.2, "\(means)")
  }

  /// Connected parts in which v is above a level that parts the spots from one another.
  private static func spots(_ v: [Double], _ n: Int) -> Int {
    var isOpen = v.map { $0 > 0.2 }
    var count = 0
    for start in isOpen.indices where isOpen[start] {
      count += 1
      var waiting = [start]
      isOpen[start] = false
      while let cell = waiting.popLast() {
        let (x, y) = (cell % n, cell / n)
        for next in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)] {
          let index = (next.0 + n) % n + n * ((next.1 + n) % n)
          guard isOpen[index] else { continue }
          isOpen[index] = false
          waiting.append(index)
        }
      }
    }
    return count
  }
}
