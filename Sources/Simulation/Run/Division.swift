import Stencils

/// The grid of a configuration and how so many ranks divide it.
struct Division {
  let grid: Grid
  /// Which axes wrap around; three entries.
  let periodic: [Bool]
  let decomposition: Decomposition

  /// - Throws: `ConfigurationError` where the grid cannot be cut so.
  init<S: Solver>(_ configuration: Configuration, for type: S.Type, ranks: Int) throws(ConfigurationError) {
    let core = configuration.core
    let grid = Grid(cells: core.cells, extent: core.extent, origin: core.origin, axisNames: configuration.axes)
    self.grid = grid
    periodic = Axis.allCases.map { $0.rawValue < grid.dimensions && configuration.boundary.isPeriodic($0) }
    for axis in grid.axes where grid.cells[axis.rawValue] < S.reach {
      throw ConfigurationError(
        core.location(of: "grid.cells"), "grid.cells: \(S.name) needs at least \(S.reach) cells along \(axis)")
    }
    do throws(Decomposition.Refusal) {
      if let given = core.ranks {
        decomposition = try Decomposition(grid: grid, ranks: given, rankCount: ranks, minimum: S.reach)
      } else {
        decomposition = try Decomposition(grid: grid, rankCount: ranks, minimum: S.reach, periodic: periodic)
      }
    } catch {
      throw ConfigurationError(
        core.location(of: core.ranks == nil ? "grid.cells" : "parallel.ranks"), error.description)
    }
  }

  /// The grid in blocks of about `edge` cells along each axis, on which a solver can be looked at without the grid being
  /// there.
  func blocks(edge: Int) throws(Decomposition.Refusal) -> Decomposition {
    let ranks = grid.axes.map { max(1, grid.cells[$0.rawValue] / max(1, edge)) }
    return try Decomposition(grid: grid, ranks: ranks, rankCount: ranks.reduce(1, *), minimum: edge)
  }
}
