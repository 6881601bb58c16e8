import TestSupport
import TestWorld
import Testing

/// Runs the tests of this target that use MPI, at several numbers of ranks.
@Suite(.serialized, .enabled(if: !isUnderMPI)) struct OutputAtSeveralRanks {
  @Test(arguments: [1, 2, 4]) func pass(ranks: Int) throws {
    try expectPass(testsNamed: "OutputTests.NetCDFTests", ranks: ranks)
  }
}
