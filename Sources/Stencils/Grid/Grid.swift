/// A triple of integers along x, y and z.
public typealias Triple = SIMD3<Int>

/// The global index space: a box of equal cells in one, two or three dimensions.
///
/// Cell `i` along an axis covers `origin + i h ..< origin + (i + 1) h`; values live at cell centres. Axes that a grid
/// does not have count one cell.
public struct Grid: Equatable, Sendable {
  /// Cells along x, y, z; 1 along axes beyond `dimensions`.
  public let cells: Triple
  /// 1, 2 or 3.
  public let dimensions: Int
  /// Metres along x, y, z; 1 along axes beyond `dimensions`.
  public let extent: SIMD3<Double>
  /// The lower corner in metres.
  public let origin: SIMD3<Double>
  /// What the axes are called: the second of a vertical slice is z.
  public let axisNames: [String]

  /// - Parameters:
  ///   - cells: one to three positive numbers.
  ///   - extent: as many positive lengths in metres.
  ///   - origin: as many coordinates in metres; zero where not given.
  ///   - axisNames: as many names; x, y and z where not given.
  public init(cells: [Int], extent: [Double], origin: [Double]? = nil, axisNames: [String]? = nil) {
    self.axisNames = axisNames ?? Array(["x", "y", "z"].prefix(cells.count))
    require((1...3).contains(cells.count) && cells.allSatisfy { $0 > 0 }, "a grid has 1 to 3 positive cell counts")
    require(extent.count == cells.count && extent.allSatisfy { $0 > 0 }, "a grid has a positive length an axis")
    dimensions = cells.count
    self.cells = Triple(cells + Array(repeating: 1, count: 3 - cells.count))
    self.extent = SIMD3(extent + Array(repeating: 1, count: 3 - cells.count))
    let origin = origin ?? []
    self.origin = SIMD3(origin + Array(repeating: 0, count: 3 - origin.count))
  }

  /// The axes that the grid has.
  public var axes: [Axis] { Array(Axis.allCases.prefix(dimensions)) }
  /// Cell widths in metres.
  public var spacing: SIMD3<Double> { extent / SIMD3<Double>(cells) }
  /// The volume of a cell: m, m² or m³ by the number of dimensions.
  public var cellVolume: Double { axes.reduce(1) { $0 * spacing[$1.rawValue] } }
  /// The area of a cell's face across `axis`: 1, m or m² by the number of dimensions.
  public func faceArea(across axis: Axis) -> Double {
    axes.filter { $0 != axis }.reduce(1) { $0 * spacing[$1.rawValue] }
  }
  /// The number of cells.
  public var cellCount: Int { cells.x * cells.y * cells.z }

  /// The place of a cell in memory order, x fastest, and back.
  package func linearIndex(_ cell: Triple) -> Int { cell.x + cells.x * (cell.y + cells.y * cell.z) }
  package func cell(linearIndex index: Int) -> Triple {
    Triple(index % cells.x, index / cells.x % cells.y, index / (cells.x * cells.y))
  }

  /// The centre of a cell in metres, the same bits on every rank.
  public func center(_ index: Int, along axis: Axis) -> Double {
    origin[axis.rawValue] + (Double(index) + 0.5) * spacing[axis.rawValue]
  }
  /// A face between cells, `index` from 0 to the number of cells, in metres.
  public func face(_ index: Int, along axis: Axis) -> Double {
    index == cells[axis.rawValue]
      ? origin[axis.rawValue] + extent[axis.rawValue] : origin[axis.rawValue] + Double(index) * spacing[axis.rawValue]
  }
}
