// Checkpoints that are not what was written: every change is noticed, and the one before is used.

import Foundation
import MPI
import Simulation
import TestSupport
import TestWorld
import Testing

@Suite(.serialized, .enabled(if: !isUnderMPI)) struct DamageTests {
  @Test(arguments: [1, 3]) func everyFlipAndEveryCutIsNoticed(ranks: Int) throws {
    let course = try Course("heatsim", plate)
    _ = try fingerprint(course.launch(set: ["checkpoint.at-end=true", "time.end=0.3", "grid.cells=[31, 23]"]))
    let file = try #require(try course.checkpoints.last)
    try expectPass(
      testsNamed: "CheckpointTests.RandomDamage", ranks: ranks, environment: ["HALO_CHECKPOINT": file.path], timeout: 60
    )
  }

  @Test(arguments: [nil, 3]) func theOneBeforeIsUsed(ranks: Int?) throws {
    let course = try Course("heatsim", plate)
    let expected = try fingerprint(course.launch(set: ["checkpoint.at-end=true"]))
    let files = try course.checkpoints
    try #require(files.count == 2)
    var bytes = try Data(contentsOf: files[1])
    bytes[bytes.count / 2] ^= 4
    try bytes.write(to: files[1])
    let run = try course.launch(ranks: ranks)
    #expect(try fingerprint(run) == expected)
    let name = files[1].lastPathComponent
    let warning = run.stderr.split(separator: "\n").filter {
      $0.hasPrefix("warning: \(name): cannot use the checkpoint: ")
    }
    #expect(warning.count == 1 && warning[0].hasSuffix(" is damaged; the one before it is used"), "\(run)")
    #expect(run.stdout.contains("going on from \(files[0].lastPathComponent)"), "\(run)")
  }

  @Test func withoutAWholeOneTheRunSaysSo() throws {
    let course = try Course("heatsim", plate)
    _ = try fingerprint(course.launch(set: ["checkpoint.at-end=true"]))
    for file in try course.checkpoints { try Data(contentsOf: file).dropLast().write(to: file) }
    let run = try course.launch(ranks: 2)
    #expect(run.status == 1 && run.stderr.contains("no checkpoint is whole: --fresh starts anew"), "\(run)")
    let named = try course.launch(["--restart", "config.toml"])
    #expect(
      named.status == 1 && named.stderr.contains("it does not begin as a checkpoint of this version does"), "\(named)")
  }
}

@Suite(.serialized, .enabled(if: isUnderMPI)) struct RandomDamage {
  @Test func isNoticed() throws {
    let path = try #require(ProcessInfo.processInfo.environment["HALO_CHECKPOINT"])
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let shared = path + ".damaged"
    try write(whole, to: shared)
    #expect(isWhole(shared))
    var random = SystemRandomNumberGenerator()
    let rounds = 1000 / World.size
    var unnoticed: [String] = []
    for round in 0..<rounds {
      var damaged = whole
      var what = ""
      if round % 4 == 3 {
        // Cut off, or with something behind.
        let count = round % 8 == 3 ? Int.random(in: 0..<whole.count, using: &random) : whole.count + 1
        damaged = Array((whole + [0])[..<count])
        what = "\(count) bytes"
      } else {
        // Every fourth in the first pages, which hold much in few bytes.
        let place = Int.random(in: 0..<(round % 4 == 0 ? 8192 : whole.count), using: &random)
        damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        what = "a bit of byte \(place)"
      }
      try write(damaged, to: shared)
      if isWhole(shared) { unnoticed.append(what) }
    }
    #expect(unnoticed.isEmpty)
  }

  private func isWhole(_ path: String) -> Bool {
    do throws(OutputError) {
      try CheckpointReader(path, on: World.communicator).verify()
      return true
    } catch {
      return false
    }
  }

  /// Rank 0 writes; all may read afterwards.
  private func write(_ bytes: [UInt8], to path: String) throws {
    if World.rank == 0 { try Data(bytes).write(to: URL(filePath: path)) }
    try World.communicator.barrier()
  }
}
