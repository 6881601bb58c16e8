// Runs that are asked to stop: they write a checkpoint, end with status 75, and go on when started again.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct StopTests {
  /// A plate that takes some seconds to be computed, with no checkpoint unless it is asked for.
  static let long =
    plate.replacing("end = 3.0", with: "end = 150.0").replacing("every = 0.5", with: "every = 5.0")
    .replacing("\"2 steps\"", with: "\"never\"")

  static let expected = Result {
    let course = try Course("heatsim", long)
    let run = try course.launch(threads: 2)
    return (try fingerprint(run), try course.output())
  }

  /// What asks, in words of a shell where `$run` is the run's process.
  @Test(arguments: [
    ("SIGTERM", "kill -TERM $run"), ("SIGINT", "kill -INT $run"), ("SIGUSR1", "kill -USR1 $run"),
    ("SIGUSR2", "kill -USR2 $run"), ("the file halo.stop", "touch halo.stop"),
  ])
  func aRunThatIsAskedToStopGoesOnLater(words: String, asking: String) throws {
    let course = try Course("heatsim", Self.long)
    // SIGCONT comes first where a batch system ends a job, and means nothing.
    let stopped = try course.shell(
      "$halo config.toml --threads 1 & run=$!; until [ -s run.nc.partial ]; do sleep 0.05; done; sleep 0.3; "
        + "kill -CONT $run; sleep 0.1; \(asking); wait $run")
    #expect(stopped.status == 75, "\(stopped)")
    let line = try #require(stopped.stderr.split(separator: "\n").first { $0.hasPrefix("stopped ") }, "\(stopped)")
    #expect(line.contains("by \(words) at step ") && line.contains("the same command goes on from there"), "\(line)")
    let files = try course.files
    #expect(files.count == 3 && files.contains("run.nc.partial") && files.contains("config.toml"), "\(files)")
    try expectTheSame(course, course.launch(ranks: 3))
  }

  /// A signal to any of the ranks stops all of them at the same step.
  @Test func oneRankThatIsAskedStopsAll() throws {
    let course = try Course("heatsim", Self.long)
    let stopped = try course.shell(
      "mpirun --oversubscribe -np 3 bash -c 'echo $$ >rank.$OMPI_COMM_WORLD_RANK; exec '$halo' config.toml --threads 1' & "
        + "run=$!; until [ -s run.nc.partial ]; do sleep 0.05; done; sleep 0.3; kill -USR2 $(cat rank.2); wait $run")
    #expect(stopped.status == 75 && stopped.stderr.contains("stopped by SIGUSR2 at step "), "\(stopped)")
    try expectTheSame(course, course.launch(threads: 2))
  }

  @Test func aRunStopsInTime() throws {
    let course = try Course("heatsim", Self.long)
    // Two seconds are left for the end of the process.
    let stopped = try course.launch(["--time-limit", "5s"], set: ["time.end=100000"])
    #expect(stopped.status == 75 && stopped.seconds < 5, "\(stopped)")
    #expect(stopped.stderr.contains("stopped in time for --time-limit at step "), "\(stopped)")
    // The end is a harmless change, and all outputs until then are those of any end.
    try expectTheSame(course, course.launch(ranks: 2))
  }

  @Test func aCheckpointIsWrittenByHand() throws {
    let course = try Course("heatsim", Self.long)
    let run = try course.shell(
      "$halo config.toml --threads 1 & run=$!; until [ -s run.nc.partial ]; do sleep 0.05; done; touch halo.checkpoint; "
        + "until ls *.checkpoint | grep step; do sleep 0.05; done; kill -KILL $run; wait $run; ls halo.checkpoint")
    #expect(run.stderr.contains("cannot access 'halo.checkpoint'"), "\(run)")
    let resumed = try course.launch(ranks: 2)
    #expect(resumed.stdout.contains("going on from run.step"), "\(resumed)")
    try expectTheSame(course, resumed)
  }

  /// Two runs of one configuration do not write into each other's files.
  @Test func aSecondRunWaitsForTheEndOfTheFirst() throws {
    let course = try Course("heatsim", Self.long)
    let both = try course.shell(
      "$halo config.toml --threads 1 --quiet & run=$!; until [ -s run.nc.partial ]; do sleep 0.05; done; "
        + "($halo config.toml --threads 1; echo second $?) & sleep 0.5; kill -USR1 $run; wait $run; echo first $?; wait"
    )
    #expect(both.stdout.contains("first 75") && both.stdout.contains("second 0"), "\(both)")
    #expect(both.stdout.contains("going on from run.step"), "\(both)")
  }

  private func expectTheSame(_ course: Course, _ run: RunResult) throws {
    let (print, output) = try Self.expected.get()
    #expect(try fingerprint(run) == print, "\(run)")
    let ours = try course.output()
    #expect(ours.recordCount == output.recordCount)
    for (name, variable) in output.variables { #expect(ours.variables[name]?.bytes == variable.bytes, "\(name)") }
    #expect(try course.checkpoints.isEmpty)
  }
}
