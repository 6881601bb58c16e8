internal import Synchronization

/// Numbered pieces of work, a queue for each worker of a team: a worker takes its own from the front and, when it has no
/// more, those of others from the back, so that nobody waits for a core that is slow or was busy with something else.
public final class WorkQueues: @unchecked Sendable {
  // For each worker the first piece left and, 32 bits higher, the one behind the last; eight numbers a worker, so that no
  // two share a cache line.
  private let bounds: UnsafeMutablePointer<Atomic<UInt64>>
  private let workers: Int

  public init(workers: Int) {
    self.workers = workers
    bounds = .allocate(capacity: 8 * workers)
    for index in 0..<(8 * workers) { (bounds + index).initialize(to: Atomic(0)) }
  }

  deinit {
    bounds.deinitialize(count: 8 * workers)
    bounds.deallocate()
  }

  /// Puts pieces 0 ..< `count` into a worker's queue. The worker itself calls it, while none is left there.
  @inline(__always)
  public func fill(_ worker: Int, count: Int) {
    bounds[8 &* worker].store(UInt64(truncatingIfNeeded: count) << 32, ordering: .releasing)
  }

  /// Takes a piece: of whose queue it is, and its number; nil when none is left.
  @inline(__always)
  public func take(_ worker: Int) -> (owner: Int, piece: Int)? {
    if let piece = take(from: worker, isFirst: true) { return (worker, piece) }
    return workers > 1 ? takeOther(worker) : nil
  }

  @inline(never)
  private func takeOther(_ worker: Int) -> (owner: Int, piece: Int)? {
    for step in 1..<workers {
      let other = (worker &+ step) % workers
      if let piece = take(from: other, isFirst: false) { return (other, piece) }
    }
    return nil
  }

  @inline(__always)
  private func take(from owner: Int, isFirst: Bool) -> Int? {
    var old = bounds[8 &* owner].load(ordering: .acquiring)
    while true {
      let (first, end) = (old & 0xffff_ffff, old >> 32)
      guard first < end else { return nil }
      let new = isFirst ? old &+ 1 : old &- 1 << 32
      let (exchanged, found) = bounds[8 &* owner].weakCompareExchange(
        expected: old, desired: new, ordering: .acquiringAndReleasing)
      if exchanged { return Int(isFirst ? first : end &- 1) }
      old = found
    }
  }
}
