// Tests that run on every rank at once: a test process under mpirun has one MPI world, and a test outside of it starts
// the tests of its bundle again at several numbers of ranks.

import Glibc
package import MPI
import TestSupport
import Testing

/// The ranks of a test process that mpirun started.
package enum World {
  // Tests move between threads, one call of MPI at a time.
  nonisolated(unsafe) private static let environment: Environment = {
    atexit { World.finish() }
    do {
      return try Environment.start(.serialized)
    } catch {
      fatalError("MPI does not start: \(error)")
    }
  }()

  private static func finish() {
    do { try environment.finish() } catch { fatalError("MPI does not end: \(error)") }
  }

  package static var communicator: Communicator { environment.world }
  package static var rank: Int { communicator.rank }
  package static var size: Int { communicator.size }

  package static func barrier() {
    do { try communicator.barrier() } catch { fatalError("\(error)") }
  }

  /// A communicator of the first `size` ranks; nil on the others.
  package static func first(_ size: Int) throws -> Communicator? {
    try communicator.split(color: rank < size ? 0 : nil)
  }
}

/// Runs the tests of this bundle whose names match `filter` on a number of ranks, and expects that they pass on each.
package func expectPass(
  testsNamed filter: String, ranks: Int, environment: [String: String] = [:], timeout: Int = 300
) throws {
  let run = try launch(testsNamed: filter, ranks: ranks, environment: environment, timeout: timeout)
  #expect(run.status == 0, "\(run)")
  // A filter that names no test, or a rank that ran none, would pass as well.
  let lines = (run.stdout + run.stderr).split(separator: "\n")
  let passes = lines.count { line in
    line.contains("Test run with ") && line.contains(" passed after ") && !line.contains(" 0 tests ")
  }
  #expect(passes == ranks, "\(run)")
}
