// How much of what was to be read the file had, and reading into fresh memory.

internal import CMPI

// MARK: Counting

/// How many bytes of data an element has.
@usableFromInline
internal func elementSize<Element: MPIDatatype>(_ type: Element.Type) -> Int {
  var size: MPI_Count = 0
  let code = MPI_Type_size_x(Element.datatype.handle, &size)
  // An element without data is never read.
  return code == MPI_SUCCESS ? max(Int(size), 1) : MemoryLayout<Element>.size
}

extension File {
  // A read ends early at the end of the file. ROMIO counts what it got only in blocking calls of one process when both
  // the file's part and the memory are one block: otherwise it may claim to have read all. Where it may be wrong, the
  // size of the file tells how many elements there were.

  /// The place in the view at which a read begins; nil when MPI can be trusted with its count, or when the place is not
  /// known.
  internal func placeToCheck(_ access: FileAccess, _ offset: Int?, _ datatype: Datatype) throws(MPIError) -> Int? {
    switch access {
    case .shared, .ordered: return nil
    case .independent:
      let isNamed = try datatype.isNamed
      if isNamed && !view.hasGaps { return nil }
    case .collective: break
    }
    if let offset { return offset }
    return try position
  }

  /// How many bytes of data a read that began at a place gave.
  internal func byteCount(of status: MPI_Status, from start: Int?) throws(MPIError) -> Int {
    var (status, bytes): (MPI_Status, MPI_Count) = (status, 0)
    try check("MPI_Get_elements_x") { MPI_Get_elements_x(&status, cmpi_byte(), &bytes) }
    let count = bytes == cmpi_undefined() ? 0 : Int(bytes)
    guard let start, count > 0 else { return count }
    let fileSize = try size
    let elementSize = try view.element.size
    /// Whether the file has the first `elements` elements that were to be read.
    func has(_ elements: Int) throws(MPIError) -> Bool {
      try byteOffset(of: start + elements - 1) + elementSize <= fileSize
    }
    var (known, wanted) = (0, (count + elementSize - 1) / elementSize)
    if try has(wanted) { return count }
    while wanted - known > 1 {
      let middle = known + (wanted - known) / 2
      if try has(middle) { known = middle } else { wanted = middle }
    }
    return min(count, known * elementSize)
  }
}

// MARK: Reading into fresh memory

extension File {
  /// Reads up to `count` elements as an array, which is shorter when the file ends before.
  ///
  /// - Parameters:
  ///   - type: what is read: `[Double].self`, for example.
  ///   - count: how many elements.
  ///   - offset: where in the file, in elements of the view; nil is at the individual pointer, which then moves on.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_read_at` and, without an offset,
  /// `MPI_File_read`.
  public func read<T: MPIDatatype>(_ type: [T].Type, count: Int, at offset: Int? = nil) throws(MPIError) -> [T] {
    try read(count, .independent, offset)
  }

  /// Reads one value; nil when the file ends before it.
  ///
  /// Called by any process. The corresponding MPI functions are `MPI_File_read_at` and, without an offset,
  /// `MPI_File_read`.
  public func read<T: MPIDatatype>(_ type: T.Type, at offset: Int? = nil) throws(MPIError) -> T? {
    try read([T].self, count: 1, at: offset).first
  }

  /// Reads up to `count` elements on each process as an array, which is shorter when the file ends before.
  ///
  /// All processes that opened the file must call it. The corresponding MPI functions are `MPI_File_read_at_all` and,
  /// without an offset, `MPI_File_read_all`.
  public func readCollectively<T: MPIDatatype>(_ type: [T].Type, count: Int, at offset: Int? = nil)
    throws(MPIError) -> [T]
  {
    try read(count, .collective, offset)
  }

  /// Reads up to `count` elements at the shared pointer as an array, which is shorter when the file ends before.
  ///
  /// Called by any process. The corresponding MPI function is `MPI_File_read_shared`.
  public func readShared<T: MPIDatatype>(_ type: [T].Type, count: Int) throws(MPIError) -> [T] {
    try read(count, .shared, nil)
  }

  /// Reads up to `count` elements on each process at the shared pointer, in the order of ranks, as an array, which is
  /// shorter when the file ends before.
  ///
  /// All processes that opened the file must call it. The corresponding MPI function is `MPI_File_read_ordered`.
  public func readOrdered<T: MPIDatatype>(_ type: [T].Type, count: Int) throws(MPIError) -> [T] {
    try read(count, .ordered, nil)
  }

  private func read<T: MPIDatatype>(_ count: Int, _ access: FileAccess, _ offset: Int?) throws(MPIError) -> [T] {
    require(count >= 0, "0 elements or more are read from a file, not \(count).")
    var failure: MPIError?
    let result = [T](unsafeUninitializedCapacity: count) { storage, initializedCount in
      do throws(MPIError) {
        let bytes = try read(storage.baseAddress, count, T.datatype, access, offset)
        initializedCount = bytes / elementSize(T.self)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result
  }
}
