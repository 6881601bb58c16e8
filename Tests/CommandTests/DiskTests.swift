// Disks that are full or read-only. They are file systems of their own, which only root can mount.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Disk.canMount, "mounting a file system needs root and the right to mount"))
struct DiskTests {
  @Test(arguments: [1, 4]) func aFullDiskIsToldOnceAndLeavesNothing(ranks: Int) throws {
    let disk = try Disk(options: "size=1m", flags: 0)
    defer { disk.remove() }
    let file = disk.path + "/plate.nc"
    // 0.5 MB a record.
    let input = BadInput.changes(
      "full disk",
      [
        ("[24, 16]", "[256, 256]"), (#"file = "plate.nc""#, #"file = "\#(file)""#), ("end = 0.5", "end = 0.001"),
        ("0.1", "0.0002"),
      ],
      says: "\(file): cannot write record 1")
    let outcome = try #require(try runAll([input], ranks: ranks).first)
    let lines = ownLines(of: outcome.result)
    #expect(outcome.result.status == 1 && lines.count == 1, "\(outcome.result)")
    #expect(lines.first?.hasPrefix("error: \(file): cannot write record ") == true, "\(lines)")
    #expect(lines.first?.contains("No space left on device; the disk is full: free some space") == true, "\(lines)")
    // What will not fit is told before the run.
    #expect(outcome.result.stderr.contains("warning: \(file): the output will take about 3.1 MB, but only "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    #expect(outcome.newFiles.isEmpty)
  }

  @Test(arguments: [1, 4]) func aReadOnlyDiskIsToldBeforeTheRun(ranks: Int) throws {
    let disk = try Disk(options: "size=1m", flags: UInt(MS_RDONLY))
    defer { disk.remove() }
    let inputs = ["plate.nc", "plate.png"].map { name in
      BadInput.change(
        "read-only \(name)", "\"\(name)\"", to: "\"\(disk.path)/\(name)\"",
        says:
          "\(disk.path)/\(name): cannot write the output: Read-only file system; \(disk.path) is on a read-only file system"
      )
    }
    for (input, outcome) in zip(inputs, try runAll(inputs, ranks: ranks)) {
      let lines = ownLines(of: outcome.result)
      #expect(outcome.result.status == 1 && lines.count == 1, "\(outcome.result)")
      #expect(lines.first?.hasPrefix("error: " + input.message) == true, "\(lines)")
      #expect(outcome.newFiles.isEmpty)
    }
  }
}
