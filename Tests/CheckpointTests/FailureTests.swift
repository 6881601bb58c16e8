// What goes wrong while a run computes leaves its last good checkpoint alone.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct FailureTests {
  static let large = plate.replacing("[61, 47]", with: "[120, 100]").replacing("\"2 steps\"", with: "\"10 steps\"")

  /// There is room for one checkpoint, not for two: each further one fails, and the first stays until the end.
  @Test(.enabled(if: Disk.canMount, "mounting a file system needs root and the right to mount"), arguments: [1, 3])
  func aFullDiskCostsNoGoodCheckpoint(ranks: Int) throws {
    let disk = try Disk(options: "size=400k", flags: 0)
    defer { disk.remove() }
    let course = try Course("heatsim", Self.large)
    let elsewhere = ["checkpoint.directory=\"\(disk.path)\""]
    let whole = try fingerprint(try Course("heatsim", Self.large).launch())
    let run = try course.launch(set: elsewhere + ["checkpoint.at-end=true"], ranks: ranks)
    #expect(run.status == 1, "\(run)")
    let warnings = run.stderr.split(separator: "\n").filter { $0.hasPrefix("warning: \(disk.path)/run.step") }
    #expect(!warnings.isEmpty, "\(run)")
    for line in warnings {
      #expect(line.contains("cannot write the checkpoint: No space left on device; the disk is full"), "\(line)")
      #expect(line.hasSuffix("; the run goes on, and \(disk.path)/run.step000000010.checkpoint is whole"), "\(line)")
    }
    // The one at the end was asked for, and there is no going on without it.
    #expect(run.stderr.contains("error: \(disk.path)/run.step"), "\(run)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["run.step000000010.checkpoint"])
    let again = try course.launch(set: elsewhere, ranks: 2)
    #expect(again.stdout.contains("going on from \(disk.path)/run.step000000010.checkpoint"), "\(again)")
    #expect(try fingerprint(again) == whole)
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
  }

  @Test func aVanishedFolderIsToldAndTheRunGoesOn() throws {
    let course = try Course("heatsim", plate)
    try FileManager.default.createDirectory(
      at: course.folder.appending(path: "gone"), withIntermediateDirectories: true)
    let slow = StopTests.long.replacing("\"never\"", with: "\"100 steps\"\ndirectory = \"gone\"")
    try Data(slow.utf8).write(to: course.folder.appending(path: "config.toml"))
    let run = try course.shell(
      "$halo config.toml --threads 1 & run=$!; until ls gone/*.checkpoint | grep step; do sleep 0.05; done; rm -r gone; "
        + "wait $run")
    #expect(run.status == 0, "\(run)")
    #expect(run.stderr.contains("cannot write the checkpoint: No such file or directory; "), "\(run)")
    #expect(run.stderr.contains("the run goes on"), "\(run)")
  }

  /// A side so hot that the state is infinite: no checkpoint of that takes the place of a good one.
  @Test func aRunThatBlowsUpKeepsItsLastGoodCheckpoint() throws {
    let text = plate.replacing("300 + 5*sin(3*t)", with: "t < 2 ? 300 : 1.7e308")
    let course = try Course("heatsim", text)
    let run = try course.launch(ranks: 2)
    #expect(run.status == 1 && run.stderr.contains("temperature is not finite at cell "), "\(run)")
    let last = try #require(try course.checkpoints.last, "\(run)")
    #expect(try course.files.contains("run.nc.partial"))
    let until = try course.launch(["--restart", last.lastPathComponent], set: ["time.end=1.9"], ranks: 3)
    let other = try Course("heatsim", text)
    #expect(try fingerprint(until) == fingerprint(other.launch(set: ["time.end=1.9"])), "\(until)")
  }

  /// A rank that is lost is started again with all others, from the newest checkpoint, without anybody's help.
  @Test func aLostRankCostsNothingButTime() throws {
    let course = try Course("heatsim", StopTests.long.replacing("\"never\"", with: "\"50 steps\""))
    let run = try course.shell(
      "$halo run --retries 2 --ranks 2 config.toml --threads 1 & run=$!; "
        + "until ls *.checkpoint | grep step; do sleep 0.05; done; sleep 0.3; "
        + "rank=$(pgrep -P $(pgrep -P $run) | head -n 1); kill -KILL $rank; wait $run")
    #expect(run.status == 0, "\(run)")
    #expect(run.stderr.contains("starting it again (1 of 2)"), "\(run)")
    #expect(run.stdout.contains("going on from run.step"), "\(run)")
    let (print, output) = try StopTests.expected.get()
    #expect(run.stdout.contains("fingerprint \(print)"), "\(run)")
    #expect(try course.output().recordCount == output.recordCount)
  }
}
