import MPI
import Stencils
import TestSupport
import TestWorld
import Testing
import Threads

/// A domain on all ranks, cut as the engine chooses.
private func domain<Scalar: Real>(
  _ scalar: Scalar.Type, _ cells: [Int], _ sides: Sides, reach: Int = 2, team: ThreadTeam
) throws -> Domain<Scalar> {
  let problem = Problem<Scalar>(cells: cells, sides: sides)
  let decomposition = try Decomposition(
    grid: problem.grid, rankCount: World.size, minimum: reach, periodic: problem.periodic)
  return Domain(
    grid: problem.grid, periodic: problem.periodic, reach: reach, decomposition: decomposition,
    communicator: World.communicator, team: team, cacheBytes: 1 << 30)
}

extension Domain {
  fileprivate func value(_ field: Field<Scalar>, _ local: Triple) -> Scalar {
    bases[field.slot][layout.offset(local)]
  }

  fileprivate func set(_ field: Field<Scalar>, _ global: Triple, _ value: Scalar) {
    let local = global &- block.low
    guard (0..<3).allSatisfy({ local[$0] >= 0 && local[$0] < layout.count[$0] }) else { return }
    bases[field.slot][layout.offset(local)] = value
  }

  /// The value of an own cell on every rank.
  fileprivate func value(_ field: Field<Scalar>, at global: Triple) throws -> Double {
    let isOwn = (0..<3).allSatisfy { block.low[$0] <= global[$0] && global[$0] < block.high[$0] }
    return try communicator.allReduce(isOwn ? Double(value(field, global &- block.low)) : 0, .sum)
  }
}

extension OnEveryRank {
  @Suite(.serialized) struct DomainTests {
    static let grids = [[17], [17, 13], [17, 15, 14]]

    @Test(arguments: grids, Sides.allCases) func boundaryFillReachesCorners(cells: [Int], sides: Sides) throws {
      try withTeams([1, 3]) { team in
        let domain = try domain(Double.self, cells, sides, team: team)
        let rules = sides.rules(1)
        let field = domain.field("f", unit: "1", boundary: rules)
        domain.fill(field, with: .cells { Problem<Double>.initial(1, $0) })
        for time in [0.0, 1.75] {
          domain.fillBoundary(of: field, at: time)
          var expected = ReferenceField<Double>(grid: domain.grid, periodic: domain.periodic)
          expected.setEach { Problem<Double>.initial(1, domain.grid.point(of: $0, time: 0)) }
          expected.fillGhosts(rules, time: time)
          var wrong: [Triple] = []
          var beyond = 0
          forEach(domain.layout.padded) { local in
            // Ghost cells towards other ranks are the exchange's.
            let global = domain.block.low &+ local
            let isOwnOrBeyondASide = domain.grid.axes.allSatisfy { axis in
              let (i, a) = (local[axis.rawValue], axis.rawValue)
              return (0..<domain.layout.count[a]).contains(i)
                || !domain.periodic[a] && !(0..<domain.grid.cells[a]).contains(global[a])
            }
            guard isOwnOrBeyondASide else { return }
            if domain.value(field, local) != expected[global] { wrong.append(global) }
            beyond += 1
          }
          #expect(wrong.isEmpty)
          #expect(domain.sides.isEmpty || beyond > domain.layout.interior.volume)
        }
      }
    }

    @Test(arguments: grids, Sides.allCases) func filledGhostCellsAreTheNearestOrTheWrapped(cells: [Int], sides: Sides)
      throws
    {
      try withTeams([1, 2]) { team in
        let domain = try domain(Float.self, cells, sides, team: team)
        let field = domain.field("f", unit: "1")
        func owner(_ global: Triple) -> Triple {
          var cell = global
          for axis in 0..<3 {
            let count = domain.grid.cells[axis]
            if domain.periodic[axis] {
              cell[axis] = (cell[axis] + count) % count
            } else {
              cell[axis] = cell[axis] < 0 ? 0 : cell[axis] >= count ? count - 1 : cell[axis]
            }
          }
          return cell
        }
        func place(_ global: Triple) -> Point { domain.grid.point(of: owner(global), time: 3) }
        domain.fill(field, with: .cells { $0.x + 10 * $0.y + 100 * $0.z + 1000 * $0.t }, at: 3)
        var wrong = 0
        forEach(domain.layout.padded) { local in
          let p = place(domain.block.low &+ local)
          if domain.value(field, local) != Float(p.x + 10 * p.y + 100 * p.z + 1000 * p.t) { wrong += 1 }
        }
        #expect(wrong == 0)
        for axis in domain.grid.axes {
          domain.fill(field, with: .faces(axis) { $0.x - 3 * $1.x + 7 * $0.y - $1.y + 5 * $0.z - $1.z }, at: 3)
          forEach(domain.layout.padded) { local in
            var below = domain.block.low &+ local
            let b = place(below)
            below[axis.rawValue] -= 1
            let a = place(below)
            let expected = Float(a.x - 3 * b.x + 7 * a.y - b.y + 5 * a.z - b.z)
            if domain.value(field, local) != expected { wrong += 1 }
          }
        }
        #expect(wrong == 0)
      }
    }

    @Test func sumsAreExactOverRanksAndThreads() throws {
      let value = { (p: Point) in (p.x - p.x.rounded()) * (p.y > 0 ? 1e17 : -1e-17) + p.z }
      try withTeams([1, 2, 3]) { team in
        let domain = try domain(Double.self, [17, 15, 14], .mixed, team: team)
        let field = domain.field("f", unit: "1")
        domain.fill(field, with: .cells(value))
        let expected = ExactSum()
        let squares = ExactSum()
        forEach(Box(low: .zero, high: domain.grid.cells)) { cell in
          let v = value(domain.grid.point(of: cell, time: 0))
          expected.add(v)
          squares.add(v * v)
        }
        let sum = try domain.sum { row, sum in for i in row { sum.add(row[field][i], i) } }
        let product = try domain.sum { row, sum in for i in row { sum.addProduct(row[field][i], row[field][i], i) } }
        #expect(sum.bitPattern == expected.value.bitPattern)
        #expect(product.bitPattern == squares.value.bitPattern)
        domain.set(field, Triple(16, 14, 13), -.infinity)
        #expect(try domain.sum { row, sum in for i in row { sum.add(row[field][i], i) } } == -.infinity)
      }
    }

    @Test(arguments: [Triple(0, 0, 0), Triple(16, 14, 13), Triple(8, 7, 6), Triple(16, 0, 5)])
    func extremaAndNonFiniteCellsAreFound(place: Triple) throws {
      try withTeams([1, 2, 8]) { team in
        let domain = try domain(Float.self, [17, 15, 14], .mixed, team: team)
        let field = domain.field("f", unit: "1")
        domain.fill(field, with: .cells { $0.x })
        let grid = domain.grid
        let (low, high) = (Float(grid.center(0, along: .x)), Float(grid.center(16, along: .x)))
        let range = try domain.extrema(of: field)
        #expect(range.minimum == Double(low) && range.maximum == Double(high) && range.isFinite)
        #expect(try domain.firstNonFinite(in: field) == nil)
        for (value, minimum, maximum) in [(Float(-7), Float(-7), high), (9, low, 9)] {
          domain.set(field, place, value)
          let found = try domain.extrema(of: field)
          #expect(found.isFinite && found.minimum <= Double(minimum) && found.maximum >= Double(maximum))
          #expect(value < 0 ? found.minimum == -7 : found.maximum == 9)
        }
        let smallest = try domain.minimum { row in Double(row[field].row[row.high - 1]) }
        #expect(smallest > -7)
        for value in [Float.infinity, -.infinity, .nan] {
          domain.set(field, Triple(16, 14, 13), .nan)
          domain.set(field, place, value)
          #expect(try !domain.extrema(of: field).isFinite)
          #expect(try domain.firstNonFinite(in: field) == place)
        }
      }
    }

    @Test func fingerprintSeesEveryBitAndPlace() throws {
      try withTeams([1, 3]) { team in
        let domain = try domain(Double.self, [17, 15], .mixed, team: team)
        let (a, b) = (domain.field("a", unit: "1"), domain.field("b", unit: "1"))
        let value = { (p: Point) in 1 + p.x + 0.37 * p.y }
        func reset() {
          domain.fill(a, with: .cells(value))
          domain.fill(b, with: .cells { -value($0) })
        }
        func fingerprint() throws -> UInt64 { try domain.fingerprint(of: [a, b]) }
        reset()
        let first = try fingerprint()
        var seen: Set<UInt64> = [first]
        for cell in [Triple(0, 0, 0), Triple(16, 14, 0), Triple(9, 4, 0)] {
          let old = try domain.value(a, at: cell)
          for bit in 0..<64 {
            domain.set(a, cell, Double(bitPattern: old.bitPattern ^ 1 << UInt64(bit)))
            seen.insert(try fingerprint())
          }
          domain.set(a, cell, old)
          #expect(try fingerprint() == first)
        }
        #expect(seen.count == 1 + 3 * 64)
        // Two cells of a field, and a cell of two fields, that change places.
        let (p, q) = (Triple(3, 2, 0), Triple(12, 13, 0))
        let (atP, atQ) = (try domain.value(a, at: p), try domain.value(a, at: q))
        domain.set(a, p, atQ)
        domain.set(a, q, atP)
        seen.insert(try fingerprint())
        reset()
        let ofB = try domain.value(b, at: p)
        domain.set(a, p, ofB)
        domain.set(b, p, atP)
        seen.insert(try fingerprint())
        #expect(seen.count == 3 + 3 * 64)
        reset()
        #expect(try fingerprint() == first)
        #expect(try domain.fingerprint(of: [b, a]) != first)
        // Ghost cells do not count.
        domain.fillBoundary(of: a, at: 0)
        #expect(try fingerprint() == first)
      }
    }

    @Test func quantitiesAreCheckedOnEveryRank() throws {
      try withTeams([2]) { team in
        let doubles = try domain(Double.self, [17, 15], .mixed, team: team)
        let floats = try domain(Float.self, [17, 15], .mixed, team: team)
        let (d, f) = (doubles.field("d", unit: "1"), floats.field("f", unit: "1"))
        let line = Region.box(
          low: SIMD3(2.2, 0.8, -.infinity), high: SIMD3(.infinity, .infinity, .infinity))
        func error(_ value: Double, _ range: ValueRange) -> [String] {
          let quantity = Quantity(
            .number(1), regions: [(line, .number(value))], name: "heat.capacity", range: range)
          var found: [String] = []
          do { try doubles.fill(d, with: quantity) } catch { found.append("double: \(error)") }
          do { try floats.fill(f, with: quantity) } catch { found.append("float: \(error)") }
          return found
        }
        #expect(error(2, .positive) == [])
        let place = "x = 2.25 m, y = 0.85 m"
        let negative = "heat.capacity is -1 at \(place); it must be > 0"
        #expect(error(-1, .positive) == ["double: default: \(negative)", "float: default: \(negative)"])
        // What only a float cannot hold.
        for value in [1e-60, 1e60] {
          let found = error(value, .positive)
          #expect(found.count == 1)
          #expect(found.first?.contains("heat.capacity is \(value) at \(place)") == true)
          #expect(found.first?.contains("single precision") == true)
        }
      }
    }

    /// A step that runs does not reserve memory, whatever it consists of.
    @Test(.enabled(if: !isDebugBuild), arguments: grids, Sides.allCases)
    func stepsAllocateNothing(cells: [Int], sides: Sides) throws {
      let problem = Problem<Double>(cells: cells, sides: sides)
      // What MPI itself reserves for messages is not the engine's.
      guard let alone = try World.communicator.split(color: World.rank) else { return }
      let cut = try Decomposition(grid: problem.grid, rankCount: 1, minimum: 2, periodic: problem.periodic)
      try withTeams([1, 3]) { team in
        for depth in [1, 3] {
          let engine = try Engine(
            problem, decomposition: cut, communicator: alone, team: team, cacheBytes: 0, depth: depth)
          try engine.program.run(steps: 2, from: 0, dt: 0.01)
          let few = try allocations { try engine.program.run(steps: 2, from: 0, dt: 0.01) }
          let many = try allocations { try engine.program.run(steps: 40, from: 0, dt: 0.01) }
          #expect(many == few, "depth \(depth)")
          #expect(few < 10, "depth \(depth)")
        }
      }
    }
  }
}
