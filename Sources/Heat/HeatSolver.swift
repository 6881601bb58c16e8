// Heat conduction: ρc ∂T/∂t = ∇·(k ∇T) + q in one, two or three dimensions.
//
// Cell-centred finite volumes, second order in space (Conduction.swift); forward Euler, Heun or RKL2 in time
// (Scheme.swift). Invariant: the heat Σ ρc T V changes by what flows through the sides and into held regions and by
// what the source releases, to rounding; all of these are booked with the scheme's own fluxes.

public import Stencils

/// Heat conduction in a body with sides, sources and regions held at a temperature.
public final class HeatSolver<Scalar: Real>: Solver {
  public static var name: String { "heat" }
  public static var schema: Schema { HeatSchema.schema }

  let domain: Domain<Scalar>
  let material: Material
  let scheme: Scheme
  /// The temperature, K; `next` receives a stage, `previous` and `change` the further ones of RKL2.
  let temperature: Field<Scalar>
  let next: Field<Scalar>
  let coefficients: CoefficientFields<Scalar>?
  let sides: FaceLedger<Scalar>
  let surface: SurfaceLedger<Scalar>?
  private var initialHeat: Double?
  public let step: Step<Scalar>

  public init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    self.domain = domain
    let material = try Material(parameters)
    self.material = material
    scheme = Scheme(parameters.word("scheme"), stages: parameters.integer("stages"))
    var rules: [Side: GhostRule] = [:]
    for side in domain.openSides {
      guard let condition = boundary[side] else { continue }
      rules[side] = material.rule(for: condition, spacing: domain.grid.spacing[side.axis.rawValue])
    }
    temperature = domain.field("temperature", unit: "K", boundary: rules)
    next = domain.field("next temperature", unit: "K", boundary: rules)
    let initial = parameters.quantity("initial")
    try domain.fill(temperature, with: initial)
    // The fields of coefficients hold derived numbers; the parameters themselves are checked in the spare field.
    for quantity in [material.conductivity, material.capacity, material.source] {
      if quantity.constant == nil { try domain.fill(next, with: quantity) }
    }
    for region in material.held { try domain.fill(next, with: region.temperature) }
    if !material.held.isEmpty {
      domain.fill(temperature, with: .cells { material.heldRegion(at: $0)?.temperature($0) ?? initial($0) })
    }
    if material.isUniform {
      coefficients = nil
      let k = material.conductivity(Point())
      sides = FaceLedger(
        on: domain, coefficients: .uniform(domain.grid.axes.map { k / square(domain.grid.spacing[$0.rawValue]) }))
      surface = nil
    } else {
      let fields = CoefficientFields(material, on: domain)
      coefficients = fields
      sides = FaceLedger(on: domain, coefficients: .fields(fields.conductance))
      surface =
        material.held.isEmpty
        ? nil
        : SurfaceLedger(on: domain, coefficients: fields.conductance) { material.heldRegion(at: $0) != nil }
    }
    step = StepBuilder(
      domain: domain, scheme: scheme, material: material, temperature: temperature, next: next, rules: rules,
      coefficients: coefficients, sides: sides, surface: surface
    ).step()
  }

  public var prognostic: [Field<Scalar>] { [temperature] }
  public var carried: [Carried<Scalar>] {
    let fields = [coefficients?.supplied, coefficients?.stored].compactMap { $0 }
    return fields.map { .field($0) } + [.faces(sides)] + (surface.map { [.surface($0)] } ?? [])
      + [.number("initial heat", get: { self.initialHeat }, set: { self.initialHeat = $0 })]
  }
  public var stabilityVaries: Bool { material.conductivity.variesInTime || material.capacity.variesInTime }

  /// Forward Euler is stable while no cell loses more than its own difference to all neighbours in a step, by
  /// Gershgorin's theorem dt Σ_faces G / (ρc) <= 1; with constant k that is the exact bound 1 / (2 α Σ 1/h²).
  public func stableTimeStep(at time: Double) throws -> Double { try scheme.stretch * eulerLimit(at: time) }

  private func eulerLimit(at time: Double) throws -> Double {
    if let coefficients { return try coefficients.eulerLimit(at: time, on: domain, material) }
    let rate = domain.grid.axes.reduce(0.0) { $0 + 2 / square(domain.grid.spacing[$1.rawValue]) }
    return material.capacity(Point()) / (material.conductivity(Point()) * rate)
  }

  public func remedy(forStep dt: Double, at time: Double) throws -> String? {
    let needed = Scheme.stagesNeeded(forStretch: try dt / eulerLimit(at: time))
    return "or set heat.scheme = \"rkl2\" with heat.stages = \(needed)"
  }

  public func diagnostics(at time: Double) throws -> [Diagnostic] {
    let unit = HeatUnits(countsJoules: material.countsJoules, dimensions: domain.grid.dimensions)
    let volume = domain.grid.cellVolume
    let temperature = self.temperature
    let heat = try volume * contents(at: time)
    if initialHeat == nil { initialHeat = heat }
    let booked = ExactSum()
    booked.add(initialHeat!)
    var scale = max(abs(heat), abs(initialHeat!))
    func book(_ amount: Double) {
      booked.add(amount)
      scale = max(scale, abs(amount))
    }
    var found = [Diagnostic("total_heat", "heat in the body", unit: unit.heat, heat)]
    coefficients?.updateConductance(at: time, on: domain, material)
    let rates = try sides.rates(of: temperature)
    for side in domain.openSides {
      let entered = try volume * sides.total(through: side)
      book(entered)
      let name = "\(side.axis)_\(side.isHigh ? "high" : "low")"
      found.append(
        Diagnostic("heat_through_\(name)", "heat that has entered through \(side)", unit: unit.heat, entered))
      found.append(
        Diagnostic(
          "flow_through_\(name)", "heat flow into the body through \(side)", unit: unit.flow,
          volume * rates[side]!))
    }
    if let surface {
      let lost = try volume * surface.total()
      book(-lost)
      found.append(Diagnostic("heat_to_held", "heat that has left into held regions", unit: unit.heat, lost))
      found.append(
        Diagnostic(
          "flow_to_held", "heat flow into held regions", unit: unit.flow,
          volume * (try surface.rate(of: temperature))))
    }
    let released = try volume * released(at: time)
    book(released)
    found.append(Diagnostic("heat_from_source", "heat released by the source", unit: unit.heat, released))
    if let stored = coefficients?.stored {
      let change = try volume * domain.sum { row, sum in sum.add(row[stored], over: row) }
      book(change)
      found.append(
        Diagnostic("heat_by_capacity", "heat counted in by the changing capacity", unit: unit.heat, change))
    }
    let extrema = try domain.extrema(of: temperature)
    found.append(Diagnostic("minimum_temperature", "smallest temperature", unit: "K", extrema.minimum))
    found.append(Diagnostic("maximum_temperature", "largest temperature", unit: "K", extrema.maximum))
    booked.add(-heat)
    found.append(
      Diagnostic(
        "budget_residual", "heat that no flux or source accounts for, over the largest term of the budget", unit: "1",
        scale == 0 ? 0 : abs(booked.value) / scale))
    return found
  }

  /// The sum over the body's cells of ρc T.
  private func contents(at time: Double) throws -> Double {
    let temperature = self.temperature
    guard let coefficients else {
      let capacity = material.capacity(Point())
      return try capacity * domain.sum { row, sum in sum.add(row[temperature], over: row) }
    }
    let capacity = coefficients.capacity
    if material.capacity.variesInTime { domain.fill(capacity, with: .cells(material.bodyCapacity), at: time) }
    return try domain.sum { row, sum in
      sum.addProduct(row[temperature], row[capacity], over: row)
    }
  }

  /// The sum over the body's cells of what the source has released per volume since time 0.
  private func released(at time: Double) throws -> Double {
    guard let coefficients else { return material.source(Point()) * time * Double(domain.grid.cellCount) }
    if let supplied = coefficients.supplied {
      return try domain.sum { row, sum in sum.add(row[supplied], over: row) }
    }
    let source = coefficients.source
    return try time * domain.sum { row, sum in sum.add(row[source], over: row) }
  }
}

func square(_ x: Double) -> Double { x * x }

/// Units of heat and of heat flow: per area or length of what lies across, in fewer than three dimensions.
private struct HeatUnits {
  let heat: String
  let flow: String
  init(countsJoules: Bool, dimensions: Int) {
    if countsJoules {
      let across = ["", " m-2", " m-1", ""][dimensions]
      heat = "J" + across
      flow = "W" + across
    } else {
      let volume = ["", "m", "m2", "m3"][dimensions]
      heat = "K " + volume
      flow = "K " + volume + " s-1"
    }
  }
}
