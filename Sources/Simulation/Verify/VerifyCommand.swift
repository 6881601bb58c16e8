internal import Glibc
import MPI
import Stencils

/// `heatsim verify CONFIG.toml`: whether a run gives the same bits on every layout and at every depth.
enum VerifyCommand {
  static func main(_ given: [String], command: String, solvers: [SolverChoice]) {
    telling {
      try refuseUnderLauncher("verify", command)
      let options = try VerifyOptions(given, command: command)
      // What is wrong with the configuration is told once, before any run.
      let configuration = try Simulation.configuration(options.file, options.overrides, solvers)
      let verification = try Verification(options, configuration, command: command)
      guard let first = try verification.run() else { return }
      // Files are read through MPI, which starts no other processes once it is up.
      let difference = try verification.differenceOfStates(first)
      withMPI { _ in
        defer { difference.removeFiles() }
        throw VerifyError(try difference.sentence())
      }
    }
  }
}

/// What the command line of `verify` says.
struct VerifyOptions {
  var file = ""
  var overrides: [String] = []
  /// Steps of each run; nil for as many as the configuration asks for.
  var steps: Int?
  /// Ranks and threads; nil for those that the machine at hand allows.
  var layouts: [(ranks: Int, threads: Int)]?
  /// Steps run at once; 0 is what the engine chooses.
  var depths = [1, 2, 0]
  var launcher: String?

  private static let names = ["--steps", "--layouts", "--depths", "--launcher", "--set"]

  init(_ given: some Sequence<String>, command: String) throws(UsageError) {
    var arguments = Arguments(given, command: command)
    while let argument = arguments.next() {
      switch argument {
      case "--steps": steps = try arguments.integer(of: argument, in: 1...1_000_000_000)
      case "--layouts":
        layouts = try BenchOptions.layouts(try arguments.value(of: argument, "layouts, as in 4x1,2x2"), command)
      case "--depths":
        let text = try arguments.value(of: argument, "depths, as in 1,4,auto")
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = words.map { $0 == "auto" ? 0 : Int($0).flatMap { (1...64).contains($0) ? $0 : nil } }
        guard numbers.allSatisfy({ $0 != nil }) else {
          throw UsageError("--depths wants whole numbers from 1 to 64 or auto, as in 1,4,auto, not \(text)", command)
        }
        depths = numbers.map { $0! }
      case "--launcher": launcher = try arguments.value(of: argument, "a command, as in \"mpirun -np {ranks}\"")
      case "--set": overrides.append(try arguments.value(of: argument, "KEY=VALUE"))
      default: file = try arguments.file(argument, after: file, options: Self.names)
      }
    }
    try arguments.require(file, subcommand: "verify")
  }
}

/// What did not verify.
struct VerifyError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
