// The dry atmosphere, compressible and nonhydrostatic, in flux form about a column at rest:
//   ∂ρ'/∂t + ∇·(ρu) = 0,  ∂(ρu)/∂t + ∇·(ρu u + p' I) = -ρ' g k,  ∂(ρθ)'/∂t + ∇·(ρθ u) = 0,  p = C (ρθ)^γ
// on slices of x and height. The column is kept exactly: without a perturbation nothing ever moves.

public import Stencils

/// The dry atmosphere on a slice of x and height.
public final class AtmosphereSolver<Scalar: Real>: Solver {
  public static var name: String { "atmosphere" }
  public static var schema: Schema { AtmosphereSchema.schema }
  public static var reach: Int { 2 }

  let domain: Domain<Scalar>
  let column: AirColumn
  let state: AirFields<Scalar>
  let old: AirFields<Scalar>
  let theta: Field<Scalar>
  let wind: [Field<Scalar>]
  let base: AirProfiles<Scalar>
  public let watch: Watch<Scalar>?
  public let step: Step<Scalar>
  private let longest: Double
  private var initial: (mass: Double, energy: Double)?

  public init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws {
    guard domain.grid.dimensions == 2 else {
      throw ConfigurationError(
        parameters.location, "solver = \"atmosphere\" wants a grid of two dimensions, x and height")
    }
    guard !boundary.isPeriodic(.y) else {
      throw ConfigurationError(
        parameters.location, "the atmosphere has a ground and a lid: its upper axis cannot be periodic")
    }
    for side in [Side.yLow, .yHigh] where boundary[side]?.kind != "wall" {
      throw ConfigurationError(
        parameters.location,
        "the ground and the lid of the atmosphere are walls: leave boundary.z out, or make it \"wall\"")
    }
    let grid = domain.grid
    let start = AirState(parameters.word("state"))
    let column = AirColumn(parameters, start)
    guard column.cv > 0 else { throw parameters.error("gas-constant", "must be smaller than cp") }
    let top = grid.origin.y + grid.extent.y + 3 * grid.spacing.y
    guard column.reaches(top) else {
      throw parameters.error(
        "background.temperature",
        "makes a column that is 0 K cold below \(Int(top)) m: choose a lower grid or more heat")
    }
    self.domain = domain
    self.column = column
    let base = AirProfiles(column, on: domain)
    self.base = base
    let rules = AirRules(column, boundary, on: domain)
    state = AirFields("", rules, on: domain)
    theta = domain.field("theta_perturbation", unit: "K")
    wind = [domain.field("u", unit: "m s-1"), domain.field("w", unit: "m s-1")]
    old = AirFields("former ", rules, on: domain)
    try Self.start(state, start, parameters, column, spare: wind[0], on: domain)
    let watch = domain.watch()
    self.watch = watch
    step = Split4(
      domain: domain, column: column, state: state, old: old,
      others: (AirFields("stage 1 ", rules, on: domain), AirFields("stage 2 ", rules, on: domain)), base: base,
      watch: watch, parameters: parameters
    ).step()
    let widths = 2 / (grid.spacing.x * grid.spacing.x) + 2 / (grid.spacing.y * grid.spacing.y)
    let sound = Split4<Scalar>.courant * min(grid.spacing.x, grid.spacing.y) / Split4<Scalar>.largestSpeed
    longest = min(sound, 1 / (parameters.number("viscosity") * widths))
    try checkTemperature(parameters)
  }

  /// Cell means of the state at time 0, by 3 x 3 Gauss-Legendre points.
  private static func start(
    _ state: AirFields<Scalar>, _ word: AirState, _ parameters: Parameters, _ column: AirColumn, spare: Field<Scalar>,
    on domain: Domain<Scalar>
  ) throws {
    let grid = domain.grid
    // Formulas are checked at the centres.
    func given(_ key: String) throws -> Quantity? {
      guard parameters.has(key) else { return nil }
      try domain.fill(spare, with: parameters.quantity(key))
      return parameters.quantity(key)
    }
    let (theta, u, w) = (try given("theta"), try given("velocity.x"), try given("velocity.up"))
    let center = (x: grid.origin.x + grid.extent.x / 2, y: 0.0)
    func mean(_ value: @escaping (Point) -> Double) -> CellFunction {
      let root = 0.15.squareRoot()
      let nodes = [(-root, 5.0 / 18), (0, 8.0 / 18), (root, 5.0 / 18)]
      return .cells { p in
        var sum = 0.0
        for (dz, wz) in nodes {
          for (dx, wx) in nodes {
            var q = p
            q.x += dx * grid.spacing.x
            q.y += dz * grid.spacing.y
            sum += value(q) * (wx * wz)
          }
        }
        return sum
      }
    }
    domain.fill(
      state.rhoTheta,
      with: mean { p in
        let t =
          theta.map { $0(p) } ?? word.theta(x: p.x, y: 0, z: p.y, center: center, low: grid.origin, extent: grid.extent)
        return t == 0 ? 0 : column.density(p.y) * t
      })
    domain.fill(state.momentum[0], with: mean { p in column.density(p.y) * (u.map { $0(p) } ?? word.wind) })
    if let w, w.constant != 0 { domain.fill(state.momentum[1], with: mean { p in column.density(p.y) * w(p) }) }
  }

  public var prognostic: [Field<Scalar>] { state.all }
  public var former: [Field<Scalar>] { old.all }
  public var recorded: [Field<Scalar>] { [theta] + wind + state.all }
  public var keepsStep: Bool { true }
  public var positive: (name: String, unit: String, least: Double)? { ("density", "kg m-3", 1e-30) }
  public func positiveValue(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    row[state.density][i] + row.value(of: base.density)
  }

  public func prepareRecord(at time: Double) {
    let (state, base, theta, u, w) = (self.state, self.base, self.theta, wind[0], wind[1])
    domain.compute { row in
      let (r, mx, mz, rt) = (row[state.density], row[state.momentum[0]], row[state.momentum[1]], row[state.rhoTheta])
      let (theta, u, w) = (row[theta], row[u], row[w])
      let (density, rhoTheta) = (row.value(of: base.density), row.value(of: base.rhoTheta))
      let rest = rhoTheta / density
      for i in row {
        let all = r[i] + density
        u[i] = mx[i] / all
        w[i] = mz[i] / all
        theta[i] = (rt[i] - rest * r[i]) / all
      }
    }
  }

  /// (|velocity| + speed of sound) / Δ, over what the scheme bears of it.
  public func signalRate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    let inverse = Scalar.Vector(1) / (row[state.density][i] + row.value(of: base.density))
    var rate = Scalar.Vector(0)
    for axis in 0..<2 {
      let speed = (row[state.momentum[axis]][i] * inverse).magnitude + row.value(of: base.sound)
      rate = Scalar.Vector.maximum(
        rate, Scalar.Vector(Scalar(1 / (Split4<Scalar>.courant * domain.grid.spacing[axis]))) * speed)
    }
    return rate
  }

  /// The original's step, or a shorter one for more wind than it reckons with.
  public func stableTimeStep(at time: Double) throws -> Double {
    let rate = try domain.largest { row, i in signalRate(row, i) }.value
    return min(longest, Split4<Scalar>.stableCourant / Split4<Scalar>.courant / rate)
  }

  /// Throws where the state at time 0 is no air.
  private func checkTemperature(_ parameters: Parameters) throws {
    let (state, base) = (self.state, self.base)
    let worst = try domain.largest { row, i in -(row[state.rhoTheta][i] + row.value(of: base.rhoTheta)) }
    guard worst.value >= 0 else { return }
    let (x, z) = (domain.grid.center(worst.cell.x, along: .x), domain.grid.center(worst.cell.y, along: .y))
    throw parameters.error("theta", "makes air colder than 0 K at x = \(x) m, z = \(z) m")
  }

  public func diagnostics(at time: Double) throws -> [Diagnostic] {
    let totals = try totals()
    if initial == nil { initial = (totals.mass, totals.energy) }
    let (mass, energy) = initial!
    prepareRecord(at: time)
    var found = [
      Diagnostic("mass", "mass of the air", unit: "kg m-1", totals.mass),
      Diagnostic(
        "mass_change", "change of the mass since the start, over the mass", unit: "1", (totals.mass - mass) / mass),
      Diagnostic("energy", "internal energy and twice the kinetic", unit: "J m-1", totals.energy),
      Diagnostic(
        "energy_change", "change of that since the start, over it", unit: "1", (totals.energy - energy) / energy),
    ]
    for (field, words) in [(theta, "perturbation of potential temperature"), (wind[0], "u"), (wind[1], "w")] {
      let extrema = try domain.extrema(of: field)
      found.append(Diagnostic("minimum_\(field.name)", "smallest \(words)", unit: field.unit, extrema.minimum))
      found.append(Diagnostic("maximum_\(field.name)", "largest \(words)", unit: field.unit, extrema.maximum))
    }
    return found
  }

  /// Σ ρ ΔxΔz and Σ (ρ (u² + w²) + ρ cv T) ΔxΔz, the sums by which miniWeather judges a run.
  private func totals() throws -> (mass: Double, energy: Double) {
    let area = domain.grid.cellVolume
    let (state, base) = (self.state, self.base)
    let one = Scalar.Vector(1)
    let (cv, gamma) = (Scalar.Vector(Scalar(column.cv)), Scalar.Vector(Scalar(column.gamma)))
    let factor = Scalar.Vector(Scalar(column.factor / column.gasConstant))
    let mass = try domain.sum { row, sum in
      let r = row[state.density]
      let density = row.value(of: base.density)
      for i in row {
        // Apart, so that no digit of the perturbation is lost.
        sum.add(r[i], i)
        sum.add(density, i)
      }
    }
    let energy = try domain.sum { row, sum in
      let (r, mx, mz, rt) = (row[state.density], row[state.momentum[0]], row[state.momentum[1]], row[state.rhoTheta])
      for i in row {
        let all = r[i] + row.value(of: base.density)
        // ρ T = p / R.
        let heat = cv * (factor * (rt[i] + row.value(of: base.rhoTheta)).raised(to: gamma))
        sum.add((mx[i] * mx[i] + mz[i] * mz[i]) * (one / all) + heat, i)
      }
    }
    return (area * mass, area * energy)
  }
}

/// The fields of one state of the air: perturbations of density and of ρθ about the column, and momentum.
struct AirFields<Scalar: Real> {
  let density: Field<Scalar>
  let momentum: [Field<Scalar>]
  let rhoTheta: Field<Scalar>
  var all: [Field<Scalar>] { [density] + momentum + [rhoTheta] }

  init(_ prefix: String, _ rules: AirRules, on domain: Domain<Scalar>) {
    density = domain.field(prefix + "density_perturbation", unit: "kg m-3", boundary: rules.density, startsAtZero: true)
    momentum = [
      domain.field(prefix + "momentum_x", unit: "kg m-2 s-1", boundary: rules.momentumX),
      domain.field(
        prefix + "momentum_z", unit: "kg m-2 s-1", boundary: rules.momentumZ, startsAtZero: true),
    ]
    rhoTheta = domain.field(prefix + "rho_theta_perturbation", unit: "kg K m-3", boundary: rules.rhoTheta)
  }
}

/// Ghost cells. At the ends of x everything is mirrored, at a wall the normal momentum with the other sign; where air flows
/// in, they hold the air that comes. Below the
/// ground and above the lid perturbations are those of the nearest cell, and so is the horizontal velocity at the
/// column's density there; the vertical momentum is zero.
struct AirRules {
  var density: [Side: GhostRule] = [:]
  var rhoTheta: [Side: GhostRule] = [:]
  var momentumX: [Side: GhostRule] = [:]
  var momentumZ: [Side: GhostRule] = [:]

  init<Scalar: Real>(_ column: AirColumn, _ boundary: Boundary, on domain: Domain<Scalar>) {
    let grid = domain.grid
    for side in domain.openSides {
      if side.axis == .x {
        setEnd(side, column, boundary[side])
        continue
      }
      let (edge, outward) = side.isHigh ? (grid.cells.y - 1, 1) : (0, -1)
      func air(_ layer: Int) -> Double { column.density(grid.center(edge + outward * layer, along: .y)) }
      density[side] = .nearest(scales: [1, 1])
      rhoTheta[side] = density[side]
      momentumX[side] = .nearest(scales: [air(1) / air(0), air(2) / air(0)])
      momentumZ[side] = .constant(scale: 0, offset: 0)
    }
  }
}

extension AirRules {
  /// The rules at an end of x.
  private mutating func setEnd(_ side: Side, _ column: AirColumn, _ condition: SideCondition?) {
    (density[side], rhoTheta[side], momentumX[side], momentumZ[side]) = (.mirror, .mirror, .mirror, .mirror)
    switch condition?.kind {
    case "open": break
    case "inflow":
      let parameters = condition!.parameters
      let (u, theta) = (parameters.quantity("velocity"), parameters.quantity("theta"))
      let sign = side.isHigh ? -1.0 : 1
      momentumX[side] = .varying(inTime: u.variesInTime) { (0, sign * column.density($0.cell.y) * u($0.cell)) }
      momentumZ[side] = .constant(scale: 0, offset: 0)
      rhoTheta[side] = .varying(inTime: theta.variesInTime) { (0, column.density($0.cell.y) * theta($0.cell)) }
      density[side] = .constant(scale: 0, offset: 0)
    default: momentumX[side] = .constant(scale: -1, offset: 0)
    }
  }
}

/// The column at the heights of cell centres and of lower faces.
struct AirProfiles<Scalar: Real> {
  let density: Profile<Scalar>
  let rhoTheta: Profile<Scalar>
  let pressure: Profile<Scalar>
  let sound: Profile<Scalar>
  let faceDensity: Profile<Scalar>
  let faceRhoTheta: Profile<Scalar>
  let inverseFaceRhoTheta: Profile<Scalar>
  let facePressure: Profile<Scalar>
  /// θ of the column.
  let theta: Profile<Scalar>
  /// 0 at the ground and at the lid, 1 between.
  let passes: Profile<Scalar>

  init(_ column: AirColumn, on domain: Domain<Scalar>) {
    density = domain.profile(along: .y) { column.density($0) }
    theta = domain.profile(along: .y) { column.theta($0) }
    rhoTheta = domain.profile(along: .y) { column.rhoTheta($0) }
    pressure = domain.profile(along: .y) { column.pressure(ofRhoTheta: column.rhoTheta($0)) }
    sound = domain.profile(along: .y) { column.soundSpeed($0) }
    faceDensity = domain.profile(along: .y, atFaces: true) { column.density($0) }
    faceRhoTheta = domain.profile(along: .y, atFaces: true) { column.rhoTheta($0) }
    inverseFaceRhoTheta = domain.profile(along: .y, atFaces: true) { 1 / column.rhoTheta($0) }
    facePressure = domain.profile(along: .y, atFaces: true) { column.pressure(ofRhoTheta: column.rhoTheta($0)) }
    let grid = domain.grid
    let (low, high) = (grid.origin.y + 0.5 * grid.spacing.y, grid.origin.y + grid.extent.y - 0.5 * grid.spacing.y)
    passes = domain.profile(along: .y, atFaces: true) { $0 > low && $0 < high ? 1 : 0 }
  }
}
