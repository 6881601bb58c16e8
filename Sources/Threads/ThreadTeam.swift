internal import Glibc

/// A fixed team of threads that lives as long as the run. The thread that makes it is its member 0.
///
/// `run` gives every member the same closure; members meet with `barrier()`, which allocates nothing. Handing over the
/// closure allocates twice, so that a loop over steps belongs inside of it.
public final class ThreadTeam: @unchecked Sendable {
  /// The number of members, the calling thread included.
  public let count: Int
  /// True where the members, or those of several ranks, share cores, so that waiting must yield.
  public let sharesCores: Bool

  private let gate: Barrier
  private let meeting: Barrier
  private var threads: [pthread_t] = []
  // Written by member 0 before the gate opens, read by the others after it: the gate orders the two. A pointer, so that
  // no member still holds the closure when `run` returns.
  private var work: UnsafePointer<(Int) -> Void>?

  /// - Parameters:
  ///   - count: members, at least 1.
  ///   - cores: for each member the logical processors to bind it to; empty to leave binding to the launcher.
  ///   - sharesCores: true where there are more threads than cores.
  public init(count: Int, cores: [[Int]] = [], sharesCores: Bool = false) {
    precondition(count >= 1, "a thread team needs at least one member")
    self.count = count
    self.sharesCores = sharesCores
    gate = Barrier(count: count, sharesCores: sharesCores)
    meeting = Barrier(count: count, sharesCores: sharesCores)
    if !cores.isEmpty { Machine.shared.bindThisThread(to: cores[0]) }
    for member in 1..<max(count, 1) where count > 1 {
      let start = Start(team: self, member: member, cores: cores.isEmpty ? [] : cores[member])
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { argument in
          let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
          start.run()
          return nil
        }, Unmanaged.passRetained(start).toOpaque())
      precondition(status == 0, "cannot start thread \(member) of \(count): \(String(cString: strerror(status)))")
      threads.append(thread)
    }
  }

  /// Runs `body(member)` on every member and returns when all are done.
  public func run(_ body: (Int) -> Void) {
    if count == 1 { return body(0) }
    withoutActuallyEscaping(body) { escaping in
      withUnsafePointer(to: escaping) { pointer in
        work = pointer
        gate.wait()
        escaping(0)
        gate.wait()
        work = nil
      }
    }
  }

  /// Waits, inside `run`, for all members.
  @inline(__always)
  public func barrier() {
    if count > 1 { meeting.wait() }
  }

  /// Ends the team; `run` must not be called afterwards.
  public func end() {
    guard !threads.isEmpty else { return }
    work = nil
    gate.wait()
    for thread in threads { pthread_join(thread, nil) }
    threads = []
  }

  private func serve(_ member: Int) {
    while true {
      gate.wait()
      guard let work else { return }
      work.pointee(member)
      gate.wait()
    }
  }

  private final class Start {
    let team: ThreadTeam
    let member: Int
    let cores: [Int]
    init(team: ThreadTeam, member: Int, cores: [Int]) {
      self.team = team
      self.member = member
      self.cores = cores
    }
    func run() {
      if !cores.isEmpty { Machine.shared.bindThisThread(to: cores) }
      team.serve(member)
    }
  }
}
