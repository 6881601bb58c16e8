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
  private let all: (state: [Field<Scalar>], input: [Field<Scalar>], output: [Field<Scalar>])
  private var half: V { V(0.5) }
  private var one: V { V(1) }
  private var zero: V { V(0) }

  // Scratch rows: Δt/Δ over J; the inverse densities of the lines around, for each its place modulo 8; along x the shares of
  // the mass; and for each of a cell's two faces the fluxes of mass, of momentum along the axis and of ρθ, the pressure,
  // and the fluxes of all that is carried.
  private static var ratesRow: Int { 0 }
  private static var sharesRow: Int { 1 }
  private static func inverseRow(_ line: Int) -> Int { 2 &+ (line & 7) }
  private static var pressureIndex: Int { 3 }
  private static var carriedIndex: Int { 4 }
  private static func lowFaces(_ line: Int, _ state: AirFields<Scalar>) -> Int { 10 &+ (line & 1) &* facesRows(state) }
  private static func facesRows(_ state: AirFields<Scalar>) -> Int {
    carriedIndex &+ state.momentum.count &- 1 &+ state.tracers.count
  }
  static func scratchRows(_ state: AirFields<Scalar>) -> Int { 10 + 2 * facesRows(state) }

  init(
    column: AirColumn, spacing: SIMD3<Double>, axes: AirAxes, state: AirFields<Scalar>, input: AirFields<Scalar>,
    output: AirFields<Scalar>, base: AirProfiles<Scalar>, keeping: Double, rows: Scratch<Scalar>
  ) {
    (self.column, self.spacing, self.axes, self.state, self.input) = (column, spacing, axes, state, input)
    (self.output, self.base, self.keeping, self.rows) = (output, base, keeping, rows)
    law = PressureLaw(gamma: column.gamma)
    all = (state.all, input.all, output.all)
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
    return Weno.sides(a, b, c, d, e, f)
  }

  /// The column at a face.
  private struct Rest {
    let density: V
    let rhoTheta: V
    let inverseRhoTheta: V
    let pressure: V
    /// The speed of sound, over the face's area where that is not the grid's.
    let sound: V
    /// 0 where no air passes.
    let passes: V
  }

  /// What passes a face with the values at its two sides; `push` is the pressure on it.
  @inline(__always)
  private func solve(
    _ rs: (low: V, high: V), _ ms: (low: V, high: V), _ ts: (low: V, high: V), _ rest: Rest
  ) -> (mass: V, along: V, heat: V, push: V) {
    let (lowAir, highAir) = (rs.low + rest.density, rs.high + rest.density)
    let lowPush = rest.pressure * law(ts.low * rest.inverseRhoTheta)
    let highPush = rest.pressure * law(ts.high * rest.inverseRhoTheta)
    let impedance = half * (lowAir + highAir) * rest.sound
    // One division for three.
    let both = lowAir * highAir
    let inverse = one / (both * impedance)
    let (lowSpeed, highSpeed) = (
      (ms.low * highAir) * (impedance * inverse), (ms.high * lowAir) * (impedance * inverse)
    )
    let speed = rest.passes * (half * ((lowSpeed + highSpeed) - (highPush - lowPush) * (both * inverse)))
    let push = half * ((lowPush + highPush) - impedance * (highSpeed - lowSpeed))
    return (
      speed * V.choose(lowAir, ifLess: zero, than: speed, else: highAir),
      speed * V.choose(ms.low, ifLess: zero, than: speed, else: ms.high),
      speed * (V.choose(ts.low, ifLess: zero, than: speed, else: ts.high) + rest.rhoTheta), push
    )
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
    let rhoTheta = row.value(of: isUp ? base.faceRhoTheta : base.rhoTheta, up)
    let rest = Rest(
      density: row.value(of: isUp ? base.faceDensity : base.density, up), rhoTheta: rhoTheta,
      inverseRhoTheta: one / rhoTheta, pressure: row.value(of: isUp ? base.facePressure : base.pressure, up),
      sound: row.value(of: isUp ? base.faceSound : base.sound, up),
      passes: isUp ? row.value(of: base.passes, up) : one)
    for i in vectors {
      let flux = solve(
        sides { value(r, i, place, $0) }, sides { value(m, i, place, $0) }, sides { value(t, i, place, $0) }, rest)
      massRow[i] = flux.mass
      pushRow[i] = flux.along + flux.push
      heatRow[i] = flux.heat
    }
  }

  /// The same over terrain: through vertical faces of their own height, and through levels with their slopes.
  @inline(never)
  private func flow(
    over terrain: AirTerrain<Scalar>, _ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int
  ) {
    let (r, t) = (row[input.density], row[input.rhoTheta])
    let (massRow, alongRow, heatRow) = (row[rows, first], row[rows, first &+ 1], row[rows, first &+ 2])
    let pressureRow = row[rows, first &+ Self.pressureIndex]
    let faces = terrain.faces[place.axis.rawValue]
    let (density, rhoTheta, pressure) = (row[faces.density], row[faces.rhoTheta], row[faces.pressure])
    let (sound, m) = (row[faces.sound], row[input.momentum[place.axis.rawValue]])
    let passes = place.isUpward ? row.value(of: base.passes, place.height(0)) : one
    @inline(__always)
    func solve(_ i: Cell<Scalar>, _ ms: (low: V, high: V)) -> (mass: V, along: V, heat: V, push: V) {
      let heat = value(rhoTheta, i, place, 0)
      return self.solve(
        sides { value(r, i, place, $0) }, ms, sides { value(t, i, place, $0) },
        Rest(
          density: value(density, i, place, 0), rhoTheta: heat, inverseRhoTheta: one / heat,
          pressure: value(pressure, i, place, 0), sound: value(sound, i, place, 0), passes: passes))
    }
    guard place.isUpward else {
      let area = row[faces.area!]
      for i in vectors {
        let flux = solve(i, sides { value(m, i, place, $0) })
        let share = value(area, i, place, 0)
        massRow[i] = share * flux.mass
        alongRow[i] = share * (flux.along + flux.push)
        heatRow[i] = share * flux.heat
      }
      return
    }
    let fade = row.value(of: terrain.fade, place.height(0))
    let (u, slopeX) = (row[input.momentum[0]], row[terrain.slopes[0]])
    // On slices the second of the horizontal axes is the first once more, without a slope.
    let (v, slopeY) = (row[input.momentum[axes.dimensions &- 2]], row[terrain.slopes[axes.dimensions &- 2]])
    let fadeY = axes.dimensions == 3 ? fade : zero
    for i in vectors {
      let (riseX, riseY) = (fade * slopeX[i], fadeY * slopeY[i])
      let flux = solve(
        i,
        sides { cell in
          let along = riseX * value(u, i, place, cell) + riseY * value(v, i, place, cell)
          return value(m, i, place, cell) - row.value(of: terrain.sign, place.height(cell)) * along
        })
      massRow[i] = flux.mass
      alongRow[i] = flux.along + flux.push
      heatRow[i] = flux.heat
      pressureRow[i] = flux.push
    }
  }

  /// Turns the fluxes through levels from Ω into those of the vertical momentum, w = Ω + u ∂z/∂x + v ∂z/∂y, and adds to those
  /// of the horizontal momenta the pressure on the slope.
  @inline(never)
  private func tilt(
    _ terrain: AirTerrain<Scalar>, _ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int
  ) {
    let fade = row.value(of: terrain.fade, place.height(0))
    let (alongRow, pressureRow) = (row[rows, first &+ 1], row[rows, first &+ Self.pressureIndex])
    for (index, field) in terrain.slopes.enumerated() {
      let (slope, carriedRow) = (row[field], row[rows, first &+ Self.carriedIndex &+ index])
      for i in vectors {
        let (rise, carried) = (fade * slope[i], carriedRow[i])
        alongRow[i] = alongRow[i] + rise * carried
        carriedRow[i] = carried - rise * pressureRow[i]
      }
    }
  }

  /// Computes the inverse density of the line so many lines further along the axis, and three cells beyond both ends.
  @inline(never)
  private func invert(_ row: Row<Scalar>, _ place: Place, _ line: Int) {
    let (r, inverse) = (row[input.density], row[rows, Self.inverseRow(line)])
    if let terrain = base.terrain {
      let density = row[terrain.density]
      for i in row.cells(margin: place.axis == .x ? 3 : 0) {
        inverse[i] = one / (value(r, i, place, 0) + value(density, i, place, 0))
      }
    } else {
      let density = row.value(of: base.mirroredDensity, place.height(0))
      for i in row.cells(margin: place.axis == .x ? 3 : 0) { inverse[i] = one / (value(r, i, place, 0) + density) }
    }
  }

  /// Computes the flux of something that is carried: the mass's, times its share of the mass.
  @inline(never)
  private func carry(
    _ field: Field<Scalar>, _ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int,
    _ index: Int, _ line: Int
  ) {
    let q = row[field]
    let (massRow, carriedRow) = (row[rows, first], row[rows, first &+ Self.carriedIndex &+ index])
    @inline(__always)
    func pass(_ i: Cell<Scalar>, _ shares: (low: V, high: V)) {
      let mass = massRow[i]
      carriedRow[i] = mass * V.choose(shares.low, ifLess: zero, than: mass, else: shares.high)
    }
    if place.axis == .x {
      let (inverse, sharesRow) = (row[rows, Self.inverseRow(0)], row[rows, Self.sharesRow])
      for i in row.cells(margin: 3) { sharesRow[i] = q[i] * inverse[i] }
      for i in vectors { pass(i, sides { sharesRow[i, $0] }) }
    } else {
      let up = line &+ place.up
      let (a, b, c) = (
        row[rows, Self.inverseRow(up &- 3)], row[rows, Self.inverseRow(up &- 2)], row[rows, Self.inverseRow(up &- 1)]
      )
      let (d, e, f) = (
        row[rows, Self.inverseRow(up)], row[rows, Self.inverseRow(up &+ 1)], row[rows, Self.inverseRow(up &+ 2)]
      )
      for i in vectors {
        pass(
          i,
          Weno.sides(
            value(q, i, place, -3) * a[i], value(q, i, place, -2) * b[i], value(q, i, place, -1) * c[i],
            value(q, i, place, 0) * d[i], value(q, i, place, 1) * e[i], value(q, i, place, 2) * f[i]))
      }
    }
  }

  /// Computes all fluxes through faces.
  @inline(__always)
  private func pass(_ row: Row<Scalar>, _ place: Place, _ vectors: WholeCells<Scalar>, _ first: Int, _ line: Int) {
    if let terrain = base.terrain {
      flow(over: terrain, row, place, vectors, first)
    } else {
      flow(row, place, vectors, first)
    }
    var index = 0
    for axis in 0..<axes.dimensions where axis != place.axis.rawValue {
      carry(input.momentum[axis], row, place, vectors, first, index, line)
      index = index &+ 1
    }
    for tracer in input.tracers.indices {
      carry(input.tracers[tracer], row, place, vectors, first, index, line)
      index = index &+ 1
    }
    if place.isUpward, let terrain = base.terrain { tilt(terrain, row, place, vectors, first) }
  }

  /// Calls `update` with the indices of an amount in `AirFields.all` and of its flux in the scratch rows.
  @inline(__always)
  private func forEachAmount(along axis: Axis, _ update: (_ amount: Int, _ flux: Int) -> Void) {
    update(0, 0)
    update(1 &+ axis.rawValue, 1)
    update(1 &+ axes.dimensions, 2)
    var flux = Self.carriedIndex
    for other in 0..<axes.dimensions where other != axis.rawValue {
      update(1 &+ other, flux)
      flux = flux &+ 1
    }
    for tracer in input.tracers.indices {
      update(2 &+ axes.dimensions &+ tracer, flux)
      flux = flux &+ 1
    }
  }

  /// The change of cells by fluxes, Δt/Δ over their volume, into a scratch row where it is not the same for all.
  @inline(never)
  private func prepareRates(_ row: Row<Scalar>, _ rate: V) {
    guard let terrain = base.terrain else { return }
    let (rates, volume) = (row[rows, Self.ratesRow], row[terrain.volume])
    for i in row.cells(margin: 0) { rates[i] = rate / volume[i] }
  }

  @inline(__always)
  func runX(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount { lineX(row.single(line)) }
  }

  @inline(__always)
  private func lineX(_ row: Row<Scalar>) {
    let place = Place(axis: .x, isUpward: false, up: 0)
    let first = Self.lowFaces(0, state)
    invert(row, place, 0)
    pass(row, place, row.faces, first, 0)
    prepareRates(row, V(Scalar(row.dt / spacing.x)))
    forEachAmount(along: .x) { advanceX(row, $0, first &+ $1) }
  }

  /// Brings an amount forward by what passes faces across x.
  @inline(never)
  private func advanceX(_ row: Row<Scalar>, _ amount: Int, _ index: Int) {
    let (kept, part) = (V(Scalar(keeping)), V(Scalar(1 - keeping)))
    let (q0, q, newQ) = (row[all.state[amount]], row[all.input[amount]], row[all.output[amount]])
    let flux = row[rows, index]
    @inline(__always)
    func update(_ i: Cell<Scalar>, _ rate: V) {
      let next = q[i] - rate * (flux[i, 1] - flux[i])
      newQ[i] = (part * next).addingProduct(kept, q0[i])
    }
    if base.terrain == nil {
      let rate = V(Scalar(row.dt / spacing.x))
      for i in row { update(i, rate) }
    } else {
      let rates = row[rows, Self.ratesRow]
      for i in row { update(i, rates[i]) }
    }
  }

  /// Along y or z, in what the sweep along x has written. Fluxes through a line's upper faces along y are those through
  /// the next line's lower ones.
  @inline(__always)
  func runAcross(_ axis: Axis, _ row: Row<Scalar>, watch: Watch<Scalar>?) {
    for line in 0..<row.lineCount {
      let one = row.single(line)
      lineAcross(axis, one, isFirst: axis == .z || line == 0 && !row.continues, one.y)
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
    let (low, high) = (Self.lowFaces(line, state), Self.lowFaces(line &+ 1, state))
    for ahead in (isFirst ? -3 : 3)...3 {
      invert(row, Place(axis: axis, isUpward: isUpward, up: ahead), line &+ ahead)
    }
    if isFirst { pass(row, below, cells, low, line) }
    pass(row, above, cells, high, line)
    let rate = V(Scalar((1 - keeping) * row.dt / spacing[axis.rawValue]))
    prepareRates(row, rate)
    forEachAmount(along: axis) { advance(row, $0, low &+ $1, high &+ $1, rate) }
    if isUpward { fall(row) }
  }

  /// Brings an amount forward by what passes faces across y or z.
  @inline(never)
  private func advance(_ row: Row<Scalar>, _ amount: Int, _ low: Int, _ high: Int, _ rate: V) {
    let newQ = row[all.output[amount]]
    let (lower, upper) = (row[rows, low], row[rows, high])
    if base.terrain == nil {
      for i in row { newQ[i] = newQ[i] - rate * (upper[i] - lower[i]) }
    } else {
      let rates = row[rows, Self.ratesRow]
      for i in row { newQ[i] = newQ[i] - rates[i] * (upper[i] - lower[i]) }
    }
  }

  /// The weight of the perturbation.
  @inline(never)
  private func fall(_ row: Row<Scalar>) {
    let (r, newM) = (row[input.density], row[output.momentum[axes.up.rawValue]])
    let weight = V(Scalar((1 - keeping) * row.dt * column.gravity))
    for i in row { newM[i] = newM[i] - weight * r[i] }
  }

  /// Notes the smallest density of a line, and whether its values are finite.
  @inline(never)
  private func check(_ row: Row<Scalar>, _ watch: Watch<Scalar>) {
    var (smallest, sum) = (V(.infinity), zero)
    let (r, over) = (row[output.density], base.terrain.map { row[$0.density] })
    let density = row.value(of: base.density)
    for i in row {
      smallest = V.minimum(smallest, (r[i] + (over?[i] ?? density)).keepingFirst(i.lanes, else: smallest))
    }
    for field in all.output {
      let q = row[field]
      for i in row { sum = sum.addingProduct(zero, q[i].keepingFirst(i.lanes, else: zero)) }
    }
    watch.note(smallest: smallest, zero: sum, row)
  }
}
