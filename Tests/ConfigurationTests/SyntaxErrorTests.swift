import Testing

/// Texts that are no TOML, and documents without what every run needs.
struct SyntaxErrorTests {
  static let cases: [Case] = [
    Case(
      whole: #""#,
      #"c.toml: there is nothing in it: a configuration has a solver and the tables [grid] and [time] at the least"#),
    Case(
      whole: #"solver = "#,
      #"c.toml:1:10: this is not valid TOML: in a key-value pair: encountered end-of-file"#),
    Case(
      whole: #"a = 1\#na = 2"#,
      #"c.toml:2:5: a is given twice; keep one"#),
    Case(
      whole: #"solver = "heat"\#ntitle = "x"#,
      #"c.toml:2:11: this is not valid TOML: in a string: encountered end-of-file"#),
    Case(
      whole: #"[grid]\#ncells=[1]\#n[grid]\#ncells=[2]"#,
      #"c.toml:3:1: grid is given twice; keep one"#),
    Case(
      whole: #"title = "é""#,
      #"c.toml: solver is missing: add solver = "heat", "strict" or "wrapping" (the physics)"#),
    Case(
      whole: #"solver = 3"#,
      #"c.toml:1:10: solver wants "heat", "strict" or "wrapping", not 3"#),
    Case(
      whole: #"solver = "haet""#,
      #"c.toml:1:10: solver = "haet" is unknown; did you mean "heat"?"#),
    Case(
      whole: #"solver = "weather""#,
      #"c.toml:1:10: solver = "weather" is unknown; allowed: heat, strict, wrapping"#),
    Case(
      whole: #"solver = "heat""#,
      #"c.toml: grid.cells is missing with all of [grid]: add cells = a list of 1 to 3 whole numbers >= 1 (cells along x, y, z: one to three dimensions)"#
    ),
    Case(
      whole: #"solver = "heat"\#ngrid = 3"#,
      #"c.toml:2:1: grid wants a table, written [grid], not 3"#),
    Case(
      whole: #"x = = 3"#,
      #"c.toml:1:5: this is not valid TOML: in a value: could not determine value type; text is written in quotes"#),
    Case(
      whole: #"x = 3 4"#,
      #"c.toml:1:7: this is not valid TOML: in a key-value pair: expected a comment or whitespace, saw '4'"#),
    Case(
      whole: #"[grid\#nx = 3"#,
      #"c.toml:1:6: this is not valid TOML: in a table header: expected ']', saw the end of the line"#),
    Case(
      whole: #"x = yes"#,
      #"c.toml:1:5: this is not valid TOML: in a value: could not determine value type; text is written in quotes"#),
    Case(
      whole: #"x = "a"#,
      #"c.toml:1:7: this is not valid TOML: in a string: encountered end-of-file"#),
    Case(
      whole: #"x = 0x"#,
      #"c.toml:1:7: this is not valid TOML: in a hexadecimal integer: encountered end-of-file"#),
    Case(
      whole: #"x = [1, 2"#,
      #"c.toml:1:10: this is not valid TOML: in an array: encountered end-of-file"#),
    Case(
      whole: #"= 3"#,
      #"c.toml:1:1: this is not valid TOML: in a root table: expected keys, tables, whitespace or comments, saw '='"#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
