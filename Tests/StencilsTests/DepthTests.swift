import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

extension OnEveryRank {
  /// Steps that are run at once leave what steps one by one leave.
  @Suite(.serialized) struct DepthTests {
    /// The state after some steps of u' = u + r Δw, w = u - s Δu, of which w is looked at too but never carried over.
    private func fingerprint(_ cells: [Int], depth: Int, team: ThreadTeam) throws -> UInt64 {
      let grid = Grid(cells: cells, extent: cells.map { Double($0) })
      let periodic = [false, true, false]
      let cut = try Decomposition(grid: grid, rankCount: World.size, minimum: 1, periodic: periodic)
      let domain = Domain<Double>(
        grid: grid, periodic: periodic, reach: 1, depth: depth, reachPerStep: 2, decomposition: cut,
        communicator: World.communicator, team: team, cacheBytes: 1 << 30)
      let (u, next, w) = (domain.field("u", unit: "1"), domain.field("next", unit: "1"), domain.field("w", unit: "1"))
      domain.fill(u, with: .cells { Problem<Double>.initial(1, $0) })
      domain.fillBoundary(of: u, at: 0)
      let dimensions = grid.dimensions
      func laplacian(_ f: Stencil<Double>, _ i: Cell<Double>) -> DoubleLanes {
        var sum = f[i, -1] + f[i, 1]
        if dimensions > 1 { sum = sum + (f[i, 0, -1] + f[i, 0, 1]) }
        if dimensions > 2 { sum = sum + (f[i, 0, 0, -1] + f[i, 0, 0, 1]) }
        return sum - DoubleLanes(2 * Double(dimensions)) * f[i]
      }
      var step = Step<Double>()
      step.append(
        Sweep("filter", reading: [u: 1], writing: [w]) { row in
          let (u, w) = (row[u], row[w])
          for i in row { w[i] = u[i] - 0.05 * laplacian(u, i) }
        })
      step.append(
        Sweep("diffuse", reading: [w: 1, u: 0], writing: [next]) { row in
          let (u, w, next) = (row[u], row[w], row[next])
          for i in row { next[i] = u[i] + 0.1 * laplacian(w, i) }
        })
      step.swap(u, next)
      let program = try Program(step, on: domain, keeping: [u, w])
      #expect(program.greatestDepth == domain.depth)
      for (first, steps) in [(0, 1), (1, 9), (10, 6)] { try program.run(steps: steps, first: first, from: 0, dt: 1) }
      return try domain.fingerprint(of: [u, w])
    }

    @Test(arguments: [[1700], [30_011], [40, 41], [64, 50], [24, 420, 12], [30, 26, 24], [64, 40, 17]])
    func whatIsKeptIsThere(cells: [Int]) throws {
      try withTeams([1, 3]) { team in
        let plain = try fingerprint(cells, depth: 1, team: team)
        for depth in [2, 4] { #expect(try fingerprint(cells, depth: depth, team: team) == plain, "depth \(depth)") }
      }
    }
  }
}
