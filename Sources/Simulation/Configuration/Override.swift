import Stencils

extension TomlNode {
  /// Sets the value of `--set KEY=VALUE`, in place of what the file says. A value that is no TOML is taken as text, so that
  /// the shell's quotes suffice: `--set heat.initial='300 + x'`.
  mutating func apply(override: String) throws(ConfigurationError) {
    let location = SourceLocation(file: "--set \(override)")
    if override.onOneLine != override {
      throw ConfigurationError(location, "an override is one line of printable text")
    }
    guard let equals = override.firstIndex(of: "=") else {
      throw ConfigurationError(location, "an override reads KEY=VALUE, as in --set time.end=2.5")
    }
    guard let path = TomlNode.path(String(override[..<equals])) else {
      throw ConfigurationError(location, "\"\(override[..<equals])\" is not a key; write KEY=VALUE, as in time.end=2.5")
    }
    let node = try TomlNode.overrideValue(String(override[override.index(after: equals)...]), location)
    try set(path[...], to: node.relocated(to: location), location, parent: "")
  }

  /// The parts of a dotted key; nil where it is not one.
  private static func path(_ key: String) -> [String]? {
    guard !key.contains(where: \.isNewline), let root = try? TomlNode.parse("\(key)=0", file: "") else { return nil }
    var path: [String] = []
    var members = root.members
    while let current = members {
      guard current.count == 1 else { return nil }
      path.append(current[0].key)
      members = current[0].node.members
    }
    return path
  }

  private static func overrideValue(_ text: String, _ location: SourceLocation) throws(ConfigurationError) -> TomlNode {
    do {
      let parsed = try TomlNode.parse("v=\(text)", file: "")
      if let members = parsed.members, members.count == 1 { return members[0].node }
    } catch {
      // Brackets and quotes show that TOML was meant: its complaint helps more than one about the text as a whole.
      let isTOML = text.first.map { "[{\"'".contains($0) } ?? false
      if isTOML { throw ConfigurationError(location, error.message) }
    }
    return TomlNode(value: .text(text), location: location)
  }

  private mutating func set(
    _ path: ArraySlice<String>, to node: TomlNode, _ location: SourceLocation, parent: String
  ) throws(ConfigurationError) {
    guard let key = path.first else {
      self = node
      return
    }
    guard case .table(var members) = value else {
      throw ConfigurationError(
        location, "\(parent) is \(inWords) (\(self.location)) and has no keys in it; set \(parent) as a whole")
    }
    let name = parent.isEmpty ? key : "\(parent).\(key)"
    if let index = members.firstIndex(where: { $0.key == key }) {
      try members[index].node.set(path.dropFirst(), to: node, location, parent: name)
      if path.count == 1 { members[index] = Member(key: key, location: location, node: members[index].node) }
    } else {
      var child = TomlNode(value: .table([]), location: location)
      try child.set(path.dropFirst(), to: node, location, parent: name)
      members.append(Member(key: key, location: location, node: child))
    }
    value = .table(members)
  }

  private func relocated(to location: SourceLocation) -> TomlNode {
    switch value {
    case .table(let members):
      let moved = members.map { Member(key: $0.key, location: location, node: $0.node.relocated(to: location)) }
      return TomlNode(value: .table(moved), location: location)
    case .array(let elements):
      return TomlNode(value: .array(elements.map { $0.relocated(to: location) }), location: location)
    default: return TomlNode(value: value, location: location)
    }
  }
}
