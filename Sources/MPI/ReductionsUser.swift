// Reductions that a program writes itself, as a closure.

internal import CMPI
internal import Synchronization

extension Reduction {
  /// An operation written as a closure.
  ///
  ///     let longest = try Reduction<Pair>(commutative: true) { a, b in a.length < b.length ? b : a }
  ///     let winner = try world.allReduce(mine, longest)
  ///
  /// - Parameters:
  ///   - isCommutative: whether the operands may change places. When they may not, they are combined in the order of
  ///     ranks; when they may, MPI can be faster.
  ///   - combine: makes one value of two, of which the first belongs to lower ranks. It must be associative, must give the
  ///     same on every process and must not call MPI. It runs on the thread that calls MPI.
  ///
  /// Each process that takes part in a reduction makes the operation for itself, while MPI runs, and any number of
  /// operations may exist. One is freed when its last copy goes; requests under way keep it. Make it once, not for each
  /// call. The elements of a buffer that it is applied to lie one after another.
  ///
  /// The corresponding MPI function is `MPI_Op_create`.
  @inlinable
  public init(
    commutative isCommutative: Bool, _ combine: @escaping @Sendable (_ lower: Element, _ higher: Element) -> Element
  ) throws(MPIError) {
    // The loop is here, where the closure can be compiled into it. MPI's own memory may be less aligned than an element.
    let stride = MemoryLayout<Element>.stride
    try self.init(commutative: isCommutative, stride: stride, datatype: Element.datatype) { lower, higher, count in
      for offset in Swift.stride(from: 0, to: count * stride, by: stride) {
        let a = lower.loadUnaligned(fromByteOffset: offset, as: Element.self)
        let b = higher.loadUnaligned(fromByteOffset: offset, as: Element.self)
        higher.storeBytes(of: combine(a, b), toByteOffset: offset, as: Element.self)
      }
    }
  }

  @usableFromInline
  internal init(
    commutative isCommutative: Bool, stride: Int, datatype: Datatype,
    _ combine: @escaping @Sendable (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
  ) throws(MPIError) {
    let closure = try ClosureOperation(commutative: isCommutative, datatype, stride, combine)
    self.init(Operation(bits: cmpi_operation_bits(closure.handle), closure: closure, isForWindows: false))
  }
}

/// A closure that MPI can call.
///
/// MPI calls a C function that knows nothing but the elements and their datatype. So the elements get a datatype of
/// their own, and the closure is an attribute of that.
@usableFromInline
internal final class ClosureOperation: @unchecked Sendable {
  typealias Combine = @Sendable (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void

  // Changes only when it is freed.
  private(set) var handle: MPI_Op
  /// What the elements are called in calls that use the operation.
  private(set) var datatype: MPI_Datatype
  private let original: Datatype
  private let stride: Int
  fileprivate let combine: Combine

  init(commutative isCommutative: Bool, _ original: Datatype, _ stride: Int, _ combine: @escaping Combine)
    throws(MPIError)
  {
    require(isMPIRunning, "A reduction is made from a closure while MPI runs, inside withMPI.")
    let key = try closureKey()
    self.original = original
    self.stride = stride
    self.combine = combine
    var copy = original.handle
    try check("MPI_Type_dup") { MPI_Type_dup(original.handle, &copy) }
    handle = cmpi_op_null()
    datatype = copy
    // From here on `deinit` frees what there is.
    try check("MPI_Type_commit") { MPI_Type_commit(&datatype) }
    try check("MPI_Type_set_attr") {
      MPI_Type_set_attr(datatype, key, Unmanaged.passUnretained(self).toOpaque())
    }
    try check("MPI_Op_create") { MPI_Op_create(callClosure, isCommutative ? 1 : 0, &handle) }
  }

  deinit {
    guard isMPIRunning else { return }
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    if handle != cmpi_op_null() { _ = MPI_Op_free(&handle) }
    _ = MPI_Type_free(&datatype)
  }

  /// Checks that elements are those that the closure takes, one after another.
  func requireElements(_ datatype: Datatype) {
    if datatype.handle == original.handle { return }
    var (size, ownSize): (CInt, CInt) = (0, 0)
    var (lowest, extent): (MPI_Aint, MPI_Aint) = (0, 0)
    MPI_Type_size(datatype.handle, &size)
    MPI_Type_size(original.handle, &ownSize)
    MPI_Type_get_extent(datatype.handle, &lowest, &extent)
    require(
      size == ownSize && lowest == 0 && extent == stride,
      "A reduction written as a closure takes elements that lie one after another, not a pattern of them.")
  }
}

/// What MPI calls: combines the elements at `lower` with those at `higher`, where the results go.
private func callClosure(
  _ lower: UnsafeMutableRawPointer?, _ higher: UnsafeMutableRawPointer?, _ count: UnsafeMutablePointer<CInt>,
  _ datatype: UnsafeMutablePointer<MPI_Datatype>
) {
  var address: UnsafeMutableRawPointer?
  var isThere: CInt = 0
  let code = MPI_Type_get_attr(datatype.pointee, closureKeyValue, &address, &isThere)
  guard code == MPI_SUCCESS, isThere != 0, let address else {
    fatalError("MPI called a reduction with a datatype that is not its own.")
  }
  guard let lower, let higher else { return }
  Unmanaged<ClosureOperation>.fromOpaque(address).takeUnretainedValue()
    .combine(UnsafeRawPointer(lower), higher, Int(count.pointee))
}

// The key of the attribute, made at the first use. Written under the lock, and read by calls that come later.
nonisolated(unsafe) private var closureKeyValue = cmpi_keyval_invalid()
private let closureKeyLock = Mutex<Void>(())

private func closureKey() throws(MPIError) -> CInt {
  try closureKeyLock.withLock { (_) throws(MPIError) in
    if closureKeyValue == cmpi_keyval_invalid() {
      // Should MPI copy the datatype for purposes of its own, the attribute goes along.
      try check("MPI_Type_create_keyval") { cmpi_type_create_keyval(&closureKeyValue) }
    }
    return closureKeyValue
  }
}
