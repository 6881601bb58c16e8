internal import Glibc

/// The global grid of a file: 1, 2 or 3 dimensions, x first.
package struct OutputGrid: Equatable, Sendable {
  /// Cells along x, y, z.
  package let cells: [Int]
  /// Length along x, y, z, in m.
  package let extent: [Double]
  /// Lower corner, in m.
  package let origin: [Double]
  /// What the dimensions are called.
  package let axes: [String]

  package init(cells: [Int], extent: [Double], origin: [Double]? = nil, axes: [String]? = nil) {
    self.axes = axes ?? Array(["x", "y", "z"].prefix(cells.count))
    precondition((1...3).contains(cells.count), "a grid has 1, 2 or 3 dimensions")
    precondition(cells.allSatisfy { $0 > 0 }, "a grid has cells along every dimension")
    precondition(extent.count == cells.count && (origin?.count ?? cells.count) == cells.count, "one value a dimension")
    self.cells = cells
    self.extent = extent
    self.origin = origin ?? [Double](repeating: 0, count: cells.count)
  }

  package var cellCount: Int { cells.reduce(1, *) }

  /// Cell centres along dimension `axis`, in m.
  package func centers(_ axis: Int) -> [Double] {
    (0..<cells[axis]).map { origin[axis] + extent[axis] * ((Double($0) + 0.5) / Double(cells[axis])) }
  }

  /// Lower and upper edge of every cell along `axis`, in m, as NetCDF's (cell, 2). Neighbours share the same bits.
  func bounds(_ axis: Int) -> [Double] {
    let edges = (0...cells[axis]).map { origin[axis] + extent[axis] * (Double($0) / Double(cells[axis])) }
    return (0..<cells[axis]).flatMap { [edges[$0], edges[$0 + 1]] }
  }
}

/// One rank's share of the grid.
package struct OutputBlock: Equatable, Sendable {
  /// Global index of the first cell, x first.
  package let start: [Int]
  /// Cells along x, y, z. A rank without cells gives zeros.
  package let count: [Int]

  package init(start: [Int], count: [Int]) {
    precondition(start.count == count.count, "start and count have one value a dimension")
    self.start = start
    self.count = count
  }

  package var cellCount: Int { count.reduce(1, *) }
}

/// A variable of a file: a field over (time, z, y, x), or a series over (time).
package struct OutputVariable: Sendable {
  package enum Precision: Sendable { case float, double }

  package let name: String
  /// In the notation of UDUNITS, as in "K" or "W m-2".
  package let units: String
  package let longName: String
  /// A name of the CF standard name table, where one exists.
  package let standardName: String?
  /// What a value stands for, in CF's notation.
  package let cellMethods: String
  package let precision: Precision

  package init(
    name: String, units: String, longName: String, standardName: String? = nil, cellMethods: String = "time: point",
    precision: Precision = .double
  ) {
    self.name = name
    self.units = units
    self.longName = longName
    self.standardName = standardName
    self.cellMethods = cellMethods
    self.precision = precision
  }

  var bytes: Int { precision == .double ? 8 : 4 }
}

/// What a file says about itself. Rank 0's texts are written; the other ranks' are not looked at.
package struct OutputDescription: Sendable {
  package var title: String
  /// The program and its version.
  package var source: String
  /// The text of the configuration.
  package var configuration: String
  package var version: String
  /// Ranks and threads, as in "2 ranks x 1 threads".
  package var layout: String
  /// One line for every command that had a part in the file; see `historyLine(command:)`.
  package var history: String
  package var references: String
  /// The unit of time, from which CF readers decode dates.
  package var timeUnits: String

  package init(
    title: String, source: String, configuration: String, version: String, layout: String, history: String,
    references: String = "", timeUnits: String = "seconds since 2000-01-01 00:00:00"
  ) {
    self.title = title
    self.source = source
    self.configuration = configuration
    self.version = version
    self.layout = layout
    self.history = history
    self.references = references
    self.timeUnits = timeUnits
  }

  /// The line that says when and how the file came to be, as in "2000-01-01T12:00:00Z: heatsim config.toml".
  /// - Parameter command: the command line.
  package static func historyLine(command: String) -> String {
    var now = time(nil)
    var date = tm()
    gmtime_r(&now, &date)
    let stamp = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      let count = strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &date)
      return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return "\(stamp): \(command)"
  }

  /// All texts, in one order, to hand them from rank 0 to the others.
  var texts: [String] {
    get { [title, source, configuration, version, layout, history, references, timeUnits] }
    set {
      (title, source, configuration, version) = (newValue[0], newValue[1], newValue[2], newValue[3])
      (layout, history, references, timeUnits) = (newValue[4], newValue[5], newValue[6], newValue[7])
    }
  }
}

/// One rank's values of one field: its block, x fastest, without ghost cells.
package enum OutputValues {
  case float(UnsafeBufferPointer<Float>)
  case double(UnsafeBufferPointer<Double>)

  /// Values of either type.
  init<Scalar>(_ values: UnsafeMutableBufferPointer<Scalar>) {
    let raw = UnsafeRawBufferPointer(values)
    self =
      Scalar.self == Float.self
      ? .float(raw.bindMemory(to: Float.self)) : .double(raw.bindMemory(to: Double.self))
  }

  var count: Int {
    switch self {
    case .float(let values): values.count
    case .double(let values): values.count
    }
  }
}
