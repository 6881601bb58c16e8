import Simulation
import Stencils
import Testing

/// What right configurations are read as.
struct ConfigurationTests {
  @Test func defaultsAreFilledIn() throws {
    let configuration = try Model.load(Model.good)
    let core = configuration.core
    #expect(core.title == "Plate" && core.solver == "heat" && core.precision == .double)
    #expect(core.cells == [64, 32] && core.extent == [2, 1] && core.origin == nil)
    #expect(core.end == 10 && core.step == nil && core.steps == nil && core.safety == nil)
    #expect(core.threads == nil && core.ranks == nil && core.outputFile == nil && core.every == nil)
    let heat = configuration.parameters
    #expect(heat.quantity("diffusivity").constant == 1.0e-4)
    #expect(heat.quantity("initial").constant == 0)
    #expect(heat.word("scheme") == "euler" && heat.integer("stages") == 4 && heat.boolean("exact") == false)
    #expect(heat.word("limiter.kind") == "minmod" && heat.number("limiter.power") == 1)
    #expect(!heat.has("velocity") && heat.tables("probe").isEmpty)
    for side in Side.all(dimensions: 2) { #expect(configuration.boundary[side]?.kind == "insulated") }
  }

  @Test func everyKindOfKeyIsRead() throws {
    let configuration = try Model.load(
      Model.good + """
        initial = "300 + x"
        scheme = "rkl2"
        stages = 9
        exact = true
        velocity = [1, -0.5]
        tracers = ["smoke", "dust"]
        limiter = { kind = "superbee", power = 2 }
        [[heat.probe]]
        name = "a"
        at = [0.5, 0.5]
        [[heat.probe]]
        name = "b"
        at = [1.5, 0.5]
        [parallel]
        threads = 2
        ranks = [2, 1]
        [output]
        file = "plate.nc"
        every = 0.5
        """)
    let heat = configuration.parameters
    #expect(heat.quantity("initial")(Point(x: 2)) == 302)
    #expect(heat.word("scheme") == "rkl2" && heat.integer("stages") == 9 && heat.boolean("exact"))
    #expect(heat.numbers("velocity") == [1, -0.5] && heat.words("tracers") == ["smoke", "dust"])
    #expect(heat.word("limiter.kind") == "superbee" && heat.number("limiter.power") == 2)
    #expect(heat.tables("probe").map { $0.text("name") } == ["a", "b"])
    #expect(heat.tables("probe")[1].numbers("at") == [1.5, 0.5])
    #expect(configuration.core.threads == 2 && configuration.core.ranks == [2, 1])
    #expect(configuration.core.outputFile == "plate.nc" && configuration.core.every == 0.5)
  }

  @Test func sidesTakeEveryForm() throws {
    let boundary = try Model.load(
      Model.good + """
        [boundary]
        x.low = { kind = "fixed", value = "300 + 10*sin(t)" }
        x.high = "insulated"
        y = "periodic"
        """
    ).boundary
    #expect(!boundary.isPeriodic(.x) && boundary.isPeriodic(.y))
    #expect(boundary[.xLow]?.kind == "fixed" && boundary[.xHigh]?.kind == "insulated")
    #expect(boundary[.yLow] == nil && boundary[.yHigh] == nil)
    let value = try #require(boundary[.xLow]).parameters.quantity("value")
    #expect(value.variesInTime && !value.variesInSpace)

    let both = try Model.load(Model.good + "[boundary]\nx = { kind = \"convective\", h = 10 }").boundary
    for side in [Side.xLow, .xHigh] {
      #expect(both[side]?.kind == "convective" && both[side]?.parameters.number("h") == 10)
      #expect(both[side]?.parameters.quantity("ambient").constant == 293)
    }
  }

  @Test func axesThatAreNotMentionedWrapWhereTheSolverSaysSo() throws {
    let text = "solver = \"wrapping\"\n[grid]\ncells = [4, 4]\nextent = [1, 1]\n[time]\nend = 1\n"
    #expect(try Model.load(text).boundary.isPeriodic(.y))
    #expect(try Model.load(text + "[boundary]\nx = \"insulated\"").boundary.isPeriodic(.x) == false)
  }

  @Test func overridesReplaceWhatTheFileSays() throws {
    let file = Model.good + "[boundary]\nx.low = \"insulated\"\nx.high = \"insulated\"\n"
    let configuration = try Model.load(
      file,
      [
        "time.end=2.5", "time.end=5", "heat.scheme=heun", "heat.initial=300 + 50*x", "parallel.ranks=[1, 2]",
        "boundary.x={kind = \"fixed\", value = 3}", "boundary.y=periodic", "title=A \"hot\" plate",
      ])
    #expect(configuration.core.end == 5, "the later of two wins")
    #expect(configuration.parameters.word("scheme") == "heun")
    #expect(configuration.parameters.quantity("initial")(Point(x: 2)) == 400)
    #expect(configuration.core.ranks == [1, 2])
    #expect(configuration.boundary[.xHigh]?.kind == "fixed" && configuration.boundary.isPeriodic(.y))
    #expect(configuration.core.title == "A \"hot\" plate")
    #expect(configuration.text.hasPrefix(file) && configuration.text.contains("# --set time.end=2.5\n"))
  }

  @Test func placesAreKnownAfterReading() throws {
    let configuration = try Model.load(Model.good + "scheme = \"heun\"\n", ["heat.stages=5"])
    let heat = configuration.parameters
    #expect(heat.location(of: "scheme").description == "c.toml:12:10")
    #expect(heat.location(of: "stages").description == "--set heat.stages=5")
    #expect(heat.location(of: "exact").description == "c.toml:10:2", "a default points to its table")
    #expect(
      heat.error("scheme", "needs a constant diffusivity").description
        == "c.toml:12:10: heat.scheme needs a constant diffusivity")
    #expect(configuration.core.location(of: "grid.cells").description == "c.toml:5:9")
  }

  @Test func nearWordsAreSuggested() {
    #expect(editDistance("cells", "cels") == 1)
    #expect(editDistance("heun", "huen") == 1, "neighbours that changed places are one slip")
    #expect(editDistance("", "abc") == 3 && editDistance("abc", "") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(unknown("diffusivty", among: ["diffusivity", "initial"]) == "did you mean \"diffusivity\"?")
    #expect(unknown("sinn", among: ["sign", "sin"]) == "did you mean \"sin\"?", "the longer common start wins a tie")
    #expect(unknown("q", among: ["b", "a"]) == "allowed: a, b")
    #expect(unknown("q", among: []) == "nothing is allowed here")
  }

  @Test func theReferenceIsTheSchema() {
    let reference = ConfigurationReference.text(command: "heatsim", solvers: Model.solvers)
    for (_, schema) in Model.solvers { for key in schema.keys { #expect(reference.contains("`heat.\(key.name)`")) } }
    for (table, keys) in CoreSchema.tables {
      for key in keys { #expect(reference.contains("`\(table).\(key.name)`"), "\(table).\(key.name)") }
    }
    let schema = Schema(
      [
        ParameterKey("k", .quantity(time: true), unit: "W/m/K", range: .positive, help: "conductivity"),
        ParameterKey("stages", .integer, .default(4), range: .within(2...8), help: "stages"),
        ParameterKey("probe", .list(Model.probe), .optional, help: "places to record"),
      ],
      boundaries: [
        BoundaryKind("insulated", help: "nothing passes"),
        BoundaryKind("h", [ParameterKey("h", .number, unit: "W/m²/K", .default(5), help: "h")], help: "Newton's law"),
      ], defaultBoundary: "insulated")
    #expect(
      schema.reference(table: "rod") == """
        | key | value | unit | default | meaning |
        | --- | --- | --- | --- | --- |
        | `rod.k` | a number > 0, a formula in quotes (t allowed) or a table with regions | W/m/K | required | conductivity |
        | `rod.stages` | a whole number >= 2 and <= 8 |  | `4` | stages |
        | `rod.probe` | a list of tables |  | none | places to record |

        Each table of `rod.probe`:

        | key | value | unit | default | meaning |
        | --- | --- | --- | --- | --- |
        | `name` | text in quotes |  | required | of the probe |
        | `at` | a list of 1 to 3 numbers | m | required | where |

        Boundary kinds for a side (`periodic` is for a whole axis):

        | kind | keys | meaning |
        | --- | --- | --- |
        | `insulated` (default) |  | nothing passes |
        | `h` | `h` (W/m²/K) = 5 | Newton's law |

        """)
  }
}
