internal import Glibc
import Stencils

/// Why a run pauses between two steps; the greater one goes first where there are several.
enum PauseReason: Equatable {
  /// A checkpoint that was begun before is on the disk, on all ranks.
  case written
  /// A checkpoint is due.
  case due
  /// Somebody made a file halo.checkpoint.
  case asked
  /// Somebody made a file halo.stop.
  case stopFile
  case timeLimit
  case signal(Int32)

  /// As a number that ranks can agree on; 0 is no reason.
  var code: Int64 {
    switch self {
    case .written: 1
    case .due: 2
    case .asked: 3
    case .stopFile: 10
    case .timeLimit: 11
    case .signal(let number): 100 + Int64(number)
    }
  }

  init?(code: Int64) {
    switch code {
    case 0: return nil
    case 1: self = .written
    case 2: self = .due
    case 3: self = .asked
    case 10: self = .stopFile
    case 11: self = .timeLimit
    default: self = .signal(Int32(code - 100))
    }
  }

  var isStop: Bool { code >= 10 }
}

/// Decides when a run writes a checkpoint, and when it stops before its end.
final class Pauses {
  private let interval: CheckpointSettings.Interval
  private let keeper: CheckpointKeeper
  private let deadline: Deadline?
  private let isRankZero: Bool
  private let began = monotonicSeconds()
  private var lastCheckpoint: Double
  private var lastLook = 0.0
  // Steps or simulated time at which the next one is due.
  private var nextStep = Int.max
  private var nextTime = Double.infinity
  // Seconds that a checkpoint takes: as the last one took, until then a guess.
  private var cost: Double
  private var isMeasured = false

  /// - Parameters:
  ///   - bytes: of a checkpoint, about.
  ///   - deadline: on rank 0.
  init(
    _ interval: CheckpointSettings.Interval, _ keeper: CheckpointKeeper, deadline: Deadline?, bytes: Int, rank: Int
  ) {
    self.interval = interval
    self.keeper = keeper
    self.deadline = deadline
    isRankZero = rank == 0
    lastCheckpoint = began
    // What a busy file system may be down to.
    cost = 1 + Double(bytes) / 100e6
  }

  /// Starts from here: the next checkpoint is due an interval later.
  func start(at clock: Clock) {
    switch interval {
    case .steps(let steps): nextStep = (clock.step / steps + 1) * steps
    case .simulated(let seconds): nextTime = ((clock.time / seconds * (1 + 1e-12)).rounded(.down) + 1) * seconds
    case .never, .wall: break
    }
  }

  /// Seconds between two checkpoints: as configured, or else since the last one.
  var secondsBetween: Double {
    if case .wall(let seconds) = interval { seconds } else { monotonicSeconds() - lastCheckpoint }
  }

  /// Takes down that a checkpoint was begun, or was tried to be.
  func begin(at clock: Clock) {
    lastCheckpoint = monotonicSeconds()
    start(at: clock)
  }

  /// Takes down how long one takes.
  func learn(seconds: Double) { (cost, isMeasured) = (seconds, true) }

  /// Whether a checkpoint is being written, the same on all ranks, and whether this rank has still to do with it.
  var isWriting: Bool { keeper.isWriting }
  var isBusy: Bool { !keeper.isPartDone }

  /// How many steps may be run before something that does not depend on any clock is due.
  func steps(after step: Int) -> Int { nextStep == .max ? .max : max(1, nextStep - step) }

  /// Whether a checkpoint is due after so many steps: the same on all ranks.
  func isDue(at clock: Clock) -> Bool { clock.step >= nextStep || clock.time >= nextTime }

  /// What this rank wants to pause for now. Ranks may differ, and agree on the greatest.
  /// - Parameter longest: seconds until it is asked next.
  func wish(longest: Double) -> PauseReason? {
    let signal = StopSignals.last
    if signal != 0 { return .signal(signal) }
    guard isRankZero else { return nil }
    let now = monotonicSeconds()
    // One that is under way has to be done before the last one can be begun.
    let checkpoints = isWriting ? 3.0 : 2
    if let deadline, deadline.secondsLeft < checkpoints * cost + 2 * longest + 2 { return .timeLimit }
    // A file system is not to be asked at every step.
    if now - lastLook > 0.5 {
      lastLook = now
      if take("halo.stop") { return .stopFile }
      if take("halo.checkpoint") { return .asked }
    }
    var wait = Double.infinity
    if case .wall(let seconds) = interval { wait = seconds }
    // Where the end is known, what a checkpoint costs is found out in time.
    if let deadline, !isMeasured { wait = min(wait, 0.1 * (deadline.time - began)) }
    return now - lastCheckpoint >= wait ? .due : nil
  }

  /// Whether a file was made; it is taken away.
  private func take(_ file: String) -> Bool { unlink(keeper.folder.path(of: file)) == 0 }

  func text(_ reason: PauseReason) -> String {
    switch reason {
    case .written, .due: "as configured"
    case .asked: "by the file halo.checkpoint"
    case .stopFile: "by the file halo.stop"
    case .timeLimit: "in time for \(deadline?.source ?? "the time limit")"
    case .signal(let number): "by \(StopSignals.name(number))"
    }
  }
}
