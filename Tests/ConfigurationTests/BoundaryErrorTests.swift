import Testing

/// Sides that are wrong, missing or too many.
struct BoundaryErrorTests {
  static let cases: [Case] = [
    Case(
      adding: #"[boundary]\#nz = "periodic""#,
      #"c.toml:13:1: boundary.z is no axis of the grid; the grid has 2 dimensions"#),
    Case(
      adding: #"[boundary]\#nw = "periodic""#,
      #"c.toml:13:1: boundary.w is no axis of the grid; allowed: x, y"#),
    Case(
      adding: #"[boundary]\#nx.low = "periodic""#,
      #"c.toml:13:9: boundary.x.low cannot be periodic alone: both sides are, or none; write x = "periodic" in [boundary]"#
    ),
    Case(
      adding: #"[boundary]\#nx.low = "fixed""#,
      #"c.toml:13:3: boundary.x.low.value is missing: add value = a number, a formula in quotes (t allowed) or a table with regions, in K (at the face)"#
    ),
    Case(
      adding: #"[boundary]\#nx.low = { kind = "fixed", valu = 3 }"#,
      #"c.toml:13:27: unknown key boundary.x.low.valu for the kind "fixed"; did you mean "value"?"#),
    Case(
      adding: #"[boundary]\#nx.low = { value = 3 }"#,
      #"c.toml:13:9: boundary.x.low.kind is missing: add kind = "insulated", "fixed" or "convective""#),
    Case(
      adding: #"[boundary]\#nx.low = { kind = "fixd", value = 3 }"#,
      #"c.toml:13:18: boundary.x.low is of the unknown kind "fixd"; did you mean "fixed"?"#),
    Case(
      adding: #"[boundary]\#nx.low = { kind = "insulated", value = 3 }"#,
      #"c.toml:13:31: unknown key boundary.x.low.value for the kind "insulated"; it takes no keys"#),
    Case(
      adding: #"[boundary]\#nx.low = 3"#,
      #"c.toml:13:9: boundary.x.low wants a kind, "insulated", "fixed" or "convective", not 3"#),
    Case(
      adding: #"[boundary]\#nx = "adiabatic""#,
      #"c.toml:13:5: boundary.x is of the unknown kind "adiabatic"; allowed: convective, fixed, insulated, periodic"#),
    Case(
      adding: #"[boundary]\#nx = { kind = "periodic", value = 3 }"#,
      #"c.toml:13:26: unknown key boundary.x.value; a periodic axis has no other keys"#),
    Case(
      adding: #"[boundary]\#nx = { kind = "insulated", low = "fixed" }"#,
      #"c.toml:13:27: boundary.x has both a kind, which is for both sides, and low: give either"#),
    Case(
      adding: #"[boundary]\#nx.left = "insulated""#,
      #"c.toml:13:3: unknown key boundary.x.left; allowed: high, kind, low"#),
    Case(
      adding: #"[boundary]\#nx.low = { kind = "convective", h = -1 }"#,
      #"c.toml:13:36: boundary.x.low.h must be >= 0 W/m²/K, not -1"#),
    Case(
      adding: #"[boundary]\#nx.low = { kind = "fixed", value = "300 + z" }"#,
      #"c.toml:13:42: boundary.x.low.value = "300 + z" uses z, but the grid has 2 dimensions; it may use x, y, t"#),
    Case(
      whole:
        #"solver = "strict"\#n[grid]\#ncells=[4,4]\#nextent=[1,1]\#n[time]\#nend=1\#n[boundary]\#nx = "insulated""#,
      #"c.toml:7:2: boundary.y.low is missing: say what holds on that side, "insulated", "fixed" or "convective""#),
    Case(
      whole:
        #"solver = "wrapping"\#n[grid]\#ncells=[4,4]\#nextent=[1,1]\#n[time]\#nend=1\#n[boundary]\#nx.low = "insulated""#,
      #"c.toml:8:1: boundary.x.high is missing: say what holds on that side, "insulated", "fixed" or "convective""#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
