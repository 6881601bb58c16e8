// Programs that a running program starts.

internal import CMPI
internal import Glibc

/// A program to start, and how often.
public struct ProgramLaunch {
  /// Its path, or its name where the launcher looks for programs.
  public var program: String
  /// What it is given on its command line, without its own name.
  public var arguments: [String]
  /// How many processes of it to start; with the hint `soft`, at most.
  public var processes: Int
  /// Where and how to start it: `host`, `workingDirectory`, `path`, `soft` and what the launcher knows besides.
  public var info: Info?

  /// - Parameters:
  ///   - program: its path, or its name where the launcher looks for programs.
  ///   - arguments: what it is given on its command line, without its own name.
  ///   - processes: how many processes of it to start.
  ///   - info: hints on where and how to start it.
  public init(_ program: String, arguments: [String] = [], processes: Int, info: Info? = nil) {
    require(
      processes > 0 && processes <= Int(CInt.max),
      "A program is started as 1 to 2147483647 processes, not \(processes).")
    self.program = program
    self.arguments = arguments
    self.processes = processes
    self.info = info
  }
}

extension Communicator {
  /// Starts processes of a program, which share a world of their own and find this group in `Intercommunicator.parent`.
  ///
  /// - Parameters:
  ///   - program: its path, or its name where the launcher looks for programs.
  ///   - arguments: what it is given on its command line, without its own name.
  ///   - processes: how many processes of it to start; with the hint `soft`, at most.
  ///   - info: hints on where and how to start it.
  ///   - root: the rank whose arguments count; those of the others are not looked at.
  /// - Returns: a communicator whose remote group are the started processes.
  /// - Throws: `MPIError` when the launcher cannot start them. With Open MPI it must have room for them: start the first
  ///   program with `--oversubscribe` or with enough slots; a program that does not exist ends the whole run there.
  ///   MPICH as Debian builds it, over UCX, starts none.
  ///
  /// All processes of the group must call it, and the started ones `withMPI`; it returns when these have. The
  /// corresponding MPI function is `MPI_Comm_spawn`.
  public func spawn(
    _ program: String, arguments: [String] = [], processes: Int, info: Info? = nil, root: Int = 0
  ) throws(MPIError) -> Intercommunicator {
    let launch = ProgramLaunch(program, arguments: arguments, processes: processes, info: info)
    let root = checkedRoot(root)
    var result = cmpi_comm_null()
    try withCStrings(launch.arguments) { (arguments) throws(MPIError) in
      try check("MPI_Comm_spawn") {
        MPI_Comm_spawn(
          program, arguments, CInt(processes), infoHandle(info), root, handle, &result, cmpi_errcodes_ignore())
      }
    }
    return try Intercommunicator.make(result)
  }

  /// Starts processes of several programs, or of one with different arguments, which share one world.
  ///
  /// - Parameters:
  ///   - launches: the programs; their processes have ranks in this order. `Communicator.applicationNumber` tells each
  ///     which it is.
  ///   - root: the rank whose arguments count; those of the others are not looked at.
  /// - Returns: a communicator whose remote group are the started processes.
  /// - Throws: as for one program.
  ///
  /// All processes of the group must call it, and the started ones `withMPI`; it returns when these have. The
  /// corresponding MPI function is `MPI_Comm_spawn_multiple`.
  public func spawn(_ launches: [ProgramLaunch], root: Int = 0) throws(MPIError) -> Intercommunicator {
    require(!launches.isEmpty, "At least one program is to be started.")
    let root = checkedRoot(root)
    let counts = launches.map { CInt($0.processes) }
    let infos = launches.map { infoHandle($0.info) }
    var result = cmpi_comm_null()
    try withCStrings(launches.map(\.program)) { (programs) throws(MPIError) in
      try withCStringLists(launches.map(\.arguments)) { (arguments) throws(MPIError) in
        try check("MPI_Comm_spawn_multiple") {
          MPI_Comm_spawn_multiple(
            CInt(launches.count), programs, arguments, counts, infos, root, handle, &result, cmpi_errcodes_ignore())
        }
      }
    }
    return try Intercommunicator.make(result)
  }
}

extension Intercommunicator {
  // The one object for it, so that what `disconnect` does is seen by all. Used by MPI's thread only.
  nonisolated(unsafe) private static var knownParent: Intercommunicator?

  /// The way to the processes that started this one with `spawn`; nil when none did, or after `disconnect`.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_get_parent`.
  public static var parent: Intercommunicator? {
    get throws(MPIError) {
      var handle = cmpi_comm_null()
      try check("MPI_Comm_get_parent") { MPI_Comm_get_parent(&handle) }
      if handle == cmpi_comm_null() { return nil }
      if let knownParent, knownParent.handle == handle { return knownParent }
      let parent = try make(handle, isOwned: false)
      knownParent = parent
      return parent
    }
  }
}

/// Calls `body` with a list of C strings that ends in NULL.
private func withCStrings(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) throws(MPIError) -> Void
) throws(MPIError) {
  var list = strings.map { strdup($0) } + [nil]
  defer { for string in list { free(string) } }
  try list.withUnsafeMutableBufferPointer { (list) throws(MPIError) in try body(list.baseAddress!) }
}

/// Calls `body` with a list of lists of C strings, each of which ends in NULL.
private func withCStringLists(
  _ lists: [[String]],
  _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>) throws(MPIError) -> Void
) throws(MPIError) {
  var pointers: [UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?] = lists.map { strings in
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { (list + index).initialize(to: strdup(string)) }
    (list + strings.count).initialize(to: nil)
    return list
  }
  defer {
    for (list, strings) in zip(pointers, lists) {
      for index in strings.indices { free(list![index]) }
      list!.deallocate()
    }
  }
  try pointers.withUnsafeMutableBufferPointer { (pointers) throws(MPIError) in try body(pointers.baseAddress!) }
}
