internal import Glibc
import Stencils

/// Keeps two runs from writing the same files: one that was started too early, while ranks of the one before it still
/// live, waits for their end. Held by rank 0; a process that dies gives it back.
final class RunLock {
  private let path: String
  private var descriptor: CInt = -1

  /// - Parameters:
  ///   - path: a file for this alone, which is taken away in the end.
  ///   - patience: seconds to wait.
  /// - Throws: `OutputError` where another run holds it for longer.
  init(_ path: String, patience: Double) throws(OutputError) {
    self.path = path
    let began = monotonicSeconds()
    while true {
      let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      if opened < 0 { throw OutputError(path: path, action: "keep other runs away", errno: errno) }
      if flock(opened, LOCK_EX | LOCK_NB) == 0 {
        // The run before may have taken the file away meanwhile: whoever opens the name must find this one.
        if Self.isSame(opened, path) {
          descriptor = opened
          return
        }
      } else if errno != EWOULDBLOCK, errno != EINTR {
        // A file system without locks: there is nothing to be held.
        descriptor = opened
        return
      }
      close(opened)
      if monotonicSeconds() - began > patience {
        throw OutputError(
          path: path, action: "keep other runs away", reason: "another run is writing the same files",
          remedy: "wait for its end, or name another output.file")
      }
      usleep(50_000)
    }
  }

  private static func isSame(_ descriptor: CInt, _ path: String) -> Bool {
    var (held, named) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
  }

  func release() {
    guard descriptor >= 0 else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }
}
