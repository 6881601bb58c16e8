// Processes arranged as a grid.

internal import CMPI

/// A group whose processes are the points of a grid in one or more dimensions, the last dimension varying fastest.
public final class CartesianCommunicator: NeighborhoodCommunicator {
  /// How many processes there are in each dimension.
  public let dimensions: [Int]
  /// Whether the last process in a dimension is a neighbour of the first.
  public let periodic: [Bool]
  /// Where this process is, one number for each dimension.
  public let coordinates: [Int]

  internal required init(handle: MPI_Comm, isOwned: Bool) throws(MPIError) {
    let grid = try CartesianGrid(of: handle)
    dimensions = grid.sizes.map { Int($0) }
    periodic = grid.periodic.map { $0 != 0 }
    coordinates = grid.coordinates.map { Int($0) }
    try super.init(handle: handle, isOwned: isOwned)
  }

  /// Where a process of the group is, one number for each dimension.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Cart_coords`.
  public func coordinates(of rank: Int) throws(MPIError) -> [Int] {
    require(rank >= 0 && rank < size, "A rank is from 0 to \(size - 1), not \(rank).")
    var result = [CInt](repeating: 0, count: dimensions.count)
    try check("MPI_Cart_coords") { MPI_Cart_coords(handle, CInt(rank), CInt(dimensions.count), &result) }
    return result.map { Int($0) }
  }

  /// The rank of the process at a point of the grid, or nil when the point lies outside a side that is not periodic.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Cart_rank`.
  public func rank(at coordinates: [Int]) throws(MPIError) -> Int? {
    require(
      coordinates.count == dimensions.count,
      "A point of this grid has \(dimensions.count) coordinates, not \(coordinates.count).")
    var point: [CInt] = []
    for (axis, coordinate) in coordinates.enumerated() {
      let isInside = coordinate >= 0 && coordinate < dimensions[axis]
      if !isInside && !periodic[axis] { return nil }
      // Wrapped here, so that no coordinate is too large for MPI.
      let wrapped = coordinate % dimensions[axis]
      point.append(CInt(wrapped < 0 ? wrapped + dimensions[axis] : wrapped))
    }
    var result: CInt = 0
    try check("MPI_Cart_rank") { MPI_Cart_rank(handle, point, &result) }
    return Int(result)
  }

  /// The neighbours for a shift of data along one dimension.
  ///
  /// - Parameters:
  ///   - dimension: the dimension, from 0.
  ///   - displacement: how many processes further the data goes; negative goes down.
  /// - Returns: the rank from which this process receives and that to which it sends, nil where there is none.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Cart_shift`.
  public func shift(dimension: Int, displacement: Int) throws(MPIError) -> (source: Int?, destination: Int?) {
    require(
      dimension >= 0 && dimension < dimensions.count,
      "A dimension of this grid is from 0 to \(dimensions.count - 1), not \(dimension).")
    require(abs(displacement) <= 1 << 30, "A displacement is at most 2^30 processes, not \(displacement).")
    return try cartesianShift(handle, CInt(dimension), CInt(displacement))
  }

  /// Splits the grid into grids of fewer dimensions: rows, columns or planes.
  ///
  /// - Parameter kept: for each dimension, whether the new grids extend along it, as at least one does. Processes that
  ///   differ in these coordinates only end up together.
  ///
  /// All processes of the grid must call it, with the same arguments. The corresponding MPI function is `MPI_Cart_sub`.
  public func subgrid(keeping kept: [Bool]) throws(MPIError) -> CartesianCommunicator {
    require(
      kept.count == dimensions.count,
      "A grid of \(dimensions.count) dimensions needs as many values of `kept`, not \(kept.count).")
    // MPICH 4.0 gives a grid without dimensions to one process only, where the standard gives one to each.
    require(kept.contains(true), "A grid of no dimension is no grid: keep at least one.")
    var result = cmpi_comm_null()
    try check("MPI_Cart_sub") { MPI_Cart_sub(handle, kept.map { $0 ? 1 : 0 }, &result) }
    return try CartesianCommunicator(handle: result, isOwned: true)
  }
}

extension Communicator {
  /// Arranges the processes as a grid.
  ///
  /// - Parameters:
  ///   - dimensions: processes in each dimension; their product must be the size of the group.
  ///   - periodic: for each dimension, whether its two ends meet.
  ///   - reorder: whether ranks may be renumbered to suit the machine's network.
  ///
  /// All processes of the group must call it, with the same arguments. The corresponding MPI function is
  /// `MPI_Cart_create`.
  public func cartesian(dimensions: [Int], periodic: [Bool], reorder: Bool = false) throws(MPIError)
    -> CartesianCommunicator
  {
    require(
      dimensions.allSatisfy { $0 > 0 && $0 <= size } && dimensions.reduce(1, *) == size,
      "A grid of \(dimensions) processes does not use all \(size) of the group.")
    let (sizes, ends) = checkedGrid(dimensions, periodic)
    var result = cmpi_comm_null()
    try check("MPI_Cart_create") {
      MPI_Cart_create(handle, CInt(sizes.count), sizes, ends, reorder ? 1 : 0, &result)
    }
    return try CartesianCommunicator(handle: result, isOwned: true)
  }

  /// The rank that this process would best have in a grid, as far as MPI knows the machine; nil when the grid has no
  /// place for it.
  ///
  /// - Parameters:
  ///   - dimensions: processes in each dimension; their product is at most the size of the group.
  ///   - periodic: for each dimension, whether its two ends meet.
  ///
  /// All processes of the group must call it, with the same arguments. The corresponding MPI function is
  /// `MPI_Cart_map`.
  public func cartesianRank(dimensions: [Int], periodic: [Bool]) throws(MPIError) -> Int? {
    let (sizes, ends) = checkedGrid(dimensions, periodic)
    require(
      dimensions.reduce(1, *) <= size, "A grid of \(dimensions) processes needs more than the \(size) of the group.")
    var result: CInt = 0
    try check("MPI_Cart_map") { MPI_Cart_map(handle, CInt(sizes.count), sizes, ends, &result) }
    // Open MPI 4.1 answers with the rank of the process even when the grid is smaller than that.
    let hasPlace = result != cmpi_undefined() && Int(result) < dimensions.reduce(1, *)
    return hasPlace ? Int(result) : nil
  }

  private func checkedGrid(_ dimensions: [Int], _ periodic: [Bool]) -> (sizes: [CInt], ends: [CInt]) {
    require(
      dimensions.count == periodic.count,
      "A grid of \(dimensions.count) dimensions needs as many values of `periodic`, not \(periodic.count).")
    require(
      !dimensions.isEmpty && dimensions.allSatisfy { $0 > 0 && $0 <= size },
      "A grid of \(dimensions) processes does not fit the \(size) of the group.")
    return (dimensions.map { CInt($0) }, periodic.map { $0 ? 1 : 0 })
  }
}

/// What MPI knows of a grid.
private struct CartesianGrid {
  var sizes: [CInt]
  var periodic: [CInt]
  var coordinates: [CInt]

  /// The corresponding MPI functions are `MPI_Cartdim_get` and `MPI_Cart_get`.
  init(of handle: MPI_Comm) throws(MPIError) {
    var count: CInt = 0
    try check("MPI_Cartdim_get") { MPI_Cartdim_get(handle, &count) }
    sizes = [CInt](repeating: 0, count: Int(count))
    (periodic, coordinates) = (sizes, sizes)
    // A grid without dimensions, which MPI_Cart_sub makes, has nothing to tell.
    if count > 0 {
      try check("MPI_Cart_get") { MPI_Cart_get(handle, count, &sizes, &periodic, &coordinates) }
    }
  }
}

private func cartesianShift(_ handle: MPI_Comm, _ dimension: CInt, _ displacement: CInt)
  throws(MPIError) -> (source: Int?, destination: Int?)
{
  var (source, destination): (CInt, CInt) = (0, 0)
  try check("MPI_Cart_shift") { MPI_Cart_shift(handle, dimension, displacement, &source, &destination) }
  let nobody = cmpi_proc_null()
  return (source == nobody ? nil : Int(source), destination == nobody ? nil : Int(destination))
}

/// For each dimension the processes one step down and one up, which are both sources and destinations.
internal func cartesianNeighbours(_ handle: MPI_Comm) throws(MPIError) -> [Int?] {
  var count: CInt = 0
  try check("MPI_Cartdim_get") { MPI_Cartdim_get(handle, &count) }
  var result: [Int?] = []
  for dimension in 0..<count {
    let (source, destination) = try cartesianShift(handle, dimension, 1)
    result += [source, destination]
  }
  return result
}

/// Divides processes among dimensions as evenly as can be.
///
/// - Parameters:
///   - size: how many processes there are.
///   - constraints: one number for each dimension: 0 leaves it free, any other fixes it.
/// - Returns: processes in each dimension, whose product is `size`.
/// - Throws: `MPIError` when the fixed dimensions do not divide `size`.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Dims_create`.
public func balancedDimensions(size: Int, constraints: [Int]) throws(MPIError) -> [Int] {
  require(size > 0 && size <= Int(CInt.max), "A group has from 1 to 2147483647 processes, not \(size).")
  require(
    constraints.allSatisfy { $0 >= 0 && $0 <= Int(CInt.max) },
    "A constraint is 0 (free) or a number of processes, not one of \(constraints).")
  var result = constraints.map { CInt($0) }
  try check("MPI_Dims_create") { MPI_Dims_create(CInt(size), CInt(constraints.count), &result) }
  return result.map { Int($0) }
}

/// Divides processes among `count` dimensions as evenly as can be, the first getting the most.
///
/// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Dims_create`.
public func balancedDimensions(size: Int, count: Int) throws(MPIError) -> [Int] {
  require(count > 0, "A grid has at least one dimension, not \(count).")
  return try balancedDimensions(size: size, constraints: [Int](repeating: 0, count: count))
}
