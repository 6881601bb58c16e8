internal import MPI

/// The exchange of ghost cells of some fields between a rank and its neighbours, edges and corners included, all fields
/// in one message a neighbour and all neighbours in one round.
///
/// The threads of the team pack and unpack together; one of them starts and completes the messages. Where the grid
/// wraps around onto the same rank, cells are copied.
final class HaloExchange<Scalar: Real> {
  /// What goes to one neighbour, and what comes from it.
  private struct Link {
    let source: Box
    let target: Box
    let outgoing: MessageBuffer<Scalar>
    let incoming: MessageBuffer<Scalar>
  }

  private let slots: [Int]
  private let layout: Layout
  private let links: [Link]
  private let requests: PersistentRequests
  private let hasMessages: Bool

  /// Bytes that this rank sends in one exchange.
  let bytesSent: Int
  let messageCount: Int

  /// - Parameters:
  ///   - fields: the fields to exchange.
  ///   - width: ghost cells along each axis.
  ///   - axis: the only axis along which they are needed; nil for all around.
  init(domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int, along axis: Axis? = nil) throws(MPIError) {
    slots = fields.map(\.slot)
    layout = domain.layout
    requests = PersistentRequests(over: domain.communicator)
    var links: [Link] = []
    var bytes = 0
    for (index, direction) in Self.directions(domain.grid.dimensions).enumerated() {
      guard Self.lies(direction, along: axis), let neighbor = domain.neighbor(direction) else { continue }
      let (source, target) = Self.boxes(domain, direction, width)
      let count = source.volume * fields.count
      let outgoing = MessageBuffer<Scalar>(repeating: 0, count: count)
      let isSelf = neighbor == domain.communicator.rank
      // What leaves towards a direction arrives from the opposite one: the tag is the sender's direction.
      let opposite = Self.directions(domain.grid.dimensions).count - 1 - index
      let incoming = isSelf ? outgoing : MessageBuffer<Scalar>(repeating: 0, count: count)
      if isSelf {
        // The block meets itself: what it packs for one direction is what lies beyond the opposite side.
        let wrapped = Self.boxes(domain, .zero &- direction, width).target
        links.append(Link(source: source, target: wrapped, outgoing: outgoing, incoming: outgoing))
        continue
      }
      try requests.addReceive(into: incoming, from: neighbor, tag: opposite)
      try requests.addSend(of: outgoing, to: neighbor, tag: index)
      bytes += count * MemoryLayout<Scalar>.stride
      links.append(Link(source: source, target: target, outgoing: outgoing, incoming: incoming))
    }
    self.links = links
    bytesSent = bytes
    messageCount = links.count { $0.outgoing !== $0.incoming }
    hasMessages = messageCount > 0
  }

  /// True where there is nobody to exchange with.
  var isEmpty: Bool { links.isEmpty }

  /// All directions to neighbours, each followed, from the far end, by its opposite.
  static func directions(_ dimensions: Int) -> [Triple] {
    var found: [Triple] = []
    let range = { (axis: Int) in axis < dimensions ? -1...1 : 0...0 }
    for z in range(2) { for y in range(1) { for x in range(0) { found.append(Triple(x, y, z)) } } }
    return found.filter { $0 != .zero }
  }

  /// Whether a direction is one of an axis; nil is any.
  static func lies(_ direction: Triple, along axis: Axis?) -> Bool {
    guard let axis else { return true }
    return (0..<3).allSatisfy { $0 == axis.rawValue || direction[$0] == 0 }
  }

  /// The own cells that a neighbour needs, and the ghost cells that it fills. Along an axis on which both lie side by
  /// side, ghost cells beyond the grid's sides belong to the message: the neighbour's corners need them.
  static func boxes(_ domain: Domain<Scalar>, _ direction: Triple, _ width: Int) -> (source: Box, target: Box) {
    let count = domain.layout.count
    var source = Box(low: .zero, high: count)
    var target = source
    for axis in 0..<3 {
      switch direction[axis] {
      case 1:
        source.low[axis] = count[axis] - width
        target.low[axis] = count[axis]
        target.high[axis] = count[axis] + width
      case -1:
        source.high[axis] = width
        target.low[axis] = -width
        target.high[axis] = 0
      default:
        let beyond = domain.layout.reach[axis]
        for side in domain.sides where side.axis.rawValue == axis {
          if side.isHigh {
            source.high[axis] += beyond
            target.high[axis] += beyond
          } else {
            source.low[axis] -= beyond
            target.low[axis] -= beyond
          }
        }
      }
    }
    return (source, target)
  }

  /// Copies this thread's part of the cells to send into the messages.
  func pack(_ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, worker: Int, workers: Int) {
    for link in links { move(bases, link.source, link.outgoing.baseAddress, worker, workers, intoMessage: true) }
  }

  /// Copies this thread's part of what has arrived into the ghost cells.
  func unpack(_ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, worker: Int, workers: Int) {
    for link in links { move(bases, link.target, link.incoming.baseAddress, worker, workers, intoMessage: false) }
  }

  /// Starts the messages; one thread calls it after all have packed.
  func start() throws(MPIError) {
    if hasMessages { try requests.start() }
  }

  /// Gives the library a chance to move messages along.
  func poll() throws(MPIError) {
    if hasMessages { _ = try requests.test() }
  }

  /// Waits until all messages have arrived and left.
  func wait() throws(MPIError) {
    if hasMessages { try requests.wait() }
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func move(
    _ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, _ box: Box, _ message: UnsafeMutablePointer<Scalar>,
    _ worker: Int, _ workers: Int, intoMessage: Bool
  ) {
    let count = box.count
    let rows = count.y * count.z
    for (order, slot) in slots.enumerated() {
      let base = bases[slot]
      let part = message + order * box.volume
      for row in (rows * worker / workers)..<(rows * (worker + 1) / workers) {
        let cells = base + layout.offset(Triple(box.low.x, box.low.y + row % count.y, box.low.z + row / count.y))
        let packed = part + row * count.x
        if intoMessage {
          for x in 0..<count.x { packed[x] = cells[x] }
        } else {
          for x in 0..<count.x { cells[x] = packed[x] }
        }
      }
    }
  }
}

extension Domain {
  /// Brings the ghost cells of fields towards other ranks, and around where the grid wraps, up to date outside of steps:
  /// nothing is sent where they are. Every rank calls it with the same fields.
  func refreshHalos(of fields: [Field<Scalar>]) throws(MPIError) {
    let stale = fields.filter { haloMask >> UInt64($0.slot) & 1 == 0 }
    guard !stale.isEmpty else { return }
    // All of them: what is marked as known serves steps that look farther than one sweep.
    let exchange = try HaloExchange(domain: self, fields: stale, width: layout.ghost.max())
    let (bases, workers) = (UnsafePointer(bases), team.count)
    team.run { worker in exchange.pack(bases, worker: worker, workers: workers) }
    try exchange.start()
    try exchange.wait()
    team.run { worker in exchange.unpack(bases, worker: worker, workers: workers) }
    for field in stale { haloMask |= 1 << UInt64(field.slot) }
  }
}
