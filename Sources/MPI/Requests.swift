// Messages that travel while the program computes.

internal import CMPI

/// One nonblocking operation and the memory that it uses, marked as in use until the operation is complete.
internal struct ActiveRequest: ~Copyable {
  enum Direction { case send, receive }

  private var handle = cmpi_request_null()
  private let storage: MessageStorage
  private let direction: Direction
  private(set) var isActive = false
  private(set) var status = Status()

  init(
    _ direction: Direction, _ storage: MessageStorage, _ function: StaticString,
    _ call: (inout MPI_Request) -> CInt
  ) throws(MPIError) {
    self.storage = storage
    self.direction = direction
    switch direction {
    case .send: storage.requireReadable()
    case .receive: storage.requireWritable()
    }
    try check(function) { call(&handle) }
    mark(+1)
    isActive = true
  }

  private func mark(_ change: Int) {
    switch direction {
    case .send: storage.activeSends += change
    case .receive: storage.activeReceives += change
    }
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
    _ = Unmanaged.passRetained(storage)
    isActive = false
  }

  deinit {
    guard isActive, isMPIRunning else { return }
    require(
      Failure.isUnderWay,
      "A \(direction) request was dropped while under way: wait for it, or abandon it when giving up after an error.")
    _ = Unmanaged.passRetained(storage)
  }
}

/// A send under way. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the program.
public struct SendRequest<Element: MPIDatatype>: ~Copyable {
  private var request: ActiveRequest
  private let buffer: MessageBuffer<Element>

  internal init(request: consuming ActiveRequest, buffer: MessageBuffer<Element>) {
    self.request = request
    self.buffer = buffer
  }

  /// Whether the memory may be reused; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits until the memory may be reused and gives it back. The corresponding MPI function is `MPI_Wait`.
  @discardableResult
  public consuming func wait() throws(MPIError) -> MessageBuffer<Element> {
    try request.wait()
    return buffer
  }

  /// Gives up on the message; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

/// A receive under way. It must end in `wait` (or, after an error, in `abandon`): dropping it stops the program.
public struct ReceiveRequest<Element: MPIDatatype>: ~Copyable {
  private var request: ActiveRequest
  private let buffer: MessageBuffer<Element>

  internal init(request: consuming ActiveRequest, buffer: MessageBuffer<Element>) {
    self.request = request
    self.buffer = buffer
  }

  /// Whether the message has arrived; `wait` then returns at once. The corresponding MPI function is `MPI_Test`.
  public mutating func test() throws(MPIError) -> Bool { try request.test() }

  /// Waits for the message and hands out its memory. The corresponding MPI function is `MPI_Wait`.
  ///
  /// - Throws: `MPIError` of class `truncated` when the message is longer than the memory.
  public consuming func wait() throws(MPIError) -> (buffer: MessageBuffer<Element>, status: Status) {
    try request.wait()
    return (buffer, request.status)
  }

  /// Gives up on the message; its memory is never freed. For use when an error ends the run.
  public consuming func abandon() { request.abandon() }
}

extension Communicator {
  /// Starts to send the elements of a buffer, which must not be written until the request's `wait` gives it back.
  ///
  /// Called by the sender; the destination must receive. The corresponding MPI function is `MPI_Isend`.
  public func startSend<T: MPIDatatype>(_ buffer: MessageBuffer<T>, to destination: Int?, tag: Int = 0)
    throws(MPIError) -> SendRequest<T>
  {
    let (count, destination, tag) = (checkedCount(buffer.count), checkedDestination(destination), checkedTag(tag))
    let request = try ActiveRequest(.send, buffer, "MPI_Isend") { request in
      MPI_Isend(buffer.rawPointer, count, T.datatype.handle, destination, tag, handle, &request)
    }
    return SendRequest(request: request, buffer: buffer)
  }

  /// Starts to send a copy of an array. The corresponding MPI function is `MPI_Isend`.
  public func startSend<T: MPIDatatype>(_ values: [T], to destination: Int?, tag: Int = 0) throws(MPIError)
    -> SendRequest<T>
  {
    try startSend(MessageBuffer(values), to: destination, tag: tag)
  }

  /// Starts to receive into a buffer, which must not be touched until the request's `wait` gives it back.
  ///
  /// Called by the receiver; the source must send. The corresponding MPI function is `MPI_Irecv`.
  public func startReceive<T: MPIDatatype>(into buffer: MessageBuffer<T>, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<T>
  {
    let (count, source, tag) = (checkedCount(buffer.count), checkedSource(source), checkedReceiveTag(tag))
    let request = try ActiveRequest(.receive, buffer, "MPI_Irecv") { request in
      MPI_Irecv(buffer.rawPointer, count, T.datatype.handle, source, tag, handle, &request)
    }
    return ReceiveRequest(request: request, buffer: buffer)
  }

  /// Starts to receive up to `count` elements into memory that only the request's `wait` hands out, so that nothing can
  /// read it early. Elements beyond the message's length have the value `fill`.
  ///
  /// The corresponding MPI function is `MPI_Irecv`.
  public func startReceive<T: MPIDatatype>(filling fill: T, count: Int, from source: Int?, tag: Int = 0)
    throws(MPIError) -> ReceiveRequest<T>
  {
    try startReceive(into: MessageBuffer(repeating: fill, count: count), from: source, tag: tag)
  }
}
