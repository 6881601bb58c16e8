// Starts the tests of this bundle under mpirun, on several numbers of ranks.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: !isUnderMPI)) struct LaunchTests {
  static var sizes: [Int] {
    // MPICH's processes never yield a core: more of them than a few take minutes.
    mpirun == "mpirun.mpich" ? [1, 2, 3, 4] : [1, 2, 3, 4, 7]
  }

  @Test(arguments: sizes) func passOnEveryRank(ranks: Int) throws {
    let result = try launch(testsNamed: "MPITests", ranks: ranks, timeout: 300)
    #expect(result.status == 0, "\(result)")
    // A run that skips everything passes too: one of the tests must have run on every rank.
    let lines = (result.stdout + result.stderr).split(separator: "\n")
    let runs = lines.count { $0.contains("Test theRunHasAsManyRanksAsItWasStartedWith() passed") }
    #expect(runs == ranks, "\(result)")
  }

  @Test(.enabled(if: mpirun != "mpirun.mpich")) func gridsOfEightProcessesPass() throws {
    let result = try launch(testsNamed: "TopologyTests", ranks: 8)
    #expect(result.status == 0, "\(result)")
  }
}
