import Foundation
import Glibc

/// A file system in memory, mounted for a test.
package struct Disk {
  package let path: String

  package static let canMount: Bool = {
    guard let disk = try? Disk(options: "size=4k", flags: 0) else { return false }
    disk.remove()
    return true
  }()

  package struct Refused: Error {}

  package init(options: String, flags: UInt) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "halo-disk-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", flags, options) == 0 else {
      rmdir(path)
      throw Refused()
    }
  }

  package func remove() {
    umount(path)
    rmdir(path)
  }
}
