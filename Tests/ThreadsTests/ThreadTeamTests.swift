import Foundation
import Synchronization
import TestSupport
import Testing
import Threads

@Suite(.serialized) struct ThreadTeamTests {
  @Test(arguments: [1, 2, 3, 8]) func everyMemberRunsOnce(count: Int) {
    let team = ThreadTeam(count: count, sharesCores: true)
    defer { team.end() }
    #expect(team.count == count)
    var runs = [Int](repeating: 0, count: count)
    runs.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let runs = buffer
      for _ in 0..<500 { team.run { member in runs[member] += 1 } }
    }
    #expect(runs == Array(repeating: 500, count: count))
  }

  /// Each round every member publishes a number and adds up all of them after the barrier: a member that is late or early
  /// reads an old or a new one.
  @Test(arguments: [(2, 20_000, false), (3, 3000, true), (8, 1000, true)])
  func nobodyPassesABarrierEarly(count: Int, rounds: Int, sharesCores: Bool) {
    let team = ThreadTeam(count: count, sharesCores: sharesCores)
    defer { team.end() }
    var published = [Int](repeating: -1, count: count)
    let wrong = Atomic<Int>(0)
    published.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let published = buffer
      team.run { member in
        for round in 0..<rounds {
          published[member] = round
          team.barrier()
          if !published.allSatisfy({ $0 == round }) { wrong.add(1, ordering: .relaxed) }
          team.barrier()
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  /// A member that sleeps long enough makes the others give up spinning and yielding, and sleep: they must be woken.
  @Test(arguments: [false, true]) func sleepersAreWoken(sharesCores: Bool) {
    let team = ThreadTeam(count: 4, sharesCores: sharesCores)
    defer { team.end() }
    let passes = Atomic<Int>(0)
    for late in 0..<4 {
      team.run { member in
        if member == late { usleep(30_000) }
        team.barrier()
        passes.add(1, ordering: .relaxed)
      }
      usleep(30_000)
    }
    #expect(passes.load(ordering: .relaxed) == 16)
  }

  @Test func membersSeeWhatWasWrittenBeforeARun() {
    let team = ThreadTeam(count: 3, sharesCores: true)
    defer { team.end() }
    var value = 0
    let wrong = Atomic<Int>(0)
    withUnsafeMutablePointer(to: &value) { pointer in
      nonisolated(unsafe) let pointer = pointer
      for round in 1...2000 {
        pointer.pointee = round
        team.run { _ in if pointer.pointee != round { wrong.add(1, ordering: .relaxed) } }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test(.enabled(if: !isDebugBuild)) func barriersAllocateNothingAndRunsTheirClosureOnly() {
    let team = ThreadTeam(count: 3, sharesCores: true)
    defer { team.end() }
    var perMember = [Int](repeating: 0, count: 3)
    perMember.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let perMember = buffer
      let body = { (member: Int) in perMember[member] += allocations { for _ in 0..<100 { team.barrier() } } }
      team.run(body)
      #expect(allocations { for _ in 0..<100 { team.run(body) } } <= 200)
    }
    #expect(perMember == [0, 0, 0])
  }

  @Test func membersAreBoundToTheirCores() {
    let cores = Machine.shared.allowedCores
    let wanted = (0..<3).map { cores[$0 % cores.count] }
    // A team binds the thread that makes it as well: a thread of its own keeps the tests' threads free.
    nonisolated(unsafe) var places: [String] = []
    onThreadOfItsOwn {
      let team = ThreadTeam(count: 3, cores: wanted.map { [$0] }, sharesCores: true)
      defer { team.end() }
      let lock = Mutex([Int: String]())
      team.run { member in lock.withLock { $0[member] = allowedProcessors() } }
      places = lock.withLock { found in (0..<3).map { found[$0] ?? "nowhere" } }
    }
    #expect(places == wanted.map(String.init))
  }
}

/// The processors that the calling thread may run on, as Linux lists them: "0-3" or "2".
private func allowedProcessors() -> String {
  guard let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8) else { return "unknown" }
  let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
  return line.map { String($0.drop { $0 != "\t" }.dropFirst()) } ?? "unknown"
}

private func onThreadOfItsOwn(_ body: () -> Void) {
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { pointer in
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { argument in
          argument!.assumingMemoryBound(to: (() -> Void).self).pointee()
          return nil
        }, UnsafeMutableRawPointer(mutating: pointer))
      precondition(status == 0)
      pthread_join(thread, nil)
    }
  }
}

@Suite struct MachineTests {
  @Test func knowsItsCoresAndCaches() {
    let machine = Machine.shared
    #expect(!machine.allowedCores.isEmpty)
    #expect(machine.allowedCores == machine.allowedCores.sorted())
    #expect(Set(machine.allowedCores).count == machine.allowedCores.count)
    #expect(machine.hostCores.count >= machine.allowedCores.count)
    #expect(machine.hostCores.count <= sysconf(Int32(_SC_NPROCESSORS_CONF)))
    #expect(machine.secondLevelCacheBytes >= 64 << 10)
    #expect(machine.lastLevelCacheBytes >= machine.secondLevelCacheBytes)
    #expect(!Machine.hostName.isEmpty)
  }
}
