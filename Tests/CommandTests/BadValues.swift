// Values of the right type that cannot be.

extension BadInput {
  /// Numbers out of range, or that do not go together.
  static let ranges: [BadInput] = [
    .change(
      "cells negative", "cells = [24, 16]", to: "cells = [24, -16]",
      says: "config.toml:5:14: each number of grid.cells must be >= 1, not -16"),
    .change(
      "cells zero", "cells = [24, 16]", to: "cells = [0, 16]",
      says: "config.toml:5:10: each number of grid.cells must be >= 1, not 0"),
    .change(
      "cells huge", "cells = [24, 16]", to: "cells = [1000000000, 1000000000]",
      says: "config.toml:5:9: grid.cells makes 1e+18 cells: no machine holds more than 1e15"),
    .change(
      "cells more than memory", "cells = [24, 16]", to: "cells = [10000000, 10000000]",
      says: "config.toml:5:9: grid.cells makes 1e+14 cells, which take 1.6 PB or more"),
    .change(
      "cells over 63 bits", "cells = [24, 16]", to: "cells = [9223372036854775807, 9223372036854775807]",
      says: "config.toml:5:9: grid.cells makes 8.51e+37 cells: no machine holds more than 1e15"),
    .change(
      "extent zero", "extent = [1.2, 0.8]", to: "extent = [1.2, 0]",
      says: "config.toml:6:16: each number of grid.extent must be > 0 m, not 0"),
    .change(
      "extent negative", "extent = [1.2, 0.8]", to: "extent = [-1.2, 0.8]",
      says: "config.toml:6:11: each number of grid.extent must be > 0 m, not -1.2"),
    .change(
      "extent nan", "extent = [1.2, 0.8]", to: "extent = [nan, 0.8]",
      says: "config.toml:6:11: each number of grid.extent must be > 0 m, not nan"),
    .change(
      "extent count", "extent = [1.2, 0.8]", to: "extent = [1.2, 0.8, 1]",
      says: "config.toml:6:10: grid.extent has 3 entries, but grid.cells has 2: give one a dimension"),
    .change(
      "extent tiny", "extent = [1.2, 0.8]", to: "extent = [1e-300, 0.8]",
      says: "config.toml:6:10: grid.extent makes cells 4.17e-302 m wide: 1e-100 m to 1e100 m can be computed with"),
    .change(
      "extent vast", "extent = [1.2, 0.8]", to: "extent = [1e300, 1e300]",
      says: "config.toml:6:10: grid.extent makes cells 4.17e+298 m wide: 1e-100 m to 1e100 m can be computed with"),
    .change(
      "origin count", "extent = [1.2, 0.8]", to: "extent = [1.2, 0.8]\norigin = [0]",
      says: "config.toml:7:10: grid.origin has 1 entry, but grid.cells has 2: give one a dimension"),
    .change(
      "origin inf", "extent = [1.2, 0.8]", to: "extent = [1.2, 0.8]\norigin = [0, inf]",
      says: "config.toml:7:14: each number of grid.origin must be finite, not inf"),
    .change(
      "origin vast", "extent = [1.2, 0.8]", to: "extent = [1.2, 0.8]\norigin = [0, 1e30]",
      says:
        "config.toml:7:10: grid.origin is so far from 0 that cells 0.05 m wide cannot be told apart: move the grid nearer"
    ),
    .change("end negative", "end = 0.5", to: "end = -0.5", says: "config.toml:9:7: time.end must be > 0 s, not -0.5"),
    .change("end zero", "end = 0.5", to: "end = 0", says: "config.toml:9:7: time.end must be > 0 s, not 0"),
    .change("end nan", "end = 0.5", to: "end = nan", says: "config.toml:9:7: time.end must be > 0 s, not nan"),
    .change("end inf", "end = 0.5", to: "end = inf", says: "config.toml:9:7: time.end must be > 0 s, not inf"),
    .change(
      "end 1e400", "end = 0.5", to: "end = 1e400", says: "config.toml:9:12: this is not valid TOML: in a floating-point"
    ),
    .change(
      "end 1e300", "end = 0.5", to: "end = 1e300",
      says: "config.toml:20:9: output.every = 0.1 s makes 1e+301 outputs: more than 1e7 are surely not meant"),
    .change(
      "step zero", "end = 0.5", to: "end = 0.5\nstep = 0", says: "config.toml:10:8: time.step must be > 0 s, not 0"),
    .change(
      "step nan", "end = 0.5", to: "end = 0.5\nstep = nan", says: "config.toml:10:8: time.step must be > 0 s, not nan"),
    .change(
      "step tiny", "end = 0.5", to: "end = 0.5\nstep = 1e-300",
      says: "config.toml:10:8: time.step = 1e-300 s is so short that the run would take 5e+299 steps: 1e12 are the most"
    ),
    .change(
      "steps zero", "end = 0.5", to: "end = 0.5\nsteps = 0", says: "config.toml:10:9: time.steps must be >= 1, not 0"),
    .change(
      "safety zero", "end = 0.5", to: "end = 0.5\nsafety = 0",
      says: "config.toml:10:10: time.safety must be > 0 and <= 1, not 0"),
    .change(
      "safety above one", "end = 0.5", to: "end = 0.5\nsafety = 1.5",
      says: "config.toml:10:10: time.safety must be > 0 and <= 1, not 1.5"),
    .changes(
      "step unstable", [("end = 0.5", "end = 50\nstep = 10"), ("every = 0.1", "every = 10")],
      says:
        "config.toml:10:8: time.step = 10.0 s is unstable: the limit is 0.625 s at t = 0.0 s; make it shorter or leave it out, or set"
    ),
    .changes(
      "step unstable rkl2",
      [
        ("end = 0.5", "end = 500\nstep = 100"), ("every = 0.1", "every = 100"),
        ("initial = 300", #"initial = 300\#nscheme = "rkl2"\#nstages = 3"#),
      ],
      says:
        "config.toml:10:8: time.step = 100.0 s is unstable: the limit is 1.5625 s at t = 0.0 s; make it shorter or leave it out, or set"
    ),
    .change(
      "stages", "initial = 300", to: #"initial = 300\#nscheme = "rkl2"\#nstages = 2"#,
      says: "config.toml:15:10: heat.stages must be >= 3 and <= 1000, not 2"),
    .change(
      "diffusivity zero", "diffusivity = 1.0e-3", to: "diffusivity = 0",
      says: "config.toml:12:15: heat.diffusivity must be > 0 m²/s, not 0"),
    .change(
      "diffusivity negative", "diffusivity = 1.0e-3", to: "diffusivity = -1.0e-3",
      says: "config.toml:12:15: heat.diffusivity must be > 0 m²/s, not -0.001"),
    .change(
      "diffusivity inf", "diffusivity = 1.0e-3", to: "diffusivity = inf",
      says: "config.toml:12:15: heat.diffusivity must be > 0 m²/s, not inf"),
    .change(
      "initial nan", "initial = 300", to: "initial = nan",
      says: "config.toml:13:11: heat.initial must be finite, not nan"),
    .change(
      "threads 0", "[output]", to: "[parallel]\nthreads = 0\n\n[output]",
      says: "config.toml:19:11: parallel.threads must be >= 1 and <= 4096, not 0"),
    .change(
      "threads word", "[output]", to: #"[parallel]\#nthreads = "many"\#n\#n[output]"#,
      says: #"config.toml:19:11: parallel.threads wants a whole number >= 1 and <= 4096 or "auto", not the text "many""#
    ),
    .change(
      "depth 0", "[output]", to: "[parallel]\ndepth = 0\n\n[output]",
      says: "config.toml:19:9: parallel.depth must be >= 1 and <= 64, not 0"),
    .change(
      "every negative", "every = 0.1", to: "every = -0.1",
      says: "config.toml:20:9: output.every must be > 0 s, not -0.1"),
    .change("every zero", "every = 0.1", to: "every = 0", says: "config.toml:20:9: output.every must be > 0 s, not 0"),
    .change(
      "every tiny", "every = 0.1", to: "every = 1e-9",
      says: "config.toml:20:9: output.every = 1e-09 s makes 5e+08 outputs: more than 1e7 are surely not meant"),
  ]

  /// Formulas that do not parse, or have no value somewhere.
  static let formulas: [BadInput] = [
    .formula(
      "syntax", "300 + * x",
      says: #"config.toml:13:18: heat.initial = "300 + * x" has the operator "*" where a value is missing"#),
    .formula(
      "parenthesis", "300 + sin(x", says: #"config.toml:13:23: heat.initial = "300 + sin(x" has a ( without its )"#),
    .formula(
      "two values", "300 x",
      says:
        #"config.toml:13:16: heat.initial = "300 x" has no operator between "300" and "x"; a product is written 2*x"#),
    .formula(
      "end", "300 +", says: #"config.toml:13:17: heat.initial = "300 +" ends too early: a value is missing at its end"#),
    .formula(
      "unknown variable", "300 + w",
      says:
        #"config.toml:13:18: heat.initial = "300 + w" uses the unknown name "w"; allowed: x, y, pi, e and functions such as sin(...)"#
    ),
    .formula(
      "unknown function", "300 + sn(x)",
      says: #"config.toml:13:18: heat.initial = "300 + sn(x)" uses the unknown function "sn"; did you mean "sin"?"#),
    .formula(
      "power", "300 + x**2",
      says: #"config.toml:13:19: heat.initial = "300 + x**2" uses **; powers are written with ^, as in x^2"#),
    .formula(
      "z", "300 + z",
      says: #"config.toml:13:18: heat.initial = "300 + z" uses z, but the grid has 2 dimensions; it may use x, y"#),
    .formula(
      "t", "300 + t",
      says:
        #"config.toml:13:18: heat.initial = "300 + t" uses t, but this value cannot change with time; it may use x, y"#),
    .formula(
      "empty", "", says: #"config.toml:13:12: heat.initial = "" is empty: write a number or an expression in x, y"#),
    .formula(
      "blank", "   ",
      says: #"config.toml:13:12: heat.initial = "   " is empty: write a number or an expression in x, y"#),
    .formula(
      "nan", "sqrt(x - 0.5)",
      says: #"config.toml:13:11: heat.initial = "sqrt(x - 0.5)" is nan at x = 0.025 m, y = 0.025 m; it must be finite"#),
    .formula("constant nan", "0/0", says: #"config.toml:13:11: heat.initial must be finite, not "0/0", which is nan"#),
    .formula(
      "assignment", "x = 3",
      says: #"config.toml:13:14: heat.initial = "x = 3" uses a single =; a comparison is written =="#),
    .formula(
      "too few arguments", "300 + atan2(x)",
      says: #"config.toml:13:25: heat.initial = "300 + atan2(x)" gives too few arguments to atan2"#),
    .formula(
      "comma", "1,2",
      says:
        #"config.toml:13:12: heat.initial = "1,2" is a list of 2 values; write one, with a decimal point and not a comma"#
    ),
    .formula(
      "unicode", "300 + π",
      says:
        #"config.toml:13:18: heat.initial = "300 + π" has the character "π", which means nothing there; operators: + - * / ^ < > == && || ?"#
    ),
    .formula(
      "string", #"300 + \"a\""#,
      says:
        #"config.toml:13:11: heat.initial = "300 + "a"" has the character """, which means nothing there; operators: + - * / ^ < > == && ||"#
    ),
    .formula(
      "upper", "300 + X",
      says: #"config.toml:13:18: heat.initial = "300 + X" uses the unknown name "X"; did you mean "x"?"#),
    .formula(
      "index", "x[3]",
      says:
        #"config.toml:13:13: heat.initial = "x[3]" has the character "[", which means nothing there; operators: + - * / ^ < > == && || ? :"#
    ),
    .formula(
      "if", "if(x > 0.5) 300",
      says: #"config.toml:13:12: heat.initial = "if(x > 0.5) 300" uses if; a choice is written x < 0.5 ? 1 : 2"#),
    .formula("overflow", "1e999*x", says: #"config.toml:13:12: heat.initial = "1e999*x" does not parse near "1e999""#),
    .formula(
      "huge power", "10^(1000*x)",
      says: #"config.toml:13:11: heat.initial = "10^(1000*x)" is inf at x = 0.325 m, y = 0.025 m; it must be finite"#),
    .change(
      "negative diffusivity", "diffusivity = 1.0e-3", to: #"diffusivity = "1e-3*(x - 0.5)""#,
      says:
        #"config.toml:12:15: heat.diffusivity = "1e-3*(x - 0.5)" is -0.000475 at x = 0.025 m, y = 0.025 m; it must be > 0"#
    ),
    .change(
      "constant negative", "diffusivity = 1.0e-3", to: #"diffusivity = "-2*3""#,
      says: #"config.toml:12:15: heat.diffusivity must be > 0 m²/s, not "-2*3", which is -6"#),
    .changes(
      "one dimension y",
      [
        ("cells = [24, 16]", "cells = [24]"), ("extent = [1.2, 0.8]", "extent = [1.2]"),
        ("initial = 300", #"initial = "300 + y""#),
      ], says: #"config.toml:13:18: heat.initial = "300 + y" uses y, but the grid has one dimension; it may use x"#),
    .change(
      "side y z", "value = 300", to: #"value = "300 + z""#,
      says:
        #"config.toml:16:38: boundary.x.value = "300 + z" uses z, but the grid has 2 dimensions; it may use x, y, t"#),
  ]

  /// Boxes, balls and layers.
  static let regions: [BadInput] = [
    .region(
      "empty box", "{ box = [[0.5, 0.5], [0.5, 0.7]], value = 400 }",
      says: "config.toml:13:45: heat.initial.regions.box is empty along x: the low corner comes first"),
    .region(
      "coordinates", "{ box = [[0.1, 0.1, 0], [0.5, 0.5, 1]], value = 400 }",
      says:
        "config.toml:13:46: a corner of heat.initial.regions.box wants 2 coordinates in m, not the list [0.1, 0.1, 0]"),
    .region(
      "one corner", "{ box = [0.1, 0.2], value = 400 }",
      says: "config.toml:13:46: a corner of heat.initial.regions.box wants 2 coordinates in m, not 0.1"),
    .region(
      "two shapes", "{ box = [[0, 0], [1, 1]], ball = { center = [0, 0], radius = 1 }, value = 400 }",
      says:
        "config.toml:13:37: heat.initial.regions wants exactly one of box, ball or layer: { box = [[...], [...]] }, { ball = { center ="
    ),
    .region(
      "no shape", "{ value = 400 }",
      says:
        "config.toml:13:37: heat.initial.regions wants exactly one of box, ball or layer: { box = [[...], [...]] }, { ball = { center ="
    ),
    .region(
      "no value", "{ box = [[0, 0], [1, 1]] }",
      says: "config.toml:13:37: a region of heat.initial has no value: add value = what holds there"),
    .region(
      "unknown shape", "{ cube = [[0, 0], [1, 1]], value = 400 }",
      says: "config.toml:13:39: unknown key heat.initial.regions.cube; allowed: ball, box, layer, value"),
    .region(
      "ball radius", "{ ball = { center = [0, 0], radius = -1 }, value = 400 }",
      says: "config.toml:13:74: heat.initial.regions.ball.radius must be > 0 m, not -1"),
    .region(
      "ball center", "{ ball = { center = [0], radius = 1 }, value = 400 }",
      says: "config.toml:13:57: heat.initial.regions.ball.center wants a list of 2 numbers, not the list [0]"),
    .region(
      "ball no radius", "{ ball = { center = [0, 0] }, value = 400 }",
      says:
        "config.toml:13:39: heat.initial.regions.ball.radius is missing: add radius = a number > 0, in m (the radius of the ball)"
    ),
    .region(
      "ball key", "{ ball = { centre = [0, 0], radius = 1 }, value = 400 }",
      says: #"config.toml:13:48: unknown key heat.initial.regions.ball.centre; did you mean "center"?"#),
    .region(
      "layer axis", #"{ layer = { axis = "z", from = 0, to = 1 }, value = 400 }"#,
      says:
        #"config.toml:13:56: heat.initial.regions.layer.axis wants an axis of the grid, "x" or "y", not the text "z""#),
    .region(
      "layer no axis", "{ layer = { from = 0, to = 1 }, value = 400 }",
      says: #"config.toml:13:39: heat.initial.regions.layer.axis is missing: add axis = "x" or "y""#),
    .region(
      "layer empty", #"{ layer = { axis = "x", from = 1, to = 0 }, value = 400 }"#,
      says: "config.toml:13:39: heat.initial.regions.layer is empty: from = 1 is not below to = 0"),
    .region(
      "layer text", #"{ layer = { axis = "x", from = "0", to = 1 }, value = 400 }"#,
      says: #"config.toml:13:68: heat.initial.regions.layer.from wants a number in m, not the text "0""#),
    .region(
      "layer key", #"{ layer = { axis = "x", form = 0, to = 1 }, value = 400 }"#,
      says: #"config.toml:13:61: unknown key heat.initial.regions.layer.form; did you mean "from"?"#),
    .region(
      "box text", #"{ box = [["a", 0], [1, 1]], value = 400 }"#,
      says: #"config.toml:13:47: a corner of heat.initial.regions.box wants a number in m, not the text "a""#),
    .region(
      "box nan", "{ box = [[nan, 0], [1, 1]], value = 400 }",
      says: "config.toml:13:47: a corner of heat.initial.regions.box wants a number in m, not nan"),
    .region(
      "value text", #"{ box = [[0, 0], [1, 1]], value = "400 +" }"#,
      says: #"config.toml:13:77: heat.initial = "400 +" ends too early: a value is missing at its end"#),
    .region(
      "value range", "{ box = [[0, 0], [1, 1]], value = inf }",
      says: "config.toml:13:71: heat.initial must be finite, not inf"),
    .region(
      "not a table", "[0, 0]",
      says:
        "config.toml:13:37: heat.initial.regions wants tables such as { box = ..., value = ... }, not the list [0, 0]"),
    .change(
      "no base", "initial = 300", to: "initial = { regions = [] }",
      says: "config.toml:13:11: heat.initial.value is missing: add value = what holds outside all regions"),
    .change(
      "regions table", "initial = 300", to: "initial = { value = 300, regions = { } }",
      says: "config.toml:13:36: heat.initial.regions wants a list of tables, not a table"),
    .change(
      "held no region", "[boundary]", to: "[[heat.held]]\ntemperature = 300\n\n[boundary]",
      says:
        "config.toml:15:1: heat.held.region is missing: add region = { box = [[x, ...], [x, ...]] }, { ball = { center = [x, ...], radius"
    ),
    .region(
      "region nan inside", #"{ box = [[0, 0], [1, 1]], value = "sqrt(x - 0.5)" }"#,
      says: #"config.toml:13:71: heat.initial = "sqrt(x - 0.5)" is nan at x = 0.025 m, y = 0.025 m; it must be finite"#),
  ]
}
