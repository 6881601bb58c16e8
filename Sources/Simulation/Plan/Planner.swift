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
    let shape = StepShape(sketch.solver, sketch.step, asked: core.depth)
    let limit = try Timeline.bound(sketch.solver, core, stable: sketch.limit, at: 0)
    let course = Timeline.course(core, limit: limit)
    let coresPerHost = constants.cores ?? max(cores, threads)
    let perHost = min(ranks, max(1, coresPerHost / threads))
    var model = StepModel()
    model.coresPerHost = coresPerHost
    model.messages = constants.messages ?? MachineConstants.assumedMessages
    model.network = constants.network ?? MachineConstants.assumedNetwork
    let block = division.largest(for: S.self, shape, on: world, team: team)
    let trials = try measure(make, division, sketch, shape, course.longest, block, perHost, &model)
    let choice = DepthChoice(asked: core.depth, steps: course.steps, greatest: trials.greatestDepth)

    func forecast(_ ranks: Int, _ threads: Int, known: Int? = nil) throws -> Forecast {
      let division = ranks == options.ranks ? division : try Division(configuration, for: S.self, ranks: ranks)
      let domains = division.corners.map { division.domain(for: S.self, rank: $0, shape, on: world, team: team) }
      let depths = known.map { [$0] } ?? choice.depths(on: domains[0])
      let alone = Double(division.grid.cellCount) * trials.secondsPerCellAlone + model.overhead
      return depths.map { depth in
        let busiest = Busiest(domains, sketch.step, depth: depth)
        let step = model.parts(
          cells: busiest.computed, traffic: busiest.traffic, depth: depth, ranks: ranks, threads: threads)
        return Forecast(
          ranks: ranks, threads: threads, decomposition: division.decomposition, cells: busiest.cells,
          traffic: busiest.traffic, depth: depth, redundancy: busiest.computed / Double(busiest.cells), step: step,
          efficiency: alone / (Double(ranks * threads) * step.total),
          hosts: (ranks + max(1, coresPerHost / threads) - 1) / max(1, coresPerHost / threads))
      }.min { $0.step.total < $1.step.total }!
    }
    let first = division.domain(for: S.self, rank: 0, shape, on: world, team: team)
    let hosts = (ranks + max(1, coresPerHost / threads) - 1) / max(1, coresPerHost / threads)
    let known =
      core.depth == nil && first.depth > 1
      ? try KnownDepth(
        solver: S.name, sketch.step, on: first, fields: sketch.fieldCount, ranks: ranks, threads: threads, hosts: hosts,
        isIgnored: false
      ).read(on: world) : nil
    let own = try forecast(ranks, threads, known: known)
    var plan = Plan(options: options, core: core, division: division, model: model, own: own)
    plan.depthSource =
      core.depth != nil || trials.greatestDepth == 1 ? .given : known != nil ? .earlierRun : choice.source
    plan.stabilityLimit = sketch.limit
    plan.isLimitSure = sketch.isLimitSure
    plan.isVarying = sketch.solver.stabilityVaries
    (plan.steps, plan.longestStep) = (course.steps, course.longest)
    plan.total = total(S.self, division, sketch.step, shape, depth: own.depth, team)
    plan.bytesPerCell = 2 * sketch.solver.prognostic.count * MemoryLayout<S.Scalar>.stride
    plan.trials = trials
    plan.memory = memory(own, division, shape, sketch, team, tries: plan.depthSource == .trial)
    plan.memory.program += trials.touchedBytes
    plan.hostMemory = constants.memory ?? Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    planOutput(
      &plan, records: course.outputs, fields: sketch.solver.prognostic.count, stride: MemoryLayout<S.Scalar>.stride)
    if writesCheckpoints(steps: course.steps, seconds: plan.wallSeconds) {
      plan.memory.checkpoint = checkpointMemory(own.cells, sketch)
    }
    plan.layouts = try alternatives { try $0 == ranks && $1 == threads ? own : forecast($0, $1) }
    plan.mostUseful = try mostUseful { try forecast($0, $1) }
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

  /// The rank that computes most and the one that sends most.
  private struct Busiest {
    var cells = 0
    /// Cells that it computes in a step.
    var computed = 0.0
    var traffic = Traffic()

    init<Scalar: Real>(_ domains: [Domain<Scalar>], _ step: Step<Scalar>, depth: Int) {
      for domain in domains {
        cells = max(cells, domain.block.volume)
        computed = max(computed, Double(domain.block.volume) * domain.redundancy(of: step, depth: depth))
        let sent = domain.traffic(of: step, depth: depth)
        traffic.exchanges = max(traffic.exchanges, sent.exchanges)
        traffic.messages = max(traffic.messages, sent.messages)
        traffic.bytes = max(traffic.bytes, sent.bytes)
        traffic.lines = max(traffic.lines, sent.lines)
      }
    }
  }

  /// What all ranks send in an exchange; nil where there are too many to be asked one by one.
  private func total<S: Solver>(
    _ type: S.Type, _ division: Division, _ step: Step<S.Scalar>, _ shape: StepShape, depth: Int, _ team: ThreadTeam
  ) -> (messages: Int, bytes: Int)? {
    guard options.ranks <= 1 << 16 else { return nil }
    var sum = (messages: 0, bytes: 0)
    for rank in 0..<options.ranks {
      let sent = division.domain(for: S.self, rank: rank, shape, on: world, team: team).traffic(of: step, depth: depth)
      sum = (sum.messages + sent.messages, sum.bytes + sent.bytes)
    }
    return sum
  }

  /// Runs the solver on blocks of the grid and fills in the model's constants.
  private func measure<S: Solver>(
    _ make: SolverMaker<S>, _ division: Division, _ sketch: Sketch<S>, _ shape: StepShape, _ dt: Double,
    _ block: Triple, _ perHost: Int, _ model: inout StepModel
  ) throws -> Trials {
    let here = min(options.threads, cores)
    let cache = Machine.shared.lastLevelCacheBytes
    func trial(_ change: (inout Trial.Setting) -> Void) throws -> Trial {
      var setting = Trial.Setting(
        wanted: block, fieldCount: sketch.fieldCount, cacheBytes: cache / max(1, perHost), threads: here, shape: shape,
        depths: core.depth.map { [$0] }, dt: dt)
      change(&setting)
      return try Trial(make, configuration, division, setting, on: world)
    }
    let working = min(perHost * options.threads, cores)
    model.coreBandwidth = bandwidthOfCore(working)
    let team = ThreadTeam(count: here, cores: Machine.shared.allowedCores.prefix(here).map { [$0] })
    model.barrier = (here, ProbeFigures.barrier(team))
    team.end()
    let before = Memory.resident
    let least = try trial {
      for axis in 0..<3 { $0.wanted[axis] = axis < division.grid.dimensions ? min(block[axis], max(8, S.reach)) : 1 }
      ($0.shape, $0.depths) = (shape.stepByStep, [1])
    }
    // Code, stacks and tables that a run touches; the block itself is next to nothing.
    let touched = max(0, Memory.resident - before)
    model.overhead = min(least.secondsPerStep[1] ?? 0, 1e-3)
    // The ranks of a host share its memory: as many blocks as there will be, on all their cores.
    let isShared = working > here
    // A speed that the user knows needs no trial.
    let own = try trial { if isShared || constants.cellRate != nil { $0.depths = [] } }
    var trials = Trials()
    trials.greatestDepth = own.greatestDepth
    trials.touchedBytes = min(touched, 8 << 20)
    trials.setupPerCell = own.setupSeconds * Double(here) / Double(own.cells)
    trials.diagnosticsPerCell = own.diagnosticsSeconds * Double(here) / Double(own.cells)
    trials.fingerprintPerCell = own.fingerprintSeconds * Double(here) / Double(own.cells)
    if let rate = constants.cellRate {
      model.secondsPerCell = [1: 1 / rate]
      trials.secondsPerCellAlone = 1 / rate
      return trials
    }
    let all =
      !isShared
      ? own
      : try trial {
        $0.wanted[division.grid.dimensions - 1] = block[division.grid.dimensions - 1] * working / here
        ($0.threads, $0.cacheBytes) = (working, cache)
      }
    // Barriers are a small part of a step, however long they took while other programs had a core.
    for (depth, seconds) in all.secondsPerStep {
      guard let exchanges = all.own[depth]?.traffic.exchanges, exchanges > 0 else { continue }
      model.barrier.seconds = min(model.barrier.seconds, 0.2 * seconds * Double(depth) / Double(3 * exchanges))
    }
    for depth in all.secondsPerStep.keys { model.secondsPerCell[depth] = all.secondsPerCell(depth: depth, model) }
    let inCache = try trial {
      ($0.wanted, $0.threads, $0.cacheBytes) = (block, working, cache)
      // Not a few long rows with as many rows of ghost cells beside them.
      $0.wanted.x = min(block.x, 128)
      $0.mostBytes = working * Machine.shared.secondLevelCacheBytes / 2
      ($0.shape, $0.depths) = (shape.stepByStep, [1])
    }
    model.secondsPerCellInCache = inCache.secondsPerCell(depth: 1, model)
    trials.secondsPerCellAlone = model.secondsPerCell.values.min() ?? 0
    if options.ranks * options.threads > 1 {
      let alone = try trial { ($0.wanted, $0.threads, $0.cacheBytes) = (division.grid.cells, 1, cache) }
      trials.secondsPerCellAlone = alone.secondsPerStep.keys.map { alone.secondsPerCell(depth: $0, model) }.min() ?? 0
    }
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
    _ own: Forecast, _ division: Division, _ shape: StepShape, _ sketch: Sketch<S>, _ team: ThreadTeam, tries: Bool
  ) -> PlannedMemory {
    let domains = division.corners.map { division.domain(for: S.self, rank: $0, shape, on: world, team: team) }
    var memory = PlannedMemory()
    memory.program = baseMemory
    memory.fields = domains.map { $0.bytes(ofFields: sketch.fieldCount) }.max()!
    // For steps one by one and for several at once, as ranks of a host have it that copy from each other: two places to pack
    // into in turn, once for what goes up and once for what goes down, each as large as the largest on the host, and those
    // of the neighbours, whose pages count as this rank's too. Messages take a third of it.
    var depths = [1]
    if domains[0].depth > 1 {
      depths.append(domains[0].depth)
      // New buffers are there before the old ones go.
      if tries {
        depths.append(domains[0].depth / 2)
      } else if own.depth != domains[0].depth {
        depths.append(own.depth)
      }
    }
    memory.buffers = 6 * depths.reduce(0) { $0 + Busiest(domains, sketch.step, depth: $1).traffic.bytes }
    guard core.outputFile != nil else { return memory }
    let block = own.cells * sketch.solver.prognostic.count * MemoryLayout<S.Scalar>.stride
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
  private func mostUseful(_ forecast: (Int, Int) throws -> Forecast) throws -> Forecast? {
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
  /// The most steps that can be run at once on a block that is large enough.
  var greatestDepth = 1
  /// Bytes of the program that only steps touch.
  var touchedBytes = 0
  /// Seconds of one core for a cell while the others do nothing.
  var secondsPerCellAlone = 0.0
  /// Seconds of one core for a cell.
  var setupPerCell = 0.0
  var diagnosticsPerCell = 0.0
  var fingerprintPerCell = 0.0
}

/// Which depth a run would take, as far as that does not depend on its speed.
struct DepthChoice {
  let asked: Int?
  /// The run's.
  let steps: Int
  let greatest: Int

  /// Whether the run is too short to find out, and takes what is a good depth mostly.
  private var isEstimate: Bool { !DepthTrial<Double>.isWorthwhile(steps: steps, greatest: greatest) }
  var source: DepthSource { isEstimate ? .estimate : .trial }

  /// Those of which the run would take the fastest.
  func depths<Scalar: Real>(on domain: Domain<Scalar>) -> [Int] {
    let most = min(greatest, domain.depth)
    if let asked { return [min(asked, most)] }
    let all = DepthTrial<Scalar>.depths(upTo: most)
    return isEstimate ? [DepthTrial.estimate(among: all, on: domain)] : all
  }
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
