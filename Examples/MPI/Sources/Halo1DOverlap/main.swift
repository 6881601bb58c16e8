// Heat in a rod as in Halo1D, with messages that travel while the process computes.

import MPI

let cells = 25
let steps = 100
let rate = 0.4  // diffusivity × time step / cell width²; stable up to 0.5

withMPI { world in
  let line = try world.cartesian(dimensions: [world.size], periodic: [false])
  let (left, right) = try line.shift(dimension: 0, displacement: 1)
  let first = cells * line.rank / line.size
  let end = cells * (line.rank + 1) / line.size
  let count = end - first

  var temperature = [Double](repeating: 0, count: count + 2)
  if left == nil { temperature[0] = 100 }
  var next = temperature

  // Element 0 of each buffer is for the left neighbour, element 1 for the right one. What is to be received starts as
  // the ends of the rod, since nothing is received from nobody.
  let outgoing = MessageBuffer([0.0, 0.0])
  let incoming = MessageBuffer([temperature[0], temperature[count + 1]])

  // The four messages of a step are described once. The tag says which way a message goes.
  let exchange = PersistentRequests(over: line)
  try exchange.addReceive(into: incoming[0..<1], from: left, tag: 1)
  try exchange.addReceive(into: incoming[1..<2], from: right, tag: 0)
  try exchange.addSend(of: outgoing[0..<1], to: left, tag: 0)
  try exchange.addSend(of: outgoing[1..<2], to: right, tag: 1)

  /// One step of one cell.
  func update(_ i: Int) {
    next[i] = temperature[i] + rate * (temperature[i - 1] - 2 * temperature[i] + temperature[i + 1])
  }

  for _ in 0..<steps {
    outgoing[0] = temperature[1]
    outgoing[1] = temperature[count]
    try exchange.start()

    // Cells that need no ghost cell are computed while messages travel.
    for i in stride(from: 2, to: count, by: 1) { update(i) }

    try exchange.wait()
    temperature[0] = incoming[0]
    temperature[count + 1] = incoming[1]
    update(1)
    if count > 1 { update(count) }
    swap(&temperature, &next)
  }

  if let rod = try line.gatherVariable(Array(temperature[1...count]), to: 0) {
    for cell in stride(from: 0, to: cells, by: 5) { print("cell \(cell): \(rod.elements[cell])") }
  }
}
