// How values of several processes become one: the operations.

public import CMPI

/// An operation that makes one value of two, applied over the processes of a group.
///
/// MPI chooses the order, which may depend on the number of processes: sums of floating-point numbers agree to rounding
/// only. The operations that a type has are those that the standard defines for it; others are made from a closure, with
/// `init(commutative:_:)`.
public struct Reduction<Element: MPIDatatype>: Sendable {
  @usableFromInline internal let operation: Operation

  // Compiled into callers, who then know that there is no closure to count references to.
  @inlinable
  internal init(_ bits: Int, isForWindows: Bool = false) {
    operation = Operation(bits: bits, closure: nil, isForWindows: isForWindows)
  }

  internal init(_ operation: Operation) { self.operation = operation }
}

/// An operation without the type of its elements.
@usableFromInline
internal struct Operation: @unchecked Sendable {
  // A handle is an opaque constant once made: Open MPI's is an address, MPICH's an integer. A number as in `Datatype`.
  @usableFromInline internal let bits: Int
  // What a closure was wrapped in; nil for an operation that MPI has from the start.
  @usableFromInline internal let closure: ClosureOperation?
  // Whether only accumulating calls on windows take it.
  @usableFromInline internal let isForWindows: Bool

  @inlinable
  internal init(bits: Int, closure: ClosureOperation?, isForWindows: Bool) {
    self.bits = bits
    self.closure = closure
    self.isForWindows = isForWindows
  }

  internal var handle: MPI_Op { cmpi_operation(bits) }
  /// Whether MPI has it from the start, for collective calls.
  @inlinable internal var isPredefined: Bool { closure == nil && !isForWindows }
}

/// The operations that MPI has from the start, as numbers.
@usableFromInline
internal enum PredefinedOperation {
  @inlinable static var replace: Int { cmpi_operation_bits(cmpi_replace()) }
  @inlinable static var noOperation: Int { cmpi_operation_bits(cmpi_no_op()) }
  @inlinable static var sum: Int { cmpi_operation_bits(cmpi_sum()) }
  @inlinable static var product: Int { cmpi_operation_bits(cmpi_product()) }
  @inlinable static var min: Int { cmpi_operation_bits(cmpi_min()) }
  @inlinable static var max: Int { cmpi_operation_bits(cmpi_max()) }
  @inlinable static var bitwiseAnd: Int { cmpi_operation_bits(cmpi_bitwise_and()) }
  @inlinable static var bitwiseOr: Int { cmpi_operation_bits(cmpi_bitwise_or()) }
  @inlinable static var bitwiseXor: Int { cmpi_operation_bits(cmpi_bitwise_xor()) }
  @inlinable static var logicalAnd: Int { cmpi_operation_bits(cmpi_logical_and()) }
  @inlinable static var logicalOr: Int { cmpi_operation_bits(cmpi_logical_or()) }
  @inlinable static var logicalXor: Int { cmpi_operation_bits(cmpi_logical_xor()) }
  @inlinable static var minLocation: Int { cmpi_operation_bits(cmpi_minloc()) }
  @inlinable static var maxLocation: Int { cmpi_operation_bits(cmpi_maxloc()) }
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
  @inlinable public static var replace: Reduction { Reduction(PredefinedOperation.replace, isForWindows: true) }

  /// The old value stays: for calls on windows that fetch it.
  ///
  /// The corresponding MPI operation is `MPI_NO_OP`.
  @inlinable public static var noOperation: Reduction { Reduction(PredefinedOperation.noOperation, isForWindows: true) }
}

extension Reduction where Element: Numeric {
  /// The corresponding MPI operation is `MPI_SUM`.
  @inlinable public static var sum: Reduction { Reduction(PredefinedOperation.sum) }
  /// The corresponding MPI operation is `MPI_PROD`.
  @inlinable public static var product: Reduction { Reduction(PredefinedOperation.product) }
}

extension Reduction where Element: Comparable {
  /// The least value; with a NaN among them the result is any of the values. The corresponding MPI operation is `MPI_MIN`.
  @inlinable public static var min: Reduction { Reduction(PredefinedOperation.min) }
  /// The greatest value; with a NaN among them the result is any of the values. The corresponding MPI operation is
  /// `MPI_MAX`.
  @inlinable public static var max: Reduction { Reduction(PredefinedOperation.max) }
}

extension Reduction where Element: FixedWidthInteger {
  /// The corresponding MPI operation is `MPI_BAND`.
  @inlinable public static var bitwiseAnd: Reduction { Reduction(PredefinedOperation.bitwiseAnd) }
  /// The corresponding MPI operation is `MPI_BOR`.
  @inlinable public static var bitwiseOr: Reduction { Reduction(PredefinedOperation.bitwiseOr) }
  /// The corresponding MPI operation is `MPI_BXOR`.
  @inlinable public static var bitwiseXor: Reduction { Reduction(PredefinedOperation.bitwiseXor) }
}

extension Reduction where Element == Bool {
  /// Whether it is true everywhere. The corresponding MPI operation is `MPI_LAND`.
  @inlinable public static var logicalAnd: Reduction { Reduction(PredefinedOperation.logicalAnd) }
  /// Whether it is true anywhere. The corresponding MPI operation is `MPI_LOR`.
  @inlinable public static var logicalOr: Reduction { Reduction(PredefinedOperation.logicalOr) }
  /// Whether it is true on an odd number of processes. The corresponding MPI operation is `MPI_LXOR`.
  @inlinable public static var logicalXor: Reduction { Reduction(PredefinedOperation.logicalXor) }
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
  @inlinable public static var minLocation: Reduction { Reduction(PredefinedOperation.minLocation) }
  /// The greatest value and its index, the lowest index of several. The corresponding MPI operation is `MPI_MAXLOC`.
  @inlinable public static var maxLocation: Reduction { Reduction(PredefinedOperation.maxLocation) }
}
