// One step of each scheme, as a list of sweeps.

import Stencils

/// Puts together what a step of heat conduction does.
struct StepBuilder<Scalar: Real> {
  let domain: Domain<Scalar>
  let scheme: Scheme
  let material: Material
  let temperature: Field<Scalar>
  let next: Field<Scalar>
  let rules: [Side: GhostRule]
  let coefficients: CoefficientFields<Scalar>?
  let sides: FaceLedger<Scalar>
  let surface: SurfaceLedger<Scalar>?

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func step() -> Step<Scalar> {
    let grid = domain.grid
    guard let coefficients else {
      let capacity = material.capacity(Point())
      var rate = SIMD3<Double>.zero
      for axis in grid.axes {
        rate[axis.rawValue] = material.conductivity(Point()) / capacity / square(grid.spacing[axis.rawValue])
      }
      let heating = material.source(Point()) / capacity
      switch grid.dimensions {
      case 1: return step(UniformConduction<Scalar, OneDimension>(rate: rate, heating: heating))
      case 2: return step(UniformConduction<Scalar, TwoDimensions>(rate: rate, heating: heating))
      default: return step(UniformConduction<Scalar, ThreeDimensions>(rate: rate, heating: heating))
      }
    }
    return step(
      VariableConduction(
        dimensions: grid.dimensions, conductance: coefficients.conductance,
        inverseCapacity: coefficients.inverseCapacity, source: coefficients.source))
  }

  private func step<Law: Conduction>(_ law: Law) -> Step<Scalar> where Law.Scalar == Scalar {
    var step = Step<Scalar>()
    chargeCapacity(&step, from: 0, to: 0.5)
    switch scheme.kind {
    case .euler: euler(&step, law)
    case .heun: heun(&step, law)
    case .rkl2: legendre(&step, law)
    }
    chargeCapacity(&step, from: 0.5, to: 1)
    return step
  }

  /// Brings the coefficients to the time of a stage and books what the source releases with the stage's weight.
  private func prepare(_ step: inout Step<Scalar>, stage: Int) {
    guard let coefficients else { return }
    let fraction = scheme.fractions[stage]
    let material = self.material
    if material.conductivity.variesInTime {
      for (axis, field) in zip(domain.grid.axes, coefficients.conductance) {
        step.evaluate(CoefficientFields<Scalar>.faces(material, domain.grid, axis), into: field, fraction: fraction)
      }
    }
    if stage == 0, material.capacity.variesInTime {
      // One capacity for all stages, that of the middle of the step: second order, and the budget closes.
      step.evaluate(.cells(material.inverseCapacity), into: coefficients.inverseCapacity, fraction: 0.5)
    }
    guard let supplied = coefficients.supplied else { return }
    let source = coefficients.source
    let weight = scheme.weights[stage]
    step.evaluate(.cells(material.bodySource), into: source, fraction: fraction)
    step.append(
      Sweep("book source", reading: [source: 0, supplied: 0], writing: [supplied]) { row in
        let (source, supplied) = (row[source], row[supplied])
        let seconds = Scalar.Vector(Scalar(weight * row.dt))
        for i in row { supplied[i] = supplied[i].addingProduct(seconds, source[i]) }
      })
  }

  /// Books the heat that the changing capacity counts in at the temperature of this moment.
  private func chargeCapacity(_ step: inout Step<Scalar>, from start: Double, to end: Double) {
    guard let coefficients, let stored = coefficients.stored else { return }
    let (temperature, capacity) = (self.temperature, coefficients.capacity)
    for (fraction, sign) in [(start, -1.0), (end, 1.0)] {
      step.evaluate(.cells(material.bodyCapacity), into: capacity, fraction: fraction)
      step.append(
        Sweep("book capacity", reading: [temperature: 0, capacity: 0, stored: 0], writing: [stored]) { row in
          let (u, c, stored) = (row[temperature], row[capacity], row[stored])
          let factor = Scalar.Vector(Scalar(sign))
          for i in row { stored[i] = stored[i].addingProduct(factor * c[i], u[i]) }
        })
    }
  }

  /// Books, after a row is computed, what flowed through the faces beside it during a stage.
  private func bookkeeping(of field: Field<Scalar>, stage: Int) -> (Row<Scalar>) -> Void {
    let (sides, surface, weight) = (self.sides, self.surface, scheme.weights[stage])
    return { row in
      sides.record(row, of: field, weight: weight * row.dt)
      surface?.record(row, of: field, weight: weight * row.dt)
    }
  }

  private func euler<Law: Conduction>(_ step: inout Step<Scalar>, _ law: Law) where Law.Scalar == Scalar {
    eulerStage(&step, law, name: "euler")
    step.swap(temperature, next)
  }

  /// Y_1 = Y_0 + dt L(Y_0), from the temperature into the next field: all of Euler, the first stage of Heun.
  private func eulerStage<Law: Conduction>(_ step: inout Step<Scalar>, _ law: Law, name: String)
  where Law.Scalar == Scalar {
    let (temperature, next) = (self.temperature, self.next)
    prepare(&step, stage: 0)
    let book = bookkeeping(of: temperature, stage: 0)
    step.append(
      Sweep(name, reading: law.coefficients.with(temperature, reach: 1), writing: [next]) { row in
        let law = law.on(row)
        let (u, next) = (row[temperature], row[next])
        for i in row { next[i] = u[i] + law.change(u, i) }
        book(row)
      })
  }

  private func heun<Law: Conduction>(_ step: inout Step<Scalar>, _ law: Law) where Law.Scalar == Scalar {
    let (temperature, next) = (self.temperature, self.next)
    eulerStage(&step, law, name: "heun 1")
    prepare(&step, stage: 1)
    let book = bookkeeping(of: next, stage: 1)
    step.append(
      Sweep(
        "heun 2", reading: law.coefficients.with(next, reach: 1).with(temperature, reach: 0), writing: [temperature]
      ) { row in
        let law = law.on(row)
        let (u, first) = (row[temperature], row[next])
        let half = Scalar.Vector(0.5)
        for i in row { u[i] = u[i].addingProduct(half, (first[i] - u[i]) + law.change(first, i)) }
        book(row)
      })
  }

  /// The stages of RKL2. Differences to Y_0 are combined, so that a constant temperature stays so to the last bit.
  private func legendre<Law: Conduction>(_ step: inout Step<Scalar>, _ law: Law) where Law.Scalar == Scalar {
    let temperature = self.temperature
    let start = domain.field("change of the first stage", unit: "K")
    var last = next
    var other = domain.field("other stage", unit: "K", boundary: rules)
    prepare(&step, stage: 0)
    let (stages, book, first) = (scheme.stages, bookkeeping(of: temperature, stage: 0), next)
    let count = stages.count - 1
    func completion(_ stage: Int) -> Double { stage == count ? 1 : scheme.fractions[stage] }
    step.append(
      Sweep(
        "rkl2 1", reading: law.coefficients.with(temperature, reach: 1), writing: [first, start],
        completion: completion(1)
      ) { row in
        let law = law.on(row)
        let (y0, y, start) = (row[temperature], row[first], row[start])
        let weight = Scalar.Vector(Scalar(stages[1].muTilde))
        for i in row {
          let change = law.change(y0, i)
          start[i] = change
          y[i] = y0[i].addingProduct(weight, change)
        }
        book(row)
      })
    for j in 2...count {
      let (before, target, beforeBefore) = (last, other, j == 2 ? temperature : other)
      prepare(&step, stage: j - 1)
      let book = bookkeeping(of: before, stage: j - 1)
      let fields = law.coefficients.with(before, reach: 1).with(temperature, reach: 0).with(beforeBefore, reach: 0)
      step.append(
        Sweep("rkl2 \(j)", reading: fields.with(start, reach: 0), writing: [target], completion: completion(j)) { row in
          let law = law.on(row)
          let (y0, y1, y2, start, y) = (row[temperature], row[before], row[beforeBefore], row[start], row[target])
          let stage = stages[j]
          let (mu, nu) = (Scalar.Vector(Scalar(stage.mu)), Scalar.Vector(Scalar(stage.nu)))
          let (muTilde, gammaTilde) = (
            Scalar.Vector(Scalar(stage.muTilde)), Scalar.Vector(Scalar(stage.gammaTilde))
          )
          for i in row {
            let base = y0[i]
            var change = mu * (y1[i] - base)
            change = change.addingProduct(nu, y2[i] - base)
            change = change.addingProduct(muTilde, law.change(y1, i))
            change = change.addingProduct(gammaTilde, start[i])
            y[i] = base + change
          }
          book(row)
        })
      (last, other) = (target, before)
    }
    step.swap(temperature, last)
  }
}

extension Dictionary where Value == Int {
  /// These fields and one more.
  func with<Scalar: Real>(_ field: Field<Scalar>, reach: Int) -> Self where Key == Field<Scalar> {
    var fields = self
    fields[field] = Swift.max(fields[field] ?? 0, reach)
    return fields
  }
}
