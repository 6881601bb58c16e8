import Foundation
import TestSupport
import Testing

/// The repository's folder of cases.
let simulations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Simulations")
  .standardizedFileURL

/// The cases of weathersim: the folders whose configuration asks for one of its solvers.
let caseNames: [String] = {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: simulations.path)) ?? []
  return names.filter { name in
    let url = simulations.appending(path: "\(name)/config.toml")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return false }
    return ["shallow-water", "atmosphere"].contains { text.contains("solver = \"\($0)\"") }
  }.sorted()
}()

/// One finished run of weathersim: its fields, its diagnostics and its fingerprint.
struct Weathered {
  let fields: NetCDF
  let fingerprint: String
  let final: [String: Double]
  let steps: Int
  let cells: [Int]

  /// Runs a case of the repository.
  init(case name: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1) throws {
    try self.init(
      simulations.appending(path: "\(name)/config.toml"), file: "\(name).nc", set: set, ranks: ranks, threads: threads)
  }

  /// Runs a configuration that says nothing of output.
  init(_ configuration: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString).toml")
    defer { try? FileManager.default.removeItem(at: url) }
    try configuration.write(to: url, atomically: true, encoding: .utf8)
    try self.init(url, file: "run.nc", set: set + ["output.file=\"run.nc\""], ranks: ranks, threads: threads)
  }

  private init(_ url: URL, file: String, set: [String], ranks: Int?, threads: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try launch(
      "weathersim", ranks: ranks,
      arguments: [url.path, "--threads", "\(threads)", "--quiet"] + set.flatMap { ["--set", $0] }, directory: folder,
      timeout: 300)
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
  }

  /// A diagnostic of the end.
  func diagnostic(_ name: String) throws -> Double { try #require(final[name], "\(final.keys.sorted())") }

  /// A field at the end.
  func last(_ name: String) throws -> [Double] { try fields.values(name, record: -1) }

  /// The mean over cells of the absolute difference of a field from a function of x.
  func meanError(_ name: String, _ exact: (Double) -> Double) throws -> Double {
    let (values, x) = (try last(name), try fields.values("x"))
    return zip(values, x).reduce(0) { $0 + abs($1.0 - exact($1.1)) } / Double(values.count)
  }
}
