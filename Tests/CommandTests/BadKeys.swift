// Keys and sides that the schema does not know, or that are missing.

extension BadInput {
  /// Unknown at every level.
  static let unknownKeys: [BadInput] = [
    .change(
      "top key", #"title = "Plate""#, to: #"titel = "Plate""#,
      says: #"config.toml:1:1: unknown key titel; did you mean "title"?"#),
    .change(
      "top table", "[output]", to: "[ouput]", says: #"config.toml:18:2: unknown table ouput; did you mean "output"?"#),
    .change(
      "grid key", "cells = [24, 16]", to: "cels = [24, 16]",
      says: #"config.toml:5:1: unknown key grid.cels; did you mean "cells"?"#),
    .change(
      "grid key in the middle", "extent = [1.2, 0.8]", to: "spacing = [0.05, 0.05]\nextent = [1.2, 0.8]",
      says: "config.toml:6:1: unknown key grid.spacing; allowed: cells, extent, origin"),
    .change(
      "key of another table", "end = 0.5", to: "end = 0.5\ncells = [3, 4]",
      says: "config.toml:10:1: unknown key time.cells; did you mean grid.cells?"),
    .change(
      "key of another table on top", #"title = "Plate""#, to: #"title = "Plate"\#nend = 3"#,
      says: "config.toml:2:1: unknown key end; did you mean time.end?"),
    .change(
      "heat key", "diffusivity", to: "difusivity",
      says: #"config.toml:12:1: unknown key heat.difusivity; did you mean "diffusivity"?"#),
    .change(
      "upper case", "end = 0.5", to: "End = 0.5", says: #"config.toml:9:1: unknown key time.End; did you mean "end"?"#),
    .change(
      "picture key", #"{ file = "plate.png" }"#, to: #"{ file = "plate.png", feild = "temperature" }"#,
      says: #"config.toml:21:34: unknown key output.picture.feild; did you mean "field"?"#),
    .change(
      "nested table", "[time]", to: "[grid.stretching]\nx = 2\n\n[time]",
      says: "config.toml:8:7: unknown table grid.stretching; allowed: cells, extent, origin"),
    .change(
      "solver unknown", #"solver = "heat""#, to: #"solver = "haet""#,
      says: #"config.toml:2:10: solver = "haet" is unknown; did you mean "heat"?"#),
    .change(
      "solver far", #"solver = "heat""#, to: #"solver = "weather""#,
      says: #"config.toml:2:10: solver = "weather" is unknown; allowed: heat"#),
    .change(
      "solver missing", #"solver = "heat"\#n"#, to: "",
      says: #"config.toml: solver is missing: add solver = "heat" (the physics)"#),
    .changes(
      "dotted", [("[heat]", "[heat]\ninitial.valeu = 3"), ("initial = 300\n", "")],
      says: #"config.toml:12:9: unknown key heat.initial.valeu; did you mean "value"?"#),
  ]

  /// What a configuration must have.
  static let missingKeys: [BadInput] = [
    .change(
      "grid table", "[grid]\ncells = [24, 16]\nextent = [1.2, 0.8]\n", to: "",
      says:
        "config.toml: grid.cells is missing with all of [grid]: add cells = a list of 1 to 3 whole numbers >= 1 (cells along x, y, z: one"
    ),
    .change(
      "cells", "cells = [24, 16]\n", to: "",
      says:
        "config.toml:4:2: grid.cells is missing: add cells = a list of 1 to 3 whole numbers >= 1 (cells along x, y, z: one to three"
    ),
    .change(
      "extent", "extent = [1.2, 0.8]\n", to: "",
      says:
        "config.toml:4:2: grid.extent is missing: add extent = a list of 1 to 3 numbers > 0, in m (lengths along x, y, z)"
    ),
    .change(
      "end", "end = 0.5\n", to: "",
      says: "config.toml:8:2: time.end is missing: add end = a number > 0, in s (simulated time at which the run ends)"),
    .change(
      "time table", "[time]\nend = 0.5\n", to: "",
      says:
        "config.toml: time.end is missing with all of [time]: add end = a number > 0, in s (simulated time at which the run ends)"
    ),
    .change(
      "initial", "initial = 300\n", to: "",
      says:
        "config.toml:11:2: heat.initial is missing: add initial = a number, a formula in quotes or a table with regions, in K (temperature"
    ),
    .change(
      "diffusivity", "diffusivity = 1.0e-3\n", to: "",
      says: "config.toml:11:2: [heat] needs diffusivity: give either diffusivity alone, or conductivity and capacity"),
    .change(
      "capacity", "diffusivity = 1.0e-3", to: "conductivity = 3",
      says: "config.toml:11:2: [heat] needs capacity: give either diffusivity alone, or conductivity and capacity"),
    .change(
      "both", "diffusivity = 1.0e-3", to: "diffusivity = 1.0e-3\nconductivity = 3",
      says:
        "config.toml:12:15: heat.diffusivity stands beside conductivity: give either diffusivity alone, or conductivity and capacity"
    ),
    .change(
      "heat table", "[heat]\ndiffusivity = 1.0e-3\ninitial = 300\n", to: "",
      says:
        "config.toml: heat.initial is missing with all of [heat]: add initial = a number, a formula in quotes or a table with regions, in"
    ),
    .change(
      "picture file", #"{ file = "plate.png" }"#, to: #"{ field = "temperature" }"#,
      says: "config.toml:21:12: output.picture.file is missing: add file = text in quotes (ends in .png or .svg)"),
  ]

  /// The sides of the grid.
  static let sides: [BadInput] = [
    .side(
      "unknown kind", #"x = { kind = "fixd", value = 300 }"#,
      says: #"config.toml:16:14: boundary.x is of the unknown kind "fixd"; did you mean "fixed"?"#),
    .side(
      "unknown kind far", #"x = { kind = "open" }"#,
      says:
        #"config.toml:16:14: boundary.x is of the unknown kind "open"; allowed: convective, fixed, flux, insulated, periodic"#
    ),
    .side(
      "missing kind", "x = { value = 300 }",
      says:
        #"config.toml:16:5: boundary.x.kind is missing: add kind = "insulated", "fixed", "flux", "convective" or "periodic""#
    ),
    .side(
      "missing key", #"x = { kind = "fixed" }"#,
      says:
        "config.toml:16:1: boundary.x.value is missing: add value = a number, a formula in quotes (t allowed) or a table with regions, in"
    ),
    .side(
      "missing key word", #"x = "fixed""#,
      says:
        "config.toml:16:1: boundary.x.value is missing: add value = a number, a formula in quotes (t allowed) or a table with regions, in"
    ),
    .side(
      "key of another kind", #"x = { kind = "fixed", value = 300, ambient = 300 }"#,
      says: #"config.toml:16:36: unknown key boundary.x.ambient for the kind "fixed"; it takes value"#),
    .side(
      "insulated with value", #"x = { kind = "insulated", value = 300 }"#,
      says: #"config.toml:16:27: unknown key boundary.x.value for the kind "insulated"; it takes no keys"#),
    .side(
      "periodic low", #"x.low = "periodic""#,
      says:
        #"config.toml:16:9: boundary.x.low cannot be periodic alone: both sides are, or none; write x = "periodic" in [boundary]"#
    ),
    .side(
      "periodic low table", #"x.low = { kind = "periodic" }\#nx.high = "insulated""#,
      says:
        #"config.toml:16:18: boundary.x.low cannot be periodic alone: both sides are, or none; write x = "periodic" in [boundary]"#
    ),
    .side(
      "periodic with key", #"x = { kind = "periodic", value = 300 }"#,
      says: "config.toml:16:26: unknown key boundary.x.value; a periodic axis has no other keys"),
    .side(
      "axis z", #"z = "insulated""#,
      says: "config.toml:16:1: boundary.z is no axis of the grid; the grid has 2 dimensions"),
    .side("axis w", #"w = "insulated""#, says: "config.toml:16:1: boundary.w is no axis of the grid; allowed: x, y"),
    .side(
      "side word", #"x.left = "insulated""#,
      says: "config.toml:16:3: unknown key boundary.x.left; allowed: high, kind, low"),
    .side(
      "kind beside low", #"x = { kind = "insulated", low = "insulated" }"#,
      says: "config.toml:16:27: boundary.x has both a kind, which is for both sides, and low: give either"),
    .side(
      "kind number", "x = { kind = 3 }",
      says:
        #"config.toml:16:14: boundary.x wants a kind, "insulated", "fixed", "flux", "convective" or "periodic", not 3"#),
    .side(
      "number", "x = 300",
      says:
        #"config.toml:16:5: boundary.x wants a kind, "insulated", "fixed", "flux", "convective" or "periodic", not 300"#
    ),
    .side(
      "list", #"x = ["fixed", "fixed"]"#,
      says:
        #"config.toml:16:5: boundary.x wants a kind, "insulated", "fixed", "flux", "convective" or "periodic", not the list ["fixed","#
    ),
    .side(
      "value text", #"x = { kind = "fixed", value = true }"#,
      says:
        "config.toml:16:31: boundary.x.value wants a number, a formula in quotes (t allowed) or a table with regions, not true"
    ),
    .side(
      "h negative", #"x = { kind = "convective", h = -1, ambient = 300 }"#,
      says: "config.toml:16:32: boundary.x.h must be >= 0 W/m²/K, not -1"),
    .side(
      "typo of periodic", #"x = "peridic""#,
      says: #"config.toml:16:5: boundary.x is of the unknown kind "peridic"; did you mean "periodic"?"#),
    .side(
      "dirichlet", #"x = { kind = "dirichlet", value = 300 }"#,
      says:
        #"config.toml:16:14: boundary.x is of the unknown kind "dirichlet"; allowed: convective, fixed, flux, insulated, periodic"#
    ),
  ]
}
