// Programs that find each other while they run.

internal import CMPI

/// A place where this process can be reached by programs that were not started together with it.
///
/// Its name goes to the other program by any way: a file, a message, or a service name that both agree on (`publish`).
/// It is closed when the last reference goes.
public final class MPIPort {
  /// What the other program needs for `connect(to:)`.
  public let name: String

  /// Opens a port.
  ///
  /// - Throws: `MPIError` where the library has none, as MPICH as Debian builds it, over UCX.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Open_port`.
  public init(info: Info? = nil) throws(MPIError) {
    var characters = [CChar](repeating: 0, count: Int(MPI_MAX_PORT_NAME) + 1)
    try check("MPI_Open_port") { MPI_Open_port(infoHandle(info), &characters) }
    name = characters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  // The corresponding MPI function is `MPI_Close_port`.
  deinit {
    // Nothing can be thrown from here; a failure leaks a port and no more.
    if isMPIRunning { _ = MPI_Close_port(name) }
  }

  /// Lets other programs find the port under a service name, until `unpublish`.
  ///
  /// Programs of one launcher find each other; those of several need its name server (`ompi-server`, or
  /// `hydra_nameserver` for MPICH). Any process may call it alone. The corresponding MPI function is `MPI_Publish_name`.
  public func publish(as service: String, info: Info? = nil) throws(MPIError) {
    try check("MPI_Publish_name") { MPI_Publish_name(service, infoHandle(info), name) }
  }

  /// Takes a service name back, called by the process that published it.
  ///
  /// The corresponding MPI function is `MPI_Unpublish_name`.
  public func unpublish(_ service: String, info: Info? = nil) throws(MPIError) {
    try check("MPI_Unpublish_name") { MPI_Unpublish_name(service, infoHandle(info), name) }
  }

  /// The name of the port that a program published under a service name.
  ///
  /// - Throws: `MPIError` of class `unknownName` when there is none.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Lookup_name`.
  public static func name(of service: String, info: Info? = nil) throws(MPIError) -> String {
    var characters = [CChar](repeating: 0, count: Int(MPI_MAX_PORT_NAME) + 1)
    try check("MPI_Lookup_name") { MPI_Lookup_name(service, infoHandle(info), &characters) }
    return characters.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}

extension Communicator {
  /// Waits until another group connects to a port.
  ///
  /// - Parameters:
  ///   - port: the name of a port that the root opened; looked at there only.
  ///   - info: hints, looked at on the root only.
  ///   - root: the rank of the process that opened the port.
  /// - Returns: a communicator whose remote group has connected.
  ///
  /// All processes of the group must call it. MPICH as Debian builds it, over UCX, cannot do it and throws. The
  /// corresponding MPI function is `MPI_Comm_accept`.
  public func accept(on port: String?, info: Info? = nil, root: Int = 0) throws(MPIError) -> Intercommunicator {
    let rootRank = checkedRoot(root)
    require(port != nil || rank != root, "The root of an accept names the port that it opened.")
    var result = cmpi_comm_null()
    try check("MPI_Comm_accept") { MPI_Comm_accept(port ?? "", infoHandle(info), rootRank, handle, &result) }
    return try Intercommunicator.make(result)
  }

  /// Connects to a group that accepts on a port.
  ///
  /// - Parameters:
  ///   - port: the name of the port; looked at on the root only.
  ///   - info: hints, looked at on the root only.
  ///   - root: the rank of the process that knows the port.
  /// - Returns: a communicator whose remote group has accepted.
  ///
  /// All processes of the group must call it. MPICH as Debian builds it, over UCX, cannot do it and throws. The
  /// corresponding MPI function is `MPI_Comm_connect`.
  public func connect(to port: String?, info: Info? = nil, root: Int = 0) throws(MPIError) -> Intercommunicator {
    let rootRank = checkedRoot(root)
    require(port != nil || rank != root, "The root of a connect names the port to connect to.")
    var result = cmpi_comm_null()
    try check("MPI_Comm_connect") { MPI_Comm_connect(port ?? "", infoHandle(info), rootRank, handle, &result) }
    return try Intercommunicator.make(result)
  }
}

extension Intercommunicator {
  /// The way to the one process at the other end of a socket, which calls it too.
  ///
  /// - Parameter socket: the descriptor of a connected stream socket without data under way; it stays open.
  ///
  /// MPICH as Debian builds it, over UCX, cannot do it and throws.
  ///
  /// The corresponding MPI function is `MPI_Comm_join`.
  public static func joining(socket: Int32) throws(MPIError) -> Intercommunicator {
    var result = cmpi_comm_null()
    try check("MPI_Comm_join") { MPI_Comm_join(socket, &result) }
    return try make(result)
  }
}
