// Messages that are looked at before they are received.

internal import CMPI

extension AnyCommunicator {
  /// Waits until a message can be received, and tells who sent it and how long it is without receiving it.
  ///
  /// - Parameters:
  ///   - source: the rank that sends it, or `anySource`; nil is nobody, whose message is there at once.
  ///   - tag: the tag of the message, or `anyTag`.
  ///
  /// Called by the receiver. Where several threads receive, another may take the message first: `matchedProbe` keeps
  /// it. The corresponding MPI function is `MPI_Probe`.
  public func probe(from source: Int?, tag: Int = 0) throws(MPIError) -> Status {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var status = Status()
    try check("MPI_Probe") { MPI_Probe(source, tag, handle, &status.value) }
    return status
  }

  /// Tells of a message that can be received, or nil when there is none yet.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Iprobe`.
  public func probeNow(from source: Int?, tag: Int = 0) throws(MPIError) -> Status? {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var status = Status()
    var isThere: CInt = 0
    try check("MPI_Iprobe") { MPI_Iprobe(source, tag, handle, &isThere, &status.value) }
    return isThere != 0 ? status : nil
  }

  /// Waits for a message and takes it, so that nobody else can receive it.
  ///
  /// - Parameters:
  ///   - source: the rank that sends it, or `anySource`; nil is nobody, whose empty message is there at once.
  ///   - tag: the tag of the message, or `anyTag`.
  /// - Returns: the message, which tells its length and must then be received.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Mprobe`.
  public func matchedProbe(from source: Int?, tag: Int = 0) throws(MPIError) -> MatchedMessage {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var handle = cmpi_message_null()
    var status = Status()
    try check("MPI_Mprobe") { MPI_Mprobe(source, tag, self.handle, &handle, &status.value) }
    return MatchedMessage(handle, status)
  }

  /// Takes a message that can be received, so that nobody else can receive it, or returns nil when there is none yet.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Improbe`.
  public func matchedProbeNow(from source: Int?, tag: Int = 0) throws(MPIError) -> MatchedMessage? {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var handle = cmpi_message_null()
    var status = Status()
    var isThere: CInt = 0
    try check("MPI_Improbe") { MPI_Improbe(source, tag, self.handle, &isThere, &handle, &status.value) }
    return isThere != 0 ? MatchedMessage(handle, status) : nil
  }
}

/// A message that was found and that nobody else can receive. It must be received: dropping it stops the program.
public struct MatchedMessage: ~Copyable {
  private var handle: MPI_Message
  private var isReceived = false
  /// Who sent the message and how long it is.
  public let status: Status

  internal init(_ handle: MPI_Message, _ status: Status) {
    self.handle = handle
    self.status = status
  }

  deinit {
    guard !isReceived, isMPIRunning else { return }
    require(Failure.isUnderWay, "A matched message was dropped: receive it, since nobody else can.")
  }

  /// Receives the message into memory that may be longer than it.
  ///
  /// - Throws: `MPIError` of class `truncated` when the message is longer than the memory.
  ///
  /// The corresponding MPI function is `MPI_Mrecv`.
  @inlinable
  public consuming func receive<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(into values: inout Buffer)
    throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try receive(data, count, datatype)
    }
  }

  /// Receives the message as an array, which is empty when it came from nobody.
  ///
  /// The corresponding MPI function is `MPI_Mrecv`.
  @inlinable
  public consuming func receive<T: MPIDatatype>(_ type: [T].Type) throws(MPIError) -> [T] {
    let count = status.count(of: T.datatype)
    require(
      count != nil, "A message with tag \(status.tag ?? 0) is no whole number of \(T.self): its sender sent others.")
    return try makeArray(count: count!) { (storage: UnsafeMutableBufferPointer<T>) throws(MPIError) in
      try receive(storage.baseAddress, count!, T.datatype)
    }
  }

  /// Starts to receive the message into a buffer, which must not be touched until the request's `wait` gives it back.
  ///
  /// The corresponding MPI function is `MPI_Imrecv`.
  public consuming func startReceive<Buffer: OwnedBuffer>(into buffer: Buffer) throws(MPIError)
    -> ReceiveRequest<Buffer>
  {
    let request = try startReceive(buffer.storage, buffer.address, buffer.count, buffer.datatype)
    return ReceiveRequest(request, into: buffer)
  }

  @usableFromInline
  internal mutating func receive(_ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError)
  {
    isReceived = true
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Mrecv") { MPI_Mrecv(data, count, type, &handle, cmpi_status_ignore()) }
    }
  }

  private mutating func startReceive(
    _ storage: MessageStorage, _ address: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype
  ) throws(MPIError) -> ActiveRequest {
    isReceived = true
    return try withCount(count, datatype) { (count, type) throws(MPIError) in
      try ActiveRequest("MPI_Imrecv", writing: storage) { request in
        MPI_Imrecv(address, count, type, &handle, &request)
      }
    }
  }
}
