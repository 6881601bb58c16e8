// The types of elements that a message may hold.

internal import CMPI

/// How MPI names one element of a message.
public struct Datatype: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer.
  internal let handle: MPI_Datatype
  // Frees the handle of a datatype that was made; nil for those that MPI has from the start.
  private let owner: DatatypeOwner?

  /// A datatype that MPI has from the start.
  internal init(handle: MPI_Datatype) {
    self.handle = handle
    owner = nil
  }

  /// Takes over a datatype that was just made: makes it ready for messages, and frees it with its last copy.
  internal init(committing handle: MPI_Datatype) throws(MPIError) {
    let owner = DatatypeOwner(handle)
    try check("MPI_Type_commit") { MPI_Type_commit(&owner.handle) }
    self.handle = owner.handle
    self.owner = owner
  }
}

private final class DatatypeOwner {
  var handle: MPI_Datatype

  init(_ handle: MPI_Datatype) { self.handle = handle }

  deinit {
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    if isMPIRunning { _ = MPI_Type_free(&handle) }
  }
}

/// Calls `body` with a count that fits into MPI's 32 bits and the datatype that it counts. More elements than that become
/// one element of a datatype made of all of them.
@inline(__always)
internal func withCount<R: ~Copyable>(
  _ count: Int, _ datatype: Datatype, _ body: (CInt, MPI_Datatype) throws(MPIError) -> R
) throws(MPIError) -> R {
  if let small = CInt(exactly: count) {
    require(small >= 0, "A message has 0 elements or more, not \(count).")
    return try body(small, datatype.handle)
  }
  let whole = try Datatype(repeating: datatype, count: count)
  defer { withExtendedLifetime(whole) {} }
  return try body(1, whole.handle)
}

extension Datatype {
  /// One element made of `count` elements after one another, any number of them.
  @inline(never)
  internal init(repeating datatype: Datatype, count: Int) throws(MPIError) {
    let chunk = 1 << 30
    var (lowest, extent): (MPI_Aint, MPI_Aint) = (0, 0)
    try check("MPI_Type_get_extent") { MPI_Type_get_extent(datatype.handle, &lowest, &extent) }
    var chunks = datatype.handle
    var rest = datatype.handle
    var result = datatype.handle
    try check("MPI_Type_vector") {
      MPI_Type_vector(CInt(count / chunk), CInt(chunk), CInt(chunk), datatype.handle, &chunks)
    }
    defer { _ = MPI_Type_free(&chunks) }
    try check("MPI_Type_contiguous") { MPI_Type_contiguous(CInt(count % chunk), datatype.handle, &rest) }
    defer { _ = MPI_Type_free(&rest) }
    try check("MPI_Type_create_struct") {
      MPI_Type_create_struct(2, [1, 1], [0, count / chunk * chunk * extent], [chunks, rest], &result)
    }
    try self.init(committing: result)
  }
}

/// A type whose values travel in messages as they lie in memory.
///
/// The types that conform are the fixed-width integers, `Int`, `UInt`, `Float`, `Double` and `Bool`.
///
/// A value is a message of one element by itself (see `SendBuffer`).
public protocol MPIDatatype: BitwiseCopyable, Sendable, SendBuffer, ReceiveBuffer where Element == Self {
  /// The MPI datatype of one value.
  static var datatype: Datatype { get }
}

extension Int8: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_int8()) }
}
extension Int16: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_int16()) }
}
extension Int32: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_int32()) }
}
extension Int64: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_int64()) }
}
extension UInt8: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_uint8()) }
}
extension UInt16: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_uint16()) }
}
extension UInt32: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_uint32()) }
}
extension UInt64: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_uint64()) }
}
// Int and UInt are 64 bits wide wherever this builds; the assertion is in `Environment.start`.
extension Int: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_int64()) }
}
extension UInt: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_uint64()) }
}
extension Float: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_float()) }
}
extension Double: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_double()) }
}
// C's _Bool and Swift's Bool are both one byte that holds 0 or 1, and MPI's logical operations give nothing else.
extension Bool: MPIDatatype {
  public static var datatype: Datatype { Datatype(handle: cmpi_bool()) }
}
