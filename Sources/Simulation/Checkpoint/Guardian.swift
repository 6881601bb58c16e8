import MPI
import Stencils

/// Why a run stopped before its end although nothing is wrong: it goes on from its checkpoint when it is started again.
struct Stopped: ExitStatus, CustomStringConvertible {
  let description: String
  // EX_TEMPFAIL of sysexits.h: batch systems put such a job into their queue again.
  var exitStatus: Int32 { 75 }
  var line: String { description }
}

/// Sees to it that nothing of a run is lost: finds the checkpoint to go on from, writes new ones, and stops in time.
final class Guardian<S: Solver> {
  let keeper: CheckpointKeeper
  /// nil for a run that goes on from a checkpoint and writes none.
  let pauses: Pauses?
  private var lock: RunLock?
  private let state: SavedState<S>
  private let configuration: Configuration
  private let options: Options
  private let world: Communicator
  private let began: Double
  // Seconds that attempts before this one took.
  private var secondsBefore = 0.0
  /// For which checkpoints held up the run, all together.
  private(set) var secondsHeld = 0.0

  /// Every rank makes one. nil for a run that neither writes checkpoints nor goes on from one.
  /// - Parameter began: when the run was started.
  /// - Throws: where another run writes the same files.
  init?(
    _ configuration: Configuration, _ options: Options, on world: Communicator, began: Double, _ state: SavedState<S>
  ) throws {
    (self.state, self.configuration, self.options) = (state, configuration, options)
    (self.world, self.began) = (world, began)
    let (core, settings) = (configuration.core, configuration.core.checkpoint)
    let folder = CheckpointFolder(settings, output: core.outputFile, configuration: options.file)
    keeper = CheckpointKeeper(settings, folder, on: world)
    guard core.writesCheckpoints else {
      pauses = nil
      guard case .from = options.restart else { return nil }
      return
    }
    let bytes = state.arrays.reduce(0) { $0 + $1.elementBytes } * core.cells.reduce(1, *)
    pauses = Pauses(
      settings.every, keeper, deadline: world.rank == 0 ? Deadline(limit: options.timeLimit, began: began) : nil,
      bytes: bytes, rank: world.rank)
    lock = try OutputError.agreed(on: world, path: folder.lock) { () throws(OutputError) in
      world.rank == 0 ? try RunLock(folder.lock, patience: 30) : nil
    }
    if world.rank == 0 { folder.sweep() }
    StopSignals.take()
  }

  /// Lets other runs at the files.
  func release() {
    keeper.abandon()
    lock?.release()
  }

  /// Takes the state from the checkpoint that the command line asks for. Every rank calls it.
  /// - Returns: what the checkpoint says; nil for a run that begins at time 0.
  func resume(tell: (String) -> Void) throws -> CheckpointHeader? {
    guard let header = try keeper.resume(options.restart, state, configuration, tell: tell) else { return nil }
    secondsBefore = header.seconds
    tell("going on from \(keeper.newest!): step \(header.clock.step), t = \(brief(header.clock.time)) s")
    return header
  }

  /// Begins a checkpoint between two steps, after the one before has been settled; where the run has to stop, settles it
  /// too, and ends the run. Every rank calls it.
  /// - Parameter check: throws where the state makes no sense, which must not take the place of one that does.
  /// - Throws: `Stopped`, or the error of a checkpoint that could not be written and was the last chance.
  func pause(
    for reason: PauseReason, _ clock: Clock, _ recorder: Recorder<S>, _ status: StatusFile?, check: () throws -> Void,
    tell: (String) -> Void
  ) throws {
    let began = monotonicSeconds()
    defer { secondsHeld += monotonicSeconds() - began }
    func last() -> String { keeper.newest.map { "\($0) is whole" } ?? "there is none yet" }
    func attempt(_ body: () throws -> Void) throws -> OutputError? {
      do { try body() } catch let error as OutputError { return error }
      return nil
    }
    let stale = try attempt { try settle(status) }
    let fresh = try attempt {
      guard reason != .written else { return }
      try check()
      try begin(clock, recorder)
      if reason.isStop { try settle(status) }
    }
    for error in [stale, reason.isStop ? nil : fresh] {
      if let error { tell("warning: \(error); the run goes on, and \(last())") }
    }
    guard reason.isStop else { return }
    let words = "stopped \(pauses?.text(reason) ?? "") at step \(clock.step), t = \(brief(clock.time)) s"
    if let fresh { throw RunError("\(words), but \(fresh); \(last())") }
    throw Stopped(description: "\(words); \(last()): the same command goes on from there")
  }

  /// Writes a checkpoint, and waits for it. Every rank calls it.
  func write(_ clock: Clock, _ recorder: Recorder<S>) throws {
    let began = monotonicSeconds()
    try begin(clock, recorder)
    try settle(nil)
    secondsHeld += monotonicSeconds() - began
  }

  private func begin(_ clock: Clock, _ recorder: Recorder<S>) throws {
    let core = configuration.core
    let interval = pauses?.secondsBetween ?? 0
    pauses?.begin(at: clock)
    let output = try recorder.flush()
    let header = CheckpointHeader(
      solver: S.name, precision: core.precision.rawValue, cells: core.cells, clock: clock,
      configuration: configuration.keys.map { ($0.key, $0.value) },
      arrays: state.arrays.map { ($0.name, $0.elementBytes) }, numbers: state.numbers, sums: try state.sums(),
      output: output, first: recorder.first, seconds: secondsBefore + monotonicSeconds() - began)
    try keeper.begin(header, state.arrays, interval: interval)
  }

  /// Waits for the checkpoint that is being written, if there is one. Every rank calls it.
  /// - Throws: where it could not be written.
  func settle(_ status: StatusFile?) throws {
    guard let written = try keeper.settle() else { return }
    status?.checkpoint = (written.path, written.step, written.seconds)
    pauses?.learn(seconds: written.seconds)
  }

  /// Takes the checkpoints away from a run that has reached its end.
  func finish() { if pauses != nil && !configuration.core.checkpoint.atEnd { keeper.clear() } }
}
