// Every bad input, with the built command, at 1 and 4 ranks: one message, a status, and nothing left behind.

import Foundation
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct BadInputTests {
  @Test func theGoodConfigurationRuns() throws {
    let place = try Place(BadInput.command("good", ["config.toml", "--quiet"], says: ""))
    defer { place.remove() }
    let result = try launch("heatsim", ranks: 4, arguments: place.input.arguments, directory: place.folder)
    #expect(result.status == 0 && ownLines(of: result).isEmpty, "\(result)")
    #expect(try place.newFiles() == ["plate.nc", "plate.png", "run.json"])
  }

  @Test(arguments: [1, 4]) func oneClearMessageAndNothingLeft(ranks: Int) throws {
    let inputs = BadInput.all.filter { $0.ranks.contains(ranks) }
    // The names tell the failures apart.
    #expect(inputs.count >= 60)
    let outcomes = try runAll(inputs, ranks: ranks)
    #expect(outcomes.count == inputs.count)
    for (input, outcome) in zip(inputs, outcomes) { check(input, outcome) }
  }

  private func check(_ input: BadInput, _ outcome: Outcome) {
    let result = outcome.result
    #expect(result.status == input.status, "\(input.name): \(result)")
    let lines = ownLines(of: result)
    #expect(lines.count == 1, "\(input.name): \(result)")
    let line = lines.first ?? ""
    #expect(line.hasPrefix("error: " + input.message), "\(input.name): \(line)")
    #expect(line.count < 420, "\(input.name): too long to be read: \(line)")
    #expect(!result.stdout.contains("fingerprint") && !result.stdout.contains("wrote "), "\(input.name): \(result)")
    #expect(outcome.newFiles.isEmpty, "\(input.name) left \(outcome.newFiles)")
    #expect(result.seconds < 60, "\(input.name) hangs: \(result)")
  }
}

/// What a run told, without warnings and without what the launcher adds: a note about the status, which stands between
/// dashes, and now and then a warning of its event loop as its pipes close.
func ownLines(of result: RunResult) -> [String] {
  var isInNote = false
  var lines: [String] = []
  for line in result.stderr.split(separator: "\n") {
    if line.hasPrefix("-----") {
      isInNote.toggle()
    } else if !isInNote, !line.hasPrefix("warning: "), !line.hasPrefix("[warn] Epoll") {
      lines.append(String(line))
    }
  }
  return lines
}

/// A folder in which one bad input is tried.
struct Place {
  let input: BadInput
  let folder: URL

  init(_ input: BadInput) throws {
    self.input = input
    folder = FileManager.default.temporaryDirectory.appending(path: "halo-bad-\(UUID().uuidString)")
    for name in ["folder.nc", "folder.png"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    try Data(input.file).write(to: folder.appending(path: "config.toml"))
  }

  /// What is there now and was not at first; the configuration too, if it is no longer the same.
  func newFiles() throws -> [String] {
    let known = ["config.toml", "folder.nc", "folder.png"]
    var found = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !known.contains($0) }
    if try Data(contentsOf: folder.appending(path: "config.toml")) != Data(input.file) { found.append("config.toml") }
    return found.sorted()
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

struct Outcome: Sendable {
  let result: RunResult
  let newFiles: [String]
}

/// Runs all inputs, several at a time: a launch mostly waits. A single rank goes without launcher, as users start it.
func runAll(_ inputs: [BadInput], ranks: Int) throws -> [Outcome] {
  let queue = OperationQueue()
  queue.maxConcurrentOperationCount = 5
  let outcomes = Mutex<[Int: Result<Outcome, any Error>]>([:])
  for (index, input) in inputs.enumerated() {
    queue.addOperation {
      let outcome = Result {
        let place = try Place(input)
        defer { place.remove() }
        let result = try launch(
          "heatsim", ranks: ranks == 1 ? nil : ranks, arguments: input.arguments, directory: place.folder)
        return Outcome(result: result, newFiles: try place.newFiles())
      }
      outcomes.withLock { $0[index] = outcome }
    }
  }
  queue.waitUntilAllOperationsAreFinished()
  return try outcomes.withLock { found in try inputs.indices.map { try found[$0]!.get() } }
}
