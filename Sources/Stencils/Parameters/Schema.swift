/// The numbers that a key allows. NaN and infinity are never allowed.
public struct ValueRange: Sendable, Hashable, CustomStringConvertible {
  public let low, high: Double
  public let includesLow, includesHigh: Bool

  public init(low: Double, includesLow: Bool = true, high: Double = .infinity, includesHigh: Bool = true) {
    self.low = low
    self.high = high
    self.includesLow = includesLow
    self.includesHigh = includesHigh
  }

  /// Any finite number.
  public static let any = ValueRange(low: -.infinity)
  /// Greater than 0.
  public static let positive = ValueRange(low: 0, includesLow: false)
  /// 0 or greater.
  public static let nonNegative = ValueRange(low: 0)
  public static func atLeast(_ low: Double) -> ValueRange { ValueRange(low: low) }
  public static func within(_ range: ClosedRange<Double>) -> ValueRange {
    ValueRange(low: range.lowerBound, high: range.upperBound)
  }
  /// low < value <= high.
  public static func above(_ low: Double, upTo high: Double) -> ValueRange {
    ValueRange(low: low, includesLow: false, high: high)
  }

  public func contains(_ value: Double) -> Bool {
    value.isFinite && (includesLow ? value >= low : value > low) && (includesHigh ? value <= high : value < high)
  }

  /// As a sentence goes on after "must be": `> 0`, `> 0 and <= 1`, `finite`.
  public var description: String {
    let bounds =
      (low == -.infinity ? [] : ["\(includesLow ? ">=" : ">") \(short(low))"])
      + (high == .infinity ? [] : ["\(includesHigh ? "<=" : "<") \(short(high))"])
    return bounds.isEmpty ? "finite" : bounds.joined(separator: " and ")
  }
}

/// A number without a needless ".0", for messages and documentation.
package func short(_ value: Double) -> String {
  // The sign of NaN says nothing.
  let text = value.isNaN ? "nan" : "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A number with at most nine digits, for places and times in messages: 0.025 where rounding left 0.024999999999999998.
package func brief(_ value: Double) -> String {
  guard value.isFinite, value != 0, abs(value) > 1e-280, abs(value) < 1e280 else { return short(value) }
  var scale = 1.0
  while abs(value) * scale < 1e8 { scale *= 10 }
  while abs(value) * scale >= 1e9 { scale /= 10 }
  let digits = (value * scale).rounded()
  // A power of ten above 1 is exact up to 1e22, its inverse is not.
  return short(scale >= 1 ? digits / scale : digits * (1 / scale).rounded())
}

/// What a key holds.
public indirect enum ParameterKind: Sendable, Hashable {
  case number
  case integer
  case boolean
  /// One of these words.
  case word([String])
  case text
  /// A number, a formula or regions; `time` says whether formulas may use t.
  case quantity(time: Bool)
  /// A list of numbers; how many.
  case numbers(ClosedRange<Int>)
  /// A list of whole numbers; how many.
  case integers(ClosedRange<Int>)
  /// A list of names.
  case words
  /// A box, ball or layer.
  case region
  /// A list of tables (`[[heat.probe]]`), each with keys of its own.
  case list([ParameterKey])
  /// The first that fits: a number of threads or the word "auto".
  case either(ParameterKind, ParameterKind)
}

/// A checked value.
public enum ParameterValue: Sendable {
  case number(Double)
  case integer(Int)
  case boolean(Bool)
  case text(String)
  case numbers([Double])
  case integers([Int])
  case words([String])
  case quantity(Quantity)
  case region(Region)
  case tables([Parameters])
}

extension ParameterValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: Double...) { self = .numbers(elements) }
}

/// One key of a table: its name, what it holds, and what its documentation says.
public struct ParameterKey: Sendable, Hashable {
  public enum Presence: Sendable {
    case required
    case optional
    case `default`(ParameterValue)
  }

  /// Relative to its table; dots name nested tables ("limiter.kind").
  public let name: String
  public let kind: ParameterKind
  /// SI unit as written in documentation: "m²/s"; empty for none.
  public let unit: String
  public let presence: Presence
  /// For numbers, integers, lists of them and quantities.
  public let range: ValueRange
  /// One line.
  public let help: String

  public init(
    _ name: String, _ kind: ParameterKind, unit: String = "", _ presence: Presence = .required,
    range: ValueRange = .any, help: String
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.presence = presence
    self.range = range
    self.help = help
  }

  // Keys are told apart by name; a default holds values that have no equality.
  public static func == (a: ParameterKey, b: ParameterKey) -> Bool { a.name == b.name && a.kind == b.kind }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// A kind of boundary condition that a solver knows, with keys of its own beside `kind`.
public struct BoundaryKind: Sendable {
  public let name: String
  public let keys: [ParameterKey]
  public let help: String

  public init(_ name: String, _ keys: [ParameterKey] = [], help: String) {
    self.name = name
    self.keys = keys
    self.help = help
  }
}

/// All that a solver lets the user say. The same table checks the file and renders the documentation.
public struct Schema: Sendable {
  public let keys: [ParameterKey]
  /// Beside these, `periodic` is built in for an axis.
  public let boundaries: [BoundaryKind]
  /// The kind of a side that the file does not mention; nil where every side must be given. It can have no required key.
  public let defaultBoundary: String?
  /// Whether a grid of two dimensions is a slice of x and height, whose second axis is called z.
  public let slicesAreVertical: Bool

  /// What the axes of a grid of so many dimensions are called.
  public func axisNames(dimensions: Int) -> [String] {
    dimensions == 2 && slicesAreVertical ? ["x", "z"] : Array(["x", "y", "z"].prefix(dimensions))
  }

  public init(
    _ keys: [ParameterKey], boundaries: [BoundaryKind] = [], defaultBoundary: String? = nil,
    slicesAreVertical: Bool = false
  ) {
    self.slicesAreVertical = slicesAreVertical
    require(Set(keys.map(\.name)).count == keys.count, "a schema names each key once")
    if let name = defaultBoundary, name != "periodic" {
      require(boundaries.contains { $0.name == name }, "the default boundary \(name) is not one of the kinds")
    }
    self.keys = keys
    self.boundaries = boundaries
    self.defaultBoundary = defaultBoundary
  }
}
