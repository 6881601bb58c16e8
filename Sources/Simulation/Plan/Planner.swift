internal import Glibc
import MPI
import Stencils
import Threads

/// Works out what a run would take, for one solver.
final class Planner {
  private let configuration: Configuration
  private let options: PlanOptions
  private let constants: MachineConstants
  private let world: Communicator
  private let cores = Machine.shared.allowedCores.count
  /// What this process takes before it holds any field, as a rank will.
  private let baseMemory = Memory.resident
  private(set) var plan: Plan?

  init(_ configuration: Configuration, _ options: PlanOptions, _ constants: MachineConstants, on world: Communicator) {
    self.configuration = configuration
    self.options = options
    self.constants = constants
    self.world = world
  }

  private var core: CoreSettings { configuration.core }

  func execute<S: Solver>(_ make: SolverMaker<S>) throws {
    let (ranks, threads) = (options.ranks, options.threads)
    try checkRankCount(S.self)
    let division = try Division(configuration, for: S.self, ranks: ranks)
    configuration.prepare(workers: max(cores, threads))
    let team = ThreadTeam(count: 1)
    let sketch = try Sketch<S>(make, configuration, division, on: world, team: team)
    let limit = try Timeline.bound(sketch.solver, core, stable: sketch.limit, at: 0)
    let course = Timeline.course(core, limit: limit)
    let coresPerHost = constants.cores ?? max(cores, threads)
    let perHost = min(ranks, max(1, coresPerHost / threads))
    var model = StepModel()
    model.coresPerHost = coresPerHost
    model.messages = constants.messages ?? MachineConstants.assumedMessages
    model.network = constants.network ?? MachineConstants.assumedNetwork
    let busiest = Busiest(S.self, division, sketch.step, on: world, team: team)
    let trials = try measure(make, division, sketch, course.longest, busiest.count, perHost, &model)

    func forecast(_ ranks: Int, _ threads: Int) throws -> Forecast {
      let division = ranks == options.ranks ? division : try Division(configuration, for: S.self, ranks: ranks)
      let busiest = Busiest(S.self, division, sketch.step, on: world, team: team)
      let step = model.parts(cells: busiest.cells, traffic: busiest.traffic, ranks: ranks, threads: threads)
      let alone = model.overhead + Double(division.grid.cellCount) * trials.secondsPerCellAlone
      return Forecast(
        ranks: ranks, threads: threads, decomposition: division.decomposition, cells: busiest.cells,
        traffic: busiest.traffic, step: step, efficiency: alone / (Double(ranks * threads) * step.total),
        hosts: (ranks + max(1, coresPerHost / threads) - 1) / max(1, coresPerHost / threads))
    }
    let own = try forecast(ranks, threads)
    var plan = Plan(options: options, core: core, division: division, model: model, own: own)
    plan.stabilityLimit = sketch.limit
    plan.isLimitSure = sketch.isLimitSure
    plan.isVarying = sketch.solver.stabilityVaries
    (plan.steps, plan.longestStep) = (course.steps, course.longest)
    plan.total = total(S.self, division, sketch.step, team)
    plan.bytesPerCell = 2 * sketch.solver.prognostic.count * MemoryLayout<S.Scalar>.stride
    plan.trials = trials
    plan.memory = memory(S.self, division, busiest, sketch)
    plan.hostMemory = constants.memory ?? Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    planOutput(
      &plan, records: course.outputs, fields: sketch.solver.prognostic.count, stride: MemoryLayout<S.Scalar>.stride)
    if writesCheckpoints(steps: course.steps, seconds: plan.wallSeconds) {
      plan.memory.checkpoint = checkpointMemory(busiest.cells, sketch)
    }
    plan.layouts = try alternatives(forecast)
    plan.mostUseful = try mostUseful(own, forecast)
    self.plan = plan
  }

  /// More ranks than blocks of the smallest size are refused at once; the search for the largest count that works would
  /// otherwise be long.
  private func checkRankCount<S: Solver>(_ type: S.Type) throws {
    let most = core.cells.reduce(1.0) { $0 * Double(max(1, $1 / max(1, S.reach))) }
    guard Double(options.ranks) > most else { return }
    throw ConfigurationError(
      core.location(of: "grid.cells"),
      "\(options.ranks) ranks are too many for a grid of \(core.cells.map(String.init).joined(separator: " x ")) cells; "
        + "there are not more than \(Int(most)) blocks to be had")
  }

  /// The rank with the most cells and the one that sends most.
  private struct Busiest {
    var cells = 0
    var count = Triple.zero
    var traffic = Traffic()
    var rank = 0

    init<S: Solver>(
      _ type: S.Type, _ division: Division, _ step: Step<S.Scalar>, on world: Communicator, team: ThreadTeam
    ) {
      for rank in division.corners {
        let domain = division.domain(for: S.self, rank: rank, on: world, team: team)
        if domain.block.volume > cells { (cells, count, self.rank) = (domain.block.volume, domain.layout.count, rank) }
        let sent = domain.traffic(of: step)
        traffic.exchanges = max(traffic.exchanges, sent.exchanges)
        traffic.messages = max(traffic.messages, sent.messages)
        traffic.bytes = max(traffic.bytes, sent.bytes)
        traffic.lines = max(traffic.lines, sent.lines)
      }
    }
  }

  /// What all ranks send in a step; nil where there are too many to be asked one by one.
  private func total<S: Solver>(
    _ type: S.Type, _ division: Division, _ step: Step<S.Scalar>, _ team: ThreadTeam
  ) -> (messages: Int, bytes: Int)? {
    guard options.ranks <= 1 << 16 else { return nil }
    var sum = (messages: 0, bytes: 0)
    for rank in 0..<options.ranks {
      let sent = division.domain(for: S.self, rank: rank, on: world, team: team).traffic(of: step)
      sum = (sum.messages + sent.messages, sum.bytes + sent.bytes)
    }
    return sum
  }

  /// Runs the solver on blocks of the grid and fills in the model's constants.
  private func measure<S: Solver>(
    _ make: SolverMaker<S>, _ division: Division, _ sketch: Sketch<S>, _ dt: Double, _ block: Triple, _ perHost: Int,
    _ model: inout StepModel
  ) throws -> Trials {
    let here = min(options.threads, cores)
    func trial(_ wanted: Triple, _ threads: Int, sharing: Int) throws -> Trial {
      try Trial(
        make, configuration, division, wanted: wanted, fieldCount: sketch.fieldCount,
        cacheBytes: Machine.shared.lastLevelCacheBytes / max(1, sharing), threads: threads, dt: dt, on: world)
    }
    let working = min(perHost * options.threads, cores)
    model.coreBandwidth = bandwidthOfCore(working)
    let team = ThreadTeam(count: here)
    model.barrier = (here, ProbeFigures.barrier(team))
    team.end()
    let smallest = Triple((0..<3).map { $0 < division.grid.dimensions ? min(block[$0], max(8, S.reach)) : 1 })
    let least = try trial(smallest, here, sharing: perHost)
    model.overhead = min(least.secondsPerStep, 1e-3)
    // A speed that the user knows needs no trial.
    let own = constants.cellRate == nil ? try trial(block, here, sharing: perHost) : least
    var trials = Trials()
    trials.setupPerCell = own.setupSeconds * Double(here) / Double(own.cells)
    trials.diagnosticsPerCell = own.diagnosticsSeconds * Double(here) / Double(own.cells)
    trials.fingerprintPerCell = own.fingerprintSeconds * Double(here) / Double(own.cells)
    if let rate = constants.cellRate {
      model.secondsPerCell = 1 / rate
      trials.secondsPerCellAlone = 1 / rate
      return trials
    }
    var perCell = max(0.5 * own.secondsPerStep, own.secondsPerStep - model.overhead) * Double(here) / Double(own.cells)
    if working > here {
      // The ranks of a host share its memory: as many blocks as there will be, on all their cores.
      var wide = block
      let axis = division.grid.dimensions - 1
      wide[axis] = block[axis] * working / here
      let all = try trial(wide, working, sharing: 1)
      perCell = max(perCell, all.secondsPerStep * Double(working) / Double(all.cells))
    }
    trials.secondsPerCellAlone = perCell
    if options.ranks * options.threads > 1 {
      let alone = try trial(division.grid.cells, 1, sharing: 1)
      trials.secondsPerCellAlone = alone.secondsPerStep / Double(alone.cells)
    }
    model.secondsPerCell = perCell
    return trials
  }

  private func bandwidthOfCore(_ working: Int) -> Double {
    if let given = constants.bandwidth { return given / Double(constants.cores ?? cores) }
    let team = ThreadTeam(count: working, cores: Machine.shared.allowedCores.prefix(working).map { [$0] })
    defer { team.end() }
    let triad = Triad(team, cacheBytes: Machine.shared.lastLevelCacheBytes)
    defer { triad.free() }
    var passes: [Double] = []
    for _ in 0..<6 {
      let began = monotonicSeconds()
      triad.pass()
      passes.append(monotonicSeconds() - began)
    }
    return triad.bytes / passes.dropFirst().sorted()[2] / Double(working)
  }

  private func memory<S: Solver>(
    _ type: S.Type, _ division: Division, _ busiest: Busiest, _ sketch: Sketch<S>
  ) -> PlannedMemory {
    let domain = division.domain(for: S.self, rank: busiest.rank, on: world, team: ThreadTeam(count: 1))
    var memory = PlannedMemory()
    memory.program = baseMemory
    memory.fields = domain.bytes(ofFields: sketch.fieldCount)
    // A buffer to send from and one to receive into.
    memory.buffers = 2 * busiest.traffic.bytes
    guard core.outputFile != nil else { return memory }
    let block = busiest.cells * sketch.solver.prognostic.count * MemoryLayout<S.Scalar>.stride
    // A copy without ghost cells, and one in the file's order of bytes, which is written in rounds; MPI-IO's buffers, one
    // for a piece of the file and one for what a rank sends of it.
    let record = division.grid.cellCount * sketch.solver.prognostic.count * MemoryLayout<S.Scalar>.stride
    let buffer = 16 << 20
    memory.output = block + min(block, 256 << 20) + min(record, buffer) + min(block, buffer)
    return memory
  }

  /// Whether a checkpoint falls due in the course of the run.
  private func writesCheckpoints(steps: Int, seconds wallSeconds: Double) -> Bool {
    guard core.writesCheckpoints, core.checkpoint.isInBackground else { return false }
    return switch core.checkpoint.every {
    case .never: false
    case .steps(let interval): interval < steps
    case .simulated(let seconds): seconds < core.end
    case .wall(let seconds): seconds < wallSeconds
    }
  }

  /// A copy of the state, what is read back of it at once, and what a thread and its files take.
  private func checkpointMemory<S: Solver>(_ cells: Int, _ sketch: Sketch<S>) -> Int {
    let carried = sketch.solver.carried.count { if case .field = $0 { true } else { false } }
    let copy = cells * (sketch.solver.prognostic.count + carried) * MemoryLayout<S.Scalar>.stride
    return copy + min(copy, DiskFile.pieceBytes) + (1 << 20)
  }

  private func planOutput(_ plan: inout Plan, records: Int, fields: Int, stride: Int) {
    plan.records = records
    guard let file = core.outputFile else { return }
    let cells = core.cells.reduce(1, *)
    plan.recordBytes = fields * cells * stride
    // Centres and bounds of the cells along each axis, and a header with the configuration's text.
    let header = 4096 * ((configuration.text.utf8.count + 3 * 4096) / 4096)
    plan.fileBytes = header + core.cells.reduce(0) { $0 + 24 * $1 } + records * plan.recordBytes
    plan.outputBandwidth = constants.output ?? MachineConstants.measureOutput(beside: file) ?? 1e9
  }

  /// Every way to share out the same number of cores, the fastest first.
  private func alternatives(_ forecast: (Int, Int) throws -> Forecast) throws -> [Forecast] {
    let workers = options.ranks * options.threads
    let most = constants.cores ?? max(cores, options.threads)
    var found: [Forecast] = []
    for threads in 1...min(workers, most) where workers % threads == 0 {
      // A layout that the grid does not allow is none.
      if let one = try? forecast(workers / threads, threads) { found.append(one) }
    }
    return found.sorted { ($0.step.total, $0.ranks) < ($1.step.total, $1.ranks) }
  }

  /// The largest number of ranks, in steps of two, at which the cores still do half of what one alone does.
  private func mostUseful(_ own: Forecast, _ forecast: (Int, Int) throws -> Forecast) throws -> Forecast? {
    var best: Forecast?
    var ranks = 1
    while ranks <= 1 << 20 {
      guard let one = try? forecast(ranks, options.threads) else { break }
      if one.efficiency < 0.5 { break }
      best = one
      ranks *= 2
    }
    return best
  }
}

/// What was measured besides the model's constants.
struct Trials {
  /// Seconds of one core for a cell while the others do nothing.
  var secondsPerCellAlone = 0.0
  /// Seconds of one core for a cell.
  var setupPerCell = 0.0
  var diagnosticsPerCell = 0.0
  var fingerprintPerCell = 0.0
}

/// Bytes of memory of the rank that takes most.
struct PlannedMemory {
  /// The program and its libraries.
  var program = 0
  /// Fields with their ghost cells.
  var fields = 0
  /// Messages.
  var buffers = 0
  var output = 0
  /// The state of a checkpoint that is being written.
  var checkpoint = 0
  var total: Int { program + fields + buffers + output + checkpoint }
}
