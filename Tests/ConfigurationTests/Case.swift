import Simulation
import Testing

/// A configuration that is wrong in one place, and the message that it has to give.
struct Case: CustomTestStringConvertible, Sendable {
  let text: String
  let overrides: [String]
  let expected: String
  let testDescription: String

  /// The good configuration with one part replaced.
  init(_ part: String, to replacement: String, _ expected: String) {
    // A part that is not there would leave the configuration right, and the test fails on "accepted".
    text = Model.good.replacing(part, with: replacement)
    overrides = []
    self.expected = expected
    testDescription = replacement
  }

  /// The good configuration with another diffusivity, which stands at column 15 of line 11.
  init(diffusivity: String, _ expected: String) { self.init("1.0e-4", to: diffusivity, expected) }

  /// The good configuration with more lines, from line 12 on.
  init(adding lines: String, _ expected: String) {
    self.init(whole: Model.good + lines, expected)
  }

  init(whole text: String, _ expected: String) {
    self.text = text
    overrides = []
    self.expected = expected
    testDescription = text
  }

  /// The good configuration with a command-line value.
  init(set override: String, _ expected: String) {
    text = Model.good
    overrides = [override]
    self.expected = expected
    testDescription = override
  }

  var complaint: String { Model.complaint(text, overrides) }
}
