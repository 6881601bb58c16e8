/// What kernels in flux form need beside the cells of a row: its lines one by one, the faces between cells, and what the
/// cells of a line have in common.
extension Row {
  /// The lines of cells that this row has, one behind the other along y.
  @inlinable public var lineCount: Int { @inline(__always) get { lines } }

  /// One of its lines, as a row of one line.
  @inlinable @inline(__always)
  public func single(_ index: Int) -> Row {
    var single = Row(
      bases: bases, offset: offset &+ index &* strideY, strideY: strideY, strideZ: strideZ, low: low, high: high,
      y: y &+ index, z: z, time: time, dt: dt, streams: streams, ahead: ahead + index &* strideY,
      ends: ends + index &* RowEnds.stride(of: Scalar.self), worker: worker, second: second)
    #if DEBUG
      single.contract = contract
    #endif
    return single
  }

  /// Vectors that cover the faces of the first line's cells across x, the high end's included: face `i` is the lower one
  /// of cell `i`. Lanes behind the last face hold numbers without a meaning. Only scratch rows take such vectors.
  @inlinable public var faces: WholeCells<Scalar> { @inline(__always) get { WholeCells(from: low, through: high) } }

  /// Vectors that cover the first line's cells and at least `margin` more on either side, for scratch rows.
  @inlinable @inline(__always)
  public func cells(margin: Int) -> WholeCells<Scalar> { WholeCells(from: low &- margin, through: high &+ margin &- 1) }

  /// The value of a profile for the first line, or `offset` cells above it.
  @inlinable @inline(__always)
  public func value(of profile: Profile<Scalar>, _ offset: Int = 0) -> Scalar.Vector {
    Scalar.Vector(profile.values[(profile.alongZ ? z : y) &+ offset])
  }

  /// A scratch row of the thread that runs this row.
  @inlinable @inline(__always)
  public subscript(scratch: Scratch<Scalar>, index: Int) -> ScratchRow<Scalar> {
    ScratchRow(row: scratch.base + (worker &* scratch.workerStride &+ index &* scratch.rowStride))
  }
}

extension Row {
  /// The first vector of cells, for what is computed ahead of the cells.
  @inlinable public var first: Cell<Scalar> { @inline(__always) get { Cell(wholeAt: low) } }
}

extension Cell {
  /// The vector of cells behind these, of which lanes beyond the row's end hold numbers without a meaning. For reading.
  @inlinable public var following: Cell { @inline(__always) get { Cell(wholeAt: x &+ Scalar.Vector.count) } }

  @inlinable @inline(__always)
  init(wholeAt x: Int) {
    self.init(x: x, store: Store.whole, count: Scalar.Vector.count, end: 0)
    #if DEBUG
      isWhole = true
    #endif
  }
}

/// Whole vectors along a line.
@frozen
public struct WholeCells<Scalar: Real>: Sequence, IteratorProtocol {
  @usableFromInline var x: Int
  @usableFromInline let last: Int

  @inlinable @inline(__always)
  init(from first: Int, through last: Int) {
    x = first
    self.last = last
  }

  @inlinable @inline(__always)
  public mutating func next() -> Cell<Scalar>? {
    guard x <= last else { return nil }
    defer { x = x &+ Scalar.Vector.count }
    return Cell(wholeAt: x)
  }
}

/// Rows of numbers that each thread has for itself, for what a kernel computes once and uses twice.
@frozen
public struct Scratch<Scalar: Real> {
  @usableFromInline let base: UnsafeMutablePointer<Scalar>
  @usableFromInline let rowStride: Int
  @usableFromInline let workerStride: Int
}

/// One row of scratch, indexed as fields are.
@frozen
public struct ScratchRow<Scalar: Real> {
  @usableFromInline let row: UnsafeMutablePointer<Scalar>

  @inlinable @inline(__always)
  init(row: UnsafeMutablePointer<Scalar>) { self.row = row }

  @inlinable
  public subscript(_ i: Cell<Scalar>) -> Scalar.Vector {
    @inline(__always) get { Scalar.Vector.load(row + i.x) }
    @inline(__always) nonmutating set { newValue.store(row + i.x) }
  }
  /// The values `x` cells away.
  @inlinable
  public subscript(_ i: Cell<Scalar>, _ x: Int) -> Scalar.Vector {
    @inline(__always) get { Scalar.Vector.load(row + (i.x &+ x)) }
  }
}

/// One number for each line of cells or for each plane, by its place along y or z.
@frozen
public struct Profile<Scalar: Real> {
  @usableFromInline let values: UnsafeMutablePointer<Scalar>
  @usableFromInline let alongZ: Bool
}

/// Memory that lives as long as its domain.
final class Holding<Scalar: Real> {
  let memory: UnsafeMutablePointer<Scalar>
  init(_ count: Int) {
    memory = Storage.allocate(count, of: Scalar.self)
    memory.initialize(repeating: 0, count: count)
  }
  deinit { Storage.free(memory) }
}

extension Domain {
  /// Makes scratch rows, so many for each thread, as long as this rank's rows with their ghost cells and a margin of a
  /// vector and more on either side.
  public func scratch(rows: Int) -> Scratch<Scalar> {
    let lanes = Scalar.Vector.count
    let margin = (layout.ghost.x + lanes - 1) / lanes + 1
    // An odd number of lines, so that rows do not compete for one set of a cache.
    let lines = ((layout.count.x + lanes - 1) / lanes + 2 * margin + 2) | 1
    let stride = rows * lines * lanes
    let holding = Holding<Scalar>(team.count * stride + 16 * lanes)
    held.append(holding)
    return Scratch(base: holding.memory + margin * lanes, rowStride: lines * lanes, workerStride: stride)
  }

  /// Makes a profile along y or z: the value of every cell centre or of every cell's lower face, so many cells beyond
  /// both ends of this rank's block as it has ghost cells, and one more.
  /// - Parameters:
  ///   - axis: y or z.
  ///   - atFaces: whether values are those of lower faces instead of centres.
  ///   - value: a function of the coordinate in metres, also beyond the grid.
  public func profile(along axis: Axis, atFaces: Bool = false, _ value: (Double) -> Double) -> Profile<Scalar> {
    require(axis != .x, "a profile has one value a line of cells: along y or z")
    let ghost = layout.ghost[axis.rawValue]
    let count = layout.count[axis.rawValue] + 2 * ghost + 1
    let holding = Holding<Scalar>(count)
    held.append(holding)
    for index in 0..<count {
      let cell = block.low[axis.rawValue] + index - ghost
      // Not `face`, which knows the grid's own faces only.
      let place =
        grid.origin[axis.rawValue] + (Double(cell) + (atFaces ? 0 : 0.5)) * grid.spacing[axis.rawValue]
      holding.memory[index] = Scalar(value(place))
    }
    return Profile(values: holding.memory + ghost, alongZ: axis == .z)
  }

  /// Fills a field's ghost cells beyond the grid's sides by its rules, from its own cells.
  public func applyBoundary(of field: Field<Scalar>, at time: Double = 0) { fillBoundary(of: field, at: time) }

  /// Runs a kernel over every line of own cells once, outside of a step.
  public func compute(_ body: (Row<Scalar>) -> Void) { forEachRow { row, _ in body(row) } }
}
