import Stencils

/// The course of a run in time: how long each step is, and when something is due.
///
/// Between two dues (outputs, the end) all steps are equally long and no longer than the limit, so that every due is
/// met exactly and nothing depends on how fast the machine is.
struct Timeline {
  let end: Double
  /// Seconds of simulated time between outputs; nil for none but the end.
  let every: Double?
  private var outputs = 0

  /// - Parameter time: where a run that is continued stands; what was due until then is done.
  init(end: Double, every: Double?, after time: Double? = nil) {
    self.end = end
    self.every = every
    guard let every, let time else { return }
    outputs = max(0, Int(time / every) - 1)
    while Double(outputs + 1) * every <= time { outputs += 1 }
  }

  /// The next time at which something is due.
  var due: Double {
    guard let every else { return end }
    let next = Double(outputs + 1) * every
    // An output that rounding puts just before the end is the end's.
    return next > end - 1e-9 * every ? end : next
  }

  mutating func advance() { outputs += 1 }

  /// The number of equal steps from `time` to `due`, none longer than `limit`.
  static func steps(from time: Double, to due: Double, limit: Double) -> Int {
    // A span of n limits, rounded, is n steps and not one more.
    max(1, Int(((due - time) / limit * (1 - 1e-12)).rounded(.up)))
  }

  /// The longest step allowed from `time` on, where `stable` is the stability limit.
  static func bound<S: Solver>(
    _ solver: S, _ settings: CoreSettings, stable: Double, at time: Double
  ) throws -> Double {
    let safety = settings.safety ?? (solver.keepsStep ? 1 : 0.9)
    guard stable * safety > settings.end * 1e-12 else {
      throw RunError(
        "the step is \(safety) times the stability limit of \(rounded(stable, 3)) s at t = \(brief(time)) s, "
          + "which makes more than 1e12 steps: coarser cells, smaller coefficients or an earlier time.end would help")
    }
    guard let asked = settings.step else {
      guard stable.isFinite else { throw RunError("time.step is needed: \(S.name) has no stability limit here") }
      return stable * safety
    }
    guard asked <= stable * (1 + 1e-12) else {
      let remedy = try solver.remedy(forStep: asked, at: time).map { ", \($0)" } ?? ""
      throw ConfigurationError(
        settings.location(of: "time.step"),
        "time.step = \(asked) s is unstable: the limit is \(stable) s at t = \(time) s; make it shorter or leave it out"
          + remedy)
    }
    return asked
  }

  /// What a whole run comes to while the limit stays what it is: its steps, the longest of them, and how often something
  /// is due, the start included.
  static func course(_ settings: CoreSettings, limit: Double) -> (steps: Int, longest: Double, outputs: Int) {
    var timeline = Timeline(end: settings.end, every: settings.every)
    let most = settings.steps ?? .max
    var (time, steps, longest, outputs) = (0.0, 0, 0.0, 1)
    while time < settings.end, steps < most {
      let due = timeline.due
      let count = Timeline.steps(from: time, to: due, limit: limit)
      longest = max(longest, (due - time) / Double(count))
      steps += min(count, most - steps)
      outputs += 1
      time = due
      timeline.advance()
    }
    return (steps, longest, outputs)
  }
}
