// The MPI benchmark's cases in Swift, the other side of mpi.c: the same calls on the same messages.

import MPI

let blockSize = 524_288
let largest = 1_000_000
let edge = 1024

/// What is measured, in the order of mpi.c.
enum Case: String, CaseIterable {
  case latency = "latency-8B"
  case bandwidth = "bandwidth-4MB"
  case allReduceOne = "allreduce-1"
  case allReduceMany = "allreduce-1e6"
  case persistent = "exchange-persistent"
  case nonblocking = "exchange-nonblocking"
  case putFence = "put-fence-8B"

  /// How many calls a sample has.
  var calls: Int {
    switch self {
    case .latency, .allReduceOne, .putFence: 2000
    case .bandwidth: 8
    case .allReduceMany: 4
    case .persistent, .nonblocking: 1000
    }
  }
}

/// The calls and the memory that they use.
struct Benchmark {
  let world: Communicator
  let next: Int
  let previous: Int
  var one = [1.0]
  var block = [Double](repeating: 1, count: blockSize)
  var many = [Double](repeating: 1, count: largest)
  var sums = [Double](repeating: 1, count: largest)
  var outgoing = [MessageBuffer(repeating: 0.0, count: edge), MessageBuffer(repeating: 0.0, count: edge)]
  var incoming = [MessageBuffer(repeating: 0.0, count: edge), MessageBuffer(repeating: 0.0, count: edge)]
  let exchange: PersistentRequests
  let window: Window<Double>
  let term = MessageBuffer([0.0])

  init(_ world: Communicator) throws {
    self.world = world
    next = (world.rank + 1) % world.size
    previous = (world.rank + world.size - 1) % world.size
    exchange = PersistentRequests(over: world)
    try exchange.addReceive(into: incoming[0], from: previous, tag: 1)
    try exchange.addReceive(into: incoming[1], from: next, tag: 2)
    try exchange.addSend(of: outgoing[0], to: next, tag: 1)
    try exchange.addSend(of: outgoing[1], to: previous, tag: 2)
    window = try Window(allocating: edge, repeating: 0, over: world)
  }

  mutating func run(_ name: Case, calls: Int) throws -> Double {
    switch name {
    case .latency: try pingPong(world, &one, calls)
    case .bandwidth: try pingPong(world, &block, calls)
    case .allReduceOne: try allReduceOne(calls)
    case .allReduceMany: try allReduceMany(calls)
    case .persistent: try persistent(calls)
    case .nonblocking: try nonblocking(calls)
    case .putFence: try putFence(calls)
    }
  }

  func allReduceOne(_ calls: Int) throws -> Double {
    var sum = 0.0
    for _ in 0..<calls { sum = try world.allReduce(1.0, .sum) }
    return sum
  }

  mutating func allReduceMany(_ calls: Int) throws -> Double {
    for _ in 0..<calls { try world.allReduce(many, into: &sums, .sum) }
    return sums[0]
  }

  /// A ring in which each passes `edge` doubles on in both directions: messages described once.
  func persistent(_ calls: Int) throws -> Double {
    for i in 0..<calls {
      outgoing[0][0] = Double(i)
      outgoing[1][0] = Double(i)
      try exchange.start()
      try exchange.wait()
    }
    return incoming[0][0] + incoming[1][0]
  }

  /// The same with messages started one by one.
  func nonblocking(_ calls: Int) throws -> Double {
    for i in 0..<calls {
      outgoing[0][0] = Double(i)
      outgoing[1][0] = Double(i)
      let fromPrevious = try world.startReceive(into: incoming[0], from: previous, tag: 1)
      let fromNext = try world.startReceive(into: incoming[1], from: next, tag: 2)
      let toNext = try world.startSend(outgoing[0], to: next, tag: 1)
      let toPrevious = try world.startSend(outgoing[1], to: previous, tag: 2)
      _ = try fromPrevious.wait()
      _ = try fromNext.wait()
      try toNext.wait()
      try toPrevious.wait()
    }
    return incoming[0][0] + incoming[1][0]
  }
}

extension Benchmark {
  /// Each writes a double to the memory of the next, and all see it.
  func putFence(_ calls: Int) throws -> Double {
    try window.fence { epoch in
      for i in 0..<calls {
        term[0] = Double(i)
        try epoch.put(term, to: .rank(next))
        try epoch.fence()
      }
    }
    return window.memory[0]
  }
}

/// There and back with all elements of `data`, between ranks 0 and 1.
func pingPong(_ world: Communicator, _ data: inout [Double], _ calls: Int) throws -> Double {
  for _ in 0..<calls {
    if world.rank == 0 {
      try world.send(data, to: 1)
      try world.receive(into: &data, from: 1)
    } else if world.rank == 1 {
      try world.receive(into: &data, from: 0)
      data[0] += 1
      try world.send(data, to: 0)
    }
  }
  return data[0]
}
