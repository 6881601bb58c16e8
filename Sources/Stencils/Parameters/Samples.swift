/// A quantity given as a variable of a file, on a rectilinear grid of its own: linear along each axis between samples,
/// constant beyond the outermost.
///
/// A rank holds the samples around its own cells only.
// Unchecked: what `load` changes is read only after it, by threads that start later.
public final class Samples: @unchecked Sendable, CustomStringConvertible {
  /// As a user would write it: { file = "speed.nc", variable = "c" }.
  public let description: String
  private let source: any SampleSource
  // For each axis the samples' places in ascending order, and for each sample its index among those held, or -1.
  private var places: [[Double]] = []
  private var held: [[Int]] = []
  private var strides = [0, 0, 0]
  private var values: [Double] = []

  package init(_ source: any SampleSource, description: String) {
    self.source = source
    self.description = description
  }

  /// Reads the samples around some cells of a grid.
  /// - Parameter cells: for each axis the global indices of the cells at whose centres and faces values are wanted.
  /// - Throws: `ConfigurationError` when the file or the variable cannot be read or does not fit the grid.
  package func load(_ cells: [[Int]], of grid: Grid) throws {
    places = try source.places(on: grid)
    var wanted: [[Int]] = []
    for axis in grid.axes.map(\.rawValue) {
      var found: Set<Int> = []
      for cell in cells[axis] {
        let low = grid.origin[axis] + Double(cell) * grid.spacing[axis]
        let first = interval(low, axis)
        let last = interval(low + grid.spacing[axis], axis)
        for index in first...min(last + 1, places[axis].count - 1) { found.insert(index) }
      }
      wanted.append(found.sorted())
    }
    held = zip(places, wanted).map { places, wanted in
      var indices = Array(repeating: -1, count: places.count)
      for (index, sample) in wanted.enumerated() { indices[sample] = index }
      return indices
    }
    var stride = 1
    for axis in 0..<3 {
      strides[axis] = axis < wanted.count ? stride : 0
      if axis < wanted.count { stride *= wanted[axis].count }
    }
    values = try source.values(wanted)
  }

  /// The last sample at or below a place, the first one below all.
  private func interval(_ x: Double, _ axis: Int) -> Int {
    let places = places[axis]
    var (low, high) = (0, places.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if places[middle] <= x { low = middle } else { high = middle }
    }
    return low
  }

  /// The value at a point; its time has no part in it.
  func callAsFunction(_ p: Point) -> Double { value(p, axis: places.count - 1, offset: 0) }

  /// Interpolates along an axis between values interpolated along those below it.
  private func value(_ p: Point, axis: Int, offset: Int) -> Double {
    guard axis >= 0 else { return values[offset] }
    let x = axis == 0 ? p.x : axis == 1 ? p.y : p.z
    let places = places[axis]
    let first = interval(x, axis)
    let low = value(p, axis: axis - 1, offset: offset + index(first, axis) * strides[axis])
    guard first + 1 < places.count, x > places[first] else { return low }
    let high = value(p, axis: axis - 1, offset: offset + index(first + 1, axis) * strides[axis])
    let part = (x - places[first]) / (places[first + 1] - places[first])
    return low + part * (high - low)
  }

  private func index(_ sample: Int, _ axis: Int) -> Int {
    let index = held[axis][sample]
    require(index >= 0, "\(description) is asked for at a place far from this rank's cells")
    return index
  }
}

/// Where samples come from.
package protocol SampleSource: Sendable {
  /// For each axis of the grid the samples' places in ascending order, m.
  func places(on grid: Grid) throws -> [[Double]]
  /// The samples at the product of some indices an axis, those along the first axis fastest.
  func values(_ indices: [[Int]]) throws -> [Double]
}

extension Domain {
  /// Makes samples ready to be evaluated at this rank's cells and their ghost cells.
  package func load(_ samples: Samples) throws {
    let cells = grid.axes.map { axis in
      let (low, high) = (block.low[axis.rawValue], block.high[axis.rawValue])
      let ghost = layout.ghost[axis.rawValue] + 1
      let count = grid.cells[axis.rawValue]
      return ((low - ghost)..<(high + ghost)).map { cell in
        periodic[axis.rawValue] ? (cell % count + count) % count : min(max(cell, 0), count - 1)
      }
    }
    try samples.load(cells, of: grid)
  }
}
