/// A direction of the grid.
public enum Axis: Int, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
  case x, y, z

  public static func < (a: Axis, b: Axis) -> Bool { a.rawValue < b.rawValue }
  public var description: String { ["x", "y", "z"][rawValue] }

  /// The axis of that name: "x", "y" or "z".
  public init?(_ name: String) {
    guard let axis = Axis.allCases.first(where: { $0.description == name }) else { return nil }
    self = axis
  }
}

/// One of the six sides of a grid; the raw value is twice the axis, plus one at the high end.
public enum Side: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case xLow, xHigh, yLow, yHigh, zLow, zHigh

  public init(_ axis: Axis, isHigh: Bool) {
    self = Side.allCases[2 * axis.rawValue + (isHigh ? 1 : 0)]
  }

  public var axis: Axis { Axis.allCases[rawValue / 2] }
  public var isHigh: Bool { rawValue % 2 == 1 }
  public var opposite: Side { Side(axis, isHigh: !isHigh) }

  /// As the configuration writes it: `x.low`.
  public var description: String { "\(axis).\(isHigh ? "high" : "low")" }

  /// The sides of a grid of 1, 2 or 3 dimensions.
  public static func all(dimensions: Int) -> ArraySlice<Side> { allCases[..<(2 * dimensions)] }
}

/// What holds on one side: one of the solver's boundary kinds, with its parameters.
public struct SideCondition: Sendable {
  public let kind: String
  public let parameters: Parameters

  public init(kind: String, parameters: Parameters) {
    self.kind = kind
    self.parameters = parameters
  }
}

/// What holds on all sides of the grid.
public struct Boundary: Sendable {
  public enum AxisCondition: Sendable {
    /// The two ends are neighbours.
    case periodic
    case sides(low: SideCondition, high: SideCondition)
  }

  /// One per dimension of the grid.
  public let axes: [AxisCondition]

  public init(axes: [AxisCondition]) {
    require((1...3).contains(axes.count), "a boundary has one condition per dimension: 1, 2 or 3")
    self.axes = axes
  }

  public func isPeriodic(_ axis: Axis) -> Bool {
    guard axis.rawValue < axes.count, case .periodic = axes[axis.rawValue] else { return false }
    return true
  }

  /// The condition on a side; nil where the axis is periodic.
  public subscript(side: Side) -> SideCondition? {
    require(side.axis.rawValue < axes.count, "side \(side) does not exist in \(axes.count) dimensions")
    guard case .sides(let low, let high) = axes[side.axis.rawValue] else { return nil }
    return side.isHigh ? high : low
  }
}
