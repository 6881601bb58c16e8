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
  /// This rank's cells in global indices.
  package let block: Box
  package let layout: Layout
  /// Bytes of cache that this rank's threads can count on; sweeps over more stream their output past it.
  package let cacheBytes: Int
  package private(set) var fields: [Field<Scalar>] = []

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
  ///   - reach: ghost cells along each axis of the grid: the largest reach of any sweep.
  package init(
    grid: Grid, periodic: [Bool], reach: Int, decomposition: Decomposition, communicator: Communicator,
    team: ThreadTeam, cacheBytes: Int
  ) {
    self.grid = grid
    self.periodic = periodic
    self.decomposition = decomposition
    self.communicator = communicator
    self.team = team
    self.cacheBytes = cacheBytes
    block = decomposition.block(at: decomposition.coordinates(of: communicator.rank))
    var ghost = Triple.zero
    for axis in grid.axes { ghost[axis.rawValue] = reach }
    layout = Layout(count: block.count, ghost: ghost, lanes: Scalar.Vector.count)
    bases = .allocate(capacity: Self.maximumFields)
    precondition(
      grid.axes.allSatisfy { layout.count[$0.rawValue] >= reach },
      "a block needs at least \(reach) cells along each axis, as many as sweeps read; it has \(block.count)")
  }

  deinit {
    for memory in allocations { Storage.free(memory) }
    bases.deallocate()
  }

  /// Makes a field of zeros.
  /// - Parameters:
  ///   - unit: in the notation of UDUNITS.
  ///   - boundary: what its ghost cells beyond the grid's sides hold; `.mirror` for sides that are not given.
  public func field(_ name: String, unit: String, boundary: [Side: GhostRule] = [:]) -> Field<Scalar> {
    precondition(fields.count < Self.maximumFields, "a domain has at most \(Self.maximumFields) fields")
    precondition(!fields.contains { $0.name == name }, "there are two fields named \(name)")
    let field = Field<Scalar>(name: name, unit: unit, boundary: boundary, slot: fields.count)
    let capacity = layout.capacity + 64 * Scalar.Vector.count
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
    let fill = GhostFill(field: field, sides: sides, layout: layout, block: block, grid: grid)
    team.run { worker in fill.update(time: 0, changingOnly: false, worker: worker, workers: team.count) }
    fills.append(fill)
    return field
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
    var coordinates = decomposition.coordinates(of: communicator.rank) &+ direction
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
