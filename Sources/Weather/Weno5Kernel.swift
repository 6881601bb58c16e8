import Stencils

/// Computes the cells of a row in one stage along one axis.
struct Weno5Kernel<Scalar: Real> {
  typealias V = Scalar.Vector
  let column: AirColumn
  let spacing: SIMD3<Double>
  let axes: AirAxes
  let state: AirFields<Scalar>
  let input: AirFields<Scalar>
  let output: AirFields<Scalar>
  let base: AirProfiles<Scalar>
  /// The part of the step's first state in the result.
  let keeping: Double
  let rows: Scratch<Scalar>
  private let law: PressureLaw<V>
  private var half: V { V(0.5) }
  private var one: V { V(1) }
  private var zero: V { V(0) }

  // Fluxes of mass, momentum along the axis, ρθ and one thing that is carried; twice, for both faces of cells.
  private static var fluxes: Int { 4 }
  // Along x the shares of the mass.
  private static var sharesRow: Int { 2 * fluxes }
  static var scratchRows: Int { 2 * fluxes + 1 }

  init(
    column: AirColumn, spacing: SIMD3<Double>, axes: AirAxes, state: AirFields<Scalar>, input: AirFields<Scalar>,
    output: AirFields<Scalar>, base: AirProfiles<Scalar>, keeping: Double, rows: Scratch<Scalar>
  ) {
    (self.column, self.spacing, self.axes, self.state, self.input) = (column, spacing, axes, state, input)
    (self.output, self.base, self.keeping, self.rows) = (output, base, keeping, rows)
    law = PressureLaw(gamma: column.gamma)
  }

  /// Where a face lies: the lower one of the cells `up` cells further along an axis.
  private struct Place {
    let axis: Axis
    let isUpward: Bool
    let up: Int

    /// How many lines or planes above the row's the face's `cell`th neighbour is, as profiles count them.
    @inline(__always)
    func height(_ cell: Int) -> Int { isUpward ? up &+ cell : 0 }
  }

  /// The value `cell` cells from a face, 0 the one above it.
  @inline(__always)
  private func value(_ q: Stencil<Scalar>, _ i: Cell<Scalar>, _ place: Place, _ cell: Int) -> V {
    switch place.axis {
    case .x: q[i, cell]
    case .y: q[i, 0, place.up &+ cell]
    case .z: q[i, 0, 0, place.up &+ cell]
    }
  }

  /// What a field has at the two sides of a face.
  @inline(__always)
  private func sides(_ value: (Int) -> V) -> (low: V, high: V) {
    let (a, b, c, d, e, f) = (value(-3), value(-2), value(-1), value(0), value(1), value(2))
    return (Weno.face(a, b, c, d, e), Weno.face(f, e, d, c, b))
  }

  /// Computes the fluxes of mass, of momentum along the axis and of ρθ through faces into scratch rows from `first` on.
  // A function of its own, as `carry` is: what is inlined into very large functions is no longer compiled well.
  @inline(never)
  private func flow(_ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int) {
    let (r, t) = (row[input.density], row[input.rhoTheta])
    let m = row[input.momentum[place.axis.rawValue]]
    let (massRow, pushRow, heatRow) = (row[rows, first], row[rows, first &+ 1], row[rows, first &+ 2])
    let up = place.height(0)
    let isUp = place.isUpward
    let density = row.value(of: isUp ? base.faceDensity : base.density, up)
    let rhoTheta = row.value(of: isUp ? base.faceRhoTheta : base.rhoTheta, up)
    let pressure = row.value(of: isUp ? base.facePressure : base.pressure, up)
    let sound = row.value(of: isUp ? base.faceSound : base.sound, up)
    let passes = isUp ? row.value(of: base.passes, up) : one
    let inverse = one / rhoTheta
    for i in vectors {
      let rs = sides { value(r, i, place, $0) }
      let ms = sides { value(m, i, place, $0) }
      let ts = sides { value(t, i, place, $0) }
      let (lowAir, highAir) = (rs.low + density, rs.high + density)
      let (lowSpeed, highSpeed) = (ms.low / lowAir, ms.high / highAir)
      let (lowPush, highPush) = (pressure * law(ts.low * inverse), pressure * law(ts.high * inverse))
      let impedance = half * (lowAir + highAir) * sound
      let speed = passes * (half * ((lowSpeed + highSpeed) - (highPush - lowPush) / impedance))
      let push = half * ((lowPush + highPush) - impedance * (highSpeed - lowSpeed))
      let mass = speed * V.choose(lowAir, ifLess: zero, than: speed, else: highAir)
      massRow[i] = mass
      pushRow[i] = (speed * V.choose(ms.low, ifLess: zero, than: speed, else: ms.high)) + push
      heatRow[i] = speed * (V.choose(ts.low, ifLess: zero, than: speed, else: ts.high) + rhoTheta)
    }
  }

  /// Computes the flux of something that is carried: the mass's, times its share of the mass.
  @inline(never)
  private func carry(
    _ field: Field<Scalar>, _ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int
  ) {
    let (q, r) = (row[field], row[input.density])
    let (massRow, carriedRow) = (row[rows, first], row[rows, first &+ 3])
    let sharesRow = row[rows, Self.sharesRow]
    if place.axis == .x {
      let density = row.value(of: base.density)
      for i in row.cells(margin: 3) { sharesRow[i] = q[i] / (r[i] + density) }
    }
    for i in vectors {
      let shares = sides { cell in
        if place.axis == .x { return sharesRow[i, cell] }
        return value(q, i, place, cell) / (value(r, i, place, cell) + row.value(of: base.density, place.height(cell)))
      }
      let mass = massRow[i]
      carriedRow[i] = mass * V.choose(shares.low, ifLess: zero, than: mass, else: shares.high)
    }
  }

  @inline(__always)
  func runX(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount { lineX(row.single(line)) }
  }

  @inline(__always)
  private func lineX(_ row: Row<Scalar>) {
    let place = Place(axis: .x, isUpward: false, up: 0)
    let (kept, part) = (V(Scalar(keeping)), V(Scalar(1 - keeping)))
    let rate = V(Scalar(row.dt / spacing.x))
    flow(row, place, row.faces, 0)
    func update(_ old: Field<Scalar>, _ now: Field<Scalar>, _ new: Field<Scalar>, _ index: Int) {
      let (q0, q, newQ, flux) = (row[old], row[now], row[new], row[rows, index])
      for i in row {
        let next = q[i] - rate * (flux[i, 1] - flux[i])
        newQ[i] = (part * next).addingProduct(kept, q0[i])
      }
    }
    update(state.density, input.density, output.density, 0)
    update(state.momentum[0], input.momentum[0], output.momentum[0], 1)
    update(state.rhoTheta, input.rhoTheta, output.rhoTheta, 2)
    for axis in 1..<axes.dimensions {
      carry(input.momentum[axis], row, place, row.faces, 0)
      update(state.momentum[axis], input.momentum[axis], output.momentum[axis], 3)
    }
    for index in input.tracers.indices {
      carry(input.tracers[index], row, place, row.faces, 0)
      update(state.tracers[index], input.tracers[index], output.tracers[index], 3)
    }
  }

  /// Along y or z, in what the sweep along x has written. Fluxes through a line's upper faces along y are those through
  /// the next line's lower ones.
  @inline(__always)
  func runAcross(_ axis: Axis, _ row: Row<Scalar>, watch: Watch<Scalar>?) {
    for line in 0..<row.lineCount {
      let one = row.single(line)
      lineAcross(axis, one, isFirst: axis == .z || line == 0, line)
      if let watch { check(one, watch) }
    }
  }

  @inline(__always)
  private func lineAcross(_ axis: Axis, _ row: Row<Scalar>, isFirst: Bool, _ line: Int) {
    let isUpward = axis == axes.up
    let (below, above) = (
      Place(axis: axis, isUpward: isUpward, up: 0), Place(axis: axis, isUpward: isUpward, up: 1)
    )
    let cells = row.cells(margin: 0)
    let low = (line & 1) &* Self.fluxes
    let high = Self.fluxes &- low
    if isFirst { flow(row, below, cells, low) }
    flow(row, above, cells, high)
    let rate = V(Scalar((1 - keeping) * row.dt / spacing[axis.rawValue]))
    func update(_ new: Field<Scalar>, _ index: Int) {
      let (newQ, lower, upper) = (row[new], row[rows, low &+ index], row[rows, high &+ index])
      for i in row { newQ[i] = newQ[i] - rate * (upper[i] - lower[i]) }
    }
    update(output.density, 0)
    update(output.momentum[axis.rawValue], 1)
    update(output.rhoTheta, 2)
    func carryThrough(_ old: Field<Scalar>, _ new: Field<Scalar>) {
      carry(old, row, below, cells, low)
      carry(old, row, above, cells, high)
      update(new, 3)
    }
    for other in 0..<axes.dimensions where other != axis.rawValue {
      carryThrough(input.momentum[other], output.momentum[other])
    }
    for (old, new) in zip(input.tracers, output.tracers) { carryThrough(old, new) }
    if isUpward { fall(row) }
  }

  /// The weight of the perturbation.
  @inline(__always)
  private func fall(_ row: Row<Scalar>) {
    let (r, newM) = (row[input.density], row[output.momentum[axes.up.rawValue]])
    let weight = V(Scalar((1 - keeping) * row.dt * column.gravity))
    for i in row { newM[i] = newM[i] - weight * r[i] }
  }

  /// Notes the smallest density of a line, and whether its values are finite.
  @inline(never)
  private func check(_ row: Row<Scalar>, _ watch: Watch<Scalar>) {
    let density = row.value(of: base.density)
    var (smallest, sum) = (density, zero)
    for i in row {
      smallest = V.minimum(smallest, (row[output.density][i] + density).keepingFirst(i.lanes, else: density))
    }
    for field in output.all {
      let q = row[field]
      for i in row { sum = sum.addingProduct(zero, q[i].keepingFirst(i.lanes, else: zero)) }
    }
    watch.note(smallest: smallest, zero: sum, row)
  }
}
