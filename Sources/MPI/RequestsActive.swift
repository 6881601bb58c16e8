// One nonblocking operation, whatever it does, and the memory that it uses.

internal import CMPI

/// The memory of an operation, which is marked as in use until the operation is complete.
internal struct RequestMemory {
  let read: MessageStorage?
  let written: MessageStorage?
  // What else must live until then: a communicator, a datatype, an operation, a list of counts.
  let kept: AnyObject?

  func requireFree() {
    read?.requireReadable()
    written?.requireWritable()
  }

  /// Counts one operation more (+1) or less (-1) that uses the memory.
  func mark(_ change: Int) {
    read?.activeSends += change
    written?.activeReceives += change
  }

  /// Leaves the memory to MPI for ever.
  func leak() {
    for object in [read, written, kept] as [AnyObject?] {
      if let object { _ = Unmanaged.passRetained(object) }
    }
  }
}

/// One nonblocking operation and the memory that it uses, marked as in use until the operation is complete.
@usableFromInline
internal struct ActiveRequest: ~Copyable {
  private var handle = cmpi_request_null()
  private let memory: RequestMemory
  private(set) var isActive = false
  private(set) var status = Status()

  /// Starts an operation.
  ///
  /// - Parameters:
  ///   - function: the name of the MPI function.
  ///   - read: the memory that it reads.
  ///   - written: the memory that it writes; what it updates in place is written.
  ///   - kept: what else must stay alive until it is complete.
  ///   - call: starts it and sets the handle.
  init(
    _ function: StaticString, reading read: MessageStorage? = nil, writing written: MessageStorage? = nil,
    keeping kept: AnyObject? = nil, _ call: (inout MPI_Request) -> CInt
  ) throws(MPIError) {
    memory = RequestMemory(read: read, written: written, kept: kept)
    memory.requireFree()
    try check(function) { call(&handle) }
    memory.mark(+1)
    isActive = true
  }

  /// After an error too, MPI is done with the memory.
  private mutating func complete() {
    memory.mark(-1)
    isActive = false
  }

  mutating func test() throws(MPIError) -> Bool {
    guard isActive else { return true }
    var isDone: CInt = 0
    do throws(MPIError) {
      try check("MPI_Test") { MPI_Test(&handle, &isDone, &status.value) }
    } catch {
      complete()
      throw error
    }
    if isDone != 0 { complete() }
    return isDone != 0
  }

  @usableFromInline
  mutating func wait() throws(MPIError) {
    guard isActive else { return }
    defer { complete() }
    try check("MPI_Wait") { MPI_Wait(&handle, &status.value) }
  }

  /// The status when the operation is complete, which it then still has to be waited for.
  func statusIfDone() throws(MPIError) -> Status? {
    guard isActive else { return status }
    var (status, isDone): (Status, CInt) = (Status(), 0)
    try check("MPI_Request_get_status") { MPI_Request_get_status(handle, &isDone, &status.value) }
    return isDone != 0 ? status : nil
  }

  mutating func cancel() throws(MPIError) {
    guard isActive else { return }
    try check("MPI_Cancel") { MPI_Cancel(&handle) }
  }

  /// Hands the operation to a set, which completes it if it is not complete yet.
  consuming func handOver() -> (handle: MPI_Request, memory: RequestMemory, status: Status) {
    isActive = false
    return (handle, memory, status)
  }

  /// Leaves the operation to MPI: the memory is never given back, since a message may still use it.
  mutating func abandon() {
    guard isActive else { return }
    memory.leak()
    isActive = false
  }

  deinit {
    guard isActive, isMPIRunning else { return }
    require(
      Failure.isUnderWay,
      "A request was dropped while under way: wait for it, or abandon it when giving up after an error.")
    memory.leak()
  }
}
