import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

/// Starts the suites below on several numbers of ranks.
@Suite(.serialized, .enabled(if: !isUnderMPI)) struct AtSeveralRanks {
  // MPICH's processes never yield a core: more of them than a few take minutes.
  static var sizes: [Int] { mpirun == "mpirun.mpich" ? [1, 2, 3] : [1, 2, 3, 4, 7] }

  @Test(arguments: sizes) func pass(ranks: Int) throws {
    try expectPass(testsNamed: "StencilsTests.OnEveryRank", ranks: ranks)
  }
}

/// Tests that all ranks run together, in the same order.
@Suite(.serialized, .enabled(if: isUnderMPI)) enum OnEveryRank {}

/// All ways to cut a grid that the tests try: the engine's choice, and slabs along each axis.
func decompositions(of grid: Grid, periodic: [Bool], minimum: Int, ranks: Int) -> [Decomposition] {
  var found: [Decomposition] = []
  func add(_ decomposition: Decomposition?) {
    if let decomposition, !found.contains(decomposition) { found.append(decomposition) }
  }
  add(try? Decomposition(grid: grid, rankCount: ranks, minimum: minimum, periodic: periodic))
  for axis in grid.axes {
    let along = grid.axes.map { $0 == axis ? ranks : 1 }
    add(try? Decomposition(grid: grid, ranks: along, rankCount: ranks, minimum: minimum))
  }
  return found
}

/// Calls `body` with teams of several sizes.
func withTeams(_ counts: [Int], _ body: (ThreadTeam) throws -> Void) rethrows {
  for count in counts {
    let team = ThreadTeam(count: count, sharesCores: true)
    defer { team.end() }
    try body(team)
  }
}

extension OnEveryRank {
  @Suite(.serialized) struct BitsTests {
    // Rows with tails, and rows of whole vectors, which sweeps may stream past the caches.
    static let grids = [
      [17], [53], [64], [17, 13], [41, 9], [64, 9], [17, 13, 11], [70, 7, 6], [64, 7, 9], [16, 9, 7], [40, 41],
      [30, 26, 24],
    ]

    /// Every cell's bits, after three steps and after two more, are those of the serial program.
    @Test(arguments: grids, Sides.allCases) func doublesAreThoseOfTheSerialProgram(cells: [Int], sides: Sides) throws {
      try compare(Problem<Double>(cells: cells, sides: sides))
    }

    // Vectors of floats are twice as long: rows with tails of both, and of whole vectors.
    @Test(arguments: [[53], [41, 9], [64, 9], [70, 7, 6], [64, 7, 9]], Sides.allCases)
    func floatsAreThoseOfTheSerialProgram(cells: [Int], sides: Sides) throws {
      try compare(Problem<Float>(cells: cells, sides: sides))
    }

    private func compare<Scalar: Real>(_ problem: Problem<Scalar>) throws {
      var states: [Reference<Scalar>] = []
      var reference = Reference(problem)
      for steps in [3, 2] {
        for _ in 0..<steps { reference.advance() }
        states.append(reference)
      }
      let cuts = decompositions(of: problem.grid, periodic: problem.periodic, minimum: 2, ranks: World.size)
      #expect(!cuts.isEmpty)
      try withTeams([1, 2, 3]) { team in
        for (index, cut) in cuts.enumerated() {
          // No cache at all makes every sweep stream past it. Runs of several steps at once end within five steps, begin
          // anew after three, and meet blocks that are too small for them.
          for (cacheBytes, depth) in [[(1 << 30, 1), (0, 3)], [(0, 1), (0, 2)], [(1 << 30, 1), (0, 8)]][team.count - 1]
          {
            let engine = try Engine(
              problem, decomposition: cut, communicator: World.communicator, team: team, cacheBytes: cacheBytes,
              depth: depth, way: HaloWay.allCases[(index + depth) % 2])
            for (first, steps, expected) in [(0, 3, states[0]), (3, 2, states[1])] {
              try engine.program.run(steps: steps, first: first, from: 0, dt: problem.dt)
              let what = "\(cut.ranks), \(team.count) threads, depth \(depth), after \(first + steps) steps"
              for (name, field, values) in [
                ("u", engine.u, expected.u), ("v", engine.v, expected.v), ("w", engine.w, expected.w),
              ] {
                let wrong = firstDifference(engine.domain, field, values)
                #expect(wrong == nil, "\(name), \(what)")
              }
              let fingerprint = try engine.domain.fingerprint(of: [engine.u, engine.v, engine.w])
              #expect(fingerprint == expected.fingerprint, "\(what)")
            }
          }
        }
      }
    }

    private func firstDifference<Scalar: Real>(
      _ domain: Domain<Scalar>, _ field: Field<Scalar>, _ expected: ReferenceField<Scalar>
    ) -> String? {
      var block = [Scalar](repeating: .nan, count: domain.block.volume)
      block.withUnsafeMutableBufferPointer { domain.copyBlock(of: field, into: $0.baseAddress!) }
      var found: String?
      var index = 0
      forEach(domain.block) { cell in
        if block[index].pattern != expected[cell].pattern, found == nil {
          found = "cell \(cell) is \(block[index]), not \(expected[cell])"
        }
        index += 1
      }
      return found
    }
  }
}
