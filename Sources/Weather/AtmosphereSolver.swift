// The dry atmosphere, compressible and nonhydrostatic, in flux form about a column at rest:
//   ∂ρ'/∂t + ∇·(ρu) = 0,  ∂(ρu)/∂t + ∇·(ρu u + p' I) = -ρ' g k,  ∂(ρθ)'/∂t + ∇·(ρθ u) = 0,  p = C (ρθ)^γ
// on slices of x and height and in three dimensions. The column is kept exactly: without a perturbation nothing ever
// moves. Schemes: `Split4` and `Weno5`.

public import Stencils

/// The dry atmosphere on a slice of x and height, or in three dimensions.
public final class AtmosphereSolver<Scalar: Real>: Solver {
  public static var name: String { "atmosphere" }
  public static var schema: Schema { AtmosphereSchema.schema }
  public static var reach: Int { 3 }

  let domain: Domain<Scalar>
  let axes: AirAxes
  let column: AirColumn
  let state: AirFields<Scalar>
  let old: AirFields<Scalar>
  let theta: Field<Scalar>
  let wind: [Field<Scalar>]
  let base: AirProfiles<Scalar>
  public let watch: Watch<Scalar>?
  public let step: Step<Scalar>
  private let isSplit: Bool
  private let signals: AirSignals<Scalar>
  // For diffusion, and with the scheme "split4" for sound.
  private let longest: Double
  private var initialMass: Double?
  private var initialEnergy: Double?

  public init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    let grid = domain.grid
    let axes = AirAxes(grid)
    let start = AirState(parameters.word("state"))
    let ground = AirGround(parameters, start, boundary, grid)
    isSplit = Self.isSplit(parameters, grid, ground)
    try Self.check(parameters, boundary, grid, isSplit: isSplit, ground)
    let column = AirColumn(parameters, start)
    guard column.cv > 0 else { throw parameters.error("gas-constant", "must be smaller than cp") }
    let up = axes.up.rawValue
    let top = grid.origin[up] + grid.extent[up] + 4 * grid.spacing[up]
    guard column.reaches(top) else {
      throw parameters.error(
        "background.temperature",
        "makes a column that is 0 K cold below \(Int(top)) m: choose a lower grid or more heat")
    }
    self.domain = domain
    self.axes = axes
    self.column = column
    theta = domain.field("theta_perturbation", unit: "K")
    try ground?.check(parameters, on: domain, spare: theta)
    let base = AirProfiles(column, ground, on: domain)
    self.base = base
    let rules = AirRules(column, ground, start, boundary, mirrors: !isSplit, on: domain)
    let fieldNames = ["density_perturbation", "rho_theta_perturbation", "theta_perturbation", "height"]
    let windNames = axes.winds + axes.letters.map { "momentum_" + $0 }
    let sums = ["mass", "mass_change", "energy", "energy_change"]
    let tracers = try tracerNames(parameters, taken: fieldNames + windNames + sums)
    func fields(_ prefix: String) -> AirFields<Scalar> { AirFields(prefix, tracers: tracers, rules, on: domain) }
    let (state, old) = (fields(""), fields("former "))
    self.state = state
    self.old = old
    wind = axes.winds.map { domain.field($0, unit: "m s-1") }
    try AirStart(parameters, start, column, ground, on: domain).fill(state, over: base.terrain, spare: wind[0])
    let watch = domain.watch()
    self.watch = watch
    signals = AirSignals(state, base, grid, courant: isSplit ? Split4<Scalar>.courant : 1, addsUp: !isSplit)
    let widths = axes.all.reduce(0) { $0 + 2 / (grid.spacing[$1.rawValue] * grid.spacing[$1.rawValue]) }
    let diffusive = 1 / (parameters.number("viscosity") * widths)
    if isSplit {
      step = Split4(
        domain: domain, column: column, state: state, old: old, others: (fields("stage 1 "), fields("stage 2 ")),
        base: base, watch: watch, parameters: parameters
      ).step()
      let sound = Split4<Scalar>.courant * min(grid.spacing.x, grid.spacing.y) / Split4<Scalar>.largestSpeed
      longest = min(sound, diffusive)
    } else {
      step = Weno5(
        domain: domain, column: column, state: state, old: old, other: fields("stage "), base: base, watch: watch,
        parameters: parameters
      ).step()
      longest = diffusive
    }
    try checkTemperature(parameters)
  }

  private static func isSplit(_ parameters: Parameters, _ grid: Grid, _ ground: AirGround?) -> Bool {
    parameters.has("scheme") ? parameters.word("scheme") == "split4" : grid.dimensions == 2 && ground == nil
  }

  /// Throws where the configuration asks for what there is not.
  private static func check(
    _ parameters: Parameters, _ boundary: Boundary, _ grid: Grid, isSplit: Bool, _ ground: AirGround?
  ) throws {
    guard grid.dimensions > 1 else {
      throw ConfigurationError(
        parameters.location, "solver = \"atmosphere\" wants a grid of two dimensions, x and height, or of three")
    }
    let up = AirAxes(grid).up
    guard !boundary.isPeriodic(up) else {
      throw ConfigurationError(
        parameters.location, "the atmosphere has a ground and a lid: its upper axis cannot be periodic")
    }
    for isHigh in [false, true] {
      if let kind = boundary[Side(up, isHigh: isHigh)]?.kind, ["auto", "wall"].contains(kind) { continue }
      throw ConfigurationError(
        parameters.location,
        "the ground and the lid of the atmosphere are walls: leave boundary.z out, or make it \"wall\"")
    }
    if isSplit {
      if ground != nil {
        throw parameters.error("scheme", "is for flat ground: over terrain take \"weno5\", or set terrain = 0")
      }
      if grid.dimensions == 3 {
        throw parameters.error("scheme", "is for slices of x and height: in three dimensions take \"weno5\"")
      }
      if !parameters.tables("tracer").isEmpty {
        throw parameters.error("tracer", "is carried by the scheme \"weno5\" only: set scheme = \"weno5\"")
      }
    }
    if ground != nil, parameters.number("viscosity") > 0 {
      throw parameters.error("viscosity", "is for flat ground: over terrain leave it out, or set terrain = 0")
    }
    if grid.dimensions == 2, parameters.has("velocity.y") {
      throw parameters.error("velocity.y", "is for three dimensions: a slice has velocity.x and velocity.up")
    }
    if parameters.tables("tracer").count > 8 {
      throw parameters.error("tracer", "has more than 8 entries, which is as many as there is room for")
    }
  }

  public var prognostic: [Field<Scalar>] { state.all }
  public var former: [Field<Scalar>] { old.all }
  public var carried: [Carried<Scalar>] {
    [
      .number("initial mass", get: { self.initialMass }, set: { self.initialMass = $0 }),
      .number("initial energy", get: { self.initialEnergy }, set: { self.initialEnergy = $0 }),
    ]
  }
  public var recorded: [Field<Scalar>] { [theta] + wind + (base.terrain.map { [$0.height] } ?? []) + state.all }
  public var keepsStep: Bool { isSplit }
  public var stabilityVaries: Bool { !isSplit }
  public var positive: (name: String, unit: String, least: Double)? { ("density", "kg m-3", 1e-30) }
  public func positiveValue(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    row[state.density][i] + base.density(row, i)
  }

  public func prepareRecord(at time: Double) {
    let (state, base, theta, wind) = (self.state, self.base, self.theta, self.wind)
    domain.compute { row in
      let (r, rt, theta) = (row[state.density], row[state.rhoTheta], row[theta])
      for i in row {
        let density = base.density(row, i)
        theta[i] = (rt[i] - base.rhoTheta(row, i) / density * r[i]) / (r[i] + density)
      }
      for (momentum, wind) in zip(state.momentum, wind) {
        let (m, u) = (row[momentum], row[wind])
        for i in row { u[i] = m[i] / (r[i] + base.density(row, i)) }
      }
    }
  }

  public func signalRate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector { signals.rate(row, i) }

  /// That of sound and wind, or of diffusion; with the scheme "split4" the original's step, or a shorter one for more wind
  /// than it reckons with.
  public func stableTimeStep(at time: Double) throws -> Double {
    let share = isSplit ? Split4<Scalar>.stableCourant / Split4<Scalar>.courant : 1
    return min(longest, share / (try signals.fastest(on: domain)))
  }

  /// Throws where the state at time 0 is no air.
  private func checkTemperature(_ parameters: Parameters) throws {
    let (state, base) = (self.state, self.base)
    let worst = try domain.largest { row, i in -(row[state.rhoTheta][i] + base.rhoTheta(row, i)) }
    guard worst.value >= 0 else { return }
    let (x, z) = (
      domain.grid.center(worst.cell.x, along: .x), domain.grid.center(worst.cell[axes.up.rawValue], along: axes.up)
    )
    throw parameters.error("theta", "makes air colder than 0 K at x = \(x) m, z = \(z) m")
  }

  public func diagnostics(at time: Double) throws -> [Diagnostic] {
    let totals = try totals()
    let base = base
    let (mass, energy) = (initialMass ?? totals.mass, initialEnergy ?? totals.energy)
    (initialMass, initialEnergy) = (mass, energy)
    prepareRecord(at: time)
    var found = [
      Diagnostic("mass", "mass of the air", unit: axes.dimensions == 3 ? "kg" : "kg m-1", totals.mass),
      Diagnostic(
        "mass_change", "change of the mass since the start, over the mass", unit: "1", (totals.mass - mass) / mass),
      Diagnostic(
        "energy", "internal energy and twice the kinetic", unit: axes.dimensions == 3 ? "J" : "J m-1", totals.energy),
      Diagnostic(
        "energy_change", "change of that since the start, over it", unit: "1", (totals.energy - energy) / energy),
    ]
    for tracer in state.tracers {
      found.append(
        Diagnostic(
          "total_\(tracer.name)", "total of \(tracer.name)", unit: axes.dimensions == 3 ? "kg" : "kg m-1",
          try domain.grid.cellVolume
            * domain.sum { row, sum in
              let q = row[tracer]
              for i in row { sum.add(base.amount(row, i, q[i]), i) }
            }))
    }
    for (field, words) in [(theta, "perturbation of potential temperature")] + wind.map({ ($0, $0.name) }) {
      let extrema = try domain.extrema(of: field)
      found.append(Diagnostic("minimum_\(field.name)", "smallest \(words)", unit: field.unit, extrema.minimum))
      found.append(Diagnostic("maximum_\(field.name)", "largest \(words)", unit: field.unit, extrema.maximum))
    }
    return found
  }

  /// Σ ρ V and Σ (ρ |u|² + ρ cv T) V over cells of volume V, the sums by which miniWeather judges a run.
  private func totals() throws -> (mass: Double, energy: Double) {
    let area = domain.grid.cellVolume
    let (state, base) = (self.state, self.base)
    let one = Scalar.Vector(1)
    let (cv, gamma) = (Scalar.Vector(Scalar(column.cv)), Scalar.Vector(Scalar(column.gamma)))
    let factor = Scalar.Vector(Scalar(column.factor / column.gasConstant))
    let mass = try domain.sum { row, sum in
      let r = row[state.density]
      for i in row {
        // Apart, so that no digit of the perturbation is lost.
        sum.add(base.amount(row, i, r[i]), i)
        sum.add(base.amount(row, i, base.density(row, i)), i)
      }
    }
    let energy = try domain.sum { row, sum in
      let (r, rt) = (row[state.density], row[state.rhoTheta])
      for i in row {
        let all = r[i] + base.density(row, i)
        // ρ T = p / R.
        let heat = cv * (factor * (rt[i] + base.rhoTheta(row, i)).raised(to: gamma))
        var squares = Scalar.Vector(0)
        for momentum in state.momentum {
          let m = row[momentum][i]
          squares += m * m
        }
        sum.add(base.amount(row, i, squares * (one / all) + heat), i)
      }
    }
    return (area * mass, area * energy)
  }
}
