// The model of `plan`.
//
// A rank runs d steps at once, with one exchange before them. A step then takes, with c cells, each of them computed r
// times since neighbours' cells are computed too, T threads, m messages of b bytes in all to its neighbours, and l cache
// lines of halo to pack and to unpack:
//
//   t = o + c r s / T + (l 128 B / (T w) + 3 e B_T + m L + b / W) / d
//
// o is the time of a tiny step and s that of a cell at this d, measured by running the solver on a block like the rank's
// with as many threads at work as the host will have; w is one core's share of the triad's bandwidth, B_T the time in
// which T threads meet, e the exchanges, L and W latency and bandwidth of messages. Between hosts the last two terms run
// beside the interior's update and count only as far as they outlast it, where steps run one by one; within a host they
// are copies that a core makes. It is the postal model with a measured kernel (compare R. W. Hockney, The communication
// challenge for MPP, 1994).

import MPI
import Stencils
import Threads

/// The constants of the model for one program on one kind of host.
struct StepModel {
  /// Seconds of a step on next to no cells, with the given number of threads.
  var overhead = 0.0
  /// Seconds of one core for a cell, while all cores of the host are at work, for each number of steps at once.
  var secondsPerCell: [Int: Double] = [:]
  /// The same on a block that stays in the second-level caches, step by step; nil where it was not measured.
  var secondsPerCellInCache: Double?
  /// Bytes a second that one core moves while all do.
  var coreBandwidth = 1e10
  /// Seconds in which a team of this many threads meets, nil for one thread.
  var barrier = (threads: 1, seconds: 0.0)
  var coresPerHost = 1
  var messages = MachineConstants.assumedMessages
  var network = MachineConstants.assumedNetwork

  /// Seconds of a step of a rank, in parts.
  struct Parts: Equatable {
    var compute = 0.0
    var packing = 0.0
    var latency = 0.0
    var transfer = 0.0
    /// What the interior's update hides of the two before.
    var hidden = 0.0
    var total: Double { compute + packing + latency + transfer - hidden }
  }

  func isOneHost(ranks: Int, threads: Int) -> Bool { ranks * threads <= max(coresPerHost, threads) }

  /// The time of a cell at a depth, or at the next smaller one that was measured.
  func secondsPerCell(depth: Int) -> Double {
    secondsPerCell[depth] ?? secondsPerCell.filter { $0.key < depth }.max { $0.key < $1.key }?.value
      ?? secondsPerCell.min { $0.key < $1.key }?.value ?? 0
  }

  /// - Parameter cells: those that are computed in a step, more than the rank has where steps run at once.
  func parts(cells: Double, traffic: Traffic, depth: Int, ranks: Int, threads: Int) -> Parts {
    var parts = Parts()
    parts.compute = overhead + cells * secondsPerCell(depth: depth) / Double(threads)
    parts.packing = packing(traffic, depth: depth, threads: threads)
    guard traffic.messages > 0 else { return parts }
    let isNear = isOneHost(ranks: ranks, threads: threads)
    let link = isNear ? messages : network
    parts.latency = Double(traffic.messages) * link.latency / Double(depth)
    parts.transfer = Double(traffic.bytes) / link.bandwidth / Double(depth)
    if !isNear, depth == 1 { parts.hidden = min(parts.latency + parts.transfer, parts.compute) }
    return parts
  }

  /// Seconds a step to pack and unpack what is exchanged once in `depth` steps.
  func packing(_ traffic: Traffic, depth: Int, threads: Int) -> Double {
    var seconds = Double(traffic.lines) * 128 / (coreBandwidth * Double(threads))
    // A barrier's time grows with the logarithm of the team, from what was measured.
    let growth = threads == barrier.threads ? 1 : Double(threads.bitLength) / Double(barrier.threads.bitLength)
    if threads > 1 { seconds += 3 * Double(traffic.exchanges) * barrier.seconds * growth }
    return seconds / Double(depth)
  }
}

extension Int {
  fileprivate var bitLength: Int { Int.bitWidth - leadingZeroBitCount }
}

/// What the model says of one layout.
struct Forecast {
  let ranks: Int
  let threads: Int
  let decomposition: Decomposition
  /// Of the rank with the most cells, and of the one that sends most.
  let cells: Int
  /// Of one exchange before `depth` steps; of a step where they run one by one.
  let traffic: Traffic
  let depth: Int
  /// How often a cell is computed in a step, in the mean.
  let redundancy: Double
  let step: StepModel.Parts
  /// The time of one core for the whole grid, over that of all cores times their number.
  let efficiency: Double
  let hosts: Int
}

/// What the ghost cells of a run's domain depend on: how many steps it may run at once and how far one looks.
struct StepShape {
  /// 1 where steps run one by one.
  let depth: Int
  let reachPerStep: Int?

  /// - Parameter asked: the depth of the configuration; nil for the engine's.
  init<S: Solver>(_ solver: S, _ step: Step<S.Scalar>, asked: Int?) {
    // A run that is watched stops after any step, and so goes step by step.
    let isWhole = asked == 1 || solver.watch != nil
    depth = isWhole ? 1 : asked ?? Self.most
    reachPerStep = isWhole ? nil : step.reach
  }

  private init(depth: Int, reachPerStep: Int?) { (self.depth, self.reachPerStep) = (depth, reachPerStep) }

  /// Without ghost cells for more than one step.
  var stepByStep: StepShape { StepShape(depth: 1, reachPerStep: nil) }

  /// Steps that the engine runs at once at most, where nobody asks for more.
  static var most: Int { 8 }
}

extension Division {
  /// A domain of one rank of this division, to be looked at.
  /// - Parameter shape: what its ghost cells depend on.
  func domain<S: Solver>(
    for type: S.Type, rank: Int, _ shape: StepShape, on world: Communicator, team: ThreadTeam
  ) -> Domain<S.Scalar> {
    Domain(
      grid: grid, periodic: periodic, reach: S.reach, depth: shape.depth, reachPerStep: shape.reachPerStep,
      decomposition: decomposition, communicator: world, team: team, cacheBytes: 0, rank: rank)
  }

  /// Cells of the largest block.
  func largest<S: Solver>(
    for type: S.Type, _ shape: StepShape, on world: Communicator, team: ThreadTeam
  ) -> Triple {
    corners.map { domain(for: type, rank: $0, shape, on: world, team: team).layout.count }
      .max { $0.x * $0.y * $0.z < $1.x * $1.y * $1.z }!
  }

  /// The ranks among which the one with the most cells and the one that sends most are: along each axis the first, the
  /// second, the middle and the last.
  var corners: [Int] {
    let places = (0..<3).map { axis in
      let count = decomposition.ranks[axis]
      return Set([0, min(1, count - 1), count / 2, max(0, count - 2), count - 1]).sorted()
    }
    return places[2].flatMap { z in
      places[1].flatMap { y in places[0].map { x in decomposition.rank(at: Triple(x, y, z)) } }
    }
  }
}
