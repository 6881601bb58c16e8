/// What has flowed through each side of the grid: for every face the sum over time of
/// `weight * coefficient * (ghost - inner)`, added up in the order of time by the rank that owns the cell behind the
/// face, so that it does not depend on how the grid is cut.
///
/// With the coefficient of a diffusive flux this is the scheme's own flux, and the budget closes to rounding.
public final class FaceLedger<Scalar: Real> {
  /// The coefficient of the flux through a face across each axis.
  public enum Coefficients {
    /// The same at all faces across an axis; one a dimension.
    case uniform([Double])
    /// A field an axis that holds it at every cell's lower face.
    case fields([Field<Scalar>])
  }

  package unowned let domain: Domain<Scalar>
  private let coefficients: Coefficients
  private let uniform: SIMD3<Double>
  private let slots: Triple
  private let layout: Layout
  // The two faces at a row's ends lie apart in memory from those of the next: they are added up exactly, in any order,
  // by each thread for itself, low and high.
  private let ends: [ExactSum]
  // What a thread has still to add there, up to `room` numbers a side, and how many they are: a row then costs a store,
  // with no reference counted. Counts of different threads lie in different cache lines.
  private let pending: UnsafeMutablePointer<Double>
  private let pendingCounts: UnsafeMutablePointer<Int>
  private static var room: Int { 256 }
  private let isOpenAlongX: (low: Bool, high: Bool)
  // For y and z one plane a side, of as many numbers as the side has faces on this rank; nil where the rank has none.
  private let planes: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>

  public init(on domain: Domain<Scalar>, coefficients: Coefficients) {
    self.domain = domain
    self.coefficients = coefficients
    layout = domain.layout
    var uniform = SIMD3<Double>.zero
    var slots = Triple(repeating: -1)
    for axis in 0..<domain.grid.dimensions {
      switch coefficients {
      case .uniform(let values): uniform[axis] = values[axis]
      case .fields(let fields): slots[axis] = fields[axis].slot
      }
    }
    self.uniform = uniform
    self.slots = slots
    ends = (0..<(2 * domain.team.count)).map { _ in ExactSum() }
    pending = .allocate(capacity: ends.count * Self.room)
    pending.initialize(repeating: 0, count: ends.count * Self.room)
    pendingCounts = .allocate(capacity: ends.count * 8)
    pendingCounts.initialize(repeating: 0, count: ends.count * 8)
    isOpenAlongX = (domain.sides.contains(.xLow), domain.sides.contains(.xHigh))
    planes = .allocate(capacity: 6)
    for side in Side.allCases {
      var plane: UnsafeMutablePointer<Double>?
      if side.axis != .x, domain.sides.contains(side) {
        let count = Self.faces(side, layout)
        plane = .allocate(capacity: count)
        plane!.initialize(repeating: 0, count: count)
      }
      (planes + side.rawValue).initialize(to: plane)
    }
  }

  deinit {
    for side in 0..<6 { planes[side]?.deallocate() }
    planes.deallocate()
    pending.deallocate()
    pendingCounts.deallocate()
  }

  private static func faces(_ side: Side, _ layout: Layout) -> Int {
    layout.count.x * layout.count.y * layout.count.z / layout.count[side.axis.rawValue]
  }

  /// Adds what flows, during `weight` seconds, through the faces beside this row.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func record(_ row: Row<Scalar>, of field: Field<Scalar>, weight: Double) {
    let count = layout.count
    // Cells of other ranks that are computed along with the own ones are booked by their owners.
    let first = max(0, -row.y)
    let last = min(row.lines, count.y &- row.y)
    guard first < last, row.z >= 0, row.z < count.z else { return }
    let values = row[field].row
    if row.low <= 0, isOpenAlongX.low {
      recordEnds(row, first..<last, 2 &* row.worker, values, cell: 0, ghost: -1, face: 0, weight)
    }
    if row.high >= count.x, isOpenAlongX.high {
      let cell = count.x &- 1
      recordEnds(row, first..<last, 2 &* row.worker &+ 1, values, cell: cell, ghost: count.x, face: count.x, weight)
    }
    // Few rows lie beside a side along y or z.
    if row.z == 0 || row.z == count.z &- 1 || row.y <= 0 || row.y &+ last >= count.y {
      for line in first..<last { recordSides(row.single(line), of: field, weight: weight) }
    }
  }

  /// Books the faces at one end of some lines.
  @inline(__always)
  private func recordEnds(
    _ row: Row<Scalar>, _ lines: Range<Int>, _ end: Int, _ values: UnsafeMutablePointer<Scalar>, cell: Int, ghost: Int,
    face: Int, _ weight: Double
  ) {
    if pendingCounts[8 &* end] &+ lines.count > Self.room { addPending(toEnd: end) }
    var place = end &* Self.room &+ pendingCounts[8 &* end]
    var offset = lines.lowerBound &* layout.strideY
    for _ in lines {
      let difference = Double(values[offset &+ ghost] - values[offset &+ cell])
      pending[place] = weight * coefficient(row, 0, offset &+ face) * difference
      place = place &+ 1
      offset = offset &+ layout.strideY
    }
    pendingCounts[8 &* end] = place &- end &* Self.room
  }

  /// Books the faces of a line that lies beside sides along y or z.
  private func recordSides(_ row: Row<Scalar>, of field: Field<Scalar>, weight: Double) {
    let (y, z, count) = (row.y, row.z, layout.count)
    let values = row[field].row
    if y == 0, let plane = planes[2] { record(row, plane + count.x * z, values, 1, -layout.strideY, 0, weight) }
    if y == count.y - 1, let plane = planes[3] {
      record(row, plane + count.x * z, values, 1, layout.strideY, layout.strideY, weight)
    }
    if z == 0, let plane = planes[4] { record(row, plane + count.x * y, values, 2, -layout.strideZ, 0, weight) }
    if z == count.z - 1, let plane = planes[5] {
      record(row, plane + count.x * y, values, 2, layout.strideZ, layout.strideZ, weight)
    }
  }

  @inline(never)
  private func addPending(toEnd end: Int) {
    for index in 0..<pendingCounts[8 * end] { ends[end].add(pending[end * Self.room + index]) }
    pendingCounts[8 * end] = 0
  }

  @inline(__always)
  private func coefficient(_ row: Row<Scalar>, _ axis: Int, _ offset: Int) -> Double {
    slots[axis] < 0 ? uniform[axis] : Double((row.bases[slots[axis]] + row.offset)[offset])
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func record(
    _ row: Row<Scalar>, _ plane: UnsafeMutablePointer<Double>, _ values: UnsafeMutablePointer<Scalar>, _ axis: Int,
    _ ghost: Int, _ face: Int, _ weight: Double
  ) {
    let cells = max(row.low, 0)..<max(min(row.high, layout.count.x), max(row.low, 0))
    if slots[axis] < 0 {
      let factor = weight * uniform[axis]
      for x in cells { plane[x] += factor * Double(values[x + ghost] - values[x]) }
    } else {
      let faces = row.bases[slots[axis]] + (row.offset + face)
      for x in cells { plane[x] += weight * Double(faces[x]) * Double(values[x + ghost] - values[x]) }
    }
  }

  /// The sum over a side's faces of all that was recorded. Every rank calls it; all get the same bits.
  public func total(through side: Side) throws -> Double {
    let sum = ExactSum()
    if side.axis == .x {
      for end in stride(from: side.isHigh ? 1 : 0, to: ends.count, by: 2) {
        addPending(toEnd: end)
        sum.add(ends[end])
      }
    }
    if let plane = planes[side.rawValue] {
      for face in 0..<Self.faces(side, layout) { sum.add(plane[face]) }
    }
    return try domain.total(sum)
  }

  /// What flows through each side at this instant, per second: the sum over its faces of
  /// `coefficient * (ghost - inner)`. Every rank calls it.
  public func rates(of field: Field<Scalar>) throws -> [Side: Double] {
    let instant = FaceLedger(on: domain, coefficients: coefficients)
    domain.forEachRow { row, _ in instant.record(row, of: field, weight: 1) }
    var rates: [Side: Double] = [:]
    for side in domain.openSides { rates[side] = try instant.total(through: side) }
    return rates
  }
}

// What a checkpoint holds of it.
extension FaceLedger {
  /// What has flowed through the two ends of x, added up exactly over all ranks. Every rank calls it.
  package func endTotals() throws -> [ExactSum] {
    try [0, 1].map { first in
      let sum = ExactSum()
      for end in stride(from: first, to: ends.count, by: 2) {
        addPending(toEnd: end)
        sum.add(ends[end])
      }
      return try domain.exactTotal(sum)
    }
  }

  /// Puts back what `endTotals` gave. Every rank calls it with the same sums, of which one rank keeps all.
  package func setEndTotals(_ totals: [ExactSum]) {
    for end in ends.indices {
      pendingCounts[8 * end] = 0
      ends[end].clear()
      if end < 2, domain.communicator.rank == 0 { ends[end].add(totals[end]) }
    }
  }

  /// The numbers kept for the faces of a side across y or z, one a face, and where they lie: this rank's block with one
  /// layer of cells across the side. Nil where the rank has no such face.
  package func faces(of side: Side) -> (values: UnsafeMutablePointer<Double>, box: Box)? {
    guard let plane = planes[side.rawValue] else { return nil }
    var box = domain.block
    (box.low[side.axis.rawValue], box.high[side.axis.rawValue]) = (0, 1)
    return (plane, box)
  }
}

extension Domain {
  /// The sides of the grid at which it does not wrap around.
  public var openSides: [Side] { Side.all(dimensions: grid.dimensions).filter { !periodic[$0.axis.rawValue] } }
}
