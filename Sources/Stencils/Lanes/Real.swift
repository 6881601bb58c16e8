internal import CLanes
public import MPI

/// A floating-point type that fields are made of: `Float` or `Double`.
public protocol Real: BinaryFloatingPoint, MPIDatatype, Codable, SIMDScalar, Sendable {
  /// The vector of lanes in which kernels compute.
  associatedtype Vector: Lanes where Vector.Scalar == Self
  /// The bits of the value, widened to 64, for fingerprints.
  var pattern: UInt64 { get }
}

extension Double: Real {
  public typealias Vector = DoubleLanes
  @inlinable public var pattern: UInt64 { bitPattern }
}

extension Float: Real {
  public typealias Vector = FloatLanes
  @inlinable public var pattern: UInt64 { UInt64(bitPattern) }
}

/// Bits of the widest vector instruction that kernels were compiled to.
package let lanesInstructionBits = Int(lanes_instruction_bits())
