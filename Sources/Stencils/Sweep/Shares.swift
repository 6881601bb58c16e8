internal import Threads

/// Boxes of cells, divided among threads: tiles whose planes stay in a core's cache, cut into pieces so small that
/// threads which are done early can take some from others. Which thread updates a cell changes no bit of it.
final class Shares {
  /// A part of a tile: some of its planes, or rows where it has one plane.
  struct Piece {
    let tile: Box
    let part: Box

    /// Whether this piece's rows follow those of another in one plane, from the same cell along x to the same.
    func follows(_ other: Piece) -> Bool {
      part.count.z == 1 && part.low.z == other.part.low.z && other.part.count.z == 1
        && part.low.y == other.part.high.y && part.low.x == other.part.low.x && part.high.x == other.part.high.x
    }
  }

  private let pieces: [UnsafeMutableBufferPointer<Piece>]
  private let queues: WorkQueues

  /// - Parameters:
  ///   - boxes: what to divide, one after another.
  ///   - lanes: the cells of a vector; rows are cut at multiples of it only.
  ///   - rowsInCache: rows of a tile along y.
  init(_ boxes: [Box], workers: Int, lanes: Int, rowsInCache: Int) {
    let divided = boxes.map { Tiles.divide($0, workers: workers, lanes: lanes, rowsInCache: rowsInCache) }
    pieces = (0..<workers).map { worker in
      let found = Self.pieces(of: divided.flatMap { $0[worker] })
      let memory = UnsafeMutableBufferPointer<Piece>.allocate(capacity: found.count)
      _ = memory.initialize(from: found)
      return memory
    }
    queues = WorkQueues(workers: workers)
  }

  deinit { for memory in pieces { memory.deallocate() } }

  private static func pieces(of tiles: [Box]) -> [Piece] {
    func axis(_ tile: Box) -> Int { tile.count.z > 1 ? 2 : 1 }
    // The last piece of all is what a thread may have to wait for: a hundredth of its share, but long enough that what
    // its first plane reads anew does not count.
    let length = max(8, tiles.reduce(0) { $0 + $1.count[axis($1)] } / 128)
    return tiles.flatMap { tile in
      let axis = axis(tile)
      return stride(from: tile.low[axis], to: tile.high[axis], by: length).map { low in
        var part = tile
        part.low[axis] = low
        part.high[axis] = min(low + length, tile.high[axis])
        return Piece(tile: tile, part: part)
      }
    }
  }

  /// Lays out a worker's pieces; every worker does so before it takes any.
  @inline(__always)
  func begin(_ worker: Int) { queues.fill(worker, count: pieces[worker].count) }

  /// The next piece for a worker: one of its own or, when it has no more, of another; nil when all are taken.
  @inline(__always)
  func next(_ worker: Int) -> Piece? { queues.take(worker).map { pieces[$0.owner][$0.piece] } }
}
