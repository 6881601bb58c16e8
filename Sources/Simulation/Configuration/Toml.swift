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
        "this is not valid TOML: \(sentence)")
    }
    defer { ctoml_free(document) }
    return TomlNode(ctoml_root(document), file: file)
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
    case .number(let number): short(number)
    case .boolean(let boolean): "\(boolean)"
    case .date: "a date"
    }
  }
}

private func text(_ start: UnsafePointer<CChar>, _ length: Int) -> String {
  String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}

extension TomlNode {
  /// Sets the values of `--set KEY=VALUE`. A value that is no TOML is taken as text.
  mutating func apply(override: String) throws(ConfigurationError) {
    let location = SourceLocation(file: "--set \(override)")
    guard let equals = override.firstIndex(of: "="), equals != override.startIndex else {
      throw ConfigurationError(location, "an override reads KEY=VALUE, as in --set time.end=2.5")
    }
    let key = override[..<equals]
    let value = override[override.index(after: equals)...]
    let parsed: TomlNode
    do {
      parsed = try TomlNode.parse("\(key)=\(value)", file: "")
    } catch {
      let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      do { parsed = try TomlNode.parse("\(key)=\"\(quoted)\"", file: "") } catch {
        throw ConfigurationError(location, "the key \(key) is not one that TOML allows; write it as in time.end")
      }
    }
    merge(parsed.relocated(to: location))
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

  private mutating func merge(_ other: TomlNode) {
    guard case .table(var members) = value, let additions = other.members else {
      self = other
      return
    }
    for addition in additions {
      if let index = members.firstIndex(where: { $0.key == addition.key }) {
        // A table that is given whole replaces one; a dotted key reaches into it.
        if addition.node.members != nil, members[index].node.members != nil {
          members[index].node.merge(addition.node)
        } else {
          members[index] = addition
        }
      } else {
        members.append(addition)
      }
    }
    value = .table(members)
  }
}
