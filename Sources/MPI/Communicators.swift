// Groups of processes that talk to each other without being overheard.

internal import CMPI

/// A communicator of either kind: of one group of processes, a `Communicator`, or between two, an `Intercommunicator`.
///
/// Messages, names, hints and attributes are the same for both. Only the thread that started MPI may use one. It is
/// freed when the last reference goes, which all of its processes should let happen at about the same point of the
/// program.
public class AnyCommunicator {
  // Changes only in `disconnect`, after which MPI finds it invalid.
  @exclusivity(unchecked) @usableFromInline internal private(set) final var bits: Int
  private var isOwned: Bool
  /// The number of this process in its group, from 0 to `size - 1`. The corresponding MPI function is `MPI_Comm_rank`.
  public final let rank: Int
  /// How many processes the group of this process has. The corresponding MPI function is `MPI_Comm_size`.
  public final let size: Int
  // How many processes messages can go to and come from: the group, or of an intercommunicator the other group.
  @usableFromInline internal final let peerCount: Int
  internal final var handle: MPI_Comm { cmpi_comm(bits) }

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
    bits = cmpi_comm_bits(handle)
    self.isOwned = isOwned
    self.rank = Int(rank)
    self.size = Int(size)
    peerCount = Int(isBetweenTwo != 0 ? remoteSize : size)
  }

  deinit {
    guard isOwned, isMPIRunning else { return }
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    var handle = handle
    _ = MPI_Comm_free(&handle)
  }

  /// Ends the communicator after all of its messages have arrived; it must not be used afterwards.
  ///
  /// Two programs that have met through `spawn` or a port go separate ways after it: one may end without the other. What
  /// was made of their intercommunicator must be gone before; with Open MPI 4.1 by letting go of it, since `disconnect`
  /// of a merged communicator never returns there.
  ///
  /// All processes of the communicator must call it, of both groups when there are two. The corresponding MPI function
  /// is `MPI_Comm_disconnect`.
  public final func disconnect() throws(MPIError) {
    require(
      handle != cmpi_comm_world() && handle != cmpi_comm_self(), "The communicators that MPI has from the start last.")
    var handle = handle
    try check("MPI_Comm_disconnect") { MPI_Comm_disconnect(&handle) }
    bits = cmpi_comm_bits(handle)
    isOwned = false
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
  /// Starts to make a communicator like `duplicate()`, which the request's `wait` hands out.
  ///
  /// All processes of the communicator must call it. The corresponding MPI function is `MPI_Comm_idup`.
  public func startDuplicate() throws(MPIError) -> DuplicateRequest {
    let result = HandleCell()
    let request = try ActiveRequest("MPI_Comm_idup", keeping: result) { request in
      MPI_Comm_idup(handle, result.address, &request)
    }
    return DuplicateRequest(request, result, of: self)
  }
}

/// Where MPI writes the handle of a communicator some time later.
internal final class HandleCell {
  let address: UnsafeMutablePointer<MPI_Comm>

  init() {
    address = .allocate(capacity: 1)
    address.initialize(to: cmpi_comm_null())
  }

  deinit { address.deallocate() }
}

/// A duplicate that is being made. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the
/// program.
public struct DuplicateRequest: ~Copyable {
  private var request: ActiveRequest
  private let result: HandleCell
  private let original: Communicator

  fileprivate init(_ request: consuming ActiveRequest, _ result: HandleCell, of original: Communicator) {
    self.request = request
    self.result = result
    self.original = original
  }

  /// Whether the communicator is there; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits for the communicator, which is of the same kind as the original. The corresponding MPI function is
  /// `MPI_Wait`.
  public consuming func wait() throws(MPIError) -> Communicator {
    try request.wait()
    return try type(of: original).init(handle: result.address.pointee, isOwned: true)
  }

  /// Gives up on the communicator. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
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

  /// Splits the group into parts whose processes have something of the machine in common.
  ///
  /// - Parameters:
  ///   - type: what they have in common; nil joins no group.
  ///   - key: the order within the new group.
  ///   - info: hints, the same on all processes.
  /// - Returns: the group that this process is in, or nil when it gave no type.
  ///
  /// All processes of the group must call it, with the same type or nil. The corresponding MPI function is
  /// `MPI_Comm_split_type`.
  public func split(by type: SplitType?, key: Int = 0, info: Info? = nil) throws(MPIError) -> Communicator? {
    require(CInt(exactly: key) != nil, "A key fits into 32 bits; \(key) does not.")
    var result = cmpi_comm_null()
    let wanted = type?.value ?? cmpi_undefined()
    try check("MPI_Comm_split_type") {
      MPI_Comm_split_type(handle, wanted, CInt(key), infoHandle(info), &result)
    }
    return type == nil ? nil : try Communicator(handle: result, isOwned: true)
  }

  /// Splits the group into one for each host, that is, into processes that can share memory; the order is kept.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Comm_split_type`.
  public func splitByHost() throws(MPIError) -> Communicator {
    try split(by: .sharedMemory)!
  }
}

/// What the processes of a part of a group have in common.
public struct SplitType: Sendable, Equatable {
  fileprivate let value: CInt

  /// They can share memory: they run on one host. The corresponding MPI constant is `MPI_COMM_TYPE_SHARED`.
  public static var sharedMemory: SplitType { SplitType(value: cmpi_comm_type_shared()) }
}

// MARK: What a communicator says about itself

extension AnyCommunicator {
  /// How this communicator relates to another of the same kind: the same, or of the same processes.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_compare`.
  public func compared(to other: AnyCommunicator) throws(MPIError) -> Similarity {
    var result: CInt = 0
    try check("MPI_Comm_compare") { MPI_Comm_compare(handle, other.handle, &result) }
    return Similarity(result)
  }

  /// The name of the communicator, empty unless it was given one or is one that MPI has from the start.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_get_name`.
  public func name() throws(MPIError) -> String {
    var characters = [CChar](repeating: 0, count: Int(MPI_MAX_OBJECT_NAME) + 1)
    var length: CInt = 0
    try check("MPI_Comm_get_name") { MPI_Comm_get_name(handle, &characters, &length) }
    return characters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  /// Gives the communicator a name, which debuggers and error messages show; MPI may cut it after 63 bytes or more.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_set_name`.
  public func setName(_ name: String) throws(MPIError) {
    try check("MPI_Comm_set_name") { MPI_Comm_set_name(handle, name) }
  }

  /// The hints that MPI uses for the communicator, which may be other than those that it was given.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_get_info`.
  public func info() throws(MPIError) -> Info {
    var result = cmpi_info_null()
    try check("MPI_Comm_get_info") { MPI_Comm_get_info(handle, &result) }
    return Info(owning: result)
  }

  /// Gives the communicator hints.
  ///
  /// All processes of the communicator must call it. The corresponding MPI function is `MPI_Comm_set_info`.
  public func setInfo(_ info: Info) throws(MPIError) {
    try check("MPI_Comm_set_info") { MPI_Comm_set_info(handle, info.handle) }
  }
}

extension Communicator {
  /// This process alone. The corresponding MPI constant is `MPI_COMM_SELF`.
  public static var selfOnly: Communicator {
    get throws(MPIError) { try Communicator(handle: cmpi_comm_self(), isOwned: false) }
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
