package import MPI

/// Sums, extrema and checks over the whole grid. Every rank calls them together; all get the same result, whatever the
/// number of ranks and threads.
extension Domain {
  /// The exact sum of what `body` adds for the cells of each row.
  public func sum(_ body: (Row<Scalar>, ExactSum) -> Void) throws -> Double {
    let partial = (0..<team.count).map { _ in ExactSum() }
    forEachRow { row, worker in body(row, partial[worker]) }
    for other in partial.dropFirst() { partial[0].add(other) }
    return try total(partial[0])
  }

  /// The exact sum, over ranks, of what each has added up.
  package func total(_ sum: ExactSum) throws(MPIError) -> Double { try exactTotal(sum).value }

  /// The same, not rounded.
  package func exactTotal(_ sum: ExactSum) throws(MPIError) -> ExactSum {
    var digits = sum.carried
    try communicator.allReduce(&digits, .sum)
    let special = try communicator.allReduce(sum.special.pointee, .sum)
    let all = ExactSum()
    all.replace(digits: digits, special: special)
    return all
  }

  /// The sum of a field over all cells, exact and rounded once. Every rank calls it.
  public func sum(of field: Field<Scalar>) throws -> Double { try sum { row, sum in sum.add(row[field], over: row) } }

  /// The smallest of what `body` returns for each row, whatever that is.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func minimum(_ body: (Row<Scalar>) -> Double) throws -> Double {
    var partial = [Double](repeating: .infinity, count: team.count)
    partial.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let partial = buffer
      forEachRow { row, worker in partial[worker] = Swift.min(partial[worker], body(row)) }
    }
    return try communicator.allReduce(partial.min()!, .min)
  }

  /// The largest lane of what `body` returns for each row, and 0 at the least.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func maximum(_ body: (Row<Scalar>) -> Scalar.Vector) throws -> Double {
    -(try minimum { row in
      let largest = body(row)
      var most = 0.0
      for lane in 0..<Scalar.Vector.count { most = max(most, Double(largest[lane])) }
      return -most
    })
  }

  /// The smallest and the largest value of a field, and whether all are finite.
  public func extrema(of field: Field<Scalar>) throws -> Extrema {
    var partial = [Extrema](repeating: Extrema(), count: team.count)
    partial.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let partial = buffer
      forEachRow { row, worker in
        let values = row[field].row
        partial[worker] = Self.extrema(values, row.low, row.high, partial[worker])
      }
    }
    let all = partial.reduce(Extrema()) { $0.joined($1) }
    var bounds = [all.minimum, -all.maximum, all.isFinite ? 1 : 0]
    try communicator.allReduce(&bounds, .min)
    return Extrema(minimum: bounds[0], maximum: -bounds[1], isFinite: bounds[2] == 1)
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private static func extrema(_ values: UnsafeMutablePointer<Scalar>, _ low: Int, _ high: Int, _ start: Extrema)
    -> Extrema
  {
    var (least, greatest) = (Scalar(start.minimum), Scalar(start.maximum))
    // A difference of finite numbers is finite or overflows, that of others is NaN: one sum shows any of them.
    var check: Scalar = 0
    for x in low..<high {
      least = values[x] < least ? values[x] : least
      greatest = values[x] > greatest ? values[x] : greatest
      check += values[x] - values[x]
    }
    return Extrema(minimum: Double(least), maximum: Double(greatest), isFinite: start.isFinite && check == 0)
  }

  /// The first cell, in memory order of the grid, whose value is not finite: its global indices.
  package func firstNonFinite(in field: Field<Scalar>) throws(MPIError) -> Triple? {
    var found = Int64.max
    let base = bases[field.slot]
    for z in 0..<layout.count.z {
      for y in 0..<layout.count.y {
        for x in 0..<layout.count.x where !base[layout.offset(Triple(x, y, z))].isFinite {
          found = Swift.min(found, Int64(grid.linearIndex(block.low &+ Triple(x, y, z))))
        }
      }
    }
    let first = Int(try communicator.allReduce(found, .min))
    return first == Int(Int64.max) ? nil : grid.cell(linearIndex: first)
  }

  /// 64 bits that depend on every bit of these fields' own cells and on where they are, not on how the grid is cut:
  /// a mixed word a cell, added up without carry loss.
  package func fingerprint(of fields: [Field<Scalar>]) throws(MPIError) -> UInt64 {
    var partial = [UInt64](repeating: 0, count: team.count)
    partial.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let partial = buffer
      forEachRow { row, worker in
        let start = UInt64(grid.linearIndex(block.low &+ Triple(0, row.y, row.z)))
        for (order, field) in fields.enumerated() {
          partial[worker] &+= Self.fingerprint(row[field].row, row.low, row.high, start, UInt64(order))
        }
      }
    }
    return try communicator.allReduce(partial.reduce(0, &+), .sum)
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private static func fingerprint(
    _ values: UnsafeMutablePointer<Scalar>, _ low: Int, _ high: Int, _ start: UInt64, _ order: UInt64
  ) -> UInt64 {
    var sum: UInt64 = 0
    for x in low..<high {
      // The finalizer of SplitMix64 (Steele, Lea, Flood 2014), once over the place and once over place and value.
      let place = mixed((start &+ UInt64(x)) &* 0x9e37_79b9_7f4a_7c15 &+ order)
      sum &+= mixed(place ^ values[x].pattern)
    }
    return sum
  }

  @inline(__always)
  private static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// Calls `body` for every row of own cells, on the threads of the team.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func forEachRow(time: Double = 0, dt: Double = 0, _ body: (Row<Scalar>, Int) -> Void) {
    let tiles = Tiles.divide(
      layout.interior, workers: team.count, lanes: Scalar.Vector.count, rowsInCache: layout.count.y)
    team.run { worker in
      for box in tiles[worker] {
        for z in box.low.z..<box.high.z {
          for y in box.low.y..<box.high.y {
            body(row(y, z, low: box.low.x, high: box.high.x, time: time, dt: dt, worker: worker), worker)
          }
        }
      }
    }
  }

  /// A line of own cells, outside of a step.
  @inline(__always)
  func row(_ y: Int, _ z: Int, low: Int, high: Int, time: Double = 0, dt: Double = 0, worker: Int = 0) -> Row<Scalar> {
    let offset = layout.offset(Triple(0, y, z))
    return Row(
      bases: UnsafePointer(bases), offset: offset, strideY: layout.strideY, strideZ: layout.strideZ, low: low,
      high: high, y: y, z: z, time: time, dt: dt, streams: false, ahead: UnsafePointer(bases[0]) + offset,
      ends: bases[0], worker: worker)
  }
}

/// The range of a field's values, over the whole grid.
public struct Extrema: Sendable, Equatable {
  public internal(set) var minimum = Double.infinity
  public internal(set) var maximum = -Double.infinity
  public internal(set) var isFinite = true

  func joined(_ other: Extrema) -> Extrema {
    Extrema(
      minimum: Swift.min(minimum, other.minimum), maximum: Swift.max(maximum, other.maximum),
      isFinite: isFinite && other.isFinite)
  }
}
