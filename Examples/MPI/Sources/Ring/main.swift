// Messages around a ring of processes.

import MPI

withMPI { world in
  // The neighbours; a run of one process is its own neighbour.
  let next = (world.rank + 1) % world.size
  let previous = (world.rank + world.size - 1) % world.size

  // One token goes round, and each process adds its rank to it.
  if world.rank == 0 {
    let departure = try world.startSend([0], to: next)
    let token = try world.receive([Int].self, from: previous)
    try departure.wait()
    print("The token came past ranks \(token).")
  } else {
    var token = try world.receive([Int].self, from: previous)
    token.append(world.rank)
    try world.send(token, to: next)
  }

  // All numbers go round at once, one process further with each step, until everyone has seen every number.
  var number = world.rank + 1
  var sum = number
  for _ in 1..<world.size {
    var received = 0
    try world.sendReceive(number, to: next, into: &received, from: previous)
    number = received
    sum += number
  }

  // One process speaks for all, so that lines do not mix.
  if let sums = try world.gather(sum, to: 0) {
    print("Each process added up 1 to \(world.size): \(sums).")
  }
}
