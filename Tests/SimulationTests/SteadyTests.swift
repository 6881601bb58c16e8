import Foundation
import Testing

// TeaLeaf's published sums belong to backward Euler with long steps; no explicit scheme reproduces them, and they are
// left out. What they rest on, that conduction conserves heat to rounding, is checked in every case.

/// Steady states, reached by marching with long steps of RKL2: about fifty or more of them, for a step of RKL2 only
/// halves the modes of the shortest waves.
@Suite(.serialized) struct SteadyTests {
  // Carslaw & Jaeger 3.2: harmonic means of conductivity are exact where interfaces lie on faces.
  @Test func compositeWall() throws {
    let run = try Simulated(
      """
      grid = { cells = [20], extent = [1.0] }
      time.end = 30
      [heat]
      scheme = "rkl2"
      initial = "1 - x"
      capacity = 1
      [heat.conductivity]
      value = 1
      regions = [
        { layer = { axis = "x", from = 0.3, to = 0.5 }, value = 0.1 }, { layer = { axis = "x", from = 0.5 }, value = 5 },
      ]
      [boundary]
      x.low = { kind = "fixed", value = 1 }
      x.high = { kind = "fixed", value = 0 }
      """)
    let flux = 0.41666666666666669
    #expect(abs(try run.diagnostic("flow_through_x_low") - flux) < 1e-11)
    #expect(abs(try run.diagnostic("flow_through_x_high") + flux) < 1e-11)
    // 0.875 and 0.0416667 at the interfaces.
    let error = try run.error {
      let x = $0[0]
      if x < 0.3 { return 1 - flux * x }
      return x < 0.5 ? 0.875 - flux * (x - 0.3) / 0.1 : 0.0416666666666666 - flux * (x - 0.5) / 5
    }
    #expect(error.max < 1e-12)
  }

  // EN ISO 10211, case 1: half a square column, 28 published temperatures (°C, at x = 0.25, 0.5, 0.75, 1 from the top
  // row down), to be met within 0.1 °C; and the series that gives them.
  @Test func iso10211Case1() throws {
    let published = [
      [9.7, 13.4, 14.7, 15.1], [5.3, 8.6, 10.3, 10.8], [3.2, 5.6, 7.0, 7.5], [2.0, 3.6, 4.7, 5.0],
      [1.3, 2.3, 3.0, 3.2],
      [0.7, 1.4, 1.8, 1.9], [0.3, 0.6, 0.8, 0.9],
    ]
    let series = [
      [9.65818777, 13.37905532, 14.72891843, 15.08537991], [5.251737797, 8.640566638, 10.31554845, 10.81058437],
      [3.188684318, 5.608999328, 7.014152966, 7.465122013], [2.014152966, 3.640566638, 4.65818777, 5],
      [1.262466685, 2.308603416, 2.985847034, 3.218502448], [0.7396473145, 1.359433362, 1.766848809, 1.908282359],
      [0.3418122304, 0.6295595659, 0.819930571, 0.8863141604],
    ]
    let run = try Simulated(
      """
      grid = { cells = [32, 64], extent = [1.0, 2.0] }
      time.end = 7
      heat = { diffusivity = 1, initial = 5, scheme = "rkl2", stages = 31 }
      boundary.x.low = { kind = "fixed", value = 0 }
      boundary.y.low = { kind = "fixed", value = 0 }
      boundary.y.high = { kind = "fixed", value = 20 }
      """)
    for row in 0..<7 {
      let y = 1.75 - 0.25 * Double(row)
      for column in 0..<4 {
        let x = 0.25 * Double(column + 1)
        // At the insulated side, a parabola through the last two cells.
        let found =
          column < 3
          ? try run.interpolated([x, y])
          : try (9 * run.interpolated([1 - 1.0 / 64, y]) - run.interpolated([1 - 3.0 / 64, y])) / 8
        #expect(abs(found - published[row][column]) < 0.1)
        #expect(abs(found - series[row][column]) < 0.004, "\(found) at \(x), \(y)")
      }
    }
  }

  // EN ISO 10211, case 4: an iron bar through an insulation layer; 0.540 W within 1 %, and 0.805 °C at the hottest place
  // of the outer surface within 0.005 °C. A quarter of it; the air inside is held at 1 °C behind a film. Capacities are
  // chosen for equal diffusivities: the steady state does not know them.
  @Test func iso10211Case4() throws {
    let run = try Simulated(
      """
      grid = { cells = [40, 72, 80], extent = [0.5, 0.6, 0.5] }
      time.end = 1.2
      [heat]
      scheme = "rkl2"
      stages = 41
      initial = 0.8
      conductivity = { value = 0.1, regions = [{ box = [[0, 0, 0], [0.05, 0.6, 0.025]], value = 50 }] }
      capacity = { value = 0.1, regions = [{ box = [[0, 0, 0], [0.05, 0.6, 0.025]], value = 50 }] }
      held = [
        { region = { box = [[0.05, 0.2, 0], [0.5, 0.6, 0.5]] }, temperature = 1, h = 10 },
        { region = { box = [[0, 0.2, 0.025], [0.5, 0.6, 0.5]] }, temperature = 1, h = 10 },
      ]
      [boundary]
      y.low = { kind = "convective", h = 10, ambient = 0 }
      y.high = { kind = "convective", h = 10, ambient = 1 }
      """, threads: 2)
    let flow = -4 * (try run.diagnostic("flow_through_y_low"))
    #expect(abs(flow / 0.540 - 1) < 0.01, "\(flow) W")
    let inward = 4 * (try run.diagnostic("flow_through_y_high") - run.diagnostic("flow_to_held"))
    #expect(abs(inward / flow - 1) < 1e-4)
    // From a cell's value to the surface: film and half a cell in series.
    let values = try run.temperature
    var hottest = 0.0
    for z in 0..<80 {
      for x in 0..<40 {
        let conductivity = x < 4 && z < 4 ? 50 : 0.1
        hottest = max(hottest, values[x + 40 * 72 * z] / (1 + 10 * run.spacing[1] / 2 / conductivity))
      }
    }
    #expect(abs(hottest - 0.805) < 0.005, "\(hottest) °C")
  }

  // -Δu = 1 with u = 0 around: the square's mean and centre, as the five-point scheme has them and as they are
  // (torsion of a square bar: Timoshenko & Goodier).
  @Test(arguments: [
    (16, 0.07344576658, 0.03567015812), (32, 0.07361473735, 0.03527648248), (64, 0.07365718549, 0.03517736785),
  ])
  func torsionOfASquare(cells: Int, center: Double, mean: Double) throws {
    let run = try Simulated(
      """
      grid = { cells = [\(cells), \(cells)], extent = [1.0, 1.0] }
      time.end = 3
      heat = { diffusivity = 1, source = 1, initial = 0, scheme = "rkl2", stages = 7 }
      boundary = { x = { kind = "fixed", value = 0 }, y = { kind = "fixed", value = 0 } }
      """)
    #expect(abs(try run.diagnostic("total_heat") - mean) < 2e-11)
    #expect(abs(try run.interpolated([0.5, 0.5]) - center) < 2e-11)
    #expect(abs(center - 0.07367135328151382) < 0.06 / Double(cells * cells))
  }

  @Test func centerOfACube() throws {
    let errors = try [10, 20, 40].map { cells in
      let run = try Simulated(
        """
        grid = { cells = \(list([cells, cells, cells])), extent = [1.0, 1.0, 1.0] }
        time.end = 1.2
        heat = { diffusivity = 1, source = 1, initial = 0, scheme = "rkl2", stages = 21 }
        [boundary]
        x = { kind = "fixed", value = 0 }
        y = { kind = "fixed", value = 0 }
        z = { kind = "fixed", value = 0 }
        """)
      return try abs(run.interpolated([0.5, 0.5, 0.5]) - 0.056212829829435)
    }
    #expect(abs(order(errors[1], errors[2]) - 2) < 0.1, "errors \(errors)")
  }

  // In one dimension the scheme is wrong by exactly q h²/(8 k), everywhere.
  @Test func slabWithASource() throws {
    let run = try Simulated(
      """
      grid = { cells = [23], extent = [1.0] }
      time.end = 4
      heat = { diffusivity = 1, source = 1, initial = 0, scheme = "rkl2" }
      boundary.x = { kind = "fixed", value = 0 }
      """)
    #expect(try run.error { $0[0] * (1 - $0[0]) / 2 + 1 / (8 * 23.0 * 23) }.max < 1e-13)
  }
}
