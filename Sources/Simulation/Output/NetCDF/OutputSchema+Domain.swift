import Stencils

/// What a file says of a simulation's grid and fields, from the engine's own words.

extension OutputGrid {
  init(_ grid: Grid) {
    let axes = grid.axes.map(\.rawValue)
    self.init(
      cells: axes.map { grid.cells[$0] }, extent: axes.map { grid.extent[$0] }, origin: axes.map { grid.origin[$0] },
      axes: grid.axisNames)
  }
}

extension OutputBlock {
  /// This rank's own cells.
  init<Scalar: Real>(of domain: Domain<Scalar>) {
    let axes = domain.grid.axes.map(\.rawValue)
    self.init(start: axes.map { domain.block.low[$0] }, count: axes.map { domain.block.count[$0] })
  }
}

extension OutputVariable {
  init<Scalar: Real>(_ field: Field<Scalar>) {
    self.init(
      name: field.name, units: field.unit, longName: field.name,
      precision: Scalar.self == Float.self ? .float : .double)
  }
}
