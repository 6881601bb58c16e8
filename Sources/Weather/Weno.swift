import Stencils

/// The values at both sides of a face from the means of six cells around it, three below and three above: fifth order where
/// the mean varies smoothly, and none of the cells beyond a jump where it does not.
///
/// WENO-Z (R. Borges, M. Carmona, B. Costa, W. S. Don, J. Comput. Phys. 227, 2008), weights squared. Indicators are taken
/// relative to their sum, so that it does not matter how large the values are, and no smaller than `floor` of it, which keeps
/// the products of four of them in the range of single precision. All is computed from differences of neighbours: the two
/// sides share them, and what is the same everywhere stays so. The two share one division too, which is most of the time.
enum Weno<V: Lanes> where V.Scalar: Real {
  @inline(__always)
  static func sides(_ a: V, _ b: V, _ c: V, _ d: V, _ e: V, _ f: V) -> (low: V, high: V) {
    let (ab, bc, cd, de, ef) = (b - a, c - b, d - c, e - d, f - e)
    let curve = V(V.Scalar(13.0 / 3))
    // No indicator is zero, so that they have a ratio where nothing changes.
    let least = V(V.Scalar.leastNormalMagnitude)
    func bend(_ x: V, _ y: V) -> V { least.addingProduct(curve * (y - x), y - x) }
    let (bendB, bendC, bendD, bendE) = (bend(ab, bc), bend(bc, cd), bend(cd, de), bend(de, ef))
    let low = part(bc, ab, cd, de, bendB, bendC, bendD)
    let high = part(de, ef, cd, bc, bendE, bendD, bendC)
    let inverse = V(V.Scalar(1.0 / 6)) / (low.weight * high.weight)
    return (c.addingProduct(low.rise * high.weight, inverse), d - (high.rise * low.weight) * inverse)
  }

  /// One side's value as a sixth of `rise` over `weight` above its own cell's mean, from differences towards the face: the
  /// cell's from its neighbour behind, that one's from the next, that of the cell across the face and of the next, and the
  /// curvatures in the same order.
  @inline(__always)
  private static func part(_ near: V, _ far: V, _ across: V, _ beyond: V, _ bendA: V, _ bendB: V, _ bendC: V) -> (
    rise: V, weight: V
  ) {
    let (two, three, four, five) = (V(2), V(3), V(4), V(5))
    // Four times the usual indicators: only their ratios count.
    let (slopeA, slopeB, slopeC) = (three * near - far, near + across, three * across - beyond)
    let s0 = bendA.addingProduct(slopeA, slopeA)
    let s1 = bendB.addingProduct(slopeB, slopeB)
    let s2 = bendC.addingProduct(slopeC, slopeC)
    let sum = s0 + s1 + s2
    let scale = sum.unitScale
    let tau = (s0 - s2) * scale
    let floor = V(V.Scalar(1e-6)) * (sum * scale)
    let r0 = floor.addingProduct(s0, scale)
    let r1 = floor.addingProduct(s1, scale)
    let r2 = floor.addingProduct(s2, scale)
    let (q0, q1, q2, t) = (r0 * r0, r1 * r1, r2 * r2, tau * tau)
    // d (1 + τ²/β²) of the three, over a common denominator, times 2^40: the product of two weights stays in range.
    let unit = 0x1p40
    let w0 = V(V.Scalar(0.1 * unit)) * (q0 + t) * (q1 * q2)
    let w1 = V(V.Scalar(0.6 * unit)) * (q1 + t) * (q0 * q2)
    let w2 = V(V.Scalar(0.3 * unit)) * (q2 + t) * (q0 * q1)
    let rise = (w0 * (five * near - two * far)).addingProduct(w1, near + two * across)
      .addingProduct(w2, four * across - beyond)
    return (rise, w0 + w1 + w2)
  }
}
