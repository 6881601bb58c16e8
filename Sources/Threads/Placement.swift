/// Which cores the threads of one rank use, decided from what the launcher left to it and to its neighbours.
public struct Placement: Equatable, Sendable {
  /// Threads of this rank.
  public let threads: Int
  /// For each thread the logical processors that it is bound to; empty where threads share cores.
  public let cores: [[Int]]
  /// True where the threads of this host's ranks outnumber the cores that they were left.
  public let sharesCores: Bool
  /// True where the ranks that share these cores leave some of them unused.
  public let sparesCores: Bool

  /// Decides the placement of one rank.
  ///
  /// Ranks whose launcher left them the same cores (none bound) divide these among themselves, in the order of their
  /// ranks; ranks that were bound to cores of their own keep them.
  /// - Parameters:
  ///   - requested: for each rank of this host the threads asked for, or nil for as many as its share of cores.
  ///   - allowed: for each rank of this host the cores that the launcher left to it.
  ///   - index: which of them this rank is.
  public init(requested: [Int?], allowed: [[Int]], index: Int) {
    let mine = allowed[index]
    let sharers = allowed.indices.filter { !Set(allowed[$0]).isDisjoint(with: mine) }
    let pool = Set(sharers.flatMap { allowed[$0] })
    let place = sharers.firstIndex(of: index)!
    let share = max(1, mine.count / sharers.filter { allowed[$0] == mine }.count)
    let threads = requested[index] ?? share
    let wanted = sharers.reduce(0) { $0 + (requested[$1] ?? share) }
    self.threads = threads
    sharesCores = wanted > pool.count || threads > mine.count
    sparesCores = wanted < pool.count
    if !sharesCores, sharers.allSatisfy({ allowed[$0] == mine }) {
      let first = sharers[..<place].reduce(0) { $0 + (requested[$1] ?? share) }
      cores = (0..<threads).map { [mine[first + $0]] }
    } else if !sharesCores, sharers.count == 1 {
      cores = (0..<threads).map { [mine[$0]] }
    } else {
      cores = []
    }
  }
}
