import Stencils

/// Reads tables against their keys: every value typed and in range, nothing left over.
struct TableReader {
  /// The names of the grid's axes.
  let axes: [String]
  var dimensions: Int { axes.count }
  /// The full names of all keys that a configuration may have, to tell where a misplaced one belongs.
  var catalog: [String] = []

  /// Checks a table and turns it into parameters.
  /// - Parameters:
  ///   - table: the table, or nil where the file has none.
  ///   - path: its name: "heat".
  ///   - parent: where to point when the whole table is missing.
  ///   - ignoring: members that others read.
  func read(
    _ table: TomlNode.Member?, path: String, keys: [ParameterKey], parent: SourceLocation, ignoring: Set<String> = []
  ) throws(ConfigurationError) -> Parameters {
    let location = table?.location ?? parent
    guard let members = table == nil ? [] : table!.node.members else {
      throw ConfigurationError(location, "\(path) wants a table, written [\(path)], not \(table!.node.inWords)")
    }
    var entries: [String: Parameters.Entry] = [:]
    try collect(members, prefix: "", path: path, keys: keys, ignoring: ignoring, into: &entries)
    let isAbsent = table == nil && !path.contains(".")
    for key in keys where entries[key.name] == nil {
      guard case .required = key.presence else { continue }
      let name = path.isEmpty ? key.name : "\(path).\(key.name)"
      let unit = key.unit.isEmpty ? "" : ", in \(key.unit)"
      throw ConfigurationError(
        location,
        "\(name) is missing\(isAbsent ? " with all of [\(path)]" : ""): add \(key.name) = "
          + "\(key.kind.describe(range: key.range))\(unit) (\(key.help))")
    }
    return Parameters(path: path, location: location, keys: keys, entries: entries)
  }

  /// Checks the members of a table, and of the tables in it that keys with dots name ("limiter.kind").
  private func collect(
    _ members: [TomlNode.Member], prefix: String, path: String, keys: [ParameterKey], ignoring: Set<String>,
    into entries: inout [String: Parameters.Entry]
  ) throws(ConfigurationError) {
    for member in members where !(prefix.isEmpty && ignoring.contains(member.key)) {
      let relative = prefix + member.key
      let name = path.isEmpty ? relative : "\(path).\(relative)"
      if let key = keys.first(where: { $0.name == relative }) {
        entries[key.name] = .init(value: try value(member.node, key, name, key.kind), location: member.node.location)
      } else if keys.contains(where: { $0.name.hasPrefix("\(relative).") }) {
        guard let inner = member.node.members else {
          throw ConfigurationError(member.node.location, "\(name) is a table, not \(member.node.inWords)")
        }
        try collect(inner, prefix: "\(relative).", path: path, keys: keys, ignoring: [], into: &entries)
      } else {
        let allowed = keys.filter { $0.name.hasPrefix(prefix) }.map { String($0.name.dropFirst(prefix.count)) }
        throw stranger(member, name, among: allowed + (prefix.isEmpty ? ignoring : []))
      }
    }
  }

  /// The complaint about a key that its table does not have: a near one, the table where it belongs, or all that the
  /// table has.
  private func stranger(_ member: TomlNode.Member, _ name: String, among allowed: [String]) -> ConfigurationError {
    let what = member.node.members == nil ? "key" : "table"
    let advice = unknown(member.key, among: allowed)
    if !advice.hasPrefix("did you mean"), let home = catalog.first(where: { $0.hasSuffix(".\(member.key)") }) {
      return ConfigurationError(member.location, "unknown \(what) \(name); did you mean \(home)?")
    }
    return ConfigurationError(member.location, "unknown \(what) \(name); \(advice)")
  }

  private func value(_ node: TomlNode, _ key: ParameterKey, _ name: String, _ kind: ParameterKind)
    throws(ConfigurationError) -> ParameterValue
  {
    func wrong(_ got: String? = nil) -> ConfigurationError {
      // A number in quotes is the commonest slip.
      var hint = ""
      if case .text(let text) = node.value, let number = Double(text), number.isFinite, kind.isNumber {
        hint = "; write \(short(number)), without quotes"
      }
      return ConfigurationError(
        node.location, "\(name) wants \(key.kind.describe(range: key.range)), not \(got ?? node.inWords)\(hint)")
    }
    switch (kind, node.value) {
    case (.number, .integer), (.number, .number):
      return .number(try number(node, key, name))
    case (.integer, .integer(let integer)):
      _ = try number(node, key, name)
      return .integer(integer)
    case (.boolean, .boolean(let boolean)): return .boolean(boolean)
    case (.text, .text(let text)):
      if text.isEmpty { throw ConfigurationError(node.location, "\(name) is empty: write a text or leave it out") }
      return .text(text)
    case (.word(let words), .text(let word)):
      guard words.contains(word) else {
        throw ConfigurationError(node.location, "\(name) = \"\(word)\" is unknown; \(unknown(word, among: words))")
      }
      return .text(word)
    case (.numbers(let count), .array(let elements)):
      guard count.contains(elements.count), elements.allSatisfy(\.isNumber) else { throw wrong() }
      var numbers: [Double] = []
      for element in elements { numbers.append(try number(element, key, "each number of \(name)")) }
      return .numbers(numbers)
    case (.integers(let count), .array(let elements)):
      guard count.contains(elements.count) else { throw wrong() }
      var integers: [Int] = []
      for element in elements {
        guard case .integer(let integer) = element.value else { throw wrong() }
        _ = try number(element, key, "each number of \(name)")
        integers.append(integer)
      }
      return .integers(integers)
    case (.words, .array(let elements)):
      var words: [String] = []
      for element in elements {
        guard case .text(let word) = element.value else { throw wrong() }
        words.append(word)
      }
      return .words(words)
    case (.quantity(let time), _): return .quantity(try quantity(node, key, name, allowsTime: time))
    case (.region, _): return .region(try region(node, name))
    case (.list(let keys), .array(let elements)):
      var tables: [Parameters] = []
      for element in elements {
        guard element.members != nil else { throw wrong() }
        let member = TomlNode.Member(key: name, location: element.location, node: element)
        tables.append(try read(member, path: name, keys: keys, parent: element.location))
      }
      return .tables(tables)
    case (.either(let first, let second), _):
      // The alternative that the value has the shape of is the one to complain about.
      guard let kind = [first, second].first(where: { $0.hasShape(of: node) }) else { throw wrong() }
      return try value(node, key, name, kind)
    default: throw wrong()
    }
  }

  /// A number in range; `name` begins the complaint.
  private func number(_ node: TomlNode, _ key: ParameterKey, _ name: String) throws(ConfigurationError) -> Double {
    switch node.value {
    case .integer(let integer) where key.range.contains(Double(integer)): return Double(integer)
    case .number(let number) where key.range.contains(number): return number
    default: throw outside(node, key, name, node.inWords)
    }
  }

  private func outside(_ node: TomlNode, _ key: ParameterKey, _ name: String, _ got: String) -> ConfigurationError {
    let unit = key.unit.isEmpty || key.range == .any ? "" : " \(key.unit)"
    return ConfigurationError(node.location, "\(name) must be \(key.range)\(unit), not \(got)")
  }

  private func quantity(_ node: TomlNode, _ key: ParameterKey, _ name: String, allowsTime: Bool)
    throws(ConfigurationError) -> Quantity
  {
    guard let members = node.members, node["file"] == nil else {
      return Quantity(
        try fixedOrFormula(node, key, name, allowsTime), name: name, unit: key.unit, range: key.range,
        location: node.location)
    }
    for member in members where !["value", "regions"].contains(member.key) {
      throw ConfigurationError(
        member.location,
        "unknown key \(name).\(member.key); \(unknown(member.key, among: ["value", "regions", "file"]))")
    }
    guard let base = node["value"] else {
      throw ConfigurationError(
        node.location, "\(name).value is missing: add value = what holds outside all regions")
    }
    var regions: [(region: Region, value: Quantity.Value)] = []
    if let list = node["regions"] {
      guard case .array(let elements) = list.node.value else {
        throw ConfigurationError(list.node.location, "\(name).regions wants a list of tables, not \(list.node.inWords)")
      }
      for element in elements {
        guard element.members != nil else {
          throw ConfigurationError(
            element.location, "\(name).regions wants tables such as { box = ..., value = ... }, not \(element.inWords)")
        }
        guard let value = element["value"] else {
          throw ConfigurationError(element.location, "a region of \(name) has no value: add value = what holds there")
        }
        regions.append(
          (
            try region(element, "\(name).regions", besides: ["value"]),
            try fixedOrFormula(value.node, key, name, allowsTime)
          ))
      }
    }
    return Quantity(
      try fixedOrFormula(base.node, key, name, allowsTime), regions: regions, name: name, unit: key.unit,
      range: key.range, location: node.location)
  }

  private func fixedOrFormula(_ node: TomlNode, _ key: ParameterKey, _ name: String, _ allowsTime: Bool)
    throws(ConfigurationError) -> Quantity.Value
  {
    switch node.value {
    case .integer, .number: return .number(try number(node, key, name))
    case .text(let text):
      let scope = FormulaScope(axes: axes, allowsTime: allowsTime)
      let formula = try Formula.parse(text, at: node, name: name, scope: scope)
      if !formula.usesSpace, !formula.usesTime, !key.range.contains(formula(Point())) {
        throw outside(node, key, name, "\"\(text)\", which is \(short(formula(Point())))")
      }
      return .formula(formula)
    case .table where node["file"] != nil: return .samples(try samples(node, name))
    default:
      throw ConfigurationError(
        node.location, "\(name) wants \(key.kind.describe(range: key.range)), not \(node.inWords)")
    }
  }
}

extension ParameterKind {
  /// Whether a value looks like this kind, in range or not.
  fileprivate func hasShape(of node: TomlNode) -> Bool {
    switch (self, node.value) {
    case (.number, .integer), (.number, .number), (.integer, .integer), (.boolean, .boolean), (.text, .text): true
    case (.word(let words), .text(let word)): words.contains(word)
    case (.numbers, .array), (.integers, .array), (.words, .array), (.list, .array): true
    case (.region, .table): true
    case (.quantity, .integer), (.quantity, .number), (.quantity, .text), (.quantity, .table): true
    default: false
    }
  }

  fileprivate var isNumber: Bool {
    switch self {
    case .number, .integer: true
    case .either(let first, let second): first.isNumber || second.isNumber
    default: false
    }
  }
}
