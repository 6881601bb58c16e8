/// Reads JSON text, as this program writes it.
extension JSON {
  /// The value that a text holds from its first brace or bracket on, or nil where it is no JSON. What follows the value
  /// is not looked at.
  package init?(reading text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard let start = bytes.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") }) else {
      return nil
    }
    var reader = JSONReader(bytes: bytes[start...])
    guard let value = reader.value() else { return nil }
    self = value
  }

  package subscript(key: String) -> JSON? {
    if case .object(let members) = self { return members.first { $0.key == key }?.value }
    return nil
  }

  package var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  package var asInteger: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  package var asText: String? {
    if case .text(let value) = self { return value }
    return nil
  }

  var asIntegers: [Int]? { asList?.compactMap(\.asInteger) }

  package var asList: [JSON]? {
    if case .list(let values) = self { return values }
    return nil
  }
}

private struct JSONReader {
  var bytes: ArraySlice<UInt8>

  private mutating func skipSpace() { bytes = bytes.drop { $0 == 32 || (9...13).contains($0) } }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard bytes.first == character.asciiValue else { return false }
    bytes.removeFirst()
    return true
  }

  mutating func value() -> JSON? {
    skipSpace()
    switch bytes.first {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return list()
    case UInt8(ascii: "\""): return text().map { .text($0) }
    default: return word()
    }
  }

  private mutating func object() -> JSON? {
    var members: [(key: String, value: JSON)] = []
    guard take("{") else { return nil }
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard let key = text(), take(":"), let value = value() else { return nil }
      members.append((key, value))
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func list() -> JSON? {
    var values: [JSON] = []
    guard take("[") else { return nil }
    if take("]") { return .list([]) }
    repeat {
      guard let value = value() else { return nil }
      values.append(value)
    } while take(",")
    return take("]") ? .list(values) : nil
  }

  private mutating func word() -> JSON? {
    let word = String(decoding: bytes.prefix { !" \t\r\n,]}".utf8.contains($0) }, as: UTF8.self)
    bytes = bytes.dropFirst(word.utf8.count)
    switch word {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default:
      if let integer = Int(word) { return .integer(integer) }
      return Double(word).map { .number($0) }
    }
  }

  private mutating func text() -> String? {
    guard take("\"") else { return nil }
    var content: [UInt8] = []
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        content.append(byte)
        continue
      }
      guard let escaped = bytes.popFirst() else { return nil }
      switch escaped {
      case UInt8(ascii: "n"): content.append(10)
      case UInt8(ascii: "r"): content.append(13)
      case UInt8(ascii: "t"): content.append(9)
      case UInt8(ascii: "u"):
        let digits = String(decoding: bytes.prefix(4), as: UTF8.self)
        guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else { return nil }
        bytes = bytes.dropFirst(4)
        content += Array(String(Character(scalar)).utf8)
      default: content.append(escaped)
      }
    }
    return nil
  }
}
