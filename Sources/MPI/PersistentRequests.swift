// Messages that are described once and sent many times.

internal import CMPI

/// Sends and receives that are set up once and then started together any number of times, as in a halo exchange.
///
/// It keeps its buffers alive. From the start of a message until it is waited for, its buffer belongs to MPI: touching
/// it through its checked members stops the program. To start messages and to wait for them reserves no memory.
///
/// The messages are numbered from 0 in the order in which they were added, and can be started and waited for one by one
/// too.
public final class PersistentRequests {
  private struct Message {
    let storage: MessageStorage
    // MPI's own reference to the type of the elements is not promised to outlive ours.
    let datatype: Datatype
    let isReceive: Bool
    var isActive = false
  }

  // Only the thread that calls MPI comes here, and nothing that is called meanwhile comes back: a check of exclusive
  // access for each of them would be a measurable part of an exchange.
  @exclusivity(unchecked) private var handles: [MPI_Request] = []
  @exclusivity(unchecked) private var messages: [Message] = []
  @exclusivity(unchecked) private var statuses: [MPI_Status] = []
  @exclusivity(unchecked) private var activeCount = 0
  // Messages cannot outlive the group that they travel in.
  private let communicator: AnyCommunicator

  /// A list without messages yet, whose ranks will be those of `communicator`.
  public init(over communicator: AnyCommunicator) { self.communicator = communicator }

  /// How many messages there are.
  public var count: Int { handles.count }
  /// Whether messages are under way.
  public var isActive: Bool { activeCount > 0 }

  deinit {
    guard isMPIRunning else { return }
    if isActive {
      require(
        Failure.isUnderWay,
        "Persistent requests were dropped while under way: wait for them, or abandon them when giving up after an error."
      )
      leakBuffers()
      return
    }
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    for index in handles.indices { _ = MPI_Request_free(&handles[index]) }
  }
}

// MARK: Describing

extension PersistentRequests {
  /// Adds a send of the elements of a buffer or a section of one.
  ///
  /// - Parameters:
  ///   - buffer: a `MessageBuffer` or a section of one; its elements are read after each `start`.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - tag: a number that the receiver asks for.
  ///   - mode: when a send is complete.
  /// - Returns: the number of the message.
  ///
  /// Called by the sender. The corresponding MPI function is `MPI_Send_init`, or for the other modes `MPI_Ssend_init`,
  /// `MPI_Rsend_init` and `MPI_Bsend_init`.
  @discardableResult
  public func addSend<Buffer: OwnedBuffer>(
    of buffer: Buffer, to destination: Int?, tag: Int = 0, mode: SendMode = .standard
  ) throws(MPIError) -> Int {
    try addSend(buffer.storage, buffer.address, buffer.count, buffer.datatype, destination, tag, mode)
  }

  /// Adds a receive into a buffer or a section of one.
  ///
  /// - Parameters:
  ///   - buffer: a `MessageBuffer` or a section of one, where the elements go after each `start`; it may be longer than
  ///     the message.
  ///   - source: the rank that sends them, or `Communicator.anySource`; nil is nobody.
  ///   - tag: the tag of the message, or `Communicator.anyTag`.
  /// - Returns: the number of the message.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Recv_init`.
  @discardableResult
  public func addReceive<Buffer: OwnedBuffer>(into buffer: Buffer, from source: Int?, tag: Int = 0) throws(MPIError)
    -> Int
  {
    try addReceive(buffer.storage, buffer.address, buffer.count, buffer.datatype, source, tag)
  }

  private func addSend(
    _ storage: MessageStorage, _ data: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype,
    _ destination: Int?, _ tag: Int, _ mode: SendMode
  ) throws(MPIError) -> Int {
    requireIdle()
    let (rank, tag) = (communicator.checkedDestination(destination), communicator.checkedTag(tag))
    let group = communicator.handle
    var request = cmpi_request_null()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch mode {
      case .standard:
        try check("MPI_Send_init") { MPI_Send_init(data, count, type, rank, tag, group, &request) }
      case .synchronous:
        try check("MPI_Ssend_init") { MPI_Ssend_init(data, count, type, rank, tag, group, &request) }
      case .ready:
        try check("MPI_Rsend_init") { MPI_Rsend_init(data, count, type, rank, tag, group, &request) }
      case .buffered:
        try check("MPI_Bsend_init") { MPI_Bsend_init(data, count, type, rank, tag, group, &request) }
      }
    }
    return add(request, Message(storage: storage, datatype: datatype, isReceive: false))
  }

  private func addReceive(
    _ storage: MessageStorage, _ data: UnsafeMutableRawPointer, _ count: Int, _ datatype: Datatype, _ source: Int?,
    _ tag: Int
  ) throws(MPIError) -> Int {
    requireIdle()
    let (source, tag) = (communicator.checkedSource(source), communicator.checkedReceiveTag(tag))
    var request = cmpi_request_null()
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Recv_init") { MPI_Recv_init(data, count, type, source, tag, communicator.handle, &request) }
    }
    return add(request, Message(storage: storage, datatype: datatype, isReceive: true))
  }

  private func add(_ request: MPI_Request, _ message: Message) -> Int {
    handles.append(request)
    messages.append(message)
    statuses.append(MPI_Status())
    return handles.count - 1
  }

  private func requireIdle() {
    require(!isActive, "A message was added while the requests were under way: wait for them first.")
  }
}

// MARK: Under way

// One request after another, not all in one call: with Open MPI 4.1, MPI_Testall does not report that the message of a
// persistent request was too long, and MPI_Waitall may spin for ever on it.
extension PersistentRequests {
  /// Sends and receives all messages once more; they travel until `wait` returns.
  ///
  /// Called by all partners of the messages. The corresponding MPI function is `MPI_Startall`.
  public func start() throws(MPIError) {
    require(!isActive, "Persistent requests were started while under way: wait for them first.")
    for index in messages.indices { requireFree(messages[index]) }
    let count = CInt(truncatingIfNeeded: handles.count)
    try check("MPI_Startall") { MPI_Startall(count, &handles) }
    for index in messages.indices { begin(index) }
  }

  /// Sends or receives one message once more; it travels until `wait(for:)` or `wait` returns.
  ///
  /// Called by both partners of the message. The corresponding MPI function is `MPI_Start`.
  public func start(_ index: Int) throws(MPIError) {
    requireIndex(index)
    require(
      !messages[index].isActive,
      "Message \(index) of persistent requests was started while under way: wait for it first."
    )
    requireFree(messages[index])
    try check("MPI_Start") { MPI_Start(&handles[index]) }
    begin(index)
  }

  /// Whether all messages are done; true at once when none is under way.
  ///
  /// - Throws: `MPIError` when one of them failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Test`, called for each message until one is not done.
  public func test() throws(MPIError) -> Bool {
    if !isActive { return true }
    for index in messages.indices where try !isDone(index) { return false }
    return true
  }

  /// Whether a message is done; true at once when it is not under way.
  ///
  /// - Throws: `MPIError` when it failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Test`.
  public func test(_ index: Int) throws(MPIError) -> Bool {
    requireIndex(index)
    return try isDone(index)
  }

  /// Waits until all messages are done; returns at once when none is under way.
  ///
  /// - Throws: `MPIError` when one of them failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Wait`, called for each message.
  public func wait() throws(MPIError) {
    if !isActive { return }
    for index in messages.indices { try finish(index) }
  }

  /// Waits until a message is done; returns at once when it is not under way.
  ///
  /// - Throws: `MPIError` when it failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Wait`.
  public func wait(for index: Int) throws(MPIError) {
    requireIndex(index)
    try finish(index)
  }

  /// Waits until one of the messages under way is done, and returns its number; nil when none is under way.
  ///
  /// - Throws: `MPIError` when one of them failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Waitany`.
  public func waitAny() throws(MPIError) -> Int? {
    if !isActive { return nil }
    var (index, status) = (cmpi_undefined(), MPI_Status())
    let count = CInt(truncatingIfNeeded: handles.count)
    do throws(MPIError) {
      try check("MPI_Waitany") { MPI_Waitany(count, &handles, &index, &status) }
    } catch {
      endAfterError()
      throw error
    }
    statuses[Int(index)] = status
    end(Int(index))
    return Int(index)
  }

  /// Who sent the message that a receive got last and how long it is.
  public func status(of index: Int) -> Status {
    requireIndex(index)
    require(!messages[index].isActive, "The status of message \(index) is known when it is done: wait for it first.")
    var status = Status()
    status.value = statuses[index]
    return status
  }

  /// Gives up on the messages under way; their memory is never freed. For use when an error ends the run.
  public func abandon() {
    guard isActive else { return }
    leakBuffers()
    (handles, messages, statuses) = ([], [], [])
    activeCount = 0
  }

  private func requireIndex(_ index: Int) {
    require(
      index >= 0 && index < count,
      count == 0
        ? "There is no message \(index): none was added." : "A message is from 0 to \(count - 1), not \(index).")
  }

  private func requireFree(_ message: Message) {
    if message.isReceive { message.storage.requireWritable() } else { message.storage.requireReadable() }
  }

  private func mark(_ message: Message, _ change: Int) {
    if message.isReceive { message.storage.activeReceives += change } else { message.storage.activeSends += change }
    activeCount += change
  }

  private func begin(_ index: Int) {
    messages[index].isActive = true
    mark(messages[index], +1)
  }

  /// Takes a buffer back when its message is done.
  private func end(_ index: Int) {
    messages[index].isActive = false
    mark(messages[index], -1)
  }

  private func isDone(_ index: Int) throws(MPIError) -> Bool {
    guard messages[index].isActive else { return true }
    var isDone: CInt = 0
    do throws(MPIError) {
      try check("MPI_Test") { MPI_Test(&handles[index], &isDone, &statuses[index]) }
    } catch {
      endAfterError()
      throw error
    }
    if isDone != 0 { end(index) }
    return isDone != 0
  }

  private func finish(_ index: Int) throws(MPIError) {
    guard messages[index].isActive else { return }
    do throws(MPIError) {
      try check("MPI_Wait") { MPI_Wait(&handles[index], &statuses[index]) }
    } catch {
      endAfterError()
      throw error
    }
    end(index)
  }

  private func leakBuffers() {
    for message in messages { _ = Unmanaged.passRetained(message.storage) }
  }

  /// After the failure of one message the others may still be under way, perhaps for ever: then their memory is left to
  /// MPI, and so are the requests.
  private func endAfterError() {
    for index in messages.indices where messages[index].isActive {
      var isDone: CInt = 0
      // A second error changes nothing: whoever reports one is done.
      let code = MPI_Test(&handles[index], &isDone, &statuses[index])
      if code != MPI_SUCCESS || isDone != 0 { end(index) }
    }
    abandon()
  }
}
