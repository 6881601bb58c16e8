internal import CHwloc
internal import Glibc
internal import Synchronization

/// A barrier for a fixed number of threads, and the place where idle threads sleep.
///
/// A thread that waits spins for a moment, then yields its core, then sleeps: the first is fast where every thread has
/// a core of its own, the others keep a run going where there are more threads than cores.
final class Barrier: @unchecked Sendable {
  private let count: Int
  private let spins: Int
  private let yields: Int
  private let arrived = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wakeUp: UnsafeMutablePointer<pthread_cond_t>

  /// - Parameters:
  ///   - count: the threads that meet here.
  ///   - sharesCores: true where threads outnumber cores; nobody spins then.
  init(count: Int, sharesCores: Bool) {
    self.count = count
    // About 20 microseconds of spinning: longer than a barrier takes, shorter than a time slice.
    spins = sharesCores ? 0 : 4000
    yields = sharesCores ? 200 : 50
    mutex = .allocate(capacity: 1)
    wakeUp = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wakeUp, nil)
  }

  deinit {
    pthread_cond_destroy(wakeUp)
    pthread_mutex_destroy(mutex)
    wakeUp.deallocate()
    mutex.deallocate()
  }

  /// Returns when all threads have called it.
  func wait() {
    if count == 1 { return }
    let mine = generation.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      // Sequentially consistent, with the sleeper's own order below: either it sees the new generation or we see it.
      generation.store(mine &+ 1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wakeUp)
        pthread_mutex_unlock(mutex)
      }
      return
    }
    for _ in 0..<spins {
      if generation.load(ordering: .acquiring) != mine { return }
      cpu_relax()
    }
    for _ in 0..<yields {
      if generation.load(ordering: .acquiring) != mine { return }
      sched_yield()
    }
    pthread_mutex_lock(mutex)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == mine { pthread_cond_wait(wakeUp, mutex) }
    sleepers.subtract(1, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }
}
