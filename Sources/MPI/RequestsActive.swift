// One nonblocking operation, whatever it does, and the memory that it uses.

internal import CMPI

/// The memory of an operation, which is marked as in use until the operation is complete.
@usableFromInline
internal struct RequestMemory {
  // Alive because they are among `kept`, or because whoever has the request keeps them as its result: one reference to
  // count less for each message.
  @usableFromInline internal unowned(unsafe) let read: MessageStorage?
  @usableFromInline internal unowned(unsafe) let written: MessageStorage?
  // What must live until then: the memory, and also a communicator, a datatype, an operation, a list of counts.
  @usableFromInline internal let kept: (MessageStorage?, MessageStorage?, AnyObject?)

  @inlinable
  internal init(read: MessageStorage?, written: MessageStorage?, kept: (MessageStorage?, MessageStorage?, AnyObject?)) {
    self.read = read
    self.written = written
    self.kept = kept
  }

  /// The same memory, kept alive whatever becomes of the result.
  var owned: RequestMemory { RequestMemory(read: read, written: written, kept: (read, written, kept.2)) }

  func requireFree() {
    read?.requireReadable()
    written?.requireWritable()
  }

  /// Counts one operation more (+1) or less (-1) that uses the memory.
  @inlinable @inline(__always)
  func mark(_ change: Int) {
    read?.activeSends &+= change
    written?.activeReceives &+= change
  }

  /// Leaves the memory to MPI for ever.
  func leak() {
    for object in [read, written, kept.2] as [AnyObject?] {
      if let object { _ = Unmanaged.passRetained(object) }
    }
  }
}

/// One nonblocking operation and the memory that it uses, marked as in use until the operation is complete.
@usableFromInline
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
  ///   - isKept: whether whoever has the request keeps the memory alive.
  @inlinable @inline(__always)
  internal init(
    started bits: Int, reading read: MessageStorage? = nil, writing written: MessageStorage? = nil, isKept: Bool
  ) {
    self.bits = bits
    memory = RequestMemory(read: read, written: written, kept: isKept ? (nil, nil, nil) : (read, written, nil))
    status = Status()
    isActive = true
    memory.mark(+1)
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
    memory = RequestMemory(read: read, written: written, kept: (read, written, kept))
    bits = cmpi_request_bits(cmpi_request_null())
    isActive = false
    status = Status()
    memory.requireFree()
    var handle = handle
    try check(function) { call(&handle) }
    bits = cmpi_request_bits(handle)
    memory.mark(+1)
    isActive = true
  }

  /// After an error too, MPI is done with the memory.
  @inlinable @inline(__always)
  internal mutating func complete() {
    memory.mark(-1)
    isActive = false
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
    let code = finish()
    if code != 0 { throw failure("MPI_Wait", code) }
  }

  /// Waits until the operation is complete, and returns MPI's code.
  @inlinable @inline(__always)
  internal mutating func finish() -> CInt {
    guard isActive else { return 0 }
    let code = Calls.wait(&bits, &status)
    complete()
    return code
  }

  /// The same where nobody asks for the status.
  @inlinable @inline(__always)
  internal mutating func finishWithoutStatus() -> CInt {
    guard isActive else { return 0 }
    let code = Calls.waitOnly(&bits)
    complete()
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

  /// Hands the operation to a set, which completes it if it is not complete yet.
  consuming func handOver() -> (handle: MPI_Request, memory: RequestMemory, status: Status) {
    isActive = false
    return (handle, memory.owned, status)
  }

  /// Leaves the operation to MPI: the memory is never given back, since a message may still use it.
  mutating func abandon() {
    guard isActive else { return }
    memory.leak()
    isActive = false
  }

  @inlinable
  deinit { if isActive { drop() } }

  @usableFromInline @inline(never)
  internal func drop() {
    guard isMPIRunning else { return }
    require(
      Failure.isUnderWay,
      "A request was dropped while under way: wait for it, or abandon it when giving up after an error.")
    memory.leak()
  }
}
