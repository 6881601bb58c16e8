import Stencils

/// What a configuration says about checkpoints.
package struct CheckpointSettings {
  /// How often one is written.
  package enum Interval: Equatable {
    case never
    /// Seconds of wall time.
    case wall(Double)
    case steps(Int)
    /// Simulated seconds.
    case simulated(Double)
  }

  package let every: Interval
  /// How many are kept.
  package let keep: Int
  /// Where they are; nil is beside the output.
  package let directory: String?
  /// Whether the state at the end is kept as one.
  package let atEnd: Bool
  /// Whether the run goes on while one is written.
  package let isInBackground: Bool

  init(_ table: Parameters) throws(ConfigurationError) {
    switch table.value("every") {
    case .text(let text):
      guard let interval = Self.interval(text) else {
        throw table.error(
          "every",
          "= \"\(text)\" is no interval: write \"10 min\" (s, min or h of wall time), \"500 steps\", a number of "
            + "simulated seconds, or \"never\"")
      }
      every = interval
    default: every = .simulated(table.number("every"))
    }
    keep = table.integer("keep")
    directory = table.has("directory") ? table.text("directory") : nil
    atEnd = table.boolean("at-end")
    isInBackground = table.boolean("background")
  }

  private static func interval(_ text: String) -> Interval? {
    if text == "never" { return .never }
    if let seconds = duration(text) { return .wall(seconds) }
    let parts = text.split(separator: " ")
    guard parts.count == 2, parts[1] == "steps" || parts[1] == "step" else { return nil }
    guard let steps = Int(parts[0]), steps > 0 else { return nil }
    return .steps(steps)
  }

  /// "90 s", "10 min", "2h" in seconds; nil for what is none.
  static func duration(_ text: String) -> Double? {
    let number = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    guard let value = Double(number), value > 0, value.isFinite else { return nil }
    switch unit {
    case "s": return value
    case "min", "m": return 60 * value
    case "h": return 3600 * value
    case "d": return 86400 * value
    default: return nil
    }
  }

  static let keys = [
    ParameterKey(
      "every", .either(.number, .text), .default("10 min"), range: .positive,
      help: "\"10 min\" (or s, h: wall time), \"500 steps\", a number of simulated seconds, or \"never\""),
    ParameterKey("keep", .integer, .default(2), range: .within(1...1000), help: "how many are kept, the newest"),
    ParameterKey(
      "directory", .text, .optional,
      help: "where they are; beside output.file if not given, and a run without one then has none"),
    ParameterKey(
      "at-end", .boolean, .default(false),
      help: "whether the state at the end is kept, for a later time.end; else a finished run leaves no checkpoint"),
    ParameterKey(
      "background", .boolean, .default(true),
      help:
        "whether the run goes on while one is written, from a copy of the state in memory; it does without where the "
        + "disk is fast or memory is short"),
  ]
}
