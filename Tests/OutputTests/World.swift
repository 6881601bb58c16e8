import Glibc
import MPI
import TestSupport
import Testing

/// The ranks of a test process that mpirun started.
enum World {
  // Tests move between threads, one call of MPI at a time.
  nonisolated(unsafe) private static let environment: Environment = {
    atexit { try? World.finish() }
    guard let environment = try? Environment.start(.serialized) else { fatalError("MPI does not start") }
    return environment
  }()

  private static func finish() throws { try environment.finish() }

  static var communicator: Communicator { environment.world }
  static var rank: Int { communicator.rank }
  static var size: Int { communicator.size }

  static func barrier() {
    do { try communicator.barrier() } catch { fatalError("\(error)") }
  }

  /// A communicator of the first `size` ranks; nil on the others.
  static func first(_ size: Int) throws -> Communicator? { try communicator.split(color: rank < size ? 0 : nil) }
}

/// Runs the tests of this target that use MPI, at several numbers of ranks.
@Suite(.serialized, .enabled(if: !isUnderMPI)) struct OutputAtSeveralRanks {
  @Test(arguments: [1, 2, 4]) func pass(ranks: Int) throws {
    let run = try launch(testsNamed: "OutputTests.NetCDFTests", ranks: ranks)
    #expect(run.status == 0, "\(run)")
    // A filter that names no test, or a rank that ran none, would pass as well.
    let passes = (run.stdout + run.stderr).split(separator: "\n").count { $0.contains("tests in 1 suite passed") }
    #expect(passes == ranks, "\(run)")
  }
}
