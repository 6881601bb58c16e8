import Foundation
import MPI
import Testing

extension OnEveryRank {
  @Suite struct EnvironmentTests {
    @Test func theRunHasAsManyRanksAsItWasStartedWith() throws {
      let variables = ProcessInfo.processInfo.environment
      let size = variables["OMPI_COMM_WORLD_SIZE"] ?? variables["PMI_SIZE"]
      let rank = variables["OMPI_COMM_WORLD_RANK"] ?? variables["PMI_RANK"]
      #expect(size.flatMap { Int($0) } == world.size)
      #expect(rank.flatMap { Int($0) } == world.rank)
      #expect(world.launcherMismatch == nil)
    }

    @Test func mpiRunsAtTheLevelThatWasAskedFor() throws {
      #expect(world.size > 0 && isMPIRunning)
      #expect(try threadLevel() >= .serialized)
    }

    @Test func theLibraryAndTheHostHaveNames() throws {
      let library = libraryVersion()
      #expect(library.contains("Open MPI v") || library.contains("MPICH Version"))
      #expect(!library.contains("\n"))
      var name = [CChar](repeating: 0, count: 256)
      gethostname(&name, name.count)
      let host = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      #expect(processorName() == host)
    }

    @Test func timeGoesOn() throws {
      _ = world.size
      let start = wtime()
      usleep(20_000)
      let passed = wtime() - start
      #expect(passed >= 0.02 && passed < 10)
    }

    @Test func everyEnvironmentCallReportsItsFailure() throws {
      fails("MPI_Query_thread") { _ = try threadLevel() }
    }
  }
}
