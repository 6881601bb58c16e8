/// A part of space. Box and layer hold their low end and not their high end, so that a cell centre on the interface
/// of two neighbouring regions belongs to exactly one of them.
public enum Region: Sendable, Hashable {
  /// low <= position < high on every axis, m; infinite where the grid has no such axis.
  case box(low: SIMD3<Double>, high: SIMD3<Double>)
  /// Closer to the centre than the radius, m; in two dimensions a disc, in one an interval.
  case ball(center: SIMD3<Double>, radius: Double, dimensions: Int = 3)
  /// from <= coordinate < to, m.
  case layer(axis: Axis, from: Double, to: Double)

  public func contains(_ x: Double, _ y: Double = 0, _ z: Double = 0) -> Bool {
    switch self {
    case .box(let low, let high):
      return low.x <= x && x < high.x && low.y <= y && y < high.y && low.z <= z && z < high.z
    case .ball(let center, let radius, let dimensions):
      let dx = x - center.x
      let dy = dimensions > 1 ? y - center.y : 0
      let dz = dimensions > 2 ? z - center.z : 0
      return dx * dx + dy * dy + dz * dz < radius * radius
    case .layer(let axis, let from, let to):
      let c = axis == .x ? x : axis == .y ? y : z
      return from <= c && c < to
    }
  }
}

/// A physical quantity as the user gave it: a number, a formula, or regions over a base.
public struct Quantity: Sendable {
  /// What holds in one region, or everywhere.
  public enum Value: Sendable {
    case number(Double)
    case formula(Formula)
    /// A variable of a file.
    case samples(Samples)

    @inline(__always) func callAsFunction(_ p: Point) -> Double {
      switch self {
      case .number(let number): number
      case .formula(let formula): formula(p)
      case .samples(let samples): samples(p)
      }
    }

    /// The value, where it is the same everywhere and always.
    public var constant: Double? {
      switch self {
      case .number(let number): number
      case .formula(let formula): formula.usesSpace || formula.usesTime ? nil : formula(Point())
      case .samples: nil
      }
    }
  }

  /// What holds outside all regions.
  public let base: Value
  /// A later region overrides an earlier one.
  public let regions: [(region: Region, value: Value)]
  /// The full name of the key, as in "heat.diffusivity", for messages.
  public let name: String
  public let unit: String
  /// What the schema allows; numbers are checked as they are read, formulas by `check` where they are evaluated.
  public let range: ValueRange
  public let location: SourceLocation

  public init(_ number: Double) { self.init(.number(number)) }

  public init(
    _ base: Value, regions: [(region: Region, value: Value)] = [], name: String = "quantity", unit: String = "",
    range: ValueRange = .any, location: SourceLocation = SourceLocation(file: "default")
  ) {
    self.base = base
    self.regions = regions
    self.name = name
    self.unit = unit
    self.range = range
    self.location = location
  }

  /// The value, where it is the same everywhere and always; else nil.
  public var constant: Double? { regions.isEmpty ? base.constant : nil }

  public var variesInSpace: Bool { !regions.isEmpty || !samples.isEmpty || formulas.contains { $0.usesSpace } }
  public var variesInTime: Bool { formulas.contains { $0.usesTime } }

  /// The value at a point, in `unit`.
  public func callAsFunction(_ p: Point) -> Double { value(at: p)(p) }

  /// The number or formula that holds at a point.
  public func value(at p: Point) -> Value {
    var i = regions.count
    while i > 0 {
      i -= 1
      if regions[i].region.contains(p.x, p.y, p.z) { return regions[i].value }
    }
    return base
  }

  /// All formulas, base first.
  public var formulas: [Formula] {
    ([base] + regions.map(\.value)).compactMap { if case .formula(let formula) = $0 { formula } else { nil } }
  }

  /// All variables of files.
  var samples: [Samples] {
    ([base] + regions.map(\.value)).compactMap { if case .samples(let samples) = $0 { samples } else { nil } }
  }

  /// Evaluates at a point and checks the result: throws where it is not finite or outside the schema's range, naming the
  /// formula's text and the point.
  public func checked(_ p: Point, dimensions: Int = 3) throws(ConfigurationError) -> Double {
    let value = self(p)
    if value.isFinite && range.contains(value) { return value }
    let place = place(of: p, dimensions: dimensions)
    guard case .formula(let formula) = self.value(at: p) else {
      throw ConfigurationError(location, "\(name) is \(short(value)) at \(place); it must be \(range)")
    }
    throw ConfigurationError(
      formula.location, "\(name) = \"\(formula.text)\" is \(short(value)) at \(place); it must be \(range)")
  }

  /// A point as messages about this quantity name it.
  func place(of p: Point, dimensions: Int) -> String {
    var place = "x = \(brief(p.x)) m"
    if dimensions > 1 { place += ", y = \(brief(p.y)) m" }
    if dimensions > 2 { place += ", z = \(brief(p.z)) m" }
    if variesInTime { place += ", t = \(brief(p.t)) s" }
    return place
  }
}

extension Quantity: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  public init(integerLiteral value: Int) { self.init(Double(value)) }
  public init(floatLiteral value: Double) { self.init(value) }
}
