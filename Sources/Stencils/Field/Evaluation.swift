internal import MPI

/// A function of position and time that sets a field cell by cell.
public enum CellFunction {
  /// The value at a cell's centre.
  case cells((Point) -> Double)
  /// The value at a cell's lower face across an axis, from the centres of the cells below and above the face. At a side
  /// of the grid both are the cell inside it.
  case faces(Axis, (_ below: Point, _ above: Point) -> Double)
  /// The value at the centre of a cell's lower face across an axis.
  case faceCenters(Axis, (Point) -> Double)

  /// The value of a quantity at a cell's centre.
  public static func quantity(_ quantity: Quantity) -> CellFunction {
    if let constant = quantity.constant { return .cells { _ in constant } }
    return .cells { quantity($0) }
  }
}

extension Domain {
  /// Sets every cell of a field, ghost cells included, from a function of position.
  ///
  /// Ghost cells beyond a side of the grid take the value of the nearest cell of the grid, ghost cells across a wrap
  /// that of the cell that they stand for, so that no exchange is needed.
  public func fill(_ field: Field<Scalar>, with function: CellFunction, at time: Double = 0) {
    team.run { worker in
      evaluate(function, into: bases[field.slot], at: time, worker: worker, workers: team.count)
    }
    haloMask |= 1 << UInt64(field.slot)
    field.isSet = true
  }

  /// Sets every cell of a field, ghost cells included, to a quantity's value at its centre.
  /// - Throws: when a value is not finite or outside the range that the parameter allows: the same error on every rank.
  public func fill(_ field: Field<Scalar>, with quantity: Quantity, at time: Double = 0) throws {
    fill(field, with: .quantity(quantity), at: time)
    try check(quantity, in: field, at: time)
  }

  /// One thread's part of the evaluation of a function, rows of ghost cells included.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func evaluate(
    _ function: CellFunction, into base: UnsafeMutablePointer<Scalar>, at time: Double, worker: Int, workers: Int
  ) {
    let padded = layout.padded
    let rows = padded.count.y * padded.count.z
    for row in (rows * worker / workers)..<(rows * (worker + 1) / workers) {
      var line = padded
      (line.low.y, line.low.z) = (padded.low.y + row % padded.count.y, padded.low.z + row / padded.count.y)
      (line.high.y, line.high.z) = (line.low.y + 1, line.low.z + 1)
      evaluate(function, into: base, at: time, in: line, worker: worker)
    }
  }

  /// Evaluates a function in a box of cells, ghost cells among them.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func evaluate(
    _ function: CellFunction, into base: UnsafeMutablePointer<Scalar>, at time: Double, in box: Box, worker: Int
  ) {
    let rows = box.count.y * box.count.z
    for row in 0..<rows {
      let y = box.low.y + row % box.count.y
      let z = box.low.z + row / box.count.y
      let cells = base + (y * layout.strideY + z * layout.strideZ)
      switch function {
      case .cells(let value):
        for x in box.low.x..<box.high.x {
          cells[x] = Scalar(value(grid.point(owner(Triple(x, y, z)), time: time, worker: worker)))
        }
      case .faceCenters(let axis, let value):
        for x in box.low.x..<box.high.x {
          cells[x] = Scalar(value(faceCenter(Triple(x, y, z), axis, time: time, worker: worker)))
        }
      case .faces(let axis, let value):
        for x in box.low.x..<box.high.x {
          var below = Triple(x, y, z)
          below[axis.rawValue] -= 1
          // Beyond the low side the cell below is the one above, and at the high side the cell above is the one below.
          cells[x] = Scalar(
            value(
              grid.point(owner(below), time: time, worker: worker),
              grid.point(owner(Triple(x, y, z)), time: time, worker: worker)))
        }
      }
    }
  }

  /// The centre of a cell's lower face across an axis; beyond the grid's sides that of the nearest face.
  private func faceCenter(_ local: Triple, _ axis: Axis, time: Double, worker: Int) -> Point {
    var point = grid.point(owner(local), time: time, worker: worker)
    let (index, count) = (block.low[axis.rawValue] &+ local[axis.rawValue], grid.cells[axis.rawValue])
    let face = periodic[axis.rawValue] ? (index % count + count) % count : min(max(index, 0), count)
    switch axis {
    case .x: point.x = grid.face(face, along: axis)
    case .y: point.y = grid.face(face, along: axis)
    case .z: point.z = grid.face(face, along: axis)
    }
    return point
  }

  /// The global indices of the cell that local indices stand for: itself, wrapped around, or the nearest inside.
  private func owner(_ local: Triple) -> Triple {
    var index = block.low &+ local
    for axis in 0..<3 {
      let count = grid.cells[axis]
      index[axis] =
        axis < grid.dimensions && periodic[axis]
        ? (index[axis] % count + count) % count : min(max(index[axis], 0), count - 1)
    }
    return index
  }

  /// Throws, on every rank, the complaint about the first cell whose value the parameter does not allow.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func check(_ quantity: Quantity, in field: Field<Scalar>, at time: Double) throws {
    let base = bases[field.slot]
    var first = Int64.max
    search: for z in 0..<layout.count.z {
      for y in 0..<layout.count.y {
        let cells = base + layout.offset(Triple(0, y, z))
        for x in 0..<layout.count.x where !quantity.range.contains(Double(cells[x])) {
          first = Int64(grid.linearIndex(block.low &+ Triple(x, y, z)))
          break search
        }
      }
    }
    let index = Int(try communicator.allReduce(first, .min))
    guard index != Int(Int64.max) else { return }
    let point = grid.point(grid.cell(linearIndex: index), time: time, worker: 0)
    let value = try quantity.checked(point, dimensions: grid.dimensions)
    // The value itself is right: what the field can hold of it is not.
    throw ConfigurationError(
      quantity.location,
      "\(quantity.name) is \(short(value)) at \(quantity.place(of: point, dimensions: grid.dimensions)), which single "
        + "precision does not hold: set precision = \"double\"")
  }

  /// Fills the ghost cells beyond the grid's sides from the own cells, for a time.
  package func fillBoundary(of field: Field<Scalar>, at time: Double) {
    let fill = fills[field.slot]
    team.run { worker in
      fill.update(time: time, changingOnly: false, worker: worker, workers: team.count)
    }
    forEachRow { row, _ in
      fill.fill(bases[field.slot], y: row.y, z: row.z, low: row.low, high: row.high)
    }
    haloMask &= ~(1 << UInt64(field.slot))
  }

  /// Copies this rank's own cells of a field, x fastest, without ghost cells.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func copyBlock(of field: Field<Scalar>, into block: UnsafeMutablePointer<Scalar>) {
    forEachRow { row, _ in
      let target = block + (row.y + layout.count.y * row.z) * layout.count.x
      (target + row.low).update(from: row[field].row + row.low, count: row.high - row.low)
    }
  }

  /// This rank's own cells of a field inside a box of global indices, x fastest.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func values(of field: Field<Scalar>, in box: Box) -> [Double] {
    var found: [Double] = []
    found.reserveCapacity(box.volume)
    for z in box.low.z..<max(box.low.z, box.high.z) {
      for y in box.low.y..<max(box.low.y, box.high.y) {
        let row = bases[field.slot] + layout.offset(Triple(0, y, z) &- Triple(0, block.low.y, block.low.z))
        for x in box.low.x..<max(box.low.x, box.high.x) { found.append(Double(row[x - block.low.x])) }
      }
    }
    return found
  }
}
