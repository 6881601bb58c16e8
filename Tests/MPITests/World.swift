// The tests that run on every rank at once. `LaunchTests` starts them under mpirun; run otherwise they are skipped.

import Foundation
import MPI
import TestSupport
import Testing

/// Every suite inside runs one test after another, in the same order on each rank, as collective calls need.
@Suite(.serialized, .enabled(if: isUnderMPI)) enum OnEveryRank {}

// The test process starts MPI at the first use and ends it when it exits. Tests run one at a time, though not all on one
// thread, which MPI_THREAD_SERIALIZED allows. A failure here leaves no test to run: it ends the process.
nonisolated(unsafe) private let environment: Environment = {
  do {
    let environment = try Environment.start(.serialized)
    guard environment.threadLevel ?? .single >= .serialized else {
      fatalError("The tests need MPI_THREAD_SERIALIZED.")
    }
    atexit { finishMPI() }
    return environment
  } catch {
    fatalError("\(error)")
  }
}()

private func finishMPI() {
  do { try environment.finish() } catch { fatalError("\(error)") }
}

/// All processes of the test run.
var world: Communicator { environment.world }

/// Runs a call whose MPI function is made to fail, and expects an error that says so.
func fails(_ function: String, _ call: () throws -> Void) {
  let error = #expect(throws: MPIError.self, "\(function)") {
    try ForcedFailure.during(function, fails: .noMemory, call)
  }
  #expect(error?.function == function)
  #expect(error?.errorClass == .noMemory)
  #expect(error?.rank == world.rank)
  #expect(error?.text.isEmpty == false)
}

/// For runs in which a rank traps: whatever the others still had to say does not matter, and Open MPI's mpirun need not
/// wait a second for it.
let atOnce = ["OMPI_MCA_odls_base_sigkill_timeout": "0"]
