// Reading and writing that may go on while the program computes.

internal import CMPI

/// A read from a file under way. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the
/// program.
public struct ReadRequest<Buffer: OwnedBuffer>: ~Copyable {
  private var request: ActiveRequest
  private let buffer: Buffer
  private let file: File
  private let start: Int?
  // Of a read that was complete when the call that started it returned.
  private let status: MPI_Status?

  fileprivate init(
    _ request: consuming ActiveRequest, into buffer: Buffer, of file: File, from start: Int?,
    _ status: MPI_Status? = nil
  ) {
    self.status = status
    self.request = request
    self.buffer = buffer
    self.file = file
    self.start = start
  }

  /// Whether the read is complete; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits until the read is complete and hands out the memory and how many whole elements were read, fewer than there
  /// is room for when the file ends before. The corresponding MPI function is `MPI_Wait`.
  public consuming func wait() throws(MPIError) -> (buffer: Buffer, count: Int) {
    try request.wait()
    let bytes = try file.byteCount(of: status ?? request.status.value, from: start)
    return (buffer, bytes / elementSize(Buffer.Element.self))
  }

  /// Gives up on the read; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

// With MPICH, and with Open MPI unless `OMPI_MCA_io` names another component, files go through ROMIO (see below).
extension File {
  /// Starts to write the elements of a buffer, which must not be written until the request's `wait` gives it back.
  ///
  /// - Parameters:
  ///   - buffer: the elements.
  ///   - offset: where in the file, in elements of the view; nil is at the individual pointer, which moves on at once.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_iwrite_at` and, without an offset,
  /// `MPI_File_iwrite`.
  public func startWrite<Buffer: OwnedBuffer>(_ buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> Request<Buffer>
  {
    try startWriting(buffer, .independent, offset)
  }

  /// Starts to write elements of all processes, which MPI may join into larger pieces first.
  ///
  /// - Parameters:
  ///   - buffer: the elements.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer, which
  ///     moves on at once.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_iwrite_at_all` and,
  /// without an offset, `MPI_File_iwrite_all`.
  public func startWriteCollectively<Buffer: OwnedBuffer>(_ buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> Request<Buffer>
  {
    try startWriting(buffer, .collective, offset)
  }

  /// Starts to write elements at the shared pointer, which moves on at once.
  ///
  /// The views of all processes must be the same. Called by any process. The corresponding MPI function is
  /// `MPI_File_iwrite_shared`.
  public func startWriteShared<Buffer: OwnedBuffer>(_ buffer: Buffer) throws(MPIError) -> Request<Buffer> {
    try startWriting(buffer, .shared, nil)
  }

  /// Starts to read into a buffer, which must not be touched until the request's `wait` gives it back.
  ///
  /// - Parameters:
  ///   - buffer: where the elements go.
  ///   - offset: where in the file, in elements of the view; nil is at the individual pointer, which moves on at once.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_iread_at` and, without an offset,
  /// `MPI_File_iread`.
  public func startRead<Buffer: OwnedBuffer>(into buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> ReadRequest<Buffer>
  {
    try startReading(into: buffer, .independent, offset)
  }

  /// Starts to read on all processes, for which MPI may read larger pieces and hand out parts of them.
  ///
  /// - Parameters:
  ///   - buffer: where the elements go.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer, which
  ///     moves on at once.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_iread_at_all` and,
  /// without an offset, `MPI_File_iread_all`.
  public func startReadCollectively<Buffer: OwnedBuffer>(into buffer: Buffer, at offset: Int? = nil) throws(MPIError)
    -> ReadRequest<Buffer>
  {
    try startReading(into: buffer, .collective, offset)
  }

  /// Starts to read at the shared pointer, which moves on at once. MPI libraries do not notice when the file ends
  /// before the memory is full.
  ///
  /// The views of all processes must be the same. Called by any process. The corresponding MPI function is
  /// `MPI_File_iread_shared`.
  public func startReadShared<Buffer: OwnedBuffer>(into buffer: Buffer) throws(MPIError) -> ReadRequest<Buffer> {
    try startReading(into: buffer, .shared, nil)
  }
}

// MARK: Calls of MPI

// ROMIO cannot be asked for nonblocking transfers. MPICH's reports success when a collective one fails, and waits for
// ever when another fails, as on a full disk; Open MPI 4's jumps to address 0 in collective ones. Where files go
// through it, the blocking call takes the place of the nonblocking one, and the request is complete from the start.
extension File {
  private func startWriting<Buffer: OwnedBuffer>(_ buffer: Buffer, _ access: FileAccess, _ offset: Int?)
    throws(MPIError) -> Request<Buffer>
  {
    let ignored = cmpi_status_ignore()
    let request =
      switch (access, offset.map(checkedOffset)) {
      case (.collective, let place?):
        try start("MPI_File_iwrite_at_all", reading: buffer) {
          isROMIO
            ? MPI_File_write_at_all($0, place, $1, $2, $3, ignored) : MPI_File_iwrite_at_all($0, place, $1, $2, $3, &$4)
        }
      case (.collective, nil):
        try start("MPI_File_iwrite_all", reading: buffer) {
          isROMIO ? MPI_File_write_all($0, $1, $2, $3, ignored) : MPI_File_iwrite_all($0, $1, $2, $3, &$4)
        }
      case (.shared, _), (.ordered, _):
        try start("MPI_File_iwrite_shared", reading: buffer) {
          isROMIO ? MPI_File_write_shared($0, $1, $2, $3, ignored) : MPI_File_iwrite_shared($0, $1, $2, $3, &$4)
        }
      case (.independent, let place?):
        try start("MPI_File_iwrite_at", reading: buffer) {
          isROMIO ? MPI_File_write_at($0, place, $1, $2, $3, ignored) : MPI_File_iwrite_at($0, place, $1, $2, $3, &$4)
        }
      case (.independent, nil):
        try start("MPI_File_iwrite", reading: buffer) {
          isROMIO ? MPI_File_write($0, $1, $2, $3, ignored) : MPI_File_iwrite($0, $1, $2, $3, &$4)
        }
      }
    return Request(request, giving: buffer)
  }

  private func startReading<Buffer: OwnedBuffer>(into buffer: Buffer, _ access: FileAccess, _ offset: Int?)
    throws(MPIError) -> ReadRequest<Buffer>
  {
    // Nonblocking reads do not count what they got.
    let first = try access == .shared ? nil : placeToCheck(.collective, offset, buffer.datatype)
    var status = MPI_Status()
    let request =
      switch (access, offset.map(checkedOffset)) {
      case (.collective, let place?):
        try start("MPI_File_iread_at_all", writing: buffer) {
          isROMIO
            ? MPI_File_read_at_all($0, place, $1, $2, $3, &status) : MPI_File_iread_at_all($0, place, $1, $2, $3, &$4)
        }
      case (.collective, nil):
        try start("MPI_File_iread_all", writing: buffer) {
          isROMIO ? MPI_File_read_all($0, $1, $2, $3, &status) : MPI_File_iread_all($0, $1, $2, $3, &$4)
        }
      case (.shared, _), (.ordered, _):
        try start("MPI_File_iread_shared", writing: buffer) {
          isROMIO ? MPI_File_read_shared($0, $1, $2, $3, &status) : MPI_File_iread_shared($0, $1, $2, $3, &$4)
        }
      case (.independent, let place?):
        try start("MPI_File_iread_at", writing: buffer) {
          isROMIO ? MPI_File_read_at($0, place, $1, $2, $3, &status) : MPI_File_iread_at($0, place, $1, $2, $3, &$4)
        }
      case (.independent, nil):
        try start("MPI_File_iread", writing: buffer) {
          isROMIO ? MPI_File_read($0, $1, $2, $3, &status) : MPI_File_iread($0, $1, $2, $3, &$4)
        }
      }
    return ReadRequest(request, into: buffer, of: self, from: first, isROMIO ? status : nil)
  }
}
