import Foundation

/// The numeric variables of a CDF-5 file, read by the tests' own means: a second opinion on what the program wrote.
package struct NetCDF {
  package struct Variable {
    package let dimensions: [String]
    /// The bytes as they stand in the file, all records one after the other.
    package let bytes: Data
    package let isFloat: Bool

    package var values: [Double] {
      let raw = [UInt8](bytes)
      func word(_ at: Int, _ count: Int) -> UInt64 { raw[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) } }
      if isFloat {
        return stride(from: 0, to: raw.count, by: 4).map { Double(Float(bitPattern: UInt32(word($0, 4)))) }
      }
      return stride(from: 0, to: raw.count, by: 8).map { Double(bitPattern: word($0, 8)) }
    }
  }

  package struct Unreadable: Error, CustomStringConvertible {
    package let description: String
  }

  package private(set) var variables: [String: Variable] = [:]
  package let recordCount: Int

  /// The values of a variable; of one record, or of all.
  package func values(_ name: String, record: Int? = nil) throws -> [Double] {
    guard let variable = variables[name] else { throw Unreadable(description: "there is no variable \(name)") }
    let values = variable.values
    guard let record else { return values }
    let count = values.count / recordCount
    let index = record < 0 ? recordCount + record : record
    return Array(values[index * count..<(index + 1) * count])
  }

  // The layout of the format: "CDF Classic Format Specification", with 64-bit sizes in CDF-5.
  package init(_ url: URL) throws {
    let data = try Data(contentsOf: url)
    var at = 4
    func number(_ count: Int) -> Int {
      defer { at += count }
      return data[at..<at + count].reduce(0) { $0 << 8 | Int($1) }
    }
    func name() -> String {
      let count = number(8)
      defer { at += (count + 3) / 4 * 4 }
      return String(decoding: data[at..<at + count], as: UTF8.self)
    }
    let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8]
    func skipAttributes() throws {
      _ = number(4)
      for _ in 0..<number(8) {
        _ = name()
        guard let size = sizes[number(4)] else { throw Unreadable(description: "an attribute of unknown type") }
        let bytes = number(8) * size
        at += (bytes + 3) / 4 * 4
      }
    }
    guard data.prefix(4) == Data([0x43, 0x44, 0x46, 5]) else {
      throw Unreadable(description: "\(url.path) is not a CDF-5 file")
    }
    recordCount = number(8)
    _ = number(4)
    let dimensions = (0..<number(8)).map { _ in (name: name(), count: number(8)) }
    try skipAttributes()
    _ = number(4)
    var found: [(name: String, dimensions: [Int], type: Int, bytes: Int, begin: Int)] = []
    for _ in 0..<number(8) {
      let name = name()
      let shape = (0..<number(8)).map { _ in number(8) }
      try skipAttributes()
      found.append((name, shape, number(4), number(8), number(8)))
    }
    let recordVariables = found.filter { $0.dimensions.first.map { dimensions[$0].count == 0 } ?? false }
    // A record variable that is alone is not padded.
    let padded = recordVariables.count > 1
    func size(_ variable: (name: String, dimensions: [Int], type: Int, bytes: Int, begin: Int)) -> Int {
      variable.dimensions.map { dimensions[$0].count }.filter { $0 > 0 }.reduce(1, *) * sizes[variable.type]!
    }
    let recordBytes = recordVariables.map { padded ? (size($0) + 3) / 4 * 4 : size($0) }.reduce(0, +)
    for variable in found where [5, 6].contains(variable.type) {
      let isRecord = recordVariables.contains { $0.name == variable.name }
      var bytes = Data()
      for record in 0..<(isRecord ? recordCount : 1) {
        let begin = variable.begin + record * recordBytes
        bytes += data[begin..<begin + size(variable)]
      }
      variables[variable.name] = Variable(
        dimensions: variable.dimensions.map { dimensions[$0].name }, bytes: bytes, isFloat: variable.type == 5)
    }
  }
}
