import Foundation
import TestSupport

/// The cases of heatsim; those of weathersim are checked by the tests of weather.
let caseNames = TestSupport.caseNames(of: ["heat"])

/// One finished run of heatsim: its final state, its diagnostics and its fingerprint.
@dynamicMemberLookup
struct Simulated {
  private let run: FinishedRun
  /// m.
  let spacing: [Double]
  let origin: [Double]

  subscript<Value>(dynamicMember part: KeyPath<FinishedRun, Value>) -> Value { run[keyPath: part] }
  func diagnostic(_ name: String) throws -> Double { try run.diagnostic(name) }

  /// Runs a case of the repository.
  init(
    case name: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1, timeout: Int = 120
  ) throws {
    try self.init(
      FinishedRun("heatsim", case: name, set: set, ranks: ranks, threads: threads, timeout: timeout))
  }

  /// Runs a configuration that says nothing of output.
  init(_ configuration: String, set: [String] = [], threads: Int = 1, timeout: Int = 120) throws {
    try self.init(
      FinishedRun(
        "heatsim", "solver = \"heat\"\n" + configuration, set: set, ranks: nil, threads: threads, timeout: timeout))
  }

  private init(_ run: FinishedRun) throws {
    self.run = run
    var (spacing, origin): ([Double], [Double]) = ([], [])
    for axis in ["x", "y", "z"].prefix(run.cells.count) {
      let centers = try run.fields.values(axis)
      let bounds = try run.fields.values("\(axis)_bnds")
      spacing.append((bounds.last! - bounds[0]) / Double(centers.count))
      origin.append(bounds[0])
    }
    (self.spacing, self.origin) = (spacing, origin)
  }

  var temperature: [Double] { get throws { try run.fields.values("temperature", record: -1) } }

  /// The largest and the root mean square difference from a function of position, over all cells' centres.
  func error(_ exact: ([Double]) -> Double) throws -> (max: Double, rms: Double) {
    var (largest, sum) = (0.0, 0.0)
    let values = try temperature
    for (index, value) in values.enumerated() {
      let difference = abs(value - exact(center(index)))
      // Not the function max, which forgets a NaN.
      if !(difference <= largest) { largest = difference }
      sum += difference * difference
    }
    return (largest, (sum / Double(values.count)).squareRoot())
  }

  /// The centre of a cell, m.
  func center(_ index: Int) -> [Double] {
    var rest = index
    return run.cells.indices.map { axis in
      defer { rest /= run.cells[axis] }
      return origin[axis] + (Double(rest % run.cells[axis]) + 0.5) * spacing[axis]
    }
  }

  /// The temperature at a point between centres of cells, by linear interpolation along each axis.
  func interpolated(_ point: [Double]) throws -> Double {
    let values = try temperature
    var corners: [(index: Int, weight: Double)] = [(0, 1)]
    var stride = 1
    for axis in run.cells.indices {
      let place = (point[axis] - origin[axis]) / spacing[axis] - 0.5
      let low = min(max(Int(place.rounded(.down)), 0), max(run.cells[axis] - 2, 0))
      let part = place - Double(low)
      var next: [(index: Int, weight: Double)] = []
      for corner in corners {
        let index = corner.index + low * stride
        next.append((index, corner.weight * (1 - part)))
        if part != 0 { next.append((index + stride, corner.weight * part)) }
      }
      corners = next
      stride *= run.cells[axis]
    }
    return corners.reduce(0) { $0 + $1.weight * values[$1.index] }
  }
}

/// The order with which an error falls when the cells are made `ratio` times finer.
func order(_ coarse: Double, _ fine: Double, ratio: Double = 2) -> Double { log(coarse / fine) / log(ratio) }

/// "[a, b]", as TOML writes lists.
func list<T>(_ values: [T]) -> String { "[" + values.map { "\($0)" }.joined(separator: ", ") + "]" }
