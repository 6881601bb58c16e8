// A program that fails in the way that its first argument names, on the ranks that the rest names (all when none).
// The tests run it under mpirun and look at how the run ends.

import Glibc
import MPI

struct Refused: Error, CustomStringConvertible {
  let description: String
}

struct FullDisk: ExitStatus, CustomStringConvertible {
  let exitStatus: Int32 = 28
  let description = "the disk is full"
}

/// What the other ranks do: they wait for a message that never comes.
func waitForever(_ world: Communicator) throws {
  _ = try world.receive(Int.self, from: (world.rank + 1) % world.size, tag: 7)
}

func fail(_ mode: String, _ world: Communicator) throws {
  switch mode {
  case "none": print("rank \(world.rank) of \(world.size)")
  case "throw": throw Refused(description: "the plate is too hot")
  case "status": throw FullDisk()
  case "mpi": try ForcedMistake.provoke(world)
  case "trap":
    let values: [Int] = []
    print(values[world.rank])
  case "kill": kill(getpid(), SIGKILL)
  case "unwind":
    // An error while messages are under way must come through, not the request's own complaint.
    let requests = PersistentRequests(over: world)
    let buffer = MessageBuffer(repeating: 0, count: 1)
    try requests.addReceive(into: buffer, from: world.rank)
    try requests.start()
    try ForcedMistake.provoke(world)
  case "root": _ = try world.broadcast(1, from: world.size)
  case "grid": _ = try world.cartesian(dimensions: [5, 1], periodic: [true, true])
  case "range": _ = RankRange(from: 3, through: 1)
  case "member": _ = try world.group().including([world.size])
  case "member-twice": _ = try world.group().excluding([0, 0])
  case "weights":
    _ = try world.graph(sources: [], destinations: [0], sourceWeights: [], destinationWeights: [1, 2])
  case "subgrid":
    _ = try Communicator.selfOnly.cartesian(dimensions: [1], periodic: [true]).subgrid(keeping: [false])
  case "disconnect": try world.disconnect()
  case "abort": world.abort(status: 7)
  case "fatal":
    try world.setErrorHandling(.fatal)
    try ForcedMistake.provoke(world)
  case "child": try actAsChild(world)
  case "launcher": print(world.launcherMismatch ?? "all is well")
  case let mode where mode.hasPrefix("file-"): try misuseFile(mode, world)
  default:
    let isKnown =
      try failWithMessages(mode, world) || failWithRequests(mode, world) || failWithWindow(mode, world)
      || failTogether(mode, world)
    guard isKnown else {
      throw Refused(description: "unknown mode \(mode)")
    }
  }
}

enum ForcedMistake {
  /// A message that is longer than the room for it: MPI_ERR_TRUNCATE.
  static func provoke(_ world: Communicator) throws {
    var small = [0]
    let request = try world.startSend([1, 2, 3], to: world.rank, tag: 9)
    // The error drops the request on its way out.
    try world.receive(into: &small, from: world.rank, tag: 9)
    try request.wait()
  }
}

let arguments = CommandLine.arguments.dropFirst()
let ranks = arguments.dropFirst().compactMap { Int($0) }

withMPI { world in
  guard let mode = arguments.first else { throw Refused(description: "no mode given") }
  if ranks.isEmpty || ranks.contains(world.rank) {
    try fail(mode, world)
  } else {
    try waitForever(world)
  }
}
