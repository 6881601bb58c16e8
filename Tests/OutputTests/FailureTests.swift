import Glibc
import Simulation
import TestWorld
import Testing

/// A file system of its own, which all ranks see; it needs root.
private func withDisk(_ name: String, options: String, flags: UInt = 0, _ body: (String) throws -> Void) throws {
  let directory = scratch(name)
  if World.rank == 0 {
    mkdir(directory, 0o777)
    try #require(mount("tmpfs", directory, "tmpfs", flags, options) == 0)
  }
  World.barrier()
  defer {
    World.barrier()
    if World.rank == 0 {
      umount(directory)
      rmdir(directory)
    }
    World.barrier()
  }
  try body(directory)
}

private let isRoot = geteuid() == 0

extension NetCDFTests {
  /// What the caller's rank is told when it tries to write `records` records of `cells` cells (12 bytes a cell).
  private func error(writing path: String, cells: [Int] = [4], records: Int = 1, reservesSpace: Bool = true) -> String {
    do {
      try write(path, cells: cells, ranks: World.size, records: records, reservesSpace: reservesSpace)
      return "no error"
    } catch let error as OutputError {
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  @Test(.enabled(if: isRoot), arguments: [true, false]) func aFullDiskIsToldAndLeavesNothing(reserving: Bool) throws {
    try withDisk("full", options: "size=2m") { directory in
      let path = directory + "/run.nc"
      // 0.8 MB a record: the third does not fit.
      let told = error(writing: path, cells: [80, 833], records: 5, reservesSpace: reserving)
      #expect(told.hasPrefix("\(path): cannot write record 2 (time 2.0 s): No space left on device; the disk is full"))
      World.barrier()
      #expect(!exists(path) && !exists(path + ".partial"))
    }
  }

  @Test(.enabled(if: isRoot)) func aDiskWithoutRoomForTheHeaderIsTold() throws {
    try withDisk("tiny", options: "size=4k") { directory in
      let path = directory + "/run.nc"
      let told = error(writing: path, cells: [4096])
      #expect(told.contains("No space left on device; the disk is full"))
      World.barrier()
      #expect(!exists(path) && !exists(path + ".partial"))
    }
  }

  @Test(.enabled(if: isRoot)) func aFileThatDoesNotFitLeavesTheOldOne() throws {
    try withDisk("small", options: "size=64k") { directory in
      if World.rank != 0 { return }
      let path = directory + "/run.json"
      try JSON.text("old").write(to: path)
      let error = #expect(throws: OutputError.self) {
        try JSON.text(String(repeating: "x", count: 100_000)).write(to: path)
      }
      #expect(error?.description.contains("the disk is full") == true)
      #expect(String(decoding: bytes(of: path), as: UTF8.self) == "\"old\"\n" && !exists(path + ".partial"))
    }
  }

  @Test(.enabled(if: isRoot)) func aReadOnlyDiskIsTold() throws {
    try withDisk("read-only", options: "size=1m", flags: UInt(MS_RDONLY)) { directory in
      #expect(error(writing: directory + "/run.nc").contains("Read-only file system; "))
    }
  }

  @Test func aDirectoryIsNoTarget() {
    let path = scratch("directory.nc")
    mkdir(path, 0o777)
    World.barrier()
    #expect(error(writing: path) == "\(path): cannot write the output: Is a directory; name a file, not a directory")
  }

  /// Only the last rank has a value that float cannot hold; all must hear of it.
  @Test func anErrorOnOneRankIsToldOnAll() throws {
    let path = scratch("range.nc")
    let last = World.rank == World.size - 1
    let file = try NetCDFFile(
      path: path, communicator: World.communicator, grid: OutputGrid(cells: [World.size], extent: [1]),
      block: OutputBlock(start: [World.rank], count: [1]),
      fields: [OutputVariable(name: "t", units: "K", longName: "t", precision: .float)],
      description: OutputDescription(
        title: "t", source: "s", configuration: "c", version: "v", layout: "l",
        history: OutputDescription.historyLine(command: "test \(World.rank)")))
    let error = #expect(throws: OutputError.self) {
      try [last ? 1e300 : 1].withUnsafeBufferPointer { try file.appendRecord(time: 0, fields: [.double($0)]) }
    }
    #expect(error?.description.contains("too large for float") == true)
    file.abandon()
    World.barrier()
    #expect(!exists(path) && !exists(path + ".partial"))
  }

  @Test func theCheckBeforeARunIsAgreed() throws {
    let check = { (path: String, bytes: Int) throws -> String? in
      try NetCDFFile.check(path, communicator: World.communicator, expectedBytes: bytes)
    }
    #expect(try check(scratch("checked.nc"), 1 << 60)?.contains("are free") == true)
    #expect(try check(scratch("checked.nc"), 1) == nil)
    #expect(throws: OutputError.self) { try check(scratch("no/such/run.nc"), 0) }
  }

  @Test func aMissingDirectoryIsTold() {
    let told = error(writing: scratch("no/such/run.nc"))
    #expect(told.contains("No such file or directory; create the directory \(scratch("no/such")) first"))
  }

  @Test func anotherExtensionIsRefused() {
    #expect(error(writing: scratch("run.csv")).contains("its name does not end in .nc"))
  }

  @Test func aPlaceWithoutPermissionIsTold() {
    let told = error(writing: "/proc/self/run.nc")
    #expect(told.hasPrefix("/proc/self/run.nc: cannot write the output: "))
  }
}

@Suite struct OutputPathTests {
  @Test func tooLittleSpaceIsWarnedOf() throws {
    let warning = try OutputPath.check(scratch("big.nc"), expectedBytes: 1 << 60)
    #expect(warning?.contains("the output will take about 1153 PB, but only ") == true)
    #expect(try OutputPath.check(scratch("small.nc"), expectedBytes: 1) == nil)
    #expect(!exists(scratch("big.nc.partial")))
  }

  @Test func aDeviceIsNoTarget() {
    #expect(throws: OutputError.self) { try OutputPath.check("/dev/null") }
    #expect(throws: OutputError.self) { try OutputPath.check("") }
    #expect(throws: OutputError.self) { try OutputPath.check(scratch("") + "/") }
  }
}
