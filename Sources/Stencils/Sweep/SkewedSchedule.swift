// Several steps through the cache at once: while a plane is in cache, the later sweeps of the program follow the earlier
// ones at the distance that their reach asks for.
//
// Sweeps of `depth` steps are one list of stages. Stage p works on plane `wave - skew[p]` of a tile whose rows are moved
// back by skew[p] as well, where skew[p] - skew[q] is at least the reach with which p reads what q wrote, and at least
// the reach with which q reads what p overwrites. So every stage finds its operands as in plain order, and leaves alone
// what earlier stages still need: the same operations on the same operands, the same bits. A tile needs of the tile
// before it only what that has done up to the same wave, and nothing of the tile behind it.

internal import Threads

/// The sweeps of up to `depth` steps, with what tells them how far to stay behind one another.
final class SkewedSchedule<Scalar: Real> {
  private struct Stage {
    let pass: Program<Scalar>.Pass
    /// Steps before it.
    let step: Int
    /// How many planes and rows it is behind the first stage.
    let skew: Int
    /// For each field the slot of the chunk's start whose memory it has at this stage.
    let slots: [Int]
  }

  /// What happened so far to the memory that a slot had at the start.
  private struct Use {
    var writer: Int?
    var readers: [(skew: Int, reach: Int)] = []
  }

  /// Steps that are run at once.
  let depth: Int
  private let stages: [Stage]
  /// Where each field's memory is after so many steps, as `Stage.slots`.
  private let slotsAfter: [[Int]]
  private let domain: Domain<Scalar>
  private let tileAxis: Axis
  private let waveAxis: Axis
  private let tileWidth: Int
  private let tileCount: Int
  private let progress: ProgressCounters
  // One table of field addresses a thread and a stage.
  private let tables: [UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>]
  private let spare: [UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>]

  /// nil where steps must be run one by one.
  init?(_ instructions: [Program<Scalar>.Instruction], on domain: Domain<Scalar>, depth: Int) {
    guard depth > 1, domain.grid.dimensions > 1 else { return nil }
    for instruction in instructions {
      switch instruction {
      case .pass(let pass): if pass.exchange != nil || pass.boundaryVaries { return nil }
      case .evaluate: return nil
      case .swap: break
      }
    }
    self.domain = domain
    self.depth = depth
    (stages, slotsAfter) = Self.skewed(instructions, depth: depth, fieldCount: domain.fields.count)
    guard let last = stages.last else { return nil }
    (tileAxis, waveAxis) = domain.grid.dimensions == 3 ? (.y, .z) : (.x, .y)
    let unit = tileAxis == .x ? Scalar.Vector.count : 1
    let extent = domain.layout.count[tileAxis.rawValue] + last.skew * unit
    let wished = max(unit, hxTile)
    let count = max(1, (extent + wished - 1) / wished)
    let width = ((extent + count - 1) / count + unit - 1) / unit * unit
    tileWidth = width
    tileCount = (extent + width - 1) / width
    progress = ProgressCounters(count: tileCount, sharesCores: domain.team.sharesCores)
    let room = domain.fields.count
    let stageCount = stages.count
    tables = (0..<domain.team.count).map { _ in .allocate(capacity: room * stageCount) }
    spare = (0..<domain.team.count).map { _ in .allocate(capacity: room) }
  }

  deinit {
    for table in tables + spare { table.deallocate() }
  }

  /// The list of stages with their distances.
  private static func skewed(_ instructions: [Program<Scalar>.Instruction], depth: Int, fieldCount: Int)
    -> ([Stage], [[Int]])
  {
    var uses = Array(repeating: Use(), count: fieldCount)
    var slots = Array(0..<fieldCount)
    var (stages, after): ([Stage], [[Int]]) = ([], [slots])
    var behind = 0
    for step in 0..<depth {
      for case let instruction in instructions {
        switch instruction {
        case .swap(let a, let b): slots.swapAt(a, b)
        case .evaluate: break
        case .pass(let pass):
          var skew = behind
          for (field, reach) in pass.sweep.reads {
            if let writer = uses[slots[field.slot]].writer { skew = max(skew, writer + reach) }
          }
          for field in pass.sweep.writes {
            let use = uses[slots[field.slot]]
            if let writer = use.writer { skew = max(skew, writer) }
            for reader in use.readers { skew = max(skew, reader.skew + reader.reach) }
          }
          for (field, reach) in pass.sweep.reads { uses[slots[field.slot]].readers.append((skew, reach)) }
          for field in pass.sweep.writes { uses[slots[field.slot]] = Use(writer: skew) }
          stages.append(Stage(pass: pass, step: step, skew: skew, slots: slots))
          // Stages of one wave run in this order, so none may be ahead of one before it.
          behind = skew
        }
      }
      after.append(slots)
    }
    return (stages, after)
  }

  /// Runs `steps` steps, `depth` at most. Every thread of the team calls it; all meet at its end.
  ///
  /// - Parameters:
  ///   - table: this thread's addresses of the fields, which it swaps as the steps do.
  ///   - time: gives the time at which a step starts.
  func run(
    steps: Int, _ table: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>, dt: Double, worker: Int,
    base: Int, time: (Int) -> Double
  ) {
    let (layout, fieldCount) = (domain.layout, domain.fields.count)
    let count = stages.count / depth * steps
    for (index, stage) in stages[..<count].enumerated() {
      for slot in 0..<fieldCount {
        (tables[worker] + (index &* fieldCount &+ slot)).initialize(to: table[stage.slots[slot]])
      }
    }
    let waves = layout.count[waveAxis.rawValue] + stages[count - 1].skew
    for tile in stride(from: worker, to: tileCount, by: domain.team.count) {
      var reached = base
      for wave in 0..<waves {
        if tile > 0, reached < base &+ wave &+ 1 {
          reached = progress.wait(for: tile &- 1, toReach: base &+ wave &+ 1)
        }
        for index in 0..<count {
          let stage = stages[index]
          let plane = wave &- stage.skew
          guard plane >= 0, plane < layout.count[waveAxis.rawValue] else { continue }
          update(stage, tile, plane, tables[worker] + index &* fieldCount, time(stage.step), dt, worker)
        }
        progress.advance(tile, to: base &+ wave &+ 1)
      }
    }
    for slot in 0..<fieldCount { (spare[worker] + slot).initialize(to: table[slotsAfter[steps][slot]]) }
    table.update(from: spare[worker], count: fieldCount)
  }

  /// The waves of a run of `steps` steps: a run's progress is counted from the end of that of the run before.
  func waves(steps: Int) -> Int {
    domain.layout.count[waveAxis.rawValue] + stages[stages.count / depth * steps - 1].skew
  }

  @inline(__always)
  private func update(
    _ stage: Stage, _ tile: Int, _ plane: Int, _ table: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>,
    _ time: Double, _ dt: Double, _ worker: Int
  ) {
    let layout = domain.layout
    let unit = tileAxis == .x ? Scalar.Vector.count : 1
    let low = max(tile &* tileWidth &- stage.skew &* unit, 0)
    let high = min((tile &+ 1) &* tileWidth &- stage.skew &* unit, layout.count[tileAxis.rawValue])
    guard low < high else { return }
    var box = layout.interior
    box.low[tileAxis.rawValue] = low
    box.high[tileAxis.rawValue] = high
    box.low[waveAxis.rawValue] = plane
    box.high[waveAxis.rawValue] = plane + 1
    let rows = RowMaker(
      bases: table, layout: layout, box: box, time: time, dt: dt, worker: worker, lookahead: stage.pass.lookahead,
      ends: table[0])
    let isAligned = box.low.x % Scalar.Vector.count == 0 && box.high.x % Scalar.Vector.count == 0
    stage.pass.updateRows(
      box.low.y..<box.high.y, box.low.z, rows, table, lines: isAligned ? 16 : 1)
  }
}
internal import Glibc
let hxTile = getenv("HX_TILE").map { Int(atoi($0)) } ?? 64
let hxDepth = getenv("HX_DEPTH").map { Int(atoi($0)) } ?? 8
let hxAhead = getenv("HX_AHEAD").map { Int(atoi($0)) } ?? 0
