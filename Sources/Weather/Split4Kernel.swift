import Stencils

/// What passes a face in one stage, as changes of the cells beside it: fluxes times Δt/Δ, hyperviscosity included.
struct AirFlux<V: Lanes> {
  let density: V
  let along: V
  let across: V
  let rhoTheta: V
}

/// Four neighbouring cells across a face, from the lowest on.
struct FourCells<V: Lanes> {
  let a: V
  let b: V
  let c: V
  let d: V

  /// The four around the next face, of which the last one is new.
  @inline(__always)
  func moved(up next: V) -> FourCells { FourCells(a: b, b: c, c: d, d: next) }
}

/// Computes the cells of a row in one stage of one direction.
struct Split4Kernel<Scalar: Real> {
  typealias V = Scalar.Vector
  let column: AirColumn
  let spacing: SIMD3<Double>
  let start: AirFields<Scalar>
  let input: AirFields<Scalar>
  let output: AirFields<Scalar>
  let base: AirProfiles<Scalar>
  let watch: Watch<Scalar>
  let fraction: Double
  let law: PressureLaw<V>
  // 0.05 / 16, the original's strength of the hyperviscosity.
  private static var viscosity: Double { 0.05 / 16 }

  init(
    column: AirColumn, spacing: SIMD3<Double>, start: AirFields<Scalar>, input: AirFields<Scalar>,
    output: AirFields<Scalar>, base: AirProfiles<Scalar>, watch: Watch<Scalar>, fraction: Double
  ) {
    (self.column, self.spacing, self.start, self.input, self.output) = (column, spacing, start, input, output)
    (self.base, self.watch, self.fraction) = (base, watch, fraction)
    law = PressureLaw(gamma: column.gamma)
  }

  /// The mean at the face.
  @inline(__always)
  private func mean(_ q: FourCells<V>, _ face: Face) -> V {
    (face.outer * (q.a + q.d)).addingProduct(face.inner, q.b + q.c)
  }

  /// The third difference.
  @inline(__always)
  private func bend(_ q: FourCells<V>, _ three: V) -> V { (q.d - q.a).addingProduct(three, q.b - q.c) }

  /// The numbers that all faces of a line have in common.
  struct Face {
    let density: V
    let rhoTheta: V
    let inverseRhoTheta: V
    let pressure: V
    /// Δt/Δ of this stage.
    let rate: V
    let viscosity: V
    let inner = V(Scalar(7.0 / 12))
    let outer = V(Scalar(-1.0 / 12))
    let three = V(3)
    let one = V(1)

    @inline(__always)
    init(density: V, rhoTheta: V, inverseRhoTheta: V, pressure: V, rate: Double) {
      (self.density, self.rhoTheta, self.pressure) = (density, rhoTheta, pressure)
      self.inverseRhoTheta = inverseRhoTheta
      self.rate = V(Scalar(rate))
      viscosity = V(Scalar(Split4Kernel.viscosity))
    }
  }

  /// The flux through a face, from the cells around it; `along` is the momentum across the face, `across` the other.
  @inline(__always)
  private func flux(
    _ face: Face, _ r: FourCells<V>, _ along: FourCells<V>, _ across: FourCells<V>, _ t: FourCells<V>,
    passes: V?, notesRate: Bool, fastest: inout V
  ) -> AirFlux<V> {
    let density = mean(r, face) + face.density
    var m = mean(along, face)
    if let passes { m = m * passes }
    let n = mean(across, face)
    let heat = mean(t, face)
    let u = m * (face.one / density)
    let pressure = face.pressure * law(heat * face.inverseRhoTheta)
    let drag = face.viscosity
    var bent = bend(r, face.three)
    if let passes { bent = bent * passes }
    if notesRate { fastest = V.maximum(fastest, u.magnitude) }
    return AirFlux(
      density: (drag * bent).addingProduct(face.rate, m),
      along: (drag * bend(along, face.three)).addingProduct(face.rate, pressure.addingProduct(m, u)),
      across: (drag * bend(across, face.three)).addingProduct(face.rate, u * n),
      rhoTheta: (drag * bend(t, face.three)).addingProduct(face.rate, u * (heat + face.rhoTheta)))
  }

  @inline(__always)
  private func cells(_ q: Stencil<Scalar>, _ i: Cell<Scalar>, _ x: Int) -> FourCells<V> {
    FourCells(a: q[i, x - 2], b: q[i, x - 1], c: q[i, x], d: q[i, x + 1])
  }

  @inline(__always)
  func runX(_ row: Row<Scalar>, notesRate: Bool, checks: Bool) {
    for line in 0..<row.lineCount { lineX(row.single(line), notesRate, checks) }
  }

  @inline(__always)
  private func lineX(_ row: Row<Scalar>, _ notesRate: Bool, _ checks: Bool) {
    let (r, m, n, t) = (row[input.density], row[input.momentum[0]], row[input.momentum[1]], row[input.rhoTheta])
    let (r0, m0) = (row[start.density], row[start.momentum[0]])
    let (n0, t0) = (row[start.momentum[1]], row[start.rhoTheta])
    let (newR, newM) = (row[output.density], row[output.momentum[0]])
    let (newN, newT) = (row[output.momentum[1]], row[output.rhoTheta])
    let face = Face(
      density: row.value(of: base.density), rhoTheta: row.value(of: base.rhoTheta),
      inverseRhoTheta: V(1) / row.value(of: base.rhoTheta), pressure: row.value(of: base.pressure),
      rate: fraction * row.dt / spacing.x)
    let zero = V(0)
    var (fastest, ahead, smallest, check) = (zero, zero, V(.infinity), zero)
    let first = row.first
    var low = flux(
      face, cells(r, first, 0), cells(m, first, 0), cells(n, first, 0), cells(t, first, 0), passes: nil,
      notesRate: notesRate, fastest: &ahead)
    for i in row {
      // Behind the row's end the lanes of faces may hold anything.
      if notesRate { fastest = V.maximum(fastest, ahead.keepingFirst(i.lanes, else: zero)) }
      ahead = zero
      let next = V.count
      let high = flux(
        face, cells(r, i, next), cells(m, i, next), cells(n, i, next), cells(t, i, next), passes: nil,
        notesRate: notesRate, fastest: &ahead)
      let newDensity = r0[i] - (low.density.moved(by: high.density) - low.density)
      let newAlong = m0[i] - (low.along.moved(by: high.along) - low.along)
      let newAcross = n0[i] - (low.across.moved(by: high.across) - low.across)
      let newHeat = t0[i] - (low.rhoTheta.moved(by: high.rhoTheta) - low.rhoTheta)
      newR[i] = newDensity
      newM[i] = newAlong
      newN[i] = newAcross
      newT[i] = newHeat
      low = high
      if checks {
        let sum = (newDensity + newAlong) + (newAcross + newHeat)
        smallest = V.minimum(smallest, (newDensity + face.density).keepingFirst(i.lanes, else: face.density))
        check = check.addingProduct(zero, sum.keepingFirst(i.lanes, else: zero))
      }
    }
    if notesRate { note(row, fastest, spacing.x) }
    if checks { watch.note(smallest: smallest, zero: check, row) }
  }

  /// Goes up columns, a vector wide, with the four cells around a face at hand: each cell is loaded once, each flux used
  /// for the cell below and the cell above.
  @inline(__always)
  func runZ(_ row: Row<Scalar>, notesRate: Bool, checks: Bool) {
    let (r, m, n, t) = (row[input.density], row[input.momentum[1]], row[input.momentum[0]], row[input.rhoTheta])
    let (r0, m0) = (row[start.density], row[start.momentum[1]])
    let (n0, t0) = (row[start.momentum[0]], row[start.rhoTheta])
    let (newR, newM) = (row[output.density], row[output.momentum[1]])
    let (newN, newT) = (row[output.momentum[0]], row[output.rhoTheta])
    let rate = fraction * row.dt / spacing.y
    let weight = V(Scalar(fraction * row.dt * column.gravity))
    let zero = V(0)
    var (fastest, smallest, check) = (zero, V(.infinity), zero)
    for i in row.single(0) {
      var speed = zero
      var (rs, ms, ns, ts) = (column(r, i), column(m, i), column(n, i), column(t, i))
      var low = fluxZ(row, 0, rate, rs, ms, ns, ts, notesRate, &speed)
      for line in 0..<row.lineCount {
        rs = rs.moved(up: r[i, 0, line &+ 2])
        ms = ms.moved(up: m[i, 0, line &+ 2])
        ns = ns.moved(up: n[i, 0, line &+ 2])
        ts = ts.moved(up: t[i, 0, line &+ 2])
        let high = fluxZ(row, line &+ 1, rate, rs, ms, ns, ts, notesRate, &speed)
        let newDensity = r0[i, 0, line] - (high.density - low.density)
        let newAlong = (m0[i, 0, line] - (high.along - low.along)) - weight * rs.b
        let newAcross = n0[i, 0, line] - (high.across - low.across)
        let newHeat = t0[i, 0, line] - (high.rhoTheta - low.rhoTheta)
        newR.set(i, line: line, newDensity)
        newM.set(i, line: line, newAlong)
        newN.set(i, line: line, newAcross)
        newT.set(i, line: line, newHeat)
        low = high
        if checks {
          let density = row.value(of: base.density, line)
          let sum = (newDensity + newAlong) + (newAcross + newHeat)
          smallest = V.minimum(smallest, (newDensity + density).keepingFirst(i.lanes, else: density))
          check = check.addingProduct(zero, sum.keepingFirst(i.lanes, else: zero))
        }
      }
      if notesRate { fastest = V.maximum(fastest, speed.keepingFirst(i.lanes, else: zero)) }
    }
    if notesRate { note(row, fastest, spacing.y) }
    if checks { watch.note(smallest: smallest, zero: check, row) }
  }

  /// The four cells around the lower face of the first line's cells.
  @inline(__always)
  private func column(_ q: Stencil<Scalar>, _ i: Cell<Scalar>) -> FourCells<V> {
    FourCells(a: q[i, 0, -2], b: q[i, 0, -1], c: q[i], d: q[i, 0, 1])
  }

  /// The flux through the lower face of a line's cells.
  @inline(__always)
  private func fluxZ(
    _ row: Row<Scalar>, _ line: Int, _ rate: Double, _ r: FourCells<V>, _ m: FourCells<V>, _ n: FourCells<V>,
    _ t: FourCells<V>, _ notesRate: Bool, _ fastest: inout V
  ) -> AirFlux<V> {
    let face = Face(
      density: row.value(of: base.faceDensity, line), rhoTheta: row.value(of: base.faceRhoTheta, line),
      inverseRhoTheta: row.value(of: base.inverseFaceRhoTheta, line), pressure: row.value(of: base.facePressure, line),
      rate: rate)
    return flux(
      face, r, m, n, t, passes: row.value(of: base.passes, line), notesRate: notesRate, fastest: &fastest)
  }

  /// Notes a line's largest speed, with that of sound.
  @inline(__always)
  private func note(_ row: Row<Scalar>, _ fastest: V, _ width: Double) {
    let scale = V(Scalar(1 / (Split4<Scalar>.courant * width)))
    watch.note(rate: scale * (fastest + row.value(of: base.sound)), row)
  }
}
