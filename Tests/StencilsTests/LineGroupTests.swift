import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

/// Three stages along one axis and three along the other, in turn, each of which reads what the one before wrote and
/// writes over what an earlier one read; fluxes through a line's lower faces are kept for the next line where the engine
/// says that it comes.
private struct Split<Scalar: Real> {
  let domain: Domain<Scalar>
  let u: Field<Scalar>
  let program: Program<Scalar>

  /// - Parameter declares: whether the sweeps say along which axis they look.
  init(_ problem: Problem<Scalar>, _ cut: Decomposition, _ team: ThreadTeam, declares: Bool) throws {
    let domain = Domain<Scalar>(
      grid: problem.grid, periodic: problem.periodic, reach: 2, decomposition: cut, communicator: World.communicator,
      team: team, cacheBytes: 1 << 30)
    let fields = ["u", "a", "b", "c"].enumerated().map { index, name in
      domain.field(name, unit: "1", boundary: problem.sides.rules(index % 3))
    }
    domain.fill(fields[0], with: .cells { Problem<Scalar>.initial(0, $0) })
    domain.fillBoundary(of: fields[0], at: 0)
    let scratch = (0..<3).map { _ in domain.scratch(rows: 1) }
    var step = Step<Scalar>()
    for turn in [Turn.odd, .even] {
      let axes: [Axis] = turn == .odd ? [.x, .y] : [.y, .x]
      let (u, a, b, c) = (fields[0], fields[1], fields[2], fields[3])
      for (axis, start, stages, end) in [(axes[0], u, (a, b), a), (axes[1], a, (b, c), b)] {
        let parts = [(start, stages.0, 0.1), (stages.0, stages.1, 0.2), (stages.1, end, 0.3)]
        for (index, (input, output, rate)) in parts.enumerated() {
          let kernel = Self.kernel(axis, start, input, output, Scalar(rate), scratch[index])
          step.append(
            Sweep(
              "\(axis) \(index)", reading: input == start ? [start: 2] : [start: 0, input: 2], writing: [output],
              turn: turn, along: declares ? axis : nil, body: kernel))
        }
      }
    }
    step.swap(fields[0], fields[2])
    self.domain = domain
    u = fields[0]
    program = try Program(step, on: domain)
  }

  private static func kernel(
    _ axis: Axis, _ start: Field<Scalar>, _ input: Field<Scalar>, _ output: Field<Scalar>, _ rate: Scalar,
    _ scratch: Scratch<Scalar>
  ) -> (Row<Scalar>) -> Void {
    let (rate, eighth) = (Scalar.Vector(rate), Scalar.Vector(0.125))
    func flux(_ q: Stencil<Scalar>, _ i: Cell<Scalar>, _ axis: Axis, _ line: Int) -> Scalar.Vector {
      func value(_ distance: Int) -> Scalar.Vector {
        axis == .x ? q[i, distance, line] : q[i, 0, line &+ distance]
      }
      return (value(-1) - value(0)) + eighth * (value(-2) - value(1))
    }
    if axis == .x {
      return { row in
        for line in 0..<row.lineCount {
          let line = row.single(line)
          let (q, q0, new, low) = (line[input], line[start], line[output], line[scratch, 0])
          for i in line.faces { low[i] = flux(q, i, .x, 0) }
          for i in line { new[i] = q0[i] - rate * (low[i, 1] - low[i]) }
        }
      }
    }
    return { row in
      let low = row[scratch, 0]
      if !row.continues { for i in row.cells(margin: 0) { low[i] = flux(row[input], i, .y, 0) } }
      for line in 0..<row.lineCount {
        let line = row.single(line)
        let (q, q0, new) = (line[input], line[start], line[output])
        for i in line {
          let high = flux(q, i, .y, 1)
          new[i] = q0[i] - rate * (high - low[i])
          low[i] = high
        }
      }
    }
  }
}

extension OnEveryRank {
  @Suite(.serialized) struct LineGroupTests {
    static let grids = [[17, 13], [41, 9], [64, 30], [70, 41], [600, 21]]

    /// Sweeps that say along which axis they look run together where they can, and give the bits of those that do not.
    @Test(arguments: grids, Sides.allCases) func sweepsAlongAnAxisGiveTheBitsOfPlainOnes(cells: [Int], sides: Sides)
      throws
    {
      let problem = Problem<Double>(cells: cells, sides: sides)
      let cuts = decompositions(of: problem.grid, periodic: problem.periodic, minimum: 2, ranks: World.size)
      try withTeams([1, 2, 3]) { team in
        for cut in cuts {
          let plain = try Split(problem, cut, team, declares: false)
          let along = try Split(problem, cut, team, declares: true)
          var last: UInt64?
          for (first, steps) in [(0, 3), (3, 2)] {
            try plain.program.run(steps: steps, first: first, from: 0, dt: problem.dt)
            try along.program.run(steps: steps, first: first, from: 0, dt: problem.dt)
            let expected = try plain.domain.fingerprint(of: [plain.u])
            #expect(try along.domain.fingerprint(of: [along.u]) == expected, "\(cut.ranks), \(team.count) threads")
            #expect(try plain.domain.extrema(of: plain.u).isFinite)
            #expect(expected != last)
            last = expected
          }
        }
      }
    }
  }
}
