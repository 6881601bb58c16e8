package import MPI
internal import Threads

/// The exchange of ghost cells of some fields between a rank and its neighbours, edges and corners included, all fields
/// in one message a neighbour and all neighbours in one round.
///
/// The threads of the team pack and unpack together; one of them starts and completes the messages. Where the grid
/// wraps around onto the same rank, cells are copied. A round is `pack`, `start`, `wrap`, `wait`, `unpack` and `finish`: what
/// need not be done before a message leaves, or before one is unpacked, is done while others are on their way.
///
/// From a neighbour of the same host cells may come without a message (`HaloWay.copies`): it packs them into memory that
/// both see, tells by a counter that they are there, and they are unpacked from where they lie. Each rank packs into two
/// places in turn. It may overwrite what it packed two rounds ago as soon as it has found its neighbours' cells of the
/// last round, since these have packed after they had unpacked the round before: nobody waits for that.
package final class HaloExchange<Scalar: Real> {
  /// Cells that go to a neighbour, or ghost cells that come from one, and where they are packed in even and in odd rounds.
  private struct Parcel {
    let box: Box
    let even: UnsafeMutablePointer<Scalar>
    let odd: UnsafeMutablePointer<Scalar>
  }

  /// A neighbour in a direction.
  private struct Neighbor {
    let rank: Int
    let direction: Int
    let source: Box
    let target: Box
    /// Whether cells go to it, and whether ghost cells come from it.
    let sends: Bool
    let receives: Bool
  }

  private let slots: [Int]
  private let layout: Layout
  private var outgoing: [Parcel] = []
  private var incoming: [Parcel] = []
  // What is copied where the grid wraps around onto this rank.
  private var wraps: [(source: Box, target: Box)] = []
  private let communicator: Communicator
  private let receives: PersistentRequests
  private let sends: PersistentRequests
  private let hasMessages: Bool
  private var buffers: [MessageBuffer<Scalar>] = []
  // Memory that ranks of this host share, the counter of the rounds that this rank has packed, and those of neighbours.
  private var loan: HostMemory.Loan?
  private var packed: SharedCounter?
  private var awaited: [SharedCounter] = []
  // Changed by the thread that starts an exchange, between the barrier after packing and the one before unpacking.
  private var round = 0
  private let sharesCores: Bool

  /// How cells come from ranks of the same host.
  package let way: HaloWay
  /// Bytes that this rank sends in one exchange, whichever way they go.
  package let bytesSent: Int
  /// Messages that this rank sends in one exchange, or copies in their place.
  package let messageCount: Int

  /// An exchange in the way that is fastest on this domain. Every rank calls it.
  ///
  /// - Parameters:
  ///   - fields: the fields to exchange.
  ///   - width: ghost cells along each axis.
  ///   - fills: whether the ghost cells in a direction are filled; nil fills all.
  package convenience init(
    domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int, filling fills: ((Triple) -> Bool)? = nil
  ) throws(MPIError) {
    let way = try Self.way(on: domain, fields: fields, width: width)
    try self.init(domain: domain, fields: fields, width: width, way: way, filling: fills)
  }

  /// An exchange in one way, or by messages where the memory for copies cannot be had. Every rank calls it with the same
  /// way.
  package init(
    domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int, way wanted: HaloWay,
    filling fills: ((Triple) -> Bool)? = nil
  ) throws(MPIError) {
    slots = fields.map(\.slot)
    layout = domain.layout
    communicator = domain.communicator
    sharesCores = domain.team.sharesCores
    let receives = PersistentRequests(over: domain.communicator)
    let sends = PersistentRequests(over: domain.communicator)
    (self.receives, self.sends) = (receives, sends)
    let directions = Self.directions(domain.grid.dimensions)
    let own = domain.communicator.rank
    var neighbors: [Neighbor] = []
    for (index, direction) in directions.enumerated() {
      guard let rank = domain.neighbor(direction) else { continue }
      // What leaves towards a direction fills ghost cells that lie in the opposite one.
      let sends = fills?(.zero &- direction) ?? true
      let receives = fills?(direction) ?? true
      let (source, target) = Self.boxes(domain, direction, width)
      neighbors.append(
        Neighbor(
          rank: rank, direction: index, source: source, target: target, sends: sends, receives: receives))
    }
    let others = neighbors.filter { $0.rank != own && ($0.sends || $0.receives) }
    let receivers = others.filter(\.sends)
    bytesSent = receivers.reduce(0) { $0 + $1.source.volume } * fields.count * MemoryLayout<Scalar>.stride
    messageCount = receivers.count

    var shared: SharedLinks<Scalar>?
    if wanted == .copies, domain.communicator.size > 1 {
      shared = try SharedLinks(
        domain, to: receivers.map { ($0.rank, $0.direction, $0.source.volume * fields.count) },
        from: others.filter(\.receives).map { ($0.rank, $0.direction) })
    }
    way = shared == nil ? .messages : .copies
    if let shared {
      loan = shared.loan
      packed = shared.packed
      awaited = shared.awaited
    }
    for neighbor in neighbors where neighbor.rank == own && neighbor.sends {
      // The block meets itself: what it has in one direction is what lies beyond the opposite side.
      let wrapped = Self.boxes(domain, .zero &- directions[neighbor.direction], width).target
      wraps.append((neighbor.source, wrapped))
    }
    // The tag is the sender's direction.
    for neighbor in others where neighbor.receives {
      if let place = shared?.incoming[neighbor.direction] {
        incoming.append(Parcel(box: neighbor.target, even: place.even, odd: place.odd))
      } else {
        let message = MessageBuffer<Scalar>(repeating: 0, count: neighbor.target.volume * fields.count)
        try receives.addReceive(into: message, from: neighbor.rank, tag: directions.count - 1 - neighbor.direction)
        incoming.append(Parcel(box: neighbor.target, even: message.baseAddress, odd: message.baseAddress))
        buffers.append(message)
      }
    }
    for neighbor in receivers {
      if let place = shared?.outgoing[neighbor.direction] {
        outgoing.append(Parcel(box: neighbor.source, even: place.even, odd: place.odd))
      } else {
        let message = MessageBuffer<Scalar>(repeating: 0, count: neighbor.source.volume * fields.count)
        try sends.addSend(of: message, to: neighbor.rank, tag: neighbor.direction)
        outgoing.append(Parcel(box: neighbor.source, even: message.baseAddress, odd: message.baseAddress))
        buffers.append(message)
      }
    }
    hasMessages = receives.count + sends.count > 0
  }

  /// True where there is nobody to exchange with.
  package var isEmpty: Bool { outgoing.isEmpty && incoming.isEmpty && wraps.isEmpty }

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

  // MARK: A round

  /// Copies this thread's part of the cells to send to where they leave.
  package func pack(_ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, worker: Int, workers: Int) {
    let isOdd = round & 1 == 0
    for parcel in outgoing {
      HaloCopy.pack(bases, slots, layout, parcel.box, isOdd ? parcel.odd : parcel.even, worker, workers)
    }
  }

  /// Copies this thread's part of the cells that come from this very rank into the ghost cells.
  package func wrap(_ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, worker: Int, workers: Int) {
    for (source, target) in wraps { HaloCopy.wrap(bases, slots, layout, source, target, worker, workers) }
  }

  /// Copies this thread's part of what has arrived into the ghost cells.
  package func unpack(_ bases: UnsafePointer<UnsafeMutablePointer<Scalar>>, worker: Int, workers: Int) {
    let isOdd = round & 1 == 1
    for parcel in incoming {
      HaloCopy.unpack(bases, slots, layout, parcel.box, isOdd ? parcel.odd : parcel.even, worker, workers)
    }
  }

  /// Lets neighbours have what was packed; one thread calls it after all have packed.
  package func start() throws(MPIError) {
    round += 1
    packed?.advance(to: round)
    guard hasMessages else { return }
    // What arrives early finds its receive.
    try receives.start()
    try sends.start()
  }

  /// Gives the library a chance to move messages along.
  package func poll() throws(MPIError) {
    guard hasMessages else { return }
    _ = try receives.test()
    _ = try sends.test()
  }

  /// Waits until all neighbours' cells are there.
  package func wait() throws(MPIError) {
    var patience = Patience(sharesCores: sharesCores)
    for counter in awaited {
      while !counter.hasReached(round) {
        guard patience.pause() else { continue }
        // Others may wait for a message of this rank: MPI moves it along only when it is called.
        if hasMessages {
          try poll()
        } else {
          _ = try communicator.probeNow(from: Communicator.anySource, tag: Self.unusedTag)
        }
      }
    }
    if hasMessages { try receives.wait() }
  }

  /// Ends the round: waits until all messages have left. After unpacking, since neighbours have unpacked theirs by then.
  package func finish() throws(MPIError) {
    if hasMessages { try sends.wait() }
  }

  // No message has it.
  private static var unusedTag: Int { 32767 }

  /// Copies what has arrived from other ranks somewhere else, room for `bytesSent` bytes, instead of
  /// unpacking it.
  func read(into scratch: UnsafeMutablePointer<Scalar>) {
    var done = 0
    for parcel in incoming {
      let count = parcel.box.volume * slots.count
      (scratch + done).update(from: round & 1 == 1 ? parcel.odd : parcel.even, count: count)
      done += count
    }
  }
}

extension Domain {
  /// Brings the ghost cells of fields towards other ranks, and around where the grid wraps, up to date outside of steps:
  /// nothing is sent where they are. Every rank calls it with the same fields.
  func refreshHalos(of fields: [Field<Scalar>]) throws(MPIError) {
    let stale = fields.filter { haloMask >> UInt64($0.slot) & 1 == 0 }
    guard !stale.isEmpty else { return }
    // All of them: what is marked as known serves steps that look farther than one sweep. By messages, since to agree on
    // shared memory would take longer than one exchange.
    let exchange = try HaloExchange(domain: self, fields: stale, width: layout.ghost.max(), way: .messages)
    let (bases, workers) = (UnsafePointer(bases), team.count)
    team.run { worker in exchange.pack(bases, worker: worker, workers: workers) }
    try exchange.start()
    team.run { worker in exchange.wrap(bases, worker: worker, workers: workers) }
    try exchange.wait()
    team.run { worker in exchange.unpack(bases, worker: worker, workers: workers) }
    try exchange.finish()
    for field in stale { haloMask |= 1 << UInt64(field.slot) }
  }
}
