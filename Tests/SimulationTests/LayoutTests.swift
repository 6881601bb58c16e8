import TestSupport
import Testing

/// The same bits for any ranks and threads: fingerprints and every number in the file.
@Suite(.serialized) struct LayoutTests {
  /// The cases made small, with sizes that no number of ranks divides, and short.
  static let sizes = [
    "ground": ["grid.cells=[131]"],
    "heat-sink": ["grid.cells=[23, 19, 17]", "heat.stages=5"],
    "hot-plate": ["grid.cells=[67, 53]"],
    "hot-spot": ["grid.cells=[21, 19, 17]"],
    "rod": ["grid.cells=[131]"],
    "wall": ["grid.cells=[87]", "heat.stages=7"],
  ]

  @Test(arguments: caseNames, ["double", "float"])
  func bitsAreTheSameOnEveryLayout(name: String, precision: String) throws {
    let size = try #require(Self.sizes[name], "Simulations/\(name): say in LayoutTests.sizes how to make it small")
    let set = size + ["time.steps=25", "precision=\"\(precision)\"", "output.picture=[]"]
    let alone = try Simulated(case: name, set: set)
    #expect(alone.fields.variables["temperature"]?.isFloat == (precision == "float"))
    let initial = try alone.fields.values("temperature", record: 0)
    #expect(try alone.temperature != initial, "nothing happens: the comparison would say nothing")
    for (ranks, threads) in [(1, 1), (2, 1), (1, 2), (3, 2), (4, 1), (7, 1), (64, 1)] {
      let run = try Simulated(case: name, set: set, ranks: ranks, threads: threads)
      #expect(run.fingerprint == alone.fingerprint, "\(ranks) ranks x \(threads) threads")
      #expect(run.fields.variables.keys == alone.fields.variables.keys)
      for (variable, values) in alone.fields.variables {
        #expect(
          run.fields.variables[variable]?.bytes == values.bytes, "\(variable) on \(ranks) ranks x \(threads) threads")
      }
    }
  }
}
