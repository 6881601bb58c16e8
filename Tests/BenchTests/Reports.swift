import Foundation
import TestSupport
import Testing

/// A machine whose speed is given, so that a plan needs no long trial.
let machineFile = """
  [host]
  cores = 64
  bandwidth = 2e11
  cell_rate = 1e9
  [messages]
  latency = 1e-6
  bandwidth = 5e9
  [network]
  latency = 2e-6
  bandwidth = 1e10
  [output]
  bandwidth = 1e9
  """

/// A folder with a configuration and a machine file in it, gone with the value.
final class Place {
  let folder: URL

  init(_ configuration: String, machine: String = machineFile) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "halo-plan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(configuration.utf8).write(to: folder.appending(path: "config.toml"))
    try Data(machine.utf8).write(to: folder.appending(path: "machine.toml"))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// What `heatsim plan` tells in JSON.
  func plan(_ arguments: [String], depth: String = "1") throws -> Report {
    let result = try launch(
      "heatsim", ranks: nil,
      arguments: ["plan", "config.toml", "--report", "-", "--set", "parallel.depth=\(depth)"] + arguments,
      directory: folder)
    try #require(result.status == 0, "\(result)")
    return try Report(result.stdout)
  }

  /// What a run tells in JSON.
  func run(ranks: Int, threads: Int = 1, _ arguments: [String] = [], depth: String = "1") throws -> Report {
    let result = try launch(
      "heatsim", ranks: ranks,
      arguments: ["config.toml", "--quiet", "--report", "-", "--threads", "\(threads)"] + [
        "--set", "parallel.depth=\(depth)",
      ]
        + arguments, directory: folder,
      timeout: 120)
    try #require(result.status == 0, "\(result)")
    return try Report(result.stdout)
  }
}

/// A JSON object, read by Foundation.
struct Report {
  let values: [String: Any]

  /// - Parameter text: the object, perhaps with lines of another kind behind it.
  init(_ text: String) throws {
    let end = try #require(text.range(of: "\n}\n"), "no JSON: \(text)").upperBound
    let object = try JSONSerialization.jsonObject(with: Data(text[..<end].utf8))
    values = try #require(object as? [String: Any])
  }

  init(_ values: [String: Any]) { self.values = values }

  func number(_ path: String) throws -> Double { try #require(value(path) as? Double, "no number \(path)") }
  func integer(_ path: String) throws -> Int { try #require(value(path) as? Int, "no whole number \(path)") }
  func text(_ path: String) throws -> String { try #require(value(path) as? String, "no text \(path)") }
  func integers(_ path: String) throws -> [Int] { try #require(value(path) as? [Int], "no list \(path)") }
  func list(_ path: String) throws -> [Report] {
    try #require(value(path) as? [[String: Any]], "no list \(path)").map { Report($0) }
  }
  func has(_ path: String) -> Bool { value(path).map { !($0 is NSNull) } ?? false }

  private func value(_ path: String) -> Any? {
    path.split(separator: ".").reduce(values as Any?) { ($0 as? [String: Any])?[String($1)] }
  }
}
