// More types of elements: wide numbers, vectors of SIMD lanes, and structs.

internal import CMPI
internal import Synchronization

// MARK: Structs, as bytes

extension MPIDatatype {
  /// The bytes of a value as they lie in memory, padding inside included: what a struct gets that says nothing more.
  ///
  /// A struct of numbers needs no further code to be sent between machines of one kind:
  ///
  ///     struct Particle: MPIDatatype {
  ///       var position: SIMD3<Double>
  ///       var id: Int32
  ///     }
  ///
  /// `Datatype(of:)` tells MPI about its members as well.
  public static var datatype: Datatype {
    // A variable has no room for the padding after the last member: only arrays have.
    Datatype.repeated(MemoryLayout<Self>.size, Datatype(handle: cmpi_byte()), stride: MemoryLayout<Self>.stride)
  }
}

extension Datatype {
  /// A datatype of several elements after one another, which is made once and kept until MPI ends.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - element: what they are.
  ///   - stride: after how many bytes the next such group begins; nil is right after the last element.
  internal static func repeated(_ count: Int, _ element: Datatype, stride: Int? = nil) -> Datatype {
    repeatedDatatypes.withLock { made in
      let key = RepeatedKey(element: element.handle, count: count, stride: stride)
      if let found = made[key] { return found.whole }
      do throws(MPIError) {
        var whole = try Datatype(contiguous: count, element)
        if let stride, stride != count { whole = try whole.resized(lower: 0, extent: stride) }
        made[key] = (element, whole)
        return whole
      } catch {
        fatalError("A datatype of \(count) parts could not be made: \(error)")
      }
    }
  }

  /// A datatype of several elements after one another. The corresponding MPI function is `MPI_Type_contiguous`.
  internal init(contiguous count: Int, _ element: Datatype) throws(MPIError) {
    guard let small = CInt(exactly: count) else {
      try self.init(repeating: element, count: count)
      return
    }
    var result = element.handle
    try check("MPI_Type_contiguous") { MPI_Type_contiguous(small, element.handle, &result) }
    try self.init(committing: result)
  }
}

private struct RepeatedKey: Hashable {
  let element: MPI_Datatype
  let count: Int
  let stride: Int?
}

// The datatype of the parts is kept as well, so that its handle does not come to mean another one.
private let repeatedDatatypes = Mutex<[RepeatedKey: (element: Datatype, whole: Datatype)]>([:])

// MARK: Structs, by their members

extension Datatype {
  /// A struct that MPI knows the members of: it leaves out the padding, and converts each number where the machines of
  /// a run differ.
  ///
  ///     struct Particle: MPIDatatype {
  ///       var position: SIMD3<Double>
  ///       var id: Int32
  ///       static let datatype = Datatype(of: \Particle.position, \Particle.id)
  ///     }
  ///
  /// - Parameter members: the stored properties that travel, in any order; what is left out is not sent.
  ///
  /// To be called while MPI runs, once for a type, which `static let` does. The corresponding MPI functions are
  /// `MPI_Type_create_struct` and `MPI_Type_create_resized`.
  public init<Root, each Member: MPIDatatype>(of members: repeat KeyPath<Root, each Member>) {
    var offsets: [MPI_Aint] = []
    var types: [Datatype] = []
    func add<M: MPIDatatype>(_ member: KeyPath<Root, M>) {
      guard let offset = MemoryLayout<Root>.offset(of: member) else {
        fatalError("A member that travels is a stored property, which \(member) is not.")
      }
      offsets.append(offset)
      types.append(M.datatype)
    }
    repeat add(each members)
    do throws(MPIError) {
      try self.init(members: types, at: offsets, stride: MemoryLayout<Root>.stride)
    } catch {
      fatalError("A datatype of \(Root.self) could not be made: \(error)")
    }
  }

  private init(members: [Datatype], at offsets: [MPI_Aint], stride: Int) throws(MPIError) {
    let lengths = [CInt](repeating: 1, count: members.count)
    let handles = members.map(\.handle)
    var whole = cmpi_byte()
    try check("MPI_Type_create_struct") {
      MPI_Type_create_struct(CInt(members.count), lengths, offsets, handles, &whole)
    }
    self = try Datatype(committing: whole).resized(lower: 0, extent: stride)
  }

  /// Pairs of `Float` that are complex numbers, for a struct of that layout: reductions then know how to add and multiply
  /// them. The corresponding MPI datatype is `MPI_C_FLOAT_COMPLEX`.
  public static var complexFloat: Datatype { Datatype(handle: cmpi_complex_float()) }
  /// Pairs of `Double` that are complex numbers, for a struct of that layout: reductions then know how to add and
  /// multiply them. The corresponding MPI datatype is `MPI_C_DOUBLE_COMPLEX`.
  public static var complexDouble: Datatype { Datatype(handle: cmpi_complex_double()) }
  /// Bytes that are moved as they are. The corresponding MPI datatype is `MPI_BYTE`.
  public static var byte: Datatype { Datatype(handle: cmpi_byte()) }
}

// MARK: Numbers that MPI has no datatype for

// They travel as bytes; MPI's own operations do not know them, user-written ones do.
extension Float16: MPIDatatype {}
extension Int128: MPIDatatype {}
extension UInt128: MPIDatatype {}

#if arch(x86_64)
  // C's long double is the same 80 bits in 16 bytes.
  extension Float80: MPIDatatype {
    public static var datatype: Datatype { Datatype(handle: cmpi_long_double()) }
  }
#endif

// MARK: SIMD vectors

/// A number that travels alone and as a lane of a SIMD vector: the fixed-width integers, `Float16`, `Float` and `Double`.
public protocol MPIScalar: MPIDatatype, SIMDScalar, Hashable, Codable
where
  SIMD2Storage: BitwiseCopyable, SIMD4Storage: BitwiseCopyable, SIMD8Storage: BitwiseCopyable,
  SIMD16Storage: BitwiseCopyable, SIMD32Storage: BitwiseCopyable, SIMD64Storage: BitwiseCopyable
{}

extension Int8: MPIScalar {}
extension Int16: MPIScalar {}
extension Int32: MPIScalar {}
extension Int64: MPIScalar {}
extension Int: MPIScalar {}
extension UInt8: MPIScalar {}
extension UInt16: MPIScalar {}
extension UInt32: MPIScalar {}
extension UInt64: MPIScalar {}
extension UInt: MPIScalar {}
extension Float16: MPIScalar {}
extension Float: MPIScalar {}
extension Double: MPIScalar {}

// A vector is its lanes after one another. That of three has room for a fourth, which travels along.
extension SIMD2: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(2, Scalar.datatype) }
}
extension SIMD3: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(4, Scalar.datatype) }
}
extension SIMD4: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(4, Scalar.datatype) }
}
extension SIMD8: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(8, Scalar.datatype) }
}
extension SIMD16: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(16, Scalar.datatype) }
}
extension SIMD32: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(32, Scalar.datatype) }
}
extension SIMD64: SendBuffer, ReceiveBuffer, MPIDatatype where Scalar: MPIScalar {
  public static var datatype: Datatype { Datatype.repeated(64, Scalar.datatype) }
}

// MARK: Arrays of fixed length

extension InlineArray: SendBuffer, ReceiveBuffer where Element: MPIDatatype {
  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    let elements = span
    return try elements.withElements(body)
  }

  @inlinable
  public mutating func withMutableElements<R, E: Error>(
    _ body: (UnsafeMutableRawPointer?, Int, Datatype) throws(E) -> R
  ) throws(E) -> R {
    var elements = mutableSpan
    return try elements.withMutableElements(body)
  }
}
