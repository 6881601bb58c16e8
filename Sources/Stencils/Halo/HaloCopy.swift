/// Copies boxes of cells into messages and back.
enum HaloCopy<Scalar: Real> {
  typealias Bases = UnsafePointer<UnsafeMutablePointer<Scalar>>

  /// Copies a thread's part of the rows of a box into a message, field after field.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  static func pack(
    _ bases: Bases, _ slots: [Int], _ layout: Layout, _ box: Box, _ message: UnsafeMutablePointer<Scalar>,
    _ worker: Int, _ workers: Int
  ) {
    eachRun(bases, slots, layout, box, message, worker, workers) { cells, packed, rows, width, pitch in
      copy(cells, pitch, to: packed, width, rows: rows, width: width)
    }
  }

  /// Copies a thread's part of the rows of a box from a message.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  static func unpack(
    _ bases: Bases, _ slots: [Int], _ layout: Layout, _ box: Box, _ message: UnsafeMutablePointer<Scalar>,
    _ worker: Int, _ workers: Int
  ) {
    eachRun(bases, slots, layout, box, message, worker, workers) { cells, packed, rows, width, pitch in
      copy(packed, width, to: cells, pitch, rows: rows, width: width)
    }
  }

  /// Copies a thread's part of the rows of a box into another box of the same size.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  static func wrap(
    _ bases: Bases, _ slots: [Int], _ layout: Layout, _ box: Box, _ target: Box, _ worker: Int, _ workers: Int
  ) {
    let shift = layout.offset(target.low) &- layout.offset(box.low)
    eachRun(bases, slots, layout, box, bases[0], worker, workers) { cells, _, rows, width, pitch in
      copy(cells, pitch, to: cells + shift, pitch, rows: rows, width: width)
    }
  }

  /// Calls `body` for each plane of a thread's part: where its first cell is in the field and in the message, how many
  /// rows there are, how long one is, and from one to the next in the field.
  @inline(__always)
  private static func eachRun(
    _ bases: Bases, _ slots: [Int], _ layout: Layout, _ box: Box, _ message: UnsafeMutablePointer<Scalar>,
    _ worker: Int, _ workers: Int,
    _ body: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int, Int, Int) -> Void
  ) {
    let count = box.count
    let rows = count.y &* count.z
    let (first, end) = (rows &* worker / workers, rows &* (worker &+ 1) / workers)
    guard first < end else { return }
    for (order, slot) in slots.enumerated() {
      let base = bases[slot] + layout.offset(box.low)
      let part = message + order &* rows &* count.x
      var row = first
      var (z, y) = first.quotientAndRemainder(dividingBy: count.y)
      while row < end {
        let run = min(end &- row, count.y &- y)
        body(
          base + (y &* layout.strideY &+ z &* layout.strideZ), part + row &* count.x, run, count.x, layout.strideY)
        row &+= run
        (z, y) = (z &+ 1, 0)
      }
    }
  }

  /// Copies rows; short ones, as towards neighbours along x, a vector each.
  @inline(__always)
  private static func copy(
    _ from: UnsafeMutablePointer<Scalar>, _ fromPitch: Int, to: UnsafeMutablePointer<Scalar>, _ toPitch: Int,
    rows: Int, width: Int
  ) {
    switch width {
    case 1: short(Scalar.self, from, fromPitch, to, toPitch, rows)
    case 2: short(SIMD2<Scalar>.self, from, fromPitch, to, toPitch, rows)
    case 4: short(SIMD4<Scalar>.self, from, fromPitch, to, toPitch, rows)
    case 8: short(SIMD8<Scalar>.self, from, fromPitch, to, toPitch, rows)
    case 3, 5, 6, 7:
      for row in 0..<rows {
        let (a, b) = (from + row &* fromPitch, to + row &* toPitch)
        for x in 0..<width { b[x] = a[x] }
      }
    default:
      for row in 0..<rows { (to + row &* toPitch).update(from: from + row &* fromPitch, count: width) }
    }
  }

  /// Copies rows of as many cells as a unit has.
  @inline(__always)
  private static func short<Unit>(
    _ unit: Unit.Type, _ from: UnsafeMutablePointer<Scalar>, _ fromPitch: Int, _ to: UnsafeMutablePointer<Scalar>,
    _ toPitch: Int, _ rows: Int
  ) {
    for row in 0..<rows {
      let cells = UnsafeRawPointer(from + row &* fromPitch).loadUnaligned(as: Unit.self)
      UnsafeMutableRawPointer(to + row &* toPitch).storeBytes(of: cells, as: Unit.self)
    }
  }
}
