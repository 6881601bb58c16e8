import Stencils

/// What passes a face in one stage, hyperviscosity included: fluxes times 12/7, as `FaceLine` explains.
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
  /// For the fluxes between two lines.
  let rows: Scratch<Scalar>
  let law: PressureSeries<V>

  init(
    column: AirColumn, spacing: SIMD3<Double>, start: AirFields<Scalar>, input: AirFields<Scalar>,
    output: AirFields<Scalar>, base: AirProfiles<Scalar>, watch: Watch<Scalar>, fraction: Double,
    rows: Scratch<Scalar>
  ) {
    (self.column, self.spacing, self.start, self.input, self.output) = (column, spacing, start, input, output)
    (self.base, self.watch, self.fraction, self.rows) = (base, watch, fraction, rows)
    law = PressureSeries(gamma: column.gamma)
  }

  /// The flux through a face, from the cells around it; `along` is the momentum across the face, `across` the other.
  @inline(__always)
  private func flux(
    _ face: FaceLine<V>, _ r: FourCells<V>, _ along: FourCells<V>, _ across: FourCells<V>, _ t: FourCells<V>,
    passes: V?, notesRate: Bool, fastest: inout V
  ) -> AirFlux<V> {
    let density = face.density.addingProduct(face.share, face.mean(r))
    var m = face.mean(along)
    if let passes { m = m * passes }
    let n = face.mean(across)
    let heat = face.mean(t)
    let u = m * (face.share / density)
    let push = face.push(heat)
    if notesRate { fastest = V.maximum(fastest, u.magnitude) }
    return AirFlux(
      density: m.addingProduct(face.massDrag, face.bend(r)),
      along: push.addingProduct(m, u).addingProduct(face.drag, face.bend(along)),
      across: (u * n).addingProduct(face.drag, face.bend(across)),
      rhoTheta: (u * (heat + face.rhoTheta)).addingProduct(face.drag, face.bend(t)))
  }

  @inline(__always)
  private func cells(_ q: Stencil<Scalar>, _ i: Cell<Scalar>) -> FourCells<V> {
    FourCells(a: q[i, -2], b: q[i, -1], c: q[i], d: q[i, 1])
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
    let face = FaceLine(
      law, density: row.value(of: base.density), rhoTheta: row.value(of: base.rhoTheta),
      inverseRhoTheta: V(1) / row.value(of: base.rhoTheta), pressure: row.value(of: base.pressure),
      rate: fraction * row.dt / spacing.x)
    let rate = face.rate
    let zero = V(0)
    var (fastest, ahead, smallest, check) = (zero, zero, V(.infinity), zero)
    let first = row.first
    var low = flux(
      face, cells(r, first), cells(m, first), cells(n, first), cells(t, first), passes: nil,
      notesRate: notesRate, fastest: &ahead)
    for i in row {
      // Behind the row's end the lanes of faces may hold anything.
      if notesRate { fastest = V.maximum(fastest, ahead.keepingFirst(i.lanes, else: zero)) }
      ahead = zero
      let next = i.following
      let high = flux(
        face, cells(r, next), cells(m, next), cells(n, next), cells(t, next), passes: nil,
        notesRate: notesRate, fastest: &ahead)
      let newDensity = r0[i].addingProduct(rate, low.density - low.density.moved(by: high.density))
      let newAlong = m0[i].addingProduct(rate, low.along - low.along.moved(by: high.along))
      let newAcross = n0[i].addingProduct(rate, low.across - low.across.moved(by: high.across))
      let newHeat = t0[i].addingProduct(rate, low.rhoTheta - low.rhoTheta.moved(by: high.rhoTheta))
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

  /// Goes through the lines of a row from the lowest up. The fluxes through a line's upper faces wait in scratch rows for
  /// the next line: so memory is passed through in the order in which it lies, a few rows at a time.
  @inline(__always)
  func runZ(_ row: Row<Scalar>, notesRate: Bool, checks: Bool) {
    let rate = fraction * row.dt / spacing.y
    let waiting = (row[rows, 0], row[rows, 1], row[rows, 2], row[rows, 3])
    if !row.continues { beginZ(row, rate, waiting) }
    for line in 0..<row.lineCount { lineZ(row.single(line), rate, waiting, notesRate, checks) }
  }

  /// The fluxes through the lower faces of a row's first line.
  @inline(never)
  private func beginZ(
    _ row: Row<Scalar>, _ rate: Double,
    _ waiting: (ScratchRow<Scalar>, ScratchRow<Scalar>, ScratchRow<Scalar>, ScratchRow<Scalar>)
  ) {
    var fastest = V(0)
    let (r, m, n, t) = (row[input.density], row[input.momentum[1]], row[input.momentum[0]], row[input.rhoTheta])
    let passes = row.value(of: base.passes)
    let face = faceZ(row, 0, rate, passes)
    for i in row.cells(margin: 0) {
      let low = flux(
        face, column(r, i, 0), column(m, i, 0), column(n, i, 0), column(t, i, 0), passes: passes, notesRate: false,
        fastest: &fastest)
      waiting.0[i] = low.density
      waiting.1[i] = low.along
      waiting.2[i] = low.across
      waiting.3[i] = low.rhoTheta
    }
  }

  @inline(__always)
  private func lineZ(
    _ row: Row<Scalar>, _ rate: Double,
    _ waiting: (ScratchRow<Scalar>, ScratchRow<Scalar>, ScratchRow<Scalar>, ScratchRow<Scalar>), _ notesRate: Bool,
    _ checks: Bool
  ) {
    let (r, m, n, t) = (row[input.density], row[input.momentum[1]], row[input.momentum[0]], row[input.rhoTheta])
    let (r0, m0) = (row[start.density], row[start.momentum[1]])
    let (n0, t0) = (row[start.momentum[0]], row[start.rhoTheta])
    let (newR, newM) = (row[output.density], row[output.momentum[1]])
    let (newN, newT) = (row[output.momentum[0]], row[output.rhoTheta])
    let weight = V(Scalar(-fraction * row.dt * column.gravity))
    let zero = V(0)
    let density = row.value(of: base.density)
    let passes = row.value(of: base.passes, 1)
    let face = faceZ(row, 1, rate, passes)
    var (fastest, smallest, check) = (zero, V(.infinity), zero)
    for i in row {
      var speed = zero
      let rs = column(r, i, 1)
      let high = flux(
        face, rs, column(m, i, 1), column(n, i, 1), column(t, i, 1), passes: passes, notesRate: notesRate,
        fastest: &speed)
      let newDensity = r0[i].addingProduct(face.rate, waiting.0[i] - high.density)
      let newAlong = m0[i].addingProduct(face.rate, waiting.1[i] - high.along).addingProduct(weight, rs.b)
      let newAcross = n0[i].addingProduct(face.rate, waiting.2[i] - high.across)
      let newHeat = t0[i].addingProduct(face.rate, waiting.3[i] - high.rhoTheta)
      waiting.0[i] = high.density
      waiting.1[i] = high.along
      waiting.2[i] = high.across
      waiting.3[i] = high.rhoTheta
      newR[i] = newDensity
      newM[i] = newAlong
      newN[i] = newAcross
      newT[i] = newHeat
      if notesRate { fastest = V.maximum(fastest, speed.keepingFirst(i.lanes, else: zero)) }
      if checks {
        let sum = (newDensity + newAlong) + (newAcross + newHeat)
        smallest = V.minimum(smallest, (newDensity + density).keepingFirst(i.lanes, else: density))
        check = check.addingProduct(zero, sum.keepingFirst(i.lanes, else: zero))
      }
    }
    if notesRate { note(row, fastest, spacing.y) }
    if checks { watch.note(smallest: smallest, zero: check, row) }
  }

  /// The four cells around the lower face of the cells `y` lines above.
  @inline(__always)
  private func column(_ q: Stencil<Scalar>, _ i: Cell<Scalar>, _ y: Int) -> FourCells<V> {
    FourCells(a: q[i, 0, y &- 2], b: q[i, 0, y &- 1], c: q[i, 0, y], d: q[i, 0, y &+ 1])
  }

  /// What the lower faces of the cells `y` lines above have in common.
  @inline(__always)
  private func faceZ(_ row: Row<Scalar>, _ y: Int, _ rate: Double, _ passes: V) -> FaceLine<V> {
    FaceLine(
      law, density: row.value(of: base.faceDensity, y), rhoTheta: row.value(of: base.faceRhoTheta, y),
      inverseRhoTheta: row.value(of: base.inverseFaceRhoTheta, y), pressure: row.value(of: base.facePressure, y),
      rate: rate, passes: passes)
  }

  /// Notes a line's largest speed, with that of sound.
  @inline(__always)
  private func note(_ row: Row<Scalar>, _ fastest: V, _ width: Double) {
    let scale = V(Scalar(1 / (Split4<Scalar>.courant * width)))
    watch.note(rate: scale * (fastest + row.value(of: base.sound)), row)
  }
}
