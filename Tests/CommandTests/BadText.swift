// Files that are no TOML, and values of the wrong type.

extension BadInput {
  /// What the TOML parser refuses.
  static let syntax: [BadInput] = [
    .change(
      "a bracket is left open", "cells = [24, 16]", to: "cells = [24, 16",
      says: "config.toml:6:1: this is not valid TOML: in an array"),
    .change(
      "a string is left open", #"title = "Plate""#, to: #"title = "Plate"#,
      says: "config.toml:1:15: this is not valid TOML: in a string"),
    .change(
      "a value is missing", "end = 0.5", to: "end =",
      says: "config.toml:9:6: this is not valid TOML: in a key-value pair"),
    .change(
      "an equals sign is missing", "end = 0.5", to: "end 0.5",
      says: "config.toml:9:5: this is not valid TOML: in a key-value pair"),
    .change(
      "a word without quotes", #"solver = "heat""#, to: "solver = heat",
      says: "config.toml:2:10: this is not valid TOML: in a value"),
    .change(
      "a comma is missing", #"{ kind = "fixed", value = 300 }"#, to: #"{ kind = "fixed" value = 300 }"#,
      says: "config.toml:16:22: this is not valid TOML: in an inline table"),
    .change(
      "a header is left open", "[heat]", to: "[heat",
      says: "config.toml:11:6: this is not valid TOML: in a table header"),
    .change(
      "a duplicate key", "end = 0.5", to: "end = 0.5\nend = 0.6", says: "config.toml:10:7: end is given twice; keep one"
    ),
    .change(
      "a duplicate table", "[output]", to: "[grid]\ncells = [2, 2]\n[output]",
      says: "config.toml:18:1: grid is given twice; keep one"),
    .change(
      "a table after a dotted key", "[output]", to: #"[boundary.x]\#nkind = "insulated"\#n\#n[output]"#,
      says: "config.toml:18:1: boundary.x is given twice; keep one"),
    .change(
      "a comma as decimal mark", "end = 0.5", to: "end = 0,5",
      says: "config.toml:9:8: this is not valid TOML: in a key-value pair"),
    .change(
      "an integer overflow", "cells = [24, 16]", to: "cells = [24, 99999999999999999999]",
      says: "config.toml:5:34: this is not valid TOML: in a decimal integer"),
    .change(
      "a leading zero", "cells = [24, 16]", to: "cells = [024, 16]",
      says: "config.toml:5:13: this is not valid TOML: in a decimal integer"),
    .change(
      "a control character", "Plate", to: "Pla\u{1}te", says: "config.toml:1:13: this is not valid TOML: in a string"),
    .file(
      "bad utf-8", Array("title = ".utf8) + [0x22, 0xff, 0xfe, 0x22],
      says: "config.toml:1:10: this is no text in UTF-8; a configuration is a TOML file"),
    .file("binary", Array(0...255), says: "config.toml:1:1: this is no text in UTF-8; a configuration is a TOML file"),
    .file(
      "an executable", [0x7f] + Array("ELF".utf8) + [2, 1, 1, 0, 0],
      says: "config.toml:1:8: this is no text in UTF-8; a configuration is a TOML file"),
    .file(
      "empty", [],
      says:
        "config.toml: there is nothing in it: a configuration has a solver and the tables [grid] and [time] at the least"
    ),
    .file(
      "only comment", Array("# nothing\n".utf8),
      says:
        "config.toml: there is nothing in it: a configuration has a solver and the tables [grid] and [time] at the least"
    ),
    .file(
      "YAML", Array("title: Plate\nsolver: heat\n".utf8),
      says: "config.toml:1:6: this is not valid TOML: in a key-value pair"),
  ]

  /// A wrong type for every kind of key.
  static let types: [BadInput] = [
    .change(
      "title number", #"title = "Plate""#, to: "title = 3", says: "config.toml:1:9: title wants text in quotes, not 3"),
    .change(
      "cells text", "cells = [24, 16]", to: #"cells = "24x16""#,
      says: #"config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the text "24x16""#),
    .change(
      "cells number", "cells = [24, 16]", to: "cells = 24",
      says: "config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not 24"),
    .change(
      "cells fractions", "cells = [24, 16]", to: "cells = [24.0, 16.5]",
      says: "config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the list [24.0, 16.5]"),
    .change(
      "cells element text", "cells = [24, 16]", to: #"cells = [24, "16"]"#,
      says: #"config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the list [24, "16"]"#),
    .change(
      "cells empty", "cells = [24, 16]", to: "cells = []",
      says: "config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not an empty list"),
    .change(
      "cells four", "cells = [24, 16]", to: "cells = [24, 16, 8, 4]",
      says: "config.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the list [24, 16, 8, 4]"),
    .change(
      "extent text", "extent = [1.2, 0.8]", to: #"extent = [1.2, "0.8"]"#,
      says: #"config.toml:6:10: grid.extent wants a list of 1 to 3 numbers > 0, not the list [1.2, "0.8"]"#),
    .change(
      "end text", "end = 0.5", to: #"end = "0.5""#,
      says: #"config.toml:9:7: time.end wants a number > 0, not the text "0.5"; write 0.5, without quotes"#),
    .change(
      "end boolean", "end = 0.5", to: "end = true", says: "config.toml:9:7: time.end wants a number > 0, not true"),
    .change(
      "end date", "end = 0.5", to: "end = 2024-01-01",
      says: "config.toml:9:7: time.end wants a number > 0, not a date or time"),
    .change(
      "end table", "end = 0.5", to: "end = { value = 3 }",
      says: "config.toml:9:7: time.end wants a number > 0, not a table"),
    .change(
      "steps fraction", "end = 0.5", to: "end = 0.5\nsteps = 2.5",
      says: "config.toml:10:9: time.steps wants a whole number >= 1, not 2.5"),
    .change(
      "quantity boolean", "initial = 300", to: "initial = true",
      says: "config.toml:13:11: heat.initial wants a number, a formula in quotes or a table with regions, not true"),
    .change(
      "quantity list", "initial = 300", to: "initial = [300, 310]",
      says:
        "config.toml:13:11: heat.initial wants a number, a formula in quotes or a table with regions, not the list [300, 310]"
    ),
    .change(
      "word number", "initial = 300", to: "initial = 300\nscheme = 2",
      says: #"config.toml:14:10: heat.scheme wants "euler", "heun" or "rkl2", not 2"#),
    .change(
      "word unknown", "initial = 300", to: #"initial = 300\#nscheme = "eulr""#,
      says: #"config.toml:14:10: heat.scheme = "eulr" is unknown; did you mean "euler"?"#),
    .change(
      "precision", #"solver = "heat""#, to: #"solver = "heat"\#nprecision = "single""#,
      says: #"config.toml:3:13: precision = "single" is unknown; allowed: double, float"#),
    .change(
      "picture not a list", #"picture = [{ file = "plate.png" }]"#, to: #"picture = "plate.png""#,
      says: #"config.toml:21:11: output.picture wants a list of tables, not the text "plate.png""#),
    .change(
      "picture of names", #"picture = [{ file = "plate.png" }]"#, to: #"picture = ["plate.png"]"#,
      says: #"config.toml:21:11: output.picture wants a list of tables, not the list ["plate.png"]"#),
    .change(
      "picture as table", #"picture = [{ file = "plate.png" }]"#, to: #"picture = { file = "plate.png" }"#,
      says: "config.toml:21:11: output.picture wants a list of tables, not a table"),
    .changes(
      "table number",
      [("[grid]\ncells = [24, 16]\nextent = [1.2, 0.8]\n", ""), (#"title = "Plate""#, #"title = "Plate"\#ngrid = 5"#)],
      says: "config.toml:2:1: grid wants a table, written [grid], not 5"),
    .changes(
      "boundary text",
      [
        (#"[boundary]\#nx = { kind = "fixed", value = 300 }\#n"#, ""),
        (#"title = "Plate""#, #"title = "Plate"\#nboundary = "periodic""#),
      ],
      says: #"config.toml:2:1: boundary wants a table, written [boundary], with x = ... in it, not the text "periodic""#
    ),
    .change(
      "output table missing header key", "[output]", to: "[[output]]",
      says: "config.toml:18:3: output wants a table, written [output], not the list [{ ... }]"),
  ]
}
