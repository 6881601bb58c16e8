// Communicators between two groups of processes.

internal import CMPI

/// A communicator between two groups: a message goes from a process of one group to a process of the other.
///
/// `rank`, `size` and `group()` are those of the group that this process is in; the ranks that messages name are those
/// of the other, the remote group. Collective calls combine or move the data of one group into the other.
public final class Intercommunicator: AnyCommunicator {
  /// How many processes the remote group has. The corresponding MPI function is `MPI_Comm_remote_size`.
  public var remoteSize: Int { peerCount }

  /// Takes over a handle that MPI made from nothing that errors could be inherited from.
  internal static func make(_ handle: MPI_Comm, isOwned: Bool = true) throws(MPIError) -> Intercommunicator {
    let result = try Intercommunicator(handle: handle, isOwned: isOwned)
    try returnErrors(handle)
    return result
  }

  /// The processes of the remote group.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_remote_group`.
  public func remoteGroup() throws(MPIError) -> Group {
    var result = cmpi_group_null()
    try check("MPI_Comm_remote_group") { MPI_Comm_remote_group(handle, &result) }
    return try Group(handle: result)
  }

  /// A communicator of the processes of both groups.
  ///
  /// - Parameter isHigh: whether this group's ranks come after those of the remote group. All processes of a group give
  ///   the same; when both groups do, MPI chooses the order.
  ///
  /// All processes of both groups must call it. The corresponding MPI function is `MPI_Intercomm_merge`.
  public func merged(isHigh: Bool) throws(MPIError) -> Communicator {
    var result = cmpi_comm_null()
    try check("MPI_Intercomm_merge") { MPI_Intercomm_merge(handle, isHigh ? 1 : 0, &result) }
    let communicator = try Communicator(handle: result, isOwned: true)
    try returnErrors(result)
    return communicator
  }
}

extension Communicator {
  /// A communicator between this group and another.
  ///
  /// - Parameters:
  ///   - localLeader: the rank of the process that speaks for this group.
  ///   - remoteLeader: the rank in `bridge` of the process that speaks for the other group; looked at on the leader only.
  ///   - bridge: a communicator of both leaders, the same on both; looked at on the leaders only.
  ///   - tag: that of the leaders' messages over the bridge.
  ///
  /// All processes of both groups, which have none in common, must call it. The corresponding MPI function is
  /// `MPI_Intercomm_create`.
  public func intercommunicator(
    localLeader: Int = 0, remoteLeader: Int, over bridge: AnyCommunicator, tag: Int = 0
  ) throws(MPIError) -> Intercommunicator {
    let leader = checkedRoot(localLeader)
    let remote = rank == localLeader ? bridge.checkedDestination(remoteLeader) : 0
    let tag = bridge.checkedTag(tag)
    var result = cmpi_comm_null()
    try check("MPI_Intercomm_create") {
      MPI_Intercomm_create(handle, leader, bridge.handle, remote, tag, &result)
    }
    return try Intercommunicator.make(result)
  }
}

/// Lets the calls on a communicator return their errors, which this library throws, instead of ending the process.
internal func returnErrors(_ handle: MPI_Comm) throws(MPIError) {
  try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(handle, cmpi_errors_return()) }
}
