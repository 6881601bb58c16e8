import Testing

/// Command-line values that are wrong: the message names the argument.
struct OverrideErrorTests {
  static let cases: [Case] = [
    Case(
      set: #"time.end"#,
      #"--set time.end: an override reads KEY=VALUE, as in --set time.end=2.5"#),
    Case(
      set: #"=3"#,
      #"--set =3: "" is not a key; write KEY=VALUE, as in time.end=2.5"#),
    Case(
      set: #"time..end=3"#,
      #"--set time..end=3: "time..end" is not a key; write KEY=VALUE, as in time.end=2.5"#),
    Case(
      set: #"time.end=abc"#,
      #"--set time.end=abc: time.end wants a number > 0, not the text "abc""#),
    Case(
      set: #"time.end=.5"#,
      #"--set time.end=.5: time.end wants a number > 0, not the text ".5"; write 0.5, without quotes"#),
    Case(
      set: #"time.ned=3"#,
      #"--set time.ned=3: unknown key time.ned; did you mean "end"?"#),
    Case(
      set: #"time.end.x=3"#,
      #"--set time.end.x=3: time.end is 10 (c.toml:8:7) and has no keys in it; set time.end as a whole"#),
    Case(
      set: #"grid.cells=[1,"#,
      #"--set grid.cells=[1,: this is not valid TOML: in an array: encountered end-of-file"#),
    Case(
      set: #"heat.initial=300 + sinn(x)"#,
      #"--set heat.initial=300 + sinn(x): heat.initial = "300 + sinn(x)" uses the unknown function "sinn"; did you mean "sin"? (character 7 of the formula)"#
    ),
    Case(
      set: #"heat.diffusivity=-1"#,
      #"--set heat.diffusivity=-1: heat.diffusivity must be > 0 m²/s, not -1"#),
    Case(
      set: #"boundary.x={kind="fixed"}"#,
      #"--set boundary.x={kind="fixed"}: boundary.x.value is missing: add value = a number, a formula in quotes (t allowed) or a table with regions, in K (at the face)"#
    ),
    Case(
      set: #"solver=haet"#,
      #"--set solver=haet: solver = "haet" is unknown; did you mean "heat"?"#),
    Case(
      set: #"heat.initial="x"#,
      #"--set heat.initial="x: this is not valid TOML: in a string: encountered end-of-file"#),
    Case(
      set: #"a b=3"#,
      #"--set a b=3: "a b" is not a key; write KEY=VALUE, as in time.end=2.5"#),
    Case(
      set: #"grid.cells=8,8"#,
      #"--set grid.cells=8,8: grid.cells wants a list of 1 to 3 whole numbers >= 1, not the text "8,8""#),
    Case(
      set: #"time.end="#,
      #"--set time.end=: time.end wants a number > 0, not the text """#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
