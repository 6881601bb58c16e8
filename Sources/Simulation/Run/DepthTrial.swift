import MPI
import Stencils

/// How a run came to the number of steps that it runs at once.
enum DepthSource: String {
  /// There is nothing to choose, or the user has chosen.
  case given = "given"
  case earlierRun = "from an earlier run"
  case trial = "by trial"
  /// Too few steps to try.
  case estimate = "estimated"
}

/// Finds out at the start of a run how many steps at once are fastest, unless an earlier run has. The steps of the trial
/// are steps of the run, whose bits do not depend on it.
///
/// A trial costs what its steps take beyond those of the best depth. It goes on from the estimate to other depths, in
/// short pieces, only as far as that stays below a hundredth of the run.
struct DepthTrial<Scalar: Real> {
  private let program: Program<Scalar>
  private let communicator: Communicator
  private let steps: Int
  // The depths that are tried, the estimate first; for each the shortest time of a step so far and how often it was
  // measured.
  private let candidates: [Int]
  private var seconds: [Double]
  private var rounds: [Int]
  private var turn: Int?
  // What all pieces took, and the steps in them.
  private var spent = (seconds: 0.0, steps: 0)
  // How many times its own depth a piece has of steps.
  private var length = 1
  private var pieces = 0
  private(set) var source = DepthSource.given

  /// Part of the run that a trial may cost.
  private static var allowance: Double { 0.008 }
  /// Rounds over all depths that are worth another.
  private static var mostRounds: Int { 3 }
  /// Seconds of a piece from which its time tells something.
  private static var tellingSeconds: Double { 1e-3 }

  /// - Parameters:
  ///   - asked: what the user wants; nil leaves it to the trial.
  ///   - known: what an earlier run has found, the same on all ranks; nil where there is none.
  ///   - steps: how many steps the run will have, about.
  init(
    _ program: Program<Scalar>, asked: Int?, known: Int?, steps: Int, on communicator: Communicator
  ) throws {
    self.program = program
    self.communicator = communicator
    self.steps = steps
    let greatest = program.greatestDepth
    guard asked == nil, greatest > 1 else {
      (candidates, seconds, rounds) = ([], [], [])
      return
    }
    let depths = Self.depths(upTo: greatest)
    let estimate = Self.estimate(among: depths, on: program.domain)
    try Self.set(known ?? estimate, of: program)
    source = known == nil ? .estimate : .earlierRun
    candidates = known == nil ? [estimate] + depths.filter { $0 != estimate }.reversed() : []
    seconds = candidates.map { _ in .infinity }
    rounds = candidates.map { _ in 0 }
    if known == nil { chooseNext() }
  }

  /// The depths worth a trial where `greatest` is the most.
  static func depths(upTo greatest: Int) -> [Int] {
    var depths = [1]
    while depths.last! < greatest { depths.append(min(2 * depths.last!, greatest)) }
    return depths
  }

  /// What is a good depth mostly: no more than a fifth of the cells are computed twice.
  static func estimate(among depths: [Int], on domain: Domain<Scalar>) -> Int {
    depths.last { domain.redundancy(depth: $0) <= 1.2 } ?? 1
  }

  /// Whether a run of so many steps can afford to try any depth but the estimate.
  static func isWorthwhile(steps: Int, greatest: Int) -> Bool {
    greatest > 1 && Self.allowance * Double(steps) > 4
  }

  // Another depth has other buffers of messages: none are made in vain.
  private static func set(_ depth: Int, of program: Program<Scalar>) throws {
    if program.depth != depth { try program.setDepth(depth) }
  }

  /// Whether it is still under way.
  var isRunning: Bool { turn != nil }
  /// How many steps to run next.
  var nextSteps: Int { turn.map { pieceSteps(candidates[$0]) } ?? 1 }
  /// What it has found, all depths tried; nil before, or where the run is too short for it.
  var finding: Int? { source == .trial && !isRunning && !rounds.contains(0) ? program.depth : nil }

  /// Seconds that it took beyond those of the same steps at the best depth.
  var cost: Double {
    let best = seconds.min() ?? .infinity
    return best < .infinity ? max(0, spent.seconds - Double(spent.steps) * best) : 0
  }

  private func pieceSteps(_ depth: Int) -> Int { max(2, depth) * length }

  /// Takes down how long a piece of the trial took and goes on to the next. Every rank calls it.
  mutating func record(secondsPerStep: Double, steps: Int) throws {
    guard let index = turn else { return }
    let slowest = try communicator.allReduce(secondsPerStep, .max)
    pieces += 1
    // The first steps find caches cold and memory untouched.
    guard pieces > 1 else { return }
    spent = (spent.seconds + slowest * Double(steps), spent.steps + steps)
    if slowest * Double(steps) < Self.tellingSeconds, length < 1 << 16 {
      // Nothing can be told from that; what follows is longer.
      length *= 4
    } else if steps >= candidates[index] {
      seconds[index] = min(seconds[index], slowest)
      rounds[index] += 1
    }
    chooseNext()
    // Outputs may cut all pieces too short.
    if pieces >= 100 { turn = nil }
    let best = seconds.indices.min { seconds[$0] < seconds[$1] }!
    if turn == nil, rounds.contains(where: { $0 > 0 }) { source = .trial }
    try Self.set(candidates[turn ?? best], of: program)
  }

  /// The depth that is measured next, the least often measured first; none where that would cost too much or tell
  /// nothing new.
  private mutating func chooseNext() {
    let best = seconds.min()!
    // Before anything is known, the first piece costs nothing: its depth is the one that the run would have anyway.
    guard best < .infinity else {
      turn = steps > 8 * pieceSteps(candidates[0]) ? 0 : nil
      return
    }
    let lost = cost
    func isAffordable(_ index: Int) -> Bool {
      // One after another, a step may take three times as long; several at once differ less.
      let guess = seconds[index] < .infinity ? seconds[index] : best * (candidates[index] == 1 ? 3 : 1.6)
      let cost = (guess - best) * Double(pieceSteps(candidates[index]))
      return lost + cost <= Self.allowance * Double(steps) * best
    }
    turn = candidates.indices.filter { index in
      rounds[index] < Self.mostRounds && (rounds[index] == 0 || seconds[index] < 1.2 * best) && isAffordable(index)
    }.min { (rounds[$0], $0) < (rounds[$1], $1) }
  }
}
