// How values of several processes become one: the operations.

internal import CMPI

/// An operation that makes one value of two, applied over the processes of a group.
///
/// MPI chooses the order, which may depend on the number of processes: sums of floating-point numbers agree to rounding
/// only. The operations that a type has are those that the standard defines for it; others are made from a closure, with
/// `init(commutative:_:)`.
public struct Reduction<Element: MPIDatatype>: Sendable {
  @usableFromInline internal let operation: Operation

  internal init(_ handle: MPI_Op, isForWindows: Bool = false) {
    operation = Operation(handle: handle, closure: nil, isForWindows: isForWindows)
  }

  internal init(_ operation: Operation) { self.operation = operation }
}

/// An operation without the type of its elements.
@usableFromInline
internal struct Operation: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer.
  internal let handle: MPI_Op
  // What a closure was wrapped in; nil for an operation that MPI has from the start.
  internal let closure: ClosureOperation?
  // Whether only accumulating calls on windows take it.
  internal let isForWindows: Bool
}

extension Reduction {
  /// Whether the operands may change places: true of all operations that MPI has from the start.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Op_commutative`.
  public func isCommutative() throws(MPIError) -> Bool {
    var result: CInt = 0
    try check("MPI_Op_commutative") { MPI_Op_commutative(operation.handle, &result) }
    return result != 0
  }

  /// The operation for an access to a window, which takes none that a program wrote.
  @usableFromInline internal var forWindows: Operation {
    require(
      operation.closure == nil, "An access to a window takes an operation that MPI has from the start, not a closure.")
    return operation
  }

  /// The new value takes the place of the old one: for accumulating calls on windows, not for collective ones.
  ///
  /// The corresponding MPI operation is `MPI_REPLACE`.
  public static var replace: Reduction { Reduction(cmpi_replace(), isForWindows: true) }

  /// The old value stays: for calls on windows that fetch it.
  ///
  /// The corresponding MPI operation is `MPI_NO_OP`.
  public static var noOperation: Reduction { Reduction(cmpi_no_op(), isForWindows: true) }
}

extension Reduction where Element: Numeric {
  /// The corresponding MPI operation is `MPI_SUM`.
  public static var sum: Reduction { Reduction(cmpi_sum()) }
  /// The corresponding MPI operation is `MPI_PROD`.
  public static var product: Reduction { Reduction(cmpi_product()) }
}

extension Reduction where Element: Comparable {
  /// The least value; with a NaN among them the result is any of the values. The corresponding MPI operation is `MPI_MIN`.
  public static var min: Reduction { Reduction(cmpi_min()) }
  /// The greatest value; with a NaN among them the result is any of the values. The corresponding MPI operation is
  /// `MPI_MAX`.
  public static var max: Reduction { Reduction(cmpi_max()) }
}

extension Reduction where Element: FixedWidthInteger {
  /// The corresponding MPI operation is `MPI_BAND`.
  public static var bitwiseAnd: Reduction { Reduction(cmpi_bitwise_and()) }
  /// The corresponding MPI operation is `MPI_BOR`.
  public static var bitwiseOr: Reduction { Reduction(cmpi_bitwise_or()) }
  /// The corresponding MPI operation is `MPI_BXOR`.
  public static var bitwiseXor: Reduction { Reduction(cmpi_bitwise_xor()) }
}

extension Reduction where Element == Bool {
  /// Whether it is true everywhere. The corresponding MPI operation is `MPI_LAND`.
  public static var logicalAnd: Reduction { Reduction(cmpi_logical_and()) }
  /// Whether it is true anywhere. The corresponding MPI operation is `MPI_LOR`.
  public static var logicalOr: Reduction { Reduction(cmpi_logical_or()) }
  /// Whether it is true on an odd number of processes. The corresponding MPI operation is `MPI_LXOR`.
  public static var logicalXor: Reduction { Reduction(cmpi_logical_xor()) }
}

// MARK: Values with a place

/// A number and where it was found, for `minLocation` and `maxLocation`.
public struct Located<Value: LocatableNumber>: MPIDatatype, Hashable {
  /// The number.
  public var value: Value
  private var index32: Int32

  /// - Parameters:
  ///   - value: the number.
  ///   - index: where it was found, such as the rank of the process or the number of a cell; it fits into 32 bits.
  public init(_ value: Value, at index: Int) {
    require(Int32(exactly: index) != nil, "The index of a located number fits into 32 bits; \(index) does not.")
    self.value = value
    index32 = Int32(truncatingIfNeeded: index)
  }

  /// Where it was found.
  public var index: Int { Int(index32) }

  public static var datatype: Datatype { Value.locatedDatatype }
}

/// A number that reductions can find the place of: `Int16`, `Int32`, `Int64`, `Int`, `Float` and `Double`.
public protocol LocatableNumber: MPIDatatype, Hashable, Comparable {
  /// The MPI datatype of a value followed by a 32-bit index.
  static var locatedDatatype: Datatype { get }
}

extension Int16: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_short_int()) }
}
extension Int32: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_2int()) }
}
extension Int64: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_long_int()) }
}
extension Int: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_long_int()) }
}
extension Float: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_float_int()) }
}
extension Double: LocatableNumber {
  public static var locatedDatatype: Datatype { Datatype(handle: cmpi_double_int()) }
}

/// A number with a place: `Located` of any number.
public protocol LocatedElement: MPIDatatype {}

extension Located: LocatedElement {}

extension Reduction where Element: LocatedElement {
  /// The least value and its index, the lowest index of several. The corresponding MPI operation is `MPI_MINLOC`.
  public static var minLocation: Reduction { Reduction(cmpi_minloc()) }
  /// The greatest value and its index, the lowest index of several. The corresponding MPI operation is `MPI_MAXLOC`.
  public static var maxLocation: Reduction { Reduction(cmpi_maxloc()) }
}
