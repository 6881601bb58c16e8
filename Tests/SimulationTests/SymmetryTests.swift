import Foundation
import Testing

/// Rotated and mirrored problems have rotated and mirrored answers.
@Suite(.serialized) struct SymmetryTests {
  // All lengths are powers of two, so that mirrored centres of cells are mirrored to the last bit, and the start is a
  // polynomial of them without rounding.
  private func temperature(_ start: String, _ heat: String, _ boundary: String) throws -> [Double] {
    try Simulated(
      """
      grid = { cells = [32, 32], extent = [1.0, 1.0], origin = [-0.5, -0.5] }
      time = { end = 0.01 }
      heat = { initial = "\(start)", \(heat) }
      boundary = { \(boundary) }
      """
    ).temperature
  }

  private let cold = "{ kind = \"fixed\", value = 1 }"
  private let film = "{ kind = \"convective\", h = 3, ambient = 2 }"

  // Constant coefficients: the sum of the two neighbours along an axis is the same from both sides.
  @Test(arguments: ["euler", "heun", "rkl2"]) func mirroredToTheBit(scheme: String) throws {
    let heat = "diffusivity = 1, source = 1, scheme = \"\(scheme)\""
    let one = try temperature("4 + x*(1 + y*y) + y", heat, "x = { low = \(cold), high = \(film) }, y = \(film)")
    let two = try temperature("4 - x*(1 + y*y) + y", heat, "x = { low = \(film), high = \(cold) }, y = \(film)")
    let three = try temperature("4 + x*(1 + y*y) - y", heat, "x = { low = \(cold), high = \(film) }, y = \(film)")
    #expect(Set(one).count > 900)
    for y in 0..<32 {
      for x in 0..<32 {
        #expect(one[x + 32 * y] == two[31 - x + 32 * y])
        #expect(one[x + 32 * y] == three[x + 32 * (31 - y)])
      }
    }
  }

  // With x and y exchanged, fused sums run over the axes in another order, and with coefficients that vary the two
  // faces of an axis are not added alike; so these agree to rounding, not to the bit.
  @Test(arguments: ["diffusivity = 1", "capacity = 1, conductivity = "]) func rotatedToRounding(material: String) throws
  {
    let varies = material.hasSuffix("= ")
    func heat(_ k: String) -> String { (varies ? material + "\"\(k)\"" : material) + ", scheme = \"rkl2\"" }
    let one = try temperature(
      "4 + x*(1 + y*y) + y", heat("2 + x - y*y"), "x = { low = \(cold), high = \(film) }, y = \(cold)")
    let two = try temperature(
      "4 + y*(1 + x*x) + x", heat("2 + y - x*x"), "y = { low = \(cold), high = \(film) }, x = \(cold)")
    let mirrored = try temperature(
      "4 - x*(1 + y*y) + y", heat("2 - x - y*y"), "x = { low = \(film), high = \(cold) }, y = \(cold)")
    for y in 0..<32 {
      for x in 0..<32 {
        #expect(abs(one[x + 32 * y] - two[y + 32 * x]) < 1e-13)
        #expect(abs(one[x + 32 * y] - mirrored[31 - x + 32 * y]) < 1e-13)
      }
    }
  }
}
