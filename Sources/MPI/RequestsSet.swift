// Several messages and collectives under way, waited for together.

/// Operations of any kind that are under way and waited for together, and what they will give.
///
/// The set takes requests over and hands out what they give, each once, when they are complete. It must end empty (or,
/// after an error, in `abandon`): dropping it with requests under way stops the program. Requests may be added at any
/// time, and a set that is used again and again reserves no memory for them.
///
/// ```swift
/// var arriving = RequestSet<MessageBuffer<Double>>()
/// for rank in 0..<world.size { arriving.add(try world.startReceive(filling: 0, count: 8, from: rank)) }
/// while let message = try arriving.waitAny() { print(message.status.source!, message.result.array) }
/// ```
///
/// When one of the operations fails, the call that finds out throws its error and takes it out of the set. The others
/// stay, also those that were found complete with it: the next call goes on with them.
public struct RequestSet<Result>: ~Copyable {
  /// A request that is complete.
  public struct Completion {
    /// What `add` returned for it.
    public let index: Int
    /// What it gives: the buffer of a message, or what was said when it was added.
    public let result: Result
    /// For a receive, who sent the message and how long it is.
    public let status: Status
  }

  private var requests = RequestList()
  private var results: [Result?] = []

  /// A set without requests yet.
  public init() {}

  /// How many requests have not been handed out.
  public var count: Int { requests.count }
  /// Whether all requests have been handed out.
  public var isEmpty: Bool { requests.count == 0 }

  /// Takes over a request.
  ///
  /// - Returns: its number in the set, which is free for another when it has been handed out: 0, 1, 2 and so on for those
  ///   added to an empty set.
  @discardableResult
  public mutating func add(_ request: consuming Request<Result>) -> Int {
    let result = request.result
    return add(request.request, giving: result, isReceive: false)
  }

  /// Takes over a request of another kind, and takes down what the set is to hand out for it.
  ///
  /// - Parameters:
  ///   - request: the request.
  ///   - result: makes of what the request gives what the set hands out. It is called at once and must not touch the
  ///     elements of a buffer, which stops the program.
  /// - Returns: its number in the set.
  @discardableResult
  public mutating func add<Other>(_ request: consuming Request<Other>, giving result: (Other) -> Result) -> Int {
    let result = result(request.result)
    return add(request.request, giving: result, isReceive: false)
  }

  /// Takes over a receive.
  ///
  /// - Returns: its number in the set.
  @discardableResult
  public mutating func add(_ request: consuming ReceiveRequest<Result>) -> Int where Result: OwnedBuffer {
    let result = request.buffer
    return add(request.request, giving: result, isReceive: true)
  }

  /// Takes over a receive of another kind, and takes down what the set is to hand out for it.
  ///
  /// - Parameters:
  ///   - request: the receive.
  ///   - result: makes of its buffer what the set hands out. It is called at once and must not touch the elements of the
  ///     buffer, which stops the program.
  /// - Returns: its number in the set.
  @discardableResult
  public mutating func add<Buffer: OwnedBuffer>(
    _ request: consuming ReceiveRequest<Buffer>, giving result: (Buffer) -> Result
  ) -> Int {
    let result = result(request.buffer)
    return add(request.request, giving: result, isReceive: true)
  }

  private mutating func add(_ request: consuming ActiveRequest, giving result: Result, isReceive: Bool) -> Int {
    let index = requests.add(request, isReceive: isReceive)
    if index == results.count { results.append(result) } else { results[index] = result }
    return index
  }

  /// Asks MPI to give up the receives that have no message yet. They stay in the set and complete like others; their
  /// status tells whether they were given up (`Status.isCancelled`).
  ///
  /// The corresponding MPI function is `MPI_Cancel`.
  public mutating func cancelReceives() throws(MPIError) { try requests.cancelReceives() }

  /// Gives up on the requests; their memory is never freed. For use when an error ends the run.
  public consuming func abandon() { requests.abandon() }

  private mutating func throwFailure() throws(MPIError) {
    guard let failure = requests.takeFailure() else { return }
    results[failure.index] = nil
    throw failure.error
  }

  private mutating func takeFinished() -> Completion? {
    guard let (index, status) = requests.takeFinished(), let result = results[index] else { return nil }
    results[index] = nil
    return Completion(index: index, result: result, status: status)
  }

  private mutating func takeAllFinished() -> [Completion] {
    var completions: [Completion] = []
    completions.reserveCapacity(requests.count)
    while let completion = takeFinished() { completions.append(completion) }
    return completions
  }
}

// MARK: Waiting

extension RequestSet {
  /// Waits until one of the requests is complete and hands it out; nil when none is left. It reserves no memory.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Waitany`.
  public mutating func waitAny() throws(MPIError) -> Completion? {
    try throwFailure()
    try requests.waitAny()
    try throwFailure()
    return takeFinished()
  }

  /// Waits until at least one of the requests is complete and hands out all that are, from the lowest number to the
  /// highest; none when none is left.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Waitsome`.
  public mutating func waitSome() throws(MPIError) -> [Completion] {
    try throwFailure()
    try requests.waitSome()
    try throwFailure()
    return takeAllFinished()
  }

  /// Waits until all requests are complete and hands them out, from the lowest number to the highest.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Waitall`; what is called is `MPI_Waitsome` until none is left, since the
  /// former does not return in every case where a request failed.
  @discardableResult
  public mutating func waitAll() throws(MPIError) -> [Completion] {
    try throwFailure()
    try requests.waitAll()
    try throwFailure()
    return takeAllFinished()
  }

  /// Hands out one of the requests if one is complete; nil when none is. It reserves no memory.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Testany`.
  public mutating func testAny() throws(MPIError) -> Completion? {
    try throwFailure()
    try requests.testAny()
    try throwFailure()
    return takeFinished()
  }

  /// Hands out the requests that are complete, from the lowest number to the highest; none when none is.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Testsome`.
  public mutating func testSome() throws(MPIError) -> [Completion] {
    try throwFailure()
    try requests.testSome()
    try throwFailure()
    return takeAllFinished()
  }

  /// Hands out all requests, from the lowest number to the highest, if all are complete; nil when one is not.
  ///
  /// - Throws: the `MPIError` of a request that failed.
  ///
  /// The corresponding MPI function is `MPI_Testall`.
  public mutating func testAll() throws(MPIError) -> [Completion]? {
    try throwFailure()
    let isDone = try requests.testAll()
    try throwFailure()
    return isDone ? takeAllFinished() : nil
  }
}
