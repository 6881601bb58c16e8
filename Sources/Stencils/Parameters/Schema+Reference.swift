extension Schema {
  /// The reference documentation in Markdown: the keys of `[table]`, then the boundary kinds.
  public func reference(table: String) -> String {
    var text = Schema.reference(of: keys, table: table)
    guard !boundaries.isEmpty else { return text }
    text += "\nBoundary kinds for a side (`periodic` is for a whole axis):\n\n"
    text += "| kind | keys | meaning |\n| --- | --- | --- |\n"
    for boundary in boundaries {
      let keys = boundary.keys.map { key in
        "`\(key.name)`" + (key.unit.isEmpty ? "" : " (\(key.unit))") + key.presence.suffix
      }
      let name = "`\(boundary.name)`" + (boundary.name == defaultBoundary ? " (default)" : "")
      text += "| \(name) | \(keys.joined(separator: ", ")) | \(boundary.help) |\n"
    }
    return text
  }

  /// One Markdown table for a list of keys; nested lists of tables follow under their own names.
  public static func reference(of keys: [ParameterKey], table: String) -> String {
    let prefix = table.isEmpty ? "" : "\(table)."
    var text = "| key | value | unit | default | meaning |\n| --- | --- | --- | --- | --- |\n"
    for key in keys {
      text += "| `\(prefix)\(key.name)` | \(key.kind.describe(range: key.range)) | \(key.unit) | "
      text += "\(key.presence.documentation) | \(key.help) |\n"
    }
    for key in keys {
      guard let nested = key.kind.listKeys else { continue }
      text += "\nEach table of `\(prefix)\(key.name)`:\n\n" + reference(of: nested, table: "")
    }
    return text
  }
}

extension ParameterKey.Presence {
  var documentation: String {
    switch self {
    case .required: "required"
    case .optional: "none"
    case .default(let value): "`\(value)`"
    }
  }

  var suffix: String {
    switch self {
    case .required: ""
    case .optional: ", optional"
    case .default(let value): " = \(value)"
    }
  }
}

extension ParameterKind {
  /// The keys of the tables, where this is a list of tables or one alternative is.
  package var listKeys: [ParameterKey]? {
    switch self {
    case .list(let keys): keys
    case .either(let a, let b): a.listKeys ?? b.listKeys
    default: nil
    }
  }

  /// What fits, in words: "a number > 0", "a list of 1 to 3 whole numbers", "\"euler\" or \"heun\"".
  package func describe(range: ValueRange) -> String {
    let bounds = range == .any ? "" : " \(range)"
    switch self {
    case .number: return "a number\(bounds)"
    case .integer: return "a whole number\(bounds)"
    case .boolean: return "true or false"
    case .word(let words): return words.map { "\"\($0)\"" }.joinedWithOr
    case .text: return "text in quotes"
    case .quantity(let time):
      return "a number\(bounds), a formula in quotes\(time ? " (t allowed)" : "") or a table with regions"
    case .numbers(let count): return "a list of \(count.inWords) numbers\(bounds)"
    case .integers(let count): return "a list of \(count.inWords) whole numbers\(bounds)"
    case .words: return "a list of names in quotes"
    case .region:
      return "{ box = [[x, ...], [x, ...]] }, { ball = { center = [x, ...], radius = r } } or "
        + "{ layer = { axis = \"z\", from = a, to = b } }"
    case .list: return "a list of tables"
    case .either(let a, let b): return "\(a.describe(range: range)) or \(b.describe(range: range))"
    }
  }
}

extension [String] {
  /// a, b or c.
  package var joinedWithOr: String {
    count < 2 ? (first ?? "") : dropLast().joined(separator: ", ") + " or " + last!
  }
}

extension ClosedRange<Int> {
  var inWords: String {
    lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound) to \(upperBound)"
  }
}

extension ParameterValue: CustomStringConvertible {
  /// As it would be written in the file.
  public var description: String {
    switch self {
    case .number(let number): short(number)
    case .integer(let integer): "\(integer)"
    case .boolean(let boolean): "\(boolean)"
    case .text(let text): "\"\(text)\""
    case .numbers(let numbers): "[" + numbers.map(short).joined(separator: ", ") + "]"
    case .integers(let integers): "\(integers)"
    case .words(let words): "\(words)"
    case .quantity(let quantity): quantity.constant.map(short) ?? "\"\(quantity.formulas.first?.text ?? "")\""
    case .region(let region): "\(region)"
    case .tables(let tables): "\(tables.count) tables"
    }
  }
}
