import Foundation
import Heat
import Stencils
import TestWorld
import Testing

/// How a mode varies along an axis of length 1, and the sides that it needs.
enum Mode {
  /// sin(k pi x) between fixed ends, cos(k pi x) between insulated ends, sin((k + 1/2) pi x) between the two.
  case fixed(Int)
  case insulated(Int)
  case fixedAndInsulated(Int)
  /// cos(2 pi x + 1/2).
  case periodic
  /// cos(a x) + sin(a x) / a, whose flux at both ends is that of h = k = 1: tan a = 2 a / (a² - 1).
  case convective

  var wavenumber: Double {
    switch self {
    case .fixed(let k), .insulated(let k): return Double(k) * .pi
    case .fixedAndInsulated(let k): return (Double(k) + 0.5) * .pi
    case .periodic: return 2 * .pi
    case .convective:
      var (low, high) = (1.1, 1.5)
      for _ in 0..<100 {
        let a = (low + high) / 2
        if tan(a) < 2 * a / (a * a - 1) { low = a } else { high = a }
      }
      return low
    }
  }

  func callAsFunction(_ x: Double) -> Double {
    let a = wavenumber
    switch self {
    case .fixed, .fixedAndInsulated: return sin(a * x)
    case .insulated: return cos(a * x)
    case .periodic: return cos(a * x + 0.5)
    case .convective: return cos(a * x) + sin(a * x) / a
    }
  }

  var ends: Ends {
    switch self {
    case .fixed: .both(.fixed(Quantity(0)))
    case .insulated: .both(.insulated)
    case .fixedAndInsulated: .sides(.fixed(Quantity(0)), .insulated)
    case .periodic: .periodic
    case .convective: .both(.convective(h: Quantity(1), ambient: Quantity(0)))
    }
  }
}

private func product(_ modes: [Mode], _ p: Point) -> Double {
  zip(modes, [p.x, p.y, p.z]).reduce(1) { $0 * $1.0($1.1) }
}

/// By how much a mode shrinks in a number of steps.
struct Factor: Sendable {
  let modes: String
  let scheme: String
  var stages = 9
  let dt: Double
  let factor: Double

  var axes: [Mode] {
    switch modes {
    case "2d": [.fixed(1), .fixed(1)]
    case "2d mixed": [.fixed(2), .insulated(1)]
    default: [.fixed(1), .insulated(1), .fixedAndInsulated(0)]
    }
  }
}

extension OnEveryRank {
  @Suite(.serialized) struct ModeTests {
    /// The factors by which eigenmodes of the 3-, 5- and 7-point Laplacian shrink in 50 steps on 32 cells an axis of a
    /// unit box with k = ρc = 1: the 50th power of the scheme's stability polynomial at dt times the discrete
    /// eigenvalue Σ (4/h²) sin²(a h/2), computed with 40 digits and rounded.
    static let factors = [
      Factor(modes: "2d", scheme: "euler", dt: 0.0001220703125, factor: 0.886453166899552),
      Factor(modes: "2d", scheme: "euler", dt: 0.00021972656250000001, factor: 0.80480264380605204),
      Factor(modes: "2d", scheme: "heun", dt: 0.0001220703125, factor: 0.88658194899845577),
      Factor(modes: "2d", scheme: "heun", dt: 0.00021972656250000001, factor: 0.80518225838159019),
      Factor(modes: "2d", scheme: "rkl2", stages: 5, dt: 0.0009765625, factor: 0.38173490145232841),
      Factor(modes: "2d", scheme: "rkl2", stages: 9, dt: 0.0009765625, factor: 0.38173340764173996),
      Factor(modes: "2d", scheme: "rkl2", stages: 15, dt: 0.0009765625, factor: 0.38173296861927059),
      Factor(modes: "2d", scheme: "rkl2", stages: 15, dt: 0.0048828125, factor: 0.0081268516883350895),
      Factor(modes: "2d mixed", scheme: "euler", dt: 0.00021972656250000001, factor: 0.58064287734721121),
      Factor(modes: "2d mixed", scheme: "heun", dt: 0.00021972656250000001, factor: 0.58236130903381689),
      Factor(modes: "2d mixed", scheme: "rkl2", stages: 9, dt: 0.0009765625, factor: 0.090477451082057167),
      Factor(modes: "3d", scheme: "euler", dt: 0.00014648437499999999, factor: 0.84976870462245702),
      Factor(modes: "3d", scheme: "heun", dt: 0.00014648437499999999, factor: 0.84999393072148588),
      Factor(modes: "3d", scheme: "rkl2", stages: 5, dt: 0.00065104166666666663, factor: 0.48562016553504928),
      Factor(modes: "3d", scheme: "rkl2", stages: 9, dt: 0.0032552083333333335, factor: 0.027037995950394259),
    ]

    @Test(arguments: factors) func modesShrinkByTheSchemesFactor(_ factor: Factor) throws {
      let modes = factor.axes
      try withTeam { team in
        let body = try Body<Double>(
          cells: modes.map { _ in 32 }, ends: modes.map(\.ends),
          [
            "diffusivity": 1, "scheme": .text(factor.scheme), "stages": .integer(factor.stages),
            "initial": .quantity(.formula { product(modes, $0) }),
          ], team: team)
        #expect(try factor.dt < body.solver.stableTimeStep(at: 0))
        try body.program.run(steps: 50, from: 0, dt: factor.dt)
        let error = try body.largest { abs($0 - factor.factor * product(modes, $1)) }
        #expect(error <= 1e-12 * factor.factor)
      }
    }

    @Test(
      arguments: [
        [Mode.convective], [.fixedAndInsulated(1)], [.convective, .periodic], [.fixed(1), .insulated(1)],
        [.convective, .fixedAndInsulated(0), .periodic], [.insulated(1), .convective, .fixed(1)],
      ])
    func orderInSpaceIsTwo(modes: [Mode]) throws {
      let end = 0.02
      let rate = modes.reduce(0) { $0 + $1.wavenumber * $1.wavenumber }
      let errors = try withTeam { team in
        try [12, 24, 48].map { cells in
          let body = try Body<Double>(
            cells: modes.map { _ in cells }, ends: modes.map(\.ends),
            [
              "conductivity": 1, "capacity": 1, "scheme": "rkl2", "stages": 3,
              "initial": .quantity(.formula { product(modes, $0) }),
            ], team: team)
          // With dt ~ h² the error in time, of order two, is of order h⁴.
          let steps = Int((end / (0.5 * (try body.solver.stableTimeStep(at: 0)))).rounded(.up))
          try body.program.run(steps: steps, from: 0, dt: end / Double(steps))
          return try body.meanSquare { $0 - exp(-rate * end) * product(modes, $1) }.squareRoot()
        }
      }
      #expect(errors[2] > 1e-9)
      for (coarse, fine) in zip(errors, errors.dropFirst()) {
        let order = log2(coarse / fine)
        #expect(abs(order - 2) < 0.1, "order \(order)")
      }
    }
  }
}
