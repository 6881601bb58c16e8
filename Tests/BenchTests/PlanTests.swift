// What `heatsim plan` says beforehand against what runs then do.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct PlanTests {
  static let cube = """
    solver = "heat"
    [grid]
    cells = [40, 30, 50]
    extent = [1.0, 1.0, 1.0]
    [time]
    end = 3.0
    [heat]
    diffusivity = 1.0e-4
    initial = "300 + x"
    [boundary]
    x = { kind = "fixed", value = 300 }
    """
  static let torus = """
    solver = "heat"
    precision = "float"
    [grid]
    cells = [64, 48]
    extent = [1.0, 1.0]
    [time]
    end = 2.0
    [heat]
    diffusivity = 1.0e-4
    initial = "300 + sin(2*pi*x)"
    scheme = "heun"
    [boundary]
    x = "periodic"
    y = "periodic"
    [output]
    file = "torus.nc"
    every = 0.7
    """
  static let layers = """
    solver = "heat"
    [grid]
    cells = [61, 20, 33]
    extent = [0.6, 0.2, 0.33]
    [time]
    end = 400.0
    [heat]
    conductivity = { value = 10, regions = [{ layer = { axis = "x", from = 0.2, to = 0.4 }, value = 200 }] }
    capacity = 2.0e6
    initial = 300
    source = { value = 0, regions = [{ ball = { center = [0.3, 0.1, 0.1], radius = 0.05 }, value = 1e5 }] }
    scheme = "rkl2"
    stages = 5
    held = [{ region = { box = [[0.0, 0.0, 0.0], [0.1, 0.2, 0.1]] }, temperature = 290, h = 50 }]
    [boundary]
    z.low = { kind = "convective", h = 10, ambient = 280 }
    """
  static let line = """
    solver = "heat"
    [grid]
    cells = [101]
    extent = [1.0]
    [time]
    end = 5.0
    steps = 7
    [heat]
    diffusivity = 1.0e-4
    initial = "300 + x"
    """

  /// - Parameter spared: exchanges that the run's first step finds done, since an output needed ghost cells: of bodies
  ///   with held regions, whose heat flow is a diagnostic.
  @Test(arguments: [
    (cube, 1, 0), (cube, 2, 0), (cube, 6, 0), (torus, 1, 0), (torus, 2, 0), (torus, 6, 0), (layers, 1, 0),
    (layers, 4, 1), (line, 3, 0),
  ])
  func countsAreExactlyThoseOfTheRun(configuration: String, ranks: Int, spared: Int) throws {
    let place = try Place(configuration)
    let plan = try place.plan(["--ranks", "\(ranks)", "--machine", "machine.toml"])
    let run = try place.run(ranks: ranks)
    let steps = try run.integer("steps")
    #expect(try plan.integer("steps") == steps)
    #expect(try plan.integers("decomposition") == run.integers("decomposition"))
    let sent = "largest_of_a_rank"
    #expect(try plan.integer("cells_per_rank") == run.integer("\(sent).cells"))
    let exchanges = try plan.integer("exchanges_per_step")
    #expect(ranks == 1 || exchanges > 0)
    for (planned, counted) in [
      ("messages_per_step", "messages_sent"), ("halo_bytes_per_step", "bytes_sent"),
      ("messages_per_step_of_all", "messages_sent_by_all"), ("halo_bytes_per_step_of_all", "bytes_sent_by_all"),
    ] {
      let perStep = try plan.integer(planned)
      // All exchanges of a step are alike.
      let total = perStep * steps - (exchanges > 0 ? perStep / exchanges * spared : 0)
      #expect(try total == run.integer("\(sent).\(counted)"), "\(counted)")
      #expect(perStep > 0 || ranks == 1)
    }
    // The plan has the longest step of all spans between outputs, from the same stability limit.
    #expect(try plan.number("time_step") == run.number("longest_step"))
  }

  /// Several steps at once send all that they need in one exchange before them.
  @Test(arguments: [
    (cube, 2, 4, 0), (cube, 6, 5, 0), (torus, 2, 3, 0), (torus, 6, 8, 0), (torus, 1, 4, 0), (layers, 2, 2, 1),
  ])
  func countsOfSeveralStepsAtOnceAreThoseOfTheRun(configuration: String, ranks: Int, depth: Int, spared: Int) throws {
    let place = try Place(configuration)
    // One span of equal steps, whose last group is shorter.
    let set = ["--set", "time.end=1e4", "--set", "time.steps=23", "--set", "output={}"]
    let plan = try place.plan(["--ranks", "\(ranks)", "--machine", "machine.toml"] + set, depth: "\(depth)")
    let run = try place.run(ranks: ranks, set, depth: "\(depth)")
    let found = try run.integer("depth")
    #expect(try plan.integer("depth") == found && found > 1 && run.integer("steps") == 23)
    let exchanges = (23 + found - 1) / found - spared
    for (planned, counted) in [
      ("messages_per_step", "messages_sent"), ("halo_bytes_per_step", "bytes_sent"),
      ("messages_per_step_of_all", "messages_sent_by_all"), ("halo_bytes_per_step_of_all", "bytes_sent_by_all"),
    ] {
      let total = (try plan.number(planned) * Double(found)).rounded() * Double(exchanges)
      #expect(try total == run.number("largest_of_a_rank.\(counted)"), "\(counted)")
      #expect(total > 0 || ranks == 1)
    }
    #expect(try plan.number("redundancy") > 1)
  }

  @Test func theFileHasThePlannedSize() throws {
    let place = try Place(Self.torus + "\n[parallel]\nthreads = 1\n")
    let plan = try place.plan(["--machine", "machine.toml", "--set", "grid.cells=[640,480]", "--set", "time.steps=4"])
    let run = try place.run(ranks: 2, ["--set", "grid.cells=[640,480]", "--set", "time.steps=4"])
    let records = try plan.integer("records")
    #expect(try plan.integer("record_bytes") * records == run.integer("bytes_written"))
    let file = place.folder.appending(path: "torus.nc").path
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    // The header's length depends on texts such as the host's name and the time of day; it is some kilobytes.
    #expect(abs(try plan.integer("file_bytes") - size) < 8192)
  }

  @Test(
    arguments: [(1, "1"), (2, "auto")],
    [
      [], ["--set", "output.file=cube.nc"],
      ["--set", "checkpoint.directory=.", "--set", "checkpoint.every=1 steps", "--set", "time.steps=6"],
    ])
  func memoryIsWithinFivePercentOfWhatRanksTake(of: (ranks: Int, depth: String), output: [String]) throws {
    let (ranks, depth) = of
    let place = try Place(Self.cube)
    let larger = ["--set", "grid.cells=[192,192,192]", "--set", "time.steps=2"] + output
    let plan = try place.plan(["--ranks", "\(ranks)", "--machine", "machine.toml"] + larger, depth: depth)
    let run = try place.run(ranks: ranks, larger, depth: depth)
    let ratio = try plan.number("memory_per_rank.total") / run.number("largest_of_a_rank.memory_peak")
    #expect(abs(ratio - 1) < 0.05, "\(ratio)")
  }

  @Test func aRunThatNoMachineHereHoldsIsPlannedInNoTime() throws {
    let place = try Place(Self.cube)
    let result = try launch(
      "heatsim", ranks: nil,
      arguments: [
        "plan", "config.toml", "--ranks", "64", "--threads", "4", "--machine", "machine.toml", "--set",
        "grid.cells=[4096,4096,4096]",
      ], directory: place.folder)
    #expect(result.status == 0, "\(result)")
    for part in ["4 x 4 x 4 blocks of 1024 x 1024 x 1024 cells", "would choose", "largest useful", "limited by"] {
      #expect(result.stdout.contains(part), "\(part): \(result)")
    }
    // It would need 137 GB a field.
    #expect(result.seconds < 30)
  }

  @Test func partsAddUpAndTheChosenLayoutIsTheFastest() throws {
    let place = try Place(Self.torus)
    let plan = try place.plan(["--ranks", "8", "--threads", "2", "--machine", "machine.toml"])
    let parts = try ["compute", "packing", "latency", "transfer"].map { try plan.number("seconds_per_step.\($0)") }
    let total = try plan.number("seconds_per_step.total")
    // Sums of four numbers in another order.
    #expect(abs(parts.reduce(0, +) - (try plan.number("seconds_per_step.hidden")) - total) < 1e-12 * total)
    let steps = try plan.number("seconds.steps")
    #expect(abs(steps - Double(try plan.integer("steps")) * total) < 1e-12 * steps)
    let layouts = try plan.list("layouts")
    #expect(layouts.count > 2)
    let times = try layouts.map { try $0.number("seconds_per_step") }
    #expect(times == times.sorted())
    for layout in layouts {
      #expect(try layout.integer("ranks") * layout.integer("threads") == 16)
      #expect(try layout.integers("decomposition").reduce(1, *) == layout.integer("ranks"))
    }
    let own = try layouts.first { try $0.integer("ranks") == 8 }
    #expect(try #require(own).number("seconds_per_step") == total)
  }

  @Test func moreLatencyMakesItSlowerAndIsNamed() throws {
    let fast = try Place(Self.torus)
    let slow = try Place(
      Self.torus, machine: machineFile.replacingOccurrences(of: "latency = 1e-6", with: "latency = 1e-3"))
    let arguments = ["--ranks", "4", "--machine", "machine.toml"]
    let (quick, late) = (try fast.plan(arguments), try slow.plan(arguments))
    let messages = try late.number("messages_per_step")
    let added = try late.number("seconds_per_step.latency") - quick.number("seconds_per_step.latency")
    // A product and a difference of doubles.
    #expect(abs(added - messages * (1e-3 - 1e-6)) < 1e-12)
    #expect(try late.text("limited_by") == "message latency")
    #expect(try late.number("efficiency") < quick.number("efficiency"))
  }

  @Test func thePredictedTimeIsOfTheRightSize() throws {
    let place = try Place(Self.cube)
    let larger = ["--set", "grid.cells=[128,128,128]", "--set", "time.steps=60", "--set", "time.end=1e5"]
    let plan = try place.plan(larger)
    let run = try place.run(ranks: 1, ["--no-output"] + larger)
    let measured = try run.number("stepping_seconds") / Double(run.integer("steps"))
    let ratio = try plan.number("seconds_per_step.total") / measured
    // Alone on the machine it is within a quarter; here other tests take the cores now from one, now from the other.
    #expect((0.1...10).contains(ratio), "\(ratio)")
  }
}
