import Foundation
import Heat
import Stencils
import TestWorld
import Testing

private let schemes: [[String: ParameterValue]] = [
  ["scheme": "euler"], ["scheme": "heun"], ["scheme": "rkl2", "stages": 5], ["scheme": "rkl2", "stages": 10],
]

/// A region held at a temperature, with what resists at its surface.
private func held(_ region: Region, _ temperature: Quantity, h: Double? = nil) -> Parameters {
  guard case .list(let keys)? = HeatSolver<Double>.schema.keys.first(where: { $0.name == "held" })?.kind else {
    preconditionFailure("held is a list")
  }
  var values: [String: ParameterValue] = ["region": .region(region), "temperature": .quantity(temperature)]
  if let h { values["h"] = .number(h) }
  return Parameters(keys, values)
}

extension OnEveryRank {
  @Suite(.serialized) struct BudgetTests {
    private static let ball = Region.ball(center: SIMD3(0.5, 0.6, 0.4), radius: 0.22)
    private static let slab = Region.layer(axis: .x, from: 0.8, to: 0.9)
    private static let ballTemperature = Quantity.formula { 350 + 3 * $0.x - $0.y }

    /// Everything varies in space and time, and heat passes in every way that there is.
    private func everything<Scalar: Real>(
      _ scalar: Scalar.Type, cells: [Int], _ scheme: [String: ParameterValue], regions: Bool = true,
      alone: Bool = false, threads: Int
    ) throws -> (heat: [String: Double], fingerprint: UInt64, heldMoved: Double) {
      var heat: [String: ParameterValue] = [
        "conductivity": .quantity(.formula(inTime: true) { 2 + $0.x + sin($0.t) * $0.y }),
        "capacity": .quantity(.formula(inTime: true) { 3 + $0.y + 0.5 * cos(20 * $0.t) + $0.z }),
        "source": .quantity(.formula(inTime: true) { 900 * $0.x * cos(40 * $0.t) - 30 }),
        "initial": .quantity(.formula { 300 + 50 * exp(-20 * ($0.x - 0.3) * ($0.x - 0.3)) + 7 * $0.y }),
      ]
      if regions {
        heat["held"] = .tables([
          held(Self.ball, Self.ballTemperature, h: 12), held(Self.slab, Quantity(280)),
        ])
      }
      let axes: [Ends] = [
        .sides(
          .flux(.formula(inTime: true) { 50 + 20 * sin(30 * $0.t) + $0.y }),
          .convective(h: .formula(inTime: true) { 5 + $0.z + $0.t }, ambient: Quantity(270))),
        .sides(.fixed(.formula(inTime: true) { 310 + 10 * sin(10 * $0.t) + 3 * $0.x }), .insulated), .periodic,
      ]
      let own = alone ? try World.communicator.split(color: World.rank) : World.communicator
      guard let own else { preconditionFailure("a rank is always part of its own colour") }
      return try withTeam(threads) { team in
        let body = try Body<Scalar>(
          cells: cells, ends: Array(axes.prefix(cells.count)), heat.merging(scheme) { $1 }, on: own, team: team)
        _ = try body.diagnostics(at: 0)
        var time = 0.0
        for _ in 0..<20 {
          let dt = 0.9 * (try body.solver.stableTimeStep(at: time))
          try body.program.run(steps: 1, from: time, dt: dt)
          time += dt
        }
        let moved = try body.largest { value, p in
          if Self.slab.contains(p.x, p.y, p.z) { return abs(value - 280) }
          guard Self.ball.contains(p.x, p.y, p.z) else { return 0 }
          return abs(value - Double(Scalar(Self.ballTemperature(p))))
        }
        return (try body.diagnostics(at: time), try body.fingerprint(), moved)
      }
    }

    @Test(arguments: [[31], [17, 13], [17, 13, 9]], schemes)
    func closesToRounding(cells: [Int], scheme: [String: ParameterValue]) throws {
      let found = try everything(Double.self, cells: cells, scheme, threads: 2)
      #expect(found.heat["budget_residual"]! < 1e-12)
      #expect(found.heldMoved == 0)
      // None of it is zero by accident.
      for name in [
        "heat_through_x_low", "heat_through_x_high", "heat_to_held", "heat_from_source", "heat_by_capacity",
      ] { #expect(abs(found.heat[name]!) > 1e-6, "\(name)") }
      if cells.count > 1 {
        #expect(abs(found.heat["heat_through_y_low"]!) > 1e-6)
        #expect(found.heat["heat_through_y_high"] == 0)
      }
      #expect(found.heat["heat_through_z_low"] == nil)
      // On one rank and thread: the same bits.
      let serial = try everything(Double.self, cells: cells, scheme, alone: true, threads: 1)
      #expect(serial.fingerprint == found.fingerprint)
      #expect(serial.heat == found.heat)
      let single = try everything(Float.self, cells: cells, scheme, threads: 2)
      #expect(
        single.fingerprint == (try everything(Float.self, cells: cells, scheme, alone: true, threads: 3)).fingerprint)
      #expect(single.heldMoved == 0)
      #expect(single.heat["budget_residual"]! < 1e-5)
    }

    @Test(arguments: schemes, [false, true]) func insulatedBoxesKeepTheirHeat(
      scheme: [String: ParameterValue], varies: Bool
    ) throws {
      try withTeam { team in
        let body = try Body<Double>(
          cells: [17, 13, 9], ends: [.both(.insulated), .periodic, .both(.insulated)],
          [
            "conductivity": varies ? .quantity(.formula { 1 + 100 * $0.x * $0.y }) : 3,
            "capacity": varies ? .quantity(.formula { 1 + $0.z }) : 2,
            "initial": .quantity(.formula { 300 + 1000 * exp(-30 * ($0.x * $0.x + $0.y)) }),
          ].merging(scheme) { $1 }, team: team)
        let before = try body.diagnostics(at: 0)
        let dt = 0.9 * (try body.solver.stableTimeStep(at: 0))
        try body.program.run(steps: 100, from: 0, dt: dt)
        let after = try body.diagnostics(at: 100 * dt)
        #expect(abs(after["total_heat"]! / before["total_heat"]! - 1) < 1e-13)
        #expect(after["budget_residual"]! < 1e-13)
        #expect(after["maximum_temperature"]! < before["maximum_temperature"]! - 10)
      }
    }

    /// Layers in contact: the profile is linear in each, with one flux through all, when faces take harmonic means.
    @Test(arguments: schemes) func compositeWallsAreSteadyToRounding(scheme: [String: ParameterValue]) throws {
      let (layers, conductivities) = ([0, 0.25, 0.5, 1.0], [0.04, 1.7, 16.0])
      // From 400 K on the low face over the layers and a film of h = 8 to 280 K outside.
      let resistance = zip(conductivities, zip(layers, layers.dropFirst())).map { ($1.1 - $1.0) / $0 } + [1.0 / 8]
      let flux = (400 - 280) / resistance.reduce(0, +)
      let steady = { @Sendable (p: Point) in
        var temperature = 400.0
        for (k, (low, high)) in zip(conductivities, zip(layers, layers.dropFirst())) where p.x > low {
          temperature -= flux * (min(p.x, high) - low) / k
        }
        return temperature
      }
      try withTeam { team in
        let body = try Body<Double>(
          cells: [16, 5],
          ends: [
            .sides(.fixed(Quantity(400)), .convective(h: Quantity(8), ambient: Quantity(280))), .both(.insulated),
          ],
          [
            "conductivity": .quantity(
              Quantity(
                .number(0.04),
                regions: [
                  (.layer(axis: .x, from: 0.25, to: 0.5), .number(1.7)),
                  (.layer(axis: .x, from: 0.5, to: 1.5), .number(16)),
                ])), "capacity": .quantity(.formula { 1 + $0.x }), "initial": .quantity(.formula { steady($0) }),
          ].merging(scheme) { $1 }, team: team)
        let dt = 0.9 * (try body.solver.stableTimeStep(at: 0))
        try body.program.run(steps: 500, from: 0, dt: dt)
        #expect(try body.largest { abs($0 - steady($1)) } < 1e-10)
        let found = try body.diagnostics(at: 500 * dt)
        #expect(abs(found["flow_through_x_low"]! / flux - 1) < 1e-10)
        #expect(abs(found["flow_through_x_high"]! / -flux - 1) < 1e-10)
      }
    }

    /// A linear profile stays whatever k does, and the flow through it is that of the k of the moment.
    @Test(arguments: schemes) func flowsAreThoseOfTheMoment(scheme: [String: ParameterValue]) throws {
      try withTeam { team in
        let body = try Body<Double>(
          cells: [16], ends: [.sides(.fixed(Quantity(400)), .fixed(Quantity(300)))],
          [
            "conductivity": .quantity(.formula(inSpace: false, inTime: true) { 1 + 50 * $0.t }), "capacity": 1,
            "initial": .quantity(.formula { 400 - 100 * $0.x }),
          ].merging(scheme) { $1 }, team: team)
        let dt = 0.5 * (try body.solver.stableTimeStep(at: 0))
        try body.program.run(steps: 10, from: 0, dt: dt)
        let found = try body.diagnostics(at: 10 * dt)
        #expect(abs(found["flow_through_x_low"]! / (100 * (1 + 500 * dt)) - 1) < 1e-10)
        #expect(abs(found["flow_through_x_high"]! / (-100 * (1 + 500 * dt)) - 1) < 1e-10)
      }
    }

    /// Nothing happens to a body that has the temperature of all around it, to the last bit.
    @Test(arguments: schemes, [false, true]) func equilibriumIsExact(scheme: [String: ParameterValue], varies: Bool)
      throws
    {
      let temperature = 293.15
      try withTeam { team in
        let body = try Body<Double>(
          cells: [17, 13],
          ends: [
            .both(.insulated), .periodic,
          ],
          [
            "conductivity": varies ? .quantity(.formula { 1 + $0.x }) : 0.7,
            "capacity": varies ? .quantity(.formula { 1 + $0.y }) : 1.3,
            "initial": .quantity(Quantity(temperature)),
          ].merging(scheme) { $1 }, team: team)
        try body.program.run(steps: 50, from: 0, dt: try body.solver.stableTimeStep(at: 0))
        #expect(try body.largest { value, _ in abs(value - temperature) } == 0)
      }
    }
  }
}
