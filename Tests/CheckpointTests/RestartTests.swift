// Runs that go on from a checkpoint on another layout end with the bits of those that never stopped.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct RestartTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let command: String
    let text: String
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "heat, Heun, all that varies and is booked", command: "heatsim", text: plate),
    Case(
      name: "heat, Euler, three dimensions, float, uniform", command: "heatsim",
      text: """
        solver = "heat"
        precision = "float"
        [grid]
        cells = [23, 19, 17]
        extent = [1.0, 1.0, 1.0]
        [time]
        end = 40.0
        [heat]
        diffusivity = 1e-4
        initial = "300 + 50*sin(6*x)*y*z"
        [boundary]
        z.low = { kind = "fixed", value = "300 + sin(t)" }
        x.low = { kind = "fixed", value = 320 }
        [output]
        every = 15.0
        """),
    Case(
      name: "heat, RKL2, three dimensions, held regions", command: "heatsim",
      text: """
        solver = "heat"
        [grid]
        cells = [24, 20, 16]
        extent = [1.0, 1.0, 1.0]
        [time]
        end = 300.0
        [heat]
        diffusivity = "1e-4*(1 + x)"
        initial = "300 + 50*sin(6*x)*y*z"
        scheme = "rkl2"
        stages = 5
        held = [{ region = { box = [[0.2, 0.3, 0.1], [0.5, 0.6, 0.4]] }, temperature = 290 }]
        [boundary]
        x = "periodic"
        y.low = { kind = "fixed", value = "300 + 10*sin(0.1*t)" }
        [output]
        every = 40.0
        """),
    Case(
      name: "heat, one dimension, capacity varies", command: "heatsim",
      text: """
        solver = "heat"
        [grid]
        cells = [131]
        extent = [1.0]
        [time]
        end = 2.0
        [heat]
        conductivity = 0.2
        capacity = "100 + 50*sin(t)"
        initial = "300 + 50*sin(6*x)"
        [boundary]
        x.low = { kind = "fixed", value = "300 + sin(9*t)" }
        [output]
        every = 0.5
        """),
    Case(
      name: "atmosphere, directions in turn", command: "weathersim",
      text: """
        solver = "atmosphere"
        [grid]
        cells = [50, 26]
        extent = [20000.0, 10000.0]
        [time]
        end = 40.0
        [atmosphere]
        scheme = "split4"
        state = "thermal"
        [boundary]
        x = "periodic"
        [output]
        every = 11.0
        """),
    Case(
      name: "atmosphere, unsplit, three dimensions and a tracer", command: "weathersim",
      text: """
        solver = "atmosphere"
        [grid]
        cells = [24, 12, 14]
        extent = [20000.0, 10000.0, 10000.0]
        [time]
        end = 12.0
        [atmosphere]
        scheme = "weno5"
        state = "thermal"
        tracer = [{ name = "dye", initial = "x/20000" }]
        [boundary]
        x = "periodic"
        [output]
        every = 5.0
        """),
    Case(
      name: "shallow water, rain and a tracer", command: "weathersim",
      text: """
        solver = "shallow-water"
        [grid]
        cells = [41, 33]
        extent = [400.0, 300.0]
        [time]
        end = 20.0
        [shallow-water]
        surface = "1 + 0.5*exp(-((x - 100)^2 + (y - 100)^2)/900)"
        bottom = "0.004*x"
        rain = "1e-3*sin(t)^2"
        tracer = [{ name = "dye", initial = "x/400" }]
        [boundary]
        x = "wall"
        y = "periodic"
        [output]
        every = 6.0
        """),
  ]

  /// Checkpoints in the middle of a span of equal steps and behind its end, on ranks and threads that they were not
  /// written on, written on several and read on one and the other way round.
  @Test(arguments: cases) func bitsAreThoseOfARunThatNeverStopped(_ one: Case) throws {
    let course = try Course(one.command, one.text)
    let keep = [
      "checkpoint.directory=\".\"", "checkpoint.every=\"2 steps\"", "checkpoint.keep=1000", "checkpoint.at-end=true",
    ]
    let whole = try fingerprint(
      course.launch(["--report", "run.json", "--fresh"], set: keep + ["parallel.depth=1"], ranks: nil, threads: 1))
    let report = try course.report()
    let ofOneRank = try course.checkpoints
    try #require(ofOneRank.count > 3, "\(ofOneRank)")
    for (index, ranks, threads, depth) in [(1, 4, 1, 3), (2, 2, 2, 1), (0, 1, 2, 8)] {
      let file = ofOneRank[index].lastPathComponent
      let run = try course.launch(
        ["--restart", file, "--no-output", "--report", "run.json"], set: ["parallel.depth=\(depth)"], ranks: ranks,
        threads: threads)
      #expect(try fingerprint(run) == whole, "\(file) on \(ranks) x \(threads), depth \(depth)")
      #expect(try course.report() == report, "\(file) on \(ranks) x \(threads), depth \(depth)")
    }
    _ = try course.launch(["--fresh", "--quiet"], set: keep + ["parallel.depth=2"], ranks: 3, threads: 1)
    #expect(try course.checkpoints.map(\.lastPathComponent) == ofOneRank.map(\.lastPathComponent))
    let file = ofOneRank[1].lastPathComponent
    let run = try course.launch(["--restart", file, "--no-output", "--report", "run.json"], threads: 1)
    #expect(try fingerprint(run) == whole, "\(file) of three ranks")
    #expect(try course.report() == report, "\(file) of three ranks")
  }

  /// The end may be moved and output added; nothing else.
  @Test func aChangedConfigurationIsRefusedKeyByKey() throws {
    let course = try Course("heatsim", plate)
    _ = try fingerprint(course.launch(set: ["time.end=1.0", "checkpoint.at-end=true"]))
    let files = try course.files
    let refused = try course.launch(set: ["heat.initial=300", "grid.cells=[61, 48]", "checkpoint.at-end=true"])
    #expect(refused.status == 1)
    let line = try #require(refused.stderr.split(separator: "\n").first { $0.hasPrefix("error: ") }, "\(refused)")
    for part in [
      "run.step", "grid.cells is [61, 48] and was [61, 47]", "heat.initial is 300 and was \"300 + 20*x", "--fresh",
    ] {
      #expect(line.contains(part), "\(line)")
    }
    #expect(!line.contains("checkpoint."), "\(line)")
    #expect(try course.files == files)
    let tooShort = try course.launch(set: ["time.end=0.5"])
    #expect(tooShort.status == 1 && tooShort.stderr.contains("time.end = 0.5 s lies before 1 s"), "\(tooShort)")

    // Outputs at 0, 0.5, ..., as if the end had been there from the beginning.
    let whole = try Course("heatsim", plate)
    let expected = try fingerprint(whole.launch())
    #expect(try fingerprint(course.launch(ranks: 2)) == expected)
    #expect(try course.files == ["config.toml", "run.json", "run.nc"])
    let (ours, theirs) = (try course.output(), try whole.output())
    #expect(ours.recordCount == 7 && theirs.recordCount == 7)
    for (name, variable) in theirs.variables { #expect(ours.variables[name]?.bytes == variable.bytes, "\(name)") }
  }

  /// A run that a number of steps ended among equal ones goes on with those.
  @Test func aRunOfSoManyStepsGoesOnAsIfItHadNotEnded() throws {
    let whole = try Course("heatsim", plate)
    let expected = try fingerprint(whole.launch())
    let course = try Course("heatsim", plate)
    _ = try fingerprint(course.launch(set: ["time.steps=3", "checkpoint.at-end=true"]))
    #expect(try fingerprint(course.launch(ranks: 2)) == expected)
  }

  @Test func aFreshRunTakesNothingFromCheckpoints() throws {
    let course = try Course("heatsim", plate)
    _ = try fingerprint(course.launch(set: ["checkpoint.at-end=true"]))
    let fresh = try course.launch(["--fresh"], set: ["heat.initial=301"])
    let other = try Course("heatsim", plate)
    #expect(try fingerprint(fresh) == fingerprint(other.launch(set: ["heat.initial=301"])))
    #expect(try course.checkpoints.isEmpty)
  }
}
