internal import Glibc
import MPI
public import Stencils

/// A solver that a command offers, in single and in double precision.
public struct SolverChoice {
  let name: String
  let schema: Schema
  let float: (Run) throws -> Void
  let double: (Run) throws -> Void

  public init<F: Solver, D: Solver>(_ float: F.Type, _ double: D.Type) where F.Scalar == Float, D.Scalar == Double {
    precondition(F.name == D.name, "a choice is one solver in two precisions")
    name = D.name
    schema = D.schema
    self.float = { try $0.execute(F.self) }
    self.double = { try $0.execute(D.self) }
  }
}

/// The command line of a program built on this library.
public enum Simulation {
  public static let version = "0.1.0"

  /// Runs the command: `COMMAND [run] CONFIG.toml [options]`. Does not return before the run has ended.
  public static func main(_ command: String, solvers: [SolverChoice]) {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") || arguments.contains("-h") { return writeAll(help(command), to: STDOUT_FILENO) }
    if arguments.contains("--version") { return writeAll(versionText(command), to: STDOUT_FILENO) }
    withMPI { world in
      let options = try Options(arguments, command: command)
      let text = try readText(options.file, on: world)
      let configuration = try Configuration(
        text: text, file: options.file, overrides: options.overrides,
        solvers: solvers.map { ($0.name, $0.schema) })
      let solver = solvers.first { $0.name == configuration.core.solver }!
      let run = try Run(world, configuration, options, command: command)
      switch configuration.core.precision {
      case .float: try solver.float(run)
      case .double: try solver.double(run)
      }
    }
  }

  /// The configuration's text, read on rank 0 so that it is the same on all.
  private static func readText(_ path: String, on world: Communicator) throws -> String {
    try OutputError.agreed(on: world, path: path) { () throws(OutputError) in
      if world.rank == 0 { _ = try contents(of: path) }
    }
    var bytes: [UInt8] = []
    if world.rank == 0 { bytes = try contents(of: path) }
    return String(decoding: try world.broadcastVariable(bytes, from: 0), as: UTF8.self)
  }

  private static func contents(of path: String) throws(OutputError) -> [UInt8] {
    let action = "read the configuration"
    guard let file = fopen(path, "r") else { throw OutputError(path: path, action: action, errno: errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    if ferror(file) != 0 { throw OutputError(path: path, action: action, errno: errno) }
    return bytes
  }

  private static func help(_ command: String) -> String {
    """
    \(command): simulations on structured grids, on any number of ranks and threads, with the same bits.

    usage: [mpirun -np RANKS] \(command) [run] CONFIG.toml [options]

      --threads N        threads a rank; else [parallel] threads, SLURM_CPUS_PER_TASK, OMP_NUM_THREADS, or the
                         cores that the launcher left to the rank
      --set KEY=VALUE    overrides a value of the configuration, as in --set time.end=2.5; may be repeated
      --report FILE      writes the summary as JSON there; else it is run.json beside the output
      --quiet            tells nothing but warnings, the fingerprint and errors
      --help, --version

    The exit status is 0 only when the run reached its end and everything is written.

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
  var report: String?
  let arguments: [String]

  init(_ arguments: [String], command: String) throws(UsageError) {
    self.arguments = arguments
    var rest = arguments[...]
    if rest.first == "run" { rest.removeFirst() }
    while let argument = rest.popFirst() {
      switch argument {
      case "--quiet", "-q": isQuiet = true
      case "--report":
        guard let path = rest.popFirst() else { throw UsageError("--report wants a file name behind it", command) }
        report = path
      case "--set":
        guard let override = rest.popFirst() else { throw UsageError("--set wants KEY=VALUE behind it", command) }
        overrides.append(override)
      case "--threads":
        guard let text = rest.popFirst(), let number = Int(text), (1...4096).contains(number) else {
          throw UsageError("--threads wants a whole number from 1 to 4096 behind it", command)
        }
        threads = number
      default:
        if argument.hasPrefix("-") {
          throw UsageError("there is no option \(argument)", command)
        }
        guard file.isEmpty else { throw UsageError("there are two configurations, \(file) and \(argument)", command) }
        file = argument
      }
    }
    if file.isEmpty { throw UsageError("a configuration is missing: \(command) CONFIG.toml", command) }
  }
}

/// A command line that makes no sense.
struct UsageError: ExitStatus, CustomStringConvertible {
  let description: String
  // As shells and compilers do.
  var exitStatus: Int32 { 2 }
  init(_ sentence: String, _ command: String) { description = "\(sentence); \(command) --help tells what there is" }
}
