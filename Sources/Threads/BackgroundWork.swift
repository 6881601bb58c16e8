internal import Glibc
internal import Synchronization

/// Work on a thread beside the team's, on whatever of the process's cores has time for it.
public final class BackgroundWork: @unchecked Sendable {
  // Taken by the thread, so that what it holds is free when it is done.
  private var body: (@Sendable () -> Void)?
  private let done = Atomic<Bool>(false)
  private var thread: pthread_t?

  /// Starts it.
  public init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        let work = Unmanaged<BackgroundWork>.fromOpaque(argument!).takeRetainedValue()
        // The thread that started this one may be bound to a core, which threads inherit.
        Machine.shared.bindThisThread(to: Machine.shared.allowedCores)
        work.run()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    if status == 0 {
      self.thread = thread
    } else {
      // Where there are no more threads to be had, it is done here and now.
      Unmanaged.passUnretained(self).release()
      run()
    }
  }

  private func run() {
    body?()
    body = nil
    done.store(true, ordering: .releasing)
  }

  deinit { if let thread { pthread_detach(thread) } }

  /// Whether it has ended.
  public var isDone: Bool { done.load(ordering: .acquiring) }

  /// Returns when it has ended. To be called, by one thread.
  public func wait() {
    guard let thread else { return }
    pthread_join(thread, nil)
    self.thread = nil
  }
}
