// Messages from one process to another that are on their way, or there, when the call returns.

internal import CMPI

/// What is known of a message that was received or is about to be.
public struct Status {
  internal var value = MPI_Status()

  internal init() {}

  /// The rank that sent the message; nil when it came from nobody.
  public var source: Int? { value.MPI_SOURCE == cmpi_proc_null() ? nil : Int(value.MPI_SOURCE) }
  /// The tag of the message; nil when it came from nobody.
  public var tag: Int? { source == nil ? nil : Int(value.MPI_TAG) }

  /// How many whole elements the message holds; nil when its bytes are no whole number of them.
  ///
  /// The corresponding MPI function is `MPI_Get_count`.
  public func count<Element: MPIDatatype>(of type: Element.Type) -> Int? { count(of: Element.datatype) }

  @usableFromInline
  internal func count(of datatype: Datatype) -> Int? {
    var count: CInt = 0
    var value = value
    guard MPI_Get_count(&value, datatype.handle, &count) == MPI_SUCCESS else { return nil }
    if count != cmpi_undefined() { return Int(count) }
    // Too many for 32 bits, or no whole number of elements: the bytes tell which.
    var (bytes, size): (MPI_Count, MPI_Count) = (0, 0)
    guard MPI_Get_elements_x(&value, cmpi_byte(), &bytes) == MPI_SUCCESS, bytes != cmpi_undefined(),
      MPI_Type_size_x(datatype.handle, &size) == MPI_SUCCESS, size > 0, bytes % size == 0
    else { return nil }
    return Int(bytes / size)
  }
}

extension AnyCommunicator {
  /// As the source of a receive: whoever sent a message that fits.
  public static var anySource: Int { Int.min }
  /// As the tag of a receive: whatever tag the message has.
  public static var anyTag: Int { Int.min }

  /// The largest tag that this MPI library takes, at least 32767. The corresponding MPI attribute is `MPI_TAG_UB`.
  public static var largestTag: Int { Int(Tags.largest) }
}

private enum Tags {
  // Read once; MPI runs whenever a tag is looked at.
  static let largest: CInt = {
    var address: UnsafeMutablePointer<CInt>?
    var isSet: CInt = 0
    let code = MPI_Comm_get_attr(cmpi_comm_world(), cmpi_tag_ub(), &address, &isSet)
    return code == MPI_SUCCESS && isSet != 0 ? address?.pointee ?? 32767 : 32767
  }()
}

// Every message passes through these checks. Nobody (nil) is MPI_PROC_NULL: sending to it or receiving from it returns
// at once, so that code at the edge of a grid needs no case of its own.
extension AnyCommunicator {
  internal func checkedDestination(_ rank: Int?) -> CInt {
    guard let rank else { return cmpi_proc_null() }
    require(rank >= 0 && rank < peerCount, "A destination is a rank from 0 to \(peerCount - 1) or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  internal func checkedSource(_ rank: Int?) -> CInt {
    guard let rank else { return cmpi_proc_null() }
    if rank == Communicator.anySource { return cmpi_any_source() }
    require(
      rank >= 0 && rank < peerCount, "A source is a rank from 0 to \(peerCount - 1), anySource or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  internal func checkedTag(_ tag: Int) -> CInt {
    require(tag >= 0 && tag <= Int(Tags.largest), "A tag is from 0 to \(Tags.largest), not \(tag).")
    return CInt(truncatingIfNeeded: tag)
  }

  internal func checkedReceiveTag(_ tag: Int) -> CInt {
    tag == Communicator.anyTag ? cmpi_any_tag() : checkedTag(tag)
  }
}

// MARK: Sending

extension AnyCommunicator {
  /// Sends elements; returns when their memory may be reused, which may be before or after they arrive.
  ///
  /// - Parameters:
  ///   - values: a value, an array, a span or any other `SendBuffer`.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - tag: a number from 0 to `largestTag` that the receiver asks for.
  ///
  /// Called by the sender; the destination must receive. The corresponding MPI function is `MPI_Send`.
  @inlinable
  public func send<Buffer: SendBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Buffer, to destination: Int?, tag: Int = 0
  ) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try send(data, count, datatype, destination, tag)
    }
  }

  @usableFromInline
  internal func send(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: Int?, _ tag: Int
  ) throws(MPIError) {
    let (destination, tag) = (checkedDestination(destination), checkedTag(tag))
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Send") { MPI_Send(data, count, type, destination, tag, handle) }
    }
  }
}

// MARK: Receiving

extension AnyCommunicator {
  /// Receives a message into memory that may be longer than it.
  ///
  /// - Parameters:
  ///   - values: where the elements go: a variable, an array, a span or any other `ReceiveBuffer`.
  ///   - source: the rank that sends them, or `anySource`; nil is nobody and leaves the memory as it is.
  ///   - tag: the tag of the message, or `anyTag`.
  /// - Returns: who sent the message and how long it is.
  /// - Throws: `MPIError` of class `truncated` when the message is longer than the memory.
  ///
  /// Called by the receiver; the source must send. The corresponding MPI function is `MPI_Recv`.
  @inlinable @discardableResult
  public func receive<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    into values: inout Buffer, from source: Int?, tag: Int = 0
  ) throws(MPIError) -> Status {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try receive(data, count, datatype, source, tag)
    }
  }

  /// Receives one value. The corresponding MPI function is `MPI_Recv`.
  @inlinable
  public func receive<T: MPIDatatype>(_ type: T.Type, from source: Int, tag: Int = 0) throws(MPIError) -> T {
    let values: [T] = try receive([T].self, from: source, tag: tag)
    require(values.count == 1, "One value was to be received from rank \(source), but it sent \(values.count).")
    return values[0]
  }

  /// Receives a message of any length as an array, which is empty when the source is nobody.
  ///
  /// The corresponding MPI functions are `MPI_Mprobe` and `MPI_Mrecv`.
  @inlinable
  public func receive<T: MPIDatatype>(_ type: [T].Type, from source: Int?, tag: Int = 0) throws(MPIError) -> [T] {
    var message = try matchedProbe(source, tag)
    let count = message.status.count(of: T.datatype)
    require(
      count != nil, "A message to rank \(rank) is no whole number of \(T.self): sender and receiver disagree.")
    return try makeArray(count: count!) { (storage: UnsafeMutableBufferPointer<T>) throws(MPIError) in
      try message.receive(storage.baseAddress, count!, T.datatype)
    }
  }

  @usableFromInline
  internal func receive(
    _ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ source: Int?, _ tag: Int
  ) throws(MPIError) -> Status {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var status = Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Recv") { MPI_Recv(data, count, type, source, tag, handle, &status.value) }
    }
    return status
  }

  @usableFromInline
  internal func matchedProbe(_ source: Int?, _ tag: Int) throws(MPIError) -> MatchedMessage {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var message = MatchedMessage()
    try check("MPI_Mprobe") { MPI_Mprobe(source, tag, handle, &message.handle, &message.status.value) }
    return message
  }
}

/// A message that was found and that nobody else can receive.
@usableFromInline
internal struct MatchedMessage {
  internal var handle = cmpi_message_null()
  @usableFromInline internal var status = Status()

  @usableFromInline
  internal mutating func receive(_ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError)
  {
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Mrecv") { MPI_Mrecv(data, count, type, &handle, cmpi_status_ignore()) }
    }
  }
}

/// An array whose elements are written by `fill`, without setting them first.
@inlinable
internal func makeArray<T: MPIDatatype>(
  count: Int, _ fill: (UnsafeMutableBufferPointer<T>) throws(MPIError) -> Void
) throws(MPIError) -> [T] {
  var failure: MPIError?
  let result = [T](unsafeUninitializedCapacity: count) { storage, initializedCount in
    do throws(MPIError) {
      try fill(UnsafeMutableBufferPointer(rebasing: storage[..<count]))
      initializedCount = count
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return result
}

// MARK: Both, and looking ahead

extension AnyCommunicator {
  /// Sends to one process and receives from another at the same time, which cannot deadlock.
  ///
  /// - Parameters:
  ///   - values: the elements that go to `destination`.
  ///   - received: where the elements from `source` go.
  ///   - tag: the tag of both messages.
  /// - Returns: who sent the message that was received and how long it is.
  ///
  /// Called by both partners of each message. The corresponding MPI function is `MPI_Sendrecv`.
  @inlinable @discardableResult
  public func sendReceive<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, to destination: Int?, into received: inout Received, from source: Int?, tag: Int = 0
  ) throws(MPIError) -> Status {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try received.withMutableElements { (target, capacity, targetType) throws(MPIError) in
        try sendReceive(data, count, datatype, destination, target, capacity, targetType, source, tag)
      }
    }
  }

  /// Sends one value and receives another, which is nil when the source is nobody.
  ///
  /// The corresponding MPI function is `MPI_Sendrecv`.
  @inlinable
  public func sendReceive<T: MPIDatatype>(_ value: T, to destination: Int?, from source: Int?, tag: Int = 0)
    throws(MPIError) -> T?
  {
    var received = value
    try sendReceive(value, to: destination, into: &received, from: source, tag: tag)
    return source == nil ? nil : received
  }

  @usableFromInline
  internal func sendReceive(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: Int?,
    _ target: UnsafeMutableRawPointer?, _ capacity: Int, _ targetType: Datatype, _ source: Int?, _ tag: Int
  ) throws(MPIError) -> Status {
    let (destination, source) = (checkedDestination(destination), checkedSource(source))
    let tag = checkedTag(tag)
    var status = Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(capacity, targetType) { (capacity, targetType) throws(MPIError) in
        try check("MPI_Sendrecv") {
          MPI_Sendrecv(
            data, count, type, destination, tag, target, capacity, targetType, source, tag, handle, &status.value)
        }
      }
    }
    return status
  }

  /// Waits until a message can be received, and tells who sent it and how long it is without receiving it.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Probe`.
  public func probe(from source: Int, tag: Int = 0) throws(MPIError) -> Status {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var status = Status()
    try check("MPI_Probe") { MPI_Probe(source, tag, handle, &status.value) }
    return status
  }

  /// Tells of a message that can be received, or nil when there is none yet.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Iprobe`.
  public func probeNow(from source: Int, tag: Int = 0) throws(MPIError) -> Status? {
    let (source, tag) = (checkedSource(source), checkedReceiveTag(tag))
    var status = Status()
    var isThere: CInt = 0
    try check("MPI_Iprobe") { MPI_Iprobe(source, tag, handle, &isThere, &status.value) }
    return isThere != 0 ? status : nil
  }
}
