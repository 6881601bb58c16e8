internal import CToml
internal import Glibc
import Stencils

/// A value of a TOML document, with the place at which it was written.
package struct TomlNode {
  package enum Value {
    case table([Member])
    case array([TomlNode])
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case date
  }

  package struct Member {
    package let key: String
    package let location: SourceLocation
    package var node: TomlNode
  }

  package var value: Value
  package var location: SourceLocation

  /// The members of a table, nil where it is something else.
  package var members: [Member]? {
    if case .table(let members) = value { return members }
    return nil
  }

  package subscript(key: String) -> Member? { members?.first { $0.key == key } }

  /// Parses a document.
  /// - Throws: the parser's complaint, with file, line and column.
  package static func parse(_ text: String, file: String) throws(ConfigurationError) -> TomlNode {
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
        "this is not valid TOML: \(inOurWords(sentence))")
    }
    defer { ctoml_free(document) }
    return TomlNode(ctoml_root(document), file: file)
  }

  /// The parser's sentence, and what was probably meant where that is known.
  private static func inOurWords(_ sentence: String) -> String {
    var words = sentence
    if words.hasPrefix("Error while parsing ") { words = "in a " + words.dropFirst("Error while parsing ".count) }
    words = words.replacing("in a array", with: "in an array").replacing("in a inline", with: "in an inline")
      .replacing("saw '\\n'", with: "saw the end of the line")
    if words.contains("could not determine value type") { words += "; text is written in quotes" }
    if words.contains("unescaped control characters") { words += "; is the closing quote missing?" }
    if words.contains("cannot redefine") { words += ", which was given before" }
    return words
  }

  private init(_ node: OpaquePointer, file: String) {
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
        return Member(key: text(key!, length), location: location(place), node: TomlNode(child, file: file))
      }
      value = .table(members.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) })
    case CTOML_ARRAY: value = .array((0..<ctoml_count(node)).map { TomlNode(ctoml_element(node, $0)!, file: file) })
    case CTOML_TEXT:
      var length = 0
      let start = ctoml_text(node, &length)!
      value = .text(text(start, length))
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
    // With its point: 24.0 is no whole number in TOML.
    case .number(let number): number.isNaN ? "nan" : "\(number)"
    case .boolean(let boolean): "\(boolean)"
    case .date: "a date"
    }
  }
}

private func text(_ start: UnsafePointer<CChar>, _ length: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}

extension TomlNode {
  /// Sets the value of `--set KEY=VALUE`. The key may be dotted, the value is written as in the file; one that is no
  /// TOML is taken as text. A table replaces the whole of what was there.
  package mutating func apply(override: String) throws(ConfigurationError) {
    let location = SourceLocation(file: "--set \(override)".onOneLine)
    guard let equals = override.firstIndex(of: "="), equals != override.startIndex else {
      throw ConfigurationError(location, "an override reads KEY=VALUE, as in --set time.end=2.5")
    }
    if override.onOneLine != override {
      throw ConfigurationError(location, "an override is one line of printable text")
    }
    let key = override[..<equals]
    let value = override[override.index(after: equals)...]
    var path: [String] = []
    do {
      var node = try TomlNode.parse("\(key)=0", file: "")
      while let member = node.members?.first {
        path.append(member.key)
        node = member.node
      }
    } catch {
      throw ConfigurationError(location, "the key \(key) is not one that TOML allows; write it as in time.end")
    }
    var node = TomlNode(value: .text(String(value)), location: location)
    if let parsed = try? TomlNode.parse("value=\(value)", file: ""), let member = parsed["value"] { node = member.node }
    set(node.relocated(to: location), at: path[...])
  }

  private init(value: Value, location: SourceLocation) {
    self.value = value
    self.location = location
  }

  private func relocated(to location: SourceLocation) -> TomlNode {
    var copy = self
    copy.location = location
    switch value {
    case .table(let members):
      copy.value = .table(
        members.map { Member(key: $0.key, location: location, node: $0.node.relocated(to: location)) })
    case .array(let elements): copy.value = .array(elements.map { $0.relocated(to: location) })
    default: break
    }
    return copy
  }

  /// Sets the value behind a path of keys; tables on the way are made, and anything else there gives way to one.
  private mutating func set(_ node: TomlNode, at path: ArraySlice<String>) {
    guard let key = path.first else {
      self = node
      return
    }
    var members = self.members ?? []
    var member = Member(key: key, location: node.location, node: TomlNode(value: .table([]), location: node.location))
    let index = members.firstIndex { $0.key == key }
    // A table keeps the place where the file has it; a new value is where the override is.
    if let index, path.count > 1, members[index].node.members != nil { member = members[index] }
    member.node.set(node, at: path.dropFirst())
    if let index { members[index] = member } else { members.append(member) }
    value = .table(members)
  }
}
