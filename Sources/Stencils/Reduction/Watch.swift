package import MPI

/// What sweeps note of the steps that they run, for finding out at once that a run has to end: the largest rate at which
/// signals cross cells, the smallest of a quantity that must stay positive, and whether all values are finite.
///
/// Each thread notes for itself; nothing is sent before a step is over.
@frozen
public struct Watch<Scalar: Real> {
  // For each thread three vectors, two cache lines apart from the next thread's.
  @usableFromInline let base: UnsafeMutablePointer<Scalar>
  @inlinable static var stride: Int { 6 &* Scalar.Vector.count }

  /// Notes of some cells the largest rate in 1/s.
  @inlinable @inline(__always)
  public func note(rate: Scalar.Vector, _ row: Row<Scalar>) {
    let slot = base + row.worker &* Self.stride
    Scalar.Vector.maximum(Scalar.Vector.load(slot), rate).store(slot)
  }

  /// Notes of some cells the smallest value of what must not be negative, and a sum of values each times zero, which is
  /// zero as long as all are finite.
  @inlinable @inline(__always)
  public func note(smallest: Scalar.Vector, zero: Scalar.Vector, _ row: Row<Scalar>) {
    let width = Scalar.Vector.count
    let slot = base + (row.worker &* Self.stride &+ width)
    Scalar.Vector.minimum(Scalar.Vector.load(slot), smallest).store(slot)
    (Scalar.Vector.load(slot + width) + zero).store(slot + width)
  }
}

/// What was noted since the last look, over all threads and ranks.
package struct Noted: Sendable {
  package var rate = -Double.infinity
  package var smallest = Double.infinity
  package var isFinite = true
}

extension Domain {
  /// Makes a watch with nothing noted.
  public func watch() -> Watch<Scalar> {
    let holding = Holding<Scalar>(team.count * Watch<Scalar>.stride)
    held.append(holding)
    let watch = Watch<Scalar>(base: holding.memory)
    clear(watch)
    return watch
  }

  /// What was noted on all ranks since the last call. Every rank calls it.
  package func take(_ watch: Watch<Scalar>) throws(MPIError) -> Noted {
    var noted = Noted()
    let width = Scalar.Vector.count
    for worker in 0..<team.count {
      let slot = watch.base + worker * Watch<Scalar>.stride
      for lane in 0..<width {
        noted.rate = max(noted.rate, Double(slot[lane]))
        noted.smallest = min(noted.smallest, Double(slot[width + lane]))
        noted.isFinite = noted.isFinite && slot[2 * width + lane] == 0
      }
    }
    clear(watch)
    var bounds = [-noted.rate, noted.smallest, noted.isFinite ? 1 : 0]
    try communicator.allReduce(&bounds, .min)
    return Noted(rate: -bounds[0], smallest: bounds[1], isFinite: bounds[2] == 1)
  }

  /// The largest rate that was noted on all ranks since the last look; nil where none was. Every rank calls it.
  public func fastest(noted watch: Watch<Scalar>) throws -> Double? {
    let rate = try take(watch).rate
    return rate > -.infinity ? rate : nil
  }

  private func clear(_ watch: Watch<Scalar>) {
    let width = Scalar.Vector.count
    for worker in 0..<team.count {
      let slot = watch.base + worker * Watch<Scalar>.stride
      for lane in 0..<width {
        slot[lane] = -.infinity
        slot[width + lane] = .infinity
        slot[2 * width + lane] = 0
      }
    }
  }

  /// Exchanges two fields' contents, ghost cells included.
  package func swap(_ a: Field<Scalar>, _ b: Field<Scalar>) {
    Swift.swap(&bases[a.slot], &bases[b.slot])
    haloMask &= ~(1 << UInt64(a.slot) | 1 << UInt64(b.slot))
  }

  /// The largest value that a kernel gives for a cell, and the first cell in memory order that has it. Every rank calls
  /// it.
  package func largest(_ value: (Row<Scalar>, Cell<Scalar>) -> Scalar.Vector) throws(MPIError)
    -> (value: Double, cell: Triple)
  {
    var (best, place) = (-Double.infinity, Int64.max)
    for z in 0..<layout.count.z {
      for y in 0..<layout.count.y {
        let row = row(y, z, low: 0, high: layout.count.x)
        for i in row {
          let found = value(row, i)
          for lane in 0..<i.lanes where Double(found[lane]) > best {
            best = Double(found[lane])
            place = Int64(grid.linearIndex(block.low &+ Triple(i.x + lane, y, z)))
          }
        }
      }
    }
    let top = try communicator.allReduce(best, .max)
    let first = try communicator.allReduce(best == top ? place : Int64.max, .min)
    return (top, grid.cell(linearIndex: first == .max ? 0 : Int(first)))
  }

  /// The value of a field at a cell given by global indices. Every rank calls it.
  package func value(of field: Field<Scalar>, at cell: Triple) throws(MPIError) -> Double {
    let local = cell &- block.low
    let isMine = (0..<3).allSatisfy { local[$0] >= 0 && local[$0] < layout.count[$0] }
    // A NaN would be lost in a maximum: it travels as a mark.
    let mine = isMine ? Double(bases[field.slot][layout.offset(local)]) : -Double.infinity
    let isNaN = try communicator.allReduce(Int64(mine.isNaN ? 1 : 0), .max)
    let found = try communicator.allReduce(mine.isNaN ? -Double.infinity : mine, .max)
    return isNaN == 1 ? .nan : found
  }
}
