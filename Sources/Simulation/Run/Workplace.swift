internal import Glibc
import MPI
import Threads

/// Where a run takes place: its ranks, the hosts they are on, and this rank's team of threads.
final class Workplace {
  let communicator: Communicator
  let team: ThreadTeam
  let placement: Placement
  /// Bytes of cache that this rank's threads can count on.
  let cacheBytes: Int
  /// For each host, in the order of its first rank: its name and its ranks, told on rank 0 only.
  let hosts: [(name: String, ranks: [RankPlace])]

  /// What one rank uses.
  struct RankPlace: Sendable {
    let rank: Int
    let threads: Int
    let cores: [Int]
    let sharesCores: Bool
  }

  /// - Parameter threads: threads a rank, or nil for what the environment asks for, or for the cores at hand.
  init(_ world: Communicator, threads: Int?) throws(MPIError) {
    communicator = world
    let host = try world.splitByHost()
    let allowed = Machine.shared.allowedCores
    let shares = try host.allGatherVariable(allowed.map(Int32.init))
    let requests = try host.allGather(Int32(threads ?? Self.threadsFromEnvironment ?? 0))
    let everyone = (0..<host.size).map { rank in shares[rank].map(Int.init) }
    placement = Placement(
      requested: requests.map { $0 > 0 ? Int($0) : nil }, allowed: everyone, index: host.rank)
    // Where the launcher left the whole host to ranks that do not need all of it, other programs may run beside them:
    // threads of two runs must not be bound to the same first cores.
    let isBound = !(placement.sparesCores && allowed == Machine.shared.hostCores)
    let cores = isBound ? placement.cores : []
    team = ThreadTeam(count: placement.threads, cores: cores, sharesCores: placement.sharesCores)
    cacheBytes = Machine.shared.lastLevelCacheBytes / host.size
    hosts = try Self.gather(world, placement, cores.isEmpty ? allowed : cores.flatMap { $0 })
  }

  deinit { team.end() }

  /// What the batch system or the environment says, in this order; nil where neither does.
  private static var threadsFromEnvironment: Int? {
    for name in ["SLURM_CPUS_PER_TASK", "OMP_NUM_THREADS"] {
      guard let text = getenv(name), let number = Int(String(cString: text)), number > 0 else { continue }
      return number
    }
    return nil
  }

  private static func gather(
    _ world: Communicator, _ placement: Placement, _ used: [Int]
  ) throws(MPIError) -> [(name: String, ranks: [RankPlace])] {
    let names = try world.gather(Machine.hostName, to: 0)
    let numbers = [Int32(placement.threads), placement.sharesCores ? 1 : 0] + used.map(Int32.init)
    guard let shares = try world.gatherVariable(numbers, to: 0), let names else { return [] }
    var hosts: [(name: String, ranks: [RankPlace])] = []
    for rank in 0..<world.size {
      let part = Array(shares[rank]).map(Int.init)
      let place = RankPlace(
        rank: rank, threads: part[0], cores: Array(part.dropFirst(2)), sharesCores: part[1] == 1)
      if let index = hosts.firstIndex(where: { $0.name == names[rank] }) {
        hosts[index].ranks.append(place)
      } else {
        hosts.append((names[rank], [place]))
      }
    }
    return hosts
  }

  /// "2 ranks x 1 thread".
  var layoutText: String {
    "\(counted(communicator.size, "rank")) x \(counted(team.count, "thread"))"
  }

  /// Lines that tell the placement: one a rank on small runs, one a host on large ones, and a warning a host on which
  /// cores are shared.
  var placementLines: [String] {
    var lines: [String] = []
    for (name, ranks) in hosts {
      if communicator.size <= 8 {
        lines += ranks.map {
          "rank \($0.rank) on \(name): \(counted($0.threads, "thread")) on \(coresText($0.cores))"
        }
      } else {
        let threads = Set(ranks.map(\.threads)).sorted().map(String.init).joined(separator: " or ")
        let cores = Set(ranks.flatMap(\.cores)).sorted()
        lines.append(
          "ranks \(rangesText(ranks.map(\.rank))) on \(name): \(threads) thread(s) each on \(coresText(cores))")
      }
      if ranks.contains(where: \.sharesCores) {
        let threads = ranks.reduce(0) { $0 + $1.threads }
        let cores = Set(ranks.flatMap(\.cores)).count
        let advice =
          communicator.size == ranks.count && ranks.count * ranks[0].threads <= Machine.shared.hostCores.count
          ? "the launcher bound ranks to fewer cores than they have threads: start with mpirun --bind-to none, or with "
            + "--map-by slot:PE=\(ranks[0].threads)"
          : "expect a slow run; use at most \(cores) in all"
        lines.append("warning: \(counted(threads, "thread")) share \(counted(cores, "core")) on \(name): \(advice)")
      }
    }
    return lines
  }

  private func coresText(_ cores: [Int]) -> String {
    cores.count == 1 ? "core \(cores[0])" : "cores \(rangesText(cores))"
  }

  /// "0-3, 8".
  private func rangesText(_ numbers: [Int]) -> String {
    var parts: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = parts.last, last.upperBound == number - 1 {
        parts[parts.count - 1] = last.lowerBound...number
      } else {
        parts.append(number...number)
      }
    }
    return parts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }
}

/// "1 rank", "2 ranks".
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
