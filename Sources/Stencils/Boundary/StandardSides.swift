/// The conditions that most solvers offer on the sides of their grid, as the textbook names them. A solver lists in its
/// schema those that it wants; `Domain.field(_:unit:boundary:initial:)` makes rules for ghost cells of them.
extension BoundaryKind {
  /// No gradient across the side: nothing diffuses through it.
  public static let closed = BoundaryKind("closed", help: "no gradient across the side: nothing diffuses through it")

  /// Values given on the side, for each field a key of its name.
  public static func fixed(_ fields: String..., unit: String) -> BoundaryKind {
    BoundaryKind(
      "fixed",
      fields.map { ParameterKey($0, .quantity(time: true), unit: unit, help: "\($0) on the face") },
      help: "values that are given on the face")
  }

  /// A gradient given on the side, for each field a key of its name.
  public static func gradient(_ fields: String..., unit: String) -> BoundaryKind {
    BoundaryKind(
      "gradient",
      fields.map { ParameterKey($0, .quantity(time: true), unit: unit, help: "∂\($0)/∂n, outwards") },
      help: "gradients that are given, along the outward normal")
  }
}

extension GhostRule {
  /// The value on the face, to second order: ghost cell and own cell have it as their mean.
  public static func value(_ value: Quantity) -> GhostRule {
    if let constant = value.constant { return .constant(scale: -1, offset: 2 * constant) }
    return .varying(inTime: value.variesInTime) { (-1, 2 * value($0.center)) }
  }

  /// The gradient along the outward normal, to second order: the difference of ghost cell and own cell.
  /// - Parameters:
  ///   - gradient: ∂u/∂n, in the unit of the field over m.
  ///   - spacing: the cell width across the side, in metres.
  public static func gradient(_ gradient: Quantity, spacing: Double) -> GhostRule {
    if let constant = gradient.constant { return .constant(scale: 1, offset: spacing * constant) }
    return .varying(inTime: gradient.variesInTime) { (1, spacing * gradient($0.center)) }
  }
}

extension Domain {
  /// Makes a field with the conditions that the configuration sets for it on the sides, and with initial values.
  /// - Parameters:
  ///   - name: also the key of the field in conditions such as `{ kind = "fixed", u = 1 }`.
  ///   - unit: in the notation of UDUNITS.
  ///   - boundary: the configuration's sides, of the kinds `.closed`, `.fixed` and `.gradient`; periodic axes wrap
  ///     around by themselves.
  ///   - initial: the values at time 0.
  /// - Throws: when an initial value is not finite or outside the range that its parameter allows.
  public func field(
    _ name: String, unit: String, boundary: Boundary, initial: Quantity
  ) throws -> Field<Scalar> {
    let field = field(name, unit: unit, boundary: rules(for: name, boundary))
    try fill(field, with: initial)
    return field
  }

  private func rules(for name: String, _ boundary: Boundary) -> [Side: GhostRule] {
    var rules: [Side: GhostRule] = [:]
    for side in openSides {
      guard let condition = boundary[side] else { continue }
      switch condition.kind {
      case "closed": rules[side] = .mirror
      case "fixed": rules[side] = .value(condition.parameters.quantity(name))
      case "gradient":
        rules[side] = .gradient(condition.parameters.quantity(name), spacing: grid.spacing[side.axis.rawValue])
      default:
        fatalError(
          "the field \(name) has no rule for the boundary kind \"\(condition.kind)\": make one with GhostRule and give it "
            + "as field(_:unit:boundary:), or offer only .closed, .fixed and .gradient in the schema")
      }
    }
    return rules
  }
}
