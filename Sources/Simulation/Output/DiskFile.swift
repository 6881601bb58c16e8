internal import CFiles
internal import Glibc

/// A file that a process reads and writes at places that it knows, as others do at the same time. Errors are told under
/// the name that the file will have in the end.
final class DiskFile {
  /// What lies at multiples of this, in the file and in memory, can go past the page cache.
  static let page = 4096
  /// Bytes to be read or written at once: more make nothing faster.
  static let pieceBytes = 8 << 20

  private let descriptor: CInt
  /// For messages.
  let name: String
  let action: String
  private var isDirect: Bool

  /// Opens a file that is there.
  /// - Parameters:
  ///   - name: what it is called in messages.
  ///   - isWritten: whether it is going to be written, too.
  ///   - isDirect: whether reads and writes go past the page cache where the file system can do that. It saves the
  ///     copying, which may take longer than the disk, and what is read is then what the disk has.
  init(
    _ path: String, named name: String, action: String, isWritten: Bool = false, isDirect: Bool = false
  ) throws(OutputError) {
    (self.name, self.action) = (name, action)
    let mode = (isWritten ? O_RDWR : O_RDONLY) | O_CLOEXEC
    var opened = open(path, mode | (isDirect ? files_direct : 0))
    self.isDirect = isDirect && opened >= 0
    if opened < 0, isDirect, errno == EINVAL { opened = open(path, mode) }
    if opened < 0 { throw OutputError(path: name, action: action, errno: errno) }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Makes an empty file of so many bytes, with room for them on the disk.
  static func create(_ path: String, bytes: Int, named name: String, action: String) throws(OutputError) {
    // Whoever still writes to one of that name, as ranks of a run that was killed may, has that to himself.
    unlink(path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError(path: name, action: action, errno: errno) }
    defer { close(descriptor) }
    try reserve(descriptor, from: 0, bytes: bytes, path: name, action: action)
    if ftruncate(descriptor, bytes) != 0 { throw OutputError(path: name, action: action, errno: errno) }
  }

  /// Reserves disk space for a part of a file, so that a full disk is found before anything is written to it.
  static func reserve(
    _ descriptor: CInt, from offset: Int, bytes: Int, path: String, action: String
  ) throws(OutputError) {
    let code = files_reserve(descriptor, offset, bytes)
    // Not every file system can reserve; there the size is checked after the write.
    if code != 0 && code != EOPNOTSUPP && code != ENOSYS && code != EINTR {
      throw OutputError(path: path, action: action, errno: code)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(OutputError) {
    try transfer(bytes.count) { done in pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
    }
  }

  /// Fills memory from the file.
  /// - Throws: `OutputError`, also where the file ends before.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(OutputError) {
    try transfer(bytes.count) { done in pread(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
    }
  }

  /// - Parameter call: reads or writes on from where so many bytes are done, and returns how many it did.
  private func transfer(_ count: Int, _ call: (Int) -> Int) throws(OutputError) {
    var done = 0
    while done < count {
      let got = call(done)
      if got > 0 {
        done += got
      } else if got == 0 {
        throw OutputError(path: name, action: action, reason: "it ends before its end")
      } else if errno == EINVAL, isDirect {
        // Some file systems refuse only here.
        isDirect = false
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~files_direct)
      } else if errno != EINTR {
        throw OutputError(path: name, action: action, errno: errno)
      }
    }
  }

  /// Brings what was written to the disk, so that it outlasts a failure of power and is read from there again.
  func flush() throws(OutputError) {
    if fdatasync(descriptor) != 0, errno != EINVAL { throw OutputError(path: name, action: action, errno: errno) }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }
}

/// Memory that whole pages of files are read into and written from.
final class PageMemory: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  /// Whether the system has been made to find all of it.
  private(set) var isReady = false

  /// nil where the system has none.
  init?(_ count: Int) {
    let hugePage = 2 << 20
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, count >= hugePage ? hugePage : DiskFile.page, max(count, 1)) == 0, let memory else {
      return nil
    }
    if count >= hugePage { madvise(memory, count, MADV_HUGEPAGE) }
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
  }

  deinit { free(bytes.baseAddress) }

  /// Takes the time that the first use would take: about that of a disk.
  func makeReady() {
    if let start = bytes.baseAddress, !isReady { memset(start, 0, bytes.count) }
    isReady = true
  }
}
