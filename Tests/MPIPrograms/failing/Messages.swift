// Mistakes with messages and requests, each of which stops the program.

import MPI

/// Makes a mistake with messages; false when the mode names none.
func failWithMessages(_ mode: String, _ world: Communicator) throws -> Bool {
  switch mode {
  case "rank": try world.send(1, to: world.size)
  case "source": _ = try world.probe(from: world.size)
  case "tag": try world.send(1, to: 0, tag: -1)
  case "any-tag": try world.send(1, to: 0, tag: Communicator.anyTag)
  case "count": _ = MessageBuffer(repeating: 0, count: world.rank - 2)
  case "index": print(MessageBuffer([7])[world.rank])
  case "space": _ = try SendSpace(byteCount: 0)
  case "buffered-count": _ = try world.bufferedByteCount(of: Double.self, count: 1 << 28)
  case "no-whole-number":
    let request = try world.startSend([1, 2, 3] as [Int8], to: world.rank)
    print(try world.receive([Int].self, from: world.rank))
    try request.wait()
  case "no-value":
    let request = try world.startSend([Int](), to: world.rank)
    print(try world.receive(Int.self, from: world.rank))
    try request.wait()
  case "drop-message":
    let request = try world.startSend([1], to: world.rank)
    do {
      let message = try world.matchedProbe(from: world.rank)
      print(message.status.tag as Any)
    }
    try request.wait()
  default: return false
  }
  return true
}

/// Makes a mistake with what is under way; false when the mode names none.
func failWithRequests(_ mode: String, _ world: Communicator) throws -> Bool {
  var buffer = MessageBuffer(repeating: 0, count: 1)
  let requests = PersistentRequests(over: world)
  switch mode {
  case "drop":
    try requests.addReceive(into: buffer, from: world.rank)
    try requests.start()
  case "drop-one": _ = try world.startReceive(filling: 0, count: 1, from: world.rank)
  case "drop-send": _ = try world.startSend([1], to: world.rank, mode: .synchronous)
  case "drop-set":
    var set = RequestSet<MessageBuffer<Int>>()
    set.add(try world.startReceive(into: buffer, from: world.rank))
  case "read-early":
    let request = try world.startReceive(into: buffer, from: world.rank)
    print(buffer[0])
    request.abandon()
  case "read-early-in-set":
    var set = RequestSet<MessageBuffer<Int>>()
    set.add(try world.startReceive(into: buffer, from: world.rank))
    print(buffer.array)
    set.abandon()
  case "write-early":
    try requests.addSend(of: buffer, to: world.rank)
    try requests.start()
    buffer[0] = 1
  case "send-early":
    let request = try world.startReceive(into: buffer, from: world.rank)
    try world.send(buffer, to: world.rank)
    request.abandon()
  case "receive-early":
    let request = try world.startSend(buffer, to: world.rank, mode: .synchronous)
    try world.receive(into: &buffer, from: world.rank)
    request.abandon()
  case "receive-twice":
    let first = try world.startReceive(into: buffer, from: world.rank)
    let second = try world.startReceive(into: buffer, from: world.rank)
    first.abandon()
    second.abandon()
  case "start-early":
    try requests.addReceive(into: buffer, from: world.rank)
    let request = try world.startSend(buffer, to: world.rank, mode: .synchronous)
    try requests.start()
    request.abandon()
  default: return try failWithPersistentRequests(mode, requests, buffer, rank: world.rank)
  }
  return true
}

/// Makes a mistake with a receive that is started many times; false when the mode names none.
private func failWithPersistentRequests(
  _ mode: String, _ requests: PersistentRequests, _ buffer: MessageBuffer<Int>, rank: Int
) throws -> Bool {
  try requests.addReceive(into: buffer, from: rank)
  switch mode {
  case "start-twice":
    try requests.start()
    try requests.start()
  case "start-one-twice":
    try requests.start(0)
    try requests.start(0)
  case "add-under-way":
    try requests.start()
    try requests.addReceive(into: MessageBuffer([0]), from: rank)
  case "no-such-message": try requests.start(3)
  case "status-early":
    try requests.start()
    print(requests.status(of: 0))
  default: return false
  }
  return true
}
