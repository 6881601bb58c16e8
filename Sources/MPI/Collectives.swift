// Data that all processes of a group give or get together.

internal import CMPI

// What MPI takes instead of an address when the elements to send are where the result goes.
@usableFromInline
internal var inPlace: UnsafeRawPointer? { UnsafeRawPointer(cmpi_in_place()) }

@inlinable
internal func requireSameCount(_ values: Int, _ result: Int) {
  require(values == result, "The result of \(values) elements needs room for as many, not for \(result).")
}

extension Communicator {
  /// Waits until all processes of the group have called it. The corresponding MPI function is `MPI_Barrier`.
  public func barrier() throws(MPIError) {
    try check("MPI_Barrier") { MPI_Barrier(handle) }
  }
}

// MARK: Broadcast

extension Communicator {
  /// Copies elements from one process to the same place on all.
  ///
  /// - Parameters:
  ///   - values: the elements on the root; as much room on every other process.
  ///   - root: the rank whose elements are copied.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<T: MPIDatatype>(_ values: UnsafeMutableBufferPointer<T>, from root: Int) throws(MPIError) {
    try broadcast(values.baseAddress, values.count, T.datatype, root)
  }

  /// Copies the elements of an array, as long on every process, from one process to all. The corresponding MPI function
  /// is `MPI_Bcast`.
  @inlinable
  public func broadcast<T: MPIDatatype>(_ values: inout [T], from root: Int) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { (values) throws(MPIError) in try broadcast(values, from: root) }
  }

  /// The value that one process gave, on all. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<T: MPIDatatype>(_ value: T, from root: Int) throws(MPIError) -> T {
    var result = value
    try withUnsafeMutablePointer(to: &result) { (result) throws(MPIError) in
      try broadcast(result, 1, T.datatype, root)
    }
    return result
  }

  /// The array that one process gave, on all; the others' may have any length and are not looked at.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Bcast`, called for the length and
  /// for the elements.
  @inlinable
  public func broadcastVariable<T: MPIDatatype>(_ values: [T], from root: Int) throws(MPIError) -> [T] {
    let count = try broadcast(values.count, from: root)
    if rank == root {
      var values = values
      try broadcast(&values, from: root)
      return values
    }
    return try makeArray(count: count) { (storage: UnsafeMutableBufferPointer<T>) throws(MPIError) in
      try broadcast(storage, from: root)
    }
  }

  /// The text that one process gave, on all. The corresponding MPI function is `MPI_Bcast`, called for the length and
  /// for the bytes.
  public func broadcast(_ text: String, from root: Int) throws(MPIError) -> String {
    let bytes = try broadcastVariable(rank == root ? Array(text.utf8) : [], from: root)
    return String(decoding: bytes, as: UTF8.self)
  }

  @usableFromInline
  internal func broadcast(_ values: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ root: Int)
    throws(MPIError)
  {
    let (count, root) = (checkedCount(count), checkedRoot(root))
    try check("MPI_Bcast") { MPI_Bcast(values, count, datatype.handle, root, handle) }
  }
}

// MARK: Gather

extension Communicator {
  /// Joins as many elements of each process, in the order of ranks, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: on the root, room for `size` times as many; not looked at elsewhere.
  ///   - root: the rank that gets them.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gather`.
  @inlinable
  public func gather<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, to root: Int
  ) throws(MPIError) {
    if rank == root { requireSameCount(values.count * size, result.count) }
    try gather(values.baseAddress, values.count, result.baseAddress, T.datatype, root)
  }

  /// Joins arrays of the same length, in the order of ranks, on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gather`.
  @inlinable
  public func gather<T: MPIDatatype>(_ values: [T], to root: Int) throws(MPIError) -> [T]? {
    try values.withUnsafeBufferPointer { (values) throws(MPIError) -> [T]? in
      guard rank == root else {
        try gather(values.baseAddress, values.count, nil, T.datatype, root)
        return nil
      }
      return try makeArray(count: values.count * size) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try gather(values, into: result, to: root)
      }
    }
  }

  /// One value of each process, in the order of ranks, on one process; nil on the others. The corresponding MPI function
  /// is `MPI_Gather`.
  @inlinable
  public func gather<T: MPIDatatype>(_ value: T, to root: Int) throws(MPIError) -> [T]? {
    try gather([value], to: root)
  }

  /// Joins as many elements of each process, in the order of ranks, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: room for `size` times as many.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgather`.
  @inlinable
  public func allGather<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>
  ) throws(MPIError) {
    requireSameCount(values.count * size, result.count)
    try allGather(values.baseAddress, values.count, result.baseAddress, T.datatype)
  }

  /// Joins arrays of the same length, in the order of ranks, on all processes. The corresponding MPI function is
  /// `MPI_Allgather`.
  @inlinable
  public func allGather<T: MPIDatatype>(_ values: [T]) throws(MPIError) -> [T] {
    try values.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      try makeArray(count: values.count * size) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try allGather(values, into: result)
      }
    }
  }

  /// One value of each process, in the order of ranks, on all processes. The corresponding MPI function is
  /// `MPI_Allgather`.
  @inlinable
  public func allGather<T: MPIDatatype>(_ value: T) throws(MPIError) -> [T] {
    try withUnsafePointer(to: value) { (value) throws(MPIError) -> [T] in
      try makeArray(count: size) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try allGather(value, 1, result.baseAddress, T.datatype)
      }
    }
  }

  @usableFromInline
  internal func gather(
    _ values: UnsafeRawPointer?, _ count: Int, _ result: UnsafeMutableRawPointer?, _ datatype: Datatype, _ root: Int
  ) throws(MPIError) {
    let (count, root) = (checkedCount(count), checkedRoot(root))
    let type = datatype.handle
    try check("MPI_Gather") { MPI_Gather(values, count, type, result, count, type, root, handle) }
  }

  @usableFromInline
  internal func allGather(
    _ values: UnsafeRawPointer?, _ count: Int, _ result: UnsafeMutableRawPointer?, _ datatype: Datatype
  ) throws(MPIError) {
    let count = checkedCount(count)
    let type = datatype.handle
    try check("MPI_Allgather") { MPI_Allgather(values, count, type, result, count, type, handle) }
  }
}
