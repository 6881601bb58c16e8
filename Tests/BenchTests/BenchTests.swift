// `heatsim bench` on small grids: its table, its files, and their consistency.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct BenchTests {
  private let layouts = ProcessInfo.processInfo.activeProcessorCount > 1 ? "1x1,2x1,1x2" : "1x1"

  @Test func figuresAgreeWithEachOther() throws {
    let place = try Place(PlanTests.cube)
    let result = try launch(
      "heatsim", ranks: nil,
      arguments: ["bench", "config.toml", "--steps", "30", "--repeats", "3", "--layouts", layouts, "--output", "out"],
      directory: place.folder, timeout: 300)
    try #require(result.status == 0, "\(result)")
    let count = layouts.split(separator: ",").count
    let text = try String(contentsOf: place.folder.appending(path: "out.json"), encoding: .utf8)
    let report = try Report(text)
    let runs = try report.list("runs")
    #expect(runs.count == 2 * count)
    var prints: [[Int]: Set<String>] = [:]
    for run in runs {
      try check(run)
      let fingerprints = try #require(run.values["fingerprints"] as? [String])
      prints[try run.integers("cells"), default: []].formUnion(fingerprints)
    }
    #expect(prints.values.allSatisfy { $0.count == 1 }, "\(prints)")
    #expect(report.values["fingerprints_agree"] as? Bool == true)
    // The verdict names the fastest layout of the one grid.
    let strong = try runs.filter { try $0.text("scaling") == "strong" }
    let best = try #require(
      try strong.min { try $0.number("seconds_per_step.median") < $1.number("seconds_per_step.median") })
    let (ranks, threads) = (try best.integer("ranks"), try best.integer("threads"))
    let verdict = try #require((report.values["verdict"] as? [String])?.first)
    #expect(
      verdict.hasPrefix("use \(ranks) rank\(ranks == 1 ? "" : "s") x \(threads) thread\(threads == 1 ? "" : "s"): "))
    #expect(result.stdout.contains(verdict))
    #expect(result.stdout.contains("strong scaling, 40 x 30 x 50 cells, 30 steps"))
    try checkFiles(place.folder, runs: runs)
    // What was measured of the machine serves later plans.
    let plan = try place.plan(["--machine", "out.machine.toml"])
    #expect(try plan.integer("constants.cores_per_host") == report.integer("cores_per_host"))
  }

  private func check(_ run: Report) throws {
    let samples = try #require(
      (run.values["seconds_per_step"] as? [String: Any])?["samples"] as? [Double])
    let median = try run.number("seconds_per_step.median")
    #expect(samples.count == 3 && samples.sorted()[1] == median)
    #expect(try samples.min() == run.number("seconds_per_step.minimum"))
    #expect(try samples.max() == run.number("seconds_per_step.maximum"))
    let cells = try run.integers("cells").reduce(1, *)
    // Quotients and products of doubles.
    #expect(abs(try run.number("gcell_per_second") * median * 1e9 / Double(cells) - 1) < 1e-12)
    let workers = try run.integer("ranks") * run.integer("threads")
    #expect(abs(try run.number("speedup") / Double(workers) - run.number("efficiency")) < 1e-12)
    // The grid of weak scaling has as many cells for each core.
    #expect(try run.text("scaling") == "strong" || cells == 40 * 30 * 50 * workers)
    #expect(try run.integer("steps") == 30)
    let phases = try ["compute", "halo", "wait", "imbalance"].map { try run.number("seconds_per_phase.\($0)") }
    // Phases are parts of a step; their medians may be of different runs.
    #expect(try phases.reduce(0, +) <= 1.05 * run.number("seconds_per_step.maximum"))
    // Steps that run at once share their messages.
    let messages = try run.number("messages_per_step")
    #expect(try run.integer("ranks") > 1 ? messages > 0 && messages <= 1 : messages == 0)
    #expect(run.has("predicted_seconds_per_step") && run.has("predicted_memory_bytes"))
  }

  private func checkFiles(_ folder: URL, runs: [Report]) throws {
    let table = try String(contentsOf: folder.appending(path: "out.csv"), encoding: .utf8).split(separator: "\n")
    #expect(table.count == runs.count + 1)
    let headings = table[0].split(separator: ",")
    for (line, run) in zip(table.dropFirst(), runs) {
      let values = line.split(separator: ",", omittingEmptySubsequences: false)
      try #require(values.count == headings.count)
      let row = Dictionary(uniqueKeysWithValues: zip(headings, values))
      #expect(try row["scaling"].map(String.init) == run.text("scaling"))
      #expect(try row["ranks"].flatMap { Int($0) } == run.integer("ranks"))
      let seconds = try #require(row["seconds_per_step"].flatMap { Double($0) })
      // Foundation reads numbers of 17 digits to within the last bit.
      #expect(abs(try run.number("seconds_per_step.median") / seconds - 1) < 1e-15)
    }
    let png = try Data(contentsOf: folder.appending(path: "out.png"))
    #expect(png.prefix(8) == Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    let svg = try String(contentsOf: folder.appending(path: "out.svg"), encoding: .utf8)
    #expect(svg.contains("<svg") && svg.hasSuffix("</svg>\n"))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["config.toml", "machine.toml", "out.csv", "out.json", "out.machine.toml", "out.png", "out.svg"])
  }

  @Test func aLauncherOfOnesOwnStartsTheRanks() throws {
    let place = try Place(PlanTests.line)
    let result = try launch(
      "heatsim", ranks: nil,
      arguments: [
        "bench", "config.toml", "--steps", "5", "--repeats", "1", "--layouts", "1x1", "--sizes", "64,200", "--launcher",
        "env OWN={ranks}x{threads}",
      ], directory: place.folder, timeout: 120)
    #expect(result.status == 0, "\(result)")
    #expect(result.stdout.contains("started by env") && result.stdout.contains("strong scaling, 200 cells, 5 steps"))
    let files = try FileManager.default.contentsOfDirectory(atPath: place.folder.path)
    #expect(files.contains("bench-64.png") && files.contains("bench-200.svg"))
  }

  @Test func aRunThatFailsIsToldAndFailsAll() throws {
    let place = try Place(PlanTests.line)
    let result = try launch(
      "heatsim", ranks: nil,
      arguments: ["bench", "config.toml", "--layouts", "1x1", "--launcher", "false"], directory: place.folder)
    #expect(result.status == 1)
    #expect(result.stderr.hasPrefix("error: at 1 x 1 nothing could be started with false: "), "\(result)")
    #expect(result.stderr.split(separator: "\n").count == 1)
  }
}
