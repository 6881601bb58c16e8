import Testing

/// Unknown keys, wrong types, values out of range.
struct ValueErrorTests {
  static let cases: [Case] = [
    Case(
      #"[64, 32]"#, to: #""512""#,
      #"c.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the text "512""#),
    Case(
      #"[64, 32]"#, to: #"512"#,
      #"c.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not 512"#),
    Case(
      #"[64, 32]"#, to: #"[64, 32, 16, 8]"#,
      #"c.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the list [64, 32, 16, 8]"#),
    Case(
      #"[64, 32]"#, to: #"[64.0, 32]"#,
      #"c.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the list [64.0, 32]"#),
    Case(
      #"[64, 32]"#, to: #"[64, 0]"#,
      #"c.toml:5:14: each number of grid.cells must be >= 1, not 0"#),
    Case(
      #"[64, 32]"#, to: #"[64, -3]"#,
      #"c.toml:5:14: each number of grid.cells must be >= 1, not -3"#),
    Case(
      #"[64, 32]"#, to: #"[]"#,
      #"c.toml:5:9: grid.cells wants a list of 1 to 3 whole numbers >= 1, not an empty list"#),
    Case(
      #"[64, 32]"#, to: #"[4000000000, 4000000000]"#,
      #"c.toml:5:9: grid.cells makes 1.6e+19 cells: no machine holds more than 1e15"#),
    Case(
      #"[2.0, 1.0]"#, to: #"[2.0]"#,
      #"c.toml:6:10: grid.extent has 1 entry, but grid.cells has 2: give one a dimension"#),
    Case(
      #"[2.0, 1.0]"#, to: #"[2.0, nan]"#,
      #"c.toml:6:16: each number of grid.extent must be > 0 m, not nan"#),
    Case(
      #"[2.0, 1.0]"#, to: #"[2.0, -1.0]"#,
      #"c.toml:6:16: each number of grid.extent must be > 0 m, not -1.0"#),
    Case(
      #"cells"#, to: #"cels"#,
      #"c.toml:5:1: unknown key grid.cels; did you mean "cells"?"#),
    Case(
      #"[grid]"#, to: #"[gird]"#,
      #"c.toml:4:2: unknown table gird; did you mean "grid"?"#),
    Case(
      #"end = 10"#, to: #"end = inf"#,
      #"c.toml:8:7: time.end must be > 0 s, not inf"#),
    Case(
      #"end = 10"#, to: #"end = "10""#,
      #"c.toml:8:7: time.end wants a number > 0, not the text "10"; write 10, without quotes"#),
    Case(
      #"end = 10"#, to: #"end = 0"#,
      #"c.toml:8:7: time.end must be > 0 s, not 0"#),
    Case(
      #"end = 10"#, to: #"stop = 10"#,
      #"c.toml:8:1: unknown key time.stop; did you mean "step"?"#),
    Case(
      #"end = 10"#, to: #"end = 10\#nsafety = 1.5"#,
      #"c.toml:9:10: time.safety must be > 0 and <= 1, not 1.5"#),
    Case(
      #"end = 10"#, to: #"end = 10\#nsteps = 2.5"#,
      #"c.toml:9:9: time.steps wants a whole number >= 1, not 2.5"#),
    Case(
      #"end = 10"#, to: #"end = 2026-01-01"#,
      #"c.toml:8:7: time.end wants a number > 0, not a date or time"#),
    Case(
      #""Plate""#, to: #"3"#,
      #"c.toml:1:9: title wants text in quotes, not 3"#),
    Case(
      #""heat""#, to: #""strict""#,
      #"c.toml:10:2: [heat] is the table of another solver than this file's, "strict"; remove it"#),
    Case(
      adding: #"diffusivity = 3"#,
      #"c.toml:12:15: diffusivity is given twice; keep one"#),
    Case(
      adding: #"scheme = "eular""#,
      #"c.toml:12:10: heat.scheme = "eular" is unknown; did you mean "euler"?"#),
    Case(
      adding: #"scheme = "bdf""#,
      #"c.toml:12:10: heat.scheme = "bdf" is unknown; allowed: euler, heun, rkl2"#),
    Case(
      adding: #"stages = 1"#,
      #"c.toml:12:10: heat.stages must be >= 2, not 1"#),
    Case(
      adding: #"exact = 1"#,
      #"c.toml:12:9: heat.exact wants true or false, not 1"#),
    Case(
      adding: #"velocity = 3"#,
      #"c.toml:12:12: heat.velocity wants a list of 1 to 3 numbers, not 3"#),
    Case(
      adding: #"velocity = [1, "a"]"#,
      #"c.toml:12:12: heat.velocity wants a list of 1 to 3 numbers, not the list [1, "a"]"#),
    Case(
      adding: #"tracers = ["a", 3]"#,
      #"c.toml:12:11: heat.tracers wants a list of names in quotes, not the list ["a", 3]"#),
    Case(
      adding: #"limiter = 3"#,
      #"c.toml:12:11: heat.limiter is a table, not 3"#),
    Case(
      adding: #"limiter.kid = "minmod""#,
      #"c.toml:12:9: unknown key heat.limiter.kid; did you mean "kind"?"#),
    Case(
      adding: #"limiter.power = 3"#,
      #"c.toml:12:17: heat.limiter.power must be >= 0 and <= 2, not 3"#),
    Case(
      adding: #"probe = [ { name = "a" } ]"#,
      #"c.toml:12:11: heat.probe.at is missing: add at = a list of 1 to 3 numbers, in m (where)"#),
    Case(
      adding: #"[[heat.probe]]\#nname = "a"\#nat = [1,2]\#nwhere = 3"#,
      #"c.toml:15:1: unknown key heat.probe.where; allowed: at, name"#),
    Case(
      adding: #"[heat.probe]\#nname = "a""#,
      #"c.toml:12:1: heat.probe wants a list of tables, not a table"#),
    Case(
      adding: #"[output]\#nfile = "a.txt""#,
      #"c.toml:13:8: output.file = "a.txt" is written as NetCDF: its name must end in .nc"#),
    Case(
      adding: #"[output]\#nevery = 1e-9"#,
      #"c.toml:13:9: output.every = 1e-09 s makes 1e+10 outputs: more than 1e7 are surely not meant"#),
    Case(
      adding: #"[parallel]\#nthreads = 0"#,
      #"c.toml:13:11: parallel.threads must be >= 1 and <= 4096, not 0"#),
    Case(
      adding: #"[parallel]\#nthreads = "many""#,
      #"c.toml:13:11: parallel.threads wants a whole number >= 1 and <= 4096 or "auto", not the text "many""#),
    Case(
      adding: #"[parallel]\#nranks = [1]"#,
      #"c.toml:13:9: parallel.ranks has 1 entry, but grid.cells has 2: give one a dimension"#),
    Case(
      adding: #"[parallel]\#nranks = [1, 0]"#,
      #"c.toml:13:13: each number of parallel.ranks must be >= 1 and <= 1000000, not 0"#),
    Case(
      adding: #"[strict]"#,
      #"c.toml:12:2: [strict] is the table of another solver than this file's, "heat"; remove it"#),
    Case(
      adding: #"[[output.picture]]\#nfile = "a.png"\#nposition = 1"#,
      #"c.toml:14:12: output.picture.position cuts a three-dimensional grid; this one has 2 dimensions"#),
    Case(
      adding: #"[[output.picture]]\#nfield = "a""#,
      #"c.toml:12:1: output.picture.file is missing: add file = text in quotes (ends in .png or .svg)"#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
