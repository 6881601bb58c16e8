// Messages that travel while the program computes.

internal import CMPI

/// An operation under way and what it will give. It must end in `wait` (or, after an error, in `abandon`): dropping it
/// stops the program.
public struct Request<Result>: ~Copyable {
  @usableFromInline internal var request: ActiveRequest
  @usableFromInline internal let result: Result

  @inlinable @inline(__always)
  internal init(_ request: consuming ActiveRequest, giving result: Result) {
    self.request = request
    self.result = result
  }

  /// Whether the operation is complete; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// What is known of the operation when it is complete, and nil before. Unlike `test` it leaves the request as it is,
  /// to MPI as well. The corresponding MPI function is `MPI_Request_get_status`.
  public func statusIfDone() throws(MPIError) -> Status? { try request.statusIfDone() }

  /// Waits until the operation is complete and hands out its result: for a send the buffer that may be reused, for a
  /// collective the buffer that holds what it gave. The corresponding MPI function is `MPI_Wait`.
  @inlinable @inline(__always) @discardableResult
  public consuming func wait() throws(MPIError) -> Result {
    let code = request.finishWithoutStatus()
    if code != 0 { throw failure("MPI_Wait", code) }
    return result
  }

  /// Gives up on the operation; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

/// A receive under way. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the program.
public struct ReceiveRequest<Buffer: OwnedBuffer>: ~Copyable {
  @usableFromInline internal var request: ActiveRequest
  @usableFromInline internal let buffer: Buffer

  @inlinable @inline(__always)
  internal init(_ request: consuming ActiveRequest, into buffer: Buffer) {
    self.request = request
    self.buffer = buffer
  }

  /// Whether the message has arrived; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Who sent the message and how long it is when it has arrived, and nil before. Unlike `test` it leaves the request as
  /// it is, to MPI as well. The corresponding MPI function is `MPI_Request_get_status`.
  public func statusIfDone() throws(MPIError) -> Status? { try request.statusIfDone() }

  /// Asks MPI to give up the receive, unless its message is there already. `wait` must follow; the status that it gives
  /// tells which of the two came to pass (`Status.isCancelled`).
  ///
  /// Only receives can be cancelled: MPI forbids it for collectives, and the standard has given it up for sends, for
  /// which Open MPI never did it. The corresponding MPI function is `MPI_Cancel`.
  public mutating func cancel() throws(MPIError) { try request.cancel() }

  /// Waits for the message and hands out its memory. The corresponding MPI function is `MPI_Wait`.
  ///
  /// - Throws: `MPIError` of class `truncated` when the message is longer than the memory.
  @inlinable @inline(__always)
  public consuming func wait() throws(MPIError) -> (buffer: Buffer, status: Status) {
    let (code, status) = request.finish()
    if code != 0 { throw failure("MPI_Wait", code) }
    return (buffer, status)
  }

  /// Gives up on the message; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

extension AnyCommunicator {
  /// Starts to send the elements of a buffer, which must not be written until the request's `wait` gives it back.
  ///
  /// - Parameters:
  ///   - buffer: the elements.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - tag: a number from 0 to `largestTag` that the receiver asks for.
  ///   - mode: when the request is complete.
  /// - Throws: `MPIError` of class `invalidBuffer` when a buffered message does not fit into the `SendSpace`, or there
  ///   is none. Open MPI then loses what is sent to the same rank in this communicator later: end the run.
  ///
  /// Called by the sender; the destination must receive. The corresponding MPI function is `MPI_Isend`, or for the other
  /// modes `MPI_Issend`, `MPI_Irsend` and `MPI_Ibsend`.
  @inlinable @inline(__always)
  public func startSend<Buffer: OwnedBuffer>(
    _ buffer: Buffer, to destination: Int?, tag: Int = 0, mode: SendMode = .standard
  ) throws(MPIError) -> Request<Buffer> {
    let (storage, datatype) = (buffer.storage, buffer.datatype)
    defer { withExtendedLifetime(datatype) {} }
    storage.requireReadable()
    let (rank, tag) = (checkedDestination(destination), checkedTag(tag))
    var (request, code): (Int, CInt) = (0, 0)
    if mode == .standard, let few = fewElements(buffer.count) {
      code = Calls.startSend(buffer.address, few, datatype.bits, rank, tag, bits, &request)
    } else {
      request = try startSend(buffer.address, buffer.count, datatype, rank, tag, inMode: mode)
    }
    if code != 0 { throw failure("MPI_Isend", code) }
    return Request(ActiveRequest(started: request, reading: storage), giving: buffer)
  }

  /// Starts to send a copy of an array. The corresponding MPI function is `MPI_Isend`, or for the other modes
  /// `MPI_Issend`, `MPI_Irsend` and `MPI_Ibsend`.
  @inlinable
  public func startSend<T: MPIDatatype>(
    _ values: [T], to destination: Int?, tag: Int = 0, mode: SendMode = .standard
  ) throws(MPIError) -> Request<MessageBuffer<T>> {
    try startSend(MessageBuffer(values), to: destination, tag: tag, mode: mode)
  }

  /// Starts to receive into a buffer, which must not be touched until the request's `wait` gives it back.
  ///
  /// - Parameters:
  ///   - buffer: where the elements go; it may be longer than the message.
  ///   - source: the rank that sends them, or `anySource`; nil is nobody and leaves the memory as it is.
  ///   - tag: the tag of the message, or `anyTag`.
  ///
  /// Called by the receiver; the source must send. The corresponding MPI function is `MPI_Irecv`.
  @inlinable @inline(__always)
  public func startReceive<Buffer: OwnedBuffer>(into buffer: Buffer, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<Buffer>
  {
    let (storage, datatype) = (buffer.storage, buffer.datatype)
    defer { withExtendedLifetime(datatype) {} }
    storage.requireWritable()
    let (rank, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var (request, code): (Int, CInt) = (0, 0)
    if let few = fewElements(buffer.count) {
      code = Calls.startReceive(buffer.address, few, datatype.bits, tag, rank, bits, &request)
    } else {
      request = try startReceiveMany(buffer.address, buffer.count, datatype, rank, tag)
    }
    if code != 0 { throw failure("MPI_Irecv", code) }
    return ReceiveRequest(ActiveRequest(started: request, writing: storage), into: buffer)
  }

  /// Starts to receive up to `count` elements into memory that only the request's `wait` hands out, so that nothing can
  /// read it early. Elements beyond the message's length have the value `fill`.
  ///
  /// The corresponding MPI function is `MPI_Irecv`.
  @inlinable
  public func startReceive<T: MPIDatatype>(filling fill: T, count: Int, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<MessageBuffer<T>>
  {
    try startReceive(into: MessageBuffer(repeating: fill, count: count), from: source, tag: tag)
  }

  // Apart, since all calls in one would make the usual one slower.
  @usableFromInline @inline(never)
  internal func startSend(
    _ data: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype, _ rank: CInt, _ tag: CInt,
    inMode mode: SendMode
  ) throws(MPIError) -> Int {
    var request = cmpi_request_null()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch mode {
      case .standard: try check("MPI_Isend") { MPI_Isend(data, count, type, rank, tag, handle, &request) }
      case .synchronous: try check("MPI_Issend") { MPI_Issend(data, count, type, rank, tag, handle, &request) }
      case .ready: try check("MPI_Irsend") { MPI_Irsend(data, count, type, rank, tag, handle, &request) }
      case .buffered: try check("MPI_Ibsend") { MPI_Ibsend(data, count, type, rank, tag, handle, &request) }
      }
    }
    return cmpi_request_bits(request)
  }

  @usableFromInline @inline(never)
  internal func startReceiveMany(
    _ data: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype, _ rank: CInt, _ tag: CInt
  ) throws(MPIError) -> Int {
    var request = cmpi_request_null()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Irecv") { MPI_Irecv(data, count, type, rank, tag, handle, &request) }
    }
    return cmpi_request_bits(request)
  }
}
