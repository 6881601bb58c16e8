// Shallow water: ∂h/∂t + ∇·(h u) = rain,
// ∂(h u)/∂t + ∇·(h u⊗u + g h²/2) = - g h ∇b - f k × h u - g n² |u| u h^(-1/3), in one or two dimensions.
//
// Finite volumes on cell means: MUSCL with limited slopes of depth, surface and velocity, well-balanced HLLC fluxes
// (RiemannShallowWater.swift), second order in space; SSP Runge-Kutta of two or three stages (S. Gottlieb, C.-W. Shu,
// E. Tadmor, Strong stability-preserving high-order time discretization methods, SIAM Rev. 43, 2001); friction implicit
// in each stage, so that it never turns the flow around. Depths stay positive for steps up to half the time that the
// fastest wave needs to cross a cell, added up over the axes. Invariants: Σ h changes only by rain and by what passes
// open sides, to rounding; water at rest stays at rest over any bottom, dry land included.

public import Stencils

/// Shallow water over a bottom.
public final class ShallowWaterSolver<Scalar: Real>: Solver {
  public static var name: String { "shallow-water" }
  public static var schema: Schema { ShallowWaterSchema.schema }
  public static var reach: Int { 2 }

  let domain: Domain<Scalar>
  let physics: WaterPhysics
  let state: WaterFields<Scalar>
  let old: WaterFields<Scalar>
  let bottom: Field<Scalar>
  let surface: Field<Scalar>
  public let watch: Watch<Scalar>?
  // What a step notes of the state that it ends with.
  private let next: Watch<Scalar>
  public let step: Step<Scalar>
  private var initialVolume: Double?

  public init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    guard domain.grid.dimensions < 3 else {
      throw ConfigurationError(
        parameters.location, "solver = \"shallow-water\" wants a grid of one or two dimensions: the depth is its result"
      )
    }
    guard parameters.has("depth") != parameters.has("surface") else {
      throw ConfigurationError(
        parameters.location, "shallow-water wants either depth or surface, the state of the water at time 0")
    }
    self.domain = domain
    physics = WaterPhysics(parameters)
    let bed = parameters.quantity("bottom")
    let rules = WaterRules(boundary, sides: domain.openSides, bottom: bed)
    let tracers = parameters.tables("tracer")
    let names = try tracerNames(
      parameters,
      taken: [
        "depth", "momentum_x", "momentum_y", "bottom", "surface", "manning", "rain", "volume", "volume_change",
        "energy",
      ])
    state = WaterFields("", names, rules, on: domain)
    bottom = domain.field("bottom", unit: "m")
    surface = domain.field("surface", unit: "m")
    old = WaterFields("former ", names, rules, on: domain)
    try domain.fill(bottom, with: bed)
    domain.applyBoundary(of: bottom)
    if parameters.has("depth") {
      try domain.fill(state.depth, with: parameters.quantity("depth"))
    } else {
      let level = parameters.quantity("surface")
      try domain.fill(surface, with: level)
      domain.fill(state.depth, with: .cells { max(0, level($0) - bed($0)) })
    }
    let (depth, momentum) = (state.depth, state.momentum)
    for (axis, field) in momentum.enumerated() {
      try domain.fill(field, with: parameters.quantity(axis == 0 ? "velocity.x" : "velocity.y"))
    }
    for (table, field) in zip(tracers, state.tracers) { try domain.fill(field, with: table.quantity("initial")) }
    let carried = momentum + state.tracers
    domain.compute { row in
      let h = row[depth]
      for field in carried {
        let q = row[field]
        for i in row { q[i] = q[i] * h[i] }
      }
    }
    let watch = domain.watch()
    self.watch = watch
    next = domain.watch()
    let builder = try WaterStep(
      domain: domain, physics: physics, parameters, state: state, old: old, bottom: bottom, rules: rules,
      tracers: names, watch: watch, next: next)
    step = builder.step()
  }

  public var prognostic: [Field<Scalar>] { state.all }
  public var former: [Field<Scalar>] { old.all }
  public var carried: [Carried<Scalar>] {
    [.number("initial volume", get: { self.initialVolume }, set: { self.initialVolume = $0 })]
  }
  public var recorded: [Field<Scalar>] { [surface, bottom] + state.all }
  public var stabilityVaries: Bool { true }
  // Rounding of a depth next to zero; the scheme itself keeps it positive.
  public var positive: (name: String, unit: String, least: Double)? { ("depth", "m", -1e-3 * physics.dry) }
  public func positiveValue(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector { row[state.depth][i] }

  public func prepareRecord(at time: Double) {
    let (h, b, surface) = (state.depth, bottom, self.surface)
    domain.compute { row in
      let (h, b, surface) = (row[h], row[b], row[surface])
      for i in row { surface[i] = h[i] + b[i] }
    }
  }

  public func signalRate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    signals.on(row).rate(i)
  }

  private var signals: WaterSignals<Scalar> {
    WaterSignals(physics: physics, grid: domain.grid, depth: state.depth, momentum: state.momentum)
  }

  /// Half the time in which the fastest wave crosses a cell.
  public func stableTimeStep(at time: Double) throws -> Double {
    let fastest = try domain.fastest(noted: next) ?? signals.fastest(on: domain)
    // Without any water there is no limit; rain must not fall for ever in one step.
    return fastest == 0 ? physics.dryStep(domain.grid) : 0.5 / fastest
  }

  public func diagnostics(at time: Double) throws -> [Diagnostic] {
    let area = domain.grid.cellVolume
    let unit = domain.grid.dimensions == 1 ? "m2" : "m3"
    let depth = state.depth
    let volume = try area * domain.sum { row, sum in sum.add(row[depth], over: row) }
    if initialVolume == nil { initialVolume = volume }
    var found = [
      Diagnostic("volume", "volume of the water", unit: unit, volume),
      Diagnostic(
        "volume_change", "change of the volume since the start, over the volume", unit: "1",
        initialVolume! == 0 ? 0 : (volume - initialVolume!) / initialVolume!),
      Diagnostic(
        "energy", "energy above that of no water, over density",
        unit: domain.grid.dimensions == 1 ? "m4 s-2" : "m5 s-2",
        try area * energy()),
    ]
    for tracer in state.tracers {
      found.append(
        Diagnostic(
          "total_\(tracer.name)", "total of \(tracer.name)", unit: unit,
          try area * domain.sum { row, sum in sum.add(row[tracer], over: row) }))
    }
    let depths = try domain.extrema(of: depth)
    prepareRecord(at: time)
    let levels = try domain.extrema(of: surface)
    let speed = try domain.largest { row, i in self.speed(row, i) }.value
    return found + [
      Diagnostic("minimum_depth", "smallest depth", unit: "m", depths.minimum),
      Diagnostic("maximum_depth", "largest depth", unit: "m", depths.maximum),
      Diagnostic("minimum_surface", "lowest surface or land", unit: "m", levels.minimum),
      Diagnostic("maximum_surface", "highest surface or land", unit: "m", levels.maximum),
      Diagnostic("maximum_speed", "fastest flow", unit: "m s-1", speed),
    ]
  }

  private func speed(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    let h = Scalar.Vector.maximum(row[state.depth][i], Scalar.Vector(Scalar(physics.dry)))
    let (u, v) = (row[state.momentum[0]][i] / h, row[state.momentum[1]][i] / h)
    return (u * u + v * v).squareRoot
  }

  /// Σ h (u² + v²)/2 + g h (h/2 + b), the sum of kinetic and potential energy.
  private func energy() throws -> Double {
    let (state, bottom) = (self.state, self.bottom)
    let half = Scalar.Vector(0.5)
    let g = Scalar.Vector(Scalar(physics.gravity))
    let dry = Scalar.Vector(Scalar(physics.dry))
    return try domain.sum { row, sum in
      let (h, b, hu, hv) = (row[state.depth], row[bottom], row[state.momentum[0]], row[state.momentum[1]])
      for i in row {
        let kinetic = half * (hu[i] * hu[i] + hv[i] * hv[i]) / Scalar.Vector.maximum(h[i], dry)
        sum.add(kinetic + g * h[i] * (half * h[i] + b[i]), i)
      }
    }
  }
}

/// The fields of one state of the water: depth, two components of momentum, and amounts of tracers.
struct WaterFields<Scalar: Real> {
  let depth: Field<Scalar>
  let momentum: [Field<Scalar>]
  let tracers: [Field<Scalar>]
  var all: [Field<Scalar>] { [depth] + momentum + tracers }

  init(_ prefix: String, _ tracerNames: [String], _ rules: WaterRules, on domain: Domain<Scalar>) {
    depth = domain.field(prefix + "depth", unit: "m", boundary: rules.depth)
    momentum = (0..<2).map {
      domain.field(prefix + ($0 == 0 ? "momentum_x" : "momentum_y"), unit: "m2 s-1", boundary: rules.momentum[$0])
    }
    tracers = tracerNames.map { domain.field(prefix + $0, unit: "m") }
  }
}

/// The numbers of the equations.
struct WaterPhysics: Sendable {
  let gravity: Double
  let dry: Double
  let coriolis: Double
  let beta: Double
  let coriolisY: Double
  var rotates: Bool { coriolis != 0 || beta != 0 }
  let sharpness: Double
  let stages: Int

  init(_ parameters: Parameters) {
    gravity = parameters.number("gravity")
    dry = parameters.number("dry")
    coriolis = parameters.number("coriolis")
    beta = parameters.number("beta")
    coriolisY = parameters.number("coriolis-y")
    sharpness = parameters.word("limiter") == "minmod" ? 1 : 2
    stages = parameters.word("scheme") == "ssprk3" ? 3 : 2
  }

  /// A step for a grid without water: that of a layer that just begins to move.
  func dryStep(_ grid: Grid) -> Double {
    let rate = grid.axes.reduce(0.0) { $0 + 1 / grid.spacing[$1.rawValue] }
    return 0.5 / (rate * (gravity * 1000 * dry).squareRoot())
  }
}

/// The rate at which waves cross cells: the sum over the axes of (|u| + √(g h)) / Δ, 1/s.
struct WaterSignals<Scalar: Real> {
  typealias V = Scalar.Vector
  let physics: WaterPhysics
  let grid: Grid
  let depth: Field<Scalar>
  let momentum: [Field<Scalar>]

  struct OnRow {
    let h: Stencil<Scalar>
    let x: Stencil<Scalar>
    let y: Stencil<Scalar>
    let law: Law

    @inline(__always)
    func rate(_ i: Cell<Scalar>) -> V { law.rate(h[i], x[i], y[i]) }
  }

  /// The rate of a cell by its values.
  struct Law {
    private let rates: (x: V, y: V)
    private let gravity: V
    private let dry: V
    private let zero = V(0)
    private let one = V(1)

    init(_ physics: WaterPhysics, _ grid: Grid) {
      rates = (V(Scalar(1 / grid.spacing.x)), V(Scalar(grid.dimensions > 1 ? 1 / grid.spacing.y : 0)))
      (gravity, dry) = (V(Scalar(physics.gravity)), V(Scalar(physics.dry)))
    }

    @inline(__always)
    func rate(_ h: V, _ x: V, _ y: V) -> V {
      let water = V.maximum(h, zero)
      let wave = (gravity * water).squareRoot
      let inverse = V.choose(zero, ifLess: water, than: dry, else: one / V.maximum(water, dry))
      return rates.x * ((x * inverse).magnitude + wave) + rates.y * ((y * inverse).magnitude + wave)
    }
  }

  @inline(__always)
  func on(_ row: Row<Scalar>) -> OnRow {
    OnRow(h: row[depth], x: row[momentum[0]], y: row[momentum[1]], law: Law(physics, grid))
  }

  /// The largest of all cells. Every rank calls it.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func fastest(on domain: Domain<Scalar>) throws -> Double {
    try domain.maximum { row in
      let signals = on(row)
      var largest = V(0)
      for i in row { largest = V.maximum(largest, signals.rate(i).keepingFirst(i.lanes, else: V(0))) }
      return largest
    }
  }
}
