internal import CHwloc
internal import Glibc
internal import Synchronization

/// A number that one thread counts up and others wait for, at a place in memory that may be shared with other processes.
///
/// What was stored before `advance` is seen by whoever has found the number reached.
public struct SharedCounter: @unchecked Sendable {
  private let number: UnsafeMutablePointer<Atomic<Int>>

  /// - Parameter address: room for one counter and nothing else, so that nobody else's stores slow the waiting down;
  ///   at the start of a cache line.
  public init(at address: UnsafeMutableRawPointer) {
    number = address.bindMemory(to: Atomic<Int>.self, capacity: 1)
  }

  /// Bytes that a counter takes: two cache lines, which processors fetch together.
  public static var stride: Int { 128 }

  /// Sets the number to 0, when nobody waits.
  public func reset() { number.initialize(to: Atomic(0)) }

  @inline(__always)
  public func advance(to value: Int) { number.pointee.store(value, ordering: .releasing) }

  @inline(__always)
  public func hasReached(_ value: Int) -> Bool { number.pointee.load(ordering: .acquiring) >= value }
}

/// How a thread waits for another process: it spins for a moment, then gives its core away between two looks.
public struct Patience {
  private var spins: Int

  /// - Parameter sharesCores: true where threads outnumber cores; nobody spins then.
  public init(sharesCores: Bool) {
    // About 20 microseconds, as at barriers.
    spins = sharesCores ? 0 : 4000
  }

  /// Passes the time until the next look; true where the core was given away.
  @inline(__always)
  public mutating func pause() -> Bool {
    if spins > 0 {
      spins &-= 1
      cpu_relax()
      return false
    }
    sched_yield()
    return true
  }
}
