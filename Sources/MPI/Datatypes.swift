// The types of elements that a message may hold.

internal import CMPI

/// How MPI names one element of a message.
public struct Datatype: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer.
  internal let handle: MPI_Datatype
}

/// A type whose values travel in messages as they lie in memory.
///
/// The types that conform are the fixed-width integers, `Int`, `UInt`, `Float`, `Double` and `Bool`.
public protocol MPIDatatype: BitwiseCopyable, Sendable {
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
