// Files that all processes of a group read and write together.

internal import CMPI
internal import Glibc

/// A file that the processes of a group have opened together, each reading and writing its own part.
///
///     let file = try File(opening: "field.bin", [.create, .readWrite], over: world)
///     try file.setView(of: Double.self, .subarray(sizes: [64, 48], subsizes: [16, 48], starts: [16 * world.rank, 0]))
///     try file.writeCollectively(values, at: 0)
///     try file.close()
///
/// Each process sees the file through a view, at first all of its bytes. Places in the file are counted in elements of
/// the view: bytes until `setView` has changed it. There are three ways to say where to read and write:
///
/// - at an offset that the call gives;
/// - at the individual pointer, one on each process, which moves on with each such call;
/// - at the shared pointer, one for all processes (the calls with `Shared` and `Ordered` in their names).
///
/// Calls whose name ends in `Collectively` or `Ordered`, and those whose description says so, must be made by all
/// processes that opened the file; MPI then joins their small parts into large ones. The others may be made by any
/// process alone.
///
/// Calls whose name begins with `start` give a request and let the program compute meanwhile, as far as the library
/// can: with ROMIO, the MPI-IO of MPICH and of Open MPI as this module sets it up, the transfer is done when the call
/// returns, because ROMIO loses the errors of others.
///
/// A file must be closed by all processes before MPI ends: one that is dropped while open stays open, and its processes
/// end the run with an error instead of a success. Only the thread that started MPI may use it.
public final class File {
  private var handle: MPI_File?
  /// The path that the file was opened at.
  public let path: String
  /// Whether `close` has not been called.
  public private(set) var isOpen = true

  internal var openHandle: MPI_File {
    requireOpen()
    return handle!
  }
  // Each request under way holds it too, which tells whether there is one.
  private var use = FileUse()
  // Whether a split collective has begun and not ended.
  internal var isSplit = false
  // The view of this process, whose datatypes MPI refers to.
  internal var view = FileView.bytes

  // The paths of the files that are open. Used by the thread that calls MPI.
  nonisolated(unsafe) internal private(set) static var openPaths: [String] = []

  /// How a file is opened: one of `readOnly`, `writeOnly` and `readWrite`, and any of the others.
  public struct Mode: OptionSet, Hashable, Sendable {
    public let rawValue: CInt
    public init(rawValue: CInt) { self.rawValue = rawValue }

    public static var readOnly: Mode { Mode(rawValue: MPI_MODE_RDONLY) }
    public static var writeOnly: Mode { Mode(rawValue: MPI_MODE_WRONLY) }
    public static var readWrite: Mode { Mode(rawValue: MPI_MODE_RDWR) }
    /// Makes the file when there is none; one that exists keeps its contents (see `setSize`).
    public static var create: Mode { Mode(rawValue: MPI_MODE_CREATE) }
    /// With `create`: it is an error when the file exists.
    public static var exclusive: Mode { Mode(rawValue: MPI_MODE_EXCL) }
    /// All pointers start at the end of the file.
    public static var append: Mode { Mode(rawValue: MPI_MODE_APPEND) }
    /// The file is deleted when it is closed.
    public static var deleteOnClose: Mode { Mode(rawValue: MPI_MODE_DELETE_ON_CLOSE) }
    /// A promise that nobody else opens the file at the same time.
    public static var uniqueOpen: Mode { Mode(rawValue: MPI_MODE_UNIQUE_OPEN) }
    /// A promise to use the shared pointer only, as for a tape.
    public static var sequential: Mode { Mode(rawValue: MPI_MODE_SEQUENTIAL) }
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: where it is, the same file on all processes.
  ///   - mode: what will be done with it, the same on all processes.
  ///   - communicator: the processes that use it together, `Communicator`s of one process included.
  ///   - hints: how it will be used; MPI passes over those that it does not know.
  /// - Throws: `MPIError` of class `noSuchFile`, `fileExists`, `accessDenied`, `readOnly`, `fileInUse`, `noSpace`,
  ///   `quotaExceeded`, `badFile` or another, with the path in its text.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_File_open`.
  public init(opening path: String, _ mode: Mode, over communicator: Communicator, hints: Info? = nil) throws(MPIError)
  {
    let accesses: [Mode] = [.readOnly, .writeOnly, .readWrite]
    require(
      accesses.count { mode.contains($0) } == 1,
      "A file is opened with exactly one of the modes readOnly, writeOnly and readWrite.")
    self.path = path
    do throws(MPIError) {
      try check("MPI_File_open") {
        MPI_File_open(communicator.handle, mpiPath(path), mode.rawValue, infoHandle(hints), &handle)
      }
    } catch {
      isOpen = false
      throw error.about(path)
    }
    Self.openPaths.append(path)
    do throws(MPIError) {
      // This is the default, unless the program or another library has changed it.
      try setHandler(cmpi_errors_return())
    } catch {
      try close()
      throw error
    }
  }

  /// Ends the use of the file; what was written is then in it for other programs too.
  ///
  /// - Throws: `MPIError`; the file is closed as far as this process is concerned.
  ///
  /// All processes that opened it must call it, and wait for their requests before. The corresponding MPI function is
  /// `MPI_File_close`.
  public func close() throws(MPIError) {
    requireOpen()
    require(
      Failure.isUnderWay || isKnownUniquelyReferenced(&use) && !isSplit,
      "The file \(path) was closed while being read or written: wait for its requests first.")
    let old = handle
    defer {
      FileReporters.closures[old] = nil
      isOpen = false
      if let index = Self.openPaths.firstIndex(of: path) { Self.openPaths.remove(at: index) }
    }
    // Only the last of the datatypes' users frees them: MPI is done with the view then.
    try withExtendedLifetime(view) { () throws(MPIError) in
      try call("MPI_File_close") { _ in MPI_File_close(&handle) }
    }
  }

  /// Deletes a file that nobody has open.
  ///
  /// - Throws: `MPIError` of class `noSuchFile`, `accessDenied`, `fileInUse` or another.
  ///
  /// Called by one process, not by all. The corresponding MPI function is `MPI_File_delete`.
  public static func delete(_ path: String, hints: Info? = nil) throws(MPIError) {
    do throws(MPIError) {
      try check("MPI_File_delete") { MPI_File_delete(mpiPath(path), infoHandle(hints)) }
    } catch {
      throw error.about(path)
    }
  }
}

/// What stands for the use of a file by its requests.
private final class FileUse {
  private let whole: FileUse?
  private let datatype: Datatype?

  init(keeping whole: FileUse? = nil, _ datatype: Datatype? = nil) {
    (self.whole, self.datatype) = (whole, datatype)
  }
}

extension File {
  internal func requireOpen() { require(isOpen, "The file \(path) was used after it was closed.") }

  /// Calls MPI with the file; an error says which file it was.
  @inline(__always)
  internal func call(_ function: StaticString, _ body: (MPI_File?) -> CInt) throws(MPIError) {
    requireOpen()
    do throws(MPIError) { try check(function) { body(handle) } } catch { throw error.about(path) }
  }

  /// Starts an operation on the file, which counts as in use until it is complete.
  internal func start<Buffer: OwnedBuffer>(
    _ function: StaticString, reading source: Buffer? = nil, writing target: Buffer? = nil,
    _ body: (MPI_File?, UnsafeMutableRawPointer, CInt, MPI_Datatype, inout MPI_Request) -> CInt
  ) throws(MPIError) -> ActiveRequest {
    requireOpen()
    let buffer = source ?? target!
    requireVisible(buffer.count)
    let (count, datatype) = try counted(buffer.count, buffer.datatype)
    // MPI-IO may look at the datatype until the operation is complete; the buffer keeps its own.
    let kept = count == buffer.count ? use : FileUse(keeping: use, datatype)
    do throws(MPIError) {
      return try ActiveRequest(function, reading: source?.storage, writing: target?.storage, keeping: kept) {
        body(handle, buffer.address, count, datatype.handle, &$0)
      }
    } catch {
      throw error.about(path)
    }
  }

  internal static func requireNoneOpen() throws(FileLeftOpen) {
    if !openPaths.isEmpty { throw FileLeftOpen(paths: openPaths) }
  }
}

/// A count that fits into MPI's 32 bits and the datatype that it counts, for calls that go on after they have returned.
internal func counted(_ count: Int, _ datatype: Datatype) throws(MPIError) -> (CInt, Datatype) {
  if let small = CInt(exactly: count) { return (small, datatype) }
  return (1, try Datatype(repeating: datatype, count: count))
}

/// The program ends while files are open.
internal struct FileLeftOpen: Error, CustomStringConvertible {
  let paths: [String]

  var description: String { "left open: \(paths.joined(separator: ", ")); all processes must close a file" }
}

extension MPIError {
  /// The same error with the file that it is about in its text.
  internal func about(_ path: String) -> MPIError {
    var error = self
    if errorClass == .inputOutput {
      // Neither library tells a full disk from a broken one.
      if !function.contains("read") && isDiskFull(path) {
        error.errorClass = .noSpace
        error.text += ": no space left on the disk"
      }
      releaseLocks(path)
    }
    if !text.contains(path) { error.text += ": \(path)" }
    return error
  }
}

private func isDiskFull(_ path: String) -> Bool {
  var state = statvfs()
  // What is no disk has no blocks.
  return statvfs(path, &state) == 0 && state.f_blocks > 0 && state.f_bavail * state.f_frsize < 65536
}

/// ROMIO, the MPI-IO of both libraries, keeps the part of a file locked that it failed to write, and other processes
/// would wait for it for ever. A process loses its locks on a file when it closes any descriptor of it.
private func releaseLocks(_ path: String) {
  let descriptor = open(path, O_RDONLY)
  if descriptor >= 0 { _ = Glibc.close(descriptor) }
}

/// The path as MPI-IO must be given it.
private func mpiPath(_ path: String) -> String {
  require(!path.utf8.contains(0), "A path holds no zero byte.")
  // ROMIO takes what is before a colon for a kind of file system, and one that it does not know is an error. Naming the
  // general one makes the rest a path.
  guard path.contains(":"), isROMIO else { return path }
  return "ufs:\(path)"
}

/// Whether files go through ROMIO: always with MPICH, with Open MPI unless the user has chosen another (see
/// `Environment.start`).
internal let isROMIO: Bool = cmpi_is_open_mpi() == 0 || componentOfOpenMPI.hasPrefix("romio")

private let componentOfOpenMPI = getenv("OMPI_MCA_io").map { String(cString: $0) } ?? ""
