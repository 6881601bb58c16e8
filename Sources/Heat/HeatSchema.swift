import Stencils

/// What `[heat]` and the sides of the grid may say.
enum HeatSchema {
  static let schema = Schema(
    [
      ParameterKey(
        "diffusivity", .quantity(time: true), unit: "m²/s", .optional, range: .positive,
        help: "k/(ρc) where heat is counted per unit of ρc; instead of conductivity and capacity"),
      ParameterKey(
        "conductivity", .quantity(time: true), unit: "W/m/K", .optional, range: .positive,
        help: "k; faces between cells take the harmonic mean, so that the flux is continuous across materials"),
      ParameterKey(
        "capacity", .quantity(time: true), unit: "J/m³/K", .optional, range: .positive,
        help: "ρc, heat capacity per volume: density times specific heat"),
      ParameterKey(
        "source", .quantity(time: true), unit: "W/m³", .default(0), help: "q, heat released per volume and time"),
      ParameterKey("initial", .quantity(time: false), unit: "K", help: "temperature at time 0"),
      ParameterKey(
        "scheme", .word(["euler", "heun", "rkl2"]), .default("euler"),
        help: "time stepping: forward Euler (first order), Heun (second), RKL2 super-time-stepping (second, long steps)"
      ),
      ParameterKey(
        "stages", .integer, .default(9), range: .within(3...1000),
        help: "stages of an RKL2 step: it may be (s² + s - 2)/4 Euler limits long"),
      ParameterKey(
        "held", .list(heldKeys), .optional,
        help: "regions held at a temperature, such as air or a coolant around the body"),
    ],
    boundaries: [
      BoundaryKind("insulated", help: "no heat passes"),
      BoundaryKind(
        "fixed",
        [ParameterKey("value", .quantity(time: true), unit: "K", help: "temperature of the face")],
        help: "a temperature that is given on the face"),
      BoundaryKind(
        "flux",
        [ParameterKey("value", .quantity(time: true), unit: "W/m²", help: "heat into the body, per area and time")],
        help: "a heat flux that is given"),
      BoundaryKind(
        "convective",
        [
          ParameterKey(
            "h", .quantity(time: true), unit: "W/m²/K", range: .nonNegative, help: "heat transfer coefficient"),
          ParameterKey("ambient", .quantity(time: true), unit: "K", help: "temperature of the surroundings"),
        ],
        help: "Newton's law: h (ambient - surface temperature) enters"),
    ],
    defaultBoundary: "insulated")

  static let heldKeys = [
    ParameterKey("region", .region, help: "the cells whose centres lie in this box, ball or layer"),
    ParameterKey("temperature", .quantity(time: false), unit: "K", help: "at which they are held"),
    ParameterKey(
      "h", .number, unit: "W/m²/K", .optional, range: .positive,
      help: "heat transfer coefficient of their surface; perfect contact where not given"),
  ]
}
