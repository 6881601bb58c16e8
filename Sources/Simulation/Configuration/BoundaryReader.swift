import Stencils

extension TableReader {
  /// Reads `[boundary]`: an axis as a whole (`y = "periodic"`, `x = { kind = ... }`) or its sides (`x.low = ...`).
  func boundary(_ table: TomlNode.Member?, schema: Schema, parent: SourceLocation) throws(ConfigurationError)
    -> Boundary
  {
    let location = table?.location ?? parent
    if let table {
      guard let members = table.node.members else {
        throw ConfigurationError(
          location, "boundary wants a table, written [boundary], with x = ... in it, not \(table.node.inWords)")
      }
      for member in members where !axes.contains(member.key) {
        let reason =
          ["x", "y", "z"].contains(member.key)
          ? "the grid has \(dimensions == 1 ? "one dimension" : "\(dimensions) dimensions")"
          : "allowed: \(axes.joined(separator: ", "))"
        throw ConfigurationError(member.location, "boundary.\(member.key) is no axis of the grid; \(reason)")
      }
    }
    var conditions: [Boundary.AxisCondition] = []
    for name in axes { conditions.append(try axis(table?.node[name], name, schema, location)) }
    return Boundary(axes: conditions)
  }

  private func axis(_ member: TomlNode.Member?, _ name: String, _ schema: Schema, _ parent: SourceLocation)
    throws(ConfigurationError) -> Boundary.AxisCondition
  {
    let path = "boundary.\(name)"
    guard let member else {
      if schema.defaultBoundary == "periodic" { return .periodic }
      let condition = try defaultCondition("\(path).low", schema, parent)
      return .sides(low: condition, high: condition)
    }
    if case .text("periodic") = member.node.value { return .periodic }
    if case .text("periodic")? = member.node["kind"]?.node.value {
      for part in member.node.members! where part.key != "kind" {
        throw ConfigurationError(part.location, "unknown key \(path).\(part.key); a periodic axis has no other keys")
      }
      return .periodic
    }
    let ends = ["low", "high"].compactMap { member.node[$0] }
    if let end = ends.first, member.node["kind"] != nil {
      throw ConfigurationError(
        end.location, "\(path) has both a kind, which is for both sides, and \(end.key): give either")
    }
    let words = Set(schema.boundaries.flatMap(\.keys).map(\.name) + ["kind"])
    let members = member.node.members ?? []
    let isWhole = ends.isEmpty && (members.isEmpty || members.contains { words.contains($0.key) })
    if isWhole {
      let condition = try side(member, path, schema, axis: name, isWholeAxis: true)
      return .sides(low: condition, high: condition)
    }
    for part in member.node.members! where !["low", "high"].contains(part.key) {
      throw ConfigurationError(
        part.location, "unknown key \(path).\(part.key); \(unknown(part.key, among: ["low", "high", "kind"]))")
    }
    func condition(_ end: String) throws(ConfigurationError) -> SideCondition {
      guard let part = member.node[end] else { return try defaultCondition("\(path).\(end)", schema, member.location) }
      return try side(part, "\(path).\(end)", schema, axis: name, isWholeAxis: false)
    }
    return .sides(low: try condition("low"), high: try condition("high"))
  }

  private func side(_ member: TomlNode.Member, _ path: String, _ schema: Schema, axis: String, isWholeAxis: Bool)
    throws(ConfigurationError) -> SideCondition
  {
    let kinds = schema.boundaries.map(\.name) + (isWholeAxis ? ["periodic"] : [])
    let choice = kinds.map { "\"\($0)\"" }.joinedWithOr
    var given = member.node
    var word: String?
    var location = member.node.location
    switch member.node.value {
    case .text(let text): word = text
    case .table:
      guard let kind = member.node["kind"] else {
        throw ConfigurationError(location, "\(path).kind is missing: add kind = \(choice)")
      }
      given = kind.node
      location = given.location
      if case .text(let text) = kind.node.value { word = text }
    default: break
    }
    guard let word else {
      throw ConfigurationError(location, "\(path) wants a kind, \(choice), not \(given.inWords)")
    }
    if word == "periodic" {
      throw ConfigurationError(
        location,
        "\(path) cannot be periodic alone: both sides are, or none; write \(axis) = \"periodic\" in [boundary]")
    }
    guard let kind = schema.boundaries.first(where: { $0.name == word }) else {
      throw ConfigurationError(
        location, "\(path) is of the unknown kind \"\(word)\"; \(unknown(word, among: kinds))")
    }
    let allowed = kind.keys.map(\.name)
    for key in member.node.members ?? [] where key.key != "kind" && !allowed.contains(key.key) {
      let near = unknown(key.key, among: allowed)
      let advice =
        near.hasPrefix("did you mean")
        ? near : allowed.isEmpty ? "it takes no keys" : "it takes \(allowed.joined(separator: ", "))"
      throw ConfigurationError(
        key.location, "unknown key \(path).\(key.key) for the kind \"\(word)\"; \(advice)")
    }
    let table = member.node.members == nil ? nil : member
    return SideCondition(
      kind: word,
      parameters: try read(table, path: path, keys: kind.keys, parent: member.location, ignoring: ["kind"]))
  }

  private func defaultCondition(_ path: String, _ schema: Schema, _ location: SourceLocation)
    throws(ConfigurationError) -> SideCondition
  {
    guard let name = schema.defaultBoundary, let kind = schema.boundaries.first(where: { $0.name == name }) else {
      throw ConfigurationError(
        location,
        "\(path) is missing: say what holds on that side, \(schema.boundaries.map { "\"\($0.name)\"" }.joinedWithOr)")
    }
    return SideCondition(kind: name, parameters: try read(nil, path: path, keys: kind.keys, parent: location))
  }
}
