// A run that leaves its checkpoints behind, from which others go on.

import Foundation
import TestSupport
import Testing

/// A folder of its own with a configuration in it.
final class Course {
  let folder = FileManager.default.temporaryDirectory.appending(path: "halo-course-\(UUID().uuidString)")
  let command: String

  init(_ command: String = "heatsim", _ configuration: String) throws {
    self.command = command
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(configuration.utf8).write(to: folder.appending(path: "config.toml"))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs the command and takes down how it ended.
  func launch(
    _ options: [String] = [], set: [String] = [], ranks: Int? = nil, threads: Int = 1, timeout: Int = 60
  ) throws -> RunResult {
    try TestSupport.launch(
      command, ranks: ranks,
      arguments: ["config.toml", "--threads", "\(threads)"] + options + set.flatMap { ["--set", $0] },
      directory: folder, timeout: timeout)
  }

  /// Runs a shell's commands in the folder; `$halo` is the command under test.
  func shell(_ script: String) throws -> RunResult {
    let program = buildDirectory.appending(path: command).path
    return try run(["timeout", "-k", "5", "60", "bash", "-c", "halo='\(program)'; \(script)"], directory: folder)
  }

  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  /// The checkpoints that are there, the one with fewest steps first.
  var checkpoints: [URL] {
    get throws { try files.filter { $0.hasSuffix(".checkpoint") }.map { folder.appending(path: $0) } }
  }

  /// What a run left in run.json, but for how it was run and how long it took.
  func report() throws -> [String: NSObject] {
    let data = try Data(contentsOf: folder.appending(path: "run.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: NSObject])
    let keys = ["initial", "final", "fingerprint", "steps", "time", "shortest_step", "longest_step", "cells", "solver"]
    return json.filter { keys.contains($0.key) }
  }

  func output(_ name: String = "run.nc") throws -> NetCDF { try NetCDF(folder.appending(path: name)) }
}

/// The fingerprint that a run ended with.
func fingerprint(_ run: RunResult) throws -> String {
  try #require(run.status == 0, "\(run)")
  let line = run.stdout.split(separator: "\n").last.map(String.init) ?? ""
  try #require(line.hasPrefix("fingerprint ") && line.count == 28, "\(run)")
  return String(line.dropFirst(12))
}

/// A plate with all that a checkpoint of heat conduction has to hold.
let plate = """
  solver = "heat"
  [grid]
  cells = [61, 47]
  extent = [1.0, 0.75]
  [time]
  end = 3.0
  [heat]
  conductivity = "1e-2 + 5e-3*x*sin(t)"
  capacity = "100 + 10*x + sin(t)"
  source = "10*x*cos(t)"
  initial = "300 + 20*x + 90*exp(-((x - 0.33)^2 + (y - 0.36)^2)/0.005)"
  scheme = "heun"
  held = [{ region = { ball = { center = [0.6, 0.3], radius = 0.1 } }, temperature = 310, h = 5 }]
  [boundary]
  x.low = { kind = "fixed", value = "300 + 5*sin(3*t)" }
  x.high = { kind = "fixed", value = 320 }
  [output]
  file = "run.nc"
  every = 0.5
  [checkpoint]
  every = "2 steps"

  """
