internal import Glibc
import Stencils

/// Runs one configuration at every layout of the cores at hand, for strong scaling (one grid) and for weak scaling (a
/// grid that grows with the cores).
final class Bench {
  /// One grid of the configuration's shape, at all layouts, and grown with their cores.
  struct Series {
    let cells: [Int]
    var steps = 0
    /// The same grid at every layout.
    var strong: [BenchRun] = []
    /// A grid with as many times the cells as there are cores.
    var weak: [BenchRun] = []

    /// Every run once: one core's is of both kinds.
    var runs: [BenchRun] { strong + weak.filter { run in !strong.contains { $0 === run } } }
  }

  let options: BenchOptions
  let core: CoreSettings
  let starter: Starter
  let placings: [Placing]
  private(set) var probes: [Placing: ProbeFigures] = [:]
  private(set) var series: [Series] = []
  /// What was measured of the machine, for `plan` here and later.
  let machineFile: String

  init(_ options: BenchOptions, _ core: CoreSettings, command: String) throws {
    self.options = options
    self.core = core
    starter = Starter(template: options.launcher)
    machineFile = options.output + ".machine.toml"
    guard let asked = options.layouts else {
      placings = Placing.all(hosts: starter.hosts, cores: starter.coresPerHost)
      return
    }
    let (hosts, cores) = (starter.hosts, starter.coresPerHost)
    placings = try asked.map { layout in
      guard
        let placing = Placing.fitting(ranks: layout.ranks, threads: layout.threads, hosts: hosts, cores: cores)
      else {
        throw UsageError(
          "the layout \(layout.ranks)x\(layout.threads) does not fit: \(counted(hosts, "host")) with "
            + "\(counted(cores, "core")) \(hosts == 1 ? "is" : "are each") at hand", command)
      }
      return placing
    }
  }

  /// Runs everything.
  func run() throws {
    let sizes = options.sizes.isEmpty ? [core.cells] : options.sizes.map { BenchGrid.sized(core.cells, longest: $0) }
    for placing in placings {
      progress("measuring memory and messages at \(placing)")
      probes[placing] = try probe(placing)
    }
    try OutputPath.write(Array(machineText.utf8), to: machineFile, action: "write what the machine can do")
    for cells in sizes { try measure(cells) }
    progress(nil)
  }

  /// What the probes found, as the machine file of `plan`.
  private var machineText: String {
    var text = "[host]\ncores = \(starter.coresPerHost)\n"
    if let whole = probes.filter({ $0.key.hosts == 1 }).max(by: { $0.key.workers < $1.key.workers }),
      whole.key.workers == starter.coresPerHost
    {
      text += "bandwidth = \(whole.value.bandwidth)\n"
    }
    for (name, isFar) in [("messages", false), ("network", true)] {
      let measured = probes.filter { ($0.key.hosts > 1) == isFar && $0.value.latency != nil }
      guard let one = measured.min(by: { $0.key.ranks < $1.key.ranks }) else { continue }
      text += "\n[\(name)]\nlatency = \(one.value.latency!)\nbandwidth = \(one.value.messageBandwidth!)\n"
    }
    return text
  }

  private func probe(_ placing: Placing) throws -> ProbeFigures {
    let child = try starter.run(placing, ["probe", "--threads", "\(placing.threads)"])
    guard child.status == 0, let figures = JSON(reading: child.output).flatMap({ ProbeFigures($0) }) else {
      throw BenchError("at \(placing) nothing could be started with \(starter.name): \(child.complaint)")
    }
    return figures
  }

  private func measure(_ cells: [Int]) throws {
    var series = Series(cells: cells)
    for placing in placings {
      let run = BenchRun(BenchCase(cells: cells, placing: placing))
      series.strong.append(run)
      let grown = BenchGrid.grown(cells, workers: placing.workers)
      series.weak.append(grown == cells ? run : BenchRun(BenchCase(cells: grown, placing: placing)))
    }
    // How many steps each grid's own run has; what a run of fewer takes is predicted later.
    var seen: Set<[Int]> = []
    for run in series.runs where seen.insert(run.of.cells).inserted { try predict(run, steps: nil) }
    series.steps = try options.steps ?? suitableSteps(series.strong)
    let runs = series.runs
    // Each round begins with another layout, so that a machine that slows down or speeds up favours none.
    for round in 0..<options.repeats {
      for index in runs.indices {
        let run = runs[(index + round) % runs.count]
        guard run.failure == nil else { continue }
        // A plan's trial is as noisy as a run: three of them, among the runs.
        if round < 3 { try predict(run, steps: series.steps) }
        progress("\(grid(cells)): round \(round + 1) of \(options.repeats), \(run.of.placing) on \(grid(run.of.cells))")
        let child = try starter.run(run.of.placing, arguments(run.of, steps: series.steps))
        guard child.status == 0, let report = JSON(reading: child.output), run.add(report) else {
          run.failure = child.complaint
          continue
        }
      }
    }
    self.series.append(series)
  }

  /// The command line of a run, or of its plan.
  private func arguments(_ of: BenchCase, steps: Int) -> [String] {
    ["run", options.file, "--quiet", "--no-output", "--report", "-", "--threads", "\(of.placing.threads)"]
      + settings(of.cells) + ["--set", "time.steps=\(steps)"] + lengthened(steps)
  }

  private func settings(_ cells: [Int]) -> [String] {
    let list = cells.map(String.init).joined(separator: ",")
    let own = ["grid.cells=[\(list)]", "parallel.ranks=auto"]
    return (options.overrides + own).flatMap { ["--set", $0] }
  }

  // The configuration's own length, in steps, of the largest grid's plan; a run of more steps needs a later end.
  private var plannedSteps = Int.max
  private func lengthened(_ steps: Int) -> [String] {
    guard steps > plannedSteps else { return [] }
    let factor = (Double(steps) / Double(plannedSteps) * 1.01 + 1).rounded(.up)
    return ["--set", "time.end=\(core.end * factor)"]
  }

  private func predict(_ run: BenchRun, steps: Int?) throws {
    progress("planning \(run.of.placing) on \(grid(run.of.cells))")
    let placing = run.of.placing
    let child = try starter.run(
      ["plan", options.file, "--ranks", "\(placing.ranks)", "--threads", "\(placing.threads)", "--report", "-"]
        + ["--machine", machineFile] + settings(run.of.cells)
        + (steps.map { ["--set", "time.steps=\($0)"] + lengthened($0) } ?? []))
    guard child.status == 0, let plan = JSON(reading: child.output) else {
      run.failure = child.complaint
      return
    }
    guard steps != nil else {
      plannedSteps = min(plannedSteps, plan["steps"]?.asInteger ?? .max)
      return
    }
    if let seconds = plan["seconds_per_step"]?["total"]?.asNumber { run.predictions.append(seconds) }
    run.predictedMemory = plan["memory_per_rank"]?["total"]?.asInteger
  }

  /// So many steps that all cores together take about a second, divided by the root of their number, so that one core
  /// alone, which takes so many times as long, does not take much longer than a second either.
  private func suitableSteps(_ runs: [BenchRun]) throws -> Int {
    let able = runs.filter { $0.failure == nil }
    guard let run = able.max(by: { $0.workers < $1.workers }) else {
      throw BenchError("no layout can be run: \(runs.first?.failure ?? "there is none")")
    }
    progress("finding the number of steps")
    var steps = 3
    while true {
      let child = try starter.run(run.of.placing, arguments(run.of, steps: steps))
      guard child.status == 0, let report = JSON(reading: child.output), let done = report["steps"]?.asInteger,
        done > 0,
        let seconds = report["stepping_seconds"]?.asNumber
      else { throw BenchError("at \(run.of.placing) the run failed: \(child.complaint)") }
      let wished = Double(done) / max(seconds, 1e-7) / Double(run.workers).squareRoot()
      if seconds > 0.1 || steps >= 100_000_000 { return max(3, Int(wished)) }
      steps = min(30 * steps, max(steps + 1, Int(0.4 * wished)))
    }
  }

  private func grid(_ cells: [Int]) -> String { cells.map(String.init).joined(separator: " x ") }

  /// A line that is rewritten on a terminal; logs hold the table only.
  private func progress(_ text: String?) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    writeAll("\r\u{1b}[K" + (text ?? ""), to: STDERR_FILENO)
  }
}

/// Why nothing was measured.
struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
