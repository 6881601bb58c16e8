import Foundation
import Testing

/// The repository's folder of cases.
package let simulations = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Simulations")
  .standardizedFileURL

/// The cases of some solvers: the folders that there are, whatever the tests know of them.
package func caseNames(of solvers: [String]) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: simulations.path)) ?? []
  return names.filter { name in
    let url = simulations.appending(path: "\(name)/config.toml")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return false }
    return solvers.contains { text.contains("solver = \"\($0)\"") }
  }.sorted()
}

/// One finished run of a command: its fields, its diagnostics and its fingerprint.
package struct FinishedRun {
  package let fields: NetCDF
  package let fingerprint: String
  package let final: [String: Double]
  package let steps: Int
  package let cells: [Int]

  /// Runs a case of the repository.
  package init(
    _ command: String, case name: String, set: [String], ranks: Int?, threads: Int, timeout: Int
  ) throws {
    try self.init(
      command, simulations.appending(path: "\(name)/config.toml"), file: "\(name).nc", set: set, ranks: ranks,
      threads: threads, timeout: timeout)
  }

  /// Runs a configuration that says nothing of output.
  package init(
    _ command: String, _ configuration: String, set: [String], ranks: Int?, threads: Int, timeout: Int
  ) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString).toml")
    defer { try? FileManager.default.removeItem(at: url) }
    try configuration.write(to: url, atomically: true, encoding: .utf8)
    try self.init(
      command, url, file: "run.nc", set: set + ["output.file=\"run.nc\""], ranks: ranks, threads: threads,
      timeout: timeout)
  }

  private init(
    _ command: String, _ url: URL, file: String, set: [String], ranks: Int?, threads: Int, timeout: Int
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try launch(
      command, ranks: ranks,
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
  }

  /// A diagnostic of the end.
  package func diagnostic(_ name: String) throws -> Double { try #require(final[name], "\(final.keys.sorted())") }
}
