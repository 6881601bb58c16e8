internal import Glibc
import MPI
import Stencils

/// One run of one solver, from its configuration to its last file.
final class Run {
  private let world: Communicator
  private let configuration: Configuration
  private let options: Options
  private let command: String
  private let began = monotonicSeconds()
  private let startMemory = Memory.resident

  init(_ world: Communicator, _ configuration: Configuration, _ options: Options, command: String) throws {
    self.world = world
    self.configuration = configuration
    self.options = options
    self.command = command
  }

  private var core: CoreSettings { configuration.core }

  func execute<S: Solver>(_ make: SolverMaker<S>) throws {
    let outputs = try OutputPlan(core, report: options.report, expectedBytes: expectedBytes(S.self), on: world)
    let workplace = try Workplace(world, threads: options.threads ?? core.threads)
    configuration.prepare(workers: workplace.team.count)
    let domain = try makeDomain(for: make, workplace)
    tell(placement(workplace, domain.decomposition) + outputs.warnings)
    let solver = try make(configuration, on: domain)
    let step = make.step(solver)
    try step.check(state: solver.prognostic, reach: S.reach)
    let quantities = QuantityCheck(configuration, on: domain)
    try quantities.check(at: 0)
    try checkPictures(outputs, names: solver.recorded.map(\.name))
    let progress = Progress(isTelling: world.rank == 0 && !options.isQuiet, end: core.end, cells: domain.grid.cellCount)
    let state = SavedState(solver, on: domain)
    let guardian = try Guardian(configuration, options, on: world, began: began, state)
    defer { guardian?.release() }
    let status = StatusFile(world.rank == 0 ? outputs.status : nil, core, hosts: workplace.hosts)
    let loop = try RunLoop(
      solver, step, on: domain, core, progress: progress, quantities: quantities, pauses: guardian?.pauses,
      status: status,
      knownDepth: KnownDepth(
        solver: S.name, step, on: domain, fields: domain.fields.count, ranks: world.size,
        threads: workplace.team.count, hosts: try world.broadcast(workplace.hosts.count, from: 0),
        isIgnored: options.restart == .fresh))
    if let notice = domain.haloNotice { tell(["warning: \(notice)"]) }
    let start = try guardian?.resume { line in tell([line]) }
    if let start { loop.resume(start.clock) }
    try loop.checkTimeStep()
    let recorder = try Recorder(
      solver, on: domain, core, description: description(S.self, workplace), continuing: start, at: loop.time)
    do {
      try loop.run(
        output: {
          try recorder.record(time: loop.time)
          status?.diagnostics = recorder.last
        },
        pause: { reason in
          progress.finish()
          try guardian?.pause(for: reason, loop.clock, recorder, status, check: loop.check) { line in tell([line]) }
        })
      progress.finish()
      let fingerprint = hexadecimal(try domain.fingerprint(of: solver.prognostic))
      if core.writesCheckpoints, core.checkpoint.atEnd {
        try guardian?.settle(status)
        try guardian?.write(loop.clock, recorder)
      }
      try recorder.close(fingerprint: fingerprint)
      if let state = options.state {
        try StateFile.write(state, solver.prognostic, fingerprint: fingerprint, on: domain)
      }
      try draw(outputs, solver, on: domain, at: loop.time)
      let summary = try summary(S.self, workplace, domain, loop, recorder, guardian, fingerprint)
      try outputs.write(summary.json, on: world)
      guardian?.finish()
      status?.finish("finished", at: loop.clock)
      tell(summary.lines + outputs.lines)
      if world.rank == 0 { writeAll("fingerprint \(fingerprint)\n", to: STDOUT_FILENO) }
    } catch let error as BlowUp {
      progress.finish()
      try? guardian?.settle(status)
      // The state before the step is whole: it is kept, for a look at what led there.
      try recorder.record(time: loop.time)
      try recorder.close(fingerprint: hexadecimal(try domain.fingerprint(of: solver.prognostic)))
      status?.finish("failed", at: loop.clock, words: error.description)
      throw RunError(error.description + (core.outputFile.map { "; the state before that step is in \($0)" } ?? ""))
    } catch {
      progress.finish()
      // The one that is being written holds a good state. Of errors of MPI other ranks may not know.
      if !(error is MPIError) { try? guardian?.settle(status) }
      // What a checkpoint counts on must stay.
      if guardian?.keeper.newest == nil { recorder.abandon() } else { recorder.suspend() }
      status?.finish(error is Stopped ? "stopped" : "failed", at: loop.clock, words: "\(error)")
      throw error
    }
  }

  private func checkPictures(_ outputs: OutputPlan, names: [String]) throws {
    for picture in outputs.pictures {
      guard let field = picture.field, !names.contains(field) else { continue }
      throw ConfigurationError(
        picture.location, "the picture's field \"\(field)\" is unknown; \(unknown(field, among: names))")
    }
  }

  private func draw<S: Solver>(
    _ outputs: OutputPlan, _ solver: S, on domain: Domain<S.Scalar>, at time: Double
  ) throws {
    if !outputs.pictures.isEmpty { try solver.prepareRecord(at: time) }
    for picture in outputs.pictures {
      let field = solver.recorded.first { $0.name == picture.field } ?? solver.recorded[0]
      try picture.draw(field, on: domain, title: core.title, time: time)
    }
  }

  private func makeDomain<S: Solver>(for make: SolverMaker<S>, _ workplace: Workplace) throws -> Domain<S.Scalar> {
    let division = try Division(configuration, for: S.self, ranks: world.size)
    let shape = core.depth == 1 ? nil : stepShape(make, division, workplace)
    return Domain(
      grid: division.grid, periodic: division.periodic, reach: S.reach, depth: shape?.depth ?? 1,
      reachPerStep: shape?.reachPerStep, decomposition: division.decomposition,
      communicator: world, team: workplace.team, cacheBytes: workplace.cacheBytes)
  }

  /// How far away the sweeps of a step look together, which a solver on a corner of the grid tells; nil where it cannot
  /// be made (the whole grid's will say why).
  private func stepShape<S: Solver>(
    _ make: SolverMaker<S>, _ division: Division, _ workplace: Workplace
  ) -> StepShape? {
    guard let own = try? Communicator.selfOnly, let corner = try? division.blocks(edge: S.reach) else { return nil }
    let domain = Domain<S.Scalar>(
      grid: division.grid, periodic: division.periodic, reach: S.reach, decomposition: corner, communicator: own,
      team: workplace.team, cacheBytes: workplace.cacheBytes)
    guard let solver = try? make(configuration, on: domain) else { return nil }
    return StepShape(solver, make.step(solver), asked: core.depth)
  }

  private func expectedBytes<S: Solver>(_ type: S.Type) -> Int {
    guard core.outputFile != nil else { return 0 }
    let records = core.every.map { Int(core.end / $0) + 1 } ?? 2
    return records * core.cells.reduce(1, *) * MemoryLayout<S.Scalar>.stride
  }

  private func placement(_ workplace: Workplace, _ decomposition: Decomposition) -> [String] {
    let grid = decomposition.cells
    let dimensions = core.cells.count
    let blocks = (0..<dimensions).map { String(decomposition.ranks[$0]) }.joined(separator: " x ")
    let cells = (0..<dimensions).map { String(grid[$0]) }.joined(separator: " x ")
    return [
      "\(command) \(Simulation.version): \(core.title): \(core.solver), \(cells) cells in \(core.precision.rawValue), "
        + "\(workplace.layoutText), blocks \(blocks)"
    ] + workplace.placementLines
  }

  private func description<S: Solver>(_ type: S.Type, _ workplace: Workplace) -> OutputDescription {
    OutputDescription(
      title: core.title, source: "\(command) \(Simulation.version), solver \(S.name)",
      configuration: configuration.text, version: Simulation.version, layout: workplace.layoutText,
      history: OutputDescription.historyLine(command: ([command] + options.arguments).joined(separator: " ")))
  }

  private func summary<S: Solver>(
    _ type: S.Type, _ workplace: Workplace, _ domain: Domain<S.Scalar>, _ loop: RunLoop<S>, _ recorder: Recorder<S>,
    _ guardian: Guardian<S>?, _ fingerprint: String
  ) throws -> Summary {
    Summary(
      title: core.title, solver: S.name, precision: core.precision.rawValue, grid: domain.grid,
      decomposition: domain.decomposition, workplace: workplace, steps: loop.clock.step, stepsTaken: loop.stepsTaken,
      time: loop.time,
      shortestStep: loop.clock.shortest, longestStep: loop.clock.longest, wall: monotonicSeconds() - began,
      stepping: loop.stepping, writing: recorder.seconds, bytesWritten: recorder.bytes,
      bytesPerCell: loop.bytesPerCell, depth: loop.depth, depthSource: loop.depthSource, depthCost: loop.depthCost,
      halo: domain.haloWay,
      checkpoints: guardian?.keeper.use ?? .init(), checkpointSeconds: guardian?.secondsHeld ?? 0,
      first: recorder.first,
      last: recorder.last,
      fingerprint: fingerprint, phases: try Summary.phases(loop.phases, writing: recorder.seconds, on: world),
      use: try Summary.Use(loop.traffic, cells: domain.block.volume, startMemory: startMemory, on: world))
  }

  /// Rank 0 tells; warnings are told to the quiet too.
  private func tell(_ lines: [String]) {
    guard world.rank == 0 else { return }
    for line in lines {
      let isWarning = line.hasPrefix("warning")
      if isWarning || !options.isQuiet { writeAll(line + "\n", to: isWarning ? STDERR_FILENO : STDOUT_FILENO) }
    }
  }
}

/// 16 digits.
func hexadecimal(_ word: UInt64) -> String {
  let digits = String(word, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
