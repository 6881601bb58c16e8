import MPI
import Testing

extension OnEveryRank {
  @Suite struct IntercommunicatorTests {
    /// A communicator between the even and the odd ranks of the world, and this process's half; nil on one rank alone.
    private func halves() throws -> (half: Communicator, between: Intercommunicator)? {
      guard world.size > 1 else { return nil }
      let half = try #require(try world.split(color: world.rank % 2))
      // The leader of the even ranks is rank 0 of the world, that of the odd ones rank 1.
      let between = try half.intercommunicator(remoteLeader: 1 - world.rank % 2, over: world, tag: 5)
      return (half, between)
    }

    private var even: [Int] { (0..<world.size).filter { $0 % 2 == 0 } }
    private var odd: [Int] { (0..<world.size).filter { $0 % 2 == 1 } }
    private var isEven: Bool { world.rank % 2 == 0 }
    private var others: [Int] { isEven ? odd : even }

    @Test func eachGroupSeesTheOther() throws {
      guard let (half, between) = try halves() else { return }
      #expect(between.rank == half.rank && between.size == half.size && between.remoteSize == others.count)
      let remote = try between.remoteGroup()
      #expect(try remote.translate((0..<remote.size).map { $0 }, to: world.group()) == others)
      #expect(try between.group().compared(to: half.group()) == .identical)
      let copy: Intercommunicator = try between.duplicate()
      #expect(copy.remoteSize == others.count)
      #expect(try copy.compared(to: between) == .congruent)
      try copy.barrier()
    }

    @Test func messagesGoToTheOtherGroup() throws {
      guard let (half, between) = try halves() else { return }
      // The first of each group writes to all of the other.
      if half.rank == 0 {
        for rank in 0..<between.remoteSize { try between.send(world.rank * 100 + rank, to: rank) }
      }
      #expect(try between.receive(Int.self, from: 0) == (isEven ? 1 : 0) * 100 + half.rank)
      let request = try between.startSend([world.rank], to: half.rank < between.remoteSize ? half.rank : nil)
      if half.rank < between.remoteSize {
        #expect(try between.receive(Int.self, from: half.rank) == others[half.rank])
      }
      try request.wait()
    }

    @Test func bothGroupsBecomeOne() throws {
      guard let (_, between) = try halves() else { return }
      let all = try between.merged(isHigh: isEven)
      #expect(try all.allGather(world.rank) == odd + even)
    }

    @Test func oneProcessGivesToTheOtherGroup() throws {
      guard let (half, between) = try halves() else { return }
      // The last of the even ranks is the root.
      let last = even.count - 1
      let root: Intercommunicator.Root = isEven ? half.rank == last ? .thisProcess : .inThisGroup : .remote(last)
      #expect(try between.broadcast(world.rank, from: root) == (isEven ? world.rank : even[last]))
      var values = [world.rank, -1]
      try between.broadcast(&values, from: root)
      #expect(values == (isEven ? [world.rank, -1] : [even[last], -1]))

      let parts = root.isHere ? odd.flatMap { [$0, $0 * 10] } : []
      var mine = [0, 0]
      try between.scatter(parts, into: &mine, from: root)
      #expect(mine == (isEven ? [0, 0] : [world.rank, world.rank * 10]))

      var joined = [Int](repeating: 0, count: root.isHere ? 2 * odd.count : 0)
      try between.gather([world.rank, world.rank + 100], into: &joined, to: root)
      #expect(joined == (root.isHere ? odd.flatMap { [$0, $0 + 100] } : []))

      var sum = [0.0, 0.0]
      try between.reduce([Double(world.rank), 1], into: &sum, .sum, to: root)
      #expect(sum == (root.isHere ? [Double(odd.reduce(0, +)), Double(odd.count)] : [0, 0]))
    }

    @Test func bothGroupsGiveToEachOther() throws {
      guard let (_, between) = try halves() else { return }
      #expect(try between.allReduce(world.rank, .sum) == others.reduce(0, +))
      var greatest = [0, 0]
      try between.allReduce([world.rank, -world.rank], into: &greatest, .max)
      #expect(greatest == [others.max()!, -others.min()!])
      #expect(try between.allGather(world.rank) == others)
      // Two elements of each even rank, one of each odd rank.
      var received = [Int](repeating: 0, count: isEven ? odd.count : 2 * even.count)
      try between.allGather(isEven ? [world.rank, -1] : [world.rank], into: &received)
      #expect(received == (isEven ? odd : even.flatMap { [$0, -1] }))
      var exchanged = [Int](repeating: 0, count: others.count)
      try between.allToAll(others.map { world.rank * 100 + $0 }, into: &exchanged)
      #expect(exchanged == others.map { $0 * 100 + world.rank })
      try between.barrier()
    }

    @Test func aDisconnectedCommunicatorIsInvalid() throws {
      guard let (_, between) = try halves() else { return }
      try between.disconnect()
      let error = #expect(throws: MPIError.self) { try between.barrier() }
      #expect(error?.errorClass == .invalidCommunicator)
      let copy = try world.duplicate()
      try copy.disconnect()
    }

    @Test func everyIntercommunicatorCallReportsItsFailure() throws {
      fails("MPI_Intercomm_create") { _ = try world.intercommunicator(remoteLeader: 0, over: world) }
      fails("MPI_Comm_disconnect") { try world.duplicate().disconnect() }
      guard let (_, between) = try halves() else { return }
      fails("MPI_Comm_remote_size") { _ = try between.duplicate() }
      fails("MPI_Comm_remote_group") { _ = try between.remoteGroup() }
      fails("MPI_Intercomm_merge") { _ = try between.merged(isHigh: true) }
      var result = [0]
      fails("MPI_Barrier") { try between.barrier() }
      fails("MPI_Bcast") { _ = try between.broadcast(1, from: .remote(0)) }
      fails("MPI_Gather") { try between.gather(1, into: &result, to: .remote(0)) }
      fails("MPI_Scatter") { try between.scatter(1, into: &result, from: .remote(0)) }
      fails("MPI_Reduce") { try between.reduce(1, into: &result, .sum, to: .remote(0)) }
      fails("MPI_Allgather") { _ = try between.allGather(1) }
      fails("MPI_Allreduce") { _ = try between.allReduce(1, .sum) }
      fails("MPI_Alltoall") {
        var exchanged = others
        try between.allToAll(others, into: &exchanged)
      }
    }
  }
}

extension Intercommunicator.Root {
  fileprivate var isHere: Bool { if case .thisProcess = self { true } else { false } }
}
