// Conditions on the sides of a body, as rules for ghost cells.
//
// A ghost cell lies half a cell outside the face, its mirror image T half a cell inside. The flux into the body through
// the face is k (ghost - T) / h. Each condition sets that flux, to second order:
//   fixed       ghost = 2 Tb - T                       the face's mean is Tb
//   insulated   ghost = T
//   flux        ghost = T + f h / k
//   convective  ghost = T + (U h / k) (Ta - T),        U = 1 / (1/a + h / 2k), film and half cell in series

import Stencils

extension Material {
  /// The rule for a side.
  /// - Parameter h: the cell width across the side, in metres.
  func rule(for condition: SideCondition, spacing h: Double) -> GhostRule {
    let parameters = condition.parameters
    let conductivity = self.conductivity
    switch condition.kind {
    case "fixed":
      let value = parameters.quantity("value")
      return rule([value]) { (-1, 2 * value($0.center)) }
    case "flux":
      let flux = parameters.quantity("value")
      return rule([flux, conductivity]) { (1, flux($0.center) * h / conductivity($0.cell)) }
    case "convective":
      let film = parameters.quantity("h")
      let ambient = parameters.quantity("ambient")
      return rule([film, ambient, conductivity]) { face in
        let k = conductivity(face.cell)
        let a = film(face.center)
        // Of the drop from the surroundings to the cell this part lies between ghost cell and cell.
        let part = a == 0 ? 0 : h / k / (1 / a + h / (2 * k))
        return (1 - part, part * ambient(face.center))
      }
    default:
      return .mirror
    }
  }

  /// Constant where all its quantities are, computed once where none depends on time.
  private func rule(
    _ quantities: [Quantity], _ coefficients: @escaping @Sendable (GhostRule.Face) -> (scale: Double, offset: Double)
  ) -> GhostRule {
    if quantities.allSatisfy({ $0.constant != nil }) {
      let (scale, offset) = coefficients(GhostRule.Face(center: Point(), cell: Point()))
      return .constant(scale: scale, offset: offset)
    }
    return .varying(inTime: quantities.contains { $0.variesInTime }, coefficients)
  }
}
