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

  init(end: Double, every: Double?) {
    self.end = end
    self.every = every
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

/// Why a run stopped before its end.
struct RunError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Runs a solver to its end.
final class RunLoop<S: Solver> {
  private let solver: S
  private let domain: Domain<S.Scalar>
  private let program: Program<S.Scalar>
  private let settings: CoreSettings
  private let progress: Progress
  private let quantities: QuantityCheck<S.Scalar>
  private(set) var step = 0
  private(set) var time = 0.0
  /// Seconds of wall time spent in steps.
  private(set) var stepping = 0.0
  private(set) var shortest = Double.infinity
  private(set) var longest = 0.0
  private var chunk: Int
  private var trial: DepthTrial<S.Scalar>?
  /// Steps that run at once.
  var depth: Int { program.depth }
  var phases: Phases { program.phases }
  var traffic: Traffic { program.traffic }

  init(
    _ solver: S, _ step: Step<S.Scalar>, on domain: Domain<S.Scalar>, _ settings: CoreSettings, progress: Progress,
    quantities: QuantityCheck<S.Scalar>
  ) throws {
    self.quantities = quantities
    self.solver = solver
    self.domain = domain
    self.settings = settings
    self.progress = progress
    chunk = domain.depth
    program = try Program(step, on: domain, keeping: solver.prognostic + solver.recorded)
    for field in solver.prognostic { domain.fillBoundary(of: field, at: 0) }
  }

  /// The longest step allowed from now on: the one that the user set, checked, or the stability limit times the safety.
  private func limit() throws -> Double {
    let stable = try solver.stableTimeStep(at: time)
    // What was stable at the start and is no longer is the run's fate, not a slip in its configuration.
    if let asked = settings.step, asked > stable * (1 + 1e-12), step > 0, solver.watch != nil {
      throw try BlowUp(solver, on: domain, limit: stable, step: step + 1, time: time, dt: asked)
    }
    return try Timeline.bound(solver, settings, stable: stable, at: time)
  }

  /// Bytes that a step must move per cell at the least: every field that changes, once in and once out.
  var bytesPerCell: Int { 2 * solver.prognostic.count * MemoryLayout<S.Scalar>.stride }

  /// Checks, before anything is written, that the first step has a length and is stable.
  func checkTimeStep() throws { _ = try limit() }

  /// Runs to the end; calls `output` at the start, whenever output is due, and at the end.
  func run(output: (_ time: Double, _ step: Int) throws -> Void) throws {
    var timeline = Timeline(end: settings.end, every: settings.every)
    let most = settings.steps ?? .max
    try check()
    var bound = try limit()
    try output(0, 0)
    while time < settings.end, step < most {
      if solver.keepsStep {
        try runKeepingStep(to: timeline.due, bound, most)
        guard time == timeline.due || step == most else { continue }
        try check()
        try output(time, step)
        timeline.advance()
        continue
      }
      let (start, due) = (time, timeline.due)
      try quantities.check(at: due)
      if solver.stabilityVaries { bound = try limit() }
      let count = Timeline.steps(from: start, to: due, limit: bound)
      let dt = (due - start) / Double(count)
      (shortest, longest) = (min(shortest, dt), max(longest, dt))
      let planned = min(solver.stabilityVaries ? 1 : count, most - step)
      if trial == nil {
        let left = min(Double(most - step), (settings.end - start) / dt)
        trial = try DepthTrial(
          program, asked: settings.depth, steps: solver.stabilityVaries ? 1 : Int(min(left, 1e9)),
          on: domain.communicator)
      }
      try run(planned, from: start, dt: dt)
      time = planned == count ? due : start + Double(planned) * dt
      guard time == due || step == most else { continue }
      try check()
      try output(time, step)
      timeline.advance()
    }
  }

  /// Runs so many equal steps, in chunks between which progress is told.
  private func run(_ steps: Int, from start: Double, dt: Double) throws {
    var done = 0
    while done < steps {
      let isTrial = trial?.isRunning ?? false
      let count = min(isTrial ? trial!.steps : chunk, steps - done)
      let seconds = try advance(count, first: done, from: start, dt: dt)
      done += count
      step += count
      time = start + Double(done) * dt
      if isTrial { try trial!.record(secondsPerStep: seconds / Double(count)) }
      // About a quarter of a second's steps at a time; rank 0's clock decides for all.
      let wished = 0.25 / max(seconds / Double(count), 1e-9)
      var decision = [Int64(min(max(1, wished), Double(4 * count))), progress.isDue ? 1 : 0]
      try domain.communicator.broadcast(&decision, from: 0)
      chunk = Int(decision[0])
      if decision[1] == 1 {
        try check()
        progress.report(step: step, time: time, dt: dt)
      }
    }
  }

  /// Runs steps of one length, and one shorter step to what is due, with the time added up step by step.
  private func runKeepingStep(to due: Double, _ dt: Double, _ most: Int) throws {
    try quantities.check(at: due)
    while time < due, step < most {
      let next = time + dt
      let length = next > due ? due - time : dt
      (shortest, longest) = (min(shortest, length), max(longest, length))
      let start = time
      try run(1, from: start, dt: length)
      time = next > due ? due : next
    }
  }

  private func advance(_ steps: Int, first: Int, from start: Double, dt: Double) throws -> Double {
    let began = monotonicSeconds()
    if let watch = solver.watch {
      for index in first..<(first + steps) {
        try program.run(steps: 1, first: index, from: start, dt: dt)
        let noted = try domain.take(watch)
        let least = solver.positive?.least ?? -.infinity
        if noted.isFinite, noted.rate * dt <= 1 + 1e-9, noted.smallest >= least { continue }
        let done = step + index - first
        time = start + Double(index) * dt
        throw try BlowUp(solver, on: domain, noted, step: done + 1, time: time, dt: dt)
      }
    } else {
      try program.run(steps: steps, first: first, from: start, dt: dt)
    }
    let seconds = monotonicSeconds() - began
    stepping += seconds
    return seconds
  }

  /// Throws, on all ranks, when a value of the state is not finite.
  private func check() throws {
    for field in solver.prognostic where !(try domain.extrema(of: field).isFinite) {
      guard let cell = try domain.firstNonFinite(in: field) else { continue }
      let place = domain.grid.axes.map {
        "\(domain.grid.axisNames[$0.rawValue]) = \(domain.grid.center(cell[$0.rawValue], along: $0))"
      }
      throw RunError(
        "\(field.name) is not finite at cell (\(domain.grid.axes.map { String(cell[$0.rawValue]) }.joined(separator: ", ")))"
          + ", \(place.joined(separator: ", ")) m, step \(step), t = \(time) s: the run blew up; a shorter time.step or "
          + "smaller sources may help")
    }
  }
}
