// Collective reads and writes in two calls, between which the program computes.

internal import CMPI

/// One half done, and the memory that it uses, marked as in use until the other half.
internal struct SplitTransfer: ~Copyable {
  private let file: File
  private let storage: MessageStorage
  private let address: UnsafeMutableRawPointer
  private let access: FileAccess
  // MPI-IO may look at the datatype until the end.
  private let datatype: Datatype
  private let count: CInt
  private let isWrite: Bool
  private let place: MPI_Offset?
  private var isActive = false

  init(_ file: File, _ buffer: some OwnedBuffer, isWrite: Bool, _ access: FileAccess, _ offset: Int?) throws(MPIError) {
    require(!file.isSplit, "A file has one split collective at a time: end the one of \(file.path) first.")
    file.requireVisible(buffer.count)
    if isWrite { buffer.storage.requireReadable() } else { buffer.storage.requireWritable() }
    let (count, datatype) = try counted(buffer.count, buffer.datatype)
    (self.file, storage, address) = (file, buffer.storage, buffer.address)
    (self.access, self.isWrite) = (access, isWrite)
    (self.count, self.datatype, place) = (count, datatype, offset.map(checkedOffset))
  }

  mutating func begin() throws(MPIError) {
    let (data, count, type) = (address, count, datatype.handle)
    do throws(MPIError) {
      switch (isWrite, access, place) {
      case (true, .ordered, _):
        try file.call("MPI_File_write_ordered_begin") { MPI_File_write_ordered_begin($0, data, count, type) }
      case (false, .ordered, _):
        try file.call("MPI_File_read_ordered_begin") { MPI_File_read_ordered_begin($0, data, count, type) }
      case (true, _, let place?):
        try file.call("MPI_File_write_at_all_begin") { MPI_File_write_at_all_begin($0, place, data, count, type) }
      case (false, _, let place?):
        try file.call("MPI_File_read_at_all_begin") { MPI_File_read_at_all_begin($0, place, data, count, type) }
      case (true, _, nil):
        try file.call("MPI_File_write_all_begin") { MPI_File_write_all_begin($0, data, count, type) }
      case (false, _, nil):
        try file.call("MPI_File_read_all_begin") { MPI_File_read_all_begin($0, data, count, type) }
      }
    } catch {
      // Else the library takes it for begun, and refuses the next.
      var status = MPI_Status()
      _ = ending(&status).call(file.openHandle)
      throw error
    }
    mark(+1)
    isActive = true
  }

  private func mark(_ change: Int) {
    if isWrite { storage.activeSends += change } else { storage.activeReceives += change }
    file.isSplit = change > 0
  }

  private func ending(_ status: UnsafeMutablePointer<MPI_Status>) -> (name: StaticString, call: (MPI_File?) -> CInt) {
    let data = address
    switch (isWrite, access, place != nil) {
    case (true, .ordered, _):
      return ("MPI_File_write_ordered_end", { MPI_File_write_ordered_end($0, data, status) })
    case (false, .ordered, _):
      return ("MPI_File_read_ordered_end", { MPI_File_read_ordered_end($0, data, status) })
    case (true, _, true): return ("MPI_File_write_at_all_end", { MPI_File_write_at_all_end($0, data, status) })
    case (false, _, true): return ("MPI_File_read_at_all_end", { MPI_File_read_at_all_end($0, data, status) })
    case (true, _, false): return ("MPI_File_write_all_end", { MPI_File_write_all_end($0, data, status) })
    case (false, _, false): return ("MPI_File_read_all_end", { MPI_File_read_all_end($0, data, status) })
    }
  }

  mutating func end() throws(MPIError) -> MPI_Status {
    var status = MPI_Status()
    mark(-1)
    isActive = false
    try withUnsafeMutablePointer(to: &status) { (status) throws(MPIError) in
      let (name, call) = ending(status)
      try file.call(name, call)
    }
    return status
  }

  deinit {
    guard isActive, isMPIRunning else { return }
    require(
      Failure.isUnderWay,
      "A split collective was dropped before its end: all processes must call `end`.")
    _ = Unmanaged.passRetained(storage)
  }
}

/// A collective write that has begun. It must end in `end`, called by all processes: dropping it stops the program.
public struct SplitWrite<Buffer: OwnedBuffer>: ~Copyable {
  private var transfer: SplitTransfer
  private let buffer: Buffer

  fileprivate init(_ file: File, _ buffer: Buffer, _ access: FileAccess, _ offset: Int?) throws(MPIError) {
    var transfer = try SplitTransfer(file, buffer, isWrite: true, access, offset)
    try transfer.begin()
    self.transfer = transfer
    self.buffer = buffer
  }

  /// Waits until the elements are written and hands out their buffer.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_write_at_all_end`,
  /// `MPI_File_write_all_end` and `MPI_File_write_ordered_end`.
  @discardableResult
  public consuming func end() throws(MPIError) -> Buffer {
    _ = try transfer.end()
    return buffer
  }
}

/// A collective read that has begun. It must end in `end`, called by all processes: dropping it stops the program.
public struct SplitRead<Buffer: OwnedBuffer>: ~Copyable {
  private var transfer: SplitTransfer
  private let buffer: Buffer
  private let file: File
  private let start: Int?

  fileprivate init(_ file: File, _ buffer: Buffer, _ access: FileAccess, _ offset: Int?) throws(MPIError) {
    let start = try file.placeToCheck(access, offset, buffer.datatype)
    var transfer = try SplitTransfer(file, buffer, isWrite: false, access, offset)
    try transfer.begin()
    self.transfer = transfer
    (self.buffer, self.file, self.start) = (buffer, file, start)
  }

  /// Waits until the elements are read and hands out their buffer and how many there were, fewer than there is room for
  /// when the file ends before.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_read_at_all_end`,
  /// `MPI_File_read_all_end` and `MPI_File_read_ordered_end`.
  public consuming func end() throws(MPIError) -> (buffer: Buffer, count: Int) {
    let status = try transfer.end()
    return (buffer, try file.byteCount(of: status, from: start) / elementSize(Buffer.Element.self))
  }
}

extension File {
  /// Begins to write elements of all processes. The buffer must not be written until `end` gives it back, and the file
  /// has no other collective call before.
  ///
  /// - Parameters:
  ///   - buffer: the elements.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_write_at_all_begin`
  /// and, without an offset, `MPI_File_write_all_begin`.
  public func beginWriteCollectively<Buffer: OwnedBuffer>(_ buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> SplitWrite<Buffer>
  {
    try SplitWrite(self, buffer, .collective, offset)
  }

  /// Begins to write elements of all processes at the shared pointer, in the order of ranks.
  ///
  /// The views of all processes must be the same. All processes that opened the file must call it. The corresponding
  /// MPI function is `MPI_File_write_ordered_begin`.
  public func beginWriteOrdered<Buffer: OwnedBuffer>(_ buffer: Buffer) throws(MPIError) -> SplitWrite<Buffer> {
    try SplitWrite(self, buffer, .ordered, nil)
  }

  /// Begins to read on all processes. The buffer must not be touched until `end` gives it back, and the file has no
  /// other collective call before.
  ///
  /// - Parameters:
  ///   - buffer: where the elements go.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_read_at_all_begin`
  /// and, without an offset, `MPI_File_read_all_begin`.
  public func beginReadCollectively<Buffer: OwnedBuffer>(into buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> SplitRead<Buffer>
  {
    try SplitRead(self, buffer, .collective, offset)
  }

  /// Begins to read on all processes at the shared pointer, in the order of ranks.
  ///
  /// The views of all processes must be the same. All processes that opened the file must call it. The corresponding
  /// MPI function is `MPI_File_read_ordered_begin`.
  public func beginReadOrdered<Buffer: OwnedBuffer>(into buffer: Buffer) throws(MPIError) -> SplitRead<Buffer> {
    try SplitRead(self, buffer, .ordered, nil)
  }
}
