internal import Glibc
import MPI
import Stencils

/// The command line of a program built on this library.
public enum Simulation {
  public static let version = "0.1.0"

  /// Runs the command: `COMMAND [run] CONFIG.toml [options]`. Does not return before the run has ended.
  public static func main(_ command: String, solvers: [SolverChoice]) {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") || arguments.contains("-h") { return writeAll(help(command), to: STDOUT_FILENO) }
    if arguments.contains("--version") { return writeAll(versionText(command), to: STDOUT_FILENO) }
    if arguments.contains("--reference") {
      let text = ConfigurationReference.text(command: command, solvers: solvers.map { ($0.name, $0.schema) })
      return writeAll(text, to: STDOUT_FILENO)
    }
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "plan": return PlanCommand.main(rest, command: command, solvers: solvers)
    case "bench": return BenchCommand.main(rest, command: command, solvers: solvers)
    case "verify": return VerifyCommand.main(rest, command: command, solvers: solvers)
    case "probe": return ProbeCommand.main(rest, command: command)
    case "watch": return WatchCommand.main(rest, command: command)
    default: break
    }
    if RetryCommand.isMeant(arguments) { return RetryCommand.main(arguments, command: command) }
    withMPI { world in
      let options = try Options(arguments, command: command)
      let text = try readText(options.file, on: world)
      var configuration = try Configuration(
        text: text, file: options.file, overrides: options.overrides,
        solvers: solvers.map { ($0.name, $0.schema) })
      if options.isWithoutOutput { configuration.removeOutput() }
      let solver = solvers.first { $0.name == configuration.core.solver }!
      try MemoryCheck.run(configuration.core, on: world)
      let run = try Run(world, configuration, options, command: command)
      switch configuration.core.precision {
      case .float: try solver.float(run)
      case .double: try solver.double(run)
      }
    }
  }

  /// The configuration's text, read on rank 0 so that it is the same on all.
  private static func readText(_ path: String, on world: Communicator) throws -> String {
    // Once: a pipe gives its text only once.
    let mine = try OutputError.agreed(on: world, path: path) { () throws(OutputError) -> [UInt8] in
      world.rank == 0 ? try contents(of: path) : []
    }
    return try decoded(try world.broadcastVariable(mine, from: 0), path)
  }

  /// The text of a file, read by this process alone.
  static func text(of path: String) throws -> String { try decoded(try contents(of: path), path) }

  /// A configuration, read by this process alone.
  static func configuration(
    _ file: String, _ overrides: [String], _ solvers: [SolverChoice]
  ) throws -> Configuration {
    try Configuration(
      text: try text(of: file), file: file, overrides: overrides, solvers: solvers.map { ($0.name, $0.schema) })
  }

  private static func decoded(_ bytes: [UInt8], _ path: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw ConfigurationError(
        badPlace(in: bytes, of: path), "this is no text in UTF-8; a configuration is a TOML file")
    }
    return text
  }

  /// Where the first zero byte or the first byte that is not UTF-8 stands.
  private static func badPlace(in bytes: [UInt8], of path: String) -> SourceLocation {
    var whole = Array(bytes.prefix { $0 != 0 })
    // Decoding puts U+FFFD in the place of a bad byte.
    let text = String(decoding: whole, as: UTF8.self)
    if let first = text.unicodeScalars.firstIndex(of: "\u{FFFD}"), String(validating: whole, as: UTF8.self) == nil {
      whole = Array(text.unicodeScalars[..<first].map(Character.init).flatMap { Array(String($0).utf8) })
    }
    let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return SourceLocation(file: path, line: lines.count, column: lines.last!.count + 1)
  }

  private static func contents(of path: String) throws(OutputError) -> [UInt8] {
    let action = "read the configuration"
    // A configuration is written by hand; a device or the wrong file may be endless.
    let most = 16 << 20
    func failure(_ code: Int32) -> OutputError {
      let remedy =
        switch code {
        case ENOENT: "check its name, which is taken from where the command is started"
        case EISDIR: "name the file in it, as in \(path.hasSuffix("/") ? path : path + "/")config.toml"
        case ENOTDIR: "a part of its path is a file"
        default: ""
        }
      return OutputError(path: path, action: action, reason: String(cString: strerror(code)), remedy: remedy)
    }
    guard let file = fopen(path, "r") else { throw failure(errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
      if bytes.count > most {
        throw OutputError(
          path: path, action: action, reason: "it has more than \(most >> 20) MB", remedy: "name a TOML file")
      }
    }
    if ferror(file) != 0 { throw failure(errno) }
    return bytes
  }

  private static func help(_ command: String) -> String {
    """
    \(command): simulations on structured grids, on any number of ranks and threads, with the same bits.

    usage: [mpirun -np RANKS] \(command) [run] CONFIG.toml [options]
           \(command) plan CONFIG.toml [--ranks N] [--threads N] [--machine FILE] [--report FILE] [--set KEY=VALUE]
           \(command) bench CONFIG.toml [--steps N] [--repeats N] [--sizes N,N] [--layouts RxT,RxT]
                 [--launcher COMMAND] [--output NAME] [--set KEY=VALUE]
           \(command) watch DIR
           \(command) verify CONFIG.toml [--steps N] [--layouts RxT,RxT] [--depths N,N] [--launcher COMMAND]
                 [--set KEY=VALUE]

    run:

      --threads N        threads a rank; else [parallel] threads, SLURM_CPUS_PER_TASK, OMP_NUM_THREADS, or the
                         cores that the launcher left to the rank
      --set KEY=VALUE    overrides a value of the configuration, as in --set time.end=2.5; may be repeated
      --report FILE      writes the summary as JSON there, "-" being the standard output; else it is run.json beside
                         the output
      --no-output        writes no NetCDF file and no pictures
      --restart FILE     continues from this checkpoint; else from the newest whole one that is there
      --fresh            starts anew, removes the checkpoints of this run that are there, and tries anew how many steps
                         at once are fastest
      --time-limit TIME  stops in time with a checkpoint, after 90s, 30min or 2h; in a Slurm job its end is known
      --retries N        starts the ranks itself, --ranks N of them or as --launcher COMMAND says, and again from the
                         newest checkpoint, up to N times, when a rank or a host was lost
      --quiet            tells nothing but warnings, the fingerprint and errors
      --reference        prints the reference of all keys of the configuration, in Markdown
      --help, --version

    plan tells, before it costs anything, what a run on so many ranks and threads would take: memory, messages, steps,
    output and time, by a model whose constants are measured here or given in a machine file (docs/plan.md).

    bench runs the configuration, shortened and without output, at every layout of ranks and threads that the cores at
    hand allow, here or in a Slurm allocation, and tells which is fastest; it writes NAME.csv, NAME.json, NAME.png,
    NAME.svg and NAME.machine.toml (bench unless given):
      --steps N          steps of each run; else as many as take about a second
      --repeats N        how often each layout is run (5)
      --sizes N,N        cells along the longest axis, one scaling each; else the configuration's grid
      --layouts RxT,...  ranks x threads; else all
      --launcher COMMAND starts ranks, with {ranks}, {threads}, {hosts} and {ranks_per_host} replaced in it

    watch draws what a run beside whose output DIR/status.json lies is doing.

    verify runs the configuration, without output, on several layouts and at several depths, and compares the
    fingerprints; where they differ it finds the first step, field and cell that do:
      --steps N          steps of each run; else the whole run
      --layouts RxT,...  ranks x threads; else those of the cores at hand, and on one host up to 4 ranks in any case
      --depths N,...     steps run at once, each a number or auto (1,2,auto)
      --launcher COMMAND as for bench

    The exit status is 0 only when the run reached its end and everything is written. It is 75 when the run stopped
    before, for its time limit or by SIGTERM, SIGINT, SIGUSR1, SIGUSR2 or a file halo.stop beside the output, with a
    checkpoint from which the same command goes on.

    """
  }

  private static func versionText(_ command: String) -> String {
    #if DEBUG
      let build = "debug (numeric code runs about a hundred times slower than in a release build)"
    #else
      let build = "release"
    #endif
    return """
      \(command) \(version)
      build:  \(build), kernels for vectors of \(lanesInstructionBits) bits
      MPI:    \(libraryVersion())

      """
  }
}

/// What the command line says.
struct Options {
  var file = ""
  var overrides: [String] = []
  var threads: Int?
  var isQuiet = false
  var isWithoutOutput = false
  var restart = Restart.newest
  /// Seconds that the run may take, from its start.
  var timeLimit: Double?
  var report: String?
  /// Where the whole state at the end goes, for `verify`.
  var state: String?
  let arguments: [String]

  init(_ arguments: [String], command: String) throws(UsageError) {
    self.arguments = arguments
    var rest = Arguments(arguments.first == "run" ? arguments.dropFirst() : arguments[...], command: command)
    while let argument = rest.next() {
      switch argument {
      case "--quiet", "-q": isQuiet = true
      case "--no-output": isWithoutOutput = true
      case "--fresh": restart = .fresh
      case "--restart": restart = .from(try rest.value(of: argument, "a checkpoint"))
      case "--time-limit":
        guard let text = rest.next(), let seconds = CheckpointSettings.duration(text) else {
          throw UsageError("--time-limit wants a time behind it, as in 90s, 30min or 2h", command)
        }
        timeLimit = seconds
      case "--report": report = try rest.value(of: argument)
      case "--state": state = try rest.value(of: argument)
      case "--set": overrides.append(try rest.value(of: argument, "KEY=VALUE"))
      case "--retries", "--ranks":
        throw UsageError(
          "\(argument) is for a run that starts its ranks itself: leave mpirun out, as in \(command) run --retries 3 "
            + "--ranks 4 CONFIG.toml", command)
      case "--threads": threads = try rest.integer(of: argument, in: 1...4096)
      default: file = try rest.file(argument, after: file, options: Self.names)
      }
    }
    try rest.require(file)
  }

  // Those that a mistyped one may have meant.
  private static let names = [
    "--threads", "--set", "--report", "--no-output", "--quiet", "--help", "--version", "--reference", "--fresh",
    "--restart", "--time-limit", "--retries",
  ]
}

/// A command line that makes no sense.
struct UsageError: ExitStatus, CustomStringConvertible {
  let description: String
  // As shells and compilers do.
  var exitStatus: Int32 { 2 }
  init(_ sentence: String, _ command: String) {
    description = "\(sentence.onOneLine)\(sentence.hasSuffix("?") ? "" : ";") \(command) --help tells what there is"
  }
}
