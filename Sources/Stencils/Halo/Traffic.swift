/// What a rank exchanges with its neighbours: counted by a run, or told beforehand from the decomposition alone.
package struct Traffic: Equatable, Sendable {
  /// Rounds in which all neighbours are met.
  package var exchanges = 0
  /// Messages sent to other ranks.
  package var messages = 0
  /// Bytes in these.
  package var bytes = 0
  /// Cache lines that packing and unpacking touch, a row of a message at a time.
  package var lines = 0

  package init() {}

  mutating func add<Scalar>(_ exchange: HaloExchange<Scalar>) {
    exchanges += 1
    messages += exchange.messageCount
    bytes += exchange.bytesSent
  }
}

extension Domain {
  /// What this domain's rank sends in each step of a run, once the first step is over. No field of this domain is needed,
  /// and no neighbour has to be there: `step` may be that of a small domain whose solver made the same fields.
  package func traffic(of step: Step<Scalar>) -> Traffic {
    let changing = step.changing
    var total = Traffic()
    // Which fields' ghost cells are up to date, as `Program.run` follows it; what the first step finds differs from what
    // each later one does.
    var current: Set<Int> = []
    for pass in 0..<2 {
      total = Traffic()
      for operation in step.operations {
        switch operation {
        case .sweep(let sweep):
          let reaching = sweep.reads.filter { $0.reach > 0 && changing.contains($0.field) }.map(\.field.slot)
          if !current.isSuperset(of: reaching) {
            if pass == 1 { count(reaching.count, of: sweep, into: &total) }
            if sweep.axis == nil { current.formUnion(reaching) }
          }
          current.subtract(sweep.writes.map(\.slot))
        case .evaluate: break
        case .swap(let a, let b):
          let (hasA, hasB) = (current.contains(a.slot), current.contains(b.slot))
          current.subtract([a.slot, b.slot])
          if hasA { current.insert(b.slot) }
          if hasB { current.insert(a.slot) }
        }
      }
    }
    return total
  }

  /// Adds one exchange of so many fields.
  private func count(_ fields: Int, of sweep: Sweep<Scalar>, into total: inout Traffic) {
    var links = 0
    for direction in HaloExchange<Scalar>.directions(grid.dimensions) {
      guard HaloExchange<Scalar>.lies(direction, along: sweep.axis), let neighbor = neighbor(direction) else {
        continue
      }
      links += 1
      let box = HaloExchange<Scalar>.boxes(self, direction, sweep.width(on: self)).source
      let rowBytes = box.count.x * MemoryLayout<Scalar>.stride
      total.lines += 2 * fields * box.count.y * box.count.z * ((rowBytes + 63) / 64)
      guard neighbor != rank else { continue }
      total.messages += 1
      total.bytes += box.volume * fields * MemoryLayout<Scalar>.stride
    }
    if links > 0 { total.exchanges += 1 }
  }

  /// Bytes that a domain's fields take, ghost cells and padding included.
  package func bytes(ofFields count: Int) -> Int { count * fieldCapacity * MemoryLayout<Scalar>.stride }
}

extension Sweep {
  /// The ghost cells that are exchanged for it along an axis. One that looks around gets all that there are, which serve
  /// other sweeps too.
  func width(on domain: Domain<Scalar>) -> Int {
    axis == nil ? domain.reach : min(domain.reach, reads.map(\.reach).max() ?? 0)
  }
}
