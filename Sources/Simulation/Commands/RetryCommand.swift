internal import Glibc
import Stencils
import Synchronization

/// `run --retries N`: starts a run, and starts it again from its newest checkpoint when a rank or a host was lost.
enum RetryCommand {
  private static let child = Atomic<Int32>(0)

  /// Whether these arguments are for it. A process that a launcher started is one of those that are started again.
  static func isMeant(_ arguments: [String]) -> Bool {
    arguments.contains("--retries") && !Starter.isUnderLauncher
  }

  static func main(_ arguments: [String], command: String) {
    telling {
      var rest = Arguments(arguments, command: command)
      var retries = 0
      var ranks: Int?
      var launcher: String?
      var passed: [String] = []
      while let argument = rest.next() {
        switch argument {
        case "--retries": retries = try rest.integer(of: argument, in: 0...1_000_000)
        case "--ranks": ranks = try rest.integer(of: argument, in: 1...1_000_000)
        case "--launcher": launcher = try rest.value(of: argument, "a command, as in \"mpirun -np {ranks}\"")
        default: passed.append(argument)
        }
      }
      // What is wrong with the rest is told before anything is started.
      let options = try Options(passed, command: command)
      let starter = Starter(template: launcher)
      let prefix =
        ranks == nil && launcher == nil
        ? [] : starter.launch(Placing(ranksPerHost: ranks ?? 1, threads: options.threads ?? 1))
      forwardSignals()
      for attempt in 0...retries {
        // Only the first may be told to begin anew.
        let own = attempt == 0 ? passed : passed.filter { $0 != "--fresh" }
        let status = try Child.runInForeground(prefix + [starter.program] + own) {
          child.store($0, ordering: .relaxed)
        }
        // Below 128 the run itself has spoken: it has ended well, was asked to stop, or is wrong and stays so.
        if status < 128 || attempt == retries { exit(status) }
        writeAll(
          "warning: the run ended with status \(status), as when a rank or a host is lost; starting it again "
            + "(\(attempt + 1) of \(retries))\n", to: STDERR_FILENO)
      }
    }
  }

  /// Hands what asks a run to stop on to the run. An interrupt from the terminal reaches it by itself.
  private static func forwardSignals() {
    for number in [SIGTERM, SIGUSR1, SIGUSR2] {
      signal(number) { number in
        let process = RetryCommand.child.load(ordering: .relaxed)
        if process > 0 { kill(process, number) }
      }
    }
    signal(SIGINT) { _ in }
  }
}
