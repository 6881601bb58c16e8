internal import Glibc

/// What went wrong with a file that a run writes: one sentence that names the file, the reason and what would be right.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  /// The file as the user named it.
  package let path: String
  /// What was being done, as in "create the file".
  package let action: String
  /// What the system or the library said.
  package let reason: String
  /// What would be right, or an empty text where nothing better than the reason is known.
  package let remedy: String

  package init(path: String, action: String, reason: String, remedy: String = "") {
    self.path = path
    self.action = action
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String {
    "\(path): cannot \(action): \(reason)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }

  /// The error behind the `errno` value `code`.
  init(path: String, action: String, errno code: CInt) {
    self.init(
      path: path, action: action, reason: String(cString: strerror(code)),
      remedy: Self.remedy(errno: code, directory: OutputPath.directory(of: path)))
  }

  private static func remedy(errno code: CInt, directory: String) -> String {
    switch code {
    case EACCES, EPERM: "name a directory that you may write to, or ask for write permission on \(directory)"
    case EROFS: "\(directory) is on a read-only file system: name a directory on a writable one"
    case ENOENT: "create the directory \(directory) first, or name one that exists"
    case ENOTDIR: "a part of \(directory) is a file: name a directory"
    case EISDIR: "name a file, not a directory"
    case ENOSPC: "the disk is full: free some space on it, or write less often or in float"
    case EDQUOT: "the disk quota is used up: free some space, or ask for a larger quota"
    case EFBIG: "the file would exceed the size limit (see ulimit -f)"
    case EMFILE, ENFILE: "too many files are open (see ulimit -n)"
    case ENAMETOOLONG: "give the file a shorter name"
    default: ""
    }
  }
}
