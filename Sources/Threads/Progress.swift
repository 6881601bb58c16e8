internal import CHwloc
internal import Glibc
internal import Synchronization

/// How far each of some pieces of work has come, told by the thread that does it to the threads that follow.
public final class ProgressCounters: @unchecked Sendable {
  // Eight numbers a piece, so that no two share a cache line.
  private let counters: UnsafeMutablePointer<Atomic<Int>>
  private let count: Int
  private let spins: Int

  /// - Parameters:
  ///   - count: how many pieces there are.
  ///   - sharesCores: true where threads outnumber cores; nobody spins then.
  public init(count: Int, sharesCores: Bool) {
    self.count = count
    spins = sharesCores ? 0 : 4000
    counters = .allocate(capacity: 8 * max(count, 1))
    for index in 0..<(8 * max(count, 1)) { (counters + index).initialize(to: Atomic(0)) }
  }

  deinit {
    counters.deinitialize(count: 8 * max(count, 1))
    counters.deallocate()
  }

  /// Tells that so much of a piece is done.
  @inline(__always)
  public func advance(_ piece: Int, to done: Int) { counters[8 * piece].store(done, ordering: .releasing) }

  /// Returns when at least so much of a piece is done; how much that is.
  @inline(__always)
  public func wait(for piece: Int, toReach wanted: Int) -> Int {
    let done = counters[8 * piece].load(ordering: .acquiring)
    return done >= wanted ? done : waitLong(piece, wanted)
  }

  @inline(never)
  private func waitLong(_ piece: Int, _ wanted: Int) -> Int {
    for _ in 0..<spins {
      let done = counters[8 * piece].load(ordering: .acquiring)
      if done >= wanted { return done }
      cpu_relax()
    }
    while true {
      let done = counters[8 * piece].load(ordering: .acquiring)
      if done >= wanted { return done }
      sched_yield()
    }
  }
}
