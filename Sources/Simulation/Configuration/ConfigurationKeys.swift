import Stencils

/// One key of a configuration with its value in one spelling, to compare two configurations by.
package struct ConfigurationKey {
  package let key: String
  package let value: String
  let location: SourceLocation

  /// Whether a run may be continued where this has changed: its bits up to now would have been the same.
  var isHarmless: Bool {
    ["title", "time.end", "time.steps"].contains(key)
      || ["output.", "parallel.", "checkpoint."].contains { key.hasPrefix($0) }
  }
}

extension TomlNode {
  /// All values in tables, by their full names, in alphabetical order.
  /// - Parameter defaults: what keys that are not given stand for.
  func keys(defaults: [(key: String, value: ParameterValue)]) -> [ConfigurationKey] {
    var found: [ConfigurationKey] = []
    collect("", into: &found)
    let given = Set(found.map(\.key))
    for (key, value) in defaults where !given.contains(key) {
      found.append(ConfigurationKey(key: key, value: value.description, location: location))
    }
    return found.sorted { $0.key < $1.key }
  }

  private func collect(_ path: String, into found: inout [ConfigurationKey]) {
    guard let members else {
      found.append(ConfigurationKey(key: path, value: inOneSpelling, location: location))
      return
    }
    for member in members { member.node.collect(path.isEmpty ? member.key : "\(path).\(member.key)", into: &found) }
  }

  /// The value as text: 1 and 1.0 are the same, and so are tables whose members stand in another order.
  private var inOneSpelling: String {
    switch value {
    case .table(let members):
      let parts = members.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.node.inOneSpelling)" }
      return "{ \(parts.joined(separator: ", ")) }"
    case .array(let elements): return "[" + elements.map(\.inOneSpelling).joined(separator: ", ") + "]"
    case .text(let text): return "\"\(text)\""
    case .integer(let integer): return "\(integer)"
    case .number(let number): return short(number)
    case .boolean(let boolean): return "\(boolean)"
    case .date: return "a date"
    }
  }
}
