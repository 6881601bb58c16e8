import Foundation
import Simulation
import Testing

@Suite struct JSONTests {
  private func parsed(_ value: JSON) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(value.serialized.utf8), options: .fragmentsAllowed)
  }

  @Test func anotherParserReadsTheSame() throws {
    let text = "tab\t quote\" back\\slash \u{1} line\nend é 🌡 \u{7F} /"
    let value: JSON = [
      "text": .text(text), "key \"\n": 1, "large": .integer(.max), "yes": true, "none": nil, "empty": [], "no": [:],
      "list": [1, 2.5, ["deep": -0.0]],
    ]
    let object = try #require(try parsed(value) as? [String: Any])
    #expect(object["text"] as? String == text)
    #expect(object["key \"\n"] as? Int == 1)
    #expect(object["large"] as? Int == .max)
    #expect(object["yes"] as? Bool == true)
    #expect(object["none"] is NSNull)
    #expect((object["empty"] as? [Any])?.isEmpty == true && (object["no"] as? [String: Any])?.isEmpty == true)
    #expect((object["list"] as? [Any])?.count == 3)
  }

  @Test(arguments: [
    0.1, 1 / 3.0, 1e-5, .leastNonzeroMagnitude, 1.7976931348623157e308, -123456789.125, 1e20, 9_007_199_254_740_992, 0,
    -0.0,
  ])
  func numbersKeepTheirBits(number: Double) throws {
    #expect(Double(JSON.number(number).serialized.dropLast()) == number)
    #expect(try parsed(.number(number)) as? Double == number)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func whatJSONLacksIsNull(number: Double) {
    #expect(JSON.number(number).serialized == "null\n")
  }

  @Test func theOrderStays() {
    #expect(JSON.object([("b", 1), ("a", [2])]).serialized == "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}\n")
  }

  @Test func aFileIsWholeOrNotThere() throws {
    let path = scratch("run.json")
    try JSON.object([("a", 1)]).write(to: path)
    #expect(String(decoding: bytes(of: path), as: UTF8.self) == "{\n  \"a\": 1\n}\n")
    #expect(!exists(path + ".partial"))
    #expect(throws: OutputError.self) { try JSON.null.write(to: scratch("no/such/run.json")) }
  }
}
