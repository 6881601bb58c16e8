import Stencils

/// A configuration that was checked whole: nothing in it is unknown, of the wrong type, out of range or left unread.
package struct Configuration {
  /// The file's text, and what the command line set on top of it.
  package let text: String
  package private(set) var core: CoreSettings
  package let file: String
  /// Every key that counts, given or not.
  package let keys: [ConfigurationKey]
  /// What the grid's axes are called.
  package let axes: [String]
  /// The solver's own table.
  package let parameters: Parameters
  package let boundary: Boundary

  /// Checks a file's text.
  /// - Parameters:
  ///   - file: its name, for messages.
  ///   - overrides: `KEY=VALUE`, later ones on top of earlier ones.
  ///   - solvers: the solvers to choose from.
  /// - Throws: the first thing that is wrong, with file, line and column.
  package init(text: String, file: String, overrides: [String], solvers: [(name: String, schema: Schema)])
    throws(ConfigurationError)
  {
    var root = try TomlNode.parse(text, file: file)
    for override in overrides { try root.apply(override: override) }
    self.file = file
    self.text = text + overrides.map { "# --set \($0)\n" }.joined()

    let start = SourceLocation(file: file)
    guard root.members?.isEmpty == false else {
      throw ConfigurationError(
        start, "there is nothing in it: a configuration has a solver and the tables [grid] and [time] at the least")
    }
    let names = solvers.map(\.name)
    let tableNames = CoreSchema.tables.map(\.name) + ["boundary"]
    let member = TomlNode.Member(key: "", location: start, node: root)
    // The solver's word first: which tables are allowed depends on it.
    var solver = names.count == 1 ? names[0] : ""
    if let given = root["solver"], case .text(let word) = given.node.value {
      guard names.contains(word) else {
        throw ConfigurationError(given.node.location, "solver = \"\(word)\" is unknown; \(unknown(word, among: names))")
      }
      solver = word
    }
    for name in names where name != solver && !solver.isEmpty {
      guard let other = root[name] else { continue }
      throw ConfigurationError(
        other.location, "[\(name)] is the table of another solver than this file's, \"\(solver)\"; remove it")
    }
    let schema = solvers.first { $0.name == solver }?.schema
    var catalog = CoreSchema.tables.flatMap { table in table.keys.map { "\(table.name).\($0.name)" } }
    catalog += schema?.keys.map { "\(solver).\($0.name)" } ?? []
    let dimensions = Self.dimensions(root)
    let axes = schema?.axisNames(dimensions: dimensions) ?? Array(["x", "y", "z"].prefix(dimensions))
    let reader = TableReader(axes: axes, catalog: catalog)
    let top = try reader.read(
      member, path: "", keys: CoreSchema.root(solvers: names), parent: start,
      ignoring: Set(tableNames + (solver.isEmpty ? names : [solver])))

    var tables: [String: Parameters] = [:]
    for (name, keys) in CoreSchema.tables {
      tables[name] = try reader.read(root[name], path: name, keys: keys, parent: start)
    }
    self.axes = axes
    core = try CoreSettings(root: top, tables: tables)
    // The root's keys are checked, so the solver is one of those.
    parameters = try reader.read(root[solver], path: solver, keys: schema!.keys, parent: start)
    boundary = try reader.boundary(root["boundary"], schema: schema!, parent: start)
    let tablesOfKeys = [("", CoreSchema.root(solvers: names))] + CoreSchema.tables + [(solver, schema!.keys)]
    keys = root.keys(
      defaults: tablesOfKeys.flatMap { table, keys in
        keys.compactMap { key in
          guard case .default(let value) = key.presence else { return nil }
          return (table.isEmpty ? key.name : "\(table).\(key.name)", value)
        }
      })
  }

  /// The number of dimensions, before the grid is checked: formulas may use that many coordinates.
  private static func dimensions(_ root: TomlNode) -> Int {
    guard case .array(let cells)? = root["grid"]?.node["cells"]?.node.value else { return 3 }
    return min(max(cells.count, 1), 3)
  }

  /// Leaves out all files that a run would write.
  package mutating func removeOutput() { core.removeOutput() }

  /// Makes every formula ready to be evaluated by so many threads.
  package func prepare(workers: Int) {
    var formulas = parameters.formulas
    for side in Side.all(dimensions: core.cells.count) { formulas += boundary[side]?.parameters.formulas ?? [] }
    for formula in formulas { formula.prepare(workers: workers) }
  }
}
