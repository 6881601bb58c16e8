internal import CLanes
package import MPI
internal import Threads

/// A step made ready to run on a domain: exchanges set up, cells divided among threads, nothing left to allocate.
///
/// All threads of the team run the same program and meet at barriers; thread 0 alone speaks to other ranks. A sweep
/// whose input needs ghost cells of other ranks updates the interior while the messages fly, then the rim.
package final class Program<Scalar: Real> {
  /// One sweep with what it needs on this rank.
  final class Pass {
    let sweep: Sweep<Scalar>
    let exchange: HaloExchange<Scalar>?
    let exchanged: UInt64
    let written: UInt64
    let whole: Shares
    let interior: Shares
    let rim: Shares
    // The fields written and what fills their ghost cells; the domain holds these, and no row counts references.
    let targets: [(slot: Int, fill: Unmanaged<GhostFill<Scalar>>)]
    let fills: [GhostFill<Scalar>]
    let boundaryVaries: Bool
    let streams: Bool
    // What streamed rows ask for in time: hardware prefetchers stop at a page's end, which is about where a row ends.
    let lookahead: Lookahead

    init(
      sweep: Sweep<Scalar>, exchange: HaloExchange<Scalar>?, exchanged: UInt64, rowsInCache: Int, interior: Box,
      domain: Domain<Scalar>, streams: Bool
    ) {
      self.sweep = sweep
      self.exchange = exchange
      self.exchanged = exchanged
      written = sweep.writes.reduce(0) { $0 | 1 << UInt64($1.slot) }
      func shares(_ boxes: [Box]) -> Shares {
        Shares(boxes, workers: domain.team.count, lanes: Scalar.Vector.count, rowsInCache: rowsInCache)
      }
      whole = shares([domain.layout.interior])
      self.interior = shares([interior])
      rim = shares(interior.remainder(of: domain.layout.interior))
      fills = sweep.writes.map { domain.fills[$0.slot] }
      targets = sweep.writes.map { ($0.slot, Unmanaged.passUnretained(domain.fills[$0.slot])) }
      boundaryVaries = fills.contains { $0.variesInTime }
      self.streams = streams
      let farthest = sweep.reads.max { $0.reach < $1.reach } ?? (sweep.writes[0], 0)
      let second = sweep.reads.first { $0.reach == farthest.reach && $0.field != farthest.field }
      lookahead = Lookahead(
        slot: farthest.field.slot, second: (second ?? farthest).field.slot, reach: farthest.reach,
        layout: domain.layout, lanes: Scalar.Vector.count,
        streams: streams)
    }
  }

  enum Instruction {
    case pass(Pass)
    case evaluate(CellFunction, Field<Scalar>, fraction: Double)
    case swap(Int, Int)
  }

  typealias Table = UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>

  /// What threads do between two barriers: an instruction, or several sweeps together.
  enum Part {
    case single(Instruction)
    case group(LineGroup<Scalar>)
  }

  package let domain: Domain<Scalar>
  private let parts: [Part]
  // Fields that sweeps read beside their own cell and that no step changes.
  private let steady: [Field<Scalar>]
  // One table of field addresses a thread: each swaps its own, so that swaps need no barrier.
  private let tables: [UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>]
  // For each thread the ends of the rows that it streamed last.
  private let ends: [UnsafeMutablePointer<Scalar>]
  // Several steps at once, where that can be.
  private let skewed: SkewedSchedule<Scalar>?
  private var failure: MPIError?
  /// Steps that are run at once; 1 is one after another.
  package private(set) var depth: Int
  /// Steps since the start of the simulation, by which sweeps that take turns know theirs.
  package var stepsDone = 0
  /// Where thread 0 spent its time since the start.
  package internal(set) var phases = Phases()
  /// What this rank has sent since the start.
  package private(set) var traffic = Traffic()

  /// - Parameter kept: fields that are looked at after steps, whether the next step reads them or not. What is left in
  ///   others that it does not read is lost.
  /// - Throws: when the exchanges cannot be set up.
  package init(_ step: Step<Scalar>, on domain: Domain<Scalar>, keeping kept: [Field<Scalar>] = []) throws(MPIError) {
    self.domain = domain
    let changing = step.changing
    let touched = Set(
      step.operations.flatMap { operation -> [Field<Scalar>] in
        if case .sweep(let sweep) = operation { return sweep.reads.map(\.field) + sweep.writes }
        return []
      })
    let streams =
      domain.layout.hasWholeLines
      && touched.count * domain.layout.capacity * MemoryLayout<Scalar>.stride > domain.cacheBytes
    var instructions: [Instruction] = []
    for operation in step.operations {
      switch operation {
      case .swap(let a, let b): instructions.append(.swap(a.slot, b.slot))
      case .evaluate(let function, let field, let fraction):
        instructions.append(.evaluate(function, field, fraction: fraction))
      case .sweep(let sweep):
        instructions.append(
          .pass(try Self.pass(for: sweep, changing: changing, domain: domain, streams: streams)))
      }
    }
    parts = LineGroup.gather(instructions, on: domain)
    skewed = SkewedSchedule(instructions, on: domain, keeping: kept)
    depth = skewed?.depth ?? 1
    var steady: Set<Field<Scalar>> = []
    for case .sweep(let sweep) in step.operations {
      for (field, reach) in sweep.reads where reach > 0 && !changing.contains(field) { steady.insert(field) }
    }
    self.steady = steady.sorted { $0.slot < $1.slot }
    tables = (0..<domain.team.count).map { _ in .allocate(capacity: 64) }
    let fieldCount = streams ? domain.fields.count : 1
    ends = (0..<domain.team.count).map { _ in
      let memory = Storage.allocate(fieldCount * RowEnds.size(of: Scalar.self), of: Scalar.self)
      memory.initialize(repeating: 0, count: fieldCount * RowEnds.size(of: Scalar.self))
      return memory
    }
  }

  deinit {
    for table in tables { table.deallocate() }
    for memory in ends { Storage.free(memory) }
  }

  private static func pass(
    for sweep: Sweep<Scalar>, changing: Set<Field<Scalar>>, domain: Domain<Scalar>, streams: Bool
  ) throws(MPIError) -> Pass {
    let lanes = Scalar.Vector.count
    let reaching = sweep.reads.filter { $0.reach > 0 && changing.contains($0.field) }
    let reach = reaching.map(\.reach).max() ?? 0
    precondition(
      reach <= domain.reach,
      "sweep \(sweep.name) reads \(reach) cells away, but the domain was made for a reach of \(domain.reach)"
    )
    var exchange: HaloExchange<Scalar>?
    var interior = domain.layout.interior
    if reach > 0 {
      let candidate = try HaloExchange(
        domain: domain, fields: reaching.map(\.field), width: sweep.width(on: domain)
      ) { HaloExchange<Scalar>.lies($0, along: sweep.axis) }
      if !candidate.isEmpty { exchange = candidate }
      for axis in domain.grid.axes where sweep.axis == nil || axis == sweep.axis {
        for (isHigh, step) in [(false, -1), (true, 1)] {
          var direction = Triple.zero
          direction[axis.rawValue] = step
          guard domain.neighbor(direction) != nil else { continue }
          // Along x the rim is a whole vector wide: fewer cells would cost as much, and rows stay aligned.
          let width = axis == .x ? (reach + lanes - 1) / lanes * lanes : reach
          if isHigh { interior.high[axis.rawValue] -= width } else { interior.low[axis.rawValue] += width }
        }
      }
      if interior.isEmpty { interior = Box(low: .zero, high: .zero) }
    }
    let rowBytes = domain.layout.strideY * MemoryLayout<Scalar>.stride
    let rowsInCache = max(
      8, Machine.shared.secondLevelCacheBytes / 2 / (rowBytes * (2 + sweep.reads.count + sweep.writes.count)))
    return Pass(
      sweep: sweep, exchange: exchange, exchanged: reaching.reduce(0) { $0 | 1 << UInt64($1.field.slot) },
      rowsInCache: rowsInCache, interior: interior, domain: domain, streams: streams)
  }

  /// The most steps that can be run at once.
  package var greatestDepth: Int { skewed?.depth ?? 1 }

  /// Runs so many steps at once from now on, no more than `greatestDepth`; every rank calls it with the same number.
  package func setDepth(_ steps: Int) throws(MPIError) {
    depth = min(steps, greatestDepth)
    if depth > 1 { try skewed?.setLimit(depth) }
  }

  /// Runs `steps` steps of length `dt`, the first of them `first` steps after `time`, so that a run that pauses between
  /// steps computes the same times as one that does not. Every rank calls it with the same arguments.
  package func run(steps: Int, first: Int = 0, from time: Double, dt: Double) throws(MPIError) {
    try domain.refreshHalos(of: steady)
    if depth > 1 { try skewed?.prepare() }
    let count = domain.team.count
    for table in tables { table.update(from: domain.bases, count: domain.fields.count) }
    let start = domain.haloMask
    domain.team.run { worker in
      let table = tables[worker]
      var current = start
      var step = first
      while let skewed, depth > 1, step < first + steps {
        let count = skewed.steps(of: first + steps - step)
        let began = worker == 0 ? monotonicSeconds() - phases.halo - phases.wait : 0
        skewed.run(steps: count, table, current: &current, dt: dt, worker: worker, program: self) {
          time + Double(step + $0) * dt
        }
        if failure != nil { return }
        if worker == 0 { phases.compute += monotonicSeconds() - phases.halo - phases.wait - began }
        step += count
      }
      for step in step..<(first + steps) {
        let now = time + Double(step) * dt
        for part in parts {
          switch part {
          case .single(.pass(let pass)):
            guard pass.sweep.turn.has(step: stepsDone + step - first) else { continue }
            run(pass, table, &current, now, dt, worker)
            if failure != nil { return }
          case .group(let group):
            guard group.turn.has(step: stepsDone + step - first) else { continue }
            run(group, table, &current, now, dt, worker)
          case .single(.evaluate(let function, let field, let fraction)):
            domain.evaluate(
              function, into: table[field.slot], at: now + fraction * dt, worker: worker, workers: count)
            domain.team.barrier()
          case .single(.swap(let a, let b)):
            swap(&table[a], &table[b])
            let (bitA, bitB) = (current >> UInt64(a) & 1, current >> UInt64(b) & 1)
            current = current & ~(1 << UInt64(a) | 1 << UInt64(b)) | bitB << UInt64(a) | bitA << UInt64(b)
          }
        }
      }
      if worker == 0 {
        domain.bases.update(from: table, count: domain.fields.count)
        domain.haloMask = current
      }
    }
    if let failure { throw failure }
    stepsDone += steps
  }

  private func run(
    _ pass: Pass, _ table: Table, _ current: inout UInt64, _ time: Double,
    _ dt: Double, _ worker: Int
  ) {
    let team = domain.team
    var clock = PhaseClock(isOn: worker == 0)
    if pass.boundaryVaries {
      for fill in pass.fills where fill.variesInTime {
        fill.update(time: time + pass.sweep.completion * dt, changingOnly: true, worker: worker, workers: team.count)
      }
      team.barrier()
    }
    if let exchange = pass.exchange, current & pass.exchanged != pass.exchanged {
      begin(exchange, table, worker, &clock)
      updateAll(pass, pass.interior, table, time, dt, worker) {
        speak(worker) { () throws(MPIError) in try exchange.poll() }
      }
      clock.lap(&phases.compute)
      guard finish(exchange, table, worker, &clock) else { return }
      updateAll(pass, pass.rim, table, time, dt, worker)
      // What is known along one axis alone does not serve others.
      if pass.sweep.axis == nil { current |= pass.exchanged }
    } else {
      updateAll(pass, pass.whole, table, time, dt, worker)
    }
    current &= ~pass.written
    if pass.streams { lanes_fence() }
    clock.lap(&phases.compute)
    team.barrier()
    clock.lap(&phases.imbalance)
  }

  /// Sends what neighbours need for several steps, and waits for what these need from their start; false when it failed.
  func exchange(_ exchange: DeepExchange<Scalar>, isDown: Bool, _ table: Table, _ worker: Int) -> Bool {
    var clock = PhaseClock(isOn: worker == 0)
    for part in exchange.parts {
      part.pack(table, worker: worker, workers: domain.team.count)
      part.wrap(table, worker: worker, workers: domain.team.count)
    }
    domain.team.barrier()
    speak(worker) { () throws(MPIError) in
      for part in exchange.parts {
        try part.start()
        traffic.add(part)
      }
    }
    clock.lap(&phases.halo)
    for part in exchange.near(isDown: isDown) where !finish(part, table, worker, &clock) { return false }
    return true
  }

  /// Moves messages along that are needed later; thread 0 calls it.
  func poll(_ exchange: HaloExchange<Scalar>) { speak(0) { () throws(MPIError) in try exchange.poll() } }

  /// Waits for what is needed at the far end and unpacks it, which thread 0 does alone while others compute. Where it
  /// fails the run is at its end, but other threads must get there too.
  func finishAlone(_ exchange: HaloExchange<Scalar>, _ table: Table) {
    var clock = PhaseClock(isOn: true)
    speak(0) { () throws(MPIError) in try exchange.wait() }
    clock.lap(&phases.wait)
    if failure == nil { exchange.unpack(table, worker: 0, workers: 1) }
    speak(0) { () throws(MPIError) in try exchange.finish() }
    clock.lap(&phases.halo)
  }

  /// Sends what neighbours need.
  private func begin(
    _ exchange: HaloExchange<Scalar>, _ table: Table, _ worker: Int,
    _ clock: inout PhaseClock
  ) {
    exchange.pack(table, worker: worker, workers: domain.team.count)
    domain.team.barrier()
    speak(worker) { () throws(MPIError) in
      try exchange.start()
      traffic.add(exchange)
    }
    exchange.wrap(table, worker: worker, workers: domain.team.count)
    clock.lap(&phases.halo)
  }

  /// Waits for what neighbours sent and puts it into the ghost cells; false when the exchange failed.
  private func finish(
    _ exchange: HaloExchange<Scalar>, _ table: Table, _ worker: Int,
    _ clock: inout PhaseClock
  ) -> Bool {
    speak(worker) { () throws(MPIError) in try exchange.wait() }
    domain.team.barrier()
    clock.lap(&phases.wait)
    if failure != nil { return false }
    exchange.unpack(table, worker: worker, workers: domain.team.count)
    speak(worker) { () throws(MPIError) in try exchange.finish() }
    domain.team.barrier()
    clock.lap(&phases.halo)
    return true
  }

  /// What only thread 0 does; the others learn of a failure at the next barrier.
  @inline(__always)
  private func speak(_ worker: Int, _ body: () throws(MPIError) -> Void) {
    guard worker == 0, failure == nil else { return }
    do { try body() } catch { failure = error }
  }

  /// Updates pieces as long as there are any, and does `between` after each.
  @inline(__always)
  private func updateAll(
    _ pass: Pass, _ shares: Shares, _ table: Table, _ time: Double, _ dt: Double, _ worker: Int,
    between: () -> Void = {}
  ) {
    shares.begin(worker)
    var last: Shares.Piece?
    while let piece = shares.next(worker) {
      update(pass, piece, table, time, dt, worker, continues: last.map(piece.follows) ?? false)
      last = piece
      between()
    }
  }

  /// Updates the rows of a piece of a tile and fills the ghost cells that depend on them.
  /// - Parameter continues: whether the row below was the last one before.
  private func update(
    _ pass: Pass, _ piece: Shares.Piece, _ table: Table, _ time: Double,
    _ dt: Double, _ worker: Int, continues: Bool
  ) {
    let (layout, lanes, box) = (domain.layout, Scalar.Vector.count, piece.part)
    let isAligned = box.low.x % lanes == 0 && box.high.x % lanes == 0
    let rows = RowMaker(
      bases: table, layout: layout, box: piece.tile, time: time, dt: dt, worker: worker,
      lookahead: pass.lookahead, ends: ends[worker] + RowEnds.stride(of: Scalar.self))
    for z in box.low.z..<box.high.z {
      // Rows near the block's sides are read again at once, for ghost rows or messages, and stay in cache.
      var streamed = box.high.y..<box.high.y
      if pass.streams, isAligned, z >= layout.reach.z, z < layout.count.z - layout.reach.z {
        let low = max(box.low.y, layout.reach.y)
        let high = min(box.high.y, layout.count.y - layout.reach.y)
        if low < high { streamed = low..<high }
      }
      // What follows a line that is not a whole number of vectors is not the next one's beginning.
      let lines = isAligned ? 16 : 1
      let (first, last) = (box.low.y..<streamed.lowerBound, streamed.upperBound..<box.high.y)
      pass.updateRows(
        first, z, rows, table, ahead: pass.lookahead.plane, lines: lines, continues: continues)
      pass.streamRows(streamed, z, rows, table, continues: continues || !first.isEmpty)
      pass.updateRows(
        last, z, rows, table, ahead: pass.lookahead.plane, lines: lines,
        continues: continues || !first.isEmpty || !streamed.isEmpty)
    }
  }
}
