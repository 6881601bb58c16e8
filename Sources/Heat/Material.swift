// Material and surroundings of a heat problem, as functions of position and time.

import Stencils

/// A region held at a temperature, with what resists the heat at its surface.
struct HeldRegion: Sendable {
  let region: Region
  let temperature: Quantity
  /// m² K/W; 0 for perfect contact.
  let resistance: Double
}

/// k, ρc, q and the held regions of a body.
struct Material: Sendable {
  /// W/m/K, or m²/s where only the diffusivity is given.
  let conductivity: Quantity
  /// J/m³/K, or 1 where only the diffusivity is given.
  let capacity: Quantity
  /// W/m³, or K/s where only the diffusivity is given.
  let source: Quantity
  let held: [HeldRegion]
  /// False where heat is counted in K times volume.
  let countsJoules: Bool

  init(_ parameters: Parameters) throws(ConfigurationError) {
    let hasDiffusivity = parameters.has("diffusivity")
    let hasConductivity = parameters.has("conductivity")
    let hasCapacity = parameters.has("capacity")
    switch (hasDiffusivity, hasConductivity, hasCapacity) {
    case (true, false, false):
      conductivity = parameters.quantity("diffusivity")
      capacity = Quantity(1)
    case (false, true, true):
      conductivity = parameters.quantity("conductivity")
      capacity = parameters.quantity("capacity")
    case (true, _, _):
      throw parameters.error(
        "diffusivity",
        "stands beside \(hasConductivity ? "conductivity" : "capacity"): give either diffusivity alone, "
          + "or conductivity and capacity")
    default:
      let missing = hasConductivity ? "capacity" : hasCapacity ? "conductivity" : "diffusivity"
      throw ConfigurationError(
        parameters.location, "[heat] needs \(missing): give either diffusivity alone, or conductivity and capacity")
    }
    countsJoules = !hasDiffusivity
    source = parameters.quantity("source")
    held = parameters.tables("held").map { table in
      HeldRegion(
        region: table.region("region"), temperature: table.quantity("temperature"),
        resistance: table.has("h") ? 1 / table.number("h") : 0)
    }
  }

  /// The last of the held regions that a cell's centre lies in.
  func heldRegion(at p: Point) -> HeldRegion? { held.last { $0.region.contains(p.x, p.y, p.z) } }

  /// Whether one number says each of k, ρc and q, everywhere and always.
  var isUniform: Bool {
    held.isEmpty && conductivity.constant != nil && capacity.constant != nil && source.constant != nil
  }

  /// The conductance of the face between two cells whose centres lie `h` apart, divided by `h`: W/m³/K.
  ///
  /// Two half cells in series, harmonic, and the film at the surface of a held region: heat that leaves one cell enters
  /// the other. At a side of the grid both cells are the same, and the full conductivity of the cell results.
  func conductance(_ below: Point, _ above: Point, spacing h: Double) -> Double {
    switch (heldRegion(at: below), heldRegion(at: above)) {
    case (nil, nil):
      let (a, b) = (conductivity(below), conductivity(above))
      return 2 * a * b / (a + b) / (h * h)
    case (let region?, nil): return 1 / (h * (h / (2 * conductivity(above)) + region.resistance))
    case (nil, let region?): return 1 / (h * (h / (2 * conductivity(below)) + region.resistance))
    case (_?, _?): return 0
    }
  }

  /// ρc, and 0 in held regions, whose heat is not the body's.
  func bodyCapacity(_ p: Point) -> Double { heldRegion(at: p) == nil ? capacity(p) : 0 }
  /// 1/(ρc), and 0 in held regions, which no heat can warm.
  func inverseCapacity(_ p: Point) -> Double { heldRegion(at: p) == nil ? 1 / capacity(p) : 0 }
  /// q, and 0 in held regions.
  func bodySource(_ p: Point) -> Double { heldRegion(at: p) == nil ? source(p) : 0 }
}
