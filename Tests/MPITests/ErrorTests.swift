import MPI
import Testing

extension OnEveryRank {
  @Suite struct ErrorTests {
    @Test func everyMessageCallReportsItsFailure() throws {
      var value = 1
      fails("MPI_Send") { try world.send(1, to: world.rank) }
      fails("MPI_Recv") { try world.receive(into: &value, from: world.rank) }
      fails("MPI_Mprobe") { _ = try world.receive([Int].self, from: world.rank) }
      fails("MPI_Sendrecv") { _ = try world.sendReceive(1, to: world.rank, from: world.rank) }
      fails("MPI_Probe") { _ = try world.probe(from: world.rank) }
      fails("MPI_Iprobe") { _ = try world.probeNow(from: world.rank) }
      fails("MPI_Isend") { try world.startSend([1], to: world.rank).wait() }
      fails("MPI_Irecv") { _ = try world.startReceive(filling: 1, count: 1, from: world.rank).wait() }
      fails("MPI_Wait") { try world.startSend([1], to: nil).wait() }
      fails("MPI_Test") {
        var request = try world.startSend([1], to: nil)
        _ = try request.test()
      }
      fails("MPI_Mrecv") { _ = try world.receive([Int].self, from: nil) }
    }

    @Test func everyPersistentCallReportsItsFailure() throws {
      let buffer = MessageBuffer([1])
      let requests = PersistentRequests(over: world)
      fails("MPI_Send_init") { try requests.addSend(of: buffer, to: nil) }
      fails("MPI_Recv_init") { try requests.addReceive(into: buffer, from: nil) }
      try requests.addSend(of: buffer, to: nil)
      fails("MPI_Startall") { try requests.start() }
      fails("MPI_Start") { try requests.start(0) }
      #expect(!requests.isActive)
      buffer[0] = 2
      fails("MPI_Wait") {
        try requests.start()
        try requests.wait()
      }
      #expect(!requests.isActive)
      fails("MPI_Test") {
        try requests.start()
        _ = try requests.test()
      }
      #expect(!requests.isActive)
      fails("MPI_Waitany") {
        try requests.start(0)
        _ = try requests.waitAny()
      }
      #expect(!requests.isActive)
      buffer[0] = 3
      try requests.start()
      try requests.wait()
    }

    @Test func anErrorIsOneSentence() throws {
      let error = #expect(throws: MPIError.self) {
        try ForcedFailure.during("MPI_Barrier", fails: .noMemory) { try world.barrier() }
      }
      let text = try #require(error).description
      #expect(text.hasPrefix("MPI_Barrier failed on rank \(world.rank): "))
      #expect(!text.contains("\n"))
      // Nothing is forced any more.
      try world.barrier()
    }
  }
}
