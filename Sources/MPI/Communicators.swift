// Groups of processes that talk to each other without being overheard.

internal import CMPI

/// A communicator of either kind: of one group of processes, a `Communicator`, or between two, an `Intercommunicator`.
///
/// Messages, names, hints and attributes are the same for both. Only the thread that started MPI may use one. It is
/// freed when the last reference goes, which all of its processes should let happen at about the same point of the
/// program.
public class AnyCommunicator {
  // Changes only in `disconnect`, after which MPI finds it invalid.
  @exclusivity(unchecked) internal private(set) final var handle: MPI_Comm
  private var isOwned: Bool
  /// The number of this process in its group, from 0 to `size - 1`. The corresponding MPI function is `MPI_Comm_rank`.
  public final let rank: Int
  /// How many processes the group of this process has. The corresponding MPI function is `MPI_Comm_size`.
  public final let size: Int
  // How many processes messages can go to and come from: the group, or of an intercommunicator the other group.
  internal final let peerCount: Int

  /// Takes over a handle. What a kind of communicator knows besides, it asks of MPI, so that a duplicate is of the same
  /// kind.
  internal required init(handle: MPI_Comm, isOwned: Bool) throws(MPIError) {
    var (rank, size, remoteSize, isBetweenTwo): (CInt, CInt, CInt, CInt) = (0, 0, 0, 0)
    try check("MPI_Comm_rank") { MPI_Comm_rank(handle, &rank) }
    try check("MPI_Comm_size") { MPI_Comm_size(handle, &size) }
    try check("MPI_Comm_test_inter") { MPI_Comm_test_inter(handle, &isBetweenTwo) }
    if isBetweenTwo != 0 {
      try check("MPI_Comm_remote_size") { MPI_Comm_remote_size(handle, &remoteSize) }
    }
    self.handle = handle
    self.isOwned = isOwned
    self.rank = Int(rank)
    self.size = Int(size)
    peerCount = Int(isBetweenTwo != 0 ? remoteSize : size)
  }

  deinit {
    guard isOwned, isMPIRunning else { return }
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    _ = MPI_Comm_free(&handle)
  }
}

/// A group of processes, each with a rank, and a space of messages of its own.
public class Communicator: AnyCommunicator {}

// MARK: Duplicates

extension AnyCommunicator {
  /// A communicator of the same kind and processes, with the same topology, whose messages are separate from this one's.
  ///
  /// Attributes are copied as their keys say; hints and the error handler are copied too.
  ///
  /// All processes of the communicator must call it. The corresponding MPI function is `MPI_Comm_dup`.
  public func duplicate() throws(MPIError) -> Self {
    var result = cmpi_comm_null()
    try check("MPI_Comm_dup") { MPI_Comm_dup(handle, &result) }
    return try Self(handle: result, isOwned: true)
  }

  /// A communicator like `duplicate()`, with hints of its own.
  ///
  /// All processes of the communicator must call it. The corresponding MPI function is `MPI_Comm_dup_with_info`.
  public func duplicate(with info: Info) throws(MPIError) -> Self {
    var result = cmpi_comm_null()
    try check("MPI_Comm_dup_with_info") { MPI_Comm_dup_with_info(handle, info.handle, &result) }
    return try Self(handle: result, isOwned: true)
  }
}

extension Communicator {
  /// Splits the group into one for each color, ordered by `key` and then by rank.
  ///
  /// - Parameters:
  ///   - color: the processes that give the same color (0 or more) end up together; nil joins no group.
  ///   - key: the order within the new group.
  /// - Returns: the group that this process is in, or nil when it gave no color.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Comm_split`.
  public func split(color: Int?, key: Int = 0) throws(MPIError) -> Communicator? {
    require(color ?? 0 >= 0 && color ?? 0 <= Int(CInt.max), "A color is from 0 to 2147483647, not \(color ?? 0).")
    require(CInt(exactly: key) != nil, "A key fits into 32 bits; \(key) does not.")
    var result = cmpi_comm_null()
    let wanted = color.map { CInt($0) } ?? cmpi_undefined()
    try check("MPI_Comm_split") { MPI_Comm_split(handle, wanted, CInt(key), &result) }
    return color == nil ? nil : try Communicator(handle: result, isOwned: true)
  }

  /// Splits the group into one for each host, that is, into processes that can share memory; the order is kept.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Comm_split_type`.
  public func splitByHost() throws(MPIError) -> Communicator {
    var result = cmpi_comm_null()
    try check("MPI_Comm_split_type") {
      MPI_Comm_split_type(handle, cmpi_comm_type_shared(), CInt(rank), cmpi_info_null(), &result)
    }
    return try Communicator(handle: result, isOwned: true)
  }
}

extension Communicator {
  /// Checks a rank that a caller gave as the root of a collective.
  internal func checkedRoot(_ root: Int) -> CInt {
    require(root >= 0 && root < size, "A root is a rank from 0 to \(size - 1), not \(root).")
    return CInt(truncatingIfNeeded: root)
  }
}

/// Checks a number of elements. MPI counts in 32 bits, and a larger count must not wrap.
@inline(__always)
internal func checkedCount(_ count: Int) -> CInt {
  require(
    count >= 0 && count <= Int(CInt.max),
    "One call of MPI moves from 0 to 2147483647 elements, not \(count): split it into several.")
  return CInt(truncatingIfNeeded: count)
}
