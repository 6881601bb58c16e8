import Simulation
import Stencils
import Testing

struct RegionTests {
  private func diffusivity(_ value: String, cells: String = "[64, 32]", extent: String = "[2.0, 1.0]") throws
    -> Quantity
  {
    let text = Model.good.replacing("1.0e-4", with: value).replacing("[64, 32]", with: cells)
      .replacing("[2.0, 1.0]", with: extent)
    return try Model.load(text).parameters.quantity("diffusivity")
  }

  /// A point on the interface of two layers or boxes is in the upper one alone.
  @Test func interfacesBelongToOneRegion() {
    let lower = Region.layer(axis: .y, from: 0, to: 0.5)
    let upper = Region.layer(axis: .y, from: 0.5, to: 1)
    #expect(!lower.contains(7, 0.5) && upper.contains(7, 0.5))
    #expect(lower.contains(7, 0) && !upper.contains(7, 1))
    let box = Region.box(low: [0, 0, 0], high: [1, 1, 1])
    #expect(box.contains(0, 0, 0) && !box.contains(1, 0, 0) && !box.contains(0, 1, 0) && !box.contains(0, 0, 1))
    let ball = Region.ball(center: [1, 1, 1], radius: 0.5)
    #expect(ball.contains(1.25, 1, 1) && !ball.contains(1.5, 1, 1) && !ball.contains(1, 1, 0))
    let disc = Region.ball(center: [1, 1, 0], radius: 0.5, dimensions: 2)
    #expect(disc.contains(1.25, 1, 9), "a disc does not look at z")
  }

  @Test func laterRegionsOverride() throws {
    let quantity = try diffusivity(
      """
      { value = 1, regions = [
        { box = [[0, 0], [1, 1]], value = 2 },
        { ball = { center = [0.5, 0.5], radius = 0.25 }, value = "3 + x" },
        { layer = { axis = "y", from = 0.9, to = inf }, value = 4 },
      ] }
      """)
    #expect(quantity(Point(x: 1.5, y: 0.5)) == 1)
    #expect(quantity(Point(x: 0.1, y: 0.1)) == 2)
    #expect(quantity(Point(x: 0.5, y: 0.5)) == 3.5)
    #expect(quantity(Point(x: 0.1, y: 0.95)) == 4)
    #expect(quantity.constant == nil && quantity.variesInSpace && !quantity.variesInTime)
    #expect(quantity.formulas.map(\.text) == ["3 + x"])
  }

  @Test func boundsMayBeInfinite() throws {
    let quantity = try diffusivity(
      "{ value = 1, regions = [{ box = [[-inf], [0.5]], value = 2 }] }", cells: "[8]", extent: "[1]")
    #expect(quantity(Point(x: -1e300)) == 2 && quantity(Point(x: 0.5)) == 1)
    #expect(quantity(Point(x: 0.1, y: 5, z: -5)) == 2, "axes that the grid does not have do not count")
  }

  @Test func timeInARegionVariesTheWhole() throws {
    let quantity = try diffusivity(
      "{ value = 1, regions = [{ layer = { axis = \"x\", to = 1 }, value = \"2 + t\" }] }")
    #expect(quantity.variesInTime && quantity(Point(x: 0.5, t: 3)) == 5 && quantity(Point(x: 1, t: 3)) == 1)
  }

  @Test func parametersFromCode() {
    let parameters = Parameters(Model.schema.keys, ["diffusivity": 2, "stages": 3, "velocity": [1, 2]])
    #expect(parameters.quantity("diffusivity").constant == 2)
    #expect(parameters.integer("stages") == 3 && parameters.numbers("velocity") == [1, 2])
    #expect(parameters.word("scheme") == "euler" && parameters.number("limiter.power") == 1)
  }

  @Test func rangesSayWhatTheyHold() {
    #expect(ValueRange.positive.contains(1e-300) && !ValueRange.positive.contains(0))
    #expect(ValueRange.nonNegative.contains(0) && !ValueRange.nonNegative.contains(.infinity))
    #expect(!ValueRange.any.contains(.nan) && ValueRange.any.contains(-1e308))
    let part = ValueRange.above(0, upTo: 1)
    #expect(part.contains(1) && !part.contains(0) && part.description == "> 0 and <= 1")
    #expect(ValueRange.within(-0.5...2).description == ">= -0.5 and <= 2" && ValueRange.any.description == "finite")
  }
}
