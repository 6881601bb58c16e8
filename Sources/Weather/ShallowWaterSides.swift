// Conditions on the sides, as rules for ghost cells: the face lies halfway between a ghost cell and its mirror image, so
// that their mean is the value at the side, to second order.
//   wall    h and v mirrored, hu with the other sign: the flux through the face is exactly zero
//   open    all mirrored: no gradient
//   inflow  hu = ± 2 q - hu mirrored; h mirrored or 2 h_side - h
//   level   h = 2 (surface - b) - h; hu mirrored

import Stencils

struct WaterRules {
  var depth: [Side: GhostRule] = [:]
  var momentum: [[Side: GhostRule]] = [[:], [:]]

  init(_ boundary: Boundary, sides: [Side], bottom: Quantity) {
    for side in sides {
      guard let condition = boundary[side] else { continue }
      let parameters = condition.parameters
      let normal = side.axis.rawValue
      let (mirror, odd) = (GhostRule.mirror, GhostRule.constant(scale: -1, offset: 0))
      (depth[side], momentum[0][side], momentum[1][side]) = (mirror, mirror, mirror)
      switch condition.kind {
      case "inflow":
        let discharge = parameters.quantity("discharge")
        let sign = side.isHigh ? -2.0 : 2.0
        momentum[normal][side] = Self.rule(discharge) { sign * $0 }
        momentum[1 - normal][side] = odd
        if parameters.has("depth") { depth[side] = Self.rule(parameters.quantity("depth")) { 2 * $0 } }
      case "level":
        let surface = parameters.quantity("surface")
        depth[side] = .varying(inTime: surface.variesInTime) { (-1, 2 * max(0, surface($0.center) - bottom($0.cell))) }
      case "open": break
      default: momentum[normal][side] = odd
      }
    }
  }

  /// The face's mean is `offset` / 2 of the quantity there.
  private static func rule(_ quantity: Quantity, _ offset: @escaping @Sendable (Double) -> Double) -> GhostRule {
    if let constant = quantity.constant { return .constant(scale: -1, offset: offset(constant)) }
    return .varying(inTime: quantity.variesInTime) { (-1, offset(quantity($0.center))) }
  }
}
