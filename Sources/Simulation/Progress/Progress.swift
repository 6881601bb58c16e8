internal import Glibc
import Stencils

/// What a user watches: a line that is rewritten on a terminal, a sober line now and then in a log. Rank 0 alone tells.
final class Progress {
  private let isTelling: Bool
  private let isTerminal: Bool
  private let end: Double
  private let cells: Double
  private let began = monotonicSeconds()
  private var lastTold: Double
  private var lastStep = 0
  private var hasLine = false
  // Simulated time at which this attempt began.
  private var startTime = 0.0

  /// - Parameters:
  ///   - isTelling: true on rank 0 of a run that is not quiet.
  ///   - end: the simulated time at the end, s.
  ///   - cells: cells of the grid.
  init(isTelling: Bool, end: Double, cells: Int) {
    self.isTelling = isTelling
    isTerminal = isatty(STDERR_FILENO) == 1
    self.end = end
    self.cells = Double(cells)
    lastTold = began
  }

  /// Whether to tell now: every half second on a terminal; in a log after 5 s, then ever more seldom.
  var isDue: Bool {
    guard isTelling else { return false }
    let now = monotonicSeconds()
    return now - lastTold > (isTerminal ? 0.5 : max(5, 0.1 * (lastTold - began)))
  }

  /// Begins where the run goes on from.
  func start(step: Int, time: Double) { (lastStep, startTime) = (step, time) }

  func report(step: Int, time: Double, dt: Double) {
    guard isTelling else { return }
    let now = monotonicSeconds()
    let rate = cells * Double(step - lastStep) / max(now - lastTold, 1e-9)
    let left = time > startTime ? (now - began) * (end - time) / (time - startTime) : .infinity
    (lastTold, lastStep) = (now, step)
    let text =
      "step \(step)  t = \(rounded(time, 5)) s of \(rounded(end, 5)) s (\(Int(100 * time / end)) %)  "
      + "dt = \(rounded(dt, 3)) s  \(rounded(rate / 1e9, 3)) Gcell/s  \(durationText(left)) left"
    if isTerminal {
      tell("\r\u{1b}[K" + text)
      hasLine = true
    } else {
      tell(text + "\n")
    }
  }

  /// Ends the line that is being rewritten.
  func finish() {
    if hasLine { tell("\r\u{1b}[K") }
    hasLine = false
  }

  private func tell(_ text: String) { writeAll(text, to: STDERR_FILENO) }
}

/// Writes a text whole; a reader that is gone is no error of the run's.
func writeAll(_ text: String, to descriptor: Int32) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written <= 0 { return }
    bytes = bytes.dropFirst(written)
  }
}

/// A number with so many significant digits, in the shortest form.
func rounded(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
    let count = withVaList([Int32(digits), value]) { vsnprintf(buffer.baseAddress!, 64, "%.*g", $0) }
    return String(decoding: buffer[..<Int(count)].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// "12 s", "3 min 20 s", "2 h 5 min".
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "unknown time" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return whole < 10 ? "\(rounded(seconds, 2)) s" : "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
