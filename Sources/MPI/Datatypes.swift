// The types of elements that a message may hold.

public import CMPI

/// How MPI names one element of a message.
public struct Datatype: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer. Here it is a number for both,
  // which callers keep without knowing which of them it is.
  @usableFromInline internal let bits: Int
  // Frees the handle of a datatype that was made; nil for those that MPI has from the start.
  @usableFromInline internal let owner: DatatypeOwner?

  internal var handle: MPI_Datatype { cmpi_datatype(bits) }

  /// A datatype that MPI has from the start.
  internal init(handle: MPI_Datatype) { self.init(predefined: cmpi_datatype_bits(handle)) }

  // Compiled into callers, who then know that there is no owner to count references to.
  @inlinable
  internal init(predefined bits: Int) {
    self.bits = bits
    owner = nil
  }

  /// Takes over a datatype that was just made: makes it ready for messages, and frees it with its last copy.
  internal init(committing handle: MPI_Datatype) throws(MPIError) {
    let owner = DatatypeOwner(handle)
    try check("MPI_Type_commit") { MPI_Type_commit(&owner.handle) }
    bits = cmpi_datatype_bits(owner.handle)
    self.owner = owner
  }
}

@usableFromInline
internal final class DatatypeOwner {
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

/// The handles of the datatypes of Swift's numbers.
@usableFromInline
internal enum Predefined {
  @inlinable static var int8: Int { cmpi_datatype_bits(cmpi_int8()) }
  @inlinable static var int16: Int { cmpi_datatype_bits(cmpi_int16()) }
  @inlinable static var int32: Int { cmpi_datatype_bits(cmpi_int32()) }
  @inlinable static var int64: Int { cmpi_datatype_bits(cmpi_int64()) }
  @inlinable static var uint8: Int { cmpi_datatype_bits(cmpi_uint8()) }
  @inlinable static var uint16: Int { cmpi_datatype_bits(cmpi_uint16()) }
  @inlinable static var uint32: Int { cmpi_datatype_bits(cmpi_uint32()) }
  @inlinable static var uint64: Int { cmpi_datatype_bits(cmpi_uint64()) }
  @inlinable static var float: Int { cmpi_datatype_bits(cmpi_float()) }
  @inlinable static var double: Int { cmpi_datatype_bits(cmpi_double()) }
  @inlinable static var bool: Int { cmpi_datatype_bits(cmpi_bool()) }
}

extension Int8: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.int8) }
}
extension Int16: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.int16) }
}
extension Int32: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.int32) }
}
extension Int64: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.int64) }
}
extension UInt8: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.uint8) }
}
extension UInt16: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.uint16) }
}
extension UInt32: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.uint32) }
}
extension UInt64: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.uint64) }
}
// Int and UInt are 64 bits wide wherever this builds; the assertion is in `Environment.start`.
extension Int: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.int64) }
}
extension UInt: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.uint64) }
}
extension Float: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.float) }
}
extension Double: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.double) }
}
// C's _Bool and Swift's Bool are both one byte that holds 0 or 1, and MPI's logical operations give nothing else.
extension Bool: MPIDatatype {
  @inlinable public static var datatype: Datatype { Datatype(predefined: Predefined.bool) }
}
