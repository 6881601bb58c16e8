// How values of several processes become one.

internal import CMPI

/// An operation that makes one value of two, applied over the processes of a group.
///
/// MPI chooses the order, which may depend on the number of processes: sums of floating-point numbers agree to rounding
/// only. The operations that a type has are those that the standard defines for it.
public struct Reduction<Element: MPIDatatype>: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer.
  internal let handle: MPI_Op
}

extension Reduction where Element: Numeric {
  /// The corresponding MPI operation is `MPI_SUM`.
  public static var sum: Reduction { Reduction(handle: cmpi_sum()) }
  /// The corresponding MPI operation is `MPI_PROD`.
  public static var product: Reduction { Reduction(handle: cmpi_product()) }
}

extension Reduction where Element: Comparable {
  /// The least value; with a NaN among them the result is any of the values. The corresponding MPI operation is `MPI_MIN`.
  public static var min: Reduction { Reduction(handle: cmpi_min()) }
  /// The greatest value; with a NaN among them the result is any of the values. The corresponding MPI operation is
  /// `MPI_MAX`.
  public static var max: Reduction { Reduction(handle: cmpi_max()) }
}

extension Reduction where Element: FixedWidthInteger {
  /// The corresponding MPI operation is `MPI_BAND`.
  public static var bitwiseAnd: Reduction { Reduction(handle: cmpi_bitwise_and()) }
  /// The corresponding MPI operation is `MPI_BOR`.
  public static var bitwiseOr: Reduction { Reduction(handle: cmpi_bitwise_or()) }
  /// The corresponding MPI operation is `MPI_BXOR`.
  public static var bitwiseXor: Reduction { Reduction(handle: cmpi_bitwise_xor()) }
}

extension Reduction where Element == Bool {
  /// Whether it is true everywhere. The corresponding MPI operation is `MPI_LAND`.
  public static var logicalAnd: Reduction { Reduction(handle: cmpi_logical_and()) }
  /// Whether it is true anywhere. The corresponding MPI operation is `MPI_LOR`.
  public static var logicalOr: Reduction { Reduction(handle: cmpi_logical_or()) }
  /// Whether it is true on an odd number of processes. The corresponding MPI operation is `MPI_LXOR`.
  public static var logicalXor: Reduction { Reduction(handle: cmpi_logical_xor()) }
}

// MARK: Reduce

extension Communicator {
  /// Combines the elements of all processes, position by position, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; must not overlap `values` and be as long.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, _ operation: Reduction<T>
  ) throws(MPIError) {
    requireSameCount(values.count, result.count)
    try allReduce(values.baseAddress, result.baseAddress, result.count, T.datatype, operation)
  }

  /// Combines the elements of all processes where they are. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(_ values: UnsafeMutableBufferPointer<T>, _ operation: Reduction<T>)
    throws(MPIError)
  {
    try allReduce(inPlace, values.baseAddress, values.count, T.datatype, operation)
  }

  /// Combines the elements of all processes where they are. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(_ values: inout [T], _ operation: Reduction<T>) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { (values) throws(MPIError) in try allReduce(values, operation) }
  }

  /// Combines one value of each process on all of them. The corresponding MPI function is `MPI_Allreduce`.
  @inlinable
  public func allReduce<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T {
    var result = value
    try withUnsafeMutablePointer(to: &result) { (result) throws(MPIError) in
      try allReduce(inPlace, result, 1, T.datatype, operation)
    }
    return result
  }

  /// Combines the elements of all processes, position by position, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go on the root; must not overlap `values`. Not looked at elsewhere.
  ///   - operation: how two elements become one.
  ///   - root: the rank that gets the result.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce`.
  @inlinable
  public func reduce<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, _ operation: Reduction<T>,
    to root: Int
  ) throws(MPIError) {
    if rank == root { requireSameCount(values.count, result.count) }
    try reduce(values.baseAddress, result.baseAddress, values.count, T.datatype, operation, root)
  }

  /// Combines the elements of all processes in the array of one process; the others' stay as they are.
  ///
  /// The corresponding MPI function is `MPI_Reduce`.
  @inlinable
  public func reduce<T: MPIDatatype>(_ values: inout [T], _ operation: Reduction<T>, to root: Int) throws(MPIError) {
    let isRoot = rank == root
    try values.withUnsafeMutableBufferPointer { (values) throws(MPIError) in
      let start = values.baseAddress.map { UnsafeRawPointer($0) }
      try reduce(isRoot ? inPlace : start, values.baseAddress, values.count, T.datatype, operation, root)
    }
  }

  /// Combines one value of each process on one process; nil on the others. The corresponding MPI function is
  /// `MPI_Reduce`.
  @inlinable
  public func reduce<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>, to root: Int) throws(MPIError) -> T? {
    var result = value
    try withUnsafePointer(to: value) { (value) throws(MPIError) in
      try withUnsafeMutablePointer(to: &result) { (result) throws(MPIError) in
        try reduce(value, result, 1, T.datatype, operation, root)
      }
    }
    return rank == root ? result : nil
  }

  @usableFromInline
  internal func allReduce<T>(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype,
    _ operation: Reduction<T>
  ) throws(MPIError) {
    let count = checkedCount(count)
    try check("MPI_Allreduce") { MPI_Allreduce(values, result, count, datatype.handle, operation.handle, handle) }
  }

  @usableFromInline
  internal func reduce<T>(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype,
    _ operation: Reduction<T>, _ root: Int
  ) throws(MPIError) {
    let (count, root) = (checkedCount(count), checkedRoot(root))
    try check("MPI_Reduce") { MPI_Reduce(values, result, count, datatype.handle, operation.handle, root, handle) }
  }
}

// MARK: Scan

extension Communicator {
  /// Combines, position by position, the elements of all processes up to this one, itself included.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scan`.
  @inlinable
  public func scan<T: MPIDatatype>(_ values: inout [T], _ operation: Reduction<T>) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { (values) throws(MPIError) in
      try scan(values.baseAddress, values.count, T.datatype, operation)
    }
  }

  /// Combines one value of each process up to this one, itself included. The corresponding MPI function is `MPI_Scan`.
  @inlinable
  public func scan<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T {
    var result = value
    try withUnsafeMutablePointer(to: &result) { (result) throws(MPIError) in
      try scan(result, 1, T.datatype, operation)
    }
    return result
  }

  /// Combines, position by position, the elements of the processes before this one; rank 0's stay as they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Exscan`.
  @inlinable
  public func exScan<T: MPIDatatype>(_ values: inout [T], _ operation: Reduction<T>) throws(MPIError) {
    try values.withUnsafeMutableBufferPointer { (values) throws(MPIError) in
      try exScan(values.baseAddress, values.count, T.datatype, operation)
    }
  }

  /// Combines one value of each process before this one; nil on rank 0, which has none before it.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Exscan`.
  @inlinable
  public func exScan<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T? {
    var result = value
    try withUnsafeMutablePointer(to: &result) { (result) throws(MPIError) in
      try exScan(result, 1, T.datatype, operation)
    }
    return rank == 0 ? nil : result
  }

  @usableFromInline
  internal func scan<T>(
    _ values: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ operation: Reduction<T>
  ) throws(MPIError) {
    let count = checkedCount(count)
    try check("MPI_Scan") { MPI_Scan(cmpi_in_place(), values, count, datatype.handle, operation.handle, handle) }
  }

  @usableFromInline
  internal func exScan<T>(
    _ values: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ operation: Reduction<T>
  ) throws(MPIError) {
    let count = checkedCount(count)
    try check("MPI_Exscan") { MPI_Exscan(cmpi_in_place(), values, count, datatype.handle, operation.handle, handle) }
  }
}
