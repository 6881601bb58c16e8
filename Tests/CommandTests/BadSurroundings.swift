// Command lines, files and runs that cannot work.

extension BadInput {
  /// The command line.
  static let commands: [BadInput] = [
    .command(
      "no argument", [],
      says: "a configuration is missing: add its name, as in heatsim CONFIG.toml; heatsim --help tells what there is",
      status: 2),
    .command(
      "unknown option", ["--thread", "2", "config.toml"],
      says: #"unknown option --thread; did you mean "--threads"? heatsim --help tells what there is"#, status: 2),
    .command(
      "two configs", ["config.toml", "other.toml"],
      says: "there are two configurations, config.toml and other.toml; heatsim --help tells what there is", status: 2),
    .command(
      "missing file", ["confg.toml"],
      says:
        "confg.toml: cannot read the configuration: No such file or directory; check its name, which is taken from where the command is"
    ),
    .command(
      "directory", ["."],
      says: ".: cannot read the configuration: Is a directory; name the file in it, as in ./config.toml"),
    .command(
      "threads 0", ["config.toml", "--threads", "0"],
      says: "--threads wants a whole number from 1 to 4096 behind it, not 0; heatsim --help tells what there is",
      status: 2),
    .command(
      "threads -1", ["config.toml", "--threads", "-1"],
      says: "--threads wants a whole number from 1 to 4096 behind it, not -1; heatsim --help tells what there is",
      status: 2),
    .command(
      "threads x", ["config.toml", "--threads", "x"],
      says: "--threads wants a whole number from 1 to 4096 behind it, not x; heatsim --help tells what there is",
      status: 2),
    .command(
      "threads none", ["config.toml", "--threads"],
      says: "--threads wants a whole number from 1 to 4096 behind it; heatsim --help tells what there is", status: 2),
    .command(
      "threads many", ["config.toml", "--threads", "100000"],
      says: "--threads wants a whole number from 1 to 4096 behind it, not 100000; heatsim --help tells what there is",
      status: 2),
    .command(
      "set none", ["config.toml", "--set"], says: "--set wants KEY=VALUE behind it; heatsim --help tells what there is",
      status: 2),
    .command(
      "set no equals", ["config.toml", "--set", "time.end"],
      says: "--set time.end: an override reads KEY=VALUE, as in --set time.end=2.5"),
    .command(
      "set no key", ["config.toml", "--set", "=3"],
      says: #"--set =3: "" is not a key; write KEY=VALUE, as in time.end=2.5"#),
    .command(
      "set unknown key", ["config.toml", "--set", "time.ende=3"],
      says: #"--set time.ende=3: unknown key time.ende; did you mean "end"?"#),
    .command(
      "set unknown table", ["config.toml", "--set", "tim.end=3"],
      says: #"--set tim.end=3: unknown table tim; did you mean "time"?"#),
    .command(
      "set bad value", ["config.toml", "--set", "time.end=soon"],
      says: #"--set time.end=soon: time.end wants a number > 0, not the text "soon""#),
    .command(
      "set negative", ["config.toml", "--set", "time.end=-1"], says: "--set time.end=-1: time.end must be > 0 s, not -1"
    ),
    .command(
      "set empty", ["config.toml", "--set", "time.end="],
      says: #"--set time.end=: time.end wants a number > 0, not the text """#),
    .command(
      "set bad key", ["config.toml", "--set", "time end=3"],
      says: #"--set time end=3: "time end" is not a key; write KEY=VALUE, as in time.end=2.5"#),
    .command(
      "set newline", ["config.toml", "--set", "time.end=3\nfoo=4"],
      says: #"--set time.end=3\nfoo=4: an override is one line of printable text"#),
    .command(
      "set formula", ["config.toml", "--set", "heat.initial=sqrt(x-0.5)"],
      says:
        #"--set heat.initial=sqrt(x-0.5): heat.initial = "sqrt(x-0.5)" is nan at x = 0.025 m, y = 0.025 m; it must be finite"#
    ),
    .command(
      "set into a number", ["config.toml", "--set", "time.end.x=3"],
      says: "--set time.end.x=3: time.end is 0.5 (config.toml:9:7) and has no keys in it; set time.end as a whole"),
    .command(
      "set list", ["config.toml", "--set", "grid.cells=[24, -16]"],
      says: "--set grid.cells=[24, -16]: each number of grid.cells must be >= 1, not -16"),
    .command(
      "set table", ["config.toml", "--set", "time={ end = -3 }"],
      says: "--set time={ end = -3 }: time.end must be > 0 s, not -3"),
    .command(
      "set half list", ["config.toml", "--set", "grid.cells=[24, 16"],
      says: "--set grid.cells=[24, 16: this is not valid TOML: in an array"),
    .command(
      "set into boundary", ["config.toml", "--set", "boundary.x.value=nan"],
      says: "--set boundary.x.value=nan: boundary.x.value must be finite, not nan"),
    .command(
      "empty name", [""],
      says: "a configuration is missing: add its name, as in heatsim CONFIG.toml; heatsim --help tells what there is",
      status: 2),
    .command(
      "unknown command", ["paln", "config.toml"],
      says: "there are two configurations, paln and config.toml; heatsim --help tells what there is", status: 2),
    .command(
      "file as directory", ["config.toml/x.toml"],
      says: "config.toml/x.toml: cannot read the configuration: Not a directory; a part of its path is a file"),
    .command(
      "dev null", ["/dev/null"],
      says:
        "/dev/null: there is nothing in it: a configuration has a solver and the tables [grid] and [time] at the least"),
    .command(
      "set picture", ["config.toml", "--set", "output.picture.file=a.png"],
      says:
        "--set output.picture.file=a.png: output.picture is the list [{ ... }] (config.toml:21:11) and has no keys in it; set"
    ),
    .command(
      "set threads", ["config.toml", "--set", "parallel.threads=0"],
      says: "--set parallel.threads=0: parallel.threads must be >= 1 and <= 4096, not 0"),
    .command(
      "set formula syntax", ["config.toml", "--set", "heat.initial=300 + * x"],
      says:
        #"--set heat.initial=300 + * x: heat.initial = "300 + * x" has the operator "*" where a value is missing (character 7 of the"#
    ),
  ]

  /// Files that cannot be written.
  static let outputs: [BadInput] = [
    .output(
      "directory", "/tmp",
      says: #"config.toml:19:8: output.file = "/tmp" is written as NetCDF: its name must end in .nc"#),
    .output(
      "directory nc", "folder.nc",
      says: "folder.nc: cannot write the output: Is a directory; name a file, not a directory"),
    .output(
      "missing dir", "no/such/plate.nc",
      says:
        "no/such/plate.nc: cannot write the output: No such file or directory; create the directory no/such first, or name one that exists"
    ),
    .output(
      "proc", "/proc/plate.nc",
      says:
        "/proc/plate.nc: cannot write the output: No such file or directory; create the directory /proc first, or name one that exists"
    ),
    .output(
      "extension", "plate.txt",
      says: #"config.toml:19:8: output.file = "plate.txt" is written as NetCDF: its name must end in .nc"#),
    .output(
      "no extension", "plate",
      says: #"config.toml:19:8: output.file = "plate" is written as NetCDF: its name must end in .nc"#),
    .output("empty", "", says: "config.toml:19:8: output.file is empty: write a text or leave it out"),
    .output(
      "dev null", "/dev/null",
      says: #"config.toml:19:8: output.file = "/dev/null" is written as NetCDF: its name must end in .nc"#),
    .output(
      "file as dir", "config.toml/plate.nc",
      says:
        "config.toml/plate.nc: cannot write the output: Not a directory; a part of config.toml is a file: name a directory"
    ),
    .picture(
      "picture missing dir", #"{ file = "no/plate.png" }"#,
      says:
        "no/plate.png: cannot write the output: No such file or directory; create the directory no first, or name one that exists"
    ),
    .picture(
      "picture ext", #"{ file = "plate.jpg" }"#,
      says: "plate.jpg: cannot write the output: its name does not end in .png or .svg; end the name in .png or .svg"),
    .picture(
      "picture dir", #"{ file = "folder.png" }"#,
      says: "folder.png: cannot write the output: Is a directory; name a file, not a directory"),
    .changes(
      "picture = output",
      [(#"file = "plate.nc""#, #"file = "plate.nc""#), (#"{ file = "plate.png" }"#, #"{ file = "plate.nc" }"#)],
      says: "config.toml:21:21: the picture has the name of output.file: give it another"),
    .picture(
      "two pictures same", #"{ file = "plate.png" }, { file = "./plate.png" }"#,
      says: #"config.toml:21:45: two pictures have the name "./plate.png": give each its own"#),
    .picture(
      "picture range", #"{ file = "plate.png", range = [3, 2] }"#,
      says: "config.toml:21:42: output.picture.range wants the lower end first"),
    .picture(
      "picture range one", #"{ file = "plate.png", range = [3] }"#,
      says: "config.toml:21:42: output.picture.range wants a list of 2 numbers, not the list [3]"),
    .picture(
      "picture position 2d", #"{ file = "plate.png", position = 0.5 }"#,
      says: "config.toml:21:45: output.picture.position cuts a three-dimensional grid; this one has 2 dimensions"),
    .picture(
      "picture axis", #"{ file = "plate.png", axis = "w" }"#,
      says: #"config.toml:21:41: output.picture.axis = "w" is unknown; allowed: x, y, z"#),
    .picture(
      "picture axis 2d", #"{ file = "plate.png", axis = "x" }"#,
      says:
        "config.toml:21:41: output.picture.axis cuts a three-dimensional grid; this one has 2 dimensions: leave it out"),
    .changes(
      "picture position outside",
      [
        ("cells = [24, 16]", "cells = [24, 16, 8]"), ("extent = [1.2, 0.8]", "extent = [1.2, 0.8, 1]"),
        (#"{ file = "plate.png" }"#, #"{ file = "plate.png", position = 5 }"#),
      ], says: "config.toml:21:21: the picture's position 5.0 m lies outside the grid, which spans 0 to 1 m along z"),
    .output(
      "config as output", "config.toml",
      says: #"config.toml:19:8: output.file = "config.toml" is written as NetCDF: its name must end in .nc"#),
  ]

  /// Layouts that do not fit, and runs that blow up.
  static let runs: [BadInput] = [
    .changes(
      "blow up float",
      [
        (#"solver = "heat""#, #"solver = "heat"\#nprecision = "float""#),
        ("initial = 300", "initial = 300\nsource = 1e39"),
      ], says: "temperature is not finite at cell (0, 0), x = 0.02"),
    .change(
      "blow up", "initial = 300", to: #"initial = 300\#nsource = "1e308*(1 + x)""#,
      says: #"config.toml:14:10: heat.source = "1e308*(1 + x)" is inf at x = 0.825 m, y = 0.025 m; it must be finite"#),
    .change(
      "too many ranks", "cells = [24, 16]", to: "cells = [1, 3]",
      says: "config.toml:5:9: 4 ranks are too many for a grid of 1 x 3 cells; the largest count that works is 3",
      ranks: [4]),
    .change(
      "ranks by hand", "[output]", to: "[parallel]\nranks = [3, 2]\n\n[output]",
      says: "config.toml:19:9: ranks = [3, 2] makes 6 blocks,"),
    .change(
      "ranks count", "[output]", to: "[parallel]\nranks = [4]\n\n[output]",
      says: "config.toml:19:9: parallel.ranks has 1 entry, but grid.cells has 2: give one a dimension"),
    .change(
      "ranks zero", "[output]", to: "[parallel]\nranks = [0, 4]\n\n[output]",
      says: "config.toml:19:10: each number of parallel.ranks must be >= 1 and <= 1000000, not 0"),
    .change(
      "ranks word", "[output]", to: #"[parallel]\#nranks = "all"\#n\#n[output]"#,
      says:
        #"config.toml:19:9: parallel.ranks wants a list of 1 to 3 whole numbers >= 1 and <= 1000000 or "auto", not the text "all""#
    ),
    .changes(
      "ranks too many along y",
      [("cells = [24, 16]", "cells = [24, 3]"), ("[output]", "[parallel]\nranks = [1, 4]\n\n[output]")],
      says:
        "config.toml:19:9: ranks = [1, 4] cuts 3 cells along y into 4 blocks, but a block needs at least 1; at most 3 fit",
      ranks: [4]),
  ]
}
