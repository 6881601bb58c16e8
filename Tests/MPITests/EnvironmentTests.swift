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

    @Test func theLibraryTellsItsVersion() throws {
      _ = world.size
      let version = try standardVersion()
      #expect(version.major > 3 || version.major == 3 && version.minor >= 1)
      // The short form is the first line of the long one, with single spaces.
      let first = try #require(libraryText().split(whereSeparator: \.isNewline).first)
      #expect(first.split(whereSeparator: \.isWhitespace).joined(separator: " ") == libraryVersion())
    }

    @Test func theTestsKnowTheirThread() throws {
      #expect(isMPIStarted && !isMPIEnded && world.size > 0)
      // MPI was started by this thread or by another one of the test runner. A new one has not done it, but may have the
      // number of one that is no more: of two at a time only one can.
      nonisolated(unsafe) let answers = UnsafeMutablePointer<Bool?>.allocate(capacity: 2)
      answers.initialize(repeating: nil, count: 2)
      defer { answers.deallocate() }
      let threads = (0..<2).map { index in
        Thread {
          answers[index] = (try? isMainThread()) ?? true
          // Both live until both have asked.
          while answers[1 - index] == nil { usleep(1000) }
        }
      }
      for thread in threads { thread.start() }
      while threads.contains(where: { !$0.isFinished }) { usleep(1000) }
      #expect(answers[0] == false || answers[1] == false)
    }

    @Test func timeGoesOn() throws {
      _ = world.size
      let start = wtime()
      usleep(20_000)
      let passed = wtime() - start
      #expect(passed >= 0.02 && passed < 10)
      #expect(wtick() > 0 && wtick() <= 0.01)
    }

    @Test func everyEnvironmentCallReportsItsFailure() throws {
      fails("MPI_Query_thread") { _ = try threadLevel() }
      fails("MPI_Is_thread_main") { _ = try isMainThread() }
      fails("MPI_Get_version") { _ = try standardVersion() }
      fails("MPI_Comm_get_attr") { _ = try isWtimeGlobal() }
    }
  }
}
