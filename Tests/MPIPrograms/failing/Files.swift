// What must not be done with files.

import Glibc
import MPI

/// What must not be done with a file. Meant for one process.
func misuseFile(_ mode: String, _ world: Communicator) throws {
  let path = "/tmp/halo-failing-\(getpid()).bin"
  let file = try File(opening: path, [.create, .readWrite, .deleteOnClose], over: world)
  // It is gone however this ends.
  unlink(path)
  switch mode {
  case "file-open": return
  case "file-throw": throw Refused(description: "the file is too small")
  case "file-closed":
    try file.close()
    print(try file.size)
  case "file-mode": _ = try File(opening: path, [.readOnly, .readWrite], over: world)
  case "file-place": try file.write(1, at: -1)
  case "file-busy":
    let request = try file.startWrite(MessageBuffer([1]), at: 0)
    try file.close()
    try request.wait()
  case "file-view": try file.setView(of: Int.self, .vector(count: 2, blockLength: 2, stride: 1))
  case "file-hidden":
    try file.setView(of: Int.self, .range(0..<0))
    try file.write(1, at: 0)
  case "file-drop": _ = try file.startRead(into: MessageBuffer([1]), at: 0)
  case "file-early":
    let buffer = MessageBuffer([1])
    let write = try file.beginWriteCollectively(buffer, at: 0)
    buffer[0] = 2
    try write.end()
  case "file-twice":
    let first = try file.beginWriteCollectively(MessageBuffer([1]), at: 0)
    let second = try file.beginWriteCollectively(MessageBuffer([1]), at: 0)
    try first.end()
    try second.end()
  case "file-half": _ = try file.beginWriteCollectively(MessageBuffer([1]), at: 0)
  default: throw Refused(description: "unknown mode \(mode)")
  }
}
