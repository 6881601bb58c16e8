// The model of `plan`.
//
// A step of a rank takes, with c cells, T threads, m messages of b bytes in all to its neighbours, and l cache lines of
// halo to pack and to unpack:
//
//   t = o + c s / T + l 128 B / (T w) + 3 e B_T + m L + b / W
//
// o and s are the time of a tiny step and that of a cell, measured by running the solver on a block like the rank's with
// as many threads at work as the host will have; w is one core's share of the triad's bandwidth, B_T the time in which T
// threads meet, e the exchanges a step, L and W latency and bandwidth of messages. Between hosts the last two terms run
// beside the interior's update and count only as far as they outlast it; within a host they are copies that a core makes.
// It is the postal model with a measured kernel (compare R. W. Hockney, The communication challenge for MPP, 1994).

import MPI
import Stencils
import Threads

/// The constants of the model for one program on one kind of host.
struct StepModel {
  /// Seconds of a step on next to no cells, with the given number of threads.
  var overhead = 0.0
  /// Seconds of one core for a cell, while all cores of the host are at work.
  var secondsPerCell = 0.0
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

  func parts(cells: Int, traffic: Traffic, ranks: Int, threads: Int) -> Parts {
    var parts = Parts()
    parts.compute = overhead + Double(cells) * secondsPerCell / Double(threads)
    parts.packing = Double(traffic.lines) * 128 / (coreBandwidth * Double(threads))
    // A barrier's time grows with the logarithm of the team, from what was measured.
    let growth = threads == barrier.threads ? 1 : Double(threads.bitLength) / Double(barrier.threads.bitLength)
    if threads > 1 { parts.packing += 3 * Double(traffic.exchanges) * barrier.seconds * growth }
    guard traffic.messages > 0 else { return parts }
    let isNear = isOneHost(ranks: ranks, threads: threads)
    let link = isNear ? messages : network
    parts.latency = Double(traffic.messages) * link.latency
    parts.transfer = Double(traffic.bytes) / link.bandwidth
    if !isNear { parts.hidden = min(parts.latency + parts.transfer, parts.compute) }
    return parts
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
  let traffic: Traffic
  let step: StepModel.Parts
  /// The time of one core for the whole grid, over that of all cores times their number.
  let efficiency: Double
  let hosts: Int
}

extension Division {
  /// A domain of one rank of this division, to be looked at.
  func domain<S: Solver>(
    for type: S.Type, rank: Int, on world: Communicator, team: ThreadTeam
  ) -> Domain<S.Scalar> {
    Domain(
      grid: grid, periodic: periodic, reach: S.reach, decomposition: decomposition, communicator: world, team: team,
      cacheBytes: 0, rank: rank)
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
