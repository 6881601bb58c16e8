import Simulation
import Testing

@Suite struct PlacingTests {
  @Test func twoCoresHaveThreeLayouts() {
    #expect(Placing.all(hosts: 1, cores: 2).map(\.description) == ["1 x 1", "2 x 1", "1 x 2"])
  }

  @Test(arguments: 1...4) func fewCoresHaveAllLayouts(cores: Int) {
    let found = Set(Placing.all(hosts: 1, cores: cores).map(\.description))
    for ranks in 1...cores {
      for threads in 1...cores {
        #expect(found.contains("\(ranks) x \(threads)") == (ranks * threads <= cores))
      }
    }
  }

  @Test func manyCoresAreHalved() {
    let found = Placing.all(hosts: 1, cores: 48)
    #expect(Set(found.map(\.workers)) == [1, 3, 6, 12, 24, 48])
    for placing in found { #expect(placing.ranks * placing.threads == placing.workers) }
    #expect(found.count == Set(found).count)
    // The divisors of 1, 3, 6, 12, 24, 48.
    #expect(found.count == 1 + 2 + 4 + 6 + 8 + 10)
  }

  @Test func hostsAreUsedWhole() {
    let found = Placing.all(hosts: 5, cores: 4)
    #expect(Set(found.map(\.hosts)) == [1, 2, 4, 5])
    for placing in found where placing.hosts > 1 { #expect(placing.workers == 4 * placing.hosts) }
  }

  @Test func aLayoutTakesAsFewHostsAsHoldIt() {
    #expect(Placing.fitting(ranks: 6, threads: 2, hosts: 4, cores: 4) == Placing(hosts: 3, ranksPerHost: 2, threads: 2))
    #expect(Placing.fitting(ranks: 2, threads: 2, hosts: 4, cores: 4) == Placing(hosts: 1, ranksPerHost: 2, threads: 2))
    #expect(Placing.fitting(ranks: 1, threads: 5, hosts: 4, cores: 4) == nil)
    #expect(Placing.fitting(ranks: 5, threads: 4, hosts: 4, cores: 4) == nil)
  }

  @Test(arguments: [1, 2, 3, 4, 6, 8, 12, 64]) func grownGridsHaveAsManyCellsForEachCore(workers: Int) {
    for cells in [[100], [64, 48], [32, 32, 32], [57, 20, 36]] {
      let grown = BenchGrid.grown(cells, workers: workers)
      #expect(grown.reduce(1, *) == workers * cells.reduce(1, *))
      #expect(zip(grown, cells).allSatisfy { $0 % $1 == 0 })
    }
    #expect(BenchGrid.grown([32, 32, 32], workers: 8) == [64, 64, 64])
    #expect(BenchGrid.grown([32, 32, 32], workers: 2) == [32, 32, 64])
  }

  @Test func sizesKeepTheProportions() {
    #expect(BenchGrid.sized([512, 256, 128], longest: 64) == [64, 32, 16])
    #expect(BenchGrid.sized([100, 1], longest: 50) == [50, 1])
  }

  @Test func jsonReadsBack() throws {
    let value = JSON.object([
      ("text", "a \"b\" \\ \n\t é"), ("empty", .object([])), ("none", .null), ("yes", true),
      ("numbers", [1, -2, 3.5e-7, 1e300]), ("inner", .object([("list", .list([]))])),
    ])
    let text = "started\n" + value.serialized + "fingerprint 0123456789abcdef\n"
    #expect(try #require(JSON(reading: text)).serialized == value.serialized)
    for bad in ["", "no braces", "{", "{\"a\": }", "[1, 2", "{\"a\" 1}", "[tru]"] { #expect(JSON(reading: bad) == nil) }
  }
}
