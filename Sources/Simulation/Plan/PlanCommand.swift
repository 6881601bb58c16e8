internal import Glibc
import MPI
import Stencils
import Threads

/// What the command line of `plan` says.
struct PlanOptions {
  var file = ""
  var overrides: [String] = []
  var ranks = 1
  var threads = 1
  /// The file with the machine's constants.
  var machine: String?
  /// Where the plan is written as JSON; "-" for the standard output, which then holds nothing else.
  var report: String?

  private static let names = ["--ranks", "--threads", "--set", "--machine", "--report"]

  init(_ given: some Sequence<String>, command: String) throws(UsageError) {
    var arguments = Arguments(given, command: command)
    while let argument = arguments.next() {
      switch argument {
      case "--ranks": ranks = try arguments.integer(of: argument, in: 1...1_000_000)
      case "--threads": threads = try arguments.integer(of: argument, in: 1...4096)
      case "--set": overrides.append(try arguments.value(of: argument, "KEY=VALUE"))
      case "--machine": machine = try arguments.value(of: argument)
      case "--report": report = try arguments.value(of: argument)
      default: file = try arguments.file(argument, after: file, options: Self.names)
      }
    }
    try arguments.require(file, subcommand: "plan")
  }
}

/// `heatsim plan CONFIG.toml --ranks N --threads T`.
enum PlanCommand {
  static func main(_ given: [String], command: String, solvers: [SolverChoice]) {
    telling {
      try refuseUnderLauncher("plan", command)
      let options = try PlanOptions(given, command: command)
      let configuration = try Simulation.configuration(options.file, options.overrides, solvers)
      var constants =
        try options.machine.map {
          try MachineConstants(text: try Simulation.text(of: $0), file: $0)
        } ?? MachineConstants()
      if let report = options.report, report != "-" { _ = try OutputPath.check(report) }
      var notes: [String] = []
      measureMessages(&constants, options, &notes)
      let solver = solvers.first { $0.name == configuration.core.solver }!
      withMPI { world in
        let planner = Planner(configuration, options, constants, on: world)
        switch configuration.core.precision {
        case .float: try solver.planFloat(planner)
        case .double: try solver.planDouble(planner)
        }
        try tell(planner.plan!, options, notes)
      }
    }
  }

  /// Two ranks here tell what messages within a host cost. They are other processes, which end before MPI starts in this.
  private static func measureMessages(
    _ constants: inout MachineConstants, _ options: PlanOptions, _ notes: inout [String]
  ) {
    let cores = constants.cores ?? max(Machine.shared.allowedCores.count, options.threads)
    let hosts = (options.ranks + max(1, cores / options.threads) - 1) / max(1, cores / options.threads)
    if hosts > 1, constants.network == nil {
      let link = MachineConstants.assumedNetwork
      notes.append(
        "between hosts \(rounded(link.latency * 1e6, 3)) us and \(rounded(link.bandwidth / 1e9, 3)) GB/s are assumed; "
          + "[network] of a machine file says better")
    }
    guard options.ranks > 1, constants.messages == nil else { return }
    let starter = Starter(template: nil)
    let isRoomy = starter.coresPerHost > 1
    let told = isRoomy ? try? starter.run(Placing(ranksPerHost: 2, threads: 1), ["probe", "--messages"]) : nil
    if let told, told.status == 0, let figures = JSON(reading: told.output).flatMap({ ProbeFigures($0) }),
      let latency = figures.latency, let bandwidth = figures.messageBandwidth
    {
      constants.messages = MachineConstants.Link(latency: latency, bandwidth: bandwidth)
    } else {
      let link = MachineConstants.assumedMessages
      notes.append(
        "messages within a host could not be measured with \(starter.name): \(rounded(link.latency * 1e6, 3)) us and "
          + "\(rounded(link.bandwidth / 1e9, 3)) GB/s are assumed; [messages] of a machine file says better")
    }
  }

  private static func tell(_ plan: Plan, _ options: PlanOptions, _ notes: [String]) throws {
    if options.report == "-" { return writeAll(plan.json.serialized, to: STDOUT_FILENO) }
    writeAll(plan.lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
    for note in notes { writeAll("note: \(note)\n", to: STDOUT_FILENO) }
    for warning in plan.warnings { writeAll(warning + "\n", to: STDERR_FILENO) }
    if let report = options.report { try plan.json.write(to: report) }
  }
}

/// Ends the program, with one message of all processes, where a launcher has started it: it starts others itself.
func refuseUnderLauncher(_ subcommand: String, _ command: String) throws {
  guard Starter.isUnderLauncher else { return }
  withMPI { _ in
    throw UsageError(
      "\(subcommand) is one process that starts others itself: start it without mpirun, as in \(command) \(subcommand) "
        + "CONFIG.toml", command)
  }
}
