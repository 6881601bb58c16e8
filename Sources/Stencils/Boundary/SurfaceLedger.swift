/// What has flowed into a set of cells inside the grid through their common surface with all others, such as regions
/// that are held at a temperature: the exact sum, over all faces of the surface and over time, of
/// `weight * coefficient * (outside - inside)`, booked by the rank that owns the inner cell.
public final class SurfaceLedger<Scalar: Real> {
  private struct Face {
    // Elements from the row's cell x = 0 to the inner cell, and from there to the cell outside and to the face.
    let inside: Int
    let outside: Int
    let slot: Int
    let coefficient: Int
  }

  private unowned let domain: Domain<Scalar>
  private let coefficients: [Field<Scalar>]
  private let isInside: (Point) -> Bool
  // Faces in the order of rows, and where each row's begin.
  private let faces: UnsafeMutableBufferPointer<Face>
  private let starts: UnsafeMutableBufferPointer<Int>
  private let rowsAlongY: Int
  private let planesAlongZ: Int
  // A page a thread.
  private let pages: LedgerPages

  /// - Parameters:
  ///   - domain: where the fields are.
  ///   - coefficients: a field an axis that holds the coefficient at every cell's lower face.
  ///   - isInside: whether the cell with this centre belongs to the set.
  public init(on domain: Domain<Scalar>, coefficients: [Field<Scalar>], isInside: @escaping (Point) -> Bool) {
    self.domain = domain
    self.coefficients = coefficients
    self.isInside = isInside
    let layout = domain.layout
    let strides = [1, layout.strideY, layout.strideZ]
    var found: [Face] = []
    var starts: [Int] = []
    for z in 0..<layout.count.z {
      for y in 0..<layout.count.y {
        starts.append(found.count)
        for x in 0..<layout.count.x {
          let cell = domain.block.low &+ Triple(x, y, z)
          guard isInside(domain.grid.point(cell, time: 0, worker: 0)) else { continue }
          for axis in domain.grid.axes {
            for step in [-1, 1] {
              guard let other = domain.cell(cell, step, along: axis),
                !isInside(domain.grid.point(other, time: 0, worker: 0))
              else { continue }
              let stride = strides[axis.rawValue]
              found.append(
                Face(
                  inside: x, outside: x + step * stride, slot: coefficients[axis.rawValue].slot,
                  coefficient: step < 0 ? x : x + stride))
            }
          }
        }
      }
    }
    starts.append(found.count)
    rowsAlongY = layout.count.y
    planesAlongZ = layout.count.z
    pages = LedgerPages(count: domain.team.count)
    faces = .allocate(capacity: found.count)
    _ = faces.initialize(from: found)
    self.starts = .allocate(capacity: starts.count)
    _ = self.starts.initialize(from: starts)
  }

  deinit {
    faces.deallocate()
    starts.deallocate()
  }

  /// Adds what flows, during `weight` seconds, into the set's cells of this row.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public func record(_ row: Row<Scalar>, of field: Field<Scalar>, weight: Double) {
    for line in 0..<row.lines { recordLine(row.single(line), of: field, weight: weight) }
  }

  private func recordLine(_ row: Row<Scalar>, of field: Field<Scalar>, weight: Double) {
    // Cells of other ranks that are computed along with the own ones are booked by their owners.
    guard row.y >= 0, row.y < rowsAlongY, row.z >= 0, row.z < planesAlongZ else { return }
    let index = row.y + rowsAlongY * row.z
    guard starts[index] < starts[index + 1] else { return }
    let values = row[field].row
    for face in starts[index]..<starts[index + 1] {
      let inside = faces[face].inside
      guard inside >= row.low, inside < row.high else { continue }
      let coefficient = Double((row.bases[faces[face].slot] + row.offset)[faces[face].coefficient])
      pages.room(for: 1, on: row.worker)[0] =
        weight * coefficient * Double(values[faces[face].outside] - values[inside])
    }
  }

  /// All that was recorded. Every rank calls it; all get the same bits.
  public func total() throws -> Double { try exactTotal().value }

  private func exactTotal() throws -> ExactSum { try domain.exactTotal(pages.total(of: 0..<domain.team.count)) }

  /// What flows into the set at this instant, per second. Every rank calls it.
  public func rate(of field: Field<Scalar>) throws -> Double {
    // A cell outside may be another rank's, and the last sweep has not told.
    try domain.refreshHalos(of: [field])
    let instant = SurfaceLedger(on: domain, coefficients: coefficients, isInside: isInside)
    domain.forEachRow { row, _ in instant.record(row, of: field, weight: 1) }
    return try instant.total()
  }
}

// What a checkpoint holds of it.
extension SurfaceLedger: Ledger {
  package var names: [String] { ["through surface"] }

  package func totals() throws -> [ExactSum] { [try exactTotal()] }

  package func set(_ totals: [ExactSum]) {
    pages.clear()
    if domain.communicator.rank == 0 { pages.add(totals[0], to: 0) }
  }
}

extension Domain {
  /// The cell `step` cells away, wrapped around where the grid does, nil beyond a side.
  func cell(_ cell: Triple, _ step: Int, along axis: Axis) -> Triple? {
    var other = cell
    other[axis.rawValue] += step
    let count = grid.cells[axis.rawValue]
    if periodic[axis.rawValue] { other[axis.rawValue] = (other[axis.rawValue] + count) % count }
    return (0..<count).contains(other[axis.rawValue]) ? other : nil
  }
}
