import MPI
import Stencils
import Threads

/// What a solver tells about itself on small blocks of the grid, without the grid being there: its fields, its step, and
/// how long a step may be.
struct Sketch<S: Solver> {
  let solver: S
  let step: Step<S.Scalar>
  let fieldCount: Int
  /// The stability limit at time 0, s: the smallest over the blocks that were looked at.
  let limit: Double
  /// Whether these were all blocks of the grid, or all agreed to the last bit.
  let isLimitSure: Bool

  /// Cells up to which the whole grid is looked at, block by block.
  private static var wholeCells: Int { 1 << 20 }
  /// Blocks that are looked at where the grid has more cells.
  private static var sampleCount: Int { 48 }

  /// - Throws: what the solver says of the configuration.
  init(
    _ make: SolverMaker<S>, _ configuration: Configuration, _ division: Division, on world: Communicator,
    team: ThreadTeam
  ) throws {
    let grid = division.grid
    let scansAll = grid.cellCount <= Self.wholeCells
    let edge = [scansAll ? 1 << 16 : 1 << 10, scansAll ? 256 : 32, scansAll ? 64 : 12][grid.dimensions - 1]
    let blocks = try division.blocks(edge: max(edge, S.reach))
    let count = blocks.ranks.x * blocks.ranks.y * blocks.ranks.z
    let looked = scansAll ? count : min(count, Self.sampleCount)
    var first: S?
    var fields = 0
    var limits: [Double] = []
    for index in 0..<looked {
      // Steps of the golden ratio along the blocks' numbers reach every part of the grid.
      let place =
        looked == count
        ? index : Int((Double(index) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) * Double(count))
      let domain = Domain<S.Scalar>(
        grid: grid, periodic: division.periodic, reach: S.reach, decomposition: blocks, communicator: world, team: team,
        cacheBytes: Machine.shared.lastLevelCacheBytes, rank: place)
      let solver = try make(configuration, on: domain)
      limits.append(try solver.stableTimeStep(at: 0))
      if first == nil { (first, fields) = (solver, domain.fields.count) }
    }
    solver = first!
    step = make.step(solver)
    fieldCount = fields
    limit = limits.min()!
    isLimitSure = looked == count || limits.allSatisfy { $0 == limits[0] }
  }
}

/// A run of a few steps on a block of the grid, to see how fast this machine's cores are.
struct Trial {
  let cells: Int
  let threads: Int
  /// Seconds of wall time a step, the median of several chunks of steps, for each number of steps at once that was
  /// wanted and is possible.
  private(set) var secondsPerStep: [Int: Double] = [:]
  /// For each of these, what the block, where the grid wraps around, sends to itself and computes twice.
  private(set) var own: [Int: (traffic: Traffic, redundancy: Double)] = [:]
  /// The most steps that can be run at once.
  let greatestDepth: Int
  /// Seconds to make the initial state, to take the diagnostics and check the state at an output, and for the fingerprint.
  let setupSeconds: Double
  let diagnosticsSeconds: Double
  let fingerprintSeconds: Double

  /// What a trial is made of.
  struct Setting {
    /// Cells along each axis; cut to what suffices to tell, so that memory stays small.
    var wanted: Triple
    /// Bytes that the fields may take; nil for as many as tell what memory does.
    var mostBytes: Int?
    /// The fields that the solver makes.
    var fieldCount: Int
    /// Bytes of cache that the threads can count on.
    var cacheBytes: Int
    var threads: Int
    var shape: StepShape
    /// Steps at once that are to be timed; nil for all that a run would try, empty for none.
    var depths: [Int]?
    var dt: Double
  }

  init<S: Solver>(
    _ make: SolverMaker<S>, _ configuration: Configuration, _ division: Division, _ setting: Setting,
    on world: Communicator
  ) throws {
    let grid = division.grid
    let count = Self.cut(
      setting.wanted, bytesPerCell: setting.fieldCount * MemoryLayout<S.Scalar>.stride,
      most: setting.mostBytes ?? min(max(8 * Machine.shared.lastLevelCacheBytes, 64 << 20), 1 << 30))
    // The middle of the grid; a block that is larger than the grid, as two ranks' together, reaches beyond its end.
    let axes = grid.axes.map(\.rawValue)
    let part = Grid(
      cells: axes.map { count[$0] }, extent: axes.map { grid.spacing[$0] * Double(count[$0]) },
      origin: axes.map { grid.origin[$0] + grid.spacing[$0] * Double(max(0, (grid.cells[$0] - count[$0]) / 2)) })
    let cores = Machine.shared.allowedCores
    threads = setting.threads
    let fits = threads <= cores.count
    let team = ThreadTeam(
      count: threads, cores: fits ? cores.prefix(threads).map { [$0] } : [], sharesCores: !fits)
    defer { team.end() }
    let domain = Domain<S.Scalar>(
      grid: part, periodic: division.periodic, reach: S.reach, depth: setting.shape.depth,
      reachPerStep: setting.shape.reachPerStep,
      decomposition: try Decomposition(grid: part, ranks: axes.map { _ in 1 }, rankCount: 1, minimum: S.reach),
      communicator: world, team: team, cacheBytes: setting.cacheBytes)
    let began = monotonicSeconds()
    let solver = try make(configuration, on: domain)
    setupSeconds = monotonicSeconds() - began
    let step = make.step(solver)
    let program = try Program(step, on: domain, keeping: solver.prognostic + solver.recorded)
    let greatest = program.greatestDepth
    greatestDepth = greatest
    for field in solver.prognostic { domain.fillBoundary(of: field, at: 0) }
    let dt = min(setting.dt, try solver.stableTimeStep(at: 0))
    var first = 0
    let depths = setting.depths ?? DepthTrial<S.Scalar>.depths(upTo: greatest)
    for depth in Set(depths.map { min($0, greatest) }).sorted() {
      try program.setDepth(depth)
      secondsPerStep[depth] = try Self.time(program, dt: dt, &first)
      own[depth] = (domain.traffic(of: step, depth: depth), domain.redundancy(of: step, depth: depth))
    }
    let middle = monotonicSeconds()
    _ = try solver.diagnostics(at: 0)
    for field in solver.prognostic { _ = try domain.extrema(of: field) }
    let end = monotonicSeconds()
    diagnosticsSeconds = end - middle
    _ = try domain.fingerprint(of: solver.prognostic)
    fingerprintSeconds = monotonicSeconds() - end
    cells = part.cellCount
  }

  /// Seconds of one core for a cell at a depth, without what the model adds.
  func secondsPerCell(depth: Int, _ model: StepModel) -> Double {
    let seconds = secondsPerStep[depth] ?? 0
    guard let own = own[depth] else { return 0 }
    let added = model.overhead + model.packing(own.traffic, depth: depth, threads: threads)
    return max(0.5 * seconds, seconds - added) * Double(threads) / (Double(cells) * own.redundancy)
  }

  /// Seconds a step, the median of chunks of at least 20 ms.
  private static func time<Scalar: Real>(_ program: Program<Scalar>, dt: Double, _ first: inout Int) throws -> Double {
    var (steps, seconds) = (program.depth, 0.0)
    var done = first
    func run(_ steps: Int) throws -> Double {
      let began = monotonicSeconds()
      try program.run(steps: steps, first: done, from: 0, dt: dt)
      done += steps
      return monotonicSeconds() - began
    }
    // The first steps touch memory that no step has touched yet.
    _ = try run(steps)
    while true {
      seconds = try run(steps)
      if seconds > 0.02 { break }
      let wished = min(8 * steps, Int(0.03 * Double(steps) / max(seconds, 1e-9)))
      steps = max(steps + program.depth, wished / program.depth * program.depth)
    }
    var samples = [seconds]
    // Up to a fifth of a second in all.
    while samples.count < 7, samples.reduce(0, +) < 0.2 { samples.append(try run(steps)) }
    first = done
    return samples.sorted()[samples.count / 2] / Double(steps)
  }

  /// The block, with y and z halved in turn until its fields take no more than these bytes: eight times the last-level
  /// cache, of which little stays there from one step to the next. Rows stay whole as long as possible, since the speed
  /// depends on their length.
  private static func cut(_ wanted: Triple, bytesPerCell: Int, most: Int) -> Triple {
    var count = wanted
    while Double(count.x) * Double(count.y) * Double(count.z) * Double(bytesPerCell) > Double(most) {
      let axis = count.z >= count.y && count.z > 8 ? 2 : count.y > 8 ? 1 : 0
      if count[axis] <= 8 { break }
      count[axis] = (count[axis] + 1) / 2
    }
    return count
  }
}
