// How a run ends after an error: once in words, everywhere with a nonzero status.

internal import CMPI
internal import Glibc

/// An error that chooses the status with which the run ends.
public protocol ExitStatus: Error {
  /// The status, from 1 to 255; any other becomes 1.
  var exitStatus: Int32 { get }
  /// The line that is printed; "error: " and the error unless a type says otherwise.
  var line: String { get }
}

extension ExitStatus {
  public var line: String { "error: \(self)" }
}

internal enum Failure {
  // Requests that are dropped while an error unwinds must not hide it behind a trap. Used by MPI's thread only.
  nonisolated(unsafe) static var isUnderWay = false

  /// How long a failing rank waits for the others to fail as well, in seconds.
  private static let patience = 2.0
  /// How long a rank that leaves the word to a lower one waits to be ended by it, in seconds.
  private static let grace = 5.0
  private static let noticeTag: CInt = 1

  /// Ends the run after an error that left the program on this rank.
  ///
  /// Whether the others failed as well is found out with a nonblocking barrier on a communicator of its own: it
  /// completes when all have come here. Ranks that still compute, or wait for a message that will never be sent, do not,
  /// and then only `MPI_Abort` can reach them.
  static func end(_ error: any Error, agreement: Communicator) -> Never {
    let status = exitStatus(of: error)
    guard isMPIRunning else {
      print("error: \(error)")
      exit(status)
    }
    if allFail(agreement) {
      // Messages under way can keep MPI_Finalize from returning: the signal ends the process then.
      alarm(10)
      if agreement.rank == 0 { print(line(of: error)) }
      // A launcher ends the other ranks when the first leaves with a nonzero status: not before the line is out.
      MPI_Barrier(agreement.handle)
      MPI_Finalize()
      exit(status)
    }
    // MPI_Abort does not write out what waits in the buffers of the standard streams.
    fflush(nil)
    if lowerRankFails(agreement) {
      let end = wtime() + grace
      while wtime() < end { usleep(10_000) }
    } else {
      print("error (rank \(agreement.rank) on host \(processorName())): \(error)")
      // On MPI_Abort a launcher may end before it has passed on what it was sent.
      usleep(200_000)
    }
    MPI_Abort(cmpi_comm_world(), status)
    exit(status)
  }

  /// Ends this process after an error in starting MPI, when there is no way to ask the others.
  static func endBeforeStart(_ error: MPIError) -> Never {
    print("error: \(error)")
    exit(1)
  }

  private static func line(of error: any Error) -> String { (error as? any ExitStatus)?.line ?? "error: \(error)" }

  private static func exitStatus(of error: any Error) -> Int32 {
    let status = (error as? any ExitStatus)?.exitStatus ?? 1
    return (1...255).contains(status) ? status : 1
  }

  /// Whether all ranks come here within the time that we wait. Midway, tells the higher ranks that this one failed.
  private static func allFail(_ agreement: Communicator) -> Bool {
    var barrier = cmpi_request_null()
    guard MPI_Ibarrier(agreement.handle, &barrier) == MPI_SUCCESS else { return false }
    let start = wtime()
    var hasToldOthers = false
    while true {
      var done: CInt = 0
      guard MPI_Test(&barrier, &done, cmpi_status_ignore()) == MPI_SUCCESS else { return false }
      if done != 0 { return true }
      let waited = wtime() - start
      if waited > patience { return false }
      if waited > patience / 2 && !hasToldOthers {
        hasToldOthers = true
        tellHigherRanks(agreement)
      }
      usleep(200)
    }
  }

  /// Sends an empty message to each higher rank: those that fail as well then leave the word to this one.
  private static func tellHigherRanks(_ agreement: Communicator) {
    for rank in (agreement.rank + 1)..<max(agreement.size, agreement.rank + 1) {
      var request = cmpi_request_null()
      let code = MPI_Isend(nil, 0, cmpi_byte(), CInt(rank), noticeTag, agreement.handle, &request)
      // The run ends before anyone could wait for it.
      if code == MPI_SUCCESS { MPI_Request_free(&request) }
    }
  }

  private static func lowerRankFails(_ agreement: Communicator) -> Bool {
    var flag: CInt = 0
    var status = MPI_Status()
    let code = MPI_Iprobe(cmpi_any_source(), noticeTag, agreement.handle, &flag, &status)
    return code == MPI_SUCCESS && flag != 0
  }

  /// Writes one line to the standard error in one piece, so that the lines of several processes do not mix.
  static func print(_ line: String) {
    var bytes = Array("\(line)\n".utf8)
    bytes.withUnsafeMutableBytes { _ = write(STDERR_FILENO, $0.baseAddress!, $0.count) }
  }
}
