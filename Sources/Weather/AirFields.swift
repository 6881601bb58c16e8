import Stencils

/// Which axis points up: y on slices, z in three dimensions.
struct AirAxes: Sendable {
  let dimensions: Int
  var up: Axis { dimensions == 3 ? .z : .y }
  var all: [Axis] { Array(Axis.allCases.prefix(dimensions)) }
  /// Their letters in names: x and z on slices.
  var letters: [String] { dimensions == 3 ? ["x", "y", "z"] : ["x", "z"] }
  /// The letters of velocities.
  var winds: [String] { dimensions == 3 ? ["u", "v", "w"] : ["u", "w"] }

  init(_ grid: Grid) { dimensions = grid.dimensions }

  /// The height of a point in metres.
  func height(_ point: Point) -> Double { dimensions == 3 ? point.z : point.y }
}

/// The fields of one state of the air: perturbations of density and of ρθ about the column, momentum along each axis, and
/// amounts of tracers.
struct AirFields<Scalar: Real> {
  let density: Field<Scalar>
  let momentum: [Field<Scalar>]
  let rhoTheta: Field<Scalar>
  let tracers: [Field<Scalar>]
  var all: [Field<Scalar>] { [density] + momentum + [rhoTheta] + tracers }

  init(_ prefix: String, tracers: [String], _ rules: AirRules, on domain: Domain<Scalar>) {
    density = domain.field(prefix + "density_perturbation", unit: "kg m-3", boundary: rules.density, startsAtZero: true)
    momentum = zip(AirAxes(domain.grid).letters, rules.momentum).map { letter, rule in
      domain.field(prefix + "momentum_" + letter, unit: "kg m-2 s-1", boundary: rule, startsAtZero: true)
    }
    rhoTheta = domain.field(prefix + "rho_theta_perturbation", unit: "kg K m-3", boundary: rules.rhoTheta)
    self.tracers = tracers.map { domain.field(prefix + $0, unit: "kg m-3") }
  }
}

/// Ghost cells. At the ends of the horizontal axes everything is mirrored, at a wall the normal momentum with the other
/// sign; where air flows in, they hold the air that comes. Ground and lid are mirrors too, or what the scheme "split4" has
/// there: perturbations of the nearest cell, and so the horizontal velocity at the column's density; no vertical momentum.
struct AirRules {
  var density: [Side: GhostRule] = [:]
  var rhoTheta: [Side: GhostRule] = [:]
  /// For the momentum along each axis.
  var momentum: [[Side: GhostRule]]

  init<Scalar: Real>(
    _ column: AirColumn, _ ground: AirGround?, _ state: AirState, _ boundary: Boundary, mirrors: Bool,
    on domain: Domain<Scalar>
  ) {
    let (grid, axes) = (domain.grid, AirAxes(domain.grid))
    momentum = axes.all.map { _ in [:] }
    for side in domain.openSides {
      (density[side], rhoTheta[side]) = (.mirror, .mirror)
      for axis in axes.all { momentum[axis.rawValue][side] = .mirror }
      if side.axis != axes.up {
        setEnd(side, column, ground, state, boundary[side], AirState.Place(grid))
      } else if mirrors {
        momentum[side.axis.rawValue][side] = .constant(scale: -1, offset: 0)
      } else {
        let (edge, outward) = side.isHigh ? (grid.cells[axes.up.rawValue] - 1, 1) : (0, -1)
        func air(_ layer: Int) -> Double { column.density(grid.center(edge + outward * layer, along: axes.up)) }
        density[side] = .nearest(scales: [1, 1, 1])
        rhoTheta[side] = density[side]
        for axis in axes.all where axis != axes.up {
          momentum[axis.rawValue][side] = .nearest(scales: (1...3).map { air($0) / air(0) })
        }
        momentum[axes.up.rawValue][side] = .constant(scale: 0, offset: 0)
      }
    }
  }

  /// The rules at an end of a horizontal axis.
  private mutating func setEnd(
    _ side: Side, _ column: AirColumn, _ ground: AirGround?, _ state: AirState, _ condition: SideCondition?,
    _ place: AirState.Place
  ) {
    switch condition?.kind {
    case "open": break
    case "inflow":
      let parameters = condition!.parameters
      let (u, theta) = (parameters.quantity("velocity"), parameters.quantity("theta"))
      setInflow(
        side, column, ground, place.axes, inTime: (u.variesInTime, theta.variesInTime), velocity: { u($0) },
        theta: { theta($0) }, where: { _ in true })
    case "auto" where state.jet != nil && side.axis == .x:
      guard let jet = state.jet, side == .xLow else { break }
      setInflow(
        side, column, ground, place.axes, inTime: (false, false), velocity: { _ in jet.speed },
        theta: { _ in jet.theta },
        where: { jet.holds(place.axes.height($0), place) })
    default: momentum[side.axis.rawValue][side] = .constant(scale: -1, offset: 0)
    }
  }

  /// Air of the column's density that comes in with a velocity and a perturbation of θ; a wall where it does not.
  private mutating func setInflow(
    _ side: Side, _ column: AirColumn, _ ground: AirGround?, _ axes: AirAxes, inTime: (velocity: Bool, theta: Bool),
    velocity: @escaping @Sendable (Point) -> Double, theta: @escaping @Sendable (Point) -> Double,
    where holds: @escaping @Sendable (Point) -> Bool
  ) {
    func rule(inTime: Bool, beside scale: Double = 1, _ value: @escaping @Sendable (Point) -> Double) -> GhostRule {
      .varying(inTime: inTime) { face in
        let cell = ground?.place(face.cell) ?? face.cell
        return holds(cell) ? (0, column.density(axes.height(cell)) * value(cell)) : (scale, 0)
      }
    }
    let sign = side.isHigh ? -1.0 : 1
    for axis in axes.all { momentum[axis.rawValue][side] = rule(inTime: false) { _ in 0 } }
    momentum[side.axis.rawValue][side] = rule(inTime: inTime.velocity, beside: -1) { sign * velocity($0) }
    rhoTheta[side] = rule(inTime: inTime.theta, theta)
    density[side] = rule(inTime: false) { _ in 0 }
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
  let faceSound: Profile<Scalar>
  /// θ of the column.
  let theta: Profile<Scalar>
  /// The density at cell centres, beyond ground and lid mirrored, as the state is.
  let mirroredDensity: Profile<Scalar>
  /// 0 at the ground and at the lid, 1 between.
  let passes: Profile<Scalar>
  /// What holds instead over terrain.
  let terrain: AirTerrain<Scalar>?

  init(_ column: AirColumn, _ ground: AirGround?, on domain: Domain<Scalar>) {
    terrain = ground.map { AirTerrain($0, column, on: domain) }
    let up = AirAxes(domain.grid).up
    density = domain.profile(along: up) { column.density($0) }
    theta = domain.profile(along: up) { column.theta($0) }
    rhoTheta = domain.profile(along: up) { column.rhoTheta($0) }
    pressure = domain.profile(along: up) { column.pressure(ofRhoTheta: column.rhoTheta($0)) }
    sound = domain.profile(along: up) { column.soundSpeed($0) }
    faceDensity = domain.profile(along: up, atFaces: true) { column.density($0) }
    faceRhoTheta = domain.profile(along: up, atFaces: true) { column.rhoTheta($0) }
    inverseFaceRhoTheta = domain.profile(along: up, atFaces: true) { 1 / column.rhoTheta($0) }
    facePressure = domain.profile(along: up, atFaces: true) { column.pressure(ofRhoTheta: column.rhoTheta($0)) }
    faceSound = domain.profile(along: up, atFaces: true) { column.soundSpeed($0) }
    let (grid, axis) = (domain.grid, up.rawValue)
    let half = 0.5 * grid.spacing[axis]
    let (low, high) = (grid.origin[axis] + half, grid.origin[axis] + grid.extent[axis] - half)
    let count = grid.cells[axis]
    mirroredDensity = domain.profile(along: up) { z in
      let cell = Int(((z - grid.origin[axis]) / grid.spacing[axis]).rounded(.down))
      return column.density(grid.center(cell < 0 ? -1 - cell : cell < count ? cell : 2 * count - 1 - cell, along: up))
    }
    passes = domain.profile(along: up, atFaces: true) { $0 > low && $0 < high ? 1 : 0 }
  }
}
