import Stencils

/// k, ρc and q as fields, for bodies in which they vary.
final class CoefficientFields<Scalar: Real> {
  /// Face conductance over cell width at lower faces, W/m³/K, one field an axis.
  let conductance: [Field<Scalar>]
  /// ρc, J/m³/K, and its inverse; both 0 where the temperature is held.
  let capacity: Field<Scalar>
  let inverseCapacity: Field<Scalar>
  /// q, W/m³.
  let source: Field<Scalar>
  /// What a source that varies in time has released, J/m³.
  let supplied: Field<Scalar>?
  /// The heat that a capacity that varies in time has counted in, J/m³.
  let stored: Field<Scalar>?

  init(_ material: Material, on domain: Domain<Scalar>) {
    conductance = domain.grid.axes.map { domain.field("conductance along \($0)", unit: "W m-3 K-1") }
    capacity = domain.field("capacity", unit: "J m-3 K-1")
    inverseCapacity = domain.field("inverse capacity", unit: "m3 K J-1")
    source = domain.field("source", unit: "W m-3")
    supplied = material.source.variesInTime ? domain.field("supplied", unit: "J m-3", startsAtZero: true) : nil
    stored = material.capacity.variesInTime ? domain.field("stored", unit: "J m-3", startsAtZero: true) : nil
    for (axis, field) in zip(domain.grid.axes, conductance) {
      domain.fill(field, with: Self.faces(material, domain.grid, axis))
    }
    domain.fill(capacity, with: .cells(material.bodyCapacity))
    domain.fill(inverseCapacity, with: .cells(material.inverseCapacity))
    domain.fill(source, with: .cells(material.bodySource))
  }

  static func faces(_ material: Material, _ grid: Grid, _ axis: Axis) -> CellFunction {
    let spacing = grid.spacing[axis.rawValue]
    return .faces(axis) { material.conductance($0, $1, spacing: spacing) }
  }

  /// Brings the conductance to a time, where it changes.
  func updateConductance(at time: Double, on domain: Domain<Scalar>, _ material: Material) {
    guard material.conductivity.variesInTime else { return }
    for (axis, field) in zip(domain.grid.axes, conductance) {
      domain.fill(field, with: Self.faces(material, domain.grid, axis), at: time)
    }
  }

  /// The longest stable step of forward Euler: the smallest over cells of ρc / Σ_faces G.
  func eulerLimit(at time: Double, on domain: Domain<Scalar>, _ material: Material) throws -> Double {
    updateConductance(at: time, on: domain, material)
    if material.capacity.variesInTime {
      domain.fill(inverseCapacity, with: .cells(material.inverseCapacity), at: time)
    }
    let (dimensions, conductance, inverse) = (domain.grid.dimensions, self.conductance, inverseCapacity)
    return try domain.minimum { row in
      let x = row[conductance[0]]
      let y = row[conductance[min(1, dimensions - 1)]]
      let z = row[conductance[dimensions - 1]]
      var largest = 0.0
      for i in row {
        var sum = x[i] + x[i, 1]
        if dimensions > 1 { sum += y[i] + y[i, 0, 1] }
        if dimensions > 2 { sum += z[i] + z[i, 0, 0, 1] }
        let rate = row[inverse][i] * sum
        for lane in 0..<i.lanes { largest = max(largest, Double(rate[lane])) }
      }
      return 1 / largest
    }
  }
}
