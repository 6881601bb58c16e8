// Slips of a solver's author, each told by a sentence that says what to do; and `verify`, which finds in release builds
// those that only a debug build can name.

import Foundation
import TestSupport
import Testing

/// The program as a debug build has made it, where the tests are of another build; its checks are then looked at.
private let debugProgram = ProcessInfo.processInfo.environment["HALO_DEBUG_PROGRAM"]
private let isOfDebugBuild = isDebugBuild || debugProgram != nil

@Suite(.serialized) struct MistakeTests {
  private static let configuration = """
    solver = "mistaken"
    [grid]
    cells = [64, 48]
    extent = [64.0, 48.0]
    [time]
    end = 12.0
    [boundary]
    x = "periodic"
    [mistaken]
    slip = "none"
    u = "sin(0.3*x)*cos(0.2*y)"
    """

  private func run(_ slip: String, _ arguments: [String] = [], ranks: Int? = nil) throws -> RunResult {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Self.configuration.write(to: folder.appending(path: "config.toml"), atomically: true, encoding: .utf8)
    let result = try launch(
      debugProgram ?? "mistaken", ranks: ranks,
      arguments: arguments + ["config.toml", "--set", "mistaken.slip=\"\(slip)\""],
      directory: folder, timeout: 120)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("verify") }
    #expect(left.isEmpty, "\(left)")
    return result
  }

  private func expect(_ result: RunResult, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(result.status != 0, "\(result)", sourceLocation: sourceLocation)
    for word in words { #expect(result.stderr.contains(word), "\(result)", sourceLocation: sourceLocation) }
  }

  @Test func solverWithoutSlipVerifies() throws {
    let result = try run("none", ["verify", "--steps", "9"])
    #expect(result.status == 0, "\(result)")
    #expect(result.stdout.contains("The same bits on "), "\(result)")
  }

  @Test func fieldThatNothingSets() throws {
    expect(try run("unset"), "reads the field source, but nothing has set it", "domain.fill(source")
  }

  @Test func stateThatNothingSets() throws {
    let result = try run("state", ranks: 2)
    expect(result, "the field u is part of the state, but nothing has set it")
    #expect(result.stderr.split(separator: "\n").filter { $0.hasPrefix("error") }.count == 1, "\(result)")
  }

  @Test func parameterWithoutValue() throws {
    expect(try run("parameter"), "mistaken.rate is optional and absent", "has(\"rate\")")
  }

  @Test func sweepThatWritesWhatItReads() throws {
    expect(try run("in-place"), "\"diffuse\" writes its own input", "write another field and swap the two")
  }

  @Test func reachFartherThanTheSolvers() throws {
    expect(try run("far"), "reads u 2 cells away, farther than the solver says", "static var reach: Int { 2 }")
  }

  @Test(.enabled(if: isOfDebugBuild)) func reachFartherThanDeclared() throws {
    expect(try run("reach"), "reads u 2 cells away, but has declared a reach of 1: declare 2")
  }

  @Test(.enabled(if: isOfDebugBuild)) func kernelThatWritesItsInput() throws {
    expect(try run("own-input"), "\"diffuse\" writes u, which it has declared as its input alone", "row[next: u]")
  }

  @Test(.enabled(if: isOfDebugBuild)) func kernelThatUsesWhatItDoesNotDeclare() throws {
    expect(try run("undeclared"), "uses a field that it has not declared")
  }

  @Test(.enabled(if: !isOfDebugBuild)) func verifyFindsReach() throws {
    let result = try run("reach", ["verify", "--layouts", "4x1", "--depths", "1"])
    expect(
      result, "4 ranks x 1 thread, depth 1 differs from 1 rank x 1 thread, depth 1 after 1 step and not before",
      "the field u in ", "All of them lie within ", "reads farther than it has declared", "debug build")
  }

  @Test(.enabled(if: !isOfDebugBuild)) func verifyFindsKernelThatWritesItsInput() throws {
    let result = try run("own-input", ["verify", "--steps", "20"])
    expect(result, "differs from 1 rank x 1 thread, depth 1 after 1 step", "writes what it reads", "debug build")
  }
}
