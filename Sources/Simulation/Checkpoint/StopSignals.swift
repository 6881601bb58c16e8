internal import Glibc
import Synchronization

/// The signals by which users and batch systems ask a run to stop: they are taken down, and acted upon between two steps.
enum StopSignals {
  private static let pending = Atomic<Int32>(0)
  private static let interrupts = Atomic<Int32>(0)

  /// Takes the signals from now on. SIGCONT, which batch systems send before SIGTERM, keeps meaning nothing.
  static func take() {
    // A static value is made at its first use, which must not be in a handler.
    pending.store(0, ordering: .relaxed)
    interrupts.store(0, ordering: .relaxed)
    for number in [SIGTERM, SIGUSR1, SIGUSR2, SIGINT] {
      signal(number) { number in
        StopSignals.pending.store(number, ordering: .relaxed)
        // Who interrupts twice does not want to wait for a checkpoint.
        guard number == SIGINT else { return }
        if StopSignals.interrupts.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
      }
    }
  }

  /// The last one that came; 0 where none did.
  static var last: Int32 { pending.load(ordering: .relaxed) }

  static func name(_ number: Int32) -> String {
    [SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGINT: "SIGINT"][number] ?? "signal \(number)"
  }
}
