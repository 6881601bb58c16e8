// The depth that a run has found, kept for the next one.

import Foundation
import Simulation
import TestSupport
import Testing

@Suite(.serialized) struct DepthCacheTests {
  private static let plate = """
    solver = "heat"
    [grid]
    cells = [200, 160]
    extent = [1.0, 0.8]
    [time]
    end = 1e6
    steps = 20000
    [heat]
    diffusivity = 1.0e-4
    initial = "300 + 50*sin(20*x)*y"
    """

  private func run(
    _ place: Place, cache: String, ranks: Int? = 2, _ arguments: [String] = []
  ) throws -> (report: Report, result: RunResult) {
    let result = try launch(
      "heatsim", ranks: ranks, arguments: ["config.toml", "--threads", "1", "--report", "-"] + arguments,
      environment: ["XDG_CACHE_HOME": cache, "HOME": place.folder.path], directory: place.folder, timeout: 300)
    try #require(result.status == 0 && !result.stderr.contains("warning"), "\(result)")
    let start = try #require(result.stdout.range(of: "\n{\n"))
    return (try Report(String(result.stdout[start.lowerBound...])), result)
  }

  @Test func aLaterRunTakesWhatAnEarlierOneHasFound() throws {
    let place = try Place(Self.plate)
    let cache = place.folder.appending(path: "cache/of mine").path
    let file = cache + "/halo/depths"
    let short = ["--set", "time.steps=60"]
    let before = try run(place, cache: cache, short)
    #expect(try before.report.text("depth_is") == "estimated")
    // Where other programs make its times useless, a trial gives up before it has tried all depths, and nothing is kept. A
    // longer run can afford more.
    var found: Int?
    for attempt in 0..<5 where !FileManager.default.fileExists(atPath: file) {
      let long = try run(place, cache: cache, ["--set", "time.steps=\(20000 << attempt)"])
      if try long.report.text("depth_is") == "by trial" { found = try long.report.integer("depth") }
    }
    let depth = try #require(found)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 2 && text.contains(" \(depth) heat, 200 x 160 cells"), "\(text)")

    // Shorter runs profit too, and tell.
    let later = try run(place, cache: cache, short)
    #expect(try later.report.text("depth_is") == "from an earlier run" && later.report.integer("depth") == depth)
    #expect(later.result.stdout.contains("(from an earlier run)"), "\(later.result)")
    #expect(try later.report.text("fingerprint") == before.report.text("fingerprint"))
    // Another depth in the file is taken as well, to the same bits.
    let other = depth == 3 ? 2 : 3
    try text.replacing(" \(depth) heat", with: " \(other) heat").write(
      toFile: file, atomically: true, encoding: .utf8)
    let changed = try run(place, cache: cache, short)
    #expect(try changed.report.integer("depth") == other)
    #expect(try changed.report.text("fingerprint") == before.report.text("fingerprint"))
    #expect(try run(place, cache: cache, short + ["--fresh"]).report.text("depth_is") == "estimated")
    // What decides how fast a depth is belongs to the key.
    for (ranks, more) in [
      (1, []), (2, ["--set", "grid.cells=[200, 168]"]), (2, ["--set", "precision=float"]),
      (2, ["--set", "heat.scheme=heun"]), (2, ["--set", "parallel.ranks=[1, 2]"]),
    ] {
      let run = try run(place, cache: cache, ranks: ranks, short + more)
      // Two ranks cut the longer axis unless they are told to cut the other.
      #expect(try run.report.text("depth_is") == "estimated", "\(ranks), \(more)")
    }
    // A depth that the user asks for is that.
    let asked = try run(place, cache: cache, short + ["--set", "parallel.depth=2"])
    #expect(try asked.report.text("depth_is") == "given" && asked.report.integer("depth") == 2)
  }

  @Test func aDamagedFileIsNone() throws {
    let place = try Place(Self.plate)
    let folder = place.folder.appending(path: "cache/halo")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "depths")
    let arguments = ["--set", "time.steps=60"]
    for damage in [
      Data(), Data([0, 255, 10, 32, 10]), Data("0123456789abcdef\nfedcba9876543210 x\n\n".utf8),
      Data(repeating: 0x61, count: 2 << 20),
    ] {
      try damage.write(to: file)
      let run = try run(place, cache: place.folder.path + "/cache", arguments)
      #expect(try run.report.text("depth_is") == "estimated")
    }
    try FileManager.default.removeItem(at: file)
    #expect(mkfifo(file.path, 0o600) == 0)
    _ = try run(place, cache: place.folder.path + "/cache", arguments)
    // Nothing can be made there, and that is no error; nor is a place that is no absolute path.
    for cache in [noCache, "relative", ""] { _ = try run(place, cache: cache, ranks: nil, arguments) }
    #expect(!FileManager.default.fileExists(atPath: place.folder.path + "/relative"))
  }

  @Test func theFileKeepsTheNewestEntryOfEachKey() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-depths-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let cache = DepthCache(path: folder + "/a/b/depths")
    #expect(cache.depth(for: 7, most: 8) == nil)
    for (key, depth) in [(7, 4), (8, 2), (7, 8), (.max, 1)] as [(UInt64, Int)] { cache.write(depth, for: key, "a\nb") }
    #expect(cache.depth(for: 7, most: 8) == 8 && cache.depth(for: 8, most: 8) == 2)
    #expect(cache.depth(for: .max, most: 8) == 1 && cache.depth(for: 9, most: 8) == nil)
    // No more than the run can do.
    #expect(cache.depth(for: 7, most: 7) == nil)
    for key in 0..<UInt64(DepthCache.capacity) { cache.write(3, for: 1000 + key, "") }
    #expect(cache.depth(for: 7, most: 8) == nil && cache.depth(for: 1000, most: 8) == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/a/b") == ["depths"])
    DepthCache(path: nil).write(3, for: 7, "")
  }
}
