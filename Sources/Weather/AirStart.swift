import Stencils

/// The state of the air at time 0, from its word and what the configuration says instead: cell means by three
/// Gauss-Legendre points along each axis.
struct AirStart<Scalar: Real> {
  let domain: Domain<Scalar>
  let column: AirColumn
  let ground: AirGround?
  let word: AirState
  let parameters: Parameters
  private let axes: AirAxes

  init(
    _ parameters: Parameters, _ word: AirState, _ column: AirColumn, _ ground: AirGround?, on domain: Domain<Scalar>
  ) {
    (self.parameters, self.word, self.column, self.ground, self.domain) = (parameters, word, column, ground, domain)
    axes = AirAxes(domain.grid)
  }

  /// Fills the fields of a state. Formulas are checked at the centres, in `spare`. Over terrain winds of which no vertical
  /// part is given follow the levels, so that none blows through the ground.
  func fill(_ state: AirFields<Scalar>, over terrain: AirTerrain<Scalar>?, spare: Field<Scalar>) throws {
    func given(_ table: Parameters, _ key: String) throws -> Quantity? {
      guard table.has(key) else { return nil }
      let quantity = table.quantity(key)
      try domain.fill(spare, with: quantity)
      return quantity
    }
    let (theta, surplus) = (try given(parameters, "theta"), try given(parameters, "density"))
    let (column, word, axes) = (self.column, self.word, self.axes)
    let place = AirState.Place(domain.grid)
    // θ' leaves as it is either the density or the pressure, and so ρθ; what else the density has comes with its ρθ.
    let keepsPressure = parameters.word("unchanged") == "pressure"
    func warmth(_ p: Point) -> Double { theta.map { $0(p) } ?? word.theta(p, place) }
    func excess(_ p: Point) -> Double {
      let z = axes.height(p)
      let light = keepsPressure ? column.rhoTheta(z) / (column.theta(z) + warmth(p)) - column.density(z) : 0
      return light + (surplus.map { $0(p) } ?? 0)
    }
    func density(_ p: Point) -> Double { column.density(axes.height(p)) + excess(p) }
    func heat(_ p: Point) -> Double {
      let (z, warmth) = (axes.height(p), warmth(p))
      let all = keepsPressure || warmth == 0 ? 0 : column.density(z) * warmth
      return all + (surplus.map { $0(p) * (column.theta(z) + warmth) } ?? 0)
    }
    if keepsPressure || surplus != nil { domain.fill(state.density, with: mean(excess)) }
    domain.fill(state.rhoTheta, with: mean(heat))
    let keys = axes.dimensions == 3 ? ["velocity.x", "velocity.y", "velocity.up"] : ["velocity.x", "velocity.up"]
    for (index, key) in keys.enumerated() {
      let speed = try given(parameters, key)
      let usual = index == 0 ? word.wind : 0
      // Fields begin as zero.
      if speed.map({ $0.constant == 0 }) ?? (usual == 0) { continue }
      domain.fill(state.momentum[index], with: mean { p in density(p) * (speed.map { $0(p) } ?? usual) })
    }
    for (table, field) in zip(parameters.tables("tracer"), state.tracers) {
      guard let share = try given(table, "initial") else { continue }
      // Of the mass that a cell has for the scheme, so that a share that is the same everywhere stays so.
      let axes = self.axes
      domain.fill(
        field,
        with: .cells { [self] p in
          let z = axes.height(ground?.place(p) ?? p)
          return (column.density(z) + average(excess, p)) * average({ share($0) }, p)
        })
    }
    if let terrain, !parameters.has("velocity.up") { domain.compute { terrain.follow(state.momentum, $0) } }
  }

  /// The mean over each cell.
  private func mean(_ value: @escaping (Point) -> Double) -> CellFunction { .cells { [self] in average(value, $0) } }

  /// The mean over the cell around a point.
  private func average(_ value: (Point) -> Double, _ center: Point) -> Double {
    let root = 0.15.squareRoot()
    let nodes = [(-root, 5.0 / 18), (0, 8.0 / 18), (root, 5.0 / 18)]
    let across = axes.dimensions == 3 ? nodes : [(0, 1)]
    let spacing = domain.grid.spacing
    var sum = 0.0
    for (dz, wz) in across {
      for (dy, wy) in nodes {
        for (dx, wx) in nodes {
          var q = center
          q.x += dx * spacing.x
          q.y += dy * spacing.y
          q.z += dz * spacing.z
          sum += value(ground?.place(q) ?? q) * (wx * wy * wz)
        }
      }
    }
    return sum
  }
}
