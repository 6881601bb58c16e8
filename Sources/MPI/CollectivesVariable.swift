// Data of which each process of a group gives a share of its own length.

internal import CMPI

/// How the elements of several processes lie one after another in one block of memory, in the order of ranks.
///
/// Made once, it lets the same gather run any number of times without reserving memory.
public struct SharesLayout: Sendable {
  internal let counts32: [CInt]
  internal let offsets32: [CInt]
  /// How many elements all processes have together.
  public let total: Int

  /// - Parameter counts: how many elements each process has, in the order of ranks; 2147483647 together at most.
  public init(counts: [Int]) {
    var offsets: [CInt] = []
    var total = 0
    for (rank, count) in counts.enumerated() {
      require(count >= 0, "The share of rank \(rank) is 0 elements or more, not \(count).")
      offsets.append(checkedCount(total))
      total = Int(checkedCount(total + count))
    }
    counts32 = counts.map { CInt($0) }
    offsets32 = offsets
    self.total = total
  }

  /// How many elements each process has.
  public var counts: [Int] { counts32.map { Int($0) } }

  /// Where the elements of a process are among those of all.
  public func range(of rank: Int) -> Range<Int> {
    let offset = Int(offsets32[rank])
    return offset..<offset + Int(counts32[rank])
  }
}

/// The elements of all processes, in the order of ranks.
public struct Shares<Element: MPIDatatype>: Sendable {
  /// All elements one after another.
  public let elements: [Element]
  /// Whose they are.
  public let layout: SharesLayout

  @usableFromInline
  internal init(elements: [Element], layout: SharesLayout) {
    self.elements = elements
    self.layout = layout
  }

  /// The elements of one process.
  public subscript(rank: Int) -> ArraySlice<Element> { elements[layout.range(of: rank)] }
}

extension Communicator {
  /// Joins shares of different lengths, in the order of ranks, on one process.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: on the root, room for all elements; not looked at elsewhere.
  ///   - layout: the lengths of all shares; looked at on the root only, apart from this process's own.
  ///   - root: the rank that gets them.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gatherv`.
  @inlinable
  public func gatherVariable<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, layout: SharesLayout, to root: Int
  ) throws(MPIError) {
    if rank == root {
      requireShare(values.count, layout)
      requireSameCount(layout.total, result.count)
    }
    try gatherVariable(values.baseAddress, values.count, result.baseAddress, layout, T.datatype, root)
  }

  /// Joins arrays of any lengths, in the order of ranks, on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Gather`, for the lengths, and
  /// `MPI_Gatherv`.
  @inlinable
  public func gatherVariable<T: MPIDatatype>(_ values: [T], to root: Int) throws(MPIError) -> Shares<T>? {
    let counts = try gather(values.count, to: root)
    let layout = SharesLayout(counts: counts ?? [])
    return try values.withUnsafeBufferPointer { (values) throws(MPIError) -> Shares<T>? in
      guard rank == root else {
        try gatherVariable(values.baseAddress, values.count, nil, layout, T.datatype, root)
        return nil
      }
      let elements = try makeArray(count: layout.total) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try gatherVariable(values, into: result, layout: layout, to: root)
      }
      return Shares(elements: elements, layout: layout)
    }
  }

  /// The texts of all processes, in the order of ranks, on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Gather` and `MPI_Gatherv`.
  public func gather(_ text: String, to root: Int) throws(MPIError) -> [String]? {
    guard let shares = try gatherVariable(Array(text.utf8), to: root) else { return nil }
    return (0..<size).map { String(decoding: shares[$0], as: UTF8.self) }
  }

  /// Joins shares of different lengths, in the order of ranks, on all processes.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: room for all elements.
  ///   - layout: the lengths of all shares, the same on every process.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgatherv`.
  @inlinable
  public func allGatherVariable<T: MPIDatatype>(
    _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, layout: SharesLayout
  ) throws(MPIError) {
    requireShare(values.count, layout)
    requireSameCount(layout.total, result.count)
    try allGatherVariable(values.baseAddress, values.count, result.baseAddress, layout, T.datatype)
  }

  /// Joins arrays of any lengths, in the order of ranks, on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Allgather`, for the lengths, and
  /// `MPI_Allgatherv`.
  @inlinable
  public func allGatherVariable<T: MPIDatatype>(_ values: [T]) throws(MPIError) -> Shares<T> {
    let layout = SharesLayout(counts: try allGather(values.count))
    return try values.withUnsafeBufferPointer { (values) throws(MPIError) -> Shares<T> in
      let elements = try makeArray(count: layout.total) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try allGatherVariable(values, into: result, layout: layout)
      }
      return Shares(elements: elements, layout: layout)
    }
  }

  @usableFromInline
  internal func requireShare(_ count: Int, _ layout: SharesLayout) {
    require(
      layout.counts32.count == size,
      "The layout is for \(layout.counts32.count) processes, but the group has \(size).")
    require(
      Int(layout.counts32[rank]) == count,
      "The layout says that rank \(rank) has \(layout.counts32[rank]) elements, but it gave \(count).")
  }

  @usableFromInline
  internal func gatherVariable(
    _ values: UnsafeRawPointer?, _ count: Int, _ result: UnsafeMutableRawPointer?, _ layout: SharesLayout,
    _ datatype: Datatype, _ root: Int
  ) throws(MPIError) {
    let (count, root) = (checkedCount(count), checkedRoot(root))
    let type = datatype.handle
    try check("MPI_Gatherv") {
      MPI_Gatherv(values, count, type, result, layout.counts32, layout.offsets32, type, root, handle)
    }
  }

  @usableFromInline
  internal func allGatherVariable(
    _ values: UnsafeRawPointer?, _ count: Int, _ result: UnsafeMutableRawPointer?, _ layout: SharesLayout,
    _ datatype: Datatype
  ) throws(MPIError) {
    let count = checkedCount(count)
    let type = datatype.handle
    try check("MPI_Allgatherv") {
      MPI_Allgatherv(values, count, type, result, layout.counts32, layout.offsets32, type, handle)
    }
  }
}
