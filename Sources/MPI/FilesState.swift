// What is known of a file as a whole, and what can be changed about it.

internal import CMPI

extension File {
  /// How many bytes the file has. The corresponding MPI function is `MPI_File_get_size`.
  public var size: Int {
    get throws(MPIError) {
      var size: MPI_Offset = 0
      try call("MPI_File_get_size") { MPI_File_get_size($0, &size) }
      return Int(size)
    }
  }

  /// Cuts the file off after some bytes or makes it longer; the new bytes have any value.
  ///
  /// All processes that opened it must call it with the same size, with no request on it under way. The corresponding
  /// MPI function is `MPI_File_set_size`.
  public func setSize(_ size: Int) throws(MPIError) {
    require(size >= 0, "A file has 0 bytes or more, not \(size).")
    try call("MPI_File_set_size") { MPI_File_set_size($0, MPI_Offset(size)) }
  }

  /// Reserves room on the disk for the first `size` bytes, so that writing them later does not fail for want of it. A
  /// shorter file becomes as long, a longer one stays as it is.
  ///
  /// - Throws: `MPIError` of class `noSpace` when the disk is full.
  ///
  /// All processes that opened it must call it with the same size, with no request on it under way. The corresponding
  /// MPI function is `MPI_File_preallocate`.
  public func preallocate(_ size: Int) throws(MPIError) {
    require(size >= 0, "A file has 0 bytes or more, not \(size).")
    try call("MPI_File_preallocate") { MPI_File_preallocate($0, MPI_Offset(size)) }
    // ROMIO tells of a failure only the one process that tried.
    guard try self.size < size else { return }
    try call("MPI_File_preallocate") { _ in CInt(MPI_ERR_NO_SPACE) }
  }

  /// How the file was opened. The corresponding MPI function is `MPI_File_get_amode`.
  public var mode: Mode {
    get throws(MPIError) {
      var mode: CInt = 0
      try call("MPI_File_get_amode") { MPI_File_get_amode($0, &mode) }
      return Mode(rawValue: mode)
    }
  }

  /// The processes that opened the file. The corresponding MPI function is `MPI_File_get_group`.
  public func group() throws(MPIError) -> Group {
    var group = cmpi_group_null()
    try call("MPI_File_get_group") { MPI_File_get_group($0, &group) }
    return try Group(handle: group)
  }

  /// The hints that MPI uses for the file: with MPICH those that it chose itself too, with Open MPI those given when
  /// the file was opened, until `setHints` is called.
  ///
  /// The corresponding MPI function is `MPI_File_get_info`.
  public var hints: Info {
    get throws(MPIError) {
      var info = cmpi_info_null()
      try call("MPI_File_get_info") { MPI_File_get_info($0, &info) }
      return Info(owning: info)
    }
  }

  /// Gives MPI hints for the further use of the file.
  ///
  /// All processes that opened it must call it. The corresponding MPI function is `MPI_File_set_info`.
  public func setHints(_ hints: Info) throws(MPIError) {
    try call("MPI_File_set_info") { MPI_File_set_info($0, hints.handle) }
  }

  /// Whether a process that reads what others write at the same time finds all or nothing of each write.
  ///
  /// The corresponding MPI function is `MPI_File_get_atomicity`.
  public var isAtomic: Bool {
    get throws(MPIError) {
      var flag: CInt = 0
      try call("MPI_File_get_atomicity") { MPI_File_get_atomicity($0, &flag) }
      return flag != 0
    }
  }

  /// Makes reads and writes of different processes at the same place happen one after another, or, as at first, not.
  ///
  /// All processes that opened it must call it with the same value. The corresponding MPI function is
  /// `MPI_File_set_atomicity`.
  public func setAtomic(_ isAtomic: Bool) throws(MPIError) {
    try call("MPI_File_set_atomicity") { MPI_File_set_atomicity($0, isAtomic ? 1 : 0) }
  }

  /// Brings what this process has written to the disk, and lets it see what others have brought there.
  ///
  /// A process reads what another has written after `sync` on both with a barrier between them.
  ///
  /// All processes that opened it must call it. The corresponding MPI function is `MPI_File_sync`.
  public func sync() throws(MPIError) {
    try call("MPI_File_sync") { MPI_File_sync($0) }
  }

  /// From the beginning of one element to that of the next in the file, in bytes: it depends on the view's
  /// representation of data. The corresponding MPI function is `MPI_File_get_type_extent`.
  public func extent<T: MPIDatatype>(of type: T.Type) throws(MPIError) -> Int {
    var extent: MPI_Aint = 0
    let datatype = T.datatype
    try call("MPI_File_get_type_extent") { MPI_File_get_type_extent($0, datatype.handle, &extent) }
    return Int(extent)
  }
}

// MARK: Pointers

extension File {
  /// What a new place of a pointer is counted from.
  public enum Origin: Sendable {
    /// The beginning of the view.
    case start
    /// Where the pointer is.
    case current
    /// The end of the file.
    case end

    fileprivate var value: CInt {
      switch self {
      case .start: CInt(MPI_SEEK_SET)
      case .current: CInt(MPI_SEEK_CUR)
      case .end: CInt(MPI_SEEK_END)
      }
    }
  }

  /// Where the individual pointer of this process is, in elements of the view.
  ///
  /// The corresponding MPI function is `MPI_File_get_position`.
  public var position: Int {
    get throws(MPIError) {
      var position: MPI_Offset = 0
      try call("MPI_File_get_position") { MPI_File_get_position($0, &position) }
      return Int(position)
    }
  }

  /// Moves the individual pointer of this process.
  ///
  /// - Parameters:
  ///   - offset: how far from the origin, in elements of the view; negative is before it.
  ///   - origin: what it is counted from.
  ///
  /// The corresponding MPI function is `MPI_File_seek`.
  public func seek(to offset: Int, from origin: Origin = .start) throws(MPIError) {
    try call("MPI_File_seek") { MPI_File_seek($0, MPI_Offset(offset), origin.value) }
  }

  /// Where the shared pointer is, in elements of the view.
  ///
  /// The corresponding MPI function is `MPI_File_get_position_shared`.
  public var sharedPosition: Int {
    get throws(MPIError) {
      var position: MPI_Offset = 0
      try call("MPI_File_get_position_shared") { MPI_File_get_position_shared($0, &position) }
      return Int(position)
    }
  }

  /// Moves the shared pointer.
  ///
  /// All processes that opened the file must call it with the same arguments. The corresponding MPI function is
  /// `MPI_File_seek_shared`.
  public func seekShared(to offset: Int, from origin: Origin = .start) throws(MPIError) {
    try call("MPI_File_seek_shared") { MPI_File_seek_shared($0, MPI_Offset(offset), origin.value) }
  }

  /// Where in the file an element of the view lies, in bytes from the file's beginning.
  ///
  /// - Parameter offset: the place of the element in the view.
  ///
  /// The corresponding MPI function is `MPI_File_get_byte_offset`.
  public func byteOffset(of offset: Int) throws(MPIError) -> Int {
    var bytes: MPI_Offset = 0
    let offset = checkedOffset(offset)
    try call("MPI_File_get_byte_offset") { MPI_File_get_byte_offset($0, offset, &bytes) }
    return Int(bytes)
  }
}

/// Checks a place in a file.
@inline(__always)
internal func checkedOffset(_ offset: Int) -> MPI_Offset {
  require(offset >= 0, "A place in a file is 0 elements or more after the beginning of the view, not \(offset).")
  return MPI_Offset(offset)
}
