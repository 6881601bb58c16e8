import Stencils

/// What every configuration says, whatever the solver.
package struct CoreSettings {
  package enum Precision: String { case float, double }

  package let title: String
  package let solver: String
  package let precision: Precision
  /// One entry a dimension; m.
  package let cells: [Int]
  package let extent: [Double]
  package let origin: [Double]?
  /// s.
  package let end: Double
  /// The step that the user asks for, s; nil for the stability limit times `safety`.
  package let step: Double?
  /// Steps after which the run ends, if before `end`.
  package let steps: Int?
  /// Part of the stability limit; nil for what the solver is used to.
  package let safety: Double?
  package let threads: Int?
  /// Steps that run at once; nil leaves it to the engine.
  package let depth: Int?
  /// Ranks along each axis; nil for the smallest halo surface.
  package let ranks: [Int]?
  package private(set) var outputFile: String?
  /// Simulated seconds between outputs; nil for none but the start and the end.
  package let every: Double?
  package private(set) var pictures: [PictureSettings]
  package let checkpoint: CheckpointSettings
  /// Whether the run writes checkpoints: there is a place for them.
  package private(set) var writesCheckpoints: Bool
  private let tables: [String: Parameters]

  /// A picture of the final state.
  package struct PictureSettings {
    package let file: String
    package let field: String?
    /// The slice of a three-dimensional grid: the axis across it and the place along that axis, m.
    package let axis: Axis
    package let position: Double?
    package let range: ClosedRange<Double>?
    package let location: SourceLocation
  }

  /// The same without files.
  mutating func removeOutput() { (outputFile, pictures, writesCheckpoints) = (nil, [], false) }

  /// Where a key was written, as "time.step".
  package func location(of key: String) -> SourceLocation {
    let parts = key.split(separator: ".").map(String.init)
    return tables[parts[0]]!.location(of: parts[1])
  }

  init(root: Parameters, tables: [String: Parameters]) throws(ConfigurationError) {
    self.tables = tables
    let (grid, time, parallel, output) = (tables["grid"]!, tables["time"]!, tables["parallel"]!, tables["output"]!)
    solver = root.word("solver")
    title = root.has("title") ? root.text("title") : solver
    precision = Precision(rawValue: root.word("precision"))!
    cells = grid.integers("cells")
    extent = grid.numbers("extent")
    origin = grid.has("origin") ? grid.numbers("origin") : nil
    let dimensions = cells.count
    for key in ["extent", "origin"] where grid.has(key) && grid.numbers(key).count != dimensions {
      throw grid.error(
        key, "has \(entries(grid.numbers(key).count)), but grid.cells has \(dimensions): give one a dimension")
    }
    var total = 1.0
    for count in cells { total *= Double(count) }
    if total > 1e15 { throw grid.error("cells", "makes \(rounded(total, 3)) cells: no machine holds more than 1e15") }
    for (axis, count) in cells.enumerated() {
      // Widths are squared, and centres must differ from one cell to the next.
      let width = extent[axis] / Double(count)
      guard (1e-100...1e100).contains(width) else {
        throw grid.error("extent", "makes cells \(rounded(width, 3)) m wide: 1e-100 m to 1e100 m can be computed with")
      }
      if let origin, abs(origin[axis]) > 1e12 * width {
        throw grid.error(
          "origin", "is so far from 0 that cells \(rounded(width, 3)) m wide cannot be told apart: move the grid nearer"
        )
      }
    }
    end = time.number("end")
    step = time.has("step") ? time.number("step") : nil
    steps = time.has("steps") ? time.integer("steps") : nil
    safety = time.has("safety") ? time.number("safety") : nil
    if let step, end / step > 1e12 {
      throw time.error(
        "step", "= \(step) s is so short that the run would take \(rounded(end / step, 3)) steps: 1e12 are the most")
    }
    threads = CoreSettings.automatic(parallel, "threads") { parallel.integer($0) }
    depth = CoreSettings.automatic(parallel, "depth") { parallel.integer($0) }
    ranks = CoreSettings.automatic(parallel, "ranks") { parallel.integers($0) }
    if let ranks, ranks.count != dimensions {
      throw parallel.error(
        "ranks", "has \(entries(ranks.count)), but grid.cells has \(dimensions): give one a dimension")
    }
    outputFile = output.has("file") ? output.text("file") : nil
    if let outputFile, !outputFile.hasSuffix(".nc") {
      throw output.error("file", "= \"\(outputFile)\" is written as NetCDF: its name must end in .nc")
    }
    every = output.has("every") ? output.number("every") : nil
    if let every, end / every > 1e7 {
      throw output.error(
        "every", "= \(every) s makes \(rounded(end / every, 3)) outputs: more than 1e7 are surely not meant")
    }
    pictures = try CoreSettings.pictures(output, dimensions)
    checkpoint = try CheckpointSettings(tables["checkpoint"]!)
    writesCheckpoints = outputFile != nil || checkpoint.directory != nil
    for (index, picture) in pictures.enumerated() {
      if outputFile.map(Self.plainPath) == Self.plainPath(picture.file) {
        throw ConfigurationError(picture.location, "the picture has the name of output.file: give it another")
      }
      if pictures[..<index].contains(where: { Self.plainPath($0.file) == Self.plainPath(picture.file) }) {
        throw ConfigurationError(
          picture.location, "two pictures have the name \"\(picture.file)\": give each its own")
      }
      if let position = picture.position {
        let low = origin?[picture.axis.rawValue] ?? 0
        let high = low + extent[picture.axis.rawValue]
        guard position >= low, position <= high else {
          throw ConfigurationError(
            picture.location,
            "the picture's position \(position) m lies outside the grid, which spans \(brief(low)) to \(brief(high)) m "
              + "along \(picture.axis)")
        }
      }
    }
  }

  /// The path without "./" and doubled slashes, to tell whether two are the same.
  private static func plainPath(_ path: String) -> [Substring] {
    path.split(separator: "/", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset == 0 ? $0.element != "." : !["", "."].contains($0.element) }.map(\.element)
  }

  private static func automatic<T>(_ table: Parameters, _ key: String, _ read: (String) -> T) -> T? {
    if case .text = table.value(key) { return nil }
    return read(key)
  }

  private static func pictures(_ output: Parameters, _ dimensions: Int) throws(ConfigurationError) -> [PictureSettings]
  {
    var pictures: [PictureSettings] = []
    for table in output.tables("picture") {
      let axis = Axis(table.word("axis"))!
      if dimensions < 3, table.has("position") {
        throw table.error("position", "cuts a three-dimensional grid; this one has \(dimensions) dimensions")
      }
      if dimensions < 3, axis != .z {
        throw table.error("axis", "cuts a three-dimensional grid; this one has \(dimensions) dimensions: leave it out")
      }
      var range: ClosedRange<Double>?
      if table.has("range") {
        let ends = table.numbers("range")
        guard ends[0] < ends[1] else { throw table.error("range", "wants the lower end first") }
        range = ends[0]...ends[1]
      }
      pictures.append(
        PictureSettings(
          file: table.text("file"), field: table.has("field") ? table.word("field") : nil, axis: axis,
          position: table.has("position") ? table.number("position") : nil, range: range,
          location: table.location(of: "file")))
    }
    return pictures
  }
}

private func entries(_ count: Int) -> String { count == 1 ? "1 entry" : "\(count) entries" }

/// The keys that every configuration may use. The same table checks the file and makes the reference.
package enum CoreSchema {
  package static func root(solvers: [String]) -> [ParameterKey] {
    [
      ParameterKey("title", .text, .optional, help: "what pictures and files are headed with"),
      ParameterKey("solver", .word(solvers), help: "the physics"),
      ParameterKey("precision", .word(["double", "float"]), .default("double"), help: "the type of all fields"),
    ]
  }

  package static let tables: [(name: String, keys: [ParameterKey])] = [
    (
      "grid",
      [
        ParameterKey(
          "cells", .integers(1...3), range: .atLeast(1), help: "cells along x, y, z: one to three dimensions"),
        ParameterKey("extent", .numbers(1...3), unit: "m", range: .positive, help: "lengths along x, y, z"),
        ParameterKey("origin", .numbers(1...3), unit: "m", .optional, help: "the lower corner; zero if not given"),
      ]
    ),
    (
      "time",
      [
        ParameterKey("end", .number, unit: "s", range: .positive, help: "simulated time at which the run ends"),
        ParameterKey(
          "step", .number, unit: "s", .optional, range: .positive,
          help: "longest time step; the stability limit times safety if not given"),
        ParameterKey("steps", .integer, .optional, range: .atLeast(1), help: "the run ends after so many steps"),
        ParameterKey(
          "safety", .number, .optional, range: .above(0, upTo: 1),
          help: "part of the stability limit; if not given 0.9, or 1 where a scheme fixes its own step"),
      ]
    ),
    (
      "parallel",
      [
        ParameterKey(
          "threads", .either(.integer, .word(["auto"])), .default("auto"), range: ValueRange(low: 1, high: 4096),
          help: "threads a rank; the cores that the launcher left to it"),
        ParameterKey(
          "ranks", .either(.integers(1...3), .word(["auto"])), .default("auto"), range: .within(1...1e6),
          help: "ranks along x, y, z; the smallest halo surface"),
        ParameterKey(
          "depth", .either(.integer, .word(["auto"])), .default("auto"), range: ValueRange(low: 1, high: 64),
          help: "steps that run at once through the cache, one halo exchange for all; fewer where blocks are too small"),
      ]
    ),
    (
      "output",
      [
        ParameterKey(
          "file", .text, .optional, help: "the NetCDF file, relative to where the run is started; none if not given"),
        ParameterKey(
          "every", .number, unit: "s", .optional, range: .positive,
          help: "simulated time between records; the start and the end only if not given"),
        ParameterKey("picture", .list(pictureKeys), .optional, help: "pictures of the final state"),
      ]
    ),
    ("checkpoint", CheckpointSettings.keys),
  ]

  static let pictureKeys = [
    ParameterKey("file", .text, help: "ends in .png or .svg"),
    ParameterKey("field", .text, .optional, help: "the field; the solver's first if not given"),
    ParameterKey("axis", .word(["x", "y", "z"]), .default("z"), help: "the axis across a slice of three dimensions"),
    ParameterKey("position", .number, unit: "m", .optional, help: "the place of the slice; the middle if not given"),
    ParameterKey(
      "range", .numbers(2...2), .optional, help: "the ends of the colour bar; those of the field if not given"),
  ]
}
