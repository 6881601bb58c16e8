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
  /// Seconds of wall time, the median of several chunks of steps.
  let secondsPerStep: Double
  /// Seconds to make the initial state, to take the diagnostics and check the state at an output, and for the fingerprint.
  let setupSeconds: Double
  let diagnosticsSeconds: Double
  let fingerprintSeconds: Double

  /// - Parameters:
  ///   - wanted: cells along each axis; cut to what suffices to tell, so that memory stays small.
  ///   - fieldCount: the fields that the solver makes.
  ///   - cacheBytes: bytes of cache that these threads can count on.
  ///   - threads: the team's size.
  init<S: Solver>(
    _ make: SolverMaker<S>, _ configuration: Configuration, _ division: Division, wanted: Triple, fieldCount: Int,
    cacheBytes: Int, threads: Int, dt: Double, on world: Communicator
  ) throws {
    let grid = division.grid
    let count = Self.cut(wanted, bytesPerCell: fieldCount * MemoryLayout<S.Scalar>.stride, dimensions: grid.dimensions)
    // The middle of the grid; a block that is larger than the grid, as two ranks' together, reaches beyond its end.
    let axes = grid.axes.map(\.rawValue)
    let part = Grid(
      cells: axes.map { count[$0] }, extent: axes.map { grid.spacing[$0] * Double(count[$0]) },
      origin: axes.map { grid.origin[$0] + grid.spacing[$0] * Double(max(0, (grid.cells[$0] - count[$0]) / 2)) })
    let cores = Machine.shared.allowedCores
    let fits = threads <= cores.count
    let team = ThreadTeam(
      count: threads, cores: fits ? cores.prefix(threads).map { [$0] } : [], sharesCores: !fits)
    defer { team.end() }
    let domain = Domain<S.Scalar>(
      grid: part, periodic: division.periodic, reach: S.reach,
      decomposition: try Decomposition(grid: part, ranks: axes.map { _ in 1 }, rankCount: 1, minimum: S.reach),
      communicator: world, team: team, cacheBytes: cacheBytes)
    let began = monotonicSeconds()
    let solver = try make(configuration, on: domain)
    setupSeconds = monotonicSeconds() - began
    let program = try Program(make.step(solver), on: domain)
    for field in solver.prognostic { domain.fillBoundary(of: field, at: 0) }
    secondsPerStep = try Self.time(program, dt: min(dt, try solver.stableTimeStep(at: 0)))
    let middle = monotonicSeconds()
    _ = try solver.diagnostics(at: 0)
    for field in solver.prognostic { _ = try domain.extrema(of: field) }
    let end = monotonicSeconds()
    diagnosticsSeconds = end - middle
    _ = try domain.fingerprint(of: solver.prognostic)
    fingerprintSeconds = monotonicSeconds() - end
    cells = part.cellCount
    self.threads = threads
  }

  /// Seconds a step, the median of chunks of at least 60 ms.
  private static func time<Scalar: Real>(_ program: Program<Scalar>, dt: Double) throws -> Double {
    var (steps, seconds, first) = (1, 0.0, 0)
    func run(_ steps: Int) throws -> Double {
      let began = monotonicSeconds()
      try program.run(steps: steps, first: first, from: 0, dt: dt)
      first += steps
      return monotonicSeconds() - began
    }
    // The first step touches memory that no step has touched yet.
    _ = try run(1)
    while true {
      seconds = try run(steps)
      if seconds > 0.06 { break }
      steps = max(steps + 1, min(8 * steps, Int(0.08 * Double(steps) / max(seconds, 1e-9))))
    }
    var samples = [seconds]
    // Up to half a second in all.
    while samples.count < 7, samples.reduce(0, +) < 0.5 { samples.append(try run(steps)) }
    return samples.sorted()[samples.count / 2] / Double(steps)
  }

  /// The block, with y and z halved in turn until its fields take eight times the last-level cache or less, of which
  /// little stays there from one step to the next. Rows stay whole as long as possible, since the speed depends on their
  /// length.
  private static func cut(_ wanted: Triple, bytesPerCell: Int, dimensions: Int) -> Triple {
    let most = min(max(8 * Machine.shared.lastLevelCacheBytes, 64 << 20), 1 << 30)
    var count = wanted
    while Double(count.x) * Double(count.y) * Double(count.z) * Double(bytesPerCell) > Double(most) {
      let axis = count.z >= count.y && count.z > 8 ? 2 : count.y > 8 ? 1 : 0
      count[axis] = (count[axis] + 1) / 2
    }
    return count
  }
}
