import Simulation
import Stencils

/// A small solver's schema that uses every kind of key.
enum Model {
  static let schema = Schema(
    [
      ParameterKey("diffusivity", .quantity(time: true), unit: "m²/s", range: .positive, help: "how fast it spreads"),
      ParameterKey("initial", .quantity(time: false), unit: "K", .default(0), help: "the start"),
      ParameterKey("scheme", .word(["euler", "heun", "rkl2"]), .default("euler"), help: "time stepping"),
      ParameterKey("stages", .integer, .default(4), range: .atLeast(2), help: "stages of rkl2"),
      ParameterKey("exact", .boolean, .default(false), help: "whether to be exact"),
      ParameterKey("velocity", .numbers(1...3), unit: "m/s", .optional, help: "one entry a dimension"),
      ParameterKey("tracers", .words, .optional, help: "what is carried along"),
      ParameterKey("limiter.kind", .word(["minmod", "superbee"]), .default("minmod"), help: "slope limiter"),
      ParameterKey("limiter.power", .number, .default(1.0), range: .within(0...2), help: "how sharp"),
      ParameterKey("probe", .list(probe), .optional, help: "places to record"),
    ],
    boundaries: [
      BoundaryKind("insulated", help: "nothing passes"),
      BoundaryKind(
        "fixed", [ParameterKey("value", .quantity(time: true), unit: "K", help: "at the face")], help: "given"),
      BoundaryKind(
        "convective",
        [
          ParameterKey("h", .number, unit: "W/m²/K", range: .nonNegative, help: "coefficient"),
          ParameterKey("ambient", .quantity(time: true), unit: "K", .default(293), help: "surroundings"),
        ], help: "Newton's law"),
    ],
    defaultBoundary: "insulated")

  static let probe = [
    ParameterKey("name", .text, help: "of the probe"),
    ParameterKey("at", .numbers(1...3), unit: "m", help: "where"),
  ]

  static let strict = Schema([], boundaries: schema.boundaries)
  static let wrapping = Schema([], boundaries: schema.boundaries, defaultBoundary: "periodic")
  static let solvers: [(name: String, schema: Schema)] = [
    ("heat", schema), ("strict", strict), ("wrapping", wrapping),
  ]

  static func load(_ text: String, _ overrides: [String] = []) throws(ConfigurationError) -> Configuration {
    try Configuration(text: text, file: "c.toml", overrides: overrides, solvers: solvers)
  }

  /// The complaint about a text, or "accepted".
  static func complaint(_ text: String, _ overrides: [String] = []) -> String {
    do {
      _ = try load(text, overrides)
      return "accepted"
    } catch {
      return error.description
    }
  }

  /// A right configuration of two dimensions; line 10 is the solver's table, and what is added stands from line 12 on.
  static let good = """
    title = "Plate"
    solver = "heat"

    [grid]
    cells = [64, 32]
    extent = [2.0, 1.0]
    [time]
    end = 10

    [heat]
    diffusivity = 1.0e-4

    """
}
