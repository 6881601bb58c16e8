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
      settings.every, folder, deadline: world.rank == 0 ? Deadline(limit: options.timeLimit, began: began) : nil,
      bytes: bytes, rank: world.rank)
    lock = try OutputError.agreed(on: world, path: folder.lock) { () throws(OutputError) in
      world.rank == 0 ? try RunLock(folder.lock, patience: 30) : nil
    }
    StopSignals.take()
  }

  /// Lets other runs at the files.
  func release() { lock?.release() }

  /// Takes the state from the checkpoint that the command line asks for. Every rank calls it.
  /// - Returns: what the checkpoint says; nil for a run that begins at time 0.
  func resume(tell: (String) -> Void) throws -> CheckpointHeader? {
    guard let header = try keeper.resume(options.restart, state, configuration, tell: tell) else { return nil }
    secondsBefore = header.seconds
    tell("going on from \(keeper.newest!): step \(header.clock.step), t = \(brief(header.clock.time)) s")
    return header
  }

  /// Writes a checkpoint between two steps, and ends the run where it has to stop. Every rank calls it.
  /// - Throws: `Stopped`, or the error of a checkpoint that could not be written and was the last chance.
  func pause(
    for reason: PauseReason, _ clock: Clock, _ recorder: Recorder<S>, _ status: StatusFile?, tell: (String) -> Void
  ) throws {
    let words = pauses?.text(reason) ?? ""
    let place = "at step \(clock.step), t = \(brief(clock.time)) s"
    do {
      let path = try write(clock, recorder)
      status?.checkpoint = (path, clock.step, keeper.cost ?? 0)
      guard reason.isStop else { return }
      throw Stopped(
        description: "stopped \(words) \(place); \(path) is whole: the same command goes on from there")
    } catch let error as OutputError {
      pauses?.finish(at: clock, seconds: nil)
      let last = keeper.newest.map { "\($0) is whole" } ?? "there is none yet"
      guard reason.isStop else { return tell("warning: \(error); the run goes on, and \(last)") }
      throw RunError("stopped \(words) \(place), but \(error); \(last)")
    }
  }

  /// Writes a checkpoint. Every rank calls it.
  /// - Returns: its name.
  @discardableResult
  func write(_ clock: Clock, _ recorder: Recorder<S>) throws -> String {
    let core = configuration.core
    let output = try recorder.flush()
    let header = CheckpointHeader(
      solver: S.name, precision: core.precision.rawValue, cells: core.cells, clock: clock,
      configuration: configuration.keys.map { ($0.key, $0.value) },
      arrays: state.arrays.map { ($0.name, $0.elementBytes) }, numbers: state.numbers, sums: try state.sums(),
      output: output, first: recorder.first, seconds: secondsBefore + monotonicSeconds() - began)
    let path = try keeper.write(header, state.arrays)
    pauses?.finish(at: clock, seconds: keeper.cost)
    return path
  }

  /// Takes the checkpoints away from a run that has reached its end.
  func finish() { if pauses != nil && !configuration.core.checkpoint.atEnd { keeper.clear() } }
}
