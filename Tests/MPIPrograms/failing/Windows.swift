// Mistakes with windows and with sections of buffers.

import MPI

/// Makes the mistake that `mode` names; false when it names none of these.
func failWithWindow(_ mode: String, _ world: Communicator) throws -> Bool {
  switch mode {
  case "section": _ = [1, 2, 3][.vector(count: 2, stride: 3)]
  case "section-offset": _ = MessageBuffer([1, 2, 3])[.range(0..<2), at: -1]
  case "section-twice":
    var values = [1, 2, 3]
    try world.receive(into: &values[.vector(count: 2, blockLength: 2, stride: 1)], from: nil)
  case "subarray": _ = Pattern.subarray(sizes: [4, 4], subsizes: [2, 3], starts: [0, 2])
  case "section-early":
    let buffer = MessageBuffer([1, 2, 3])
    let request = try world.startReceive(into: buffer[0..<1], from: world.rank)
    print(buffer[2])
    request.abandon()
  case "window": try failInEpoch(world) { window, epoch in try epoch.put(1, to: .rank(0, at: 4)) }
  case "window-rank": try failInEpoch(world) { window, epoch in try epoch.put(1, to: .rank(2)) }
  case "window-count":
    try failInEpoch(world) { window, epoch in try epoch.put([1, 2], to: .rank(0, .vector(count: 3, stride: 1))) }
  case "window-touch": try failInEpoch(world) { window, epoch in print(window.memory[0]) }
  case "window-early":
    try failInEpoch(world) { window, epoch in print(try epoch.get(1, from: .rank(world.rank))[0]) }
  case "window-source":
    try failInEpoch(world) { window, epoch in
      let buffer = MessageBuffer([1])
      try epoch.put(buffer, to: .rank(world.rank))
      buffer[0] = 2
    }
  case "window-nested": try failInEpoch(world) { window, epoch in try window.lockedAll { _ in } }
  case "window-free": try failInEpoch(world) { window, epoch in try window.free() }
  default: return try failWithLock(mode, world)
  }
  return true
}

/// Runs `body` in an epoch of this process alone.
private func failInEpoch(
  _ world: Communicator, _ body: (Window<Int>, borrowing FenceEpoch<Window<Int>>) throws -> Void
) throws {
  let window = try Window(exposing: MessageBuffer([0, 0, 0, 0]), over: try Communicator.selfOnly)
  try window.fence { epoch in try body(window, epoch) }
}

private func failWithLock(_ mode: String, _ world: Communicator) throws -> Bool {
  let window = try Window(exposing: MessageBuffer([0, 0]), over: try Communicator.selfOnly)
  switch mode {
  case "lock-drop": _ = try window.lock(0, .shared)
  case "lock-twice":
    try window.locked(0, .shared) { _ in try window.locked(0, .exclusive) { _ in } }
  case "fence-drop": _ = try window.beginFence()
  case "post-drop": _ = try window.post(to: window.group())
  case "start-outside":
    try window.start(accessing: try Group.empty()) { epoch in try epoch.put(1, to: .rank(0)) }
  case "freed":
    try window.free()
    try window.lockedAll { _ in }
  case "freed-memory":
    let allocated = try Window(allocating: 1, repeating: 0, over: try Communicator.selfOnly)
    let memory = allocated.memory
    try allocated.free()
    print(memory[0])
  default: return false
  }
  return true
}
