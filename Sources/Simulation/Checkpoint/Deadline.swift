internal import Glibc
import Stencils

/// When a run will be ended from outside, if that is known.
struct Deadline {
  /// Seconds on the clock of `monotonicSeconds`.
  let time: Double
  /// Who says so, for messages.
  let source: String

  /// Asks the command line, and the batch system. By one process.
  /// - Parameters:
  ///   - limit: seconds that the user gives the run.
  ///   - began: when it began.
  init?(limit: Double?, began: Double) {
    var found: [(time: Double, source: String)] = []
    if let limit { found.append((began + limit, "--time-limit")) }
    if let left = Self.secondsLeftInSlurm { found.append((monotonicSeconds() + left, "the end of the Slurm job")) }
    guard let first = found.min(by: { $0.time < $1.time }) else { return nil }
    (time, source) = first
  }

  var secondsLeft: Double { time - monotonicSeconds() }

  private static var secondsLeftInSlurm: Double? {
    guard let job = variable("SLURM_JOB_ID") else { return nil }
    if let end = variable("SLURM_JOB_END_TIME").flatMap(Double.init) {
      return end - Double(Glibc.time(nil))
    }
    // Older versions tell only when asked: D-HH:MM:SS, or a word where there is no limit.
    guard let answer = try? Child.run(["squeue", "--noheader", "--jobs", job, "--format", "%L"], limit: 10),
      answer.status == 0
    else { return nil }
    return seconds(answer.output)
  }

  /// "1-02:03:04", "2:03:04", "3:04" in seconds.
  static func seconds(_ text: String) -> Double? {
    let line = text.split(whereSeparator: \.isWhitespace).first ?? ""
    let parts = line.split(separator: "-")
    let clock = (parts.last ?? "").split(separator: ":").map { Double($0) }
    guard (1...2).contains(parts.count), (1...3).contains(clock.count), !clock.contains(nil) else { return nil }
    var total = 0.0
    for part in clock { total = 60 * total + part! }
    guard clock.count > 1 || parts.count == 1 else { return nil }
    if parts.count == 2 {
      guard let days = Double(parts[0]) else { return nil }
      total += 86400 * days
    }
    return total
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
