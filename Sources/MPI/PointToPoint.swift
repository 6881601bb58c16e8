// Messages from one process to another that are on their way, or there, when the call returns.

internal import CMPI

// MARK: Sending

/// When a send is complete, and what it needs for it.
public enum SendMode: Sendable, CaseIterable {
  /// Complete when the memory may be reused: MPI copies the message or waits for the receiver, as it sees fit.
  case standard
  /// Complete not before the receiver has begun to receive the message.
  case synchronous
  /// The receiver waits already: the program promises it, and a message that comes before its receive is lost or worse.
  case ready
  /// Complete at once: the message is copied into the memory that a `SendSpace` gives to MPI.
  case buffered
}

extension AnyCommunicator {
  /// Sends elements; returns when their memory may be reused, which may be before or after they arrive.
  ///
  /// - Parameters:
  ///   - values: a value, an array, a span or any other `SendBuffer`.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - tag: a number from 0 to `largestTag` that the receiver asks for.
  ///   - mode: when the call may return.
  /// - Throws: `MPIError` of class `invalidBuffer` when a buffered message does not fit into the `SendSpace`, or there
  ///   is none. Open MPI then loses what is sent to the same rank in this communicator later: end the run.
  ///
  /// Called by the sender; the destination must receive. The corresponding MPI function is `MPI_Send`, or for the other
  /// modes `MPI_Ssend`, `MPI_Rsend` and `MPI_Bsend`.
  @inlinable
  public func send<Buffer: SendBuffer & ~Copyable & ~Escapable>(
    _ values: borrowing Buffer, to destination: Int?, tag: Int = 0, mode: SendMode = .standard
  ) throws(MPIError) {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try send(data, count, datatype, destination, tag, mode)
    }
  }

  @inlinable @inline(__always)
  internal func send(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: Int?, _ tag: Int, _ mode: SendMode
  ) throws(MPIError) {
    guard mode == .standard, let few = fewElements(count) else {
      return try send(data, count, datatype, checkedDestination(destination), checkedTag(tag), inMode: mode)
    }
    defer { withExtendedLifetime(datatype) {} }
    let code = Calls.send(data, few, datatype.bits, checkedDestination(destination), checkedTag(tag), bits)
    if code != 0 { throw failure("MPI_Send", code) }
  }

  // Apart, since all calls in one would make the usual one slower.
  @usableFromInline @inline(never)
  internal func send(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: CInt, _ tag: CInt,
    inMode mode: SendMode
  ) throws(MPIError) {
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch mode {
      case .standard: try check("MPI_Send") { MPI_Send(data, count, type, destination, tag, handle) }
      case .synchronous: try check("MPI_Ssend") { MPI_Ssend(data, count, type, destination, tag, handle) }
      case .ready: try check("MPI_Rsend") { MPI_Rsend(data, count, type, destination, tag, handle) }
      case .buffered: try check("MPI_Bsend") { MPI_Bsend(data, count, type, destination, tag, handle) }
      }
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

  /// Receives one value.
  ///
  /// - Throws: `MPIError` of class `truncated` when the message holds more than one.
  ///
  /// Called by the receiver; the source must send. The corresponding MPI function is `MPI_Recv`.
  @inlinable
  public func receive<T: MPIDatatype>(_ type: T.Type, from source: Int, tag: Int = 0) throws(MPIError) -> T {
    try withUnsafeTemporaryAllocation(of: T.self, capacity: 1) { (value) throws(MPIError) -> T in
      let status = try receive(value.baseAddress, 1, T.datatype, source, tag)
      require(status.count(of: T.datatype) == 1, "One value was to be received, but the message holds none or a part.")
      return value[0]
    }
  }

  /// Receives a message of any length as an array, which is empty when the source is nobody.
  ///
  /// The corresponding MPI functions are `MPI_Mprobe` and `MPI_Mrecv`.
  @inlinable
  public func receive<T: MPIDatatype>(_ type: [T].Type, from source: Int?, tag: Int = 0) throws(MPIError) -> [T] {
    try matchedProbe(from: source, tag: tag).receive(type)
  }

  @inlinable @inline(__always)
  internal func receive(
    _ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ source: Int?, _ tag: Int
  ) throws(MPIError) -> Status {
    guard let few = fewElements(count) else {
      return try receiveMany(data, count, datatype, checkedSource(source), checkedReceiveTag(tag))
    }
    defer { withExtendedLifetime(datatype) {} }
    // A status that MPI alone writes: setting it first would be part of each message.
    return try withUnsafeTemporaryAllocation(of: Status.self, capacity: 1) { (status) throws(MPIError) in
      let code = Calls.receive(
        data, few, datatype.bits, checkedSource(source), checkedReceiveTag(tag), bits, status.baseAddress)
      if code != 0 { throw failure("MPI_Recv", code) }
      return status[0]
    }
  }

  @usableFromInline @inline(never)
  internal func receiveMany(
    _ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ source: CInt, _ tag: CInt
  ) throws(MPIError) -> Status {
    var status = Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Recv") { MPI_Recv(data, count, type, source, tag, handle, &status.value) }
    }
    return status
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

// MARK: Both

extension AnyCommunicator {
  /// Sends to one process and receives from another at the same time, which cannot deadlock.
  ///
  /// - Parameters:
  ///   - values: the elements that go to `destination`.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - received: where the elements from `source` go.
  ///   - source: the rank that sends them, or `anySource`; nil is nobody.
  ///   - tag: the tag of the message that is sent.
  ///   - receiveTag: the tag of the message that is received, or `anyTag`; nil is the same as `tag`.
  /// - Returns: who sent the message that was received and how long it is.
  /// - Throws: `MPIError` of class `truncated` when the message is longer than its memory.
  ///
  /// Called by both partners of each message. The corresponding MPI function is `MPI_Sendrecv`.
  @inlinable @discardableResult
  public func sendReceive<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, to destination: Int?, into received: inout Received, from source: Int?, tag: Int = 0,
    receiveTag: Int? = nil
  ) throws(MPIError) -> Status {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try received.withMutableElements { (target, capacity, targetType) throws(MPIError) in
        try sendReceive(
          data, count, datatype, destination, tag, target, capacity, targetType, source, receiveTag ?? tag)
      }
    }
  }

  /// Sends one value and receives another, which is nil when the source is nobody.
  ///
  /// The corresponding MPI function is `MPI_Sendrecv`.
  @inlinable
  public func sendReceive<T: MPIDatatype>(
    _ value: T, to destination: Int?, from source: Int?, tag: Int = 0, receiveTag: Int? = nil
  ) throws(MPIError) -> T? {
    var received = value
    try sendReceive(value, to: destination, into: &received, from: source, tag: tag, receiveTag: receiveTag)
    return source == nil ? nil : received
  }

  /// Sends elements to one process and puts as many from another in their place, which cannot deadlock.
  ///
  /// - Parameters:
  ///   - values: the elements that go to `destination`, and then those from `source`; with nobody as the source they
  ///     stay as they are.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - source: the rank that sends the others, or `anySource`; nil is nobody.
  ///   - tag: the tag of the message that is sent.
  ///   - receiveTag: the tag of the message that is received, or `anyTag`; nil is the same as `tag`.
  /// - Returns: who sent the message that was received and how long it is.
  /// - Throws: `MPIError` of class `truncated` when the message is longer than its memory.
  ///
  /// Called by both partners of each message. The corresponding MPI function is `MPI_Sendrecv_replace`.
  @inlinable @discardableResult
  public func sendReceive<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    replacing values: inout Buffer, to destination: Int?, from source: Int?, tag: Int = 0, receiveTag: Int? = nil
  ) throws(MPIError) -> Status {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try sendReceive(replacing: data, count, datatype, destination, tag, source, receiveTag ?? tag)
    }
  }

  @usableFromInline
  internal func sendReceive(
    _ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: Int?, _ tag: Int,
    _ target: UnsafeMutableRawPointer?, _ capacity: Int, _ targetType: Datatype, _ source: Int?, _ receiveTag: Int
  ) throws(MPIError) -> Status {
    let (destination, source) = (checkedDestination(destination), checkedSource(source))
    let (tag, receiveTag) = (checkedTag(tag), checkedReceiveTag(receiveTag))
    var status = Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try withCount(capacity, targetType) { (capacity, targetType) throws(MPIError) in
        try check("MPI_Sendrecv") {
          MPI_Sendrecv(
            data, count, type, destination, tag, target, capacity, targetType, source, receiveTag, handle, &status.value
          )
        }
      }
    }
    return status
  }

  @usableFromInline
  internal func sendReceive(
    replacing data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ destination: Int?, _ tag: Int,
    _ source: Int?, _ receiveTag: Int
  ) throws(MPIError) -> Status {
    let (destination, source) = (checkedDestination(destination), checkedSource(source))
    let (tag, receiveTag) = (checkedTag(tag), checkedReceiveTag(receiveTag))
    var status = Status()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Sendrecv_replace") {
        MPI_Sendrecv_replace(data, count, type, destination, tag, source, receiveTag, handle, &status.value)
      }
    }
    return status
  }
}
