// Dry air: p = p0 (R ρθ / p0)^γ = C (ρθ)^γ, γ = cp/cv, cv = cp - R, and columns of air at rest, in which the pressure
// falls with height as ∂p/∂z = -ρ g. With the Exner function π = (p/p0)^(R/cp) that is ∂π/∂z = -g / (cp θ):
//   neutral     θ constant            π = 1 - g z / (cp θ0)
//   stable      θ = θ0 exp(N² z / g)  π = 1 + g² / (cp θ0 N²) (exp(-N² z / g) - 1)
//   isothermal  T constant            π = exp(-g z / (cp T)), θ = T / π

import Stencils

/// The air's constants and the state at rest about which all is counted.
struct AirColumn: Sendable {
  enum Kind: String, Sendable { case neutral, stable, isothermal }

  let gravity: Double
  /// Heat capacities and the gas constant, J/kg/K.
  let cp: Double
  let cv: Double
  let gasConstant: Double
  /// Pressure at height 0, Pa.
  let pressure: Double
  let gamma: Double
  /// C in p = C (ρθ)^γ.
  let factor: Double
  let kind: Kind
  /// θ at height 0 or the temperature of all, K.
  let temperature: Double
  /// N, 1/s.
  let frequency: Double

  init(_ parameters: Parameters, _ state: AirState) {
    gravity = parameters.number("gravity")
    cp = parameters.number("cp")
    gasConstant = parameters.number("gas-constant")
    cv = cp - gasConstant
    pressure = parameters.number("pressure")
    gamma = cp / cv
    factor = pressure * Elementary.power(gasConstant / pressure, gamma)
    kind = parameters.has("background.kind") ? Kind(rawValue: parameters.word("background.kind"))! : state.background
    temperature =
      parameters.has("background.temperature") ? parameters.number("background.temperature") : state.temperature
    frequency = parameters.has("background.frequency") ? parameters.number("background.frequency") : state.frequency
  }

  private func exner(_ z: Double) -> Double {
    switch kind {
    case .neutral: return 1 - gravity * z / (cp * temperature)
    case .stable:
      let rate = frequency * frequency / gravity
      if rate == 0 { return 1 - gravity * z / (cp * temperature) }
      return 1 + gravity / (cp * temperature * rate) * (Elementary.exponential(-rate * z) - 1)
    case .isothermal: return Elementary.exponential(-gravity * z / (cp * temperature))
    }
  }

  /// The potential temperature at a height, K.
  func theta(_ z: Double) -> Double {
    switch kind {
    case .neutral: temperature
    case .stable: temperature * Elementary.exponential(frequency * frequency / gravity * z)
    case .isothermal: temperature / exner(z)
    }
  }

  /// ρθ at a height, kg K/m³.
  func rhoTheta(_ z: Double) -> Double {
    let p = pressure * Elementary.power(exner(z), cp / gasConstant)
    return Elementary.power(p / factor, 1 / gamma)
  }

  /// The density at a height, kg/m³.
  func density(_ z: Double) -> Double { rhoTheta(z) / theta(z) }

  /// The pressure of air with so much ρθ, Pa.
  func pressure(ofRhoTheta value: Double) -> Double { factor * Elementary.power(value, gamma) }

  /// The speed of sound at a height, m/s.
  func soundSpeed(_ z: Double) -> Double {
    (gamma * pressure(ofRhoTheta: rhoTheta(z)) / density(z)).squareRoot()
  }

  /// Whether the formulas hold up to a height: a neutral column ends where its temperature reaches 0 K.
  func reaches(_ z: Double) -> Bool { exner(z) > 0 }
}

/// (1 + ε)^γ - 1 on lanes: the perturbation of pressure, over the pressure at rest, that belongs to a perturbation ε of
/// ρθ over that at rest. There is no cancellation for small ε, where it is γ ε.
///
/// For |ε| <= 1/8 ε times a polynomial of degree 10, the binomial series with its terms beyond economized (C. Lanczos,
/// 1938), whose error is 1e-16 of the value; elsewhere by `raised`. Which of the two depends on the lane's own ε.
struct PressureLaw<V: Lanes> where V.Scalar: Real {
  let c: (V, V, V, V, V, V, V, V, V, V, V)
  let gamma: V
  private static var bound: V.Scalar { 0.125 }

  init(gamma: Double) {
    let c = Self.coefficients(gamma).map { V(V.Scalar($0)) }
    self.c = (c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10])
    self.gamma = V(V.Scalar(gamma))
  }

  @inline(__always)
  func callAsFunction(_ e: V) -> V {
    // By Estrin's scheme: what follows waits for the value, and Horner's would be a chain of eleven.
    let e2 = e * e
    let e4 = e2 * e2
    let low = c.0.addingProduct(c.1, e).addingProduct(c.2.addingProduct(c.3, e), e2)
    let middle = c.4.addingProduct(c.5, e).addingProduct(c.6.addingProduct(c.7, e), e2)
    let high = c.8.addingProduct(c.9, e).addingProduct(c.10, e2)
    let p = e * low.addingProduct(middle, e4).addingProduct(high, e4 * e4)
    return V.isAnyLess(V(Self.bound), than: e.magnitude) ? Self.far(p, e, gamma) : p
  }

  // Not a method of the law: its caller would make a copy of all the coefficients for it, every time.
  @inline(never)
  private static func far(_ near: V, _ e: V, _ gamma: V) -> V {
    let one = V(1)
    return V.choose((one + e).raised(to: gamma) - one, ifLess: V(bound), than: e.magnitude, else: near)
  }

  /// The coefficients in powers of ε of ((1 + ε)^γ - 1) / ε, best for |ε| up to a bound.
  static func coefficients(_ gamma: Double, degree: Int = 10, bound: Double = 0.125) -> [Double] {
    let count = 40
    // In powers of t = ε / bound.
    var series: [Double] = []
    var binomial = gamma
    for n in 0..<count {
      series.append(binomial * Elementary.power(bound, Double(n)))
      binomial *= (gamma - Double(n + 1)) / Double(n + 2)
    }
    // From the highest power down: tⁿ = T_n / 2^(n-1) + lower powers; T_n is left out.
    for n in stride(from: count - 1, through: degree + 1, by: -1) {
      let chebyshev = Self.chebyshev(n)
      let part = series[n] / chebyshev[n]
      for power in 0..<n { series[power] -= part * chebyshev[power] }
      series[n] = 0
    }
    return (0...degree).map { series[$0] * Elementary.power(1 / bound, Double($0)) }
  }

  /// The coefficients of T_n in powers of t.
  private static func chebyshev(_ n: Int) -> [Double] {
    var (before, last) = ([1.0], [0.0, 1])
    for _ in 1..<max(n, 1) {
      var next = [0.0] + last.map { 2 * $0 }
      for power in before.indices { next[power] -= before[power] }
      (before, last) = (last, next)
    }
    return last
  }
}
