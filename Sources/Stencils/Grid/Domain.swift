package import MPI
package import Threads

/// One rank's share of a grid: its block of cells, its neighbours, its team of threads, and the fields on it.
public final class Domain<Scalar: Real> {
  public let grid: Grid
  /// Which axes wrap around.
  public let periodic: [Bool]
  package let communicator: Communicator
  package let team: ThreadTeam
  package let decomposition: Decomposition
  /// Which block of the decomposition this is: the communicator's rank, but where a plan looks at another's.
  package let rank: Int
  /// This rank's cells in global indices.
  package let block: Box
  package let layout: Layout
  /// Bytes of cache that this rank's threads can count on; sweeps over more stream their output past it.
  package let cacheBytes: Int
  package private(set) var fields: [Field<Scalar>] = []

  /// The largest number of cells away that any sweep reads.
  package let reach: Int
  /// Steps that may be run at once: as many as its ghost cells towards other ranks allow.
  package let depth: Int
  /// How ghost cells come from ranks of the same host: set by the first exchange, or by hand before it, on all ranks alike.
  package var haloWay: HaloWay?
  /// What is to be told about that, the same on all ranks.
  package internal(set) var haloNotice: String?

  // Where each field's cell (0, 0, 0) is. Swapping two fields swaps two entries.
  @usableFromInline package let bases: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>
  // One bit a field: whether its ghost cells towards other ranks hold what their owners hold.
  var haloMask: UInt64 = 0
  var fills: [GhostFill<Scalar>] = []
  private var allocations: [UnsafeMutablePointer<Scalar>] = []
  // Scratch rows, profiles and watches, which kernels know as plain addresses.
  var held: [Holding<Scalar>] = []
  private static var maximumFields: Int { 64 }

  /// - Parameters:
  ///   - reach: the largest number of cells away that any sweep reads.
  ///   - depth: steps to be run at once; fewer where blocks are too small for it.
  ///   - reachPerStep: how far away a step's sweeps look together: what a cell is after a step depends on no cell that is
  ///     farther away before it. Nil is `reach`.
  ///   - rank: the block to take the place of, where it is not that of the communicator's rank. Such a domain is there to
  ///     be looked at: it cannot exchange.
  package init(
    grid: Grid, periodic: [Bool], reach: Int, depth: Int = 1, reachPerStep: Int? = nil, decomposition: Decomposition,
    communicator: Communicator, team: ThreadTeam, cacheBytes: Int, rank: Int? = nil
  ) {
    self.rank = rank ?? communicator.rank
    self.grid = grid
    self.periodic = periodic
    self.decomposition = decomposition
    self.communicator = communicator
    self.team = team
    self.cacheBytes = cacheBytes
    block = decomposition.block(at: decomposition.coordinates(of: self.rank))
    self.reach = reach
    let perStep = max(reachPerStep ?? reach, reach)
    let shared = grid.axes.filter { decomposition.ranks[$0.rawValue] > 1 || periodic[$0.rawValue] }
    // The same on all ranks, whose blocks differ by a cell.
    let smallest = shared.map { grid.cells[$0.rawValue] / decomposition.ranks[$0.rawValue] }.min() ?? .max
    self.depth = max(1, min(depth, perStep == 0 ? depth : smallest / perStep))
    var (ghost, reaches) = (Triple.zero, Triple.zero)
    for axis in grid.axes { (ghost[axis.rawValue], reaches[axis.rawValue]) = (reach, reach) }
    if self.depth > 1 { for axis in shared { ghost[axis.rawValue] = self.depth * perStep } }
    layout = Layout(
      count: block.count, reach: reaches, ghost: ghost, lanes: Scalar.Vector.count,
      shifts: self.depth > 1 && reach == 1 && grid.dimensions > 1 ? self.depth : 0)
    bases = .allocate(capacity: Self.maximumFields)
    require(
      grid.axes.allSatisfy { layout.count[$0.rawValue] >= reach },
      "a block needs at least \(reach) cells along each axis, as many as sweeps read; it has \(block.count)")
  }

  deinit {
    for memory in allocations { Storage.free(memory) }
    bases.deallocate()
  }

  /// Elements that a field takes: its cells, and room to start at a distance of its own from a page.
  var fieldCapacity: Int { layout.capacity + 64 * Scalar.Vector.count }

  /// Makes a field whose values are still to be set: by `fill`, or by a sweep before any sweep reads them.
  /// - Parameters:
  ///   - name: what files, pictures and errors call it.
  ///   - unit: in the notation of UDUNITS.
  ///   - boundary: what its ghost cells beyond the grid's sides hold; `.mirror` for sides that are not given.
  ///   - startsAtZero: whether the zeros that it holds at first are meant.
  public func field(
    _ name: String, unit: String, boundary: [Side: GhostRule] = [:], startsAtZero: Bool = false
  ) -> Field<Scalar> {
    require(fields.count < Self.maximumFields, "a domain has at most \(Self.maximumFields) fields")
    require(!fields.contains { $0.name == name }, "there are two fields named \(name)")
    let field = Field<Scalar>(name: name, unit: unit, boundary: boundary, slot: fields.count, domain: self)
    field.isSet = startsAtZero
    let capacity = fieldCapacity
    let memory = Storage.allocate(capacity, of: Scalar.self)
    // Each thread touches the part that its sweeps will use, so that the pages lie in its own memory.
    nonisolated(unsafe) let first = memory
    team.run { worker in
      let low = capacity * worker / team.count
      (first + low).initialize(repeating: 0, count: capacity * (worker + 1) / team.count - low)
    }
    // Fields start at different distances from a page, or the same cell of all would compete for one set of a cache.
    let skew = field.slot * 37 % 64 * Scalar.Vector.count
    (bases + field.slot).initialize(to: memory + layout.origin + skew)
    allocations.append(memory)
    fields.append(field)
    let fill = GhostFill(field: field, sides: sides, layout: layout, block: block, grid: grid, periodic: periodic)
    team.run { worker in fill.update(time: 0, changingOnly: false, worker: worker, workers: team.count) }
    fills.append(fill)
    return field
  }

  /// How many cells are computed for each own one where so many steps run at once, on a block that has neighbours all
  /// around: the ghost cells that a step needs of the one before are half of those at the start on average.
  package func redundancy(depth: Int) -> Double {
    grid.axes.reduce(1) { product, axis in
      let (ghost, cells) = (layout.ghost[axis.rawValue], grid.cells[axis.rawValue] / decomposition.ranks[axis.rawValue])
      guard depth > 1, ghost > layout.reach[axis.rawValue] else { return product }
      return product * (1 + Double(ghost * depth) / Double(self.depth * cells))
    }
  }

  /// The sides of the grid that this rank's block touches and that do not wrap around.
  package var sides: [Side] {
    Side.allCases.filter { side in
      let axis = side.axis.rawValue
      guard axis < grid.dimensions, !periodic[axis] else { return false }
      return side.isHigh ? block.high[axis] == grid.cells[axis] : block.low[axis] == 0
    }
  }

  /// The rank of the neighbour in a direction, this rank itself where the grid wraps around onto it, nil beyond a side.
  func neighbor(_ direction: Triple) -> Int? {
    var coordinates = decomposition.coordinates(of: rank) &+ direction
    for axis in 0..<3 where direction[axis] != 0 {
      let ranks = decomposition.ranks[axis]
      if coordinates[axis] < 0 || coordinates[axis] >= ranks {
        guard axis < grid.dimensions, periodic[axis] else { return nil }
        coordinates[axis] = (coordinates[axis] + ranks) % ranks
      }
    }
    return decomposition.rank(at: coordinates)
  }
}
