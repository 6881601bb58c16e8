public import CLanes

/// How copies of the first and last vector of rows lie in memory: for each field, for each of a few rows, these two.
/// Those of the row before the first one lie before them.
@usableFromInline
enum RowEnds {
  /// Rows of a field.
  @inlinable static var rows: Int { @inline(__always) get { 16 } }
  /// Elements of a row.
  @inlinable @inline(__always)
  static func stride<Scalar: Real>(of type: Scalar.Type) -> Int { 2 &* Scalar.Vector.count }
  /// Elements of a field, one line more than the rows take, so that fields do not compete for one set of a cache.
  @inlinable @inline(__always)
  static func size<Scalar: Real>(of type: Scalar.Type) -> Int { (2 &* rows &+ 3) &* Scalar.Vector.count }
}

/// Cells that a kernel updates in one call: a run of cells along x, or several such lines in one plane.
///
/// Iterating over a row gives its cells, a vector of lanes at a time:
///
///     Sweep("diffuse", reading: [u: 1], writing: [next]) { row in
///       let u = row[u], next = row[next]
///       for i in row { next[i] = u[i] + r * (u[i, -1] - (u[i] + u[i]) + u[i, +1]) }
///     }
@frozen
public struct Row<Scalar: Real>: Sequence {
  @usableFromInline let bases: UnsafePointer<UnsafeMutablePointer<Scalar>>
  @usableFromInline let offset: Int
  @usableFromInline let strideY: Int
  @usableFromInline let strideZ: Int
  /// The first cell, and the one behind the last, counted from the first own cell of this rank's block.
  @usableFromInline package let low: Int
  @usableFromInline package let high: Int
  /// The place of the row's first line in this rank's block: by it a kernel finds again what it left in scratch rows that
  /// go round, where the row `continues`.
  public let y: Int
  @usableFromInline package let z: Int
  /// The time at which the step starts, in seconds.
  public let time: Double
  /// The length of the step, in seconds.
  public let dt: Double
  @usableFromInline let streams: Bool
  // The row that the next row will need first, asked for while this one is computed; this row itself where that is in
  // cache anyway.
  @usableFromInline let ahead: UnsafePointer<Scalar>
  // From there to the same row of the second field that is read as far; 0 where there is none.
  @usableFromInline let second: Int
  // Where streamed rows leave a copy of their first and last vector, as `RowEnds` says, for the ghost cells that are
  // filled from them: what was streamed is far away.
  @usableFromInline let ends: UnsafeMutablePointer<Scalar>
  /// The thread that runs this row.
  @usableFromInline package let worker: Int
  // Lines of cells, one behind the other along y: what a call costs is paid once for all of them.
  @usableFromInline package let lines: Int
  /// Whether the line below the first one is what this sweep updated last, from the same cell along x to the same, on the
  /// same thread: what it left in scratch rows is there. Sweeps along one axis, which run together, need rows of their own
  /// for that.
  public let continues: Bool
  #if DEBUG
    // What the sweep has declared; nil outside of sweeps.
    @usableFromInline var contract: Contract<Scalar>?
  #endif

  @inlinable
  init(
    bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, offset: Int, strideY: Int, strideZ: Int, low: Int, high: Int,
    y: Int, z: Int, time: Double, dt: Double, streams: Bool, ahead: UnsafePointer<Scalar>,
    ends: UnsafeMutablePointer<Scalar>, worker: Int, lines: Int = 1, second: Int = 0, continues: Bool = false
  ) {
    self.second = second
    self.lines = lines
    self.continues = continues
    self.bases = bases
    self.offset = offset
    self.strideY = strideY
    self.strideZ = strideZ
    self.low = low
    self.high = high
    self.y = y
    self.z = z
    self.time = time
    self.dt = dt
    self.streams = streams
    self.ahead = ahead
    self.ends = ends
    self.worker = worker
  }

  /// The values of a field as seen from this row.
  @inlinable
  public subscript(_ field: Field<Scalar>) -> Stencil<Scalar> {
    @inline(__always) get { stencil(field.slot) }
  }

  /// The values that a field will have at the end of the step, which a kernel of `Step.advance` writes.
  @inlinable
  public subscript(next field: Field<Scalar>) -> Stencil<Scalar> {
    @inline(__always) get {
      if _slowPath(field.nextSlot < 0) { field.failWithoutSuccessor() }
      return stencil(field.nextSlot)
    }
  }

  @inlinable @inline(__always)
  func stencil(_ slot: Int) -> Stencil<Scalar> {
    var stencil = Stencil<Scalar>(
      row: bases[slot] + offset, strideY: strideY, strideZ: strideZ, ends: ends + RowEnds.size(of: Scalar.self) &* slot)
    #if DEBUG
      stencil.contract = contract?.check(slot)
      stencil.slot = slot
      stencil.lines = lines
    #endif
    return stencil
  }

  @inlinable @inline(__always)
  public func makeIterator() -> Cells<Scalar> {
    Cells(low: low, high: high, streams: streams, ahead: ahead, second: second, lines: lines, strideY: strideY)
  }
}

/// How a vector's cells are written.
@usableFromInline
enum Store {
  /// Whole, past the caches.
  @inlinable static var stream: Int { @inline(__always) get { 0 } }
  /// Whole.
  @inlinable static var whole: Int { @inline(__always) get { 1 } }
  /// The first lanes only, at the end of a line that is no multiple of a vector.
  @inlinable static var part: Int { @inline(__always) get { 2 } }
}

/// The cells of a row, a vector at a time.
@frozen
public struct Cells<Scalar: Real>: IteratorProtocol {
  // All counted from the first line's cell 0: the second line begins a stride later.
  @usableFromInline var x: Int
  @usableFromInline var high: Int
  // Vectors from here to `stop` are written in one way: one comparison tells that a vector needs no care.
  @usableFromInline var stop: Int
  @usableFromInline var store = 0
  // Where a copy of the vector goes: a line's first has a place of its own, the others overwrite each other, so that the
  // last one stays. No branch depends on which it is: a line's ends would be mispredicted.
  @usableFromInline var end = 0
  @usableFromInline var nextEnd = 0
  @usableFromInline var line = 0
  @usableFromInline let lines: Int
  @usableFromInline let strideY: Int
  // From a line's end to the next one's beginning.
  @usableFromInline let gap: Int
  @usableFromInline let streams: Bool
  @usableFromInline let ahead: UnsafePointer<Scalar>
  @usableFromInline let second: Int

  @inlinable @inline(__always)
  init(
    low: Int, high: Int, streams: Bool, ahead: UnsafePointer<Scalar>, second: Int, lines: Int, strideY: Int
  ) {
    self.second = second
    self.ahead = ahead
    x = low
    stop = low
    self.high = high
    self.streams = streams
    self.lines = lines
    self.strideY = strideY
    gap = strideY &- (high &- low)
  }

  @inlinable @inline(__always)
  public mutating func next() -> Cell<Scalar>? {
    if _slowPath(x == stop) {
      if x >= high {
        line = line &+ 1
        guard line < lines else { return nil }
        // Several lines are whole vectors each.
        x = x &+ gap
        high = high &+ strideY
      }
      chooseStore()
    }
    lanes_prefetch(ahead + x)
    if second != 0 { lanes_prefetch(ahead + (x &+ second)) }
    let cell = Cell<Scalar>(x: x, store: store, count: high &- x, end: end)
    x = x &+ Scalar.Vector.count
    end = nextEnd
    return cell
  }

  /// Finds how the vectors from `x` on are written, and up to where.
  @inlinable @inline(__always)
  mutating func chooseStore() {
    let width = Scalar.Vector.count
    let rest = high &- x
    if rest < width {
      store = Store.part
      stop = x &+ width
    } else {
      store = streams ? Store.stream : Store.whole
      stop = x &+ (rest & ~(width &- 1))
    }
    if streams {
      end = line &* RowEnds.stride(of: Scalar.self)
      nextEnd = end &+ width
      // The lines of ghost cells beside the row that is asked for.
      lanes_prefetch(ahead + (x &- width))
      lanes_prefetch(ahead + high)
    }
  }
}

/// The place of one vector of neighbouring cells in a row.
@frozen
public struct Cell<Scalar: Real> {
  @usableFromInline let x: Int
  @usableFromInline let store: Int
  // Cells left in the line, this vector's included: fewer than a vector at the line's end.
  @usableFromInline let count: Int
  @usableFromInline let end: Int
  #if DEBUG
    // Whether the vector may reach beyond the row, in kernels that go through several lines themselves.
    @usableFromInline var isWhole = false
  #endif

  @inlinable @inline(__always)
  init(x: Int, store: Int, count: Int, end: Int) {
    self.x = x
    self.store = store
    self.count = count
    self.end = end
  }

  /// How many of the vector's lanes are cells of this row.
  @inlinable
  public var lanes: Int { @inline(__always) get { count < Scalar.Vector.count ? count : Scalar.Vector.count } }
}

/// A field's values around the cells of a row.
@frozen
public struct Stencil<Scalar: Real> {
  @usableFromInline package let row: UnsafeMutablePointer<Scalar>
  @usableFromInline let strideY: Int
  @usableFromInline let strideZ: Int
  @usableFromInline let ends: UnsafeMutablePointer<Scalar>
  #if DEBUG
    @usableFromInline var contract: Contract<Scalar>?
    @usableFromInline var slot = 0
    @usableFromInline var lines = 1
  #endif

  @inlinable @inline(__always)
  init(row: UnsafeMutablePointer<Scalar>, strideY: Int, strideZ: Int, ends: UnsafeMutablePointer<Scalar>) {
    self.ends = ends
    self.row = row
    self.strideY = strideY
    self.strideZ = strideZ
  }

  /// The values of the cells `i`; setting them writes the cells of this row only.
  @inlinable
  public subscript(_ i: Cell<Scalar>) -> Scalar.Vector {
    @inline(__always) get {
      #if DEBUG
        contract?.checkRead(slot, 0, 0, 0, lines: 1)
      #endif
      return Scalar.Vector.load(row + i.x)
    }
    @inline(__always) nonmutating set {
      #if DEBUG
        contract?.checkWrite(slot)
      #endif
      if _fastPath(i.store == Store.stream) {
        newValue.stream(row + i.x)
        newValue.store(ends + i.end)
      } else if _fastPath(i.store == Store.whole) {
        newValue.store(row + i.x)
      } else {
        newValue.storeFirst(i.count, row + i.x)
      }
    }
  }

  /// The values so many cells away along an axis.
  @inlinable
  public subscript(_ i: Cell<Scalar>, _ axis: Axis, _ distance: Int) -> Scalar.Vector {
    @inline(__always) get {
      switch axis {
      case .x: self[i, distance]
      case .y: self[i, 0, distance]
      case .z: self[i, 0, 0, distance]
      }
    }
  }

  /// The values `x`, `y` and `z` cells away from the cells `i`.
  @inlinable
  public subscript(_ i: Cell<Scalar>, _ x: Int, _ y: Int = 0, _ z: Int = 0) -> Scalar.Vector {
    // The neighbouring line's address first: it is the same for the whole row.
    @inline(__always) get {
      #if DEBUG
        contract?.checkRead(slot, x, y, z, lines: i.isWhole ? lines : 1)
      #endif
      return Scalar.Vector.load((row + (y &* strideY &+ z &* strideZ)) + i.x, distance: x)
    }
  }
}
