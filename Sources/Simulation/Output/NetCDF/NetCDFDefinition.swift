internal import CPnetCDF

/// The layout of a file: its dimensions, variables and attributes by CF-1.11, and what their identifiers came to be.
struct NetCDFDefinition {
  /// What stands in the place of the fingerprint until the run is over: as long as the real one, so that replacing it
  /// rewrites the header in place and moves no data.
  static let fingerprintPlaceholder = "run not finished"

  private(set) var time: CInt = -1
  private(set) var fields: [CInt] = []
  private(set) var series: [CInt] = []
  private(set) var coordinates: [(variable: CInt, bounds: CInt)] = []

  init(
    library: NetCDFLibrary, grid: OutputGrid, fields: [OutputVariable], series: [OutputVariable],
    description: OutputDescription
  ) throws(OutputError) {
    let timeDimension = try library.defineDimension("time", count: Int(NC_UNLIMITED))
    var axisDimensions: [CInt] = []
    // Slowest first, as the dimensions of the fields are listed.
    for axis in grid.cells.indices.reversed() {
      axisDimensions.append(try library.defineDimension(grid.axes[axis], count: grid.cells[axis]))
    }
    let two = try library.defineDimension("bounds", count: 2)

    for axis in grid.cells.indices {
      let dimension = axisDimensions[grid.cells.count - 1 - axis]
      coordinates.append(try Self.defineCoordinate(library, name: grid.axes[axis], dimension: dimension, two: two))
    }
    time = try library.defineVariable(
      "time", type: NC_DOUBLE, dimensions: [timeDimension],
      attributes: [
        "standard_name": "time", "long_name": "time", "units": description.timeUnits, "calendar": "standard",
        // Simulated time runs on: a day always has 86400 s.
        "units_metadata": "leap_seconds: none", "axis": "T",
      ])
    for variable in fields {
      self.fields.append(try Self.define(library, variable, dimensions: [timeDimension] + axisDimensions))
    }
    for variable in series {
      self.series.append(try Self.define(library, variable, dimensions: [timeDimension]))
    }
    let global: KeyValuePairs = [
      "Conventions": "CF-1.11", "title": description.title, "source": description.source,
      "history": description.history, "references": description.references, "version": description.version,
      "layout": description.layout, "fingerprint": Self.fingerprintPlaceholder,
      "configuration": description.configuration,
    ]
    for (key, value) in global { try library.put(attribute: key, value, of: NC_GLOBAL) }
  }

  /// Finds the variables of a file that was defined before.
  init(reading library: NetCDFLibrary, fields: [OutputVariable], series: [OutputVariable]) throws(OutputError) {
    time = try library.find(variable: "time")
    for variable in fields { self.fields.append(try library.find(variable: variable.name)) }
    for variable in series { self.series.append(try library.find(variable: variable.name)) }
  }

  private static func defineCoordinate(
    _ library: NetCDFLibrary, name: String, dimension: CInt, two: CInt
  ) throws(OutputError) -> (CInt, CInt) {
    let variable = try library.defineVariable(
      name, type: NC_DOUBLE, dimensions: [dimension],
      attributes: [
        // The standard names of Cartesian coordinates, by which CF tells them from longitude and latitude.
        "standard_name": ["x": "projection_x_coordinate", "y": "projection_y_coordinate"][name] ?? "height",
        "long_name": "\(name) of the cell centre", "units": "m", "axis": name.uppercased(),
        // CF asks for the direction of a vertical axis that is given as a length.
        "positive": name == "z" ? "up" : "", "bounds": "\(name)_bnds",
      ])
    // Bounds inherit every attribute of their coordinate.
    return (
      variable,
      try library.defineVariable("\(name)_bnds", type: NC_DOUBLE, dimensions: [dimension, two], attributes: [:])
    )
  }

  private static func define(
    _ library: NetCDFLibrary, _ variable: OutputVariable, dimensions: [CInt]
  ) throws(OutputError) -> CInt {
    try library.defineVariable(
      variable.name, type: variable.precision == .double ? NC_DOUBLE : NC_FLOAT, dimensions: dimensions,
      attributes: [
        "standard_name": variable.standardName ?? "", "long_name": variable.longName, "units": variable.units,
        "cell_methods": variable.cellMethods,
      ])
  }
}
