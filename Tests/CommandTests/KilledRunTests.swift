// Runs that are ended from outside: everything ends within seconds, and no file stands under its final name.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.serialized) struct KilledRunTests {
  /// One rank is killed: the launcher ends the others, whatever they wait for it by.
  @Test(arguments: ["messages", "copies"]) func killingOneRankEndsAll(exchange: String) throws {
    try end("a rank", exchange: exchange) { run in kill(run.ranks[2], SIGKILL) }
  }

  /// What a batch system sends when the time is up.
  @Test func endingTheLauncherEndsAllRanks() throws {
    try end("the launcher") { run in kill(run.launcher, SIGTERM) }
  }

  private func end(_ what: String, exchange: String = "copies", _ strike: (LongRun) throws -> Void) throws {
    let run = try LongRun(ranks: 4, exchange: exchange)
    defer { run.clean() }
    try run.waitUntilWriting()
    let struck = Date()
    try strike(run)
    let status = try #require(run.waitForEnd(seconds: 20), "the run goes on after \(what) was ended")
    #expect(status != 0)
    #expect(Date().timeIntervalSince(struck) < 15)
    // Processes that no one waits for would go on computing.
    let deadline = Date() + 10
    while Date() < deadline, run.ranks.contains(where: isAlive) { usleep(50_000) }
    #expect(run.ranks.filter(isAlive).isEmpty, "left running after \(what) was ended")
    let left = try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
    #expect(!left.contains("plate.nc") && !left.contains("plate.png") && !left.contains("run.json"), "\(left)")
  }
}

/// Whether a process computes or waits; one that has ended and is not yet collected does not count.
private func isAlive(_ process: pid_t) -> Bool {
  guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
  return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// A run that would take hours.
private final class LongRun {
  let folder: URL
  let launcher: pid_t
  private(set) var ranks: [pid_t] = []
  private let process = Process()
  /// Killed ranks leave their shared memory behind: in a folder of its own it can be swept away.
  private let memory = URL(filePath: "/dev/shm/halo-\(UUID().uuidString)")
  private let count: Int

  /// - Parameter exchange: how ghost cells come from ranks of the same host.
  init(ranks count: Int, exchange: String) throws {
    self.count = count
    folder = FileManager.default.temporaryDirectory.appending(path: "halo-long-\(UUID().uuidString)")
    for made in [folder, memory] {
      try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    }
    let text = BadInput.changed([("end = 0.5", "end = 1e7"), ("every = 0.1", "every = 1e3")])
    try Data(text.utf8).write(to: folder.appending(path: "config.toml"))
    let program = buildDirectory.appending(path: "heatsim").path
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [mpirun, "--oversubscribe", "-np", "\(count)", program, "config.toml", "--quiet"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_btl_vader_backing_directory": memory.path, "OMPI_MCA_osc_sm_backing_directory": memory.path,
        "HALO_EXCHANGE": exchange,
        "XDG_CACHE_HOME": noCache,
      ]) { $1 }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    // Tests run on threads that block signals, and a new process inherits that: the launcher would not hear SIGTERM.
    var none = sigset_t()
    var blocked = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    try process.run()
    launcher = process.processIdentifier
  }

  struct NeverStarted: Error {}

  /// Waits until all ranks run and the first record is on its way to the file.
  func waitUntilWriting() throws {
    let partial = folder.appending(path: "plate.nc.partial").path
    let deadline = Date() + 30
    while Date() < deadline {
      ranks = children(of: launcher)
      let size = (try? FileManager.default.attributesOfItem(atPath: partial)[.size]) as? Int ?? 0
      // The header alone is smaller than a page and a record.
      if ranks.count == count, size > 4096 + 24 * 16 * 8 { return }
      usleep(20_000)
    }
    throw NeverStarted()
  }

  /// The exit status, or nil if the run did not end in time.
  func waitForEnd(seconds: Double) -> Int32? {
    let deadline = Date() + seconds
    while process.isRunning, Date() < deadline { usleep(20_000) }
    if process.isRunning { return nil }
    return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
  }

  private func children(of parent: pid_t) -> [pid_t] {
    let path = "/proc/\(parent)/task/\(parent)/children"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
  }

  /// Ends what is left, by its number, and removes the folder.
  func clean() {
    for process in ranks + [launcher] where isAlive(process) { kill(process, SIGKILL) }
    for made in [folder, memory] { try? FileManager.default.removeItem(at: made) }
  }
}
