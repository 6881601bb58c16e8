import Stencils

/// Why a run ended before its end.
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
  private let pauses: Pauses?
  private let status: StatusFile?
  private(set) var clock = Clock()
  /// Seconds of wall time spent in steps, and the steps that were taken in them.
  private(set) var stepping = 0.0
  private(set) var stepsTaken = 0
  private var trial: DepthTrial<S.Scalar>?
  private let knownDepth: KnownDepth?
  private var isResumed = false
  // Steps between two agreements of the ranks, and since the last one.
  private var chunk: Int
  private var stepsSince = 0
  private var secondsSince = 0.0
  private var checkedDue = -Double.infinity
  /// Steps that run at once.
  var depth: Int { program.depth }
  var depthSource: DepthSource { trial?.source ?? .given }
  /// Seconds that finding it out took.
  var depthCost: Double { trial?.cost ?? 0 }
  var phases: Phases { program.phases }
  var traffic: Traffic { program.traffic }
  var time: Double { clock.time }

  /// - Parameters:
  ///   - pauses: when checkpoints are due and when the run has to stop; nil for one that does neither.
  ///   - status: told on rank 0 where the run stands.
  ///   - knownDepth: where earlier runs have left which depth is the fastest; nil where that is not to be looked at.
  init(
    _ solver: S, _ step: Step<S.Scalar>, on domain: Domain<S.Scalar>, _ settings: CoreSettings, progress: Progress,
    quantities: QuantityCheck<S.Scalar>, pauses: Pauses? = nil, status: StatusFile? = nil,
    knownDepth: KnownDepth? = nil
  ) throws {
    self.status = status
    self.knownDepth = knownDepth
    self.quantities = quantities
    self.solver = solver
    self.domain = domain
    self.settings = settings
    self.progress = progress
    self.pauses = pauses
    chunk = domain.depth
    program = try Program(step, on: domain, keeping: solver.prognostic + solver.recorded)
    for field in solver.prognostic { domain.fillBoundary(of: field, at: 0) }
  }

  /// Goes on from where another run stood, whose state the solver has.
  func resume(_ clock: Clock) {
    self.clock = clock
    program.stepsDone = clock.step
    status?.start(at: clock)
    progress.start(step: clock.step, time: clock.time)
    isResumed = true
  }

  /// The longest step allowed from now on: the one that the user set, checked, or the stability limit times the safety.
  private func limit() throws -> Double {
    let stable = try solver.stableTimeStep(at: time)
    // What was stable at the start and is no longer is the run's fate, not a slip in its configuration.
    if let asked = settings.step, asked > stable * (1 + 1e-12), clock.step > 0, solver.watch != nil {
      throw try BlowUp(solver, on: domain, limit: stable, step: clock.step + 1, time: time, dt: asked)
    }
    return try Timeline.bound(solver, settings, stable: stable, at: time)
  }

  /// Bytes that a step must move per cell at the least: every field that changes, once in and once out.
  var bytesPerCell: Int { 2 * solver.prognostic.count * MemoryLayout<S.Scalar>.stride }

  /// Finds out, before anything is written, how long the first step may be.
  func checkTimeStep() throws { if !isResumed { clock.limit = try limit() } }

  /// Runs to the end.
  /// - Parameters:
  ///   - output: called at the start, whenever output is due, and at the end.
  ///   - pause: called between steps when there is a reason; on all ranks with the same one.
  func run(output: () throws -> Void, pause: (PauseReason) throws -> Void = { _ in }) throws {
    var timeline = Timeline(end: settings.end, every: settings.every, after: isResumed ? time : nil)
    let most = settings.steps ?? .max
    if !isResumed {
      try check()
      try output()
    }
    adjustSpan(to: timeline.due, most)
    pauses?.start(at: clock)
    while time < settings.end, clock.step < most {
      if clock.span == nil { clock.span = try nextSpan(to: timeline.due, most) }
      var reason = try runChunk(of: clock.span!)
      // Steps that the run's last one cuts short are there to be gone on with.
      if clock.span!.done == clock.span!.whole || solver.stabilityVaries { clock.span = nil }
      if time == timeline.due || clock.step == most {
        try check()
        try output()
        timeline.advance()
      }
      // A checkpoint that is due settles the one before, too.
      if reason ?? .written == .written, let pauses, pauses.isDue(at: clock) { reason = .due }
      // At the end there is nothing left to be saved.
      if let reason, time < settings.end, clock.step < most { try pause(reason) }
    }
  }

  /// Lets a span that was begun by another run go where its output or its end has been changed since.
  private func adjustSpan(to due: Double, _ most: Int) {
    guard let span = clock.span else { return }
    if span.due != due && !solver.keepsStep && !solver.stabilityVaries {
      clock.span = nil
    } else {
      clock.span!.steps = min(span.whole, most - (clock.step - span.done))
    }
  }

  /// Chooses the next equal steps.
  private func nextSpan(to due: Double, _ most: Int) throws -> Clock.Span {
    if checkedDue != due || !solver.keepsStep { try quantities.check(at: due) }
    checkedDue = due
    let span: Clock.Span
    if solver.keepsStep {
      // Steps of one length, and one shorter step to what is due, with the time added up step by step.
      let next = time + clock.limit
      let end = min(next, due)
      span = Clock.Span(start: time, due: end, dt: next > due ? due - time : clock.limit, whole: 1)
    } else {
      if solver.stabilityVaries { clock.limit = try limit() }
      let count = Timeline.steps(from: time, to: due, limit: clock.limit)
      span = Clock.Span(
        start: time, due: due, dt: (due - time) / Double(count), whole: count,
        steps: min(solver.stabilityVaries ? 1 : count, most - clock.step))
      if trial == nil {
        let left = min(Double(most - clock.step), (settings.end - time) / span.dt)
        trial = try DepthTrial(
          program, asked: settings.depth, known: try knownDepth?.read(on: domain.communicator),
          steps: solver.stabilityVaries ? 1 : Int(min(left, 1e9)), on: domain.communicator)
      }
    }
    (clock.shortest, clock.longest) = (min(clock.shortest, span.dt), max(clock.longest, span.dt))
    return span
  }

  /// Runs as many of these steps as go before the ranks agree again on what to do, or before something is due.
  private func runChunk(of span: Clock.Span) throws -> PauseReason? {
    let isTrial = trial?.isRunning ?? false
    let allowed = min(isTrial ? trial!.nextSteps : max(1, chunk - stepsSince), pauses?.steps(after: clock.step) ?? .max)
    let count = min(allowed, span.steps - span.done)
    let seconds = try advance(count, span)
    clock.step += count
    clock.span!.done += count
    clock.time = clock.span!.time
    clock.boundaryTime = clock.span!.boundaryTime
    if isTrial {
      try trial!.record(secondsPerStep: seconds / Double(count), steps: count)
      if let found = trial!.finding { knownDepth?.write(found) }
    }
    stepsSince += count
    secondsSince += seconds
    return isTrial || stepsSince >= chunk ? try agree(dt: span.dt) : nil
  }

  /// About every quarter of a second all ranks agree on what to do next: rank 0's clock decides how long they go on and
  /// when progress is told, and whichever rank has a reason to pause is heard.
  private func agree(dt: Double) throws -> PauseReason? {
    let perStep = max(secondsSince / Double(stepsSince), 1e-9)
    let isFirst = domain.communicator.rank == 0
    var decision: [Int64] = [
      isFirst ? Int64(min(max(1, 0.25 / perStep), Double(4 * stepsSince))) : 0, isFirst && progress.isDue ? 1 : 0,
      pauses?.wish(longest: max(0.25, perStep * Double(program.depth)))?.code ?? 0, pauses?.isBusy ?? false ? 1 : 0,
    ]
    try domain.communicator.allReduce(&decision, .max)
    // Whole groups of the steps that run at once, so that each group is as large as it can be.
    chunk = max(program.depth, Int(decision[0]) / program.depth * program.depth)
    (stepsSince, secondsSince) = (0, 0)
    status?.update(clock, dt: dt)
    if decision[1] == 1 {
      try check()
      progress.report(step: clock.step, time: time, dt: dt)
    }
    if decision[2] == 0, decision[3] == 0, pauses?.isWriting ?? false { return .written }
    return PauseReason(code: decision[2])
  }

  private func advance(_ steps: Int, _ span: Clock.Span) throws -> Double {
    let began = monotonicSeconds()
    let (first, start, dt) = (span.done, span.start, span.dt)
    if let watch = solver.watch {
      for index in first..<(first + steps) {
        try program.run(steps: 1, first: index, from: start, dt: dt)
        let noted = try domain.take(watch)
        let least = solver.positive?.least ?? -.infinity
        if noted.isFinite, noted.rate * dt <= 1 + 1e-9, noted.smallest >= least { continue }
        let done = clock.step + index - first
        clock.time = start + Double(index) * dt
        throw try BlowUp(solver, on: domain, noted, step: done + 1, time: time, dt: dt)
      }
    } else {
      try program.run(steps: steps, first: first, from: start, dt: dt)
    }
    let seconds = monotonicSeconds() - began
    stepping += seconds
    stepsTaken += steps
    return seconds
  }

  /// Throws, on all ranks, when a value of the state is not finite.
  func check() throws {
    for field in solver.prognostic where !(try domain.extrema(of: field).isFinite) {
      guard let cell = try domain.firstNonFinite(in: field) else { continue }
      let place = domain.grid.axes.map {
        "\(domain.grid.axisNames[$0.rawValue]) = \(domain.grid.center(cell[$0.rawValue], along: $0))"
      }
      throw RunError(
        "\(field.name) is not finite at cell (\(domain.grid.axes.map { String(cell[$0.rawValue]) }.joined(separator: ", ")))"
          + ", \(place.joined(separator: ", ")) m, step \(clock.step), t = \(time) s: the run blew up; a shorter time.step or "
          + "smaller sources may help")
    }
  }
}
