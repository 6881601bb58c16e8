// What several steps at once take of and beside a rank's own cells, told from a step's sweeps alone: a plan asks it of
// ranks that are not there.

extension Step {
  /// For so many steps at once, the first step's first: how far beyond a rank's own cells each sweep is computed for those
  /// after it; and for each field, by its slot, how far beyond them its values must be known at the start.
  func extents(ofSteps count: Int) -> (beyond: [Int], needs: [Int: Int]) {
    var needs: [Int: Int] = [:]
    var beyond: [Int] = []
    // Backwards, from the end after which nobody needs more than the own cells.
    for _ in 0..<count {
      for operation in operations.reversed() {
        switch operation {
        case .swap(let a, let b): (needs[a.slot], needs[b.slot]) = (needs[b.slot], needs[a.slot])
        case .evaluate(_, let field, _): needs[field.slot] = nil
        case .sweep(let sweep):
          let here = sweep.writes.map { needs[$0.slot] ?? 0 }.max() ?? 0
          beyond.append(here)
          for field in sweep.writes { needs[field.slot] = nil }
          for (field, reach) in sweep.reads { needs[field.slot] = max(needs[field.slot] ?? 0, here + reach) }
        }
      }
    }
    return (beyond.reversed(), needs)
  }
}

extension Domain {
  /// What this domain's rank sends each time that it runs so many steps at once; of one step where `depth` is 1. As with
  /// `traffic(of:)`, nothing but the decomposition has to be there.
  package func traffic(of step: Step<Scalar>, depth: Int) -> Traffic {
    guard depth > 1 else { return traffic(of: step) }
    var total = Traffic()
    let needs = step.extents(ofSteps: depth).needs
    let fields = step.changing.count { needs[$0.slot] ?? 0 > 0 }
    guard fields > 0, let width = needs.values.max() else { return total }
    var links = 0
    for direction in HaloExchange<Scalar>.directions(grid.dimensions) {
      guard let neighbor = neighbor(direction) else { continue }
      links += 1
      let box = HaloExchange<Scalar>.boxes(self, direction, width).source
      let rowBytes = box.count.x * MemoryLayout<Scalar>.stride
      total.lines += 2 * fields * box.count.y * box.count.z * ((rowBytes + 63) / 64)
      guard neighbor != rank else { continue }
      total.messages += 1
      total.bytes += box.volume * fields * MemoryLayout<Scalar>.stride
    }
    if links > 0 { total.exchanges = 1 }
    return total
  }

  /// How many cells this rank computes for each of its own where so many steps run at once.
  package func redundancy(of step: Step<Scalar>, depth: Int) -> Double {
    guard depth > 1 else { return 1 }
    let lanes = Scalar.Vector.count
    let beyond = step.extents(ofSteps: depth).beyond
    let sum = beyond.reduce(0.0) { sum, extent in
      sum
        + grid.axes.reduce(1.0) { product, axis in
          let index = axis.rawValue
          guard layout.ghost[index] > reach else { return product }
          var cells = layout.count[index]
          for (isHigh, step) in [(false, -1), (true, 1)] {
            var direction = Triple.zero
            direction[index] = step
            guard neighbor(direction) != nil else { continue }
            // Rows begin at a vector.
            cells += axis == .x && !isHigh ? (extent + lanes - 1) / lanes * lanes : extent
          }
          return product * Double(cells) / Double(layout.count[index])
        }
    }
    return beyond.isEmpty ? 1 : sum / Double(beyond.count)
  }
}
