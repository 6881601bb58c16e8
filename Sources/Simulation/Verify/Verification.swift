internal import Glibc
import Stencils

/// Runs one configuration on several layouts and at several depths, as processes of their own, and compares the
/// fingerprints of their final states.
final class Verification {
  /// One way to run.
  struct Case: Hashable {
    let placing: Placing
    /// Steps at once; 0 leaves it to the engine.
    let depth: Int

    var text: String {
      "\(counted(placing.ranks, "rank")) x \(counted(placing.threads, "thread")), depth "
        + (depth == 0 ? "auto" : "\(depth)")
    }
  }

  /// How a run ended.
  struct Outcome {
    let fingerprint: String
    let steps: Int
    /// Blocks along each axis.
    let blocks: [Int]
  }

  private let options: VerifyOptions
  private let configuration: Configuration
  private let starter: Starter
  private let reference: Case
  private let cases: [Case]
  // Fingerprints of shortened runs of the reference.
  private var known: [Int: String] = [:]

  init(_ options: VerifyOptions, _ configuration: Configuration, command: String) throws {
    self.options = options
    self.configuration = configuration
    let starter = Starter(template: options.launcher)
    self.starter = starter
    let single = Placing(ranksPerHost: 1, threads: 1)
    let reference = Case(placing: single, depth: 1)
    self.reference = reference
    var placings: [Placing]
    if let asked = options.layouts {
      placings = asked.map { Self.placing($0.ranks, $0.threads, starter) }
    } else {
      placings = Placing.all(hosts: starter.hosts, cores: starter.coresPerHost)
      // Bits need no cores of their own: more ranks than cores are slow, and as good a test.
      if starter.canCrowd {
        for (ranks, threads) in [(1, 1), (2, 1), (1, 2), (4, 1), (2, 2), (3, 1)] {
          let more = Placing(ranksPerHost: ranks, threads: threads)
          if !placings.contains(more) { placings.append(more) }
        }
      }
      placings = Array(placings.filter { $0.hosts > 1 || $0.workers <= max(8, starter.coresPerHost) })
    }
    let depths = options.depths
    cases = placings.flatMap { placing in depths.map { Case(placing: placing, depth: $0) } }
      .filter { $0 != reference }
  }

  private static func placing(_ ranks: Int, _ threads: Int, _ starter: Starter) -> Placing {
    Placing.fitting(ranks: ranks, threads: threads, hosts: starter.hosts, cores: starter.coresPerHost)
      ?? Placing(ranksPerHost: ranks, threads: threads)
  }

  /// Runs all cases and tells how each ended.
  /// - Returns: the first case that differs, nil where none does.
  func run() throws -> (case: Case, steps: Int)? {
    let first = try outcome(reference, steps: options.steps)
    known[first.steps] = first.fingerprint
    tell("\(reference.text): fingerprint \(first.fingerprint), \(counted(first.steps, "step"))")
    var differing: [Case] = []
    var refused = 0
    for one in cases {
      do {
        let found = try outcome(one, steps: options.steps)
        let agrees = found.fingerprint == first.fingerprint
        if !agrees { differing.append(one) }
        tell("\(one.text): fingerprint \(found.fingerprint)\(agrees ? "" : ", which differs")")
      } catch let refusal as Refusal {
        refused += 1
        tell("\(one.text): left out, since \(refusal.reason)")
      }
    }
    // Where blocks meet says most about what is wrong.
    guard let one = differing.first(where: { $0.placing.ranks > 1 && $0.depth == 1 }) ?? differing.first else {
      guard refused < cases.count else {
        throw VerifyError("no other layout or depth could be run: nothing is verified")
      }
      tell(
        "The same bits on \(counted(cases.count + 1 - refused, "way")) to run \(counted(first.steps, "step")).")
      return nil
    }
    tell(
      "\(counted(differing.count, "way")) of \(cases.count + 1) to run it differ; looking for the first step that does")
    return (one, try firstStep(one, of: first.steps))
  }

  /// Fewest steps after which a case differs from the reference: runs of half as many, and so on.
  private func firstStep(_ one: Case, of all: Int) throws -> Int {
    var (same, differing) = (0, all)
    while differing - same > 1 {
      let middle = (same + differing) / 2
      let mine = try outcome(one, steps: middle).fingerprint
      if known[middle] == nil { known[middle] = try outcome(reference, steps: middle).fingerprint }
      if mine == known[middle] { same = middle } else { differing = middle }
    }
    return differing
  }

  /// Runs the reference and the case up to the first step that differs, and keeps both states.
  func differenceOfStates(_ first: (case: Case, steps: Int)) throws -> StateDifference {
    let names = ["reference", "other"].map { "verify-\(getpid())-\($0).nc" }
    do {
      _ = try outcome(reference, steps: first.steps, state: names[0])
      let other = try outcome(first.case, steps: first.steps, state: names[1])
      return StateDifference(
        files: names, configuration: configuration, reference: reference, other: first.case, steps: first.steps,
        blocks: other.blocks)
    } catch {
      StateDifference.remove(names)
      throw error
    }
  }

  /// A layout that the configuration does not allow.
  private struct Refusal: Error { let reason: String }

  private func outcome(_ one: Case, steps: Int?, state: String? = nil) throws -> Outcome {
    let depth = one.depth == 0 ? "\"auto\"" : "\(one.depth)"
    let settings =
      options.overrides + ["parallel.ranks=auto", "parallel.depth=\(depth)"]
      + (steps.map { ["time.steps=\($0)"] } ?? [])
    let arguments =
      ["run", options.file, "--quiet", "--no-output", "--report", "-", "--threads", "\(one.placing.threads)"]
      + (state.map { ["--state", $0] } ?? []) + settings.flatMap { ["--set", $0] }
    let child = try starter.run(one.placing, arguments)
    guard child.status == 0, let report = JSON(reading: child.output), let steps = report["steps"]?.asInteger,
      let fingerprint = report["fingerprint"]?.asText
    else {
      if child.complaint.contains("ranks are too many") { throw Refusal(reason: child.complaint) }
      throw VerifyError("on \(one.text) the run failed: \(child.complaint)")
    }
    return Outcome(fingerprint: fingerprint, steps: steps, blocks: report["decomposition"]?.asIntegers ?? [])
  }

  private func tell(_ line: String) { writeAll(line + "\n", to: STDOUT_FILENO) }
}
