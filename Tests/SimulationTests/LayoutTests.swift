import TestSupport
import Testing

/// The same bits for any ranks and threads, and any number of steps at once: fingerprints and every number in the file.
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
    let alone = try Simulated(case: name, set: set + ["parallel.depth=1"])
    #expect(alone.fields.variables["temperature"]?.isFloat == (precision == "float"))
    let initial = try alone.fields.values("temperature", record: 0)
    #expect(try alone.temperature != initial, "nothing happens: the comparison would say nothing")
    // What differs between the precisions, the width of vectors, shows on any cut of rows. 64 ranks on a core or two take
    // as long as all others: one case in three dimensions and one in two.
    var layouts = [(1, 2, "8"), (3, 2, "2"), (7, 1, "1")]
    if precision == "double" {
      layouts = [(1, 1, "2"), (2, 1, "3"), (1, 2, "8"), (3, 2, "16"), (4, 1, "1"), (7, 1, "8")]
      if ["heat-sink", "hot-plate"].contains(name) { layouts.append((64, 1, "\"auto\"")) }
    }
    for (ranks, threads, depth) in layouts {
      let run = try Simulated(case: name, set: set + ["parallel.depth=\(depth)"], ranks: ranks, threads: threads)
      let layout = "\(ranks) ranks x \(threads) threads, depth \(depth)"
      #expect(run.fingerprint == alone.fingerprint, "\(layout)")
      #expect(run.fields.variables.keys == alone.fields.variables.keys)
      for (variable, values) in alone.fields.variables {
        #expect(run.fields.variables[variable]?.bytes == values.bytes, "\(variable) on \(layout)")
      }
    }
  }
}
