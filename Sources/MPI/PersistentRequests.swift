// Messages that are described once and sent many times.

internal import CMPI

/// Sends and receives that are set up once and then started together any number of times, as in a halo exchange.
///
/// It keeps its buffers alive. Between `start` and the end of `wait` they belong to MPI: touching one through its checked
/// members stops the program. `start`, `test` and `wait` reserve no memory.
public final class PersistentRequests {
  private struct Use {
    let storage: MessageStorage
    let isReceive: Bool
  }

  private var handles: [MPI_Request] = []
  private var uses: [Use] = []
  // Messages cannot outlive the group that they travel in.
  private let communicator: AnyCommunicator
  // The messages of this round that are known to be done are the first ones.
  private var doneCount = 0
  /// Whether messages are under way.
  public private(set) var isActive = false

  /// A list without messages yet, whose ranks will be those of `communicator`.
  public init(over communicator: AnyCommunicator) { self.communicator = communicator }

  /// How many messages there are.
  public var count: Int { handles.count }

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

  /// Adds a send of some elements of a buffer.
  ///
  /// - Parameters:
  ///   - buffer: holds the elements, which are read after each `start`.
  ///   - offset: the first element to send.
  ///   - count: how many to send; nil is all from `offset` on.
  ///   - destination: the rank that receives them; nil is nobody.
  ///   - tag: a number that the receiver asks for.
  ///
  /// Called by the sender. The corresponding MPI function is `MPI_Send_init`.
  public func addSend<T: MPIDatatype>(
    of buffer: MessageBuffer<T>, offset: Int = 0, count: Int? = nil, to destination: Int?, tag: Int = 0
  ) throws(MPIError) {
    let (start, count) = part(of: buffer, offset: offset, count: count)
    let (destination, tag) = (communicator.checkedDestination(destination), communicator.checkedTag(tag))
    var request = cmpi_request_null()
    try check("MPI_Send_init") {
      MPI_Send_init(start, count, T.datatype.handle, destination, tag, communicator.handle, &request)
    }
    add(request, Use(storage: buffer, isReceive: false))
  }

  /// Adds a receive into some elements of a buffer.
  ///
  /// - Parameters:
  ///   - buffer: where the elements go after each `start`.
  ///   - offset: the first element to receive.
  ///   - count: how many at most; nil is all from `offset` on.
  ///   - source: the rank that sends them, or `Communicator.anySource`; nil is nobody.
  ///   - tag: the tag of the message, or `Communicator.anyTag`.
  ///
  /// Called by the receiver. The corresponding MPI function is `MPI_Recv_init`.
  public func addReceive<T: MPIDatatype>(
    into buffer: MessageBuffer<T>, offset: Int = 0, count: Int? = nil, from source: Int?, tag: Int = 0
  ) throws(MPIError) {
    let (start, count) = part(of: buffer, offset: offset, count: count)
    let (source, tag) = (communicator.checkedSource(source), communicator.checkedReceiveTag(tag))
    var request = cmpi_request_null()
    try check("MPI_Recv_init") {
      MPI_Recv_init(start, count, T.datatype.handle, source, tag, communicator.handle, &request)
    }
    add(request, Use(storage: buffer, isReceive: true))
  }

  /// Sends and receives all messages once more; they travel until `wait` returns.
  ///
  /// Called by all partners of the messages. The corresponding MPI function is `MPI_Startall`.
  public func start() throws(MPIError) {
    require(!isActive, "Persistent requests were started while under way: wait for them first.")
    for use in uses {
      if use.isReceive { use.storage.requireWritable() } else { use.storage.requireReadable() }
    }
    let count = CInt(truncatingIfNeeded: handles.count)
    try check("MPI_Startall") { MPI_Startall(count, &handles) }
    mark(+1)
    doneCount = 0
    isActive = true
  }

  // One request after another, not all in one call: with Open MPI 4.1, MPI_Testall does not report that the message of a
  // persistent request was too long, and MPI_Waitall may spin for ever on it.

  /// Whether all messages are done; true at once when none is under way.
  ///
  /// - Throws: `MPIError` when one of them failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Test`, called for each message until one is not done.
  public func test() throws(MPIError) -> Bool {
    while isActive && doneCount < handles.count {
      var isDone: CInt = 0
      do throws(MPIError) {
        try check("MPI_Test") { MPI_Test(&handles[doneCount], &isDone, cmpi_status_ignore()) }
      } catch {
        endAfterError()
        throw error
      }
      if isDone == 0 { return false }
      doneCount += 1
    }
    if isActive { end() }
    return true
  }

  /// Waits until all messages are done; returns at once when none is under way.
  ///
  /// - Throws: `MPIError` when one of them failed; the others are then given up as by `abandon`, unless they are done.
  ///
  /// The corresponding MPI function is `MPI_Wait`, called for each message.
  public func wait() throws(MPIError) {
    while isActive && doneCount < handles.count {
      do throws(MPIError) {
        try check("MPI_Wait") { MPI_Wait(&handles[doneCount], cmpi_status_ignore()) }
      } catch {
        endAfterError()
        throw error
      }
      doneCount += 1
    }
    if isActive { end() }
  }

  /// Gives up on the messages under way; their memory is never freed. For use when an error ends the run.
  public func abandon() {
    guard isActive else { return }
    leakBuffers()
    handles = []
    uses = []
    isActive = false
  }
}

extension PersistentRequests {
  private func part<T: MPIDatatype>(of buffer: MessageBuffer<T>, offset: Int, count: Int?)
    -> (UnsafeMutablePointer<T>, CInt)
  {
    require(!isActive, "A message was added while the requests were under way: wait for them first.")
    require(
      offset >= 0 && offset <= buffer.count, "An offset into this buffer is from 0 to \(buffer.count), not \(offset).")
    let count = count ?? buffer.count - offset
    require(
      count >= 0 && count <= buffer.count - offset,
      "From element \(offset) on, this buffer holds \(buffer.count - offset) elements, not \(count).")
    return (buffer.baseAddress + offset, checkedCount(count))
  }

  private func add(_ request: MPI_Request, _ use: Use) {
    handles.append(request)
    uses.append(use)
  }

  private func mark(_ change: Int) {
    for use in uses {
      if use.isReceive { use.storage.activeReceives += change } else { use.storage.activeSends += change }
    }
  }

  private func leakBuffers() {
    for use in uses { _ = Unmanaged.passRetained(use.storage) }
  }

  /// Takes the buffers back when all messages are done.
  private func end() {
    mark(-1)
    isActive = false
  }

  /// After the failure of one message the others may still be under way, perhaps for ever: then their memory is left to
  /// MPI, and so are the requests.
  private func endAfterError() {
    var allAreDone = true
    for index in handles.indices {
      var isDone: CInt = 0
      // A second error changes nothing: whoever reports one is done.
      let code = MPI_Test(&handles[index], &isDone, cmpi_status_ignore())
      if code == MPI_SUCCESS && isDone == 0 { allAreDone = false }
    }
    if allAreDone { end() } else { abandon() }
  }
}
