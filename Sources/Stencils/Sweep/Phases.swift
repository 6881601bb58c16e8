internal import Glibc

/// Seconds that a rank spent in each phase of its steps.
package struct Phases: Sendable {
  /// Updating cells.
  package var compute = 0.0
  /// Packing, starting and unpacking messages.
  package var halo = 0.0
  /// Waiting for messages after the interior is done.
  package var wait = 0.0
  /// Waiting for the other threads of the team.
  package var imbalance = 0.0
  package init() {}
}

/// Seconds of a clock that never goes back.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Adds up the time between laps, on one thread of a team.
struct PhaseClock {
  private let isOn: Bool
  private var last: Double

  init(isOn: Bool) {
    self.isOn = isOn
    last = isOn ? monotonicSeconds() : 0
  }

  @inline(__always)
  mutating func lap(_ total: inout Double) {
    guard isOn else { return }
    let now = monotonicSeconds()
    total += now - last
    last = now
  }
}
