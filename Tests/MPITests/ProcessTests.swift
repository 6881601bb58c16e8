import Foundation
import MPI
import TestSupport
import Testing

extension OnEveryRank {
  /// Programs that start or find each other while they run. Debian's MPICH, over UCX, can do neither: there the calls
  /// throw.
  @Suite struct ProcessTests {
    private var isMPICH: Bool { mpirun == "mpirun.mpich" }
    private var program: String { buildDirectory.appending(path: "mpi-failing").path }

    /// Talks with processes of `child.swift`, of which `arguments` tells what each was given.
    private func talk(to children: Intercommunicator, arguments: [String], application: (Int) -> Int) throws {
      let count = arguments.count
      #expect(children.remoteSize == count && children.size == world.size)
      if world.rank == 0 {
        for rank in 0..<count {
          let facts = try children.receive([Int].self, from: rank, tag: 1)
          #expect(facts == [rank, count, world.size, application(rank), 1])
          let text = try children.receive([UInt8].self, from: rank, tag: 2)
          #expect(String(decoding: text, as: UTF8.self) == arguments[rank])
        }
      }
      #expect(try children.allReduce(10, .sum) == (1...count).reduce(0, +))
      do {
        let all = try children.merged(isHigh: false)
        #expect(try all.allGather(world.rank) == Array(0..<world.size) + (1...count).map { -$0 })
      }
      try children.disconnect()
    }

    @Test func aProgramIsStarted() throws {
      let arguments = ["child", "two words", ""]
      let start = { try world.spawn(program, arguments: arguments, processes: 2, info: Info(), root: world.size - 1) }
      if isMPICH {
        let error = #expect(throws: MPIError.self) { _ = try start() }
        #expect(error?.function == "MPI_Comm_spawn")
        return
      }
      let given = [String](repeating: "child|two words|", count: 2)
      try talk(to: start(), arguments: given, application: { _ in 0 })
    }

    @Test func severalProgramsAreStarted() throws {
      let launches = [
        ProgramLaunch(program, arguments: ["child", "a"], processes: 1),
        ProgramLaunch(program, arguments: ["child", "b", "c"], processes: 2, info: try Info()),
      ]
      if isMPICH {
        let error = #expect(throws: MPIError.self) { _ = try world.spawn(launches) }
        #expect(error?.function == "MPI_Comm_spawn_multiple")
        return
      }
      let given = ["child|a", "child|b|c", "child|b|c"]
      try talk(to: world.spawn(launches), arguments: given, application: { $0 == 0 ? 0 : 1 })
    }

    @Test func nobodyStartedTheTests() throws {
      _ = world.size
      #expect(try Intercommunicator.parent == nil)
    }

    @Test(.enabled(if: mpirun == "mpirun.mpich")) func withoutPortsTheCallsThrow() throws {
      let alone = try Communicator.selfOnly
      for (function, call) in [
        ("MPI_Open_port", { _ = try MPIPort() }), ("MPI_Comm_accept", { _ = try alone.accept(on: "tag#0$") }),
        ("MPI_Comm_connect", { _ = try alone.connect(to: "tag#0$") }),
        ("MPI_Lookup_name", { _ = try MPIPort.name(of: "nothing") }),
      ] as [(String, () throws -> Void)] {
        let error = #expect(throws: MPIError.self) { try call() }
        #expect(error?.function == function)
      }
    }

    @Test(.enabled(if: mpirun != "mpirun.mpich")) func groupsMeetAtAPort() throws {
      guard world.size > 1 else { return }
      let half = try #require(try world.split(color: world.rank % 2))
      let port = world.rank == 0 ? try MPIPort() : nil
      #expect(port?.name.isEmpty != true)
      let name = try world.broadcast(port?.name ?? "", from: 0)
      let between =
        world.rank % 2 == 0
        ? try half.accept(on: port?.name) : try half.connect(to: half.rank == 0 ? name : nil)
      #expect(between.remoteSize == world.size - half.size)
      #expect(try between.allReduce(1, .sum) == between.remoteSize)
      try between.disconnect()
    }

    @Test(.enabled(if: mpirun != "mpirun.mpich")) func portsAreFoundByServiceName() throws {
      // A name of its own for each run: several may be under way.
      let service = try world.broadcast("halo-test-\(getpid())", from: 0)
      let port = world.rank == 0 ? try MPIPort(info: Info()) : nil
      try port?.publish(as: service)
      let name = try world.broadcast(port?.name ?? "", from: 0)
      #expect(try MPIPort.name(of: service) == name)
      try world.barrier()
      try port?.unpublish(service)
      try world.barrier()
      let error = #expect(throws: MPIError.self) { _ = try MPIPort.name(of: service) }
      #expect(error?.function == "MPI_Lookup_name" && error?.errorClass == .unknownName)
    }

    /// A connection over the loopback interface from rank 1 to rank 0; nil on the other ranks.
    private func connection() throws -> CInt? {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let end = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      func with(_ body: (UnsafeMutablePointer<sockaddr>) -> CInt) -> CInt {
        withUnsafeMutablePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
      }
      if world.rank == 0 {
        #expect(with { bind(end, $0, length) } == 0 && listen(end, 1) == 0)
        #expect(with { getsockname(end, $0, &length) } == 0)
      }
      address.sin_port = try world.broadcast(address.sin_port, from: 0)
      if world.rank == 0 {
        defer { close(end) }
        return accept(end, nil, nil)
      }
      if world.rank == 1 {
        #expect(with { connect(end, $0, length) } == 0)
        return end
      }
      close(end)
      return nil
    }

    @Test func aSocketBecomesAnIntercommunicator() throws {
      guard world.size > 1, let socket = try connection() else { return }
      defer { close(socket) }
      if isMPICH {
        let error = #expect(throws: MPIError.self) { _ = try Intercommunicator.joining(socket: socket) }
        #expect(error?.function == "MPI_Comm_join")
        return
      }
      let between = try Intercommunicator.joining(socket: socket)
      #expect(between.size == 1 && between.remoteSize == 1)
      #expect(try between.sendReceive(world.rank, to: 0, from: 0) == 1 - world.rank)
      try between.disconnect()
    }

    @Test func everyProcessCallReportsItsFailure() throws {
      fails("MPI_Comm_spawn") { _ = try world.spawn(program, processes: 1) }
      fails("MPI_Comm_spawn_multiple") { _ = try world.spawn([ProgramLaunch(program, processes: 1)]) }
      fails("MPI_Comm_get_parent") { _ = try Intercommunicator.parent }
      fails("MPI_Open_port") { _ = try MPIPort() }
      fails("MPI_Comm_accept") { _ = try world.accept(on: "") }
      fails("MPI_Comm_connect") { _ = try world.connect(to: "") }
      fails("MPI_Comm_join") { _ = try Intercommunicator.joining(socket: 0) }
      fails("MPI_Lookup_name") { _ = try MPIPort.name(of: "x") }
      if isMPICH { return }
      let port = try MPIPort()
      fails("MPI_Publish_name") { try port.publish(as: "x") }
      fails("MPI_Unpublish_name") { try port.unpublish("x") }
    }
  }
}
