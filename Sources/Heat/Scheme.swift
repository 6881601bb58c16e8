// Time stepping for dT/dt = L(T), with the weights by which L at each stage enters the step: a step changes T by
// dt * sum of weight[j] L(Y_j), which is how fluxes and sources are booked.
//
//   euler  Y_1 = Y_0 + dt L(Y_0).                                        Order 1, stable to dt = 2/|λ|max =: dt_E.
//   heun   Y_1 = Y_0 + dt L(Y_0),  Y = (Y_0 + Y_1 + dt L(Y_1)) / 2.      Order 2, stable to dt_E.
//   rkl2   Runge-Kutta-Legendre super-time-stepping, s stages, order 2, stable to dt_E (s² + s - 2) / 4.
//          C. D. Meyer, D. S. Balsara, T. D. Aslam, A stabilized Runge-Kutta-Legendre method for explicit
//          super-time-stepping of parabolic and mixed equations, J. Comput. Phys. 257 (2014) 594-626, eqs. 14-18.

/// A scheme's name and its coefficients.
struct Scheme: Sendable {
  enum Kind: Sendable { case euler, heun, rkl2 }

  /// One RKL2 stage: Y_j = μ Y_(j-1) + ν Y_(j-2) + (1 - μ - ν) Y_0 + μ~ dt L(Y_(j-1)) + γ~ dt L(Y_0).
  struct Stage: Sendable {
    var mu = 0.0
    var nu = 0.0
    var muTilde = 0.0
    var gammaTilde = 0.0
  }

  let kind: Kind
  /// The stages of RKL2, from 1; element 0 is unused.
  let stages: [Stage]
  /// For each stage the time, as a fraction of the step, at which its L is taken.
  let fractions: [Double]
  /// For each stage the weight of its L in the step.
  let weights: [Double]
  /// How many times dt_E a step may be long.
  let stretch: Double

  init(_ name: String, stages count: Int) {
    switch name {
    case "heun":
      (kind, stages, fractions, weights, stretch) = (.heun, [], [0, 1], [0.5, 0.5], 1)
    case "rkl2":
      kind = .rkl2
      stages = Self.legendre(count)
      (fractions, weights) = Self.effect(of: stages)
      stretch = Double(count * count + count - 2) / 4
    default:
      (kind, stages, fractions, weights, stretch) = (.euler, [], [0], [1], 1)
    }
  }

  /// The fewest stages, an odd number, with which RKL2 may take a step of so many Euler limits.
  static func stagesNeeded(forStretch stretch: Double) -> Int {
    var count = 3
    while Double(count * count + count - 2) / 4 < stretch { count += 2 }
    return count
  }

  private static func legendre(_ s: Int) -> [Stage] {
    func b(_ j: Int) -> Double { j < 2 ? 1.0 / 3 : Double(j * j + j - 2) / Double(2 * j * (j + 1)) }
    let w = 4 / Double(s * s + s - 2)
    var stages = [Stage(), Stage(muTilde: b(1) * w)]
    for j in 2...s {
      let mu = Double(2 * j - 1) / Double(j) * b(j) / b(j - 1)
      stages.append(
        Stage(
          mu: mu, nu: -Double(j - 1) / Double(j) * b(j) / b(j - 2), muTilde: mu * w,
          gammaTilde: -(1 - b(j - 1)) * mu * w))
    }
    return stages
  }

  /// The times and weights of the stages, by running the recursion on L = 1 and on unit vectors.
  private static func effect(of stages: [Stage]) -> (fractions: [Double], weights: [Double]) {
    let s = stages.count - 1
    var weights = [[Double](repeating: 0, count: s)]
    weights.append(weights[0])
    weights[1][0] = stages[1].muTilde
    for j in 2...s {
      var next = (0..<s).map { stages[j].mu * weights[j - 1][$0] + stages[j].nu * weights[j - 2][$0] }
      next[j - 1] += stages[j].muTilde
      next[0] += stages[j].gammaTilde
      weights.append(next)
    }
    return ((0..<s).map { weights[$0].reduce(0, +) }, weights[s])
  }
}
