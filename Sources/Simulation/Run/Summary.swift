import MPI
import Stencils

/// What a run was and how fast: told at its end, and written as run.json beside the output.
struct Summary {
  let title: String
  let solver: String
  let precision: String
  let grid: Grid
  let decomposition: Decomposition
  let workplace: Workplace
  let steps: Int
  /// Those of this attempt; fewer where the run went on from a checkpoint.
  let stepsTaken: Int
  let time: Double
  let shortestStep: Double
  let longestStep: Double
  /// Seconds of wall time: all, in steps, in output.
  let wall: Double
  let stepping: Double
  let writing: Double
  let bytesWritten: Int
  /// Bytes that a step must move at the least: every changing field read once and written once.
  let bytesPerCell: Int
  /// Steps that ran at once in the end.
  let depth: Int
  let depthSource: DepthSource
  /// Seconds that the trial of depths took beyond those of its steps at the best one.
  let depthCost: Double
  /// How ghost cells came from ranks of the same host; nil where there was nobody to exchange with.
  let halo: HaloWay?
  /// Of this attempt.
  let checkpoints: CheckpointKeeper.Use
  /// For which checkpoints held up the run.
  let checkpointSeconds: Double
  let first: [Diagnostic]
  let last: [Diagnostic]
  let fingerprint: String
  /// For each phase the smallest, the mean and the largest seconds over ranks.
  let phases: [(name: String, minimum: Double, mean: Double, maximum: Double)]
  let use: Use

  /// What the ranks took: of each figure the largest of all ranks, of what was sent also the sum.
  struct Use {
    let cells: Int
    let messages: Int
    let bytes: Int
    let allMessages: Int
    let allBytes: Int
    /// Bytes resident when the run began, and at most.
    let startMemory: Int
    let peakMemory: Int

    /// Every rank calls it.
    init(_ sent: Traffic, cells: Int, startMemory: Int, on world: Communicator) throws(MPIError) {
      var largest = [cells, sent.messages, sent.bytes, startMemory, Memory.peak]
      try world.allReduce(&largest, .max)
      (self.cells, messages, bytes) = (largest[0], largest[1], largest[2])
      (self.startMemory, peakMemory) = (largest[3], largest[4])
      allMessages = try world.allReduce(sent.messages, .sum)
      allBytes = try world.allReduce(sent.bytes, .sum)
    }

    var json: JSON {
      .object([
        ("cells", .integer(cells)), ("messages_sent", .integer(messages)), ("bytes_sent", .integer(bytes)),
        ("messages_sent_by_all", .integer(allMessages)), ("bytes_sent_by_all", .integer(allBytes)),
        ("memory_at_start", .integer(startMemory)), ("memory_peak", .integer(peakMemory)),
      ])
    }
  }

  /// Gathers the phases of all ranks. Every rank calls it.
  static func phases(_ mine: Phases, writing: Double, on world: Communicator) throws(MPIError)
    -> [(name: String, minimum: Double, mean: Double, maximum: Double)]
  {
    let named = [
      ("compute", mine.compute), ("halo", mine.halo), ("wait", mine.wait), ("imbalance", mine.imbalance),
      ("output", writing),
    ]
    var sums = named.map(\.1)
    var bounds = named.flatMap { [$0.1, -$0.1] }
    try world.allReduce(&sums, .sum)
    try world.allReduce(&bounds, .min)
    return named.indices.map {
      (named[$0].0, bounds[2 * $0], sums[$0] / Double(world.size), -bounds[2 * $0 + 1])
    }
  }

  private var cellSteps: Double { Double(grid.cellCount) * Double(stepsTaken) }
  /// Cells updated per second of stepping, in 10⁹.
  var gcellPerSecond: Double { stepping > 0 ? cellSteps / stepping / 1e9 : 0 }
  private var gigabytesPerSecond: Double { gcellPerSecond * Double(bytesPerCell) }

  var lines: [String] {
    var text = [
      "\(steps) steps to t = \(rounded(time, 10)) s, dt \(stepText), in \(durationText(wall))",
      "\(rounded(gcellPerSecond, 4)) Gcell/s, \(rounded(gigabytesPerSecond, 4)) GB/s in \(durationText(stepping)) of "
        + "stepping on \(workplace.layoutText), " + (depth > 1 ? "\(depth) steps at once" : "step by step")
        + (depthSource == .given ? "" : " (\(depthSource.rawValue))")
        + (halo.map { ", halo by \($0.rawValue)" } ?? ""),
    ]
    text.append("seconds a rank, min / mean / max:")
    for phase in phases where phase.maximum > 0 {
      text.append(
        "  \(padded(phase.name, 10)) \(rounded(phase.minimum, 3)) / \(rounded(phase.mean, 3)) / "
          + rounded(phase.maximum, 3))
    }
    if checkpoints.count > 0 {
      text.append(
        "\(counted(checkpoints.count, "checkpoint")) of \(OutputPath.text(bytes: checkpoints.bytes)) in "
          + "\(durationText(checkpoints.secondsUntilWhole)), for which the run stood still for "
          + durationText(checkpointSeconds))
    }
    for diagnostic in last {
      let unit = diagnostic.unit == "1" ? "" : " \(diagnostic.unit)"
      text.append("  \(padded(diagnostic.longName, 46)) \(rounded(diagnostic.value, 12))\(unit)")
    }
    return text
  }

  private var stepText: String {
    guard longestStep > 0 else { return "none" }
    return longestStep - shortestStep < 1e-9 * longestStep
      ? "\(rounded(longestStep, 4)) s" : "\(rounded(shortestStep, 4)) to \(rounded(longestStep, 4)) s"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  var json: JSON {
    func triple(_ t: Triple) -> JSON { .list((0..<grid.dimensions).map { .integer(t[$0]) }) }
    func values(_ list: [Diagnostic]) -> JSON {
      .object(list.map { ($0.name, .object([("value", .number($0.value)), ("unit", .text($0.unit))])) })
    }
    return .object([
      ("title", .text(title)), ("solver", .text(solver)), ("version", .text(Simulation.version)),
      ("precision", .text(precision)), ("cells", triple(grid.cells)), ("ranks", .integer(workplace.communicator.size)),
      ("threads", .integer(workplace.team.count)), ("decomposition", triple(decomposition.ranks)),
      ("hosts", .list(workplace.hosts.map { .text($0.name) })), ("steps", .integer(steps)), ("time", .number(time)),
      ("shortest_step", .number(shortestStep)), ("longest_step", .number(longestStep)),
      ("depth", .integer(depth)), ("depth_is", .text(depthSource.rawValue)),
      ("depth_trial_seconds", .number(depthCost)), ("halo", .text(halo?.rawValue ?? "none")),
      ("wall_seconds", .number(wall)),
      ("stepping_seconds", .number(stepping)),
      ("gcell_per_second", .number(gcellPerSecond)), ("gigabyte_per_second", .number(gigabytesPerSecond)),
      ("bytes_written", .integer(bytesWritten)),
      (
        "checkpoints",
        .object([
          ("count", .integer(checkpoints.count)), ("bytes", .integer(checkpoints.bytes)),
          ("seconds", .number(checkpointSeconds)), ("seconds_until_whole", .number(checkpoints.secondsUntilWhole)),
        ])
      ),
      (
        "seconds_per_phase",
        .object(
          phases.map {
            (
              $0.name,
              .object([("min", .number($0.minimum)), ("mean", .number($0.mean)), ("max", .number($0.maximum))])
            )
          })
      ),
      ("largest_of_a_rank", use.json), ("initial", values(first)), ("final", values(last)),
      ("fingerprint", .text(fingerprint)),
    ])
  }
}
