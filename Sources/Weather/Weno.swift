import Stencils

/// The value at the upper face of a cell from the means of five cells, the cell in the middle: fifth order where the
/// mean varies smoothly, and none of the cells beyond a jump where it does not.
///
/// WENO-Z (R. Borges, M. Carmona, B. Costa, W. S. Don, J. Comput. Phys. 227, 2008), weights squared. Indicators are taken
/// relative to their sum, so that it does not matter how large the values are, and no smaller than `floor`, which keeps the
/// products of four of them in the range of single precision.
enum Weno<V: Lanes> where V.Scalar: Real {
  @inline(__always)
  static func face(_ a: V, _ b: V, _ c: V, _ d: V, _ e: V) -> V {
    let (two, three, four, one) = (V(2), V(3), V(4), V(1))
    let curve = V(V.Scalar(13.0 / 3))
    // Four times the usual indicators: only their ratios count.
    let (bendA, bendB, bendC) = (a - two * b + c, b - two * c + d, c - two * d + e)
    let (slopeA, slopeB, slopeC) = (a - four * b + three * c, b - d, three * c - four * d + e)
    let s0 = (slopeA * slopeA).addingProduct(curve, bendA * bendA)
    let s1 = (slopeB * slopeB).addingProduct(curve, bendB * bendB)
    let s2 = (slopeC * slopeC).addingProduct(curve, bendC * bendC)
    let scale = one / (s0 + s1 + s2 + V(V.Scalar.leastNormalMagnitude))
    let tau = (s0 - s2).magnitude * scale
    let floor = V(V.Scalar(1e-6))
    let (r0, r1, r2) = (s0 * scale + floor, s1 * scale + floor, s2 * scale + floor)
    let (q0, q1, q2, t) = (r0 * r0, r1 * r1, r2 * r2, tau * tau)
    // d (1 + τ²/β²) of the three, over a common denominator.
    let w0 = V(V.Scalar(0.1)) * (q0 + t) * (q1 * q2)
    let w1 = V(V.Scalar(0.6)) * (q1 + t) * (q0 * q2)
    let w2 = V(V.Scalar(0.3)) * (q2 + t) * (q0 * q1)
    let p0 = two * a - V(7) * b + V(11) * c
    let p1 = V(5) * c - b + two * d
    let p2 = two * c + V(5) * d - e
    let sum = (w0 * p0).addingProduct(w1, p1).addingProduct(w2, p2)
    return V(V.Scalar(1.0 / 6)) * sum / (w0 + w1 + w2)
  }
}
