internal import Glibc
import MPI

/// The arguments of a command, read one after the other.
struct Arguments {
  let command: String
  private var rest: ArraySlice<String>

  init(_ arguments: some Sequence<String>, command: String) {
    rest = Array(arguments)[...]
    self.command = command
  }

  mutating func next() -> String? { rest.popFirst() }

  /// What stands behind an option.
  mutating func value(of option: String, _ what: String = "a file name") throws(UsageError) -> String {
    guard let text = rest.popFirst() else { throw UsageError("\(option) wants \(what) behind it", command) }
    return text
  }

  /// A whole number behind an option.
  mutating func integer(of option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int {
    let what = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let text = try value(of: option, what)
    guard let number = Int(text), range.contains(number) else {
      throw UsageError("\(option) wants \(what) behind it, not \(text)", command)
    }
    return number
  }

  /// Takes an argument that is no known option: the configuration's name.
  func file(_ argument: String, after file: String, options: [String]) throws(UsageError) -> String {
    if argument.hasPrefix("-") {
      throw UsageError("unknown option \(argument); \(unknown(argument, among: options))", command)
    }
    guard file.isEmpty else { throw UsageError("there are two configurations, \(file) and \(argument)", command) }
    return argument
  }

  /// Throws where no configuration was named.
  func require(_ file: String, subcommand: String? = nil) throws(UsageError) {
    guard file.isEmpty else { return }
    let words = [command, subcommand, "CONFIG.toml"].compactMap { $0 }.joined(separator: " ")
    throw UsageError("a configuration is missing: add its name, as in \(words)", command)
  }
}

/// Runs what a single process does without MPI, and ends with one sentence where it fails.
func telling(_ body: () throws -> Void) {
  do { try body() } catch {
    writeAll("error: \(error)\n", to: STDERR_FILENO)
    exit((error as? any ExitStatus)?.exitStatus ?? 1)
  }
}
