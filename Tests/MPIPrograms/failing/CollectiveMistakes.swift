import MPI

/// Mistakes in collective calls, each of which stops the program before MPI is called. False when `mode` is none of them.
func failTogether(_ mode: String, _ world: Communicator) throws -> Bool {
  let alone = try Communicator.selfOnly
  var (one, two) = ([1], [1, 2])
  switch mode {
  case "collective-room": try world.allGather([1, 2], into: &two)
  case "collective-parts": try world.allToAll(&one)
  case "collective-memory":
    try two.withUnsafeMutableBufferPointer { values in
      var result = values
      try world.allReduce(values, into: &result, .sum)
    }
  case "collective-drop": _ = try alone.startAllReduce(MessageBuffer([1]), .sum)
  case "collective-read":
    let buffer = MessageBuffer([1])
    let request = try world.startBroadcast(buffer, from: 0)
    print(buffer[0])
    request.abandon()
  case "collective-write":
    let buffer = MessageBuffer([1])
    let request = try world.startGather(buffer, into: MessageBuffer<Int>([]), to: 0)
    buffer[0] = 2
    request.abandon()
  case "collective-root": try world.startReduce(MessageBuffer([1]), .sum, to: -1).wait()
  case "layout-length": try world.allGatherVariable(one, into: &two, layout: SharesLayout(counts: [2, 0]))
  case "layout-processes": try world.allGatherVariable(one, into: &two, layout: SharesLayout(counts: [1]))
  case "layout-negative": _ = SharesLayout(counts: [1, -1])
  case "layout-huge": _ = SharesLayout(counts: [1 << 30, 1 << 30])
  case "layout-overlap":
    try world.allGatherVariable(one, into: &two, layout: SharesLayout(counts: [1, 1], offsets: [0, 0]))
  case "layout-gap":
    _ = try world.reduceScatter(two, layout: SharesLayout(counts: [1, 1], offsets: [1, 0]), .sum)
  case "sections": _ = try SectionList([MessageBuffer([1]), MessageBuffer([2])])
  case "sections-count":
    let sections = try SectionList([MessageBuffer([1])])
    try world.allToAll(sections, into: sections)
  case "neighbours":
    _ = try alone.cartesian(dimensions: [1], periodic: [true]).neighborAllToAll([1, 2, 3])
  case "window-operation": _ = try world.allReduce(1, .replace)
  case "closure-pattern":
    let largest = try Reduction<Int>(commutative: true) { max($0, $1) }
    var grid = [1, 2, 3, 4]
    try world.allReduce(&grid[.vector(count: 2, stride: 2)], largest)
  case "reduction-length":
    let huge = UnsafeMutableBufferPointer<UInt8>(start: UnsafeMutablePointer(bitPattern: 64), count: 1 << 33)
    var share = UnsafeMutableBufferPointer<UInt8>(start: UnsafeMutablePointer(bitPattern: 128), count: 1 << 32)
    try world.reduceScatterBlock(huge, into: &share, .max)
  default: return false
  }
  return true
}
