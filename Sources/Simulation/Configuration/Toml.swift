internal import CToml
internal import Glibc
import Stencils

/// A value of a TOML document, with the place at which it was written.
struct TomlNode {
  enum Value {
    case table([Member])
    case array([TomlNode])
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case date
  }

  struct Member {
    let key: String
    let location: SourceLocation
    var node: TomlNode
  }

  var value: Value
  var location: SourceLocation
  /// Where a text's first character stands, if it stands in the file letter by letter: quoted once, without escapes.
  private(set) var contentLocation: SourceLocation?

  /// The members of a table, nil where it is something else.
  var members: [Member]? {
    if case .table(let members) = value { return members }
    return nil
  }

  subscript(key: String) -> Member? { members?.first { $0.key == key } }

  /// Parses a document.
  /// - Throws: the parser's complaint, with file, line and column.
  static func parse(_ text: String, file: String) throws(ConfigurationError) -> TomlNode {
    var place = ctoml_place()
    var description: UnsafeMutablePointer<CChar>?
    var text = text
    let document = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { ctoml_parse($0.baseAddress, $0.count, &place, &description) }
    }
    guard let document else {
      defer { free(description) }
      let sentence = description.map { String(cString: $0) } ?? "this is not TOML"
      throw ConfigurationError(
        SourceLocation(file: file, line: Int(place.line), column: Int(place.column)),
        complaint(sentence))
    }
    defer { ctoml_free(document) }
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    return TomlNode(ctoml_root(document), file: file, lines: lines)
  }

  init(value: Value, location: SourceLocation) {
    self.value = value
    self.location = location
  }

  private init(_ node: OpaquePointer, file: String, lines: [Substring]) {
    let location = { (place: ctoml_place) in
      SourceLocation(file: file, line: Int(place.line), column: Int(place.column))
    }
    self.location = location(ctoml_place_of(node))
    switch ctoml_kind_of(node) {
    case CTOML_TABLE:
      let members = (0..<ctoml_count(node)).map { index in
        var key: UnsafePointer<CChar>?
        var length = 0
        var place = ctoml_place()
        let child = ctoml_member(node, index, &key, &length, &place)!
        return Member(
          key: text(key!, length), location: location(place), node: TomlNode(child, file: file, lines: lines))
      }
      value = .table(members.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) })
    case CTOML_ARRAY:
      value = .array((0..<ctoml_count(node)).map { TomlNode(ctoml_element(node, $0)!, file: file, lines: lines) })
    case CTOML_TEXT:
      var length = 0
      let start = ctoml_text(node, &length)!
      let content = text(start, length)
      value = .text(content)
      if lines.indices.contains(self.location.line - 1) {
        let written = lines[self.location.line - 1].dropFirst(self.location.column - 1)
        if let quote = written.first, quote == "\"" || quote == "'", written.dropFirst().hasPrefix("\(content)\(quote)")
        {
          contentLocation = self.location
          contentLocation!.column += 1
        }
      }
    case CTOML_INTEGER: value = .integer(Int(ctoml_integer(node)))
    case CTOML_NUMBER: value = .number(ctoml_number(node))
    case CTOML_BOOLEAN: value = .boolean(ctoml_boolean(node) != 0)
    default: value = .date
    }
  }

  var isNumber: Bool {
    switch value {
    case .integer, .number: true
    default: false
    }
  }

  /// What the value is, in words, for messages: `the text "512"`.
  var inWords: String {
    switch value {
    case .table: "a table"
    case .array(let elements): elements.isEmpty ? "an empty list" : "the list \(asWritten)"
    case .text(let text): "the text \"\(text)\""
    case .integer, .number: "\(asWritten)"
    case .boolean(let boolean): "\(boolean)"
    case .date: "a date or time"
    }
  }

  private var asWritten: String {
    switch value {
    case .table: "{ ... }"
    case .array(let elements): "[" + elements.map(\.asWritten).joined(separator: ", ") + "]"
    case .text(let text): "\"\(text)\""
    case .integer(let integer): "\(integer)"
    // Not shortened: 64.0 is no whole number.
    case .number(let number): number.isNaN ? "nan" : "\(number)"
    case .boolean(let boolean): "\(boolean)"
    case .date: "a date"
    }
  }
}

private func text(_ start: UnsafePointer<CChar>, _ length: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}

/// The parser's complaint in our words.
private func complaint(_ description: String) -> String {
  let parts = description.split(separator: "'", omittingEmptySubsequences: false)
  if description.contains("cannot redefine existing"), parts.count >= 2 {
    return "\(parts[1]) is given twice; keep one"
  }
  let start = "Error while parsing "
  guard description.hasPrefix(start) else { return "this is not valid TOML: \(description)" }
  var place = description.dropFirst(start.count).replacing("saw '\\n'", with: "saw the end of the line")
  if place.contains("could not determine value type") { place += "; text is written in quotes" }
  if place.contains("unescaped control characters") { place += "; is the closing quote missing?" }
  return "this is not valid TOML: in \(place.first.map { "aeiou".contains($0) } == true ? "an" : "a") \(place)"
}
