internal import Glibc
import MPI
import Stencils

/// Writes a run's checkpoints, keeps the newest, and finds the one to go on from. Every rank has one.
final class CheckpointKeeper {
  let folder: CheckpointFolder
  private let settings: CheckpointSettings
  private let world: Communicator
  // This run's own, the newest first, and behind them the one that it went on from.
  private var good: [String] = []
  /// Seconds that the last one took.
  private(set) var cost: Double?
  /// The last one's step, and how many were written.
  private(set) var lastStep: Int?
  private(set) var written = 0
  private(set) var bytes = 0
  private(set) var seconds = 0.0

  init(_ settings: CheckpointSettings, _ folder: CheckpointFolder, on world: Communicator) {
    self.settings = settings
    self.folder = folder
    self.world = world
  }

  /// The newest checkpoint that is known to be whole.
  var newest: String? { good.first }

  /// Finds the checkpoint to go on from and takes the state from it. Collective.
  /// - Parameter tell: told, on rank 0, what was found.
  /// - Returns: what it says; nil for a run that starts at time 0.
  /// - Throws: where one was asked for that is damaged, none of those that are there is whole, or the configuration has
  ///   changed in a way that matters.
  func resume<S: Solver>(
    _ restart: Restart, _ state: SavedState<S>, _ configuration: Configuration, tell: (String) -> Void
  ) throws -> CheckpointHeader? {
    var candidates: [String] = []
    switch restart {
    case .fresh:
      if world.rank == 0 { folder.remove(folder.list().map(\.path)) }
      return nil
    case .from(let path): candidates = [path]
    case .newest:
      let list = world.rank == 0 ? folder.list().map(\.path).joined(separator: "\n") : ""
      candidates = try world.broadcast(list, from: 0).split(separator: "\n").map(String.init)
    }
    var damage: OutputError?
    for (index, path) in candidates.enumerated() {
      do {
        let reader = try CheckpointReader(path, on: world)
        try Self.compare(reader.header, configuration, path)
        try state.restore(reader)
        good = [path]
        lastStep = reader.header.clock.step
        return reader.header
      } catch let error as OutputError {
        damage = error
        if index + 1 < candidates.count { tell("warning: \(error); the one before it is used") }
      }
    }
    guard let damage else { return nil }
    guard case .newest = restart else { throw damage }
    throw OutputError(
      path: damage.path, action: damage.action, reason: damage.reason,
      remedy: "no checkpoint is whole: --fresh starts anew")
  }

  /// Throws where the configuration is not that of the checkpoint in what its bits depend on.
  private static func compare(
    _ header: CheckpointHeader, _ configuration: Configuration, _ path: String
  ) throws(ConfigurationError) {
    let was = Dictionary(header.configuration.map { ($0.key, $0.value) }) { first, _ in first }
    var changes = configuration.keys.filter { !$0.isHarmless && was[$0.key] != $0.value }.map {
      (location: $0.location, text: "\($0.key) is \($0.value) and was \(was[$0.key] ?? "not given")")
    }
    let given = Set(configuration.keys.map(\.key))
    let start = SourceLocation(file: configuration.file)
    changes += header.configuration
      .filter { key, value in
        !given.contains(key) && !ConfigurationKey(key: key, value: value, location: start).isHarmless
      }
      .map { (start, "\($0.key) is not given and was \($0.value)") }
    if let first = changes.first {
      throw ConfigurationError(
        first.location,
        "the run of \(path) had another configuration: \(changes.map(\.text).joined(separator: "; ")); change that "
          + "back to go on from there, or start anew with --fresh")
    }
    let core = configuration.core
    let (time, step) = (header.clock.time, header.clock.step)
    if core.end < time {
      throw ConfigurationError(
        core.location(of: "time.end"),
        "time.end = \(short(core.end)) s lies before \(brief(time)) s, where \(path) stands; --fresh starts anew")
    }
    if let steps = core.steps, steps < step {
      throw ConfigurationError(
        core.location(of: "time.steps"),
        "time.steps = \(steps) lies before step \(step), where \(path) stands; --fresh starts anew")
    }
  }

  /// Writes a checkpoint and removes those beyond the number to be kept. Collective.
  /// - Returns: its name, the same on all ranks.
  /// - Throws: `OutputError`, the same on all ranks; the checkpoints that were there are there still.
  func write(_ header: CheckpointHeader, _ arrays: [SavedArray]) throws(OutputError) -> String {
    let path = folder.path(step: header.clock.step)
    let began = monotonicSeconds()
    bytes = try CheckpointWriter(path, on: world).write(header, arrays)
    let took = monotonicSeconds() - began
    (cost, lastStep) = (took, header.clock.step)
    (written, seconds) = (written + 1, seconds + took)
    good = [path] + good.filter { $0 != path }
    let kept = Set(good.prefix(settings.keep))
    if world.rank == 0 { folder.remove(folder.list().map(\.path).filter { !kept.contains($0) }) }
    good = Array(good.prefix(settings.keep))
    return path
  }

  /// Removes all checkpoints of a run that has ended well. Collective.
  func clear() {
    if world.rank == 0 { folder.remove(folder.list().map(\.path)) }
    good = []
  }
}
