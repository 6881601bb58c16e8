import MPI
import Stencils

/// Finds out at the start of a run how many steps at once are fastest. The steps of the trial are steps of the run: the
/// bits do not depend on it.
struct DepthTrial<Scalar: Real> {
  private let program: Program<Scalar>
  private let communicator: Communicator
  private let candidates: [Int]
  // The shortest time of a step so far, for each candidate, over its rounds.
  private var seconds: [Double]
  private var next = 0
  private static var rounds: Int { 2 }

  /// - Parameters:
  ///   - asked: what the user wants; nil leaves it to the trial.
  ///   - steps: how many steps the run will have, about.
  init(_ program: Program<Scalar>, asked: Int?, steps: Int, on communicator: Communicator) throws {
    self.program = program
    self.communicator = communicator
    let greatest = program.greatestDepth
    var depths = [1]
    while depths.last! < greatest { depths.append(min(2 * depths.last!, greatest)) }
    if depths.count > 3 { depths.remove(at: 1) }
    let trial = Self.rounds * depths.count * greatest
    // A trial that is as long as the run finds nothing out.
    candidates = asked == nil && greatest > 1 && steps > 10 * trial ? depths : []
    seconds = candidates.map { _ in .infinity }
    if let first = candidates.first {
      try program.setDepth(first)
    } else if asked == nil, greatest > 1 {
      // Too few steps to find out: no more than a fifth of the cells twice.
      try program.setDepth(depths.last { program.domain.redundancy(depth: $0) <= 1.2 } ?? 1)
    }
  }

  /// Whether it is still under way.
  var isRunning: Bool { next < Self.rounds * candidates.count }
  /// How many steps to run next.
  var steps: Int { program.greatestDepth }

  /// Takes down how long a part of the trial took and goes on to the next. Every rank calls it.
  mutating func record(secondsPerStep: Double) throws {
    let slowest = try communicator.allReduce(secondsPerStep, .max)
    let index = next % candidates.count
    seconds[index] = min(seconds[index], slowest)
    next += 1
    if isRunning {
      try program.setDepth(candidates[next % candidates.count])
    } else {
      let best = seconds.indices.min { seconds[$0] < seconds[$1] }!
      try program.setDepth(candidates[best])
    }
  }
}
