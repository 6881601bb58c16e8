import Stencils

/// Computes the cells of a row in one Runge-Kutta stage.
struct WaterKernel<Scalar: Real> {
  typealias V = Scalar.Vector
  let physics: WaterPhysics
  let spacing: SIMD3<Double>
  let bottom: Field<Scalar>
  let input: WaterFields<Scalar>
  let state: WaterFields<Scalar>
  let output: WaterFields<Scalar>
  let rows: WaterRows<Scalar>
  let watch: Watch<Scalar>
  let next: Watch<Scalar>
  let law: WaterSignals<Scalar>.Law
  let coriolis: Profile<Scalar>?
  let roughness: Field<Scalar>?
  let rain: Field<Scalar>?
  let keeping: Double
  let isFirst: Bool
  let isLast: Bool

  @inline(__always)
  func run(_ row: Row<Scalar>, _ isPlane: Bool) {
    let faces = WaterFaces<V>(gravity: physics.gravity, dry: physics.dry)
    if isPlane, !row.continues {
      for line in -2..<2 { primitives(row, line, isPlane) }
      for line in -1..<1 { slopesAlongY(row, line) }
      fluxesAlongY(row, 0, faces)
    }
    for line in 0..<row.lineCount {
      if isPlane {
        primitives(row, line + 2, isPlane)
        slopesAlongY(row, line + 1)
        fluxesAlongY(row, line + 1, faces)
      } else {
        primitives(row, line, isPlane)
      }
      slopesAlongX(row, line)
      fluxesAlongX(row, line, faces)
      update(row, line, isPlane)
      for tracer in 0..<rows.tracers { updateTracer(row, line, tracer, isPlane) }
    }
  }

  /// Depth, surface, velocities and concentrations of a line, two cells beyond its ends.
  @inline(__always)
  private func primitives(_ row: Row<Scalar>, _ line: Int, _ isPlane: Bool) {
    let (h, b) = (row[input.depth], row[bottom])
    let (mx, my) = (row[input.momentum[0]], row[input.momentum[1]])
    let first = rows.value(row, line)
    let depth = row[rows.scratch, first]
    let surface = row[rows.scratch, first &+ 1]
    let (u, v) = (row[rows.scratch, first &+ 2], row[rows.scratch, first &+ 3])
    let (zero, one) = (V(0), V(1))
    let dry = V(Scalar(physics.dry))
    for i in row.cells(margin: 2) {
      let water = V.greater(h[i, 0, line], zero)
      let inverse = V.choose(zero, ifLess: water, than: dry, else: one / V.greater(water, dry))
      depth[i] = water
      surface[i] = water + b[i, 0, line]
      u[i] = mx[i, 0, line] * inverse
      v[i] = my[i, 0, line] * inverse
    }
    for tracer in 0..<rows.tracers {
      let amount = row[input.tracers[tracer]]
      let concentration = row[rows.scratch, first &+ 4 &+ tracer]
      for i in row.cells(margin: 2) {
        let water = depth[i]
        concentration[i] = V.choose(zero, ifLess: water, than: dry, else: amount[i, 0, line] / V.greater(water, dry))
      }
    }
  }

  @inline(__always)
  private func slopesAlongX(_ row: Row<Scalar>, _ line: Int) {
    let sharpness = V(Scalar(physics.sharpness))
    let (half, zero) = (V(0.5), V(0))
    for index in 0..<(4 &+ rows.tracers) {
      let q = row[rows.scratch, rows.value(row, line) &+ index]
      let slope = row[rows.scratch, rows.slopeX &+ index]
      for i in row.cells(margin: 1) { slope[i] = limited(q[i] - q[i, -1], q[i, 1] - q[i], sharpness, half, zero) }
    }
  }

  @inline(__always)
  private func slopesAlongY(_ row: Row<Scalar>, _ line: Int) {
    let sharpness = V(Scalar(physics.sharpness))
    let (half, zero) = (V(0.5), V(0))
    for index in 0..<(4 &+ rows.tracers) {
      let below = row[rows.scratch, rows.value(row, line &- 1) &+ index]
      let here = row[rows.scratch, rows.value(row, line) &+ index]
      let above = row[rows.scratch, rows.value(row, line &+ 1) &+ index]
      let slope = row[rows.scratch, rows.slopeY(row, line) &+ index]
      for i in row.cells(margin: 0) {
        slope[i] = limited(here[i] - below[i], above[i] - here[i], sharpness, half, zero)
      }
    }
  }

  /// The fluxes through the lower faces of a line's cells across x, and the one at its high end.
  @inline(__always)
  private func fluxesAlongX(_ row: Row<Scalar>, _ line: Int, _ faces: WaterFaces<V>) {
    let (q, s, f) = (rows.value(row, line), rows.slopeX, rows.fluxX)
    let (h, e) = (row[rows.scratch, q], row[rows.scratch, q &+ 1])
    let (u, v) = (row[rows.scratch, q &+ 2], row[rows.scratch, q &+ 3])
    let (sh, se) = (row[rows.scratch, s], row[rows.scratch, s &+ 1])
    let (su, sv) = (row[rows.scratch, s &+ 2], row[rows.scratch, s &+ 3])
    let (mass, below) = (row[rows.scratch, f], row[rows.scratch, f &+ 1])
    let (above, along) = (row[rows.scratch, f &+ 2], row[rows.scratch, f &+ 3])
    let speed = row[rows.scratch, f &+ 4]
    let half = V(0.5)
    for i in row.faces {
      let flux = faces.flux(
        WaterSide(
          depth: h[i, -1] + half * sh[i, -1], surface: e[i, -1] + half * se[i, -1],
          normal: u[i, -1] + half * su[i, -1], along: v[i, -1] + half * sv[i, -1]),
        WaterSide(
          depth: h[i] - half * sh[i], surface: e[i] - half * se[i], normal: u[i] - half * su[i],
          along: v[i] - half * sv[i]))
      mass[i] = flux.mass
      below[i] = flux.normalBelow
      above[i] = flux.normalAbove
      along[i] = flux.along
      speed[i] = flux.speed
    }
    for tracer in 0..<rows.tracers {
      let c = row[rows.scratch, q &+ 4 &+ tracer]
      let sc = row[rows.scratch, s &+ 4 &+ tracer]
      let carried = row[rows.scratch, f &+ 5 &+ tracer]
      for i in row.faces {
        carried[i] =
          mass[i]
          * V.choose(c[i] - half * sc[i], ifLess: mass[i], than: V(0), else: c[i, -1] + half * sc[i, -1])
      }
    }
  }

  /// The fluxes through the lower faces of a line's cells across y.
  @inline(__always)
  private func fluxesAlongY(_ row: Row<Scalar>, _ line: Int, _ faces: WaterFaces<V>) {
    let (q0, q1) = (rows.value(row, line &- 1), rows.value(row, line))
    let (s0, s1) = (rows.slopeY(row, line &- 1), rows.slopeY(row, line))
    let f = rows.fluxY(row, line)
    let (h0, h1) = (row[rows.scratch, q0], row[rows.scratch, q1])
    let (e0, e1) = (row[rows.scratch, q0 &+ 1], row[rows.scratch, q1 &+ 1])
    let (u0, u1) = (row[rows.scratch, q0 &+ 2], row[rows.scratch, q1 &+ 2])
    let (v0, v1) = (row[rows.scratch, q0 &+ 3], row[rows.scratch, q1 &+ 3])
    let (sh0, sh1) = (row[rows.scratch, s0], row[rows.scratch, s1])
    let (se0, se1) = (row[rows.scratch, s0 &+ 1], row[rows.scratch, s1 &+ 1])
    let (su0, su1) = (row[rows.scratch, s0 &+ 2], row[rows.scratch, s1 &+ 2])
    let (sv0, sv1) = (row[rows.scratch, s0 &+ 3], row[rows.scratch, s1 &+ 3])
    let (mass, below) = (row[rows.scratch, f], row[rows.scratch, f &+ 1])
    let (above, along) = (row[rows.scratch, f &+ 2], row[rows.scratch, f &+ 3])
    let speed = row[rows.scratch, f &+ 4]
    let half = V(0.5)
    for i in row.cells(margin: 0) {
      let flux = faces.flux(
        WaterSide(
          depth: h0[i] + half * sh0[i], surface: e0[i] + half * se0[i], normal: v0[i] + half * sv0[i],
          along: u0[i] + half * su0[i]),
        WaterSide(
          depth: h1[i] - half * sh1[i], surface: e1[i] - half * se1[i], normal: v1[i] - half * sv1[i],
          along: u1[i] - half * su1[i]))
      mass[i] = flux.mass
      below[i] = flux.normalBelow
      above[i] = flux.normalAbove
      along[i] = flux.along
      speed[i] = flux.speed
    }
    for tracer in 0..<rows.tracers {
      let (c0, c1) = (row[rows.scratch, q0 &+ 4 &+ tracer], row[rows.scratch, q1 &+ 4 &+ tracer])
      let (sc0, sc1) = (row[rows.scratch, s0 &+ 4 &+ tracer], row[rows.scratch, s1 &+ 4 &+ tracer])
      let carried = row[rows.scratch, f &+ 5 &+ tracer]
      for i in row.cells(margin: 0) {
        carried[i] =
          mass[i] * V.choose(c1[i] - half * sc1[i], ifLess: mass[i], than: V(0), else: c0[i] + half * sc0[i])
      }
    }
  }

  /// The new depth and momentum of a line, and what the watch wants to know.
  @inline(__always)
  private func update(_ row: Row<Scalar>, _ line: Int, _ isPlane: Bool) {
    let one = row.single(line)
    let (h, mx, my) = (one[input.depth], one[input.momentum[0]], one[input.momentum[1]])
    let (h0, mx0, my0) = (one[state.depth], one[state.momentum[0]], one[state.momentum[1]])
    let (newH, newX, newY) = (one[output.depth], one[output.momentum[0]], one[output.momentum[1]])
    let depth = row[rows.scratch, rows.value(row, line)]
    let (slopeX, slopeY) = (row[rows.scratch, rows.slopeX &+ 1], row[rows.scratch, rows.slopeY(row, line) &+ 1])
    let x = WaterFluxRows(row, rows.scratch, from: rows.fluxX)
    let low = WaterFluxRows(row, rows.scratch, from: rows.fluxY(row, line))
    let high = WaterFluxRows(row, rows.scratch, from: rows.fluxY(row, line &+ 1))
    let (zero, dt) = (V(0), V(Scalar(row.dt)))
    let (rx, ry) = (V(Scalar(1 / spacing.x)), V(Scalar(1 / spacing.y)))
    let g = V(Scalar(physics.gravity))
    let keep = V(Scalar(keeping))
    let dry = V(Scalar(physics.dry))
    let f = coriolis.map { one.value(of: $0) } ?? zero
    let rainfall = rain.map { one[$0] }
    let friction = roughness.map { one[$0] }
    var (fastest, after, smallest, check) = (zero, zero, V(.infinity), zero)
    for i in one {
      let weight = g * depth[i]
      var dh = rx * (x.mass[i, 1] - x.mass[i])
      var dx = rx * ((x.below[i, 1] - x.above[i]) + weight * slopeX[i])
      var dy = rx * (x.along[i, 1] - x.along[i])
      var rate = rx * V.greater(x.speed[i], x.speed[i, 1])
      if isPlane {
        dh += ry * (high.mass[i] - low.mass[i])
        dx += ry * (high.along[i] - low.along[i])
        dy += ry * ((high.below[i] - low.above[i]) + weight * slopeY[i])
        rate += ry * V.greater(low.speed[i], high.speed[i])
      }
      if let rainfall { dh = dh - rainfall[i] }
      if coriolis != nil {
        dx = dx - f * my[i]
        dy += f * mx[i]
      }
      var water = h[i] - dt * dh
      var (u, v) = (mx[i] - dt * dx, my[i] - dt * dy)
      let wet = V.greater(water, dry)
      if let friction { (u, v) = slowed(u, v, wet, dt * g, friction[i]) }
      if !isFirst {
        water += keep * (h0[i] - water)
        u += keep * (mx0[i] - u)
        v += keep * (my0[i] - v)
      }
      smallest = V.minimum(smallest, water.keepingFirst(i.lanes, else: zero))
      check = check.addingProduct(zero, (water + u + v).keepingFirst(i.lanes, else: zero))
      fastest = V.maximum(fastest, rate.keepingFirst(i.lanes, else: zero))
      (u, v) = (V.choose(zero, ifLess: water, than: dry, else: u), V.choose(zero, ifLess: water, than: dry, else: v))
      newH[i] = V.choose(zero, ifLess: water, than: zero, else: water)
      newX[i] = u
      newY[i] = v
      if isLast { after = V.maximum(after, law.rate(water, u, v).keepingFirst(i.lanes, else: zero)) }
    }
    if isFirst { watch.note(rate: fastest, row) }
    if isLast { next.note(rate: after, row) }
    watch.note(smallest: smallest, zero: check, row)
  }

  /// Manning's friction, implicit: q / (1 + dt g n² |q| / h^(7/3)).
  @inline(__always)
  private func slowed(_ u: V, _ v: V, _ h: V, _ gdt: V, _ n: V) -> (V, V) {
    let size = (u * u + v * v).squareRoot
    let factor = V(1) / (V(1) + gdt * (n * n) * size / (h * h * h.cubeRoot))
    return (u * factor, v * factor)
  }

  @inline(__always)
  private func updateTracer(_ row: Row<Scalar>, _ line: Int, _ tracer: Int, _ isPlane: Bool) {
    let one = row.single(line)
    let (c, c0) = (one[input.tracers[tracer]], one[state.tracers[tracer]])
    let new = one[output.tracers[tracer]]
    let x = row[rows.scratch, rows.fluxX &+ 5 &+ tracer]
    let low = row[rows.scratch, rows.fluxY(row, line) &+ 5 &+ tracer]
    let high = row[rows.scratch, rows.fluxY(row, line &+ 1) &+ 5 &+ tracer]
    let dt = V(Scalar(row.dt))
    let (rx, ry) = (V(Scalar(1 / spacing.x)), V(Scalar(1 / spacing.y)))
    let (keep, zero) = (V(Scalar(keeping)), V(0))
    var check = zero
    for i in one {
      var change = rx * (x[i, 1] - x[i])
      if isPlane { change += ry * (high[i] - low[i]) }
      var amount = c[i] - dt * change
      if !isFirst { amount += keep * (c0[i] - amount) }
      check = check.addingProduct(zero, amount.keepingFirst(i.lanes, else: zero))
      new[i] = amount
    }
    watch.note(smallest: V(.infinity), zero: check, row)
  }
}

/// The five rows of fluxes.
struct WaterFluxRows<Scalar: Real> {
  let mass: ScratchRow<Scalar>
  let below: ScratchRow<Scalar>
  let above: ScratchRow<Scalar>
  let along: ScratchRow<Scalar>
  let speed: ScratchRow<Scalar>

  @inline(__always)
  init(_ row: Row<Scalar>, _ scratch: Scratch<Scalar>, from first: Int) {
    mass = row[scratch, first]
    below = row[scratch, first &+ 1]
    above = row[scratch, first &+ 2]
    along = row[scratch, first &+ 3]
    speed = row[scratch, first &+ 4]
  }
}
