// Several steps through the cache at once: while a plane is in cache, the later sweeps of the program follow the earlier
// ones at the distances that `SkewedStages` finds.
//
// Stage p works on plane `wave - skew[p]` of a tile whose rows are moved back by skew[p] as well. A tile needs of the
// tile before it only what that has done up to the same wave, and nothing of the tile behind it: threads follow one
// another. Towards other ranks, stages are computed on as many ghost cells as later stages need of them, so that one
// exchange serves all steps.
//
// Where a sweep is the last to read what it looks around in, its result is written over that, two planes and a row lower
// in memory (`Layout.shift`), where all readers of this tile and of the next are done: half of the traffic, and no cell is
// fetched only to be overwritten. Such runs go up and down in turn, so that fields stay where they are.

internal import MPI
internal import Threads

/// Runs the sweeps of up to `depth` steps, plane after plane.
final class SkewedSchedule<Scalar: Real> {
  typealias Table = UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>

  /// The most steps that can be run at once.
  let depth: Int
  /// Steps that are run at once.
  private(set) var limit: Int
  private let plan: SkewedStages<Scalar>
  private let domain: Domain<Scalar>
  private let tileAxis: Axis
  private let waveAxis: Axis
  private let unit: Int
  private let tileWidth: Int
  private let progress: ProgressCounters
  private var exchange: DeepExchange<Scalar>?
  private var preparedFor = 0
  private let exchanges: [Field<Scalar>]
  private let exchanged: UInt64
  private let changed: UInt64
  private let varying: [(stage: Int, fill: GhostFill<Scalar>, set: Int, completion: Double)]
  // What a stage does, without anything whose references would be counted.
  private struct Part {
    let skew: Int
    let step: Int
    let pass: Unmanaged<Program<Scalar>.Pass>?
    let sets: UnsafeMutablePointer<Int>
  }
  private let parts: UnsafeMutablePointer<Part>
  private let spans: [Span]
  // One table of field addresses a thread and a stage.
  private let tables: [Table]
  private let spare: [Table]
  // How far fields are moved, and what the progress of the next run is counted from.
  private var moved = 0
  private var wavesDone = 0

  /// nil where steps must be run one by one.
  /// - Parameter kept: fields whose values are needed after any step.
  init?(
    _ instructions: [Program<Scalar>.Instruction], on domain: Domain<Scalar>, keeping kept: [Field<Scalar>]
  ) {
    guard domain.depth > 1 else { return nil }
    self.domain = domain
    let plan = SkewedStages(
      instructions, fieldCount: domain.fields.count, depth: domain.depth,
      mayMove: domain.layout.shifts > 0, keeping: kept.map(\.slot))
    self.plan = plan
    let depth = plan.movesPerStep > 1 ? max(1, domain.layout.shifts / plan.movesPerStep) : domain.depth
    self.depth = depth
    limit = depth
    guard let last = plan.stages.last, depth > 1 else { return nil }
    let passes = instructions.compactMap { if case .pass(let pass) = $0 { pass } else { nil } }
    // Sweeps that take turns make a step differ from the next.
    guard passes.allSatisfy({ $0.sweep.turn == .always }) else { return nil }
    let changed: UInt64 = instructions.reduce(0) { mask, instruction in
      switch instruction {
      case .pass(let pass): mask | pass.written
      case .evaluate(_, let field, _): mask | 1 << UInt64(field.slot)
      case .swap(let a, let b): mask | 1 << UInt64(a) | 1 << UInt64(b)
      }
    }
    self.changed = changed
    let needed = domain.fields.filter { plan.needs[depth][$0.slot] > 0 && changed >> UInt64($0.slot) & 1 == 1 }
    exchanged = needed.reduce(0) { $0 | 1 << UInt64($1.slot) }
    exchanges = needed
    var varying: [(stage: Int, fill: GhostFill<Scalar>, set: Int, completion: Double)] = []
    for (index, stage) in plan.stages.enumerated() {
      guard case .pass(let pass) = stage.work else { continue }
      for (fill, set) in zip(pass.fills, stage.sets) where fill.variesInTime {
        fill.reserve(sets: set + 1)
        varying.append((index, fill, set, pass.sweep.completion))
      }
    }
    self.varying = varying
    // In one dimension there is one plane, on which all stages of a tile follow each other.
    (tileAxis, waveAxis) = domain.grid.dimensions == 3 ? (.y, .z) : (.x, .y)
    unit = tileAxis == .x ? Scalar.Vector.count : 1
    tileWidth = Self.tileWidth(passes, domain, depth: depth, unit: unit, skew: last.skew)
    let widest = domain.layout.padded.count[tileAxis.rawValue] + unit * last.skew
    progress = ProgressCounters(count: widest / tileWidth + 2, sharesCores: domain.team.sharesCores)
    let (fields, count) = (domain.fields.count, plan.stages.count)
    tables = (0..<domain.team.count).map { _ in .allocate(capacity: fields * count) }
    spare = (0..<domain.team.count).map { _ in .allocate(capacity: fields) }
    parts = .allocate(capacity: count)
    for (index, stage) in plan.stages.enumerated() {
      var pass: Program<Scalar>.Pass?
      if case .pass(let found) = stage.work { pass = found }
      let sets = UnsafeMutablePointer<Int>.allocate(capacity: max(1, stage.sets.count))
      for (index, set) in stage.sets.enumerated() { (sets + index).initialize(to: set) }
      (parts + index).initialize(
        to: Part(skew: stage.skew, step: stage.step, pass: pass.map { Unmanaged.passUnretained($0) }, sets: sets))
    }
    let (tile, wave, unit, rows) = (tileAxis, waveAxis, unit, tileWidth)
    spans = (0...depth).map { steps in
      Span(plan, steps: steps, on: domain, tileAxis: tile, waveAxis: wave, unit: unit, tileWidth: rows)
    }
  }

  /// Runs so many steps at once from now on, with an exchange of no more cells than they need.
  func setLimit(_ steps: Int) throws(MPIError) {
    limit = min(steps, depth)
    try prepare()
  }

  /// Makes the exchange for as many steps as are run at once, where it is still to be made. Every rank calls it.
  /// - Throws: when it cannot be set up.
  func prepare() throws(MPIError) {
    guard preparedFor != limit else { return }
    preparedFor = limit
    let width = plan.needs[limit].max() ?? 0
    exchange =
      exchanges.isEmpty
      ? nil
      : try DeepExchange(domain: domain, fields: exchanges, width: width, waveAxis: waveAxis, tileAxis: tileAxis)
  }

  deinit {
    for table in tables + spare { table.deallocate() }
    for index in plan.stages.indices { parts[index].sets.deallocate() }
    parts.deallocate()
    for span in spans { span.boxes.deallocate() }
  }

  /// Rows (in two dimensions cells) of a tile, so that what its stages look at stays in a core's second-level cache, but
  /// no fewer than make up for what neighbouring tiles read twice.
  private static func tileWidth(
    _ passes: [Program<Scalar>.Pass], _ domain: Domain<Scalar>, depth: Int, unit: Int, skew: Int
  ) -> Int {
    let rowBytes = (unit == 1 ? domain.layout.strideY : 1) * MemoryLayout<Scalar>.stride
    let planes = passes.reduce(0) { $0 + 2 + $1.sweep.reads.count + $1.sweep.writes.count } * depth
    let fitting = Machine.shared.secondLevelCacheBytes / max(1, planes * rowBytes)
    let least = 6 * max(2, skew) * unit
    // As many tiles for each thread as for the others.
    let cells = domain.layout.padded.count[unit == 1 ? Axis.y.rawValue : Axis.x.rawValue] + unit * skew
    let rounds = max(1, cells / (max(least, fitting) * domain.team.count))
    let width = (cells + rounds * domain.team.count - 1) / (rounds * domain.team.count)
    return (max(width, 2 * unit) + unit - 1) / unit * unit
  }

  // MARK: A run

  /// How many of the steps that are wanted are run at once now.
  func steps(of wanted: Int) -> Int {
    let moves = plan.movesPerStep
    guard moves > 0 else { return min(wanted, limit) }
    let room = max(moved, domain.layout.shifts - moved) / moves
    return min(wanted, min(limit, room))
  }

  /// Runs `steps` steps, as many as `steps(of:)` says. Every thread of the team calls it; all meet at its end.
  ///
  /// - Parameters:
  ///   - table: this thread's addresses of the fields.
  ///   - current: which fields' ghost cells towards other ranks are known.
  ///   - time: gives the time at which a step starts.
  func run(
    steps: Int, _ table: Table, current: inout UInt64, dt: Double, worker: Int, program: Program<Scalar>,
    time: (Int) -> Double
  ) {
    let count = plan.perStep &* steps
    let isDown = plan.movesPerStep == 0 || moved + plan.movesPerStep * steps <= domain.layout.shifts
    for entry in varying where entry.stage < count {
      let start = time(plan.stages[entry.stage].step)
      entry.fill.update(
        time: start + entry.completion * dt, changingOnly: true, set: entry.set, worker: worker,
        workers: domain.team.count)
    }
    if !varying.isEmpty { domain.team.barrier() }
    // What the far ends of waves and tiles need arrives while others are computed.
    var late: HaloExchange<Scalar>?
    if let exchange, current & exchanged != exchanged {
      guard program.exchange(exchange, isDown: isDown, table, worker) else { return }
      late = exchange.far(isDown: isDown)
    }
    current &= ~changed
    let shift = isDown ? -domain.layout.shift : domain.layout.shift
    let fieldCount = domain.fields.count
    let mine = tables[worker]
    for index in 0..<count {
      for slot in 0..<fieldCount {
        let place = plan.stages[index].places[slot]
        (mine + (index &* fieldCount &+ slot)).initialize(to: table[place.memory] + place.shifts &* shift)
      }
    }
    let span = spans[steps]
    let base = wavesDone
    let arrival = late == nil ? nil : self.arrival(span, isDown)
    for tile in stride(from: worker, to: span.tiles, by: domain.team.count) {
      var reached = base
      if let arrival, tile >= arrival.tile, tile > 0 { _ = progress.wait(for: 0, toReach: base &+ arrival.wave &+ 1) }
      for wave in 0..<span.waves {
        if tile == 0, let late, let arrival {
          if wave < arrival.wave {
            program.poll(late)
          } else if wave == arrival.wave {
            program.finishAlone(late, table)
          }
        }
        if tile > 0, reached < base &+ wave &+ 1 {
          reached = progress.wait(for: tile &- 1, toReach: base &+ wave &+ 1)
        }
        for index in 0..<count {
          run(index, span, isDown, tile, wave, mine + index &* fieldCount, time, dt, worker)
        }
        progress.advance(tile, to: base &+ wave &+ 1)
      }
    }
    for slot in 0..<fieldCount {
      let place = plan.placesAfter[steps][slot]
      (spare[worker] + slot).initialize(to: table[place.memory] + place.shifts &* shift)
    }
    table.update(from: spare[worker], count: fieldCount)
    domain.team.barrier()
    if worker == 0 {
      moved += (isDown ? 1 : -1) * plan.movesPerStep * steps
      wavesDone = base + span.waves
    }
    domain.team.barrier()
  }

  /// The wave of the first tile, and the tile, that are the first to look at ghost cells at the far ends.
  private func arrival(_ span: Span, _ isDown: Bool) -> (wave: Int, tile: Int) {
    /// How far the first stage may go along an axis before it looks beyond the own cells.
    func room(_ range: Range<Int>, _ axis: Axis) -> Int {
      max(0, isDown ? domain.layout.count[axis.rawValue] - range.lowerBound : range.upperBound) - domain.reach
    }
    guard let exchange else { return (0, 0) }
    let wave = exchange.crossesWaves ? min(max(0, room(span.planes, waveAxis)), span.waves - 1) : span.waves - 1
    guard exchange.crossesTiles else { return (wave, span.tiles) }
    let tile = min(max(0, room(span.rows, tileAxis) / tileWidth), span.tiles - 1)
    // No thread may stand still until the first tile is nearly done.
    return tile < domain.team.count ? (0, 0) : (wave, tile)
  }

  /// The cells that a run of some steps goes over.
  private struct Span {
    /// The box of each stage, cells that it computes for later stages of this rank included.
    let boxes: UnsafeMutablePointer<Box>
    /// Planes and rows of the largest box.
    let planes: Range<Int>
    let rows: Range<Int>
    let waves: Int
    let tiles: Int

    init(
      _ plan: SkewedStages<Scalar>, steps: Int, on domain: Domain<Scalar>, tileAxis: Axis, waveAxis: Axis, unit: Int,
      tileWidth: Int
    ) {
      let extensions = plan.extensions[steps]
      boxes = .allocate(capacity: max(1, extensions.count))
      let lanes = Scalar.Vector.count
      func roundUp(_ n: Int, _ unit: Int) -> Int { (n + unit - 1) / unit * unit }
      var widest = domain.layout.interior
      for (index, beyond) in extensions.enumerated() {
        var box = domain.layout.interior
        for axis in domain.grid.axes where domain.layout.ghost[axis.rawValue] > domain.reach {
          if !domain.sides.contains(Side(axis, isHigh: false)) { box.low[axis.rawValue] -= beyond }
          if !domain.sides.contains(Side(axis, isHigh: true)) { box.high[axis.rawValue] += beyond }
        }
        // Rows begin at a vector.
        box.low.x = -roundUp(-box.low.x, lanes)
        for axis in domain.grid.axes {
          widest.low[axis.rawValue] = min(widest.low[axis.rawValue], box.low[axis.rawValue])
          widest.high[axis.rawValue] = max(widest.high[axis.rawValue], box.high[axis.rawValue])
        }
        if case .evaluate = plan.stages[index].work { box = domain.layout.padded }
        (boxes + index).initialize(to: box)
      }
      planes = widest.low[waveAxis.rawValue]..<widest.high[waveAxis.rawValue]
      let high = roundUp(widest.high[tileAxis.rawValue], unit)
      rows = widest.low[tileAxis.rawValue]..<high
      let last = steps == 0 ? 0 : plan.stages[plan.perStep * steps - 1].skew
      waves = planes.count + last
      tiles = (rows.count + unit * last + tileWidth - 1) / tileWidth
    }
  }

  /// One stage's part of a tile in a wave.
  @inline(__always)
  private func run(
    _ index: Int, _ span: Span, _ isDown: Bool, _ tile: Int, _ wave: Int, _ table: Table, _ time: (Int) -> Double,
    _ dt: Double, _ worker: Int
  ) {
    let part = parts[index]
    let distance = wave &- part.skew
    guard distance >= 0, distance < span.planes.count else { return }
    let plane = isDown ? span.planes.lowerBound &+ distance : span.planes.upperBound &- 1 &- distance
    // The first and the last tile reach to the end of all cells.
    let from = tile == 0 ? Int.min / 4 : tile &* tileWidth &- part.skew &* unit
    let to = tile == span.tiles &- 1 ? Int.max / 4 : (tile &+ 1) &* tileWidth &- part.skew &* unit
    var box = span.boxes[index]
    let (across, along) = (waveAxis.rawValue, tileAxis.rawValue)
    box.low[along] = max(box.low[along], isDown ? span.rows.lowerBound &+ from : span.rows.upperBound &- to)
    box.high[along] = min(box.high[along], isDown ? span.rows.lowerBound &+ to : span.rows.upperBound &- from)
    guard box.low[along] < box.high[along] else { return }
    if let pass = part.pass {
      guard plane >= box.low[across], plane < box.high[across] else { return }
      (box.low[across], box.high[across]) = (plane, plane &+ 1)
      pass._withUnsafeGuaranteedRef { update(part, $0, box, isDown, table, time(part.step), dt, worker) }
    } else {
      // All cells that there are: the first and the last plane bring the ghost cells beside them along.
      if plane > span.planes.lowerBound { box.low[across] = plane }
      if plane < span.planes.upperBound &- 1 { box.high[across] = plane &+ 1 }
      guard case .evaluate(let function, let field, let fraction) = plan.stages[index].work else { return }
      domain.evaluate(function, into: table[field.slot], at: time(part.step) + fraction * dt, in: box, worker: worker)
    }
  }

  @inline(__always)
  private func update(
    _ part: Part, _ pass: Program<Scalar>.Pass, _ box: Box, _ isDown: Bool, _ table: Table, _ time: Double,
    _ dt: Double, _ worker: Int
  ) {
    let (layout, lanes) = (domain.layout, Scalar.Vector.count)
    let rows = RowMaker(
      bases: table, layout: layout, box: box, time: time, dt: dt, worker: worker, lookahead: pass.lookahead,
      ends: table[0])
    // The first step finds its cells in memory, the others in cache.
    let ahead = part.step == 0 && tileAxis == .y ? 2 &* layout.strideY &+ layout.strideZ : 0
    pass.updateRows(
      box.low.y..<box.high.y, box.low.z, rows, table, ahead: isDown ? ahead : -ahead,
      lines: box.high.x % lanes == 0 ? 16 : 1, sets: part.sets, isDown: isDown)
  }
}
