/// What a benchmark found, as tables, files and a sentence.
struct BenchReport {
  let bench: Bench

  /// One row: a run, within a scaling.
  struct Row {
    let run: BenchRun
    let isWeak: Bool
    /// Speed over that of the smallest layout that was run, and that over the ratio of their cores.
    let speedup: Double
    let efficiency: Double
    /// The parts of the triad's bandwidth, and of a step, the least that its messages could cost.
    let bandwidthShare: Double
    let messageSeconds: Double
  }

  func rows(_ series: Bench.Series) -> [Row] { rows(series.strong, isWeak: false) + rows(series.weak, isWeak: true) }

  private func rows(_ runs: [BenchRun], isWeak: Bool) -> [Row] {
    let able = runs.filter { $0.failure == nil }
    // What all are compared with: one core, where one was measured.
    guard let base = able.min(by: { ($0.workers, $0.time.median) < ($1.workers, $1.time.median) }) else { return [] }
    return able.map { run in
      let speedup = run.rate / base.rate
      let probe = bench.probes[run.of.placing]!
      let messages =
        run.messages * (probe.latency ?? 0) + (probe.messageBandwidth.map { run.bytes / $0 } ?? 0)
      return Row(
        run: run, isWeak: isWeak, speedup: speedup,
        efficiency: speedup * Double(base.workers) / Double(run.workers),
        bandwidthShare: run.rate * run.bytesPerCell / probe.bandwidth, messageSeconds: messages)
    }
  }

  /// Whether every grid came to one final state, whatever the layout.
  var fingerprintsAgree: Bool {
    bench.series.allSatisfy { series in
      let prints = Dictionary(grouping: series.runs, by: \.of.cells).values.map { runs in
        runs.reduce(Set<String>()) { $0.union($1.fingerprints) }
      }
      return prints.allSatisfy { $0.count <= 1 }
    }
  }

  var failures: [String] {
    bench.series.flatMap(\.runs).compactMap { run in
      run.failure.map { "\(run.of.placing) on \(grid(run.of.cells)) cells failed: \($0)" }
    }
  }

  // MARK: Text

  private func grid(_ cells: [Int]) -> String { cells.map(String.init).joined(separator: " x ") }

  private static let headings = [
    "R x T", "step", "spread", "Gcell/s", "speedup", "effic.", "STREAM", "compute", "halo", "wait", "imbal.", "msgs>=",
    "predicted", "off",
  ]

  var lines: [String] {
    var text = [
      "\(bench.core.title): \(bench.core.solver) in \(bench.core.precision.rawValue), \(counted(bench.starter.hosts, "host")) "
        + "with \(counted(bench.starter.coresPerHost, "core")) each, started by \(bench.starter.name), medians of "
        + counted(bench.options.repeats, "run")
    ]
    for placing in bench.placings {
      let probe = bench.probes[placing]!
      let messages = probe.latency.map {
        ", messages \(Plan.shortTime($0)) and \(fixed((probe.messageBandwidth ?? 0) / 1e9, decimals: 2)) GB/s"
      }
      text.append(
        "  \(left("\(placing)", 8)) STREAM triad \(fixed(probe.bandwidth / 1e9, decimals: 1)) GB/s\(messages ?? "")")
    }
    for series in bench.series {
      let all = rows(series)
      for isWeak in [false, true] {
        let rows = all.filter { $0.isWeak == isWeak }
        guard !rows.isEmpty, !isWeak || rows.contains(where: { $0.run.workers > 1 }) else { continue }
        text.append("")
        text.append(
          isWeak
            ? "weak scaling, \(grid(series.cells)) cells for each core, \(counted(series.steps, "step"))"
            : "strong scaling, \(grid(series.cells)) cells, \(counted(series.steps, "step"))")
        text += Self.table([Self.headings] + rows.map(columns))
      }
    }
    text.append("")
    text.append(
      "msgs>= is the least that a step's messages could take, by measured latency and bandwidth; compute to imbal. are "
        + "parts of a step, mean over ranks.")
    text += failures
    text.append(
      fingerprintsAgree
        ? "All layouts end with the same fingerprint." : "The layouts do not agree: the final states differ.")
    text += verdicts
    return text
  }

  private func columns(_ row: Row) -> [String] {
    let run = row.run
    func percent(_ part: Double) -> String { part.isFinite ? fixed(100 * part, decimals: 0) + "%" : "-" }
    let phases = run.phaseMedians.map { percent($0 / run.time.median) }
    return [
      "\(run.of.placing)", Plan.shortTime(run.time.median), "\u{B1}" + percent(run.time.relative),
      fixed(run.rate / 1e9, decimals: 3), fixed(row.speedup, decimals: 2), percent(row.efficiency),
      percent(row.bandwidthShare),
    ] + phases + [
      percent(row.messageSeconds / run.time.median), run.predicted.map { Plan.shortTime($0) } ?? "-",
      run.predicted.map { (($0 >= run.time.median) ? "+" : "") + percent($0 / run.time.median - 1) } ?? "-",
    ]
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Columns aligned at their right, the first at its left.
  private static func table(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
      row.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + gap : gap + row[column]
      }.joined(separator: "  ")
    }
  }

  /// For each grid which layout to use.
  var verdicts: [String] {
    bench.series.compactMap { series in
      let rows = rows(series.strong, isWeak: false).sorted { $0.run.time.median < $1.run.time.median }
      guard let best = rows.first else { return nil }
      var text =
        "use \(counted(best.run.of.placing.ranks, "rank")) x \(counted(best.run.of.placing.threads, "thread")): "
        + "\(fixed(best.run.rate / 1e9, decimals: 3)) Gcell/s"
      if best.run.workers > 1 {
        text +=
          ", \(fixed(best.speedup, decimals: 2)) times one core, \(fixed(100 * best.efficiency, decimals: 0)) % efficiency"
      }
      text += ", \(fixed(100 * best.bandwidthShare, decimals: 0)) % of the STREAM bandwidth"
      let rivals = rows.dropFirst().filter { $0.run.workers == best.run.workers }
      if let next = rivals.first {
        let slower = next.run.time.median / best.run.time.median - 1
        let isWithin = next.run.time.minimum <= best.run.time.maximum
        text +=
          "; \(next.run.of.placing) takes \(fixed(100 * slower, decimals: 0)) % longer"
          + (isWithin ? ", which is within the spread" : "")
      }
      let lead = bench.series.count > 1 ? "\(grid(series.cells)) cells: " : ""
      return lead + text + "."
    }
  }

  // MARK: Files

  private static let csvHeadings =
    "scaling,cells,ranks,threads,hosts,steps,seconds_per_step,minimum,maximum,gcell_per_second,speedup,efficiency,"
    + "triad_share,compute_seconds,halo_seconds,wait_seconds,imbalance_seconds,message_seconds,messages_per_step,"
    + "halo_bytes_per_step,memory_bytes,predicted_seconds_per_step,predicted_memory_bytes,fingerprint"

  var csv: String {
    var lines = [Self.csvHeadings]
    for series in bench.series {
      for row in rows(series) {
        let run = row.run
        let numbers =
          [run.time.median, run.time.minimum, run.time.maximum, run.rate / 1e9, row.speedup, row.efficiency]
          + [row.bandwidthShare] + run.phaseMedians + [row.messageSeconds, run.messages, run.bytes]
        let placing = run.of.placing
        var cells = [
          row.isWeak ? "weak" : "strong", run.of.cells.map(String.init).joined(separator: "x"), "\(placing.ranks)",
          "\(placing.threads)", "\(placing.hosts)", "\(run.steps)",
        ]
        cells += numbers.map { "\($0)" }
        cells += ["\(run.memory)", run.predicted.map { "\($0)" } ?? "", run.predictedMemory.map { "\($0)" } ?? ""]
        lines.append((cells + [run.fingerprints.sorted().joined(separator: " ")]).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  var json: JSON {
    let placings = bench.placings.map { placing -> JSON in
      guard case .object(let figures) = bench.probes[placing]!.json else { return .null }
      return .object(Self.members(of: placing) + figures)
    }
    return .object([
      ("title", .text(bench.core.title)), ("solver", .text(bench.core.solver)),
      ("precision", .text(bench.core.precision.rawValue)), ("version", .text(Simulation.version)),
      ("hosts", .integer(bench.starter.hosts)), ("cores_per_host", .integer(bench.starter.coresPerHost)),
      ("launcher", .text(bench.starter.name)), ("repeats", .integer(bench.options.repeats)),
      ("machine", .list(placings)), ("runs", .list(bench.series.flatMap(rows).map(Self.json))),
      ("failures", .list(failures.map { .text($0) })), ("fingerprints_agree", .bool(fingerprintsAgree)),
      ("verdict", .list(verdicts.map { .text($0) })),
    ])
  }

  private static func members(of placing: Placing) -> [(key: String, value: JSON)] {
    [
      ("ranks", .integer(placing.ranks)), ("threads", .integer(placing.threads)), ("hosts", .integer(placing.hosts)),
    ]
  }

  private static func json(_ row: Row) -> JSON {
    let run = row.run
    let phases = zip(BenchRun.phaseNames, run.phaseMedians).map { (key: $0, value: JSON.number($1)) }
    return .object(
      [("scaling", .text(row.isWeak ? "weak" : "strong")), ("cells", .list(run.of.cells.map { .integer($0) }))]
        + members(of: run.of.placing) + [
          ("steps", .integer(run.steps)), ("cells_per_rank", .integer(run.cellsPerRank)),
          (
            "seconds_per_step",
            .object([
              ("median", .number(run.time.median)), ("minimum", .number(run.time.minimum)),
              ("maximum", .number(run.time.maximum)), ("samples", .list(run.time.samples.map { .number($0) })),
            ])
          ),
          ("gcell_per_second", .number(run.rate / 1e9)), ("speedup", .number(row.speedup)),
          ("efficiency", .number(row.efficiency)), ("triad_share", .number(row.bandwidthShare)),
          ("seconds_per_phase", .object(phases)), ("message_seconds", .number(row.messageSeconds)),
          ("messages_per_step", .number(run.messages)), ("halo_bytes_per_step", .number(run.bytes)),
          ("memory_bytes", .integer(run.memory)),
          ("predicted_seconds_per_step", run.predicted.map { .number($0) } ?? .null),
          ("predicted_memory_bytes", run.predictedMemory.map { .integer($0) } ?? .null),
          ("fingerprints", .list(run.fingerprints.sorted().map { .text($0) })),
        ])
  }
}
