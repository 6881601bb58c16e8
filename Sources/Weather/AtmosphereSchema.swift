import Stencils

/// What `[atmosphere]` and the sides of the grid may say.
enum AtmosphereSchema {
  static let schema = Schema(
    [
      ParameterKey(
        "scheme", .word(["split4", "weno5"]), .optional,
        help:
          "split4: fourth-order finite volumes with hyperviscosity, split by direction, for slices; weno5: fifth-order "
          + "WENO with a Riemann solver, not split; if not given split4 on slices, weno5 in three dimensions"),
      ParameterKey(
        "state", .word(AirState.words), .default("rest"),
        help: "the state at time 0, by a word; keys below override parts of it"),
      ParameterKey(
        "terrain", .quantity(time: false), unit: "m", .optional,
        help:
          "height of the ground, which levels follow and forget towards the lid, with the scheme weno5; the state's if "
          + "not given, else flat; z is everywhere the height above 0"),
      ParameterKey(
        "theta", .quantity(time: false), unit: "K", .optional,
        help: "perturbation of the potential temperature at time 0"),
      ParameterKey(
        "unchanged", .word(["density", "pressure"]), .default("density"),
        help: "what such a perturbation leaves as it is in the column: bubbles at unchanged pressure ring less"),
      ParameterKey(
        "density", .quantity(time: false), unit: "kg/m³", .optional,
        help: "perturbation of the density at time 0, with the potential temperature as it is: compressed air"),
      ParameterKey("velocity.x", .quantity(time: false), unit: "m/s", .optional, help: "velocity along x at time 0"),
      ParameterKey(
        "velocity.y", .quantity(time: false), unit: "m/s", .optional,
        help: "velocity along y at time 0, in three dimensions"),
      ParameterKey(
        "velocity.up", .quantity(time: false), unit: "m/s", .optional, help: "vertical velocity at time 0"),
      ParameterKey(
        "tracer", .list(tracerKeys), .optional, help: "passive tracers that the air carries, with the scheme weno5"),
      ParameterKey(
        "background.kind", .word(["neutral", "stable", "isothermal"]), .optional,
        help: "the column at rest: of one potential temperature, of one stability, of one temperature; the state's if "
          + "not given"),
      ParameterKey(
        "background.temperature", .number, unit: "K", .optional, range: .positive,
        help:
          "its potential temperature at height 0, or its temperature where that is the same everywhere; the state's "
          + "if not given, mostly 300 K"),
      ParameterKey(
        "background.frequency", .number, unit: "1/s", .optional, range: .nonNegative,
        help: "N, the Brunt-Väisälä frequency of a stable column; the state's if not given"),
      ParameterKey(
        "viscosity", .number, unit: "m²/s", .default(0), range: .nonNegative,
        help: "kinematic viscosity, the same for velocity and potential temperature"),
      ParameterKey(
        "sponge.depth", .number, unit: "m", .optional, range: .positive,
        help: "depth of a layer below the lid in which vertical motion is damped; none if not given"),
      ParameterKey(
        "sponge.width", .number, unit: "m", .optional, range: .positive,
        help: "width of such layers at both ends of x; none if not given"),
      ParameterKey(
        "sponge.rate", .number, unit: "1/s", .default(0.05), range: .nonNegative,
        help: "rate of the damping at the lid and at the ends"),
      ParameterKey("gravity", .number, unit: "m/s²", .default(9.8), range: .nonNegative, help: "g"),
      ParameterKey("cp", .number, unit: "J/kg/K", .default(1004), range: .positive, help: "heat capacity of the air"),
      ParameterKey("gas-constant", .number, unit: "J/kg/K", .default(287), range: .positive, help: "R of the air"),
      ParameterKey("pressure", .number, unit: "Pa", .default(1e5), range: .positive, help: "pressure at height 0"),
    ],
    boundaries: [
      BoundaryKind(
        "auto",
        help:
          "what the state wants: a wall; with the state injection one with a jet at the low end of x, and the high end open"
      ),
      BoundaryKind("wall", help: "solid and smooth: no air passes, no drag along it"),
      BoundaryKind("open", help: "for the ends of horizontal axes: air passes, nothing changes across the side"),
      BoundaryKind(
        "inflow",
        [
          ParameterKey("velocity", .quantity(time: true), unit: "m/s", help: "into the grid, by height"),
          ParameterKey(
            "theta", .quantity(time: true), unit: "K", .default(0), help: "perturbation of its potential temperature"),
        ],
        help: "for the ends of horizontal axes: air of a given velocity"),
    ],
    defaultBoundary: "auto", slicesAreVertical: true)

  static let tracerKeys = [
    ParameterKey("name", .text, help: "what the output calls it"),
    ParameterKey(
      "initial", .quantity(time: false), unit: "1", .default(0), help: "its share of the air's mass at time 0"),
  ]
}
