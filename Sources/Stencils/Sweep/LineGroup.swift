// Sweeps of one step that look along one axis only, run through the cache together: those along x line by line, since no
// line needs another, those along y in strips of columns, where each sweep follows the one before at the distance that
// its reach asks for. So a scheme that is split by direction passes its fields through memory once a direction and not
// once a stage, and threads meet once. Every cell's operations and operands are those of plain order.

internal import Threads

/// Consecutive sweeps along x or along y, in two dimensions, of which none needs cells of another rank.
final class LineGroup<Scalar: Real> {
  typealias Pass = Program<Scalar>.Pass
  typealias Table = UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>

  let turn: Turn
  /// One bit for each field that it writes.
  let written: UInt64
  private let domain: Domain<Scalar>
  private let axis: Axis
  // What one sweep after the other does, without anything whose references would be counted.
  private struct Part {
    let pass: Unmanaged<Pass>
    /// The lines that it stays behind the first sweep.
    let skew: Int
    /// The fields of which it needs ghost cells where the grid wraps around.
    let wrapped: UnsafeMutableBufferPointer<Int>
    let reach: Int
  }
  private let passes: [Pass]
  private let parts: UnsafeMutableBufferPointer<Part>
  private let pieces: [UnsafeMutableBufferPointer<Box>]
  private let queues: WorkQueues
  private let wraps: Bool
  private let boundaryVaries: Bool
  /// Lines of a strip that one sweep updates before the next one follows.
  private static var linesAtOnce: Int { 4 }

  /// Puts sweeps that can be run together into groups.
  static func gather(_ instructions: [Program<Scalar>.Instruction], on domain: Domain<Scalar>)
    -> [Program<Scalar>.Part]
  {
    var found: [Program<Scalar>.Part] = []
    var run: [Pass] = []
    func close() {
      if run.count > 1 {
        found.append(.group(LineGroup(run, on: domain)))
      } else {
        found += run.map { .single(.pass($0)) }
      }
      run = []
    }
    for instruction in instructions {
      guard case .pass(let pass) = instruction, isAlone(pass, on: domain) else {
        close()
        found.append(.single(instruction))
        continue
      }
      if let first = run.first?.sweep, !first.belongs(with: pass.sweep) { close() }
      run.append(pass)
    }
    close()
    return found
  }

  /// Whether a sweep needs nothing of other ranks, and of this one beyond the grid's sides no more than the other ends of
  /// its own lines.
  private static func isAlone(_ pass: Pass, on domain: Domain<Scalar>) -> Bool {
    guard domain.grid.dimensions == 2, let axis = pass.sweep.axis else { return false }
    switch axis {
    case .x: return domain.decomposition.ranks.x == 1
    case .y: return domain.decomposition.ranks.y == 1 && !domain.periodic[1]
    case .z: return false
    }
  }

  private init(_ passes: [Pass], on domain: Domain<Scalar>) {
    self.passes = passes
    self.domain = domain
    axis = passes[0].sweep.axis!
    turn = passes[0].sweep.turn
    written = passes.reduce(0) { $0 | $1.written }
    boundaryVaries = passes.contains { $0.boundaryVaries }
    wraps = axis == .x && domain.periodic[0]
    let skews = axis == .x ? passes.map { _ in 0 } : Self.skews(passes.map(\.sweep))
    parts = .allocate(capacity: passes.count)
    for (index, pass) in passes.enumerated() {
      let read = pass.sweep.reads.filter { $0.reach > 0 }
      let wrapped = UnsafeMutableBufferPointer<Int>.allocate(capacity: read.count)
      _ = wrapped.initialize(from: read.map(\.field.slot))
      (parts.baseAddress! + index).initialize(
        to: Part(
          pass: .passUnretained(pass), skew: skews[index], wrapped: wrapped, reach: read.map(\.reach).max() ?? 0))
    }
    let workers = domain.team.count
    queues = WorkQueues(workers: workers)
    let fields = Set(passes.flatMap { $0.sweep.reads.map(\.field) + $0.sweep.writes }).count
    let boxes = Self.boxes(axis, domain, fields: fields, skew: skews.last!)
    pieces = (0..<workers).map { worker in
      let mine = boxes[(boxes.count * worker / workers)..<(boxes.count * (worker + 1) / workers)]
      let memory = UnsafeMutableBufferPointer<Box>.allocate(capacity: mine.count)
      _ = memory.initialize(from: mine)
      return memory
    }
  }

  deinit {
    for part in parts { part.wrapped.deallocate() }
    parts.deallocate()
    for memory in pieces { memory.deallocate() }
  }

  /// How many lines each sweep stays behind the first: as many as it looks ahead in what one before it writes, and as many
  /// as one before it looks back in what it overwrites.
  private static func skews(_ sweeps: [Sweep<Scalar>]) -> [Int] {
    var skews: [Int] = []
    for (index, sweep) in sweeps.enumerated() {
      var skew = skews.last ?? 0
      for (earlier, other) in sweeps[..<index].enumerated() {
        for (field, reach) in sweep.reads where other.writes.contains(field) {
          skew = max(skew, skews[earlier] + reach)
        }
        for (field, reach) in other.reads where sweep.writes.contains(field) {
          skew = max(skew, skews[earlier] + reach)
        }
      }
      skews.append(skew)
    }
    return skews
  }

  /// Lines, or strips of columns, of which all that the sweeps look at stays in half of a core's second-level cache.
  private static func boxes(_ axis: Axis, _ domain: Domain<Scalar>, fields: Int, skew: Int) -> [Box] {
    let (box, workers, lanes) = (domain.layout.interior, domain.team.count, Scalar.Vector.count)
    let room = Machine.shared.secondLevelCacheBytes / 2 / (fields * MemoryLayout<Scalar>.stride)
    let (across, unit) = axis == .x ? (1, 1) : (0, lanes)
    let extent = (box.count[across] + unit - 1) / unit
    let fitting = max(1, room / (axis == .x ? domain.layout.strideY : (skew + 2 * linesAtOnce) * lanes))
    // As many for each thread; short ones where they are many, so that threads can take some from others.
    let length = axis == .x ? min(fitting, 8) : min(fitting, max(1, 256 / lanes))
    let count = (extent + length * workers - 1) / (length * workers) * workers
    return (0..<min(count, extent)).map { index in
      var part = box
      let number = min(count, extent)
      part.low[across] = extent * index / number * unit
      part.high[across] = min(box.high[across], extent * (index + 1) / number * unit)
      return part
    }
  }

  /// Runs the sweeps; every thread of the team calls it, and meets the others afterwards.
  func run(_ table: Table, _ time: Double, _ dt: Double, _ worker: Int) {
    if boundaryVaries {
      for pass in passes {
        for fill in pass.fills where fill.variesInTime {
          fill.update(
            time: time + pass.sweep.completion * dt, changingOnly: true, worker: worker, workers: domain.team.count)
        }
      }
      domain.team.barrier()
    }
    queues.fill(worker, count: pieces[worker].count)
    while let taken = queues.take(worker) {
      let box = pieces[taken.owner][taken.piece]
      if axis == .x { runLines(box, table, time, dt, worker) } else { runStrip(box, table, time, dt, worker) }
    }
  }

  private func runLines(_ box: Box, _ table: Table, _ time: Double, _ dt: Double, _ worker: Int) {
    for part in parts {
      if wraps { for slot in part.wrapped { wrap(table[slot], box, part.reach) } }
      update(part, box, table, time, dt, worker, continues: false)
    }
  }

  private func runStrip(_ box: Box, _ table: Table, _ time: Double, _ dt: Double, _ worker: Int) {
    let (low, high, lines) = (box.low.y, box.high.y, Self.linesAtOnce)
    let last = parts[parts.count &- 1].skew
    for wave in stride(from: low, to: high &+ last, by: lines) {
      for part in parts {
        var rows = box
        rows.low.y = max(low, wave &- part.skew)
        rows.high.y = min(high, wave &+ lines &- part.skew)
        if rows.low.y < rows.high.y { update(part, rows, table, time, dt, worker, continues: rows.low.y > low) }
      }
    }
  }

  @inline(__always)
  private func update(
    _ part: Part, _ box: Box, _ table: Table, _ time: Double, _ dt: Double, _ worker: Int, continues: Bool
  ) {
    let lanes = Scalar.Vector.count
    part.pass._withUnsafeGuaranteedRef { pass in
      let rows = RowMaker(
        bases: table, layout: domain.layout, box: box, time: time, dt: dt, worker: worker, lookahead: pass.lookahead,
        ends: table[0])
      pass.updateRows(
        box.low.y..<box.high.y, 0, rows, table, ahead: 0, lines: box.high.x % lanes == 0 ? 16 : 1,
        continues: continues)
    }
  }

  /// Fills the ghost cells at the ends of lines from their other ends.
  private func wrap(_ base: UnsafeMutablePointer<Scalar>, _ box: Box, _ reach: Int) {
    let count = domain.layout.count.x
    for y in box.low.y..<box.high.y {
      let row = base + y &* domain.layout.strideY
      for x in 0..<reach {
        row[count &+ x] = row[x]
        row[-1 &- x] = row[count &- 1 &- x]
      }
    }
  }
}

extension Program {
  /// Runs sweeps together; all threads meet at their end.
  func run(
    _ group: LineGroup<Scalar>, _ table: LineGroup<Scalar>.Table, _ current: inout UInt64, _ time: Double, _ dt: Double,
    _ worker: Int
  ) {
    var clock = PhaseClock(isOn: worker == 0)
    group.run(table, time, dt, worker)
    current &= ~group.written
    clock.lap(&phases.compute)
    domain.team.barrier()
    clock.lap(&phases.imbalance)
  }
}

extension Sweep {
  /// Whether a sweep that follows this one can run with it.
  fileprivate func belongs(with next: Sweep) -> Bool {
    axis == next.axis && turn.isSame(as: next.turn) && completion == next.completion
  }
}

extension Turn {
  func isSame(as other: Turn) -> Bool {
    switch (self, other) {
    case (.always, .always), (.odd, .odd), (.even, .even): true
    default: false
    }
  }
}
