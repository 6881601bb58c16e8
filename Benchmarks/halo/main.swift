// Measures the exchange of ghost cells alone: ours by messages and by copies, and the same in C, all in turn within one
// process on the same array.
//   mpirun -np RANKS halo-bench LIBRARY [PAIRS]      LIBRARY is halo.c, compiled; PAIRS how often the sides alternate (31)
// Blocks of 64, 128 and 256 cells along each axis and ghost cells one and four wide, on a grid that wraps around along all
// axes and is cut along z or x. Prints a line for each case; the last but one is that of copies against messages, the last
// that of messages against C, both of the case in which the former do worst: above 1, they are faster.

import Glibc
import MPI
import Stencils
import Threads

struct Mistake: Error, CustomStringConvertible {
  let description: String
}

/// The exchange in C.
struct Reference {
  typealias Prepare = @convention(c) (UnsafeMutablePointer<Double>, UnsafePointer<Int>, UnsafePointer<Int>) -> Void
  let prepare: Prepare
  let run: @convention(c) (Int) -> Void

  init(path: String) throws {
    guard let library = dlopen(path, RTLD_NOW), let prepare = dlsym(library, "halo_prepare"),
      let run = dlsym(library, "halo_run")
    else {
      throw Mistake(description: "cannot load \(path): \(String(cString: dlerror()))")
    }
    self.prepare = unsafeBitCast(prepare, to: Prepare.self)
    self.run = unsafeBitCast(run, to: (@convention(c) (Int) -> Void).self)
  }
}

enum Side: Int, CaseIterable {
  case messages, copies, c
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// A number with so many digits after the point.
func number(_ value: Double, digits: Int) -> String {
  var unit = 1
  for _ in 0..<digits { unit *= 10 }
  let scaled = Int((value * Double(unit)).rounded())
  let fraction = String(scaled % unit)
  return "\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// How often one side is faster than another.
struct Ratio {
  let value: Double
  let text: String

  init(_ ours: [Double], _ theirs: [Double]) {
    let ratios = zip(theirs, ours).map { $0 / $1 }.sorted()
    value = median(ratios)
    text =
      "ratio \(number(value, digits: 3)) (median of \(ratios.count) pairs, \(number(ratios[0], digits: 3)) to "
      + "\(number(ratios.last!, digits: 3)); \(number(median(ours) * 1e6, digits: 1)) us, "
      + "\(number(median(theirs) * 1e6, digits: 1)) us)"
  }
}

/// A block of a periodic grid and its exchanges.
final class Case {
  private let world: Communicator
  private let domain: Domain<Double>
  private let field: Field<Double>
  private let width: Int
  private let exchanges: [HaloExchange<Double>]
  private let reference: Reference
  private let bases: UnsafePointer<UnsafeMutablePointer<Double>>

  init(_ world: Communicator, cells: Int, width: Int, axis: Axis, _ reference: Reference) throws {
    var (grid, ranks) = ([cells, cells, cells], [1, 1, 1])
    (grid[axis.rawValue], ranks[axis.rawValue]) = (cells * world.size, world.size)
    let whole = Grid(cells: grid, extent: [1, 1, 1])
    domain = Domain(
      grid: whole, periodic: [true, true, true], reach: width,
      decomposition: try Decomposition(grid: whole, ranks: ranks, rankCount: world.size, minimum: width),
      communicator: world, team: ThreadTeam(count: 1), cacheBytes: 1 << 30)
    field = domain.field("u", unit: "1")
    bases = UnsafePointer(domain.bases)
    exchanges = [
      try HaloExchange(domain: domain, fields: [field], width: width, way: .messages),
      try HaloExchange(domain: domain, fields: [field], width: width, way: .copies),
    ]
    guard exchanges[1].way == .copies else { throw Mistake(description: domain.haloNotice ?? "no copies") }
    (self.world, self.width, self.reference) = (world, width, reference)
    prepare(cells, axis)
  }

  private func prepare(_ cells: Int, _ axis: Axis) {
    reference.prepare(
      bases[field.slot], [domain.layout.strideY, domain.layout.strideZ], [cells, width, axis.rawValue, world.size])
  }

  /// Fills own cells with numbers of their own and ghost cells with none.
  private func reset() {
    for z in 0 - width..<domain.layout.count.z + width {
      for y in 0 - width..<domain.layout.count.y + width {
        let row = bases[field.slot] + domain.layout.offset(Triple(0, y, z))
        for x in 0 - width..<domain.layout.count.x + width { row[x] = .nan }
        guard (0..<domain.layout.count.y).contains(y), (0..<domain.layout.count.z).contains(z) else { continue }
        for x in 0..<domain.layout.count.x {
          let cell = domain.block.low &+ Triple(x, y, z)
          row[x] = Double(cell.x) + 1e3 * Double(cell.y) + 1e6 * Double(cell.z)
        }
      }
    }
  }

  /// A sum over the bits of all cells and their places.
  private func checksum() -> UInt64 {
    var sum: UInt64 = 0
    for z in 0 - width..<domain.layout.count.z + width {
      for y in 0 - width..<domain.layout.count.y + width {
        let row = bases[field.slot] + domain.layout.offset(Triple(0, y, z))
        for x in 0 - width..<domain.layout.count.x + width {
          sum = sum &* 6_364_136_223_846_793_005 &+ row[x].bitPattern
        }
      }
    }
    return sum
  }

  private func run(_ side: Side, rounds: Int) throws {
    guard side != .c else { return reference.run(rounds) }
    let exchange = exchanges[side.rawValue]
    for _ in 0..<rounds {
      exchange.pack(bases, worker: 0, workers: 1)
      try exchange.start()
      exchange.wrap(bases, worker: 0, workers: 1)
      try exchange.wait()
      exchange.unpack(bases, worker: 0, workers: 1)
      try exchange.finish()
    }
  }

  /// Seconds an exchange, for each side and pair.
  func measure(pairs: Int) throws -> [[Double]] {
    var results: [UInt64] = []
    for side in Side.allCases {
      reset()
      // Two rounds, so that what a round leaves behind would be seen.
      try run(side, rounds: 2)
      results.append(checksum())
    }
    guard Set(results).count == 1 else { throw Mistake(description: "the sides bring different cells: \(results)") }
    let began = monotonicSeconds()
    try run(.messages, rounds: 10)
    let rounds = try world.allReduce(max(2, Int(4e-3 / ((monotonicSeconds() - began) / 10))), .max)
    var times = Side.allCases.map { _ in [Double]() }
    for pair in 0..<pairs {
      // Each side comes first, second and last as often.
      for turn in 0..<3 {
        let side = Side.allCases[pair % 2 == 0 ? (turn + pair / 2) % 3 : (2 - turn + pair / 2) % 3]
        try world.barrier()
        let start = monotonicSeconds()
        try run(side, rounds: rounds)
        let slowest = try world.allReduce(monotonicSeconds() - start, .max)
        times[side.rawValue].append(slowest / Double(rounds))
      }
    }
    return times
  }
}

withMPI { world in
  let arguments = CommandLine.arguments
  guard arguments.count > 1 else { throw Mistake(description: "usage: halo-bench LIBRARY [PAIRS]") }
  let pairs = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 31
  guard pairs > 0 else { throw Mistake(description: "PAIRS is a number from 1 up") }
  let reference = try Reference(path: arguments[1])
  var (worst, worstCopies): (Ratio?, Ratio?)
  for cells in [64, 128, 256] {
    for (width, axis) in [(1, Axis.z), (4, .z), (1, .x), (4, .x)] {
      let times = try Case(world, cells: cells, width: width, axis: axis, reference).measure(pairs: pairs)
      let messages = Ratio(times[Side.messages.rawValue], times[Side.c.rawValue])
      let copies = Ratio(times[Side.copies.rawValue], times[Side.messages.rawValue])
      if world.rank == 0 {
        print("\(cells)³, \(width) wide, cut along \(axis):")
        print("  messages against C: \(messages.text)")
        print("  copies against messages: \(copies.text)")
      }
      if messages.value < worst?.value ?? .infinity { worst = messages }
      if copies.value < worstCopies?.value ?? .infinity { worstCopies = copies }
    }
  }
  if let worst, let worstCopies, world.rank == 0 {
    print("halo-copies \(worstCopies.text)")
    print("halo \(worst.text)")
  }
}
