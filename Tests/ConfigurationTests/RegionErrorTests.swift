import Testing

/// Quantities with regions that are wrong.
struct RegionErrorTests {
  static let cases: [Case] = [
    Case(
      diffusivity: #"{ value = 1, region = [] }"#,
      #"c.toml:11:28: unknown key heat.diffusivity.region; did you mean "regions"?"#),
    Case(
      diffusivity: #"{ regions = [] }"#,
      #"c.toml:11:15: heat.diffusivity.value is missing: add value = what holds outside all regions"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ box = [[0,0],[1]], value = 2 }] }"#,
      #"c.toml:11:54: a corner of heat.diffusivity.regions.box wants 2 coordinates in m, not the list [1]"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ box = [[0,0],[1,0]], value = 2 }] }"#,
      #"c.toml:11:47: heat.diffusivity.regions.box is empty along y: the low corner comes first"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ bal = 3, value = 2 }] }"#,
      #"c.toml:11:41: unknown key heat.diffusivity.regions.bal; did you mean "ball"?"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ ball = { center = [0,0], radius = -1 }, value = 2 }] }"#,
      #"c.toml:11:75: heat.diffusivity.regions.ball.radius must be > 0 m, not -1"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ ball = { center = [0,0] }, value = 2 }] }"#,
      #"c.toml:11:41: heat.diffusivity.regions.ball.radius is missing: add radius = a number > 0, in m (the radius of the ball)"#
    ),
    Case(
      diffusivity: #"{ value = 1, regions = [{ layer = { axis = "z", from = 0 }, value = 2 }] }"#,
      #"c.toml:11:58: heat.diffusivity.regions.layer.axis wants an axis of the grid, "x" or "y", not the text "z""#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ layer = { axis = "x", from = 1, to = 0 }, value = 2 }] }"#,
      #"c.toml:11:41: heat.diffusivity.regions.layer is empty: from = 1 is not below to = 0"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ layer = { axis = "x", from = "a", to = 0 }, value = 2 }] }"#,
      #"c.toml:11:70: heat.diffusivity.regions.layer.from wants a number in m, not the text "a""#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ layer = { axis = "x", from = 0, to = 1 }, value = -2 }] }"#,
      #"c.toml:11:91: heat.diffusivity must be > 0 m²/s, not -2"#),
    Case(
      diffusivity: #"{ value = 1, regions = [{ layer = { axis = "x", from = 0, to = 1 } }] }"#,
      #"c.toml:11:39: a region of heat.diffusivity has no value: add value = what holds there"#),
    Case(
      diffusivity: #"{ value = 1, regions = 3 }"#,
      #"c.toml:11:38: heat.diffusivity.regions wants a list of tables, not 3"#),
    Case(
      diffusivity: #"{ value = 1, regions = [3] }"#,
      #"c.toml:11:39: heat.diffusivity.regions wants tables such as { box = ..., value = ... }, not 3"#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
