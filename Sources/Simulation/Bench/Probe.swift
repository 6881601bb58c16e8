// What the machine can do at a placing of ranks and threads: bandwidth of memory, latency and bandwidth of messages.

internal import Glibc
import MPI
import Stencils
import Threads

/// The bandwidth of memory by the triad of STREAM, a = b + s c (J. D. McCalpin, 1995): three arrays, each several times
/// the last-level cache, 24 bytes counted an element, stores past the caches as the engine's are.
struct Triad {
  private let arrays: [UnsafeMutablePointer<Double>]
  private let count: Int
  private let team: ThreadTeam

  /// - Parameter cacheBytes: bytes of cache that this rank's threads can count on.
  init(_ team: ThreadTeam, cacheBytes: Int) {
    self.team = team
    // Several hundred megabytes of cache are not to be outgrown fourfold: twice is enough to measure memory.
    let bytes = min(max(4 * cacheBytes, 16 << 20), 256 << 20)
    let count = bytes / 64 * 8
    self.count = count
    arrays = (0..<3).map { _ in
      var memory: UnsafeMutableRawPointer?
      guard posix_memalign(&memory, 2 << 20, bytes) == 0, let memory else {
        preconditionFailure("out of memory: the triad needs \(3 * bytes >> 20) MiB")
      }
      madvise(memory, bytes, MADV_HUGEPAGE)
      return memory.bindMemory(to: Double.self, capacity: count)
    }
    nonisolated(unsafe) let arrays = self.arrays
    let workers = team.count
    team.run { worker in
      let (low, high) = Self.share(count, worker, workers)
      for (index, array) in arrays.enumerated() {
        (array + low).initialize(repeating: Double(index), count: high - low)
      }
    }
  }

  func free() { for array in arrays { Glibc.free(array) } }

  /// Bytes that one pass moves.
  var bytes: Double { 24 * Double(count) }

  /// One pass on all threads.
  func pass() {
    nonisolated(unsafe) let (a, b, c) = (arrays[0], arrays[1], arrays[2])
    let (count, workers) = (self.count, team.count)
    team.run { worker in
      let (low, high) = Self.share(count, worker, workers)
      let factor = DoubleLanes(3)
      for i in stride(from: low, to: high, by: DoubleLanes.count) {
        DoubleLanes.load(b + i).addingProduct(factor, DoubleLanes.load(c + i)).stream(a + i)
      }
    }
  }

  private static func share(_ count: Int, _ worker: Int, _ workers: Int) -> (Int, Int) {
    let vectors = count / DoubleLanes.count
    return (vectors * worker / workers * DoubleLanes.count, vectors * (worker + 1) / workers * DoubleLanes.count)
  }
}

/// What was measured at one placing.
struct ProbeFigures: Sendable {
  /// Bytes a second that all ranks' threads together move between memory and cores.
  var bandwidth = 0.0
  /// Seconds in which the threads of a rank meet.
  var barrier = 0.0
  /// Half the round trip of 8 bytes between the first and the last rank, s; nil for a single rank.
  var latency: Double?
  /// Bytes a second in messages of 256 KiB between these two; nil for a single rank.
  var messageBandwidth: Double?

  /// Every rank calls it.
  mutating func measureMemory(_ workplace: Workplace) throws(MPIError) {
    let world = workplace.communicator
    let triad = Triad(workplace.team, cacheBytes: workplace.cacheBytes)
    defer { triad.free() }
    var passes: [Double] = []
    for _ in 0..<10 {
      try world.barrier()
      let began = monotonicSeconds()
      triad.pass()
      passes.append(try world.allReduce(monotonicSeconds() - began, .max))
    }
    // The first pass warms up.
    let middle = passes.dropFirst().sorted()[4]
    bandwidth = try world.allReduce(triad.bytes, .sum) / middle
    barrier = Self.barrier(workplace.team)
  }

  /// Every rank calls it.
  mutating func measureMessages(_ world: Communicator) throws(MPIError) {
    guard world.size > 1 else { return }
    latency = try Self.halfRoundTrip(world, bytes: 8, repeats: 2000)
    messageBandwidth = Double(1 << 18) / (try Self.halfRoundTrip(world, bytes: 1 << 18, repeats: 100))
  }

  static func barrier(_ team: ThreadTeam) -> Double {
    guard team.count > 1 else { return 0 }
    var best = Double.infinity
    for _ in 0..<5 {
      let began = monotonicSeconds()
      team.run { _ in for _ in 0..<200 { team.barrier() } }
      best = min(best, (monotonicSeconds() - began) / 200)
    }
    return best
  }

  /// Seconds, the median of five rounds, between the first and the last rank.
  private static func halfRoundTrip(_ world: Communicator, bytes: Int, repeats: Int) throws(MPIError) -> Double {
    var message = [UInt8](repeating: 0, count: bytes)
    let (rank, last) = (world.rank, world.size - 1)
    var rounds: [Double] = []
    for round in 0..<6 {
      try world.barrier()
      let began = monotonicSeconds()
      for _ in 0..<repeats {
        if rank == 0 {
          try world.send(message, to: last)
          try world.receive(into: &message, from: last)
        } else if rank == last {
          try world.receive(into: &message, from: 0)
          try world.send(message, to: 0)
        }
      }
      // The first round sets up the connection.
      if round > 0 { rounds.append((monotonicSeconds() - began) / Double(2 * repeats)) }
    }
    return try world.broadcast(rounds.sorted()[2], from: 0)
  }

  var json: JSON {
    .object([
      ("triad_bytes_per_second", .number(bandwidth)), ("barrier_seconds", .number(barrier)),
      ("latency_seconds", latency.map { .number($0) } ?? .null),
      ("message_bytes_per_second", messageBandwidth.map { .number($0) } ?? .null),
    ])
  }

  init() {}

  /// Reads what a probe has told.
  init?(_ json: JSON) {
    guard let bandwidth = json["triad_bytes_per_second"]?.asNumber, let barrier = json["barrier_seconds"]?.asNumber
    else { return nil }
    (self.bandwidth, self.barrier) = (bandwidth, barrier)
    latency = json["latency_seconds"]?.asNumber
    messageBandwidth = json["message_bytes_per_second"]?.asNumber
  }
}

/// `heatsim probe [--threads N] [--messages]`, which `bench` and `plan` start: tells in JSON what the machine can do, or
/// with `--messages` what messages alone cost.
enum ProbeCommand {
  static func main(_ given: [String], command: String) {
    withMPI { world in
      var arguments = Arguments(given, command: command)
      var threads: Int?
      var isOfMessages = false
      while let argument = arguments.next() {
        switch argument {
        case "--threads": threads = try arguments.integer(of: argument, in: 1...4096)
        case "--messages": isOfMessages = true
        default:
          throw UsageError(
            "unknown option \(argument); \(unknown(argument, among: ["--threads", "--messages"]))", command)
        }
      }
      let workplace = try Workplace(world, threads: threads)
      var figures = ProbeFigures()
      if !isOfMessages { try figures.measureMemory(workplace) }
      try figures.measureMessages(world)
      if world.rank == 0 { writeAll(figures.json.serialized, to: STDOUT_FILENO) }
    }
  }
}
