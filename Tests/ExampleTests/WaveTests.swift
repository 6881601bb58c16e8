// The wave example: exact travelling waves, layers that absorb, and a speed that comes from a file.

import Foundation
import TestSupport
import Testing

@Suite struct WaveTests {
  private func run(
    cells: [Int], end: Double, speed: String, pressure: String, rate: String = "0", boundary: String = "",
    ranks: Int? = nil, set: [String] = []
  ) throws -> FinishedRun {
    try FinishedRun(
      "example-wave",
      """
      solver = "wave"
      [grid]
      cells = \(cells)
      extent = \(cells.map { _ in 1.0 })
      [time]
      end = \(end)
      [wave]
      speed = \(speed)
      pressure = "\(pressure)"
      rate = "\(rate)"
      [boundary]
      \(boundary)
      """, set: set, ranks: ranks, threads: 1, timeout: 60)
  }

  private func field(_ run: FinishedRun, _ name: String = "pressure") throws -> [Double] {
    try run.fields.values(name, record: -1)
  }

  /// p = cos(k·x - ω t) on a periodic square, with ω = c |k|, in a direction along no axis.
  @Test func travellingWaveConvergesWithSecondOrder() throws {
    let (speed, time) = (2.0, 0.3)
    let (kx, ky) = (2 * Double.pi, 4 * Double.pi)
    let omega = speed * (kx * kx + ky * ky).squareRoot()
    let errors = try [32, 64, 128].map { n in
      let run = try run(
        cells: [n, n], end: time, speed: "\(speed)", pressure: "cos(\(kx)*x + \(ky)*y)",
        rate: "\(omega)*sin(\(kx)*x + \(ky)*y)", boundary: "x = \"periodic\"\ny = \"periodic\"", ranks: 2)
      return try field(run).enumerated().map { index, p in
        let (x, y) = ((Double(index % n) + 0.5) / Double(n), (Double(index / n) + 0.5) / Double(n))
        return abs(p - cos(kx * x + ky * y - omega * time))
      }.max()!
    }
    for (coarse, fine) in zip(errors, errors.dropFirst()) {
      #expect(abs(log2(coarse / fine) - 2) < 0.1, "\(errors)")
    }
  }

  /// A standing wave between a rigid wall and one where p = 0: a quarter of a wavelength, exact at any time.
  @Test func standingWaveBetweenHardAndSoft() throws {
    let errors = try [32, 64].map { n in
      let run = try run(
        cells: [n], end: 1.7, speed: "1", pressure: "cos(pi*x/2)", boundary: "x = { low = \"hard\", high = \"soft\" }")
      return try field(run).enumerated().map { index, p in
        abs(p - cos(.pi / 2 * (Double(index) + 0.5) / Double(n)) * cos(.pi / 2 * 1.7))
      }.max()!
    }
    #expect(abs(log2(errors[0] / errors[1]) - 2) < 0.1, "\(errors)")
  }

  /// A packet of waves, each a third as long as the sponges at both ends are wide, runs into these: less than a thousandth
  /// comes back. With walls in their place all of it does.
  @Test func spongeAbsorbs() throws {
    let pulse = "2*cos(2*pi*(x - 0.5)/0.06)*exp(-((x - 0.5)/0.05)^2)"
    let sponge = try run(
      cells: [400], end: 1.5, speed: "1", pressure: pulse,
      boundary: "x = { kind = \"sponge\", width = 0.2, strength = 120 }")
    #expect(try field(sponge).map(abs).max()! < 0.001)
    let wall = try run(cells: [400], end: 1.5, speed: "1", pressure: pulse, boundary: "x = \"hard\"")
    #expect(try field(wall).map(abs).max()! > 0.9)
  }

  /// What a run has written serves another as its speed, with the very bits on the same grid and with the line between
  /// samples on a finer one; on any number of ranks.
  @Test func speedComesFromAFile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "speed.nc").path
    let formula = "\"1 + 0.5*x + 0.25*y\""
    func wave(_ cells: [Int], _ speed: String, ranks: Int? = nil, set: [String] = []) throws -> FinishedRun {
      try run(
        cells: cells, end: 0.2, speed: speed, pressure: "exp(-200*((x - 0.5)^2 + (y - 0.4)^2))",
        boundary: "x = \"periodic\"", ranks: ranks, set: set)
    }
    let config = folder.appending(path: "config.toml")
    try """
    solver = "wave"
    [grid]
    cells = [40, 30]
    extent = [1.0, 1.0]
    [time]
    end = 0.01
    [wave]
    speed = \(formula)
    pressure = 0
    [output]
    file = "\(path)"
    """.write(to: config, atomically: true, encoding: .utf8)
    let made = try launch("example-wave", ranks: nil, arguments: [config.path, "--quiet", "--threads", "1"])
    try #require(made.status == 0, "\(made)")

    let file = "{ file = \"\(path)\", variable = \"speed\" }"
    let expected = try wave([40, 30], formula)
    for ranks in [nil, 2, 4, 6] {
      #expect(try wave([40, 30], file, ranks: ranks).fingerprint == expected.fingerprint, "\(ranks ?? 1) ranks")
    }
    // Linear between samples, constant beyond the outermost, which lie half a coarse cell inside the sides.
    let finer = try field(try wave([120, 90], file, ranks: 3), "speed")
    for (index, c) in finer.enumerated() {
      let (x, y) = ((Double(index % 120) + 0.5) / 120, (Double(index / 120) + 0.5) / 90)
      let (u, v) = (min(max(x, 0.5 / 40), 1 - 0.5 / 40), min(max(y, 0.5 / 30), 1 - 0.5 / 30))
      #expect(abs(c - (1 + 0.5 * u + 0.25 * v)) < 1e-14)
    }
    let (one, many) = (try wave([120, 90], file), try wave([120, 90], file, ranks: 4))
    #expect(one.fingerprint == many.fingerprint)

    // Heat takes quantities from the same files.
    let heat = """
      solver = "heat"
      [grid]
      cells = [40, 30]
      extent = [1.0, 1.0]
      [time]
      end = 0.001
      [heat]
      diffusivity = 1
      initial =
      """
    let runs = try [formula, file].map {
      try FinishedRun("heatsim", "\(heat) \($0)", set: [], ranks: 2, threads: 1, timeout: 60).fingerprint
    }
    #expect(runs[0] == runs[1])
  }

  @Test(arguments: [
    (
      "{ file = \"none.nc\", variable = \"c\" }",
      "config.toml:8:9: wave.speed: none.nc: cannot open the file: No such file or directory; names are taken from where"
    ),
    ("{ file = \"none.nc\" }", "config.toml:8:9: wave.speed.variable is missing"),
    ("{ file = \"none.nc\", variables = \"c\" }", "unknown key wave.speed.variables; did you mean \"variable\"?"),
    ("{ file = 3, variable = \"c\" }", "wave.speed.file wants the name of a NetCDF file"),
  ])
  func badFilesAreToldOnce(speed: String, says: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try """
    solver = "wave"
    [grid]
    cells = [40, 30]
    extent = [1.0, 1.0]
    [time]
    end = 0.01
    [wave]
    speed = \(speed)
    pressure = 0
    """.write(to: folder.appending(path: "config.toml"), atomically: true, encoding: .utf8)
    let result = try launch("example-wave", ranks: 2, arguments: ["config.toml"], directory: folder)
    #expect(result.status != 0)
    let errors = result.stderr.split(separator: "\n").filter { $0.hasPrefix("error") }
    #expect(errors.count == 1 && errors[0].contains(says), "\(result)")
  }
}
