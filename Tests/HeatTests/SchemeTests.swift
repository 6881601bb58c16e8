import Foundation
import Heat
import Stencils
import TestWorld
import Testing

extension OnEveryRank {
  @Suite(.serialized) struct SchemeTests {
    /// Everything depends on time: sides, k, ρc and q. The error in time alone: the same grid with shorter steps.
    @Test(
      arguments: [("euler", 3, 1.0, 64), ("heun", 3, 2, 256), ("rkl2", 5, 2, 12), ("rkl2", 9, 2, 6)], [false, true])
    func orderInTime(scheme: (name: String, stages: Int, order: Double, steps: Int), varies: Bool) throws {
      let end = 0.08
      var heat: [String: ParameterValue] = [
        "conductivity": 1, "capacity": 1, "scheme": .text(scheme.name), "stages": .integer(scheme.stages),
        "initial": .quantity(.formula { sin(2 * $0.x) }),
      ]
      if varies {
        heat["conductivity"] = .quantity(.formula(inTime: true) { 1 + 0.2 * $0.x + 0.3 * sin(20 * $0.t) })
        heat["capacity"] = .quantity(.formula(inTime: true) { 1.6 + 0.3 * cos(30 * $0.t) + 0.1 * $0.x })
        heat["source"] = .quantity(.formula(inTime: true) { 40 * $0.x * cos(25 * $0.t) })
      }
      let ends = Ends.sides(
        .fixed(.formula(inSpace: false, inTime: true) { sin(30 * $0.t) }),
        .convective(
          h: .formula(inSpace: false, inTime: true) { 2 + sin(20 * $0.t) },
          ambient: .formula(inSpace: false, inTime: true) { 3 * cos(20 * $0.t) }))
      let results = try withTeam { team in
        try (0..<4).map { level in
          let body = try Body<Double>(cells: [16], ends: [ends], heat, team: team)
          let steps = scheme.steps << level
          try body.program.run(steps: steps, from: 0, dt: end / Double(steps))
          var values: [Double] = []
          for cell in 0..<16 {
            let place = body.domain.grid.center(cell, along: .x)
            values.append(try body.largest { $1.x == place ? $0 : -.infinity })
          }
          return values
        }
      }
      let changes = zip(results, results.dropFirst()).map { zip($0, $1).map { abs($0 - $1) }.max()! }
      #expect(changes[2] > 1e-9)
      #expect(abs(log2(changes[1] / changes[2]) - scheme.order) < 0.1, "\(changes)")
    }

    /// The fastest mode, +1 and -1 in turn, keeps its size at Euler's bound and grows just beyond.
    @Test(arguments: [[16], [16, 8], [8, 8, 8]], ["euler", "heun"]) func boundIsExact(cells: [Int], scheme: String)
      throws
    {
      for varies in [false, true] {
        for ends in [Ends.periodic, .both(.fixed(Quantity(0)))] {
          try withTeam { team in
            func size(after steps: Int, excess: Double) throws -> Double {
              let body = try Body<Double>(
                cells: cells, ends: cells.map { _ in ends },
                [
                  "conductivity": varies ? .quantity(.formula { _ in 0.25 }) : 0.25, "capacity": 2,
                  "scheme": .text(scheme),
                  "initial": .quantity(
                    .formula { p in
                      zip(cells, [p.x, p.y, p.z]).reduce(1.0) { $0 * (Int($1.1 * Double($1.0)) % 2 == 0 ? 1 : -1) }
                    }),
                ], team: team)
              let dt = try body.solver.stableTimeStep(at: 0) * excess
              try body.program.run(steps: steps, from: 0, dt: dt)
              return try body.largest { value, _ in abs(value) }
            }
            let sizes = try [0.98, 1, 1.02].map { try size(after: 100, excess: $0) }
            #expect(sizes[0] < 0.2)
            #expect(abs(sizes[1] - 1) < 1e-9)
            #expect(sizes[2] > 10)
          }
        }
      }
    }

    @Test(arguments: [3, 5, 9, 15]) func superStepsAreStableToTheirBound(stages: Int) throws {
      try withTeam { team in
        func size(excess: Double) throws -> Double {
          let body = try Body<Double>(
            cells: [24, 10], ends: [.periodic, .both(.fixed(Quantity(0)))],
            [
              "diffusivity": 1, "scheme": "rkl2", "stages": .integer(stages),
              "initial": .quantity(.formula { p in sin(1e4 * p.x + 3e5 * p.y * p.y) }),
            ], team: team)
          let dt = try body.solver.stableTimeStep(at: 0) * excess
          try body.program.run(steps: 100, from: 0, dt: dt)
          return try body.largest { value, _ in abs(value) }
        }
        let sizes = try [1, 1.25].map { try size(excess: $0) }
        #expect(sizes[0] < 1)
        #expect(sizes[1] > 1e3)
      }
    }

    @Test func remedyNamesEnoughStages() throws {
      try withTeam { team in
        let body = try Body<Double>(
          cells: [16, 8], ends: [.periodic, .periodic], ["diffusivity": 1, "initial": 0], team: team)
        let limit = try body.solver.stableTimeStep(at: 0)
        for stretch in [2.0, 7, 7.1, 22, 100] {
          let text = try #require(try body.solver.remedy(forStep: stretch * limit, at: 0))
          let stages = try #require(text.split(separator: " ").last.flatMap { Int($0) })
          #expect(Double(stages * stages + stages - 2) / 4 >= stretch * (1 - 1e-12))
          #expect(stages == 3 || Double((stages - 2) * (stages - 2) + stages - 4) / 4 < stretch)
        }
      }
    }
  }
}
