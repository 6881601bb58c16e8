// Reading and writing that is done when the call returns.

internal import CMPI

/// Which of MPI's pointers a transfer goes by, and who makes the call.
@usableFromInline
internal enum FileAccess {
  case independent, collective, shared, ordered
}

// MARK: Writing

extension File {
  /// Writes elements.
  ///
  /// - Parameters:
  ///   - values: a value, an array, a span or any other `SendBuffer`.
  ///   - offset: where in the file, in elements of the view; nil is at the individual pointer, which then moves on.
  /// - Throws: `MPIError` of class `noSpace`, `quotaExceeded`, `inputOutput`, `accessDenied` or another.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_write_at` and, without an offset,
  /// `MPI_File_write`.
  @inlinable
  public func write<Buffer: SendBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Buffer, at offset: Int? = nil
  ) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try write(data, count, datatype, .independent, offset)
    }
  }

  /// Writes elements of all processes, which MPI may join into larger pieces first. Those that have nothing to write
  /// give an empty array.
  ///
  /// - Parameters:
  ///   - values: a value, an array, a span or any other `SendBuffer`.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer, which
  ///     then moves on.
  /// - Throws: `MPIError` of class `noSpace`, `quotaExceeded`, `inputOutput`, `accessDenied` or another.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_write_at_all` and,
  /// without an offset, `MPI_File_write_all`.
  @inlinable
  public func writeCollectively<Buffer: SendBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Buffer, at offset: Int? = nil
  ) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try write(data, count, datatype, .collective, offset)
    }
  }

  /// Writes elements at the shared pointer, which then moves on: each process writes after what was written before.
  ///
  /// The views of all processes must be the same. Called by any process. The corresponding MPI function is
  /// `MPI_File_write_shared`.
  @inlinable
  public func writeShared<Buffer: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Buffer) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try write(data, count, datatype, .shared, nil)
    }
  }

  /// Writes elements of all processes at the shared pointer, in the order of ranks; the pointer then moves on.
  ///
  /// The views of all processes must be the same. All processes that opened the file must call it. The corresponding
  /// MPI function is `MPI_File_write_ordered`.
  @inlinable
  public func writeOrdered<Buffer: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Buffer) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try write(data, count, datatype, .ordered, nil)
    }
  }

  @usableFromInline
  internal func write(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ access: FileAccess, _ offset: Int?
  ) throws(MPIError) {
    let place = offset.map(checkedOffset)
    requireVisible(count)
    let ignored = cmpi_status_ignore()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch (access, place) {
      case (.independent, let place?):
        try call("MPI_File_write_at") { MPI_File_write_at($0, place, data, count, type, ignored) }
      case (.independent, nil): try call("MPI_File_write") { MPI_File_write($0, data, count, type, ignored) }
      case (.collective, let place?):
        try call("MPI_File_write_at_all") { MPI_File_write_at_all($0, place, data, count, type, ignored) }
      case (.collective, nil): try call("MPI_File_write_all") { MPI_File_write_all($0, data, count, type, ignored) }
      case (.shared, _): try call("MPI_File_write_shared") { MPI_File_write_shared($0, data, count, type, ignored) }
      case (.ordered, _): try call("MPI_File_write_ordered") { MPI_File_write_ordered($0, data, count, type, ignored) }
      }
    }
  }
}

// MARK: Reading into memory

extension File {
  /// Reads elements.
  ///
  /// - Parameters:
  ///   - values: where the elements go: a variable, an array, a span or any other `ReceiveBuffer`.
  ///   - offset: where in the file, in elements of the view; nil is at the individual pointer, which then moves on.
  /// - Returns: how many whole elements were read: fewer than there is room for when the file ends before, and then the
  ///   rest of the memory has any value.
  /// - Throws: `MPIError` of class `inputOutput`, `accessDenied` or another.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_read_at` and, without an offset,
  /// `MPI_File_read`.
  @inlinable
  public func read<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    into values: inout Buffer, at offset: Int? = nil
  ) throws(MPIError) -> Int {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try read(data, count, datatype, .independent, offset)
    } / elementSize(Buffer.Element.self)
  }

  /// Reads elements on all processes, for which MPI may read larger pieces and hand out parts of them.
  ///
  /// - Parameters:
  ///   - values: where the elements go: a variable, an array, a span or any other `ReceiveBuffer`.
  ///   - offset: where in the file, in elements of the view; nil (on all processes) is at the individual pointer, which
  ///     then moves on.
  /// - Returns: how many whole elements were read, as for `read`.
  /// - Throws: `MPIError` of class `inputOutput`, `accessDenied` or another.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_read_at_all` and,
  /// without an offset, `MPI_File_read_all`.
  @inlinable
  public func readCollectively<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    into values: inout Buffer, at offset: Int? = nil
  ) throws(MPIError) -> Int {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try read(data, count, datatype, .collective, offset)
    } / elementSize(Buffer.Element.self)
  }

  /// Reads elements at the shared pointer, which then moves on: each process reads what none has read before.
  ///
  /// - Returns: how many whole elements were read, as for `read`; but with gaps in the view or the memory, MPI
  ///   libraries do not notice that the file ends before.
  ///
  /// The views of all processes must be the same. Called by any process. The corresponding MPI function is
  /// `MPI_File_read_shared`.
  @inlinable
  public func readShared<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(into values: inout Buffer)
    throws(MPIError) -> Int
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try read(data, count, datatype, .shared, nil)
    } / elementSize(Buffer.Element.self)
  }

  /// Reads elements on all processes at the shared pointer, in the order of ranks; the pointer then moves on.
  ///
  /// - Returns: how many whole elements were read, as for `read`; but with gaps in the view or the memory, MPI
  ///   libraries do not notice that the file ends before.
  ///
  /// The views of all processes must be the same. All processes that opened the file must call it. The corresponding
  /// MPI function is `MPI_File_read_ordered`.
  @inlinable
  public func readOrdered<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(into values: inout Buffer)
    throws(MPIError) -> Int
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try read(data, count, datatype, .ordered, nil)
    } / elementSize(Buffer.Element.self)
  }

  /// Reads and returns how many bytes of data that were.
  @usableFromInline
  internal func read(
    _ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ access: FileAccess, _ offset: Int?
  ) throws(MPIError) -> Int {
    let place = offset.map(checkedOffset)
    requireVisible(count)
    let start = try placeToCheck(access, offset, datatype)
    var status = MPI_Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch (access, place) {
      case (.independent, let place?):
        try call("MPI_File_read_at") { MPI_File_read_at($0, place, data, count, type, &status) }
      case (.independent, nil): try call("MPI_File_read") { MPI_File_read($0, data, count, type, &status) }
      case (.collective, let place?):
        try call("MPI_File_read_at_all") { MPI_File_read_at_all($0, place, data, count, type, &status) }
      case (.collective, nil): try call("MPI_File_read_all") { MPI_File_read_all($0, data, count, type, &status) }
      case (.shared, _): try call("MPI_File_read_shared") { MPI_File_read_shared($0, data, count, type, &status) }
      case (.ordered, _): try call("MPI_File_read_ordered") { MPI_File_read_ordered($0, data, count, type, &status) }
      }
    }
    return try byteCount(of: status, from: start)
  }
}
