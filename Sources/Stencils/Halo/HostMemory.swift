internal import Glibc
internal import MPI

/// Memory that the ranks of a host share: windows of which exchanges borrow one each. It stays with a communicator, so
/// that domains that come and go use the same windows.
final class HostMemory {
  /// The ranks of this host.
  let host: Communicator
  /// For each rank of the whole communicator its rank on this host, nil where it is on another.
  let mates: [Int?]
  /// The largest number of ranks on any host.
  let mostMates: Int
  private var windows: [Part] = []

  // One for each communicator, found again by all domains on it.
  nonisolated(unsafe) private static var key: AttributeKey<HostMemory>?

  /// The memory of a communicator's hosts. Every rank of it calls it.
  static func of(_ communicator: Communicator) throws(MPIError) -> HostMemory {
    if key == nil { key = try AttributeKey() }
    if let known = try communicator.attribute(key!) { return known }
    let made = try HostMemory(communicator)
    try communicator.setAttribute(key!, to: made)
    return made
  }

  private init(_ communicator: Communicator) throws(MPIError) {
    host = try communicator.splitByHost()
    let ranks = try host.allGather(communicator.rank)
    var mates = [Int?](repeating: nil, count: communicator.size)
    for (index, rank) in ranks.enumerated() { mates[rank] = index }
    self.mates = mates
    mostMates = try communicator.allReduce(host.size, .max)
  }

  deinit {
    // The communicator that this was an attribute of is being freed: within that, MPI frees no other.
    _ = Unmanaged.passRetained(host)
  }

  /// One window: as much memory of each rank of the host.
  final class Part {
    fileprivate let window: Window<Int>
    fileprivate var isLent = false
    /// For each rank of the host where its memory begins, at the start of a page.
    let bases: [UnsafeMutableRawPointer]

    fileprivate init(bytes: Int, on host: Communicator) throws(MPIError) {
      // Ranks need not have their memory in one piece: each has pages of its own, in its own part of the machine.
      window = try Window(
        sharing: bytes / MemoryLayout<Int>.stride, repeating: 0, over: host,
        info: Info(["alloc_shared_noncontig": "true"]))
      var bases: [UnsafeMutableRawPointer] = []
      for rank in 0..<host.size { bases.append(try window.memory(of: rank).rawPointer) }
      self.bases = bases
    }

    fileprivate var bytes: Int { window.memory.count * MemoryLayout<Int>.stride }
  }

  /// A window that is in use until this goes.
  final class Loan {
    let part: Part
    private let memory: HostMemory

    fileprivate init(_ part: Part, of memory: HostMemory) {
      self.part = part
      self.memory = memory
      part.isLent = true
    }

    deinit { part.isLent = false }
  }

  /// Lends so much memory of each rank, or nil where the host has too little of it. Every rank of the host calls it; each
  /// may ask for another amount.
  func lend(bytes: Int) throws(MPIError) -> Loan? {
    // A window is free when all ranks have done with it.
    var agreed = [-bytes] + windows.map { $0.isLent ? 0 : 1 }
    try host.allReduce(&agreed, .min)
    let needed = (-agreed[0] + 4095) / 4096 * 4096
    let free = windows.indices.filter { agreed[1 + $0] == 1 }.map { windows[$0] }
    if let part = free.filter({ $0.bytes >= needed }).min(by: { $0.bytes < $1.bytes }) {
      return Loan(part, of: self)
    }
    windows.removeAll { part in free.contains { $0 === part } }
    for part in free { try part.window.free() }
    guard try host.broadcast(Self.hasRoom(for: needed * host.size) ? 1 : 0, from: 0) == 1 else { return nil }
    let part = try? Part(bytes: needed, on: host)
    guard try host.allReduce(part == nil ? 0 : 1, .min) == 1, let part else { return nil }
    windows.append(part)
    return Loan(part, of: self)
  }

  /// Where windows lie. A folder of one's own is what Open MPI knows too.
  static var folder: String {
    getenv("OMPI_MCA_osc_sm_backing_directory").map { String(cString: $0) } ?? "/dev/shm"
  }

  /// Whether so many bytes fit into shared memory. MPI finds out on one rank alone, and leaves the others waiting; and pages
  /// that cannot be had end the process that touches them.
  private static func hasRoom(for bytes: Int) -> Bool {
    var status = statvfs()
    guard access(folder, W_OK) == 0, statvfs(folder, &status) == 0 else { return false }
    return Int(status.f_bavail) * Int(status.f_frsize) >= bytes + bytes / 8 + 1 << 20
  }
}
