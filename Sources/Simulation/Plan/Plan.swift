import MPI
import Stencils

/// What a run would take, as `plan` tells it.
struct Plan {
  let options: PlanOptions
  let core: CoreSettings
  let division: Division
  let model: StepModel
  let own: Forecast
  var depthSource = DepthSource.given
  var stabilityLimit = 0.0
  var isLimitSure = true
  /// Whether the limit changes in the course of the run, so that the number of steps holds only about.
  var isVarying = false
  var steps = 0
  var longestStep = 0.0
  /// What all ranks send in an exchange; nil for very many ranks.
  var total: (messages: Int, bytes: Int)?
  var bytesPerCell = 0
  var trials = Trials()
  var memory = PlannedMemory()
  var hostMemory = 0.0
  var records = 0
  var recordBytes = 0
  var fileBytes = 0
  var outputBandwidth = 0.0
  /// Every way to share out these cores, the fastest first.
  var layouts: [Forecast] = []
  /// The largest rank count at which the cores still do half of what one alone does; nil where there is none.
  var mostUseful: Forecast?

  init(options: PlanOptions, core: CoreSettings, division: Division, model: StepModel, own: Forecast) {
    self.options = options
    self.core = core
    self.division = division
    self.model = model
    self.own = own
  }

  // MARK: Times

  var steppingSeconds: Double { Double(steps) * own.step.total }
  var setupSeconds: Double { trials.setupPerCell * Double(own.cells) / Double(options.threads) }
  /// The file, and what every rank evaluates at each output and at the end.
  var outputSeconds: Double {
    let writing = outputBandwidth > 0 ? Double(fileBytes) / outputBandwidth : 0
    let perCell = Double(records) * trials.diagnosticsPerCell + trials.fingerprintPerCell
    return writing + perCell * Double(own.cells) / Double(options.threads)
  }
  var wallSeconds: Double { steppingSeconds + setupSeconds + outputSeconds }
  /// Cells a second, of the whole grid.
  var rate: Double { Double(division.grid.cellCount) / own.step.total }
  /// The part of the memory bandwidth that the update takes, with every changing field read and written once in all steps
  /// that run at once.
  var bandwidthShare: Double {
    rate * Double(bytesPerCell) / (model.coreBandwidth * Double(options.ranks * options.threads)) / Double(own.depth)
  }

  /// What a faster part would gain most from.
  var limitedBy: String {
    let exposed = own.step.latency + own.step.transfer - own.step.hidden
    if outputSeconds > steppingSeconds { return core.outputFile == nil ? "diagnostics and the fingerprint" : "output" }
    if exposed > own.step.compute {
      return own.step.latency > own.step.transfer ? "message latency" : "message bandwidth"
    }
    if own.step.packing > own.step.compute { return "packing of halos" }
    if model.overhead > 0.5 * own.step.compute { return "the start of each step: the blocks are small" }
    guard let inCache = model.secondsPerCellInCache else {
      return bandwidthShare > 0.5 ? "memory bandwidth" : "arithmetic and caches"
    }
    // As fast as from the caches is as fast as the cores can.
    let slowdown = model.secondsPerCell(depth: own.depth) / inCache
    if slowdown < 1.3 { return "arithmetic" }
    return own.depth == 1 || bandwidthShare > 0.5 ? "memory bandwidth" : "caches and memory"
  }

  // MARK: Text

  private func axes(_ triple: Triple) -> String {
    (0..<division.grid.dimensions).map { String(triple[$0]) }.joined(separator: " x ")
  }

  private func bytes(_ count: Int) -> String { OutputPath.text(bytes: count) }

  var lines: [String] {
    let grid = division.grid
    let rest = own.traffic
    func line(_ name: String, _ text: String) -> String {
      name + String(repeating: " ", count: max(1, 19 - name.count)) + text
    }
    var text = [
      "\(core.title): \(core.solver), \(grid.sizeText) cells in \(core.precision.rawValue), "
        + "\(counted(options.ranks, "rank")) x \(counted(options.threads, "thread")) on \(counted(own.hosts, "host"))",
      line(
        "decomposition", "\(axes(own.decomposition.ranks)) blocks of \(axes(largestBlock)) cells, \(own.cells) a rank"),
      line(
        "memory",
        "\(bytes(memory.total)) a rank: fields \(bytes(memory.fields)), messages \(bytes(memory.buffers)), "
          + "output \(bytes(memory.output)), checkpoint \(bytes(memory.checkpoint)), program \(bytes(memory.program))"),
      line(
        "depth",
        (own.depth > 1 ? "\(own.depth) steps at once" : "step by step")
          + (depthSource == .given ? "" : " (\(depthSource.rawValue))")
          + (own.redundancy > 1.0005 ? ", cells computed \(rounded(own.redundancy, 4)) times" : "")),
      line(
        "halo",
        "\(counted(rest.messages, "message")) with \(bytes(rest.bytes)) a rank and "
          + (own.depth > 1 ? "\(own.depth) steps" : "step") + ", in \(counted(rest.exchanges, "exchange"))"
          + (total.map { "; \(counted($0.messages, "message")) with \(bytes($0.bytes)) in all" } ?? "")),
      line(
        "time step",
        "\(rounded(longestStep, 6)) s; the stability limit is \(rounded(stabilityLimit, 6)) s"
          + (isLimitSure ? "" : ", as far as a sample of the grid tells")),
      line("steps", "\(isVarying ? "about " : "")\(steps) to t = \(rounded(reached, 6)) s"),
      line(
        "output",
        core.outputFile == nil
          ? "none"
          : "\(counted(records, "record")) of \(bytes(recordBytes)): \(bytes(fileBytes)) in \(core.outputFile!)"),
      line(
        "predicted time",
        "\(durationText(wallSeconds)): steps \(durationText(steppingSeconds)), output \(durationText(outputSeconds)), "
          + "initial state \(durationText(setupSeconds))"),
      line(
        "a step",
        "\(short(own.step.total)): compute \(short(own.step.compute)), packing \(short(own.step.packing)), latency "
          + "\(short(own.step.latency)), transfer \(short(own.step.transfer))"
          + (own.step.hidden > 0 ? ", of which \(short(own.step.hidden)) behind compute" : "")),
      line(
        "speed",
        "\(rounded(rate / 1e9, 3)) Gcell/s, efficiency \(percent(own.efficiency)) of one core alone, "
          + "\(percent(bandwidthShare)) of the memory bandwidth"),
      line("limited by", limitedBy),
    ]
    if let best = layouts.first {
      text.append(
        line(
          "would choose",
          "\(counted(best.ranks, "rank")) x \(counted(best.threads, "thread")), \(axes(best.decomposition.ranks)) blocks: "
            + "\(short(best.step.total)) a step"))
    }
    text.append(
      line(
        "largest useful",
        mostUseful.map {
          "\(counted($0.ranks, "rank")) x \(counted($0.threads, "thread")): \(short($0.step.total)) a step, efficiency "
            + "\(percent($0.efficiency)) (half of one core's is the least)"
        } ?? "no count of ranks with \(counted(options.threads, "thread")) each does half of what its cores could"))
    return text
  }

  /// The simulated time that the steps reach.
  private var reached: Double {
    core.steps.map { Double($0) * longestStep < core.end ? Double($0) * longestStep : core.end } ?? core.end
  }

  var largestBlock: Triple {
    Triple((0..<3).map { (division.grid.cells[$0] + own.decomposition.ranks[$0] - 1) / own.decomposition.ranks[$0] })
  }

  /// What might go wrong.
  var warnings: [String] {
    let perHost = min(options.ranks, max(1, model.coresPerHost / options.threads))
    let needed = Double(memory.total * perHost)
    guard needed > hostMemory else { return [] }
    return [
      "warning: \(counted(perHost, "rank")) of a host need \(bytes(Int(needed))), but it has \(bytes(Int(hostMemory))): "
        + "use more hosts, a coarser grid or precision = \"float\""
    ]
  }

  private func short(_ seconds: Double) -> String { Plan.shortTime(seconds) }

  static func shortTime(_ seconds: Double) -> String {
    if seconds <= 0 { return "0" }
    if seconds < 1e-3 { return "\(rounded(seconds * 1e6, 3)) us" }
    return seconds < 1 ? "\(rounded(seconds * 1e3, 3)) ms" : "\(rounded(seconds, 3)) s"
  }

  private func percent(_ share: Double) -> String { fixed(100 * share, decimals: share < 0.1 ? 1 : 0) + " %" }
}

extension Plan {
  var json: JSON {
    func triple(_ t: Triple) -> JSON { .list((0..<division.grid.dimensions).map { .integer(t[$0]) }) }
    // What is sent once in several steps may be no whole number in each.
    func perStep(_ count: Int) -> JSON {
      count % own.depth == 0 ? .integer(count / own.depth) : .number(Double(count) / Double(own.depth))
    }
    func layout(_ one: Forecast) -> JSON {
      .object([
        ("ranks", .integer(one.ranks)), ("threads", .integer(one.threads)),
        ("decomposition", triple(one.decomposition.ranks)), ("seconds_per_step", .number(one.step.total)),
        ("efficiency", .number(one.efficiency)), ("depth", .integer(one.depth)),
      ])
    }
    return .object([
      ("title", .text(core.title)), ("solver", .text(core.solver)), ("precision", .text(core.precision.rawValue)),
      ("cells", triple(division.grid.cells)), ("ranks", .integer(options.ranks)),
      ("threads", .integer(options.threads)),
      ("hosts", .integer(own.hosts)), ("decomposition", triple(own.decomposition.ranks)),
      ("cells_per_rank", .integer(own.cells)), ("depth", .integer(own.depth)),
      ("depth_is", .text(depthSource.rawValue)),
      ("redundancy", .number(own.redundancy)), ("messages_per_step", perStep(own.traffic.messages)),
      ("halo_bytes_per_step", perStep(own.traffic.bytes)), ("exchanges_per_step", perStep(own.traffic.exchanges)),
      ("messages_per_step_of_all", total.map { perStep($0.messages) } ?? .null),
      ("halo_bytes_per_step_of_all", total.map { perStep($0.bytes) } ?? .null),
      (
        "memory_per_rank",
        .object([
          ("total", .integer(memory.total)), ("fields", .integer(memory.fields)),
          ("messages", .integer(memory.buffers)),
          ("output", .integer(memory.output)), ("checkpoint", .integer(memory.checkpoint)),
          ("program", .integer(memory.program)),
        ])
      ),
      ("stability_limit", .number(stabilityLimit)), ("stability_limit_is_of_all_cells", .bool(isLimitSure)),
      ("time_step", .number(longestStep)), ("steps", .integer(steps)),
      ("steps_are_exact", .bool(!isVarying && isLimitSure)),
      ("records", .integer(records)), ("record_bytes", .integer(recordBytes)), ("file_bytes", .integer(fileBytes)),
      (
        "seconds",
        .object([
          ("total", .number(wallSeconds)), ("steps", .number(steppingSeconds)), ("output", .number(outputSeconds)),
          ("initial_state", .number(setupSeconds)),
        ])
      ),
      (
        "seconds_per_step",
        .object([
          ("total", .number(own.step.total)), ("compute", .number(own.step.compute)),
          ("packing", .number(own.step.packing)), ("latency", .number(own.step.latency)),
          ("transfer", .number(own.step.transfer)), ("hidden", .number(own.step.hidden)),
        ])
      ),
      ("gcell_per_second", .number(rate / 1e9)), ("efficiency", .number(own.efficiency)),
      ("memory_bandwidth_share", .number(bandwidthShare)), ("limited_by", .text(limitedBy)),
      ("layouts", .list(layouts.map(layout))), ("largest_useful", mostUseful.map(layout) ?? .null),
      (
        "constants",
        .object([
          ("cores_per_host", .integer(model.coresPerHost)), ("core_bandwidth", .number(model.coreBandwidth)),
          ("seconds_per_cell", .number(model.secondsPerCell(depth: own.depth))),
          ("seconds_per_cell_in_cache", model.secondsPerCellInCache.map { .number($0) } ?? .null),
          ("step_overhead", .number(model.overhead)),
          ("message_latency", .number(model.messages.latency)),
          ("message_bandwidth", .number(model.messages.bandwidth)),
          ("network_latency", .number(model.network.latency)), ("network_bandwidth", .number(model.network.bandwidth)),
          ("output_bandwidth", .number(outputBandwidth)),
        ])
      ),
    ])
  }
}
