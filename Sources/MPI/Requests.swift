// Messages that travel while the program computes.

internal import CMPI

/// One nonblocking operation and the memory that it uses, marked as in use until the operation is complete.
internal struct ActiveRequest: ~Copyable {
  private var handle = cmpi_request_null()
  private let read: MessageStorage?
  private let written: MessageStorage?
  // What else must live until then: a communicator, a datatype, an operation, a list of counts.
  private let kept: AnyObject?
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
    self.read = read
    self.written = written
    self.kept = kept
    read?.requireReadable()
    written?.requireWritable()
    try check(function) { call(&handle) }
    mark(+1)
    isActive = true
  }

  private func mark(_ change: Int) {
    read?.activeSends += change
    written?.activeReceives += change
  }

  /// After an error too, MPI is done with the memory.
  private mutating func complete() {
    mark(-1)
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

  mutating func wait() throws(MPIError) {
    guard isActive else { return }
    defer { complete() }
    try check("MPI_Wait") { MPI_Wait(&handle, &status.value) }
  }

  /// Leaves the operation to MPI: the memory is never given back, since a message may still use it.
  mutating func abandon() {
    guard isActive else { return }
    leak()
    isActive = false
  }

  private func leak() {
    for object in [read, written, kept] as [AnyObject?] {
      if let object { _ = Unmanaged.passRetained(object) }
    }
  }

  deinit {
    guard isActive, isMPIRunning else { return }
    require(
      Failure.isUnderWay,
      "A request was dropped while under way: wait for it, or abandon it when giving up after an error.")
    leak()
  }
}

/// An operation under way and what it will give. It must end in `wait` (or, after an error, in `abandon`): dropping it
/// stops the program.
public struct Request<Result>: ~Copyable {
  private var request: ActiveRequest
  private let result: Result

  internal init(_ request: consuming ActiveRequest, giving result: Result) {
    self.request = request
    self.result = result
  }

  /// Whether the operation is complete; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits until the operation is complete and hands out its result: for a send the buffer that may be reused, for a
  /// collective the buffer that holds what it gave. The corresponding MPI function is `MPI_Wait`.
  @discardableResult
  public consuming func wait() throws(MPIError) -> Result {
    try request.wait()
    return result
  }

  /// Gives up on the operation; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

/// A receive under way. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the program.
public struct ReceiveRequest<Buffer: OwnedBuffer>: ~Copyable {
  private var request: ActiveRequest
  private let buffer: Buffer

  internal init(_ request: consuming ActiveRequest, into buffer: Buffer) {
    self.request = request
    self.buffer = buffer
  }

  /// Whether the message has arrived; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits for the message and hands out its memory. The corresponding MPI function is `MPI_Wait`.
  ///
  /// - Throws: `MPIError` of class `truncated` when the message is longer than the memory.
  public consuming func wait() throws(MPIError) -> (buffer: Buffer, status: Status) {
    try request.wait()
    return (buffer, request.status)
  }

  /// Gives up on the message; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

extension AnyCommunicator {
  /// Starts to send the elements of a buffer, which must not be written until the request's `wait` gives it back.
  ///
  /// Called by the sender; the destination must receive. The corresponding MPI function is `MPI_Isend`.
  public func startSend<Buffer: OwnedBuffer>(_ buffer: Buffer, to destination: Int?, tag: Int = 0)
    throws(MPIError) -> Request<Buffer>
  {
    let (destination, tag) = (checkedDestination(destination), checkedTag(tag))
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try ActiveRequest("MPI_Isend", reading: buffer.storage) { request in
        MPI_Isend(buffer.address, count, type, destination, tag, handle, &request)
      }
    }
    return Request(request, giving: buffer)
  }

  /// Starts to send a copy of an array. The corresponding MPI function is `MPI_Isend`.
  public func startSend<T: MPIDatatype>(_ values: [T], to destination: Int?, tag: Int = 0) throws(MPIError)
    -> Request<MessageBuffer<T>>
  {
    try startSend(MessageBuffer(values), to: destination, tag: tag)
  }

  /// Starts to receive into a buffer, which must not be touched until the request's `wait` gives it back.
  ///
  /// Called by the receiver; the source must send. The corresponding MPI function is `MPI_Irecv`.
  public func startReceive<Buffer: OwnedBuffer>(into buffer: Buffer, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<Buffer>
  {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try ActiveRequest("MPI_Irecv", writing: buffer.storage) { request in
        MPI_Irecv(buffer.address, count, type, source, tag, handle, &request)
      }
    }
    return ReceiveRequest(request, into: buffer)
  }

  /// Starts to receive up to `count` elements into memory that only the request's `wait` hands out, so that nothing can
  /// read it early. Elements beyond the message's length have the value `fill`.
  ///
  /// The corresponding MPI function is `MPI_Irecv`.
  public func startReceive<T: MPIDatatype>(filling fill: T, count: Int, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<MessageBuffer<T>>
  {
    try startReceive(into: MessageBuffer(repeating: fill, count: count), from: source, tag: tag)
  }
}
