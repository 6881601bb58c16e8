/// A JSON value whose objects keep the order in which their members are given.
package enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Written in the shortest form that reads back to the same bits; infinities and NaN, which JSON lacks, as null.
  case number(Double)
  case text(String)
  case list([JSON])
  case object([(key: String, value: JSON)])

  /// The value as indented JSON text that ends with a line break.
  package var serialized: String {
    var text = ""
    write(into: &text, indent: "")
    return text + "\n"
  }

  /// Writes the value to `path`, under a temporary name first, so that no half-written file stands there.
  /// - Throws: `OutputError`.
  package func write(to path: String) throws(OutputError) {
    try OutputPath.write(Array(serialized.utf8), to: path, action: "write the JSON file")
  }

  private func write(into text: inout String, indent: String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .text(let value): Self.quote(value, into: &text)
    case .list(let values):
      Self.writeMembers(values, brackets: ("[", "]"), into: &text, indent: indent) { value, text, indent in
        value.write(into: &text, indent: indent)
      }
    case .object(let members):
      Self.writeMembers(members, brackets: ("{", "}"), into: &text, indent: indent) { member, text, indent in
        Self.quote(member.key, into: &text)
        text += ": "
        member.value.write(into: &text, indent: indent)
      }
    }
  }

  private static func writeMembers<Member>(
    _ members: [Member], brackets: (open: String, close: String), into text: inout String, indent: String,
    each: (Member, inout String, String) -> Void
  ) {
    text += brackets.open
    for (index, member) in members.enumerated() {
      text += (index == 0 ? "\n" : ",\n") + indent + "  "
      each(member, &text, indent + "  ")
    }
    text += members.isEmpty ? brackets.close : "\n" + indent + brackets.close
  }

  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .list(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { (key: $0.0, value: $0.1) })
  }
  package init(nilLiteral: ()) { self = .null }
}
