internal import Glibc

/// What a picture writes at one of its axes: a quantity and its unit, as in "temperature" and "K".
package struct PictureAxis: Sendable {
  package let name: String
  /// In the notation of UDUNITS; "1" or empty for a plain number.
  package let units: String

  package init(_ name: String, units: String) {
    self.name = name
    self.units = units
  }
}

/// A range of values with round ticks, in a unit that keeps the labels short.
struct Scale {
  let lower: Double
  let upper: Double
  /// Values at the ticks, in the quantity's own unit.
  let ticks: [Double]
  let labels: [String]
  /// Name and unit, as in "x (km)".
  let title: String

  /// - Parameters:
  ///   - count: about how many ticks there may be at most.
  ///   - size: the largest value that the unit must suit; that of the range where 0.
  init(_ axis: PictureAxis, lower: Double, upper: Double, count: Int, size: Double = 0) {
    (self.lower, self.upper) = (lower, upper)
    let (factor, unit) = Self.unit(for: max(abs(lower), abs(upper), size), axis.units)
    title = unit.isEmpty ? axis.name : "\(axis.name) (\(unit))"
    let step = Self.roundStep((upper - lower) / factor, count: count)
    let slack = 1e-9 * (upper - lower) / factor
    let first = ((lower / factor - slack) / step).rounded(.up)
    let last = ((upper / factor + slack) / step).rounded(.down)
    let decimals = max(0, Int(-log10(step * 1.000001).rounded(.down)))
    var ticks: [Double] = []
    var labels: [String] = []
    var multiple = first
    while multiple <= last {
      ticks.append(multiple * step * factor)
      // Adding zero turns a negative zero into zero.
      let text = fixed(multiple * step + 0, decimals: decimals)
      labels.append(text.hasPrefix("-") ? "\u{2212}" + text.dropFirst() : text)
      multiple += 1
    }
    (self.ticks, self.labels) = (ticks, labels)
  }

  /// A range with ticks and labels of one's own.
  init(lower: Double, upper: Double, ticks: [Double], labels: [String], title: String) {
    precondition(ticks.count == labels.count, "one label for each tick")
    (self.lower, self.upper, self.ticks, self.labels, self.title) = (lower, upper, ticks, labels, title)
  }

  /// Where `value` is between the ends, from 0 to 1.
  func position(_ value: Double) -> Double { (value - lower) / (upper - lower) }

  /// A range about `values` that is not empty; infinite and missing values are left out.
  static func range(of values: some Sequence<Double>) -> (lower: Double, upper: Double) {
    var (lower, upper) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite { (lower, upper) = (min(lower, value), max(upper, value)) }
    if lower > upper { return (0, 1) }
    return widened(lower, upper)
  }

  /// The range itself, or one about it where it is as narrow as rounding errors.
  static func widened(_ lower: Double, _ upper: Double) -> (lower: Double, upper: Double) {
    let size = max(abs(lower), abs(upper))
    if size < 1e-290 { return (-1, 1) }
    if upper - lower > 1e-11 * size { return (lower, upper) }
    return (lower - 0.05 * size, upper + 0.05 * size)
  }

  /// 1, 2 or 5 times a power of ten, such that `span` has at most about `count` steps.
  private static func roundStep(_ span: Double, count: Int) -> Double {
    let raw = span / Double(max(count, 1))
    let power = pow(10, log10(raw).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= raw * 0.999999 { return factor * power }
    return 10 * power
  }

  /// The factor and the name of the unit in which values up to `size` are written.
  private static func unit(for size: Double, _ units: String) -> (factor: Double, name: String) {
    switch units {
    case "m":
      if size >= 1999 { return (1000, "km") }
      if size < 1e-4 { return (1e-6, "\u{B5}m") }
      return size < 0.0999 ? (1e-3, "mm") : (1, "m")
    case "s":
      if size >= 3 * 86400 { return (86400, "d") }
      if size >= 3 * 3600 { return (3600, "h") }
      if size >= 600 { return (60, "min") }
      if size < 1e-4 { return (1e-6, "\u{B5}s") }
      return size < 0.1 ? (1e-3, "ms") : (1, "s")
    default:
      let plain = units == "1" ? "" : prettyUnits(units)
      guard size >= 1e5 || size < 1e-2, size > 0 else { return (1, plain) }
      let exponent = Int((log10(size) / 3).rounded(.down)) * 3
      let power = "10" + superscript(String(exponent))
      return (pow(10, Double(exponent)), plain.isEmpty ? power : power + " " + plain)
    }
  }

  /// "W m-2" as it is printed, with raised exponents.
  static func prettyUnits(_ units: String) -> String {
    var text = ""
    for character in units {
      let isRaised = (character.isNumber || character == "-") && (text.last.map { $0.isLetter || isSuper($0) } ?? false)
      text += isRaised ? superscript(String(character)) : String(character)
    }
    return text
  }

  private static func isSuper(_ character: Character) -> Bool { superscripts.values.contains(character) }

  private static func superscript(_ text: String) -> String { String(text.map { superscripts[$0] ?? $0 }) }

  private static let superscripts: [Character: Character] = [
    "-": "\u{207B}", "0": "\u{2070}", "1": "\u{B9}", "2": "\u{B2}", "3": "\u{B3}", "4": "\u{2074}", "5": "\u{2075}",
    "6": "\u{2076}", "7": "\u{2077}", "8": "\u{2078}", "9": "\u{2079}",
  ]
}
