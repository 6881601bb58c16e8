// Measures the MPI module against the same calls in C, both sides in turn within one process.
//   mpi-bench LIBRARY [PAIRS] [CASE]      LIBRARY is mpi.c, compiled; PAIRS how often the sides alternate (301)
// Prints a line for each case, and last that of the case in which Swift does worst: above 1, Swift is faster.

import AllocationCounter
import Glibc
import MPI

struct Mistake: Error, CustomStringConvertible {
  let description: String
}

/// The cases in C.
struct Reference {
  let run: @convention(c) (CInt, CInt) -> Double

  init(path: String) throws {
    guard let library = dlopen(path, RTLD_NOW), let prepare = dlsym(library, "reference_prepare"),
      let run = dlsym(library, "reference_run")
    else {
      throw Mistake(description: "cannot load \(path): \(String(cString: dlerror()))")
    }
    unsafeBitCast(prepare, to: (@convention(c) () -> Void).self)()
    self.run = unsafeBitCast(run, to: (@convention(c) (CInt, CInt) -> Double).self)
  }
}

/// One side of one case.
struct Side {
  var times: [Double] = []
  var blocks = 0
  var result = 0.0
  let calls: Int

  /// Adds one sample, which starts on all processes at once.
  mutating func measure(_ world: Communicator, _ run: () throws -> Double) throws {
    try world.barrier()
    let blocksBefore = allocation_count()
    let start = wtime()
    result = try run()
    let seconds = wtime() - start
    blocks += allocation_count() - blocksBefore
    times.append(seconds / Double(calls))
  }

  /// Nanoseconds a call.
  var nanoseconds: Double { median(times) * 1e9 }
  /// Blocks of memory reserved a call, MPI's own included.
  var blocksPerCall: Double { Double(blocks) / Double(calls * times.count) }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

/// A number with so many digits after the point.
func text(_ value: Double, digits: Int) -> String {
  var unit = 1
  for _ in 0..<digits { unit *= 10 }
  let scaled = Int((value * Double(unit)).rounded())
  let fraction = String(scaled % unit)
  return "\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

withMPI { world in
  let arguments = CommandLine.arguments
  guard arguments.count > 1 else { throw Mistake(description: "usage: mpi-bench LIBRARY [PAIRS] [CASE]") }
  let pairs = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 301
  guard pairs > 0 else { throw Mistake(description: "PAIRS is a number from 1 up") }
  let reference = try Reference(path: arguments[1])
  var benchmark = try Benchmark(world)
  var worst: (ratio: Double, line: String)?

  for (index, name) in Case.allCases.enumerated() where arguments.count < 4 || arguments[3] == name.rawValue {
    var (swift, c) = (Side(calls: name.calls), Side(calls: name.calls))
    for pair in -1..<pairs {
      // Every second pair is the other way round, so that what changes with time favours nobody.
      for turn in [pair & 1, 1 - pair & 1] {
        if turn == 0 {
          try swift.measure(world) { try benchmark.run(name, calls: name.calls) }
        } else {
          try c.measure(world) { reference.run(CInt(index), CInt(name.calls)) }
        }
      }
      // The first pair warms up.
      if pair == -1 { (swift, c) = (Side(calls: name.calls), Side(calls: name.calls)) }
    }
    guard swift.result == c.result else {
      throw Mistake(description: "\(name.rawValue) gives \(swift.result) in Swift, \(c.result) in C")
    }
    let ratios = zip(c.times, swift.times).map { $0 / $1 }.sorted()
    let ratio = median(ratios)
    let figures =
      "(median of \(pairs) pairs, \(text(ratios[0], digits: 3)) to \(text(ratios[pairs - 1], digits: 3)); "
      + "\(text(swift.nanoseconds, digits: 1)) ns, \(text(c.nanoseconds, digits: 1)) ns)"
    if world.rank == 0 {
      print(
        "\(name.rawValue): ratio \(text(ratio, digits: 3)) \(figures), memory reserved per call",
        "\(text(swift.blocksPerCall, digits: 3)), C \(text(c.blocksPerCall, digits: 3))")
    }
    if ratio < worst?.ratio ?? .infinity { worst = (ratio, "mpi ratio \(text(ratio, digits: 3)) \(figures)") }
  }
  if let worst, world.rank == 0 { print(worst.line) }
}
