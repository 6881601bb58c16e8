internal import Glibc

/// Which file a run was writing, so that a restart finds it again: what stands before the records, with the fingerprint
/// left out, which is set at the end.
struct NetCDFIdentity: Equatable {
  let headerBytes: Int
  let recordBytes: Int
  /// Where the fingerprint's 16 digits stand.
  let fingerprintOffset: Int
  let checksum: UInt64

  /// Looks at a file; nil where it has no such header. By one process alone.
  init?(descriptor: CInt, headerBytes: Int, recordBytes: Int, fingerprintOffset known: Int? = nil) {
    guard var header = Self.read(descriptor, headerBytes) else { return nil }
    let placeholder = Array(NetCDFDefinition.fingerprintPlaceholder.utf8)
    let offset = known ?? Self.find(placeholder, in: header)
    guard let offset, offset >= 0, offset + placeholder.count <= header.count else { return nil }
    header.replaceSubrange(offset..<offset + placeholder.count, with: placeholder)
    // The magic and the number of records come first; the latter changes.
    checksum = Checksum.of(header[12...])
    (self.headerBytes, self.recordBytes, fingerprintOffset) = (headerBytes, recordBytes, offset)
  }

  init(headerBytes: Int, recordBytes: Int, fingerprintOffset: Int, checksum: UInt64) {
    (self.headerBytes, self.recordBytes) = (headerBytes, recordBytes)
    (self.fingerprintOffset, self.checksum) = (fingerprintOffset, checksum)
  }

  private static func read(_ descriptor: CInt, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + done, count - done, done) }
      if got == 0 || got < 0 && errno != EINTR { return nil }
      done += max(0, got)
    }
    return bytes
  }

  private static func find(_ text: [UInt8], in bytes: [UInt8]) -> Int? {
    // The fingerprint is the last global attribute but the configuration's text, which could quote it.
    guard bytes.count > text.count else { return nil }
    return (0..<bytes.count - text.count).first { bytes[$0] == text[0] && bytes[$0..<$0 + text.count] == text[...] }
  }
}

/// The records of a file that a run had begun, made ready to be continued behind some of them.
enum NetCDFContinuation {
  /// Makes `NAME.partial` hold the first `records` records, on one process alone. A run that was ended between giving
  /// the file its name and its own end finds the file under that name.
  /// - Throws: where neither is the file that the checkpoint knows, or records are missing.
  static func prepare(_ path: String, records: Int, identity: NetCDFIdentity) throws(OutputError) {
    let partial = OutputPath.partial(of: path)
    let action = "continue the file"
    if !matches(partial, identity) {
      guard matches(path, identity) else {
        throw OutputError(
          path: path, action: action,
          reason: "neither it nor \(partial) is the file that the run was writing when its checkpoint was made",
          remedy: "put that back, or name another output.file for the further records, or start anew with --fresh")
      }
      if rename(path, partial) != 0 { throw OutputError(path: path, action: action, errno: errno) }
    }
    let descriptor = open(partial, O_RDWR | O_CLOEXEC)
    if descriptor < 0 { throw OutputError(path: path, action: action, errno: errno) }
    defer { close(descriptor) }
    let bytes = identity.headerBytes + records * identity.recordBytes
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw OutputError(path: path, action: action, errno: errno) }
    guard status.st_size >= bytes else {
      throw OutputError(
        path: path, action: action, reason: "\(partial) has not the \(records) records that its checkpoint knows",
        remedy: "put the whole file back, or start anew with --fresh")
    }
    let count = UInt64(records).bigEndian
    let placeholder = Array(NetCDFDefinition.fingerprintPlaceholder.utf8)
    let isWritten =
      withUnsafeBytes(of: count) { pwrite(descriptor, $0.baseAddress!, 8, 4) } == 8
      && placeholder.withUnsafeBytes { pwrite(descriptor, $0.baseAddress!, $0.count, identity.fingerprintOffset) }
        == placeholder.count
      && ftruncate(descriptor, bytes) == 0 && fsync(descriptor) == 0
    if !isWritten { throw OutputError(path: path, action: action, errno: errno) }
  }

  private static func matches(_ path: String, _ identity: NetCDFIdentity) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return NetCDFIdentity(
      descriptor: descriptor, headerBytes: identity.headerBytes, recordBytes: identity.recordBytes,
      fingerprintOffset: identity.fingerprintOffset) == identity
  }
}
