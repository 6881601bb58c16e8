import Stencils

/// What the command line of `bench` says.
struct BenchOptions {
  var file = ""
  var overrides: [String] = []
  /// Steps of each run; nil for as many as take about a second.
  var steps: Int?
  var repeats = 5
  /// Cells along the grid's longest axis, one number a scaling; empty for the configuration's own grid.
  var sizes: [Int] = []
  /// Ranks and threads; nil for all that the cores at hand allow.
  var layouts: [(ranks: Int, threads: Int)]?
  var launcher: String?
  /// What the names of the files that are written begin with.
  var output = "bench"

  private static let names = ["--steps", "--repeats", "--sizes", "--layouts", "--launcher", "--output", "--set"]

  init(_ given: some Sequence<String>, command: String) throws(UsageError) {
    var arguments = Arguments(given, command: command)
    while let argument = arguments.next() {
      switch argument {
      case "--steps": steps = try arguments.integer(of: argument, in: 1...1_000_000_000)
      case "--repeats": repeats = try arguments.integer(of: argument, in: 1...1000)
      case "--sizes":
        let text = try arguments.value(of: argument, "whole numbers, as in 128,256")
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.allSatisfy({ $0.map { (1...1_000_000).contains($0) } ?? false }) else {
          throw UsageError("--sizes wants whole numbers from 1 to 1000000, as in 128,256, not \(text)", command)
        }
        sizes = numbers.map { $0! }
      case "--layouts": layouts = try Self.layouts(try arguments.value(of: argument, "layouts, as in 4x1,2x2"), command)
      case "--launcher": launcher = try arguments.value(of: argument, "a command, as in \"mpirun -np {ranks}\"")
      case "--output": output = try arguments.value(of: argument, "what the names of files begin with")
      case "--set": overrides.append(try arguments.value(of: argument, "KEY=VALUE"))
      default: file = try arguments.file(argument, after: file, options: Self.names)
      }
    }
    try arguments.require(file, subcommand: "bench")
  }

  static func layouts(_ text: String, _ command: String) throws(UsageError) -> [(ranks: Int, threads: Int)] {
    var found: [(ranks: Int, threads: Int)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard numbers.count == 2, numbers.allSatisfy({ (1...1_000_000).contains($0) }) else {
        throw UsageError("--layouts wants ranks x threads, as in 4x1,2x2, not \(text)", command)
      }
      if !found.contains(where: { $0.ranks == numbers[0] && $0.threads == numbers[1] }) {
        found.append((numbers[0], numbers[1]))
      }
    }
    return found
  }
}

extension Placing {
  /// All layouts of hosts with so many cores each, few cores first.
  ///
  /// On one host with up to four cores these are all pairs whose product is no more than the cores; with more, all pairs
  /// whose product is the cores, half of them, a quarter and so on. Several hosts are used whole.
  package static func all(hosts: Int, cores: Int) -> [Placing] {
    var counts = Set(cores <= 4 ? Array(1...cores) : [1])
    var count = cores
    while count >= 1 {
      counts.insert(count)
      count /= 2
    }
    func pairs(_ workers: Int, hosts: Int) -> [Placing] {
      (1...workers).filter { workers % $0 == 0 }.map {
        Placing(hosts: hosts, ranksPerHost: workers / $0, threads: $0)
      }
    }
    var found = counts.sorted().flatMap { pairs($0, hosts: 1) }
    var used = Set<Int>()
    var several = 2
    while several < hosts {
      used.insert(several)
      several *= 2
    }
    if hosts > 1 { used.insert(hosts) }
    for number in used.sorted() { found += pairs(cores, hosts: number) }
    return found
  }

  /// So many ranks of so many threads on as few hosts as hold them; nil where the hosts are too few, or the ranks do not
  /// divide among them.
  package static func fitting(ranks: Int, threads: Int, hosts: Int, cores: Int) -> Placing? {
    guard threads <= cores else { return nil }
    for number in 1...hosts where ranks % number == 0 && ranks / number * threads <= cores {
      return Placing(hosts: number, ranksPerHost: ranks / number, threads: threads)
    }
    return nil
  }
}

/// Grids for scaling.
package enum BenchGrid {
  /// Cells in the proportions of `cells`, with `longest` along the longest axis.
  package static func sized(_ cells: [Int], longest: Int) -> [Int] {
    let most = Double(cells.max()!)
    return cells.map { max(1, Int((Double($0) * Double(longest) / most).rounded())) }
  }

  /// The grid with as many times the cells as there are workers. The factors of that number go, largest first, to the
  /// axis with the fewest cells, among equals to the last one, so that blocks stay compact and rows as long as they were.
  package static func grown(_ cells: [Int], workers: Int) -> [Int] {
    var grown = cells
    for factor in factors(of: workers).reversed() {
      let axis = grown.indices.reversed().min { grown[$0] < grown[$1] }!
      grown[axis] *= factor
    }
    return grown
  }

  /// The prime factors of a number, ascending.
  private static func factors(of number: Int) -> [Int] {
    var (rest, factor, found) = (number, 2, [Int]())
    while rest > 1 {
      if rest % factor == 0 {
        found.append(factor)
        rest /= factor
      } else {
        factor += 1
      }
    }
    return found
  }
}
