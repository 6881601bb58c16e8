// What is done at every face of the scheme "split4", with as few operations as there can be. Means over the four cells
// around a face, 7/12 (b + c) - 1/12 (a + d), are taken 12/7 times as large, which saves the first factor, and so are all
// fluxes; the rate Δt/Δ · 7/12 makes up for it. The hyperviscous flux is added in the same units.

import Stencils

/// The series of ((1 + ε)^γ - 1) / ε for small ε, as `PressureLaw` has it, but shorter: of degree 8 for |ε| <= 1/16, where
/// its error is below 1e-16 of the value.
struct PressureSeries<V: Lanes> where V.Scalar: Real {
  let c: (V, V, V, V, V, V, V, V, V)
  let gamma: V
  static var bound: Double { 0.0625 }

  init(gamma: Double) {
    let c = PressureLaw<V>.coefficients(gamma, degree: 8, bound: Self.bound).map { V(V.Scalar($0)) }
    self.c = (c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8])
    self.gamma = V(V.Scalar(gamma))
  }
}

/// The numbers that all faces of a line have in common: the column's values there, and what follows from them.
struct FaceLine<V: Lanes> where V.Scalar: Real {
  /// The column's density, and 12/7 of its ρθ.
  let density: V
  let rhoTheta: V
  /// 7/12 Δt/Δ of this stage.
  let rate: V
  /// The hyperviscosity, 0.05 / 16 as in the original, over 7/12 Δt/Δ; that of mass is none through ground and lid.
  let drag: V
  let massDrag: V
  /// The series of the pressure's perturbation, times 12/7, in powers of ρθ's, times 12/7.
  private let c: (V, V, V, V, V, V, V, V, V)
  /// The largest ρθ', times 12/7, for which it holds.
  private let bound: V
  private let inverse: V
  private let pressure: V
  private let gamma: V
  let share = V(V.Scalar(7.0 / 12))
  private let outer = V(V.Scalar(-1.0 / 7))
  private let three = V(3)

  @inline(__always)
  init(
    _ law: PressureSeries<V>, density: V, rhoTheta: V, inverseRhoTheta: V, pressure: V, rate: Double,
    passes: V = V(1)
  ) {
    let large = V(V.Scalar(12.0 / 7))
    self.density = density
    self.rhoTheta = large * rhoTheta
    self.rate = V(V.Scalar(rate * (7.0 / 12)))
    drag = V(V.Scalar(0.05 / 16 / (rate * (7.0 / 12))))
    massDrag = drag * passes
    inverse = V(V.Scalar(7.0 / 12)) * inverseRhoTheta
    self.pressure = large * pressure
    bound = V(V.Scalar(PressureSeries<V>.bound)) * self.rhoTheta
    gamma = law.gamma
    let p0 = self.pressure * inverse
    let p1 = p0 * inverse
    let p2 = p1 * inverse
    let p3 = p2 * inverse
    let p4 = p3 * inverse
    let p5 = p4 * inverse
    let p6 = p5 * inverse
    let p7 = p6 * inverse
    c = (
      law.c.0 * p0, law.c.1 * p1, law.c.2 * p2, law.c.3 * p3, law.c.4 * p4, law.c.5 * p5, law.c.6 * p6, law.c.7 * p7,
      law.c.8 * (p7 * inverse)
    )
  }

  /// The mean at the face, times 12/7.
  @inline(__always)
  func mean(_ q: FourCells<V>) -> V { (q.b + q.c).addingProduct(outer, q.a + q.d) }

  /// The third difference.
  @inline(__always)
  func bend(_ q: FourCells<V>) -> V { (q.d - q.a).addingProduct(three, q.b - q.c) }

  /// The perturbation of pressure that belongs to one of ρθ, both times 12/7.
  @inline(__always)
  func push(_ heat: V) -> V {
    let square = heat * heat
    // Even and odd powers apart: what follows waits for the value, and they do not wait for each other.
    var (even, odd) = (c.6.addingProduct(square, c.8), c.5.addingProduct(square, c.7))
    (even, odd) = (c.4.addingProduct(square, even), c.3.addingProduct(square, odd))
    (even, odd) = (c.2.addingProduct(square, even), c.1.addingProduct(square, odd))
    even = c.0.addingProduct(square, even)
    let near = heat * even.addingProduct(heat, odd)
    return V.isAnyLess(bound, than: heat.magnitude) ? Self.far(near, heat, bound, inverse, pressure, gamma) : near
  }

  @inline(never)
  private static func far(_ near: V, _ heat: V, _ bound: V, _ inverse: V, _ pressure: V, _ gamma: V) -> V {
    let one = V(1)
    let far = pressure * (one.addingProduct(heat, inverse).raised(to: gamma) - one)
    return V.choose(far, ifLess: bound, than: heat.magnitude, else: near)
  }
}
