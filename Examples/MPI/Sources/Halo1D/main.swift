// Heat in a rod that several processes share: each owns some cells and keeps copies of its neighbours' nearest ones.

import MPI

let cells = 25
let steps = 100
let rate = 0.4  // diffusivity × time step / cell width²; stable up to 0.5

withMPI { world in
  // Processes stand in a line, and those at its ends have nobody (nil) on one side.
  let line = try world.cartesian(dimensions: [world.size], periodic: [false])
  let (left, right) = try line.shift(dimension: 0, displacement: 1)

  // This process owns cells first..<end; shares differ by one cell at most.
  let first = cells * line.rank / line.size
  let end = cells * (line.rank + 1) / line.size
  let count = end - first

  // Cells 1...count are its own. Cells 0 and count + 1 are ghost cells: copies of neighbours' cells, or the ends of the
  // rod, which are kept at 100 and 0 degrees.
  var temperature = [Double](repeating: 0, count: count + 2)
  if left == nil { temperature[0] = 100 }
  var next = temperature

  for _ in 0..<steps {
    // To the left goes the first own cell while the right ghost cell comes in, and the other way round. From nobody
    // nothing comes: the ends of the rod stay as they are.
    try line.sendReceive(temperature[1], to: left, into: &temperature[count + 1], from: right)
    try line.sendReceive(temperature[count], to: right, into: &temperature[0], from: left)

    for i in 1...count {
      next[i] = temperature[i] + rate * (temperature[i - 1] - 2 * temperature[i] + temperature[i + 1])
    }
    (next[0], next[count + 1]) = (temperature[0], temperature[count + 1])
    swap(&temperature, &next)
  }

  // Rank 0 joins the shares, whose lengths differ, and shows every fifth cell.
  if let rod = try line.gatherVariable(Array(temperature[1...count]), to: 0) {
    for cell in stride(from: 0, to: cells, by: 5) { print("cell \(cell): \(rod.elements[cell])") }
  }
}
