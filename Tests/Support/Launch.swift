// Runs programs under mpirun and takes down how they end.

import Foundation

/// How a run ended and what it wrote.
public struct RunResult: Sendable, CustomStringConvertible {
  /// The exit status; 128 and the signal's number when one ended it; 124 or 137 when the time was up.
  public let status: Int32
  public let stdout: String
  public let stderr: String
  /// How long it took, in seconds.
  public let seconds: Double

  public var description: String {
    "status \(status) after \(seconds) s\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)"
  }
}

/// The folder in which the package's products are, which is where the running tests are.
public let buildDirectory: URL = testBundle.deletingLastPathComponent()

/// The file that holds the running tests.
public let testBundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()

/// Whether this process was started by `launch(testsNamed:ranks:)`, as one rank of several.
public let isUnderMPI = ProcessInfo.processInfo.environment["HALO_UNDER_MPIRUN"] != nil

/// The MPI implementation that the package was built with, as part of the name of its commands.
public var mpirun: String {
  #if HALO_MPICH
    "mpirun.mpich"
  #else
    // Without an alternative installed beside it, Open MPI's command has the plain name.
    FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun.openmpi") ? "mpirun.openmpi" : "mpirun"
  #endif
}

/// Runs a product of the package on a number of ranks.
///
/// - Parameters:
///   - program: the product's name, or the path of any program.
///   - ranks: how many processes; nil runs it alone, without mpirun.
///   - arguments: what the program is given.
///   - environment: variables to add to or to replace in this process's.
///   - directory: where it runs; nil is where the tests run.
///   - timeout: the seconds after which the run is ended.
public func launch(
  _ program: String, ranks: Int?, arguments: [String] = [], environment: [String: String] = [:],
  directory: URL? = nil, timeout: Int = 60
) throws -> RunResult {
  // Runs that are killed leave their shared memory behind: in a folder of its own it can be swept away.
  let memory = URL(filePath: "/dev/shm/halo-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: memory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: memory) }
  let path = program.contains("/") ? program : buildDirectory.appending(path: program).path
  var command = ["timeout", "-k", "5", "\(timeout)"]
  if let ranks {
    command += [mpirun]
    #if !HALO_MPICH
      command += ["--oversubscribe"]
    #endif
    command += ["-np", "\(ranks)"]
  }
  let shared = ["btl_vader", "osc_sm"].reduce(into: [:]) { $0["OMPI_MCA_\($1)_backing_directory"] = memory.path }
  return try run(
    command + [path] + arguments, environment: shared.merging(environment) { $1 }, directory: directory)
}

/// Runs the tests of this bundle whose names match `filter`, on a number of ranks.
public func launch(
  testsNamed filter: String, ranks: Int, environment: [String: String] = [:], timeout: Int = 120
) throws -> RunResult {
  try launch(
    testBundle.path, ranks: ranks,
    arguments: ["--testing-library", "swift-testing", "--filter", filter, "--no-parallel"],
    environment: environment.merging(["HALO_UNDER_MPIRUN": "1"]) { $1 }, timeout: timeout)
}

/// Runs a command, found along the search path, to its end.
public func run(_ command: [String], environment: [String: String] = [:], directory: URL? = nil) throws -> RunResult {
  // Files rather than pipes: a run that writes much cannot block on a reader, nor a stray process hold the pipe open.
  let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let files = [folder.appending(path: "out"), folder.appending(path: "err")]
  for file in files { try Data().write(to: file) }

  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  process.environment = launchEnvironment.merging(environment) { $1 }
  if let directory { process.currentDirectoryURL = directory }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = try FileHandle(forWritingTo: files[0])
  process.standardError = try FileHandle(forWritingTo: files[1])
  // Tests run on threads that block signals, and a new process inherits that.
  var none = sigset_t()
  var blocked = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, &blocked)
  defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
  let start = Date()
  try process.run()
  process.waitUntilExit()
  let seconds = Date().timeIntervalSince(start)
  let wasSignalled = process.terminationReason == .uncaughtSignal
  return RunResult(
    status: wasSignalled ? 128 + process.terminationStatus : process.terminationStatus,
    stdout: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
    stderr: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self), seconds: seconds)
}

/// A folder for caches in which nothing can be kept: no test depends on what runs before it have found out, and none
/// leaves anything for the user's own runs.
public let noCache = "/dev/null/cache"

/// This process's variables without what a launcher left in them, which would make a new run part of the old one, and
/// with the permission to run as root, which containers need. A backtrace of a program that is meant to trap takes
/// seconds, and nobody looks at it.
private var launchEnvironment: [String: String] {
  var result = ProcessInfo.processInfo.environment.filter { name, _ in
    !["OMPI_COMM_", "PMI_", "PMIX_", "SLURM_", "HALO_UNDER_"].contains { name.hasPrefix($0) }
  }
  result["SWIFT_BACKTRACE"] = "enable=no"
  result["XDG_CACHE_HOME"] = noCache
  result["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
  result["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
  return result
}
