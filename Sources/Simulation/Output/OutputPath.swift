internal import Glibc

/// The rules for files that a run writes: what may be a target, and how a whole file comes to stand under its name.
package enum OutputPath {
  /// The name under which a file is written until it is whole. It is in the same directory, so that the final rename
  /// stays inside one file system and is therefore atomic.
  static func partial(of path: String) -> String { path + ".partial" }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A file in the same directory.
  static func file(_ name: String, beside path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) + name } ?? name
  }

  /// The file name's extension in lower case and without the dot; empty where there is none.
  static func fileExtension(of path: String) -> String {
    let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Checks before a run starts that `path` can be written, on the calling process alone.
  ///
  /// - Parameters:
  ///   - path: the file to be written.
  ///   - extensions: the extensions allowed, as in `["png", "svg"]`; any if empty.
  ///   - expectedBytes: the size that the file is going to have; 0 if unknown.
  /// - Returns: a warning where the disk has less free space than `expectedBytes`, else nil.
  /// - Throws: `OutputError` if the name is empty, is a directory or a special file, has another extension, or no file
  ///   can be created in its directory.
  package static func check(
    _ path: String, extensions: [String] = [], expectedBytes: Int = 0
  ) throws(OutputError) -> String? {
    let action = "write the output"
    if path.isEmpty || path.hasSuffix("/") {
      throw OutputError(path: path, action: action, reason: "this names no file", remedy: "name a file")
    }
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw OutputError(path: path, action: action, errno: EISDIR)
      default:
        throw OutputError(
          path: path, action: action, reason: "it is a device, a pipe or a socket", remedy: "name a regular file")
      }
    }
    if !extensions.isEmpty && !extensions.contains(fileExtension(of: path)) {
      let allowed = extensions.map { "." + $0 }.joined(separator: " or ")
      throw OutputError(
        path: path, action: action, reason: "its name does not end in \(allowed)", remedy: "end the name in \(allowed)")
    }
    try probe(path, action: action)
    return spaceWarning(path, expectedBytes: expectedBytes)
  }

  /// Only the attempt tells whether a file can be created: for root, access(2) allows what the file system refuses.
  private static func probe(_ path: String, action: String) throws(OutputError) {
    let trial = partial(of: path)
    let existed = access(trial, F_OK) == 0
    let descriptor = open(trial, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError(path: path, action: action, errno: errno) }
    close(descriptor)
    if !existed { unlink(trial) }
  }

  /// Bytes that the caller may still write on the file system that holds `path`; nil if it does not tell.
  static func freeBytes(near path: String) -> Int? {
    var status = statvfs()
    guard statvfs(directory(of: path), &status) == 0, status.f_blocks > 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
    return overflow ? Int.max : bytes
  }

  private static func spaceWarning(_ path: String, expectedBytes: Int) -> String? {
    guard expectedBytes > 0, let free = freeBytes(near: path), free < expectedBytes else { return nil }
    return "\(path): the output will take about \(text(bytes: expectedBytes)), but only \(text(bytes: free)) are free"
  }

  /// `bytes` for people, as in "1.5 GB" (decimal units).
  static func text(bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 999.5 && unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    return (unit == 0 || value >= 99.5 ? fixed(value, decimals: 0) : fixed(value, decimals: 1)) + " " + units[unit]
  }

  /// Writes a whole file: under a temporary name, flushed to the disk, then renamed, so that `path` holds either what
  /// it held before or all of `bytes`.
  /// - Parameter isFlushed: whether it shall outlast a failure of power.
  /// - Throws: `OutputError`; the temporary file is then gone.
  static func write(
    _ bytes: [UInt8], to path: String, action: String, isFlushed: Bool = true
  ) throws(OutputError) {
    let partial = partial(of: path)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError(path: path, action: action, errno: errno) }
    var code: CInt = 0
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count && code == 0 {
        let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count > 0 { done += count } else if count < 0 && errno != EINTR { code = errno }
      }
    }
    if code == 0 && isFlushed && fsync(descriptor) != 0 && errno != EINVAL { code = errno }
    // Network file systems may report a full disk only here.
    if Glibc.close(descriptor) != 0 && code == 0 { code = errno }
    if code == 0 && rename(partial, path) != 0 { code = errno }
    if code != 0 {
      unlink(partial)
      throw OutputError(path: path, action: action, errno: code)
    }
  }
}

extension OutputPath {
  /// Makes a name that was given or taken away in a file's directory last over a failure of power, where the file system
  /// can.
  static func flushDirectory(of path: String) {
    let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// `value` with a fixed number of decimals, in the C locale's notation.
func fixed(_ value: Double, decimals: Int) -> String { formatted(value, decimals: decimals, conversion: "%.*f") }

/// `value` with `digits` significant digits, as C's %g writes it.
func significant(_ value: Double, digits: Int) -> String { formatted(value, decimals: digits, conversion: "%.*g") }

private func formatted(_ value: Double, decimals: Int, conversion: String) -> String {
  withVaList([CInt(decimals), value]) { arguments in
    // The longest %f of a double has 309 digits before the point.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let length = vsnprintf(buffer.baseAddress!, buffer.count, conversion, arguments)
      let kept = min(max(Int(length), 0), buffer.count - 1)
      return String(decoding: buffer[..<kept].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
