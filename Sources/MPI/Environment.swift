// The beginning and the end of MPI in a process, and what it says about itself.

internal import CMPI
internal import Glibc

/// What the threads of a process may do with MPI, from the least to the most.
public enum ThreadLevel: Int, Comparable, Sendable, CustomStringConvertible {
  /// The process has one thread.
  case single
  /// Only the thread that started MPI calls it.
  case funneled
  /// Any thread calls it, one at a time.
  case serialized
  /// Any thread calls it at any time.
  case multiple

  fileprivate var value: CInt {
    switch self {
    case .single: CInt(MPI_THREAD_SINGLE)
    case .funneled: CInt(MPI_THREAD_FUNNELED)
    case .serialized: CInt(MPI_THREAD_SERIALIZED)
    case .multiple: CInt(MPI_THREAD_MULTIPLE)
    }
  }

  public static func < (a: ThreadLevel, b: ThreadLevel) -> Bool { a.rawValue < b.rawValue }

  /// The standard's name of the level.
  public var description: String {
    switch self {
    case .single: "MPI_THREAD_SINGLE"
    case .funneled: "MPI_THREAD_FUNNELED"
    case .serialized: "MPI_THREAD_SERIALIZED"
    case .multiple: "MPI_THREAD_MULTIPLE"
    }
  }
}

/// Starts MPI, runs `body` with the communicator of all processes and ends MPI.
///
/// An error that leaves `body` ends the whole run with a nonzero status (see `ExitStatus`). When it is thrown on every
/// rank, as for a bad configuration, rank 0 prints it; when it is thrown on some only, the lowest of these prints it with
/// its rank and host, and ends the others. Either way it is printed once, as one line on the standard error.
///
/// When a launcher started several processes that do not know of each other, which happens with the launcher of another
/// MPI library, the first of them says so on the standard error (see `Communicator.launcherMismatch`); the program runs.
///
/// - Parameters:
///   - level: what threads will do with MPI; the run ends with a sentence when the library cannot provide it.
///   - body: the program, which may use MPI while it runs. Every communicator but the one passed in should be gone when
///     it returns, and every file be closed.
///
/// Every process must call it, once, from the thread that will use MPI. The corresponding MPI functions are
/// `MPI_Init_thread`, `MPI_Finalize` and, for an error on some ranks only, `MPI_Abort`.
public func withMPI<Result>(
  _ level: ThreadLevel = .funneled, _ body: (Communicator) throws -> Result
) -> Result {
  let environment: Environment
  do throws(MPIError) {
    environment = try Environment.start(level)
  } catch {
    Failure.endBeforeStart(error)
  }
  do {
    if let provided = environment.threadLevel, provided < level {
      throw InsufficientThreadLevel(wanted: level, provided: provided)
    }
    environment.warnOfLauncher()
    let result = try body(environment.world)
    try File.requireNoneOpen()
    try environment.finish()
    return result
  } catch {
    Failure.end(error, agreement: environment.agreement)
  }
}

/// MPI as started in this process. `withMPI` is the way to it for programs; tests hold one for the life of the process.
package final class Environment {
  /// All processes.
  package let world: Communicator
  /// The same processes, for agreeing on the end of the run after a failure: no message of the program can interfere.
  internal let agreement: Communicator
  /// The level that the library provides; nil when it reports none that the standard knows.
  package let threadLevel: ThreadLevel?

  private init(world: Communicator, agreement: Communicator, threadLevel: ThreadLevel?) {
    self.world = world
    self.agreement = agreement
    self.threadLevel = threadLevel
  }

  /// Starts MPI. The corresponding MPI function is `MPI_Init_thread`.
  package static func start(_ level: ThreadLevel) throws(MPIError) -> Environment {
    require(MemoryLayout<Int>.size == 8, "This library needs a machine with 64-bit addresses.")
    var isInitialized: CInt = 0
    try check("MPI_Initialized") { MPI_Initialized(&isInitialized) }
    require(isInitialized == 0, "MPI was started before: withMPI may run once in a process.")
    if cmpi_is_open_mpi() != 0 {
      // Open MPI's own MPI-IO writes the small strided blocks of many ranks one by one; through ROMIO, which it also
      // holds, collective writes of 64 ranks are ten times faster. A choice made by the user stands.
      setenv("OMPI_MCA_io", "romio321", 0)
    }
    if cmpi_is_open_mpi4() != 0 {
      // Debian switches off the component that makes windows over memory of the program work on one process and between
      // hosts. Of what is left, `rdma` crashes in MPI_Compare_and_swap between processes of one host (4.1.4): it comes
      // last, for runs in which all threads call MPI, which the others do not support.
      setenv("OMPI_MCA_osc", "^ucx", 0)
      setenv("OMPI_MCA_osc_rdma_priority", "5", 0)
    }
    var provided: CInt = 0
    try check("MPI_Init_thread") { MPI_Init_thread(nil, nil, level.value, &provided) }
    let world = try Communicator(handle: cmpi_comm_world(), isOwned: false)
    // Errors come back as codes instead of ending the process; communicators made from these inherit it.
    for handle in [cmpi_comm_world(), cmpi_comm_self()] {
      try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(handle, cmpi_errors_return()) }
    }
    let levels: [ThreadLevel] = [.single, .funneled, .serialized, .multiple]
    return Environment(
      world: world, agreement: try world.duplicate(), threadLevel: levels.first { $0.value == provided })
  }

  /// Says on the standard error, once, that a launcher started several processes that do not know of each other.
  fileprivate func warnOfLauncher() {
    guard let mismatch = world.launcherMismatch, isFirstOfLauncher(environmentVariable) else { return }
    Failure.print("warning: \(mismatch)")
  }

  /// Ends MPI. All processes must call it. The corresponding MPI function is `MPI_Finalize`.
  package func finish() throws(MPIError) {
    try check("MPI_Finalize") { MPI_Finalize() }
  }
}

/// The thread level that the program needs and the MPI library does not have.
private struct InsufficientThreadLevel: Error, CustomStringConvertible {
  let wanted: ThreadLevel
  let provided: ThreadLevel

  var description: String {
    "this program needs \(wanted), but the MPI library provides \(provided) only: use a library built with threads"
  }
}

/// Whether MPI has been started, even if it was ended since. The corresponding MPI function is `MPI_Initialized`.
public var isMPIStarted: Bool {
  var isInitialized: CInt = 0
  MPI_Initialized(&isInitialized)
  return isInitialized != 0
}

/// Whether MPI has been ended. The corresponding MPI function is `MPI_Finalized`.
public var isMPIEnded: Bool {
  var isFinalized: CInt = 0
  MPI_Finalized(&isFinalized)
  return isFinalized != 0
}

/// Whether MPI has been started and not yet ended. The corresponding MPI functions are `MPI_Initialized` and
/// `MPI_Finalized`.
public var isMPIRunning: Bool { isMPIStarted && !isMPIEnded }

/// The level that threads may use, as the library granted it at the start.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Query_thread`.
public func threadLevel() throws(MPIError) -> ThreadLevel {
  var provided: CInt = 0
  try check("MPI_Query_thread") { MPI_Query_thread(&provided) }
  let levels: [ThreadLevel] = [.multiple, .serialized, .funneled]
  return levels.first { $0.value == provided } ?? .single
}

/// The name of the host that this process runs on.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Get_processor_name`.
public func processorName() -> String {
  stringFromMPI(capacity: Int(MPI_MAX_PROCESSOR_NAME)) { MPI_Get_processor_name($0, $1) }
}

/// Whether this thread is the one that started MPI, which alone may use it at the level `funneled`.
///
/// Any thread may call it while MPI runs. The corresponding MPI function is `MPI_Is_thread_main`.
public func isMainThread() throws(MPIError) -> Bool {
  var isMain: CInt = 0
  try check("MPI_Is_thread_main") { MPI_Is_thread_main(&isMain) }
  return isMain != 0
}

/// The version of the MPI standard that the library follows, such as 3 and 1.
///
/// Any process may call it alone, even before MPI starts. The corresponding MPI function is `MPI_Get_version`.
public func standardVersion() throws(MPIError) -> (major: Int, minor: Int) {
  var (major, minor): (CInt, CInt) = (0, 0)
  try check("MPI_Get_version") { MPI_Get_version(&major, &minor) }
  return (Int(major), Int(minor))
}

/// All that the MPI library says about itself, in one line or in several.
///
/// Any process may call it alone, even before MPI starts. The corresponding MPI function is
/// `MPI_Get_library_version`.
public func libraryText() -> String {
  stringFromMPI(capacity: Int(MPI_MAX_LIBRARY_VERSION_STRING)) { MPI_Get_library_version($0, $1) }
}

/// The name and version of the MPI library, the first line of what it says about itself.
///
/// Any process may call it alone, even before MPI starts. The corresponding MPI function is
/// `MPI_Get_library_version`.
public func libraryVersion() -> String {
  let text = libraryText()
  let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? text
  return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// Seconds since some point in the past, which may differ between processes.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Wtime`.
public func wtime() -> Double { MPI_Wtime() }

/// The seconds between two ticks of the clock of `wtime`.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Wtick`.
public func wtick() -> Double { MPI_Wtick() }
