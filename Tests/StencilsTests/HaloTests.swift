import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

extension OnEveryRank {
  /// What an exchange brings into ghost cells, by messages and by copies.
  @Suite(.serialized) struct HaloTests {
    static let grids = [[67], [37, 41], [70, 26], [26, 25, 27]]

    @Test(arguments: grids, Sides.allCases) func doublesAreTheOwners(cells: [Int], sides: Sides) throws {
      try exchange(Double.self, cells, sides)
    }

    @Test(arguments: grids, Sides.allCases) func floatsAreTheOwners(cells: [Int], sides: Sides) throws {
      try exchange(Float.self, cells, sides)
    }

    /// All ways to share a grid, narrow and deep ghost cells, one field and three.
    private func exchange<Scalar: Real>(_ scalar: Scalar.Type, _ cells: [Int], _ sides: Sides) throws {
      let problem = Problem<Scalar>(cells: cells, sides: sides)
      let cuts = decompositions(of: problem.grid, periodic: problem.periodic, minimum: 2, ranks: World.size)
      #expect(!cuts.isEmpty)
      try withTeams([1, 3]) { team in
        for cut in cuts {
          for way in HaloWay.allCases {
            let domain = Domain<Scalar>(
              grid: problem.grid, periodic: problem.periodic, reach: 2, depth: 3, reachPerStep: 2, decomposition: cut,
              communicator: World.communicator, team: team, cacheBytes: 1 << 30)
            let fields = (0..<3).map { domain.field("f\($0)", unit: "1") }
            domain.haloWay = way
            // Both are under way at once, each with memory of its own.
            let few = try HaloExchange(domain: domain, fields: [fields[1]], width: 2)
            let all = try HaloExchange(domain: domain, fields: fields, width: domain.layout.ghost.max())
            #expect(all.way == (World.size == 1 ? .messages : way))
            for round in 0..<5 {
              let what = "\(cut.ranks), \(team.count) threads, \(way), round \(round)"
              try check(few, domain, [fields[1]], width: 2, round: 10 + round, what)
              try check(all, domain, fields, width: domain.layout.ghost.max(), round: round, what)
            }
          }
        }
      }
    }

    /// One round: own cells, and ghost cells beyond the grid's sides, are known before it; all others after it.
    private func check<Scalar: Real>(
      _ exchange: HaloExchange<Scalar>, _ domain: Domain<Scalar>, _ fields: [Field<Scalar>], width: Int, round: Int,
      _ what: String
    ) throws {
      func value(_ field: Int, _ local: Triple) -> Scalar {
        var cell = domain.block.low &+ local
        for axis in 0..<3 where domain.periodic[axis] {
          cell[axis] = (cell[axis] + domain.grid.cells[axis]) % domain.grid.cells[axis]
        }
        return Scalar(cell.x + 100 * cell.y + 10_000 * cell.z + 1_000_000 * (field + 1)) / Scalar(round + 3)
      }
      var known = domain.layout.interior
      var reached = known
      for axis in domain.grid.axes.map(\.rawValue) {
        let (low, high) = (Side(Axis.allCases[axis], isHigh: false), Side(Axis.allCases[axis], isHigh: true))
        let isShared = domain.decomposition.ranks[axis] > 1 || domain.periodic[axis]
        if domain.sides.contains(low) { known.low[axis] -= domain.reach }
        if domain.sides.contains(high) { known.high[axis] += domain.reach }
        reached.low[axis] = known.low[axis] - (isShared && !domain.sides.contains(low) ? width : 0)
        reached.high[axis] = known.high[axis] + (isShared && !domain.sides.contains(high) ? width : 0)
      }
      for (index, field) in fields.enumerated() {
        let base = domain.bases[field.slot]
        forEach(domain.layout.padded) { base[domain.layout.offset($0)] = .nan }
        forEach(known) { base[domain.layout.offset($0)] = value(index, $0) }
      }
      let (bases, workers) = (UnsafePointer(domain.bases), domain.team.count)
      domain.team.run { exchange.pack(bases, worker: $0, workers: workers) }
      try exchange.start()
      domain.team.run { exchange.wrap(bases, worker: $0, workers: workers) }
      try exchange.poll()
      try exchange.wait()
      domain.team.run { exchange.unpack(bases, worker: $0, workers: workers) }
      try exchange.finish()
      for (index, field) in fields.enumerated() {
        var wrong: Triple?
        forEach(reached) { cell in
          let found = domain.bases[field.slot][domain.layout.offset(cell)]
          if found.pattern != value(index, cell).pattern { wrong = cell }
        }
        #expect(wrong == nil, "field \(index), \(what)")
      }
    }

    /// Without a word from anybody a trial decides, for all ranks alike; it leaves the fields as they are.
    @Test func allRanksGoTheSameWay() throws {
      let problem = Problem<Double>(cells: [40, 41], sides: .mixed)
      let cut = try Decomposition(grid: problem.grid, rankCount: World.size, minimum: 2, periodic: problem.periodic)
      try withTeams([1, 2]) { team in
        let domain = Domain<Double>(
          grid: problem.grid, periodic: problem.periodic, reach: 2, decomposition: cut,
          communicator: World.communicator, team: team, cacheBytes: 1 << 30)
        let field = domain.field("f", unit: "1")
        forEach(domain.layout.padded) { domain.bases[field.slot][domain.layout.offset($0)] = Double($0.x - 7 * $0.y) }
        let exchange = try HaloExchange(domain: domain, fields: [field], width: 2)
        var wrong = 0
        forEach(domain.layout.padded) {
          if domain.bases[field.slot][domain.layout.offset($0)] != Double($0.x - 7 * $0.y) { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(domain.haloWay == (World.size == 1 ? nil : exchange.way))
        let ways = try World.communicator.allGather(exchange.way == .copies ? 1 : 0)
        #expect(Set(ways).count == 1)
      }
    }

    /// Steps whose ghost cells come by copies reserve no memory, nor does MPI.
    @Test(.enabled(if: !isDebugBuild), arguments: [[40, 41], [26, 25, 27]], [1, 3])
    func copiesAllocateNothing(cells: [Int], depth: Int) throws {
      let problem = Problem<Double>(cells: cells, sides: .mixed)
      let cut = try Decomposition(grid: problem.grid, rankCount: World.size, minimum: 2, periodic: problem.periodic)
      try withTeams([1, 3]) { team in
        let engine = try Engine(
          problem, decomposition: cut, communicator: World.communicator, team: team, cacheBytes: 0, depth: depth,
          way: .copies)
        try engine.program.run(steps: 2, from: 0, dt: 0.01)
        let few = try allocations { try engine.program.run(steps: 2, from: 0, dt: 0.01) }
        let many = try allocations { try engine.program.run(steps: 40, from: 0, dt: 0.01) }
        #expect(many == few && few < 10)
      }
    }
  }
}

/// The way that exchanges take on a small domain over all ranks, and what is told of it.
private func chosenWay() throws -> (way: HaloWay, notice: String?) {
  let problem = Problem<Double>(cells: [40, 41], sides: .mixed)
  let cut = try Decomposition(grid: problem.grid, rankCount: World.size, minimum: 2, periodic: problem.periodic)
  var result: (HaloWay, String?) = (.messages, nil)
  try withTeams([1]) { team in
    let domain = Domain<Double>(
      grid: problem.grid, periodic: problem.periodic, reach: 2, decomposition: cut,
      communicator: World.communicator, team: team, cacheBytes: 1 << 30)
    let field = domain.field("f", unit: "1")
    result = (try HaloExchange(domain: domain, fields: [field], width: 2).way, domain.haloNotice)
  }
  return result
}

/// Each is run by `HaloWayTests` with the environment that it speaks of.
@Suite(.serialized, .enabled(if: isUnderMPI)) enum HaloEnvironment {
  @Suite struct AskedForMessages {
    @Test func theyAreTaken() throws { #expect(try chosenWay() == (.messages, nil)) }
  }
  @Suite struct AskedForCopies {
    @Test func theyAreTaken() throws { #expect(try chosenWay() == (.copies, nil)) }
  }
  @Suite struct AskedForNothingKnown {
    @Test func isTold() throws { #expect(try chosenWay().notice?.contains("neither messages nor copies") == true) }
  }
  @Suite struct NoSharedMemory {
    @Test func messagesTakeTheirPlace() throws {
      let (way, notice) = try chosenWay()
      #expect(way == .messages && notice?.contains("travel by messages") == true)
    }
  }
}

@Suite(.serialized, .enabled(if: !isUnderMPI)) struct HaloWayTests {
  @Test(arguments: [
    ("AskedForMessages", ["HALO_EXCHANGE": "messages"]), ("AskedForCopies", ["HALO_EXCHANGE": "copies"]),
    ("AskedForNothingKnown", ["HALO_EXCHANGE": "pigeons"]),
    ("NoSharedMemory", ["OMPI_MCA_osc_sm_backing_directory": "/nowhere"]),
  ])
  func isWhatTheEnvironmentAllows(name: String, environment: [String: String]) throws {
    try expectPass(testsNamed: "StencilsTests.HaloEnvironment/\(name)", ranks: 3, environment: environment)
  }

  /// Many more ranks than cores, each of which waits for up to 26 others.
  @Test func manyRanksShareCores() throws {
    try expectPass(testsNamed: "StencilsTests.OnEveryRank/HaloTests", ranks: 16, timeout: 600)
  }
}
