// What a program does that the tests start with `spawn`: it answers to those that started it.

import MPI

func actAsChild(_ world: Communicator) throws {
  guard let parent = try Intercommunicator.parent else { throw Refused(description: "nobody started this program") }
  let isOneObject = try Intercommunicator.parent === parent
  let application = try Communicator.applicationNumber() ?? -1
  let facts = [world.rank, world.size, parent.remoteSize, application, isOneObject ? 1 : 0]
  try parent.send(facts, to: 0, tag: 1)
  try parent.send(Array(CommandLine.arguments.dropFirst().joined(separator: "|").utf8), to: 0, tag: 2)
  if let mismatch = world.launcherMismatch { throw Refused(description: mismatch) }
  guard try parent.allReduce(world.rank + 1, .sum) == parent.remoteSize * 10 else {
    throw Refused(description: "the sum over those who started this program is wrong")
  }
  do {
    let all = try parent.merged(isHigh: true)
    _ = try all.allGather(-1 - world.rank)
  }
  try parent.disconnect()
  guard try Intercommunicator.parent == nil else { throw Refused(description: "the parent is still there") }
}
