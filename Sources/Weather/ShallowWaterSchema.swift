import Stencils

/// What `[shallow-water]` and the sides of the grid may say.
enum ShallowWaterSchema {
  static let schema = Schema(
    [
      ParameterKey(
        "depth", .quantity(time: false), unit: "m", .optional, range: .nonNegative,
        help: "depth of the water at time 0; instead of surface"),
      ParameterKey(
        "surface", .quantity(time: false), unit: "m", .optional,
        help: "height of the water's surface at time 0; where the bottom is higher it is dry"),
      ParameterKey("bottom", .quantity(time: false), unit: "m", .default(0), help: "height of the bottom"),
      ParameterKey(
        "velocity.x", .quantity(time: false), unit: "m/s", .default(0), help: "velocity along x at time 0"),
      ParameterKey(
        "velocity.y", .quantity(time: false), unit: "m/s", .default(0), help: "velocity along y at time 0"),
      ParameterKey("gravity", .number, unit: "m/s²", .default(9.81), range: .positive, help: "g"),
      ParameterKey("coriolis", .number, unit: "1/s", .default(0), help: "f, the Coriolis parameter, at y = coriolis-y"),
      ParameterKey("beta", .number, unit: "1/m/s", .default(0), help: "how much f grows along y"),
      ParameterKey("coriolis-y", .number, unit: "m", .default(0), help: "the y at which f is coriolis"),
      ParameterKey(
        "manning", .quantity(time: false), unit: "s/m^(1/3)", .default(0), range: .nonNegative,
        help: "Manning's roughness of the bottom"),
      ParameterKey(
        "rain", .quantity(time: true), unit: "m/s", .default(0), range: .nonNegative,
        help: "depth of rain per time"),
      ParameterKey(
        "tracer", .list(tracerKeys), .optional, help: "passive tracers that the water carries"),
      ParameterKey(
        "limiter", .word(["minmod", "central"]), .default("central"),
        help: "slopes inside cells: minmod is the most careful, central (monotonized central) the sharpest"),
      ParameterKey(
        "scheme", .word(["ssprk2", "ssprk3"]), .default("ssprk2"),
        help: "time stepping: strong-stability-preserving Runge-Kutta of two or three stages"),
      ParameterKey(
        "dry", .number, unit: "m", .default(1e-6), range: .positive, help: "depth below which water does not move"),
    ],
    boundaries: [
      BoundaryKind("wall", help: "no water passes; no friction along it"),
      BoundaryKind("open", help: "water and waves leave; nothing changes across the side"),
      BoundaryKind(
        "inflow",
        [
          ParameterKey(
            "discharge", .quantity(time: true), unit: "m²/s",
            help: "water into the grid, per time and length of the side"),
          ParameterKey(
            "depth", .quantity(time: true), unit: "m", .optional, range: .nonNegative,
            help: "depth at the side, for supercritical flow; that of the cells behind it if not given"),
        ],
        help: "a discharge that is given"),
      BoundaryKind(
        "level",
        [ParameterKey("surface", .quantity(time: true), unit: "m", help: "height of the surface at the side")],
        help: "a height of the surface that is given, as of a sea or a lake; water passes either way"),
    ],
    defaultBoundary: "wall")

  static let tracerKeys = [
    ParameterKey("name", .text, help: "what the output calls it"),
    ParameterKey(
      "initial", .quantity(time: false), unit: "1", .default(0), help: "concentration at time 0"),
  ]
}
