import MPI
import Stencils

/// `status.json` beside the output, from which others see how a run gets on. Replaced whole every two seconds by rank 0.
final class StatusFile {
  private let path: String
  private let fixed: [(key: String, value: JSON)]
  private let end: Double
  private let cells: Double
  private let began = monotonicSeconds()
  private var last: (seconds: Double, step: Int, time: Double)
  private var isWritten = false
  private var rate = 0.0
  private var clock = Clock()
  private static var interval: Double { 2 }

  /// What others want to know that the loop does not.
  var checkpoint: (path: String, step: Int, seconds: Double)?
  var diagnostics: [Diagnostic] = []

  /// - Parameter path: the file; nil, as on ranks but 0, for none.
  init?(_ path: String?, _ core: CoreSettings, hosts: [(name: String, ranks: [Workplace.RankPlace])]) {
    guard let path else { return nil }
    self.path = path
    end = core.end
    cells = core.cells.reduce(1) { $0 * Double($1) }
    last = (began, 0, 0)
    fixed = [
      ("title", .text(core.title)), ("solver", .text(core.solver)),
      ("cells", .list(core.cells.map { .integer($0) })),
      (
        "hosts",
        .list(
          hosts.map { host in
            .object([("name", .text(host.name)), ("ranks", .list(host.ranks.map { .integer($0.rank) }))])
          })
      ),
    ]
  }

  /// Begins where the run goes on from.
  func start(at clock: Clock) {
    self.clock = clock
    last = (monotonicSeconds(), clock.step, clock.time)
  }

  /// Takes down where the run stands; writes the file when it is due.
  func update(_ clock: Clock, dt: Double) {
    self.clock = clock
    let now = monotonicSeconds()
    guard now - last.seconds >= Self.interval else { return }
    rate = Double(clock.step - last.step) / (now - last.seconds)
    let perSecond = (clock.time - last.time) / (now - last.seconds)
    last = (now, clock.step, clock.time)
    write("running", left: perSecond > 0 ? (end - clock.time) / perSecond : nil, dt: dt)
  }

  /// The run is over: "finished", "stopped" or "failed". A run too short to have been watched leaves no file.
  func finish(_ state: String, at clock: Clock, words: String? = nil) {
    self.clock = clock
    // A finished run has taken its checkpoints away.
    if state == "finished" { checkpoint = nil }
    if isWritten { write(state, left: nil, dt: nil, words: words) }
  }

  private func write(_ state: String, left: Double?, dt: Double?, words: String? = nil) {
    var members: [(key: String, value: JSON)] = [("state", .text(state))]
    if let words { members.append(("message", .text(words))) }
    members += fixed
    members += [
      ("step", .integer(clock.step)), ("time", .number(clock.time)), ("end", .number(end)),
      ("dt", dt.map { .number($0) } ?? .null), ("steps_per_second", .number(rate)),
      ("gcell_per_second", .number(rate * cells / 1e9)), ("seconds", .number(monotonicSeconds() - began)),
      ("seconds_left", left.map { .number($0) } ?? .null), ("updated", .integer(secondsSince1970())),
      (
        "checkpoint",
        checkpoint.map {
          .object([
            ("file", .text($0.path)), ("step", .integer($0.step)), ("seconds", .number($0.seconds)),
          ])
        } ?? .null
      ),
      (
        "quantities",
        .object(diagnostics.map { ($0.name, .object([("value", .number($0.value)), ("unit", .text($0.unit))])) })
      ),
    ]
    // Who watches must not end a run: a full disk is told by those whose files count.
    try? OutputPath.write(
      Array(JSON.object(members).serialized.utf8), to: path, action: "write the status", isFlushed: false)
    isWritten = true
  }
}
