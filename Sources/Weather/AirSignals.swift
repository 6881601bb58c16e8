import Stencils

/// How fast sound and wind cross cells: (|velocity| + speed of sound) / Δ, over what a scheme bears of it.
struct AirSignals<Scalar: Real> {
  typealias V = Scalar.Vector
  let state: AirFields<Scalar>
  let base: AirProfiles<Scalar>
  /// 1/Δ along each axis, over the largest Courant number.
  let rates: [V]
  /// Whether the axes' rates add up, as where a step is not split by direction.
  let addsUp: Bool

  init(_ state: AirFields<Scalar>, _ base: AirProfiles<Scalar>, _ grid: Grid, courant: Double, addsUp: Bool) {
    (self.state, self.base, self.addsUp) = (state, base, addsUp)
    rates = AirAxes(grid).all.map { V(Scalar(1 / (courant * grid.spacing[$0.rawValue]))) }
  }

  @inline(__always)
  func rate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> V {
    let inverse = V(1) / (row[state.density][i] + row.value(of: base.density))
    let sound = row.value(of: base.sound)
    var (largest, sum) = (V(0), V(0))
    for (axis, rate) in rates.enumerated() {
      let here = rate * ((row[state.momentum[axis]][i] * inverse).magnitude + sound)
      largest = V.maximum(largest, here)
      sum += here
    }
    return addsUp ? sum : largest
  }

  /// The largest of a row.
  @inline(__always)
  func fastest(_ row: Row<Scalar>) -> V {
    var largest = V(0)
    for i in row { largest = V.maximum(largest, rate(row, i).keepingFirst(i.lanes, else: V(0))) }
    return largest
  }

  /// The largest of all cells in 1/s. Every rank calls it.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fastest(on domain: Domain<Scalar>) throws -> Double {
    try domain.maximum { fastest($0) }
  }
}
