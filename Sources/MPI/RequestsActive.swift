// One nonblocking operation, whatever it does, and the memory that it uses.

internal import CMPI

/// The memory of an operation, which is held and marked as in use until the operation is complete.
///
/// References are counted by hand, so that a request that is complete has nothing left to let go of: each message is
/// counted once when it starts and once when it ends. Memory that is never given back is MPI's for ever.
@usableFromInline
internal struct RequestMemory: BitwiseCopyable {
  @usableFromInline internal let read: Unmanaged<MessageStorage>?
  @usableFromInline internal let written: Unmanaged<MessageStorage>?
  // What else must live until then: a communicator, a datatype, an operation, a list of counts.
  @usableFromInline internal let kept: Unmanaged<AnyObject>?

  /// Takes the memory of an operation that was just started.
  @inlinable @inline(__always)
  internal init(taking read: MessageStorage?, _ written: MessageStorage?, _ kept: AnyObject?) {
    self.read = read.map { Unmanaged.passRetained($0) }
    self.written = written.map { Unmanaged.passRetained($0) }
    self.kept = kept.map { Unmanaged.passRetained($0) }
    self.read?._withUnsafeGuaranteedRef { $0.activeSends &+= 1 }
    self.written?._withUnsafeGuaranteedRef { $0.activeReceives &+= 1 }
  }

  /// Gives it back, once, when the operation is complete.
  @inlinable @inline(__always)
  internal func giveBack() {
    read?._withUnsafeGuaranteedRef { $0.activeSends &-= 1 }
    written?._withUnsafeGuaranteedRef { $0.activeReceives &-= 1 }
    read?.release()
    written?.release()
    kept?.release()
  }
}

/// One nonblocking operation and the memory that it uses, marked as in use until the operation is complete.
@usableFromInline @frozen
internal struct ActiveRequest: ~Copyable {
  @usableFromInline internal var bits: Int
  @usableFromInline internal let memory: RequestMemory
  @usableFromInline internal var isActive: Bool
  @usableFromInline internal var status: Status
  private var handle: MPI_Request { cmpi_request(bits) }

  /// An operation that was just started.
  ///
  /// - Parameters:
  ///   - bits: the handle.
  ///   - read: the memory that it reads.
  ///   - written: the memory that it writes.
  @inlinable @inline(__always)
  internal init(started bits: Int, reading read: MessageStorage? = nil, writing written: MessageStorage? = nil) {
    self.bits = bits
    memory = RequestMemory(taking: read, written, nil)
    status = Status()
    isActive = true
  }

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
    read?.requireReadable()
    written?.requireWritable()
    var handle = cmpi_request_null()
    try check(function) { call(&handle) }
    self.init(handle, RequestMemory(taking: read, written, kept))
  }

  private init(_ handle: MPI_Request, _ memory: RequestMemory) {
    bits = cmpi_request_bits(handle)
    self.memory = memory
    status = Status()
    isActive = true
  }

  /// After an error too, MPI is done with the memory.
  private mutating func complete() {
    isActive = false
    memory.giveBack()
  }

  mutating func test() throws(MPIError) -> Bool {
    guard isActive else { return true }
    var (handle, isDone): (MPI_Request, CInt) = (handle, 0)
    do throws(MPIError) {
      try check("MPI_Test") { MPI_Test(&handle, &isDone, &status.value) }
    } catch {
      complete()
      throw error
    }
    bits = cmpi_request_bits(handle)
    if isDone != 0 { complete() }
    return isDone != 0
  }

  mutating func wait() throws(MPIError) {
    guard isActive else { return }
    let code = Calls.wait(&bits, &status)
    complete()
    if code != 0 { throw failure("MPI_Wait", code) }
  }

  /// Waits until the operation is complete, and returns MPI's code and the status.
  @inlinable @inline(__always)
  internal consuming func finish() -> (code: CInt, status: Status) {
    var (code, bits, status) = (CInt(0), bits, status)
    if isActive {
      code = Calls.wait(&bits, &status)
      memory.giveBack()
    }
    // Nothing is left to end: no need to look again whether it is complete.
    discard self
    return (code, status)
  }

  /// The same where nobody asks for the status.
  @inlinable @inline(__always)
  internal consuming func finishWithoutStatus() -> CInt {
    var (code, bits) = (CInt(0), bits)
    if isActive {
      code = Calls.waitOnly(&bits)
      memory.giveBack()
    }
    discard self
    return code
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
    var handle = handle
    try check("MPI_Cancel") { MPI_Cancel(&handle) }
  }

  /// Hands the operation to a set, which completes it and gives its memory back if it is not complete yet.
  consuming func handOver() -> (handle: MPI_Request, memory: RequestMemory, status: Status) {
    isActive = false
    return (handle, memory, status)
  }

  /// Leaves the operation to MPI: the memory is never given back, since a message may still use it.
  mutating func abandon() {
    isActive = false
  }

  @inlinable
  deinit { if isActive { drop() } }

  @usableFromInline @inline(never)
  internal func drop() {
    // What MPI may still use is never given back.
    require(
      Failure.isUnderWay || !isMPIRunning,
      "A request was dropped while under way: wait for it, or abandon it when giving up after an error.")
  }
}
