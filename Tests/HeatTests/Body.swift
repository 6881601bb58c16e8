// A body of heat, described in code and run on the ranks of this test process.

import Heat
import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

/// Starts the suites of this target on several numbers of ranks.
@Suite(.serialized, .enabled(if: !isUnderMPI)) struct HeatAtSeveralRanks {
  @Test(arguments: [1, 3, 4]) func pass(ranks: Int) throws {
    try expectPass(testsNamed: "HeatTests.OnEveryRank", ranks: ranks)
  }
}

/// Tests that all ranks run together, in the same order.
@Suite(.serialized, .enabled(if: isUnderMPI)) enum OnEveryRank {}

extension Quantity {
  /// A formula given as a closure.
  static func formula(inSpace: Bool = true, inTime: Bool = false, _ value: @escaping @Sendable (Point) -> Double)
    -> Quantity
  {
    Quantity(
      .formula(
        Formula(
          text: "closure", location: SourceLocation(file: "test"), usesSpace: inSpace, usesTime: inTime,
          makeEvaluator: { value })))
  }
}

/// What holds on an axis.
enum Ends {
  case periodic
  case sides(SideCondition, SideCondition)

  static func both(_ condition: SideCondition) -> Ends { .sides(condition, condition) }
}

extension SideCondition {
  private static func make(_ kind: String, _ values: [String: ParameterValue]) -> SideCondition {
    let known = HeatSolver<Double>.schema.boundaries.first { $0.name == kind }!
    return SideCondition(kind: kind, parameters: Parameters(known.keys, values))
  }
  static var insulated: SideCondition { make("insulated", [:]) }
  static func fixed(_ value: Quantity) -> SideCondition { make("fixed", ["value": .quantity(value)]) }
  static func flux(_ value: Quantity) -> SideCondition { make("flux", ["value": .quantity(value)]) }
  static func convective(h: Quantity, ambient: Quantity) -> SideCondition {
    make("convective", ["h": .quantity(h), "ambient": .quantity(ambient)])
  }
}

/// A heat solver with its domain.
struct Body<Scalar: Real> {
  let domain: Domain<Scalar>
  let solver: HeatSolver<Scalar>
  let program: Program<Scalar>

  init(
    cells: [Int], extent: [Double]? = nil, ends: [Ends], _ heat: [String: ParameterValue],
    on communicator: Communicator = World.communicator, team: ThreadTeam
  ) throws {
    let grid = Grid(cells: cells, extent: extent ?? cells.map { _ in 1 })
    let boundary = Boundary(
      axes: ends.map { ends in
        switch ends {
        case .periodic: .periodic
        case .sides(let low, let high): .sides(low: low, high: high)
        }
      })
    let periodic = Axis.allCases.map { boundary.isPeriodic($0) }
    let parameters = Parameters(HeatSolver<Scalar>.schema.keys, heat)
    let formulas =
      parameters.formulas + Side.all(dimensions: cells.count).flatMap { boundary[$0]?.parameters.formulas ?? [] }
    for formula in formulas { formula.prepare(workers: team.count) }
    domain = Domain(
      grid: grid, periodic: periodic, reach: HeatSolver<Scalar>.reach,
      decomposition: try Decomposition(
        grid: grid, rankCount: communicator.size, minimum: HeatSolver<Scalar>.reach, periodic: periodic),
      communicator: communicator, team: team, cacheBytes: 1 << 30)
    solver = try HeatSolver(parameters, boundary: boundary, on: domain)
    program = try Program(solver.step, on: domain)
    for field in solver.prognostic { domain.fillBoundary(of: field, at: 0) }
  }

  /// What diagnostics say at a time, by name.
  func diagnostics(at time: Double) throws -> [String: Double] {
    Dictionary(uniqueKeysWithValues: try solver.diagnostics(at: time).map { ($0.name, $0.value) })
  }

  /// The largest of `value` over all cells, given the temperature and the centre of each, over all ranks.
  func largest(_ value: (Double, Point) -> Double) throws -> Double {
    var largest = -Double.infinity
    forEachCell { temperature, center in
      let found = value(temperature, center)
      // A NaN must not hide behind a number.
      largest = found.isNaN ? .infinity : max(largest, found)
    }
    return try domain.communicator.allReduce(largest, .max)
  }

  /// The mean of the square of `value` over all cells.
  func meanSquare(_ value: (Double, Point) -> Double) throws -> Double {
    var sum = 0.0
    forEachCell { temperature, center in
      let found = value(temperature, center)
      sum += found * found
    }
    return try domain.communicator.allReduce(sum, .sum) / Double(domain.grid.cellCount)
  }

  /// Calls `body` with the temperature and the centre of each cell of this rank.
  private func forEachCell(_ body: (Double, Point) -> Void) {
    let (box, grid) = (domain.block, domain.grid)
    let values = domain.values(of: solver.prognostic[0], in: box)
    var index = 0
    for z in box.low.z..<box.high.z {
      for y in box.low.y..<box.high.y {
        for x in box.low.x..<box.high.x {
          body(
            values[index],
            Point(x: grid.center(x, along: .x), y: grid.center(y, along: .y), z: grid.center(z, along: .z)))
          index += 1
        }
      }
    }
  }

  func fingerprint() throws -> UInt64 { try domain.fingerprint(of: solver.prognostic) }
}

/// Calls `body` with a team.
func withTeam<Result>(_ count: Int = 2, _ body: (ThreadTeam) throws -> Result) rethrows -> Result {
  let team = ThreadTeam(count: count, sharesCores: true)
  defer { team.end() }
  return try body(team)
}
