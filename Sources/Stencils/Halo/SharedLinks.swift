internal import MPI
internal import Threads

/// Where a rank and its neighbours on the same host find each other's cells.
struct SharedLinks<Scalar: Real> {
  typealias Address = UnsafeMutablePointer<Scalar>

  let loan: HostMemory.Loan
  /// For each direction towards a neighbour where this rank packs in even and in odd rounds; nil towards other hosts.
  private(set) var outgoing: [(even: Address, odd: Address)?]
  /// And where that neighbour does.
  private(set) var incoming: [(even: Address, odd: Address)?]
  /// Counts the rounds that this rank has packed.
  let packed: SharedCounter
  /// Those of its neighbours.
  let awaited: [SharedCounter]

  /// Nil, on all ranks, where a host has too little memory to share. Every rank calls it.
  ///
  /// - Parameters:
  ///   - receivers: for each neighbour that gets cells its rank, in which direction it is, and how many elements.
  ///   - senders: for each neighbour that cells come from its rank, and in which direction it is.
  init?(
    _ domain: Domain<Scalar>, to receivers: [(rank: Int, direction: Int, count: Int)],
    from senders: [(rank: Int, direction: Int)]
  ) throws(MPIError) {
    let memory = try HostMemory.of(domain.communicator)
    let directions = HaloExchange<Scalar>.directions(domain.grid.dimensions).count
    let line = 64 / MemoryLayout<Scalar>.stride
    // Elements after the counter, at which the cells for a direction begin; in odd rounds `half` later.
    var offsets = [Int](repeating: 0, count: directions)
    var half = 0
    for link in receivers where memory.mates[link.rank] != nil {
      offsets[link.direction] = half
      half += (link.count + line - 1) / line * line
    }
    let bytes = SharedCounter.stride + 2 * half * MemoryLayout<Scalar>.stride
    let loan = try memory.lend(bytes: bytes)
    guard try domain.communicator.allReduce(loan == nil ? 0 : 1, .min) == 1, let loan else {
      domain.haloNotice =
        "\(HostMemory.folder) has too little room for memory that ranks share: ghost cells travel by messages"
      return nil
    }
    self.loan = loan
    let own = memory.host.rank
    packed = SharedCounter(at: loan.part.bases[own])
    // All have set their counters back before anybody looks at one, since all have told their offsets by then.
    packed.reset()
    let known = try memory.host.allGather(offsets + [half])

    /// Where a rank of the host packs the cells for a direction.
    func place(_ mate: Int, _ direction: Int) -> (even: Address, odd: Address) {
      let table = mate * (directions + 1)
      let start = (loan.part.bases[mate] + SharedCounter.stride).assumingMemoryBound(to: Scalar.self)
      let even = start + known[table + direction]
      return (even, even + known[table + directions])
    }
    outgoing = Array(repeating: nil, count: directions)
    incoming = outgoing
    for link in receivers where memory.mates[link.rank] != nil {
      outgoing[link.direction] = place(own, link.direction)
    }
    var mates: Set<Int> = []
    for link in senders {
      guard let mate = memory.mates[link.rank] else { continue }
      mates.insert(mate)
      incoming[link.direction] = place(mate, directions - 1 - link.direction)
    }
    awaited = mates.sorted().map { SharedCounter(at: loan.part.bases[$0]) }
  }
}
