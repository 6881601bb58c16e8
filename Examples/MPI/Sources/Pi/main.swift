// π by throwing points at a square and counting those that hit the circle inside.

import MPI

/// Random numbers from 0 up to 1 that depend on `index` alone (the mixing function of SplitMix64).
func uniform(_ index: UInt64) -> Double {
  var z = (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
}

struct BadArgument: Error, CustomStringConvertible {
  let description = "usage: Pi [POINTS], at least 1"
}

withMPI { world in
  // Rank 0 reads what the user wants, and tells the others.
  var points = 0
  if world.rank == 0 {
    points = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 1_000_000
  }
  points = try world.broadcast(points, from: 0)
  guard points > 0 else { throw BadArgument() }

  // Every process takes each `size`-th point.
  let start = wtime()
  var hits = 0
  for point in stride(from: world.rank, to: points, by: world.size) {
    let x = uniform(2 * UInt64(point))
    let y = uniform(2 * UInt64(point) + 1)
    if x * x + y * y < 1 { hits += 1 }
  }

  // The hits of all are added up, and the longest time is the time of the run.
  let allHits = try world.allReduce(hits, .sum)
  let seconds = try world.allReduce(wtime() - start, .max)
  if world.rank == 0 {
    let share = Double(allHits) / Double(points)
    let uncertainty = 4 * (share * (1 - share) / Double(points)).squareRoot()
    print("pi = \(4 * share), give or take \(uncertainty)")
    if CommandLine.arguments.contains("--time") { print("\(seconds) s on \(world.size) processes") }
  }
}
