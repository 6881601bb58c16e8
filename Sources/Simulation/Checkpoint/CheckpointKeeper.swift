internal import Glibc
import MPI
import Stencils
import Threads

/// Writes a run's checkpoints, keeps the newest, and finds the one to go on from. Every rank has one.
final class CheckpointKeeper {
  let folder: CheckpointFolder
  private let settings: CheckpointSettings
  private let world: Communicator
  // This run's own, the newest first, and behind them the one that it went on from.
  private var good: [String] = []
  private var writer: CheckpointWriter?
  private var step = 0
  private var held = 0.0
  // Kept from one checkpoint to the next: memory for this rank's state, and the ranks that share the host's.
  private var memory: PageMemory?
  private var host: Communicator?
  // Large files are not removed at once.
  private var removal: BackgroundWork?
  /// What the checkpoints that were written took.
  private(set) var use = Use()

  struct Use {
    var count = 0
    /// Of one.
    var bytes = 0
    /// From their beginnings until they were whole, all together.
    var secondsUntilWhole = 0.0
  }

  /// A checkpoint that has become whole.
  struct Written {
    let path: String
    let step: Int
    /// What it would have taken with the run standing still, about.
    let seconds: Double
  }

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

  /// Whether a checkpoint was begun and not settled, the same on all ranks.
  var isWriting: Bool { writer != nil }
  /// Whether this rank's part of it is done.
  var isPartDone: Bool { writer?.isDone ?? true }

  /// Begins to write a checkpoint, where none is under way. Collective.
  /// - Parameter interval: seconds between two checkpoints, about; rank 0's counts.
  /// - Throws: `OutputError`, the same on all ranks; nothing is left of it then.
  func begin(_ header: CheckpointHeader, _ arrays: [SavedArray], interval: Double) throws(OutputError) {
    precondition(writer == nil, "one checkpoint at a time")
    let (path, began) = (folder.path(step: header.clock.step), monotonicSeconds())
    let group = OutputGroup(communicator: world, path: path)
    let layout = try group.agreeing { () throws(MPIError) in try CheckpointLayout(header, arrays, on: world) }
    try reserve(layout.bytes, interval, group)
    writer = try CheckpointWriter(path, header, arrays, layout, by: memory, on: world)
    step = header.clock.step
    held = monotonicSeconds() - began
  }

  /// Gets memory for the state to wait in, once the run has stood still for more than a hundredth of its time while the
  /// last one was written; none, on all ranks, where a host has not enough for all of its own. It is
  /// ready on all of them or on none: each checkpoint that is written gets it ready for the next.
  private func reserve(_ bytes: Int, _ interval: Double, _ group: OutputGroup) throws(OutputError) {
    guard settings.isInBackground else { return }
    let isWorth = memory != nil || held > 0.01 * interval
    guard try group.minimum(world.rank > 0 || isWorth ? 1 : 0) == 1 else { return }
    let isThere = (memory?.bytes.count ?? -1) >= bytes
    let needed = try group.agreeing { () throws(MPIError) in
      if host == nil { host = try world.splitByHost() }
      return try host!.allReduce(isThere ? 0 : bytes, .sum)
    }
    if !isThere { memory = needed + needed / 8 < Memory.available ? PageMemory(bytes) : nil }
    switch try group.minimum(memory.map { $0.isReady ? 2 : 1 } ?? 0) {
    case 0: memory = nil
    case 1: if memory!.isReady { memory = PageMemory(bytes) }
    default: break
    }
  }

  /// Waits for the checkpoint that is being written, if there is one, and removes those beyond the number to be kept.
  /// Collective.
  /// - Returns: nil where none was being written.
  /// - Throws: `OutputError`, the same on all ranks; the checkpoints that were there are there still.
  func settle() throws(OutputError) -> Written? {
    guard let writer else { return nil }
    self.writer = nil
    let beside = try writer.finish()
    let path = writer.path
    good = [path] + good.filter { $0 != path }
    good = Array(good.prefix(settings.keep))
    if world.rank == 0 {
      removal?.wait()
      let old = folder.list().map(\.path).filter { !good.contains($0) }
      removal = BackgroundWork { [folder] in folder.remove(old) }
    }
    use.count += 1
    use.bytes = writer.layout.preamble.fileBytes
    use.secondsUntilWhole += held + beside
    return Written(path: path, step: step, seconds: held + beside)
  }

  /// Leaves the files alone from now on, and gives up the checkpoint that is being written. Each rank by itself.
  func abandon() {
    removal?.wait()
    writer?.abandon()
    writer = nil
  }

  /// Removes all checkpoints of a run that has ended well. Collective.
  func clear() {
    abandon()
    if world.rank == 0 { folder.remove(folder.list().map(\.path)) }
    good = []
  }
}
