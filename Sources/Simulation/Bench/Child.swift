internal import Glibc

/// A program that was started and has ended.
struct Child {
  let status: Int32
  let output: String
  let errors: String

  /// The last line that tells what went wrong, for messages.
  var complaint: String {
    let lines = errors.split(separator: "\n").map(String.init)
    // What Swift's runtime says of a programmer's error.
    for line in lines {
      if let found = line.firstRange(of: "Fatal error: ") { return String(line[found.upperBound...]) }
    }
    let told = lines.first { $0.hasPrefix("error") } ?? lines.last { !$0.hasPrefix("---") && !$0.isEmpty }
    return told ?? "it ended with status \(status) and said nothing"
  }

  /// Starts a program, found along the search path, and waits for its end.
  /// - Parameters:
  ///   - removing: variables that it does not see, by how their names begin.
  ///   - setting: variables that it sees besides, unless they are set already.
  ///   - limit: seconds after which it is ended.
  static func run(
    _ command: [String], removing: [String] = [], setting: [(String, String)] = [], limit: Double = 900
  ) throws(ChildError) -> Child {
    guard let output = tmpfile(), let errors = tmpfile() else { throw ChildError("cannot make a temporary file") }
    defer {
      fclose(output)
      fclose(errors)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO)
    var variables = Self.environment.filter { variable in !removing.contains { variable.hasPrefix($0) } }
    for (name, value) in setting where !variables.contains(where: { $0.hasPrefix(name + "=") }) {
      variables.append("\(name)=\(value)")
    }
    let arguments = command.map { strdup($0) } + [nil]
    let environment = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process = pid_t()
    let code = posix_spawnp(&process, command[0], &actions, nil, arguments, environment)
    guard code == 0 else { throw ChildError("cannot start \(command[0]): \(String(cString: strerror(code)))") }
    let status = try wait(for: process, command[0], limit)
    return Child(status: status, output: text(output), errors: text(errors))
  }

  /// Starts a program whose input, output and errors are this one's, and waits for its end.
  /// - Parameter started: told the number of the process.
  /// - Returns: its status; 128 and the signal's number where one ended it.
  static func runInForeground(_ command: [String], started: (pid_t) -> Void) throws(ChildError) -> Int32 {
    let arguments = command.map { strdup($0) } + [nil]
    let environment = Self.environment.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process = pid_t()
    let code = posix_spawnp(&process, command[0], nil, nil, arguments, environment)
    guard code == 0 else { throw ChildError("cannot start \(command[0]): \(String(cString: strerror(code)))") }
    started(process)
    return try wait(for: process, command[0], .infinity)
  }

  private static func wait(for process: pid_t, _ name: String, _ limit: Double) throws(ChildError) -> Int32 {
    let began = monotonicTime()
    var status: Int32 = 0
    while true {
      let done = waitpid(process, &status, WNOHANG)
      if done == process { break }
      if done < 0, errno != EINTR { throw ChildError("lost sight of \(name): \(String(cString: strerror(errno)))") }
      if monotonicTime() - began > limit {
        kill(process, SIGTERM)
        usleep(2_000_000)
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        throw ChildError("\(name) had not ended after \(Int(limit)) s; it was stopped")
      }
      usleep(2000)
    }
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
  }

  private static func monotonicTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  private static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
    rewind(file)
    return String(decoding: bytes(of: file), as: UTF8.self)
  }

  private static func bytes(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// This process's variables as it was started with them, "NAME=VALUE": what MPI added since is not for others.
  private static var environment: [String] {
    guard let file = fopen("/proc/self/environ", "r") else { return [] }
    defer { fclose(file) }
    return bytes(of: file).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Why a program could not be run.
struct ChildError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
