import Foundation
import TestSupport
import Testing

/// The repository's folder of cases.
let simulations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Simulations")
  .standardizedFileURL

/// The cases: the folders that there are, whatever the tests know of them.
let caseNames: [String] = {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: simulations.path)) ?? []
  // Those of weathersim are checked by the tests of weather.
  return names.filter { name in
    let url = simulations.appending(path: "\(name)/config.toml")
    return (try? String(contentsOf: url, encoding: .utf8))?.contains("solver = \"heat\"") ?? false
  }.sorted()
}()

/// One finished run of heatsim: its final state, its diagnostics and its fingerprint.
struct Simulated {
  let fields: NetCDF
  let fingerprint: String
  let final: [String: Double]
  let steps: Int
  let cells: [Int]
  /// m.
  let spacing: [Double]
  let origin: [Double]

  /// Runs a case of the repository.
  init(
    case name: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1, timeout: Int = 120
  ) throws {
    try self.init(
      simulations.appending(path: "\(name)/config.toml"), file: "\(name).nc", set: set, ranks: ranks, threads: threads,
      timeout: timeout)
  }

  /// Runs a configuration that says nothing of output.
  init(_ configuration: String, set: [String] = [], threads: Int = 1, timeout: Int = 120) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString).toml")
    defer { try? FileManager.default.removeItem(at: url) }
    try ("solver = \"heat\"\n" + configuration).write(to: url, atomically: true, encoding: .utf8)
    try self.init(
      url, file: "run.nc", set: set + ["output.file=\"run.nc\""], ranks: nil, threads: threads, timeout: timeout)
  }

  private init(_ url: URL, file: String, set: [String], ranks: Int?, threads: Int, timeout: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try launch(
      "heatsim", ranks: ranks,
      arguments: [url.path, "--threads", "\(threads)", "--quiet"] + set.flatMap { ["--set", $0] }, directory: folder,
      timeout: timeout)
    try #require(run.status == 0, "\(run)")
    let line = run.stdout.split(separator: "\n").last.map(String.init) ?? ""
    try #require(line.hasPrefix("fingerprint ") && line.count == 28, "\(run)")
    fingerprint = String(line.dropFirst(12))
    fields = try NetCDF(folder.appending(path: file))
    let report = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "run.json")))
    let json = try #require(report as? [String: Any])
    let diagnostics = try #require(json["final"] as? [String: [String: Any]])
    final = diagnostics.compactMapValues { $0["value"] as? Double }
    steps = try #require(json["steps"] as? Int)
    cells = try #require(json["cells"] as? [Int])
    var (spacing, origin): ([Double], [Double]) = ([], [])
    for axis in ["x", "y", "z"].prefix(cells.count) {
      let centers = try fields.values(axis)
      let bounds = try fields.values("\(axis)_bnds")
      spacing.append((bounds.last! - bounds[0]) / Double(centers.count))
      origin.append(bounds[0])
    }
    (self.spacing, self.origin) = (spacing, origin)
  }

  /// A diagnostic of the end.
  func diagnostic(_ name: String) throws -> Double { try #require(final[name], "\(final.keys.sorted())") }

  var temperature: [Double] { get throws { try fields.values("temperature", record: -1) } }

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
    return cells.indices.map { axis in
      defer { rest /= cells[axis] }
      return origin[axis] + (Double(rest % cells[axis]) + 0.5) * spacing[axis]
    }
  }

  /// The temperature at a point between centres of cells, by linear interpolation along each axis.
  func interpolated(_ point: [Double]) throws -> Double {
    let values = try temperature
    var corners: [(index: Int, weight: Double)] = [(0, 1)]
    var stride = 1
    for axis in cells.indices {
      let place = (point[axis] - origin[axis]) / spacing[axis] - 0.5
      let low = min(max(Int(place.rounded(.down)), 0), max(cells[axis] - 2, 0))
      let part = place - Double(low)
      var next: [(index: Int, weight: Double)] = []
      for corner in corners {
        let index = corner.index + low * stride
        next.append((index, corner.weight * (1 - part)))
        if part != 0 { next.append((index + stride, corner.weight * part)) }
      }
      corners = next
      stride *= cells[axis]
    }
    return corners.reduce(0) { $0 + $1.weight * values[$1.index] }
  }
}

/// The order with which an error falls when the cells are made `ratio` times finer.
func order(_ coarse: Double, _ fine: Double, ratio: Double = 2) -> Double { log(coarse / fine) / log(ratio) }

/// "[a, b]", as TOML writes lists.
func list<T>(_ values: [T]) -> String { "[" + values.map { "\($0)" }.joined(separator: ", ") + "]" }
