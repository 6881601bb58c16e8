// The scheme "split4": finite volumes split by direction, after M. R. Norman's miniWeather.
//
// A step is a sweep along x and one along z, the next step z and x, and so on, each of length Δt by three stages
// q* = q + Δt/3 R(q), q** = q + Δt/2 R(q*), q + Δt R(q**) (L. J. Wicker, W. C. Skamarock, Time-splitting methods for
// elastic models using forward time schemes, Mon. Wea. Rev. 130, 2002). Faces take fourth-order means of four cells and a
// hyperviscous flux of the third difference, whose strength per step does not depend on Δt. Second order in time, fourth
// in space where the flow is smooth, first in the hyperviscosity; stable to (|u| + c) Δt / Δ = 1.5 together with it.
// Invariant: mass, to rounding, since the flux through ground and lid is exactly zero.
//
// Compared with the original, pressures are taken as perturbations by a formula without cancellation (`PressureLaw`), in
// x too; the difference is of the size of rounding.

import Stencils

struct Split4<Scalar: Real> {
  /// The Courant number of the step for the largest speed that is reckoned with, m/s.
  static var courant: Double { 1.5 }
  static var largestSpeed: Double { 450 }

  let domain: Domain<Scalar>
  let column: AirColumn
  let state: AirFields<Scalar>
  let old: AirFields<Scalar>
  let others: (AirFields<Scalar>, AirFields<Scalar>)
  let base: AirProfiles<Scalar>
  let watch: Watch<Scalar>

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func step() -> Step<Scalar> {
    var step = Step<Scalar>()
    let (a, b, c) = (old, others.0, others.1)
    for turn in [Turn.odd, .even] {
      let xFirst = turn == .odd
      // The state itself stays as it is until the end, so that a step can be taken back.
      direction(&step, turn, alongX: xFirst, from: state, stages: (a, b), to: a, isFirst: true)
      direction(&step, turn, alongX: !xFirst, from: a, stages: (b, c), to: b, isFirst: false)
    }
    for (p, q) in zip(state.all, b.all) { step.swap(p, q) }
    for (p, q) in zip(old.all, b.all) { step.swap(p, q) }
    return step
  }

  private func direction(
    _ step: inout Step<Scalar>, _ turn: Turn, alongX: Bool, from start: AirFields<Scalar>,
    stages: (AirFields<Scalar>, AirFields<Scalar>), to end: AirFields<Scalar>, isFirst: Bool
  ) {
    let parts = [
      (start, stages.0, 1.0 / 3), (stages.0, stages.1, 1.0 / 2), (stages.1, end, 1.0),
    ]
    for (index, part) in parts.enumerated() {
      let (input, output, fraction) = part
      var reading: [Field<Scalar>: Int] = [:]
      for field in start.all { reading[field] = 0 }
      for field in input.all { reading[field] = 2 }
      let kernel = Split4Kernel(
        column: column, spacing: domain.grid.spacing, start: start, input: input, output: output, base: base,
        watch: watch, fraction: fraction, notesRate: isFirst && index == 0, checks: index == 2)
      let name = "\(alongX ? "x" : "z") stage \(index + 1)"
      if alongX {
        step.append(Sweep(name, reading: reading, writing: output.all, turn: turn) { kernel.runX($0) })
      } else {
        step.append(Sweep(name, reading: reading, writing: output.all, turn: turn) { kernel.runZ($0) })
      }
    }
  }
}

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
  let notesRate: Bool
  let checks: Bool
  let law: PressureLaw<V>
  // 0.05 / 16, the original's strength of the hyperviscosity.
  private static var viscosity: Double { 0.05 / 16 }

  init(
    column: AirColumn, spacing: SIMD3<Double>, start: AirFields<Scalar>, input: AirFields<Scalar>,
    output: AirFields<Scalar>, base: AirProfiles<Scalar>, watch: Watch<Scalar>, fraction: Double, notesRate: Bool,
    checks: Bool
  ) {
    (self.column, self.spacing, self.start, self.input, self.output) = (column, spacing, start, input, output)
    (self.base, self.watch, self.fraction, self.notesRate, self.checks) = (base, watch, fraction, notesRate, checks)
    law = PressureLaw(gamma: column.gamma)
  }

  /// The mean at the face.
  @inline(__always)
  private func mean(_ q: FourCells<V>, _ seven: V, _ twelfth: V) -> V {
    ((V(0) - (q.a + q.d)).addingProduct(seven, q.b + q.c)) * twelfth
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
    let seven = V(7)
    let twelfth = V(Scalar(1.0 / 12))
    let three = V(3)
    let one = V(1)

    @inline(__always)
    init(density: V, rhoTheta: V, pressure: V, rate: Double) {
      (self.density, self.rhoTheta, self.pressure) = (density, rhoTheta, pressure)
      inverseRhoTheta = V(1) / rhoTheta
      self.rate = V(Scalar(rate))
      viscosity = V(Scalar(Split4Kernel.viscosity))
    }
  }

  /// The flux through a face, from the cells around it; `along` is the momentum across the face, `across` the other.
  @inline(__always)
  private func flux(
    _ face: Face, _ r: FourCells<V>, _ along: FourCells<V>, _ across: FourCells<V>, _ t: FourCells<V>,
    passes: V?, fastest: inout V
  ) -> AirFlux<V> {
    let density = mean(r, face.seven, face.twelfth) + face.density
    var m = mean(along, face.seven, face.twelfth)
    if let passes { m = m * passes }
    let n = mean(across, face.seven, face.twelfth)
    let heat = mean(t, face.seven, face.twelfth)
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
  private func column(_ q: Stencil<Scalar>, _ i: Cell<Scalar>, _ y: Int) -> FourCells<V> {
    FourCells(a: q[i, 0, y - 2], b: q[i, 0, y - 1], c: q[i, 0, y], d: q[i, 0, y + 1])
  }

  @inline(__always)
  func runX(_ row: Row<Scalar>) {
    for line in 0..<row.lineCount { lineX(row.single(line)) }
  }

  @inline(__always)
  private func lineX(_ row: Row<Scalar>) {
    let (r, m, n, t) = (row[input.density], row[input.momentum[0]], row[input.momentum[1]], row[input.rhoTheta])
    let (r0, m0) = (row[start.density], row[start.momentum[0]])
    let (n0, t0) = (row[start.momentum[1]], row[start.rhoTheta])
    let (newR, newM) = (row[output.density], row[output.momentum[0]])
    let (newN, newT) = (row[output.momentum[1]], row[output.rhoTheta])
    let face = Face(
      density: row.value(of: base.density), rhoTheta: row.value(of: base.rhoTheta),
      pressure: row.value(of: base.pressure), rate: fraction * row.dt / spacing.x)
    let zero = V(0)
    var (fastest, ahead, smallest, check) = (zero, zero, V(.infinity), zero)
    let first = row.first
    var low = flux(
      face, cells(r, first, 0), cells(m, first, 0), cells(n, first, 0), cells(t, first, 0), passes: nil,
      fastest: &ahead)
    for i in row {
      // Behind the row's end the lanes of faces may hold anything.
      if notesRate { fastest = V.maximum(fastest, ahead.keepingFirst(i.lanes, else: zero)) }
      ahead = zero
      let next = V.count
      let high = flux(
        face, cells(r, i, next), cells(m, i, next), cells(n, i, next), cells(t, i, next), passes: nil, fastest: &ahead)
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
    note(row, fastest, spacing.x, smallest, check)
  }

  @inline(__always)
  func runZ(_ row: Row<Scalar>) {
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
      var low = fluxZ(row, i, 0, rate, r, m, n, t, &speed)
      for line in 0..<row.lineCount {
        let high = fluxZ(row, i, line &+ 1, rate, r, m, n, t, &speed)
        let newDensity = r0[i, 0, line] - (high.density - low.density)
        let newAlong = (m0[i, 0, line] - (high.along - low.along)) - weight * r[i, 0, line]
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
    note(row, fastest, spacing.y, smallest, check)
  }

  /// The flux through the lower face of a line's cells.
  @inline(__always)
  private func fluxZ(
    _ row: Row<Scalar>, _ i: Cell<Scalar>, _ line: Int, _ rate: Double, _ r: Stencil<Scalar>, _ m: Stencil<Scalar>,
    _ n: Stencil<Scalar>, _ t: Stencil<Scalar>, _ fastest: inout V
  ) -> AirFlux<V> {
    let face = Face(
      density: row.value(of: base.faceDensity, line), rhoTheta: row.value(of: base.faceRhoTheta, line),
      pressure: row.value(of: base.facePressure, line), rate: rate)
    return flux(
      face, column(r, i, line), column(m, i, line), column(n, i, line), column(t, i, line),
      passes: row.value(of: base.passes, line), fastest: &fastest)
  }

  /// Notes the line's largest speed, with that of sound, and the checks.
  @inline(__always)
  private func note(_ row: Row<Scalar>, _ fastest: V, _ width: Double, _ smallest: V, _ check: V) {
    if notesRate {
      let scale = V(Scalar(1 / (Split4<Scalar>.courant * width)))
      watch.note(rate: scale * (fastest + row.value(of: base.sound)), row)
    }
    if checks { watch.note(smallest: smallest, zero: check, row) }
  }
}
