/// The Laplace operator ∇² on cells, of second order: (u[i-1] - 2 u[i] + u[i+1]) / h² along each axis of the grid.
///
/// It looks one cell away. Differences of neighbours come first, so that a constant field has the Laplacian 0 to the last
/// bit, and that of a field which is mirrored is mirrored.
@frozen
public struct Laplacian<Scalar: Real>: Sendable {
  @usableFromInline let dimensions: Int
  // 1 / h², an axis each.
  @usableFromInline let x: Scalar
  @usableFromInline let y: Scalar
  @usableFromInline let z: Scalar
  /// The largest eigenvalue of -∇² on this grid, in 1/m²: forward Euler with the diffusivity D is stable up to a step
  /// of `2 / (D * largestEigenvalue)`.
  public let largestEigenvalue: Double

  public init(on grid: Grid) {
    dimensions = grid.dimensions
    let weights = SIMD3<Double>(repeating: 1) / (grid.spacing * grid.spacing)
    (x, y, z) = (Scalar(weights.x), Scalar(weights.y), Scalar(weights.z))
    largestEigenvalue = grid.axes.reduce(0) { $0 + 4 * weights[$1.rawValue] }
  }

  /// ∇²u at the cells `i`, in the unit of u over m².
  @inlinable @inline(__always)
  public func callAsFunction(_ u: Stencil<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
    // Twice a number is exact: the fused product rounds as the difference would.
    let (here, minusTwice) = (u[i], Scalar.Vector(-2))
    func difference(_ low: Scalar.Vector, _ high: Scalar.Vector) -> Scalar.Vector {
      (low + high).addingProduct(minusTwice, here)
    }
    var sum = Scalar.Vector(x) * difference(u[i, -1], u[i, 1])
    if dimensions > 1 { sum = sum.addingProduct(Scalar.Vector(y), difference(u[i, 0, -1], u[i, 0, 1])) }
    if dimensions > 2 { sum = sum.addingProduct(Scalar.Vector(z), difference(u[i, 0, 0, -1], u[i, 0, 0, 1])) }
    return sum
  }
}
