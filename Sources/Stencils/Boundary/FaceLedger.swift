/// What has flowed through each side of the grid: the exact sum, over all its faces and over time, of
/// `weight * coefficient * (ghost - inner)`, booked by the rank that owns the cell behind the face. Being exact, it does
/// not depend on how the grid is cut.
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
  // A page for each thread and side: side `s` of thread `t` is page `6 t + s`.
  private let pages: LedgerPages
  private let isOpen: SIMD8<UInt8>

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
    pages = LedgerPages(count: 6 * domain.team.count)
    var isOpen = SIMD8<UInt8>.zero
    for side in domain.sides { isOpen[side.rawValue] = 1 }
    self.isOpen = isOpen
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
    if row.low <= 0, isOpen[0] != 0 {
      recordEnds(row, first..<last, 0, values, cell: 0, ghost: -1, face: 0, weight)
    }
    if row.high >= count.x, isOpen[1] != 0 {
      let cell = count.x &- 1
      recordEnds(row, first..<last, 1, values, cell: cell, ghost: count.x, face: count.x, weight)
    }
    // Few rows lie beside a side along y or z.
    if row.z == 0 || row.z == count.z &- 1 || row.y <= 0 || row.y &+ last >= count.y {
      for line in first..<last { recordSides(row.single(line), of: field, weight: weight) }
    }
  }

  /// Books the faces at one end of some lines.
  @inline(__always)
  private func recordEnds(
    _ row: Row<Scalar>, _ lines: Range<Int>, _ side: Int, _ values: UnsafeMutablePointer<Scalar>, cell: Int, ghost: Int,
    face: Int, _ weight: Double
  ) {
    let numbers = pages.room(for: lines.count, on: 6 &* row.worker &+ side)
    var offset = lines.lowerBound &* layout.strideY
    for index in 0..<lines.count {
      let difference = Double(values[offset &+ ghost] - values[offset &+ cell])
      numbers[index] = weight * coefficient(row, 0, offset &+ face) * difference
      offset = offset &+ layout.strideY
    }
  }

  /// Books the faces of a line that lies beside sides along y or z.
  private func recordSides(_ row: Row<Scalar>, of field: Field<Scalar>, weight: Double) {
    let (y, z, count) = (row.y, row.z, layout.count)
    let values = row[field].row
    let (strideY, strideZ) = (layout.strideY, layout.strideZ)
    if y == 0, isOpen[2] != 0 { record(row, 2, values, -strideY, 0, weight) }
    if y == count.y - 1, isOpen[3] != 0 { record(row, 3, values, strideY, strideY, weight) }
    if z == 0, isOpen[4] != 0 { record(row, 4, values, -strideZ, 0, weight) }
    if z == count.z - 1, isOpen[5] != 0 { record(row, 5, values, strideZ, strideZ, weight) }
  }

  @inline(__always)
  private func coefficient(_ row: Row<Scalar>, _ axis: Int, _ offset: Int) -> Double {
    slots[axis] < 0 ? uniform[axis] : Double((row.bases[slots[axis]] + row.offset)[offset])
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func record(
    _ row: Row<Scalar>, _ side: Int, _ values: UnsafeMutablePointer<Scalar>, _ ghost: Int, _ face: Int, _ weight: Double
  ) {
    let axis = side / 2
    let high = min(row.high, layout.count.x)
    var low = max(row.low, 0)
    while low < high {
      let count = min(LedgerPages.room, high &- low)
      let numbers = pages.room(for: count, on: 6 &* row.worker &+ side)
      let (inner, beyond) = (values + low, values + (low &+ ghost))
      if slots[axis] < 0 {
        let factor = weight * uniform[axis]
        for x in 0..<count { numbers[x] = factor * Double(beyond[x] - inner[x]) }
      } else {
        let faces = row.bases[slots[axis]] + (row.offset &+ face &+ low)
        for x in 0..<count { numbers[x] = weight * Double(faces[x]) * Double(beyond[x] - inner[x]) }
      }
      low = low &+ count
    }
  }

  /// The sum over a side's faces of all that was recorded. Every rank calls it; all get the same bits.
  public func total(through side: Side) throws -> Double { try exactTotal(through: side).value }

  private func exactTotal(through side: Side) throws -> ExactSum {
    try domain.exactTotal(pages.total(of: stride(from: side.rawValue, to: 6 * domain.team.count, by: 6)))
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
extension FaceLedger: Ledger {
  package var names: [String] { domain.openSides.map { "through \($0)" } }

  package func totals() throws -> [ExactSum] { try domain.openSides.map { try exactTotal(through: $0) } }

  package func set(_ totals: [ExactSum]) {
    pages.clear()
    guard domain.communicator.rank == 0 else { return }
    for (side, total) in zip(domain.openSides, totals) { pages.add(total, to: side.rawValue) }
  }
}

extension Domain {
  /// The sides of the grid at which it does not wrap around.
  public var openSides: [Side] { Side.all(dimensions: grid.dimensions).filter { !periodic[$0.axis.rawValue] } }
}
