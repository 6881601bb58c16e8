/// The median of some numbers and how far they spread.
struct Spread {
  let samples: [Double]
  let median: Double
  let minimum: Double
  let maximum: Double

  init(_ samples: [Double]) {
    self.samples = samples
    let sorted = samples.sorted()
    guard let first = sorted.first, let last = sorted.last else {
      (median, minimum, maximum) = (.nan, .nan, .nan)
      return
    }
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    (minimum, maximum) = (first, last)
  }

  /// The largest distance from the median, as a part of it.
  var relative: Double { max(maximum - median, median - minimum) / median }
}

/// One grid at one placing, run several times.
struct BenchCase: Hashable {
  let cells: [Int]
  let placing: Placing
}

/// What the runs of one case came to.
final class BenchRun {
  let of: BenchCase
  /// Seconds a step, and of these what the ranks spent on average in each phase.
  private(set) var seconds: [Double] = []
  private(set) var phases: [[Double]] = []
  static let phaseNames = ["compute", "halo", "wait", "imbalance"]
  private(set) var fingerprints: Set<String> = []
  private(set) var steps = 0
  private(set) var cellsPerRank = 0
  private(set) var messages = 0.0
  private(set) var bytes = 0.0
  private(set) var memory = 0
  private(set) var bytesPerCell = 0.0
  /// Seconds a step that `plan` predicts, each time that it was asked.
  var predictions: [Double] = []
  /// The median of these; nil where there is none.
  var predicted: Double? { predictions.isEmpty ? nil : Spread(predictions).median }
  /// Bytes of memory that `plan` predicts; nil where it failed.
  var predictedMemory: Int?
  /// Why it could not be run.
  var failure: String?

  init(_ of: BenchCase) { self.of = of }

  /// Takes the figures of one run's report; false where they are not there.
  func add(_ report: JSON) -> Bool {
    guard let steps = report["steps"]?.asInteger, steps > 0, let stepping = report["stepping_seconds"]?.asNumber,
      let fingerprint = report["fingerprint"]?.asText, let largest = report["largest_of_a_rank"],
      let messages = largest["messages_sent"]?.asNumber, let bytes = largest["bytes_sent"]?.asNumber,
      let rate = report["gcell_per_second"]?.asNumber, let bandwidth = report["gigabyte_per_second"]?.asNumber
    else { return false }
    self.steps = steps
    seconds.append(stepping / Double(steps))
    phases.append(
      Self.phaseNames.map { (report["seconds_per_phase"]?[$0]?["mean"]?.asNumber ?? 0) / Double(steps) })
    fingerprints.insert(fingerprint)
    cellsPerRank = largest["cells"]?.asInteger ?? 0
    memory = max(memory, largest["memory_peak"]?.asInteger ?? 0)
    (self.messages, self.bytes) = (messages / Double(steps), bytes / Double(steps))
    bytesPerCell = bandwidth / rate
    return true
  }

  var cellCount: Double { of.cells.reduce(1.0) { $0 * Double($1) } }
  var time: Spread { Spread(seconds) }
  /// Cells a second.
  var rate: Double { cellCount / time.median }
  /// For each phase the median seconds a step.
  var phaseMedians: [Double] { Self.phaseNames.indices.map { index in Spread(phases.map { $0[index] }).median } }
  var workers: Int { of.placing.workers }
}
