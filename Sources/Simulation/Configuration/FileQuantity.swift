// Quantities that the configuration takes from a variable of a NetCDF file: { file = "speed.nc", variable = "c" }.

import MPI
import Stencils

extension TableReader {
  /// The quantity that a table with a file in it stands for.
  func samples(_ node: TomlNode, _ name: String) throws(ConfigurationError) -> Samples {
    for member in node.members ?? [] where !["file", "variable"].contains(member.key) {
      throw ConfigurationError(
        member.location, "unknown key \(name).\(member.key); \(unknown(member.key, among: ["file", "variable"]))")
    }
    func text(_ key: String, _ what: String) throws(ConfigurationError) -> String {
      guard let member = node[key] else {
        throw ConfigurationError(node.location, "\(name).\(key) is missing: add \(key) = \(what)")
      }
      guard case .text(let text) = member.node.value else {
        throw ConfigurationError(
          member.node.location, "\(name).\(key) wants \(what) in quotes, not \(member.node.inWords)")
      }
      return text
    }
    let file = try text("file", "the name of a NetCDF file, relative to where the run is started")
    let variable = try text("variable", "the name of a variable in that file")
    return Samples(
      FileVariable(file: file, variable: variable, name: name, location: node.location),
      description: "{ file = \"\(file)\", variable = \"\(variable)\" }")
  }
}

extension Configuration {
  /// Reads what quantities take from files, around a domain's cells. Every rank reads its own part, alone.
  func load<Scalar: Real>(for domain: Domain<Scalar>) throws {
    var samples = parameters.samples
    for side in Side.all(dimensions: core.cells.count) { samples += boundary[side]?.parameters.samples ?? [] }
    for one in samples { try domain.load(one) }
  }
}

/// A variable over the axes of space, and perhaps over records in time, of which it is the last one's.
private struct FileVariable: SampleSource {
  let file: String
  let variable: String
  /// The key in the configuration.
  let name: String
  let location: SourceLocation

  private func complaint(_ sentence: String) -> ConfigurationError {
    ConfigurationError(location, "\(name): \(sentence)")
  }

  private func reading<Value>(_ body: () throws(OutputError) -> Value) throws(ConfigurationError) -> Value {
    do { return try body() } catch {
      // What is said of files that are written would mislead.
      throw complaint("\(file): cannot \(error.action): \(error.reason); names are taken from where the run is started")
    }
  }

  func places(on grid: Grid) throws -> [[Double]] {
    let dimensions = try reading { () throws(OutputError) in try NetCDFFile.dimensions(file, of: variable) }
    guard dimensions.count == grid.dimensions || dimensions.count == grid.dimensions + 1 else {
      throw complaint(
        "the variable \(variable) of \(file) has \(counted(dimensions.count, "dimension")), the grid has "
          + "\(grid.dimensions): give one for each axis, the last one for x, and at most one for time before them")
    }
    // Files have the slowest dimension first.
    return try zip(grid.axes, dimensions.reversed()).map { axis, dimension in
      guard dimension.count > 0 else { throw complaint("the dimension \(dimension.name) of \(file) is empty") }
      guard dimension.hasCoordinates else {
        // Without coordinates they are spread evenly, as the centres of cells.
        let width = grid.extent[axis.rawValue] / Double(dimension.count)
        return (0..<dimension.count).map { grid.origin[axis.rawValue] + (Double($0) + 0.5) * width }
      }
      let places = try reading { () throws(OutputError) in try NetCDFFile.read(file, variable: dimension.name) }
      guard zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw complaint("the coordinates \(dimension.name) of \(file) must ascend")
      }
      return places
    }
  }

  func values(_ indices: [[Int]]) throws -> [Double] {
    let dimensions = try reading { () throws(OutputError) in try NetCDFFile.dimensions(file, of: variable) }
    let record = dimensions.count > indices.count ? dimensions[0].count - 1 : nil
    let count = indices.reduce(1) { $0 * $1.count }
    var all = [Double](repeating: 0, count: count)
    // A block of cells wants one run of samples along an axis, or two where it wraps around.
    let runs = indices.map(Self.runs)
    let none = [(start: 0, range: 0..<1)]
    let (rowCount, planeCount) = (indices[0].count, indices.count > 1 ? indices[1].count : 1)
    for z in indices.count > 2 ? runs[2] : none {
      for y in indices.count > 1 ? runs[1] : none {
        for x in runs[0] {
          let parts = [x, y, z].prefix(indices.count)
          let values = try reading { () throws(OutputError) in
            try NetCDFFile.read(
              file, variable: variable,
              start: (record.map { [$0] } ?? []) + parts.reversed().map(\.start),
              count: (record == nil ? [] : [1]) + parts.reversed().map(\.range.count))
          }
          var next = 0
          for k in z.range {
            for j in y.range {
              for i in x.range {
                all[i + rowCount * (j + planeCount * k)] = values[next]
                next += 1
              }
            }
          }
        }
      }
    }
    return all
  }

  /// Runs of neighbouring samples: where each begins in the file, and which of the wanted it holds.
  private static func runs(_ indices: [Int]) -> [(start: Int, range: Range<Int>)] {
    var runs: [(start: Int, range: Range<Int>)] = []
    for (place, index) in indices.enumerated() {
      if let last = runs.last, last.start + last.range.count == index {
        runs[runs.count - 1].range = last.range.lowerBound..<(place + 1)
      } else {
        runs.append((index, place..<(place + 1)))
      }
    }
    return runs
  }
}
