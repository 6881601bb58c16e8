internal import CLanes

/// What the rows of a tile have in common.
struct RowMaker<Scalar: Real> {
  let bases: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>
  let layout: Layout
  let box: Box
  let time: Double
  let dt: Double
  let worker: Int
  let lookahead: Lookahead
  let ends: UnsafeMutablePointer<Scalar>

  /// - Parameter ahead: the elements from the row to the one that is asked for meanwhile.
  @inline(__always)
  func row(_ y: Int, _ z: Int, lines: Int, streams: Bool, ahead: Int, continues: Bool = false) -> Row<Scalar> {
    let offset = y &* layout.strideY &+ z &* layout.strideZ
    return Row(
      bases: UnsafePointer(bases), offset: offset, strideY: layout.strideY, strideZ: layout.strideZ, low: box.low.x,
      high: box.high.x, y: y, z: z, time: time, dt: dt, streams: streams,
      ahead: UnsafePointer(bases[lookahead.slot] + (offset &+ ahead)), ends: ends, worker: worker, lines: lines,
      second: bases[lookahead.second] - bases[lookahead.slot], continues: continues)
  }

  /// The elements from a streamed row to the row that it asks for: in its own plane's neighbour or, at the tile's end,
  /// in the one after it.
  @inline(__always)
  var aheads: (within: Int, across: Int) {
    let within = lookahead.plane &+ lookahead.rows &* layout.strideY
    return (within, within &+ layout.strideZ &- box.count.y &* layout.strideY)
  }

  /// Asks for a part of the rows beside the tile that updating plane `z + 1` will be the first to need.
  ///
  /// - Parameter done: the rows of plane `z` that were updated since the last part; the tile's rows ask for all.
  @inline(__always)
  func askForRowsBeside(_ z: Int, _ done: Range<Int>) {
    let reach = lookahead.reachY
    // In narrow boxes rows would be far apart.
    guard z &+ 1 < box.high.z, 2 &* box.count.x > layout.strideY else { return }
    let plane = bases[lookahead.slot] + layout.offset(Triple(box.low.x, 0, z &+ 1 &+ lookahead.reachZ))
    let lanes = Scalar.Vector.count
    let vectors = box.count.x / lanes &+ 2
    let total = 2 &* reach &* vectors
    let rows = box.count.y
    var first = total &* (done.lowerBound &- box.low.y) / rows
    let last = total &* (done.upperBound &- box.low.y) / rows
    while first < last {
      let (row, start) = first.quotientAndRemainder(dividingBy: vectors)
      let count = min(vectors &- start, last &- first)
      let y = row < reach ? box.low.y &- reach &+ row : box.high.y &+ row &- reach
      var line = plane + (y &* layout.strideY &+ (start &- 1) &* lanes)
      for _ in 0..<count {
        lanes_prefetch(line)
        line += lanes
      }
      first = first &+ count
    }
  }
}

/// Which rows are asked for while rows are streamed.
struct Lookahead {
  /// The field that is read farthest.
  let slot: Int
  /// A second one that is read as far; the same where there is none.
  let second: Int
  let reachY: Int
  let reachZ: Int
  /// How many rows later a row is needed that is asked for now.
  let rows: Int
  /// Elements from a row to the row of the farthest plane that it needs.
  let plane: Int

  /// - Parameters:
  ///   - reach: how far the sweep reads.
  ///   - lanes: elements in 64 bytes.
  init(slot: Int, second: Int, reach: Int, layout: Layout, lanes: Int, streams: Bool) {
    self.slot = slot
    self.second = second
    reachY = min(reach, layout.reach.y)
    reachZ = min(reach, layout.reach.z)
    // About a hundred lines: less has not arrived when it is needed, much more pushes out what is.
    let lines = layout.strideY / lanes
    rows = streams ? (96 + lines - 1) / lines : 0
    plane = streams ? reachZ * layout.strideZ : 0
  }
}
