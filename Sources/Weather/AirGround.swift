// Terrain by levels that follow the ground (T. Gal-Chen, R. C. J. Somerville, J. Comput. Phys. 17, 1975). The grid's upper
// coordinate ζ runs from the grid's lower end z0 to the lid H; the air over a ground of height h lies at
//   z = ζ + (h - z0) f(ζ),  f = (H - ζ) / (H - z0),
// so that ∂z/∂ζ = J = 1 - (h - z0) / (H - z0) depends on the place alone, and ∂z/∂x = f ∂h/∂x fades out towards the lid.

import Stencils

/// The height of the ground, and where a point of the grid is above it.
struct AirGround: Sendable {
  private enum Source {
    case given(Quantity)
    case word(AirState, AirState.Place)
  }

  private let source: Source
  private let axes: AirAxes
  private let grid: Grid
  private let periodic: [Bool]
  private let low: Double
  private let high: Double

  /// Nil where the ground is flat: the lower end of the grid.
  init?(_ parameters: Parameters, _ state: AirState, _ boundary: Boundary, _ grid: Grid) {
    axes = AirAxes(grid)
    let up = axes.up.rawValue
    (self.grid, low, high) = (grid, grid.origin[up], grid.origin[up] + grid.extent[up])
    periodic = grid.axes.map { boundary.isPeriodic($0) }
    if parameters.has("terrain") {
      let terrain = parameters.quantity("terrain")
      if terrain.constant == low { return nil }
      source = .given(terrain)
    } else {
      guard state.hasRidge else { return nil }
      source = .word(state, AirState.Place(grid))
    }
  }

  /// Throws where the terrain is not finite, depends on height, or leaves no room below the lid.
  func check<Scalar: Real>(_ parameters: Parameters, on domain: Domain<Scalar>, spare: Field<Scalar>) throws {
    guard case .given(let terrain) = source else { return }
    try domain.fill(spare, with: terrain)
    domain.fill(spare, with: .cells { terrain($0) - height(of: $0) })
    let change = try domain.extrema(of: spare)
    guard change.minimum == 0, change.maximum == 0 else {
      throw parameters.error("terrain", "depends on z: it is the height of the ground, a formula in x (and y) alone")
    }
    domain.fill(spare, with: .cells { height(of: $0) })
    let top = try domain.extrema(of: spare).maximum
    guard top < high - 0.05 * (high - low) else {
      throw parameters.error(
        "terrain", "rises to \(top) m, which leaves no room for air: the lid is at \(high) m; make the grid higher")
    }
  }

  private func move(_ point: Point, to height: Double) -> Point {
    var moved = point
    if axes.dimensions == 3 { moved.z = height } else { moved.y = height }
    return moved
  }

  /// The height of the ground below a point, m.
  private func height(of point: Point) -> Double {
    switch source {
    case .given(let terrain): terrain(move(point, to: low))
    case .word(let state, let place): state.ridge(point, place)
    }
  }

  /// f at a height of the grid.
  func fade(_ zeta: Double) -> Double { (high - zeta) / (high - low) }

  /// Where a point of the grid really is.
  func place(_ point: Point) -> Point {
    let zeta = axes.height(point)
    return move(point, to: zeta + (height(of: point) - low) * fade(zeta))
  }

  /// The ground so many cell widths beside a point; on axes that wrap around the last node is the first.
  private func height(_ point: Point, beside x: Double, _ y: Double) -> Double {
    func node(_ place: Double, _ steps: Double, _ axis: Axis) -> Double {
      let (origin, extent, width) = (
        grid.origin[axis.rawValue], grid.extent[axis.rawValue], grid.spacing[axis.rawValue]
      )
      let there = place + steps * width
      return periodic[axis.rawValue] && there > origin + extent - width / 4 ? origin : there
    }
    var there = point
    there.x = node(point.x, x, .x)
    if axes.dimensions == 3 { there.y = node(point.y, y, .y) }
    return height(of: there)
  }

  /// What the corners of a cell, or of a face across one of the axes, are on average.
  private func mean(_ point: Point, across face: Axis?) -> Double {
    let (x, y) = (face == .x ? 0 : 0.5, face == .y || axes.dimensions == 2 ? 0 : 0.5)
    return 0.25
      * ((height(point, beside: -x, -y) + height(point, beside: x, -y))
        + (height(point, beside: -x, y) + height(point, beside: x, y)))
  }

  /// J, the height of a cell, or of a face across a horizontal axis, over that of the grid's.
  func share(_ point: Point, across face: Axis? = nil) -> Double {
    1 - (mean(point, across: face) - low) / (high - low)
  }

  /// ∂h/∂x or ∂h/∂y of a cell, from its corners: so the faces of each cell enclose it, and a uniform wind is no source.
  func slope(_ point: Point, along axis: Axis) -> Double {
    let y = axes.dimensions == 2 ? 0 : 0.5
    let rise =
      axis == .x
      ? (height(point, beside: 0.5, -y) - height(point, beside: -0.5, -y))
        + (height(point, beside: 0.5, y) - height(point, beside: -0.5, y))
      : (height(point, beside: -0.5, y) - height(point, beside: -0.5, -y))
        + (height(point, beside: 0.5, y) - height(point, beside: 0.5, -y))
    return rise / (2 * grid.spacing[axis.rawValue])
  }
}

/// The column over terrain, where each cell and face has a height of its own, and the shapes of cells.
struct AirTerrain<Scalar: Real> {
  /// The column at cell centres; beyond the grid's sides mirrored, as the state is.
  let density: Field<Scalar>
  let rhoTheta: Field<Scalar>
  /// The height of cell centres, m.
  let height: Field<Scalar>
  /// J of cells.
  let volume: Field<Scalar>
  /// ∂h/∂x, ∂h/∂y.
  let slopes: [Field<Scalar>]
  /// The column at the lower faces across each axis, and J of faces across horizontal ones.
  let faces: [Faces]
  /// f at lower faces and at cell centres.
  let fade: Profile<Scalar>
  let fadeOfCells: Profile<Scalar>
  /// 1 for cells of the grid, -1 for those mirrored at ground and lid: the sign of the slope there.
  let sign: Profile<Scalar>

  struct Faces {
    let density: Field<Scalar>
    let rhoTheta: Field<Scalar>
    let pressure: Field<Scalar>
    /// The speed of sound, across the upper axis over the face's area.
    let sound: Field<Scalar>
    let area: Field<Scalar>?
    var all: [Field<Scalar>] { [density, rhoTheta, pressure, sound] + (area.map { [$0] } ?? []) }
  }

  init(_ ground: AirGround, _ column: AirColumn, on domain: Domain<Scalar>) {
    let grid = domain.grid
    let axes = AirAxes(grid)
    func make(_ name: String, _ unit: String, _ function: CellFunction) -> Field<Scalar> {
      let field = domain.field(name, unit: unit)
      domain.fill(field, with: function)
      return field
    }
    @Sendable func z(_ point: Point) -> Double { axes.height(ground.place(point)) }
    density = make("column density", "kg m-3", .cells { column.density(z($0)) })
    rhoTheta = make("column rho theta", "kg K m-3", .cells { column.rhoTheta(z($0)) })
    for field in [density, rhoTheta] { domain.applyBoundary(of: field) }
    height = make("height", "m", .cells { z($0) })
    volume = make("cell volume", "1", .cells { ground.share($0) })
    let horizontal = axes.all.filter { $0 != axes.up }
    slopes = horizontal.map { axis in make("slope \(axis)", "1", .cells { ground.slope($0, along: axis) }) }
    faces = axes.all.map { axis in
      func across(_ name: String, _ unit: String, _ value: @escaping (Point) -> Double) -> Field<Scalar> {
        make("\(name) at faces across \(axis)", unit, .faceCenters(axis, value))
      }
      // The area of a face over the grid's: the length of its normal (-∂z/∂x, -∂z/∂y, 1).
      func stretch(_ point: Point) -> Double {
        guard axis == axes.up else { return 1 }
        let fade = ground.fade(axes.height(point))
        return horizontal.reduce(1) {
          let slope = fade * ground.slope(point, along: $1)
          return $0 + slope * slope
        }.squareRoot()
      }
      return Faces(
        density: across("column density", "kg m-3") { column.density(z($0)) },
        rhoTheta: across("column rho theta", "kg K m-3") { column.rhoTheta(z($0)) },
        pressure: across("column pressure", "Pa") { column.pressure(ofRhoTheta: column.rhoTheta(z($0))) },
        sound: across("speed of sound", "m s-1") { column.soundSpeed(z($0)) / stretch($0) },
        area: axis == axes.up ? nil : across("area", "1") { ground.share($0, across: axis) })
    }
    fade = domain.profile(along: axes.up, atFaces: true) { ground.fade($0) }
    fadeOfCells = domain.profile(along: axes.up) { ground.fade($0) }
    let up = axes.up.rawValue
    let (low, high) = (grid.origin[up], grid.origin[up] + grid.extent[up])
    sign = domain.profile(along: axes.up) { $0 > low && $0 < high ? 1 : -1 }
  }

  /// The vertical momentum of air whose horizontal momentum follows the levels, for the cells of a row.
  func follow(_ momentum: [Field<Scalar>], _ row: Row<Scalar>) {
    let up = row[momentum[momentum.count - 1]]
    let fade = row.value(of: fadeOfCells)
    for i in row {
      var sum = Scalar.Vector(0)
      for (slope, along) in zip(slopes, momentum) { sum += fade * row[slope][i] * row[along][i] }
      up[i] = sum
    }
  }
}

/// The column at the cells of a row, over flat ground and over terrain.
extension AirProfiles {
  @inline(__always)
  func density(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    if let terrain { return row[terrain.density][i] }
    return row.value(of: density)
  }

  @inline(__always)
  func rhoTheta(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    if let terrain { return row[terrain.rhoTheta][i] }
    return row.value(of: rhoTheta)
  }

  /// Of an amount per volume what a cell has of it, over the volume of the grid's cells.
  @inline(__always)
  func amount(_ row: Row<Scalar>, _ i: Cell<Scalar>, _ value: Scalar.Vector) -> Scalar.Vector {
    if let terrain { return row[terrain.volume][i] * value }
    return value
  }
}
