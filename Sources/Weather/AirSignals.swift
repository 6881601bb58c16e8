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
    if let terrain = base.terrain { return rate(row, i, over: terrain) }
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

  /// Over terrain: the wind across the levels, and the sound across them where they are steep.
  @inline(never)
  private func rate(_ row: Row<Scalar>, _ i: Cell<Scalar>, over terrain: AirTerrain<Scalar>) -> V {
    let inverse = V(1) / (row[state.density][i] + row[terrain.density][i])
    let (fade, up) = (row.value(of: terrain.fade), rates.count - 1)
    var (steepness, climb, sum) = (V(1), row[state.momentum[up]][i], V(0))
    for (slope, momentum) in zip(terrain.slopes, state.momentum) {
      let rise = fade * row[slope][i]
      steepness += rise * rise
      climb -= rise * row[momentum][i]
    }
    let stretch = steepness.squareRoot
    let sound = row[terrain.faces[up].sound][i] * stretch
    for axis in 0..<up { sum += rates[axis] * ((row[state.momentum[axis]][i] * inverse).magnitude + sound) }
    return sum + rates[up] / row[terrain.volume][i] * ((climb * inverse).magnitude + sound * stretch)
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
