// Operations under way whose completion is asked for together, whatever they give.

internal import CMPI

/// The operations of a `RequestSet`, each in a place of its own, numbered from 0.
///
/// What MPI tells of them is taken down first and handed out afterwards, since one call may complete some and find that
/// others failed.
internal struct RequestList: ~Copyable {
  private struct Place {
    let memory: RequestMemory
    let isReceive: Bool
    var status: Status
    var isActive: Bool
  }

  private var handles: [MPI_Request] = []
  private var places: [Place] = []
  // What MPI writes the outcome of a call to.
  private var statuses: [MPI_Status] = []
  private var indices: [CInt] = []
  private var finished: [Int] = []
  private var failures: [(index: Int, error: MPIError)] = []
  private var free: [Int] = []
  private var activeCount = 0

  /// How many operations have not been handed out.
  var count: Int { places.count - free.count }
  /// Whether MPI need not be asked: something is to be handed out, or nothing is under way.
  private var isSettled: Bool { !finished.isEmpty || activeCount == 0 }
  private var size: CInt { CInt(truncatingIfNeeded: places.count) }

  deinit {
    guard activeCount > 0, isMPIRunning else { return }
    // What MPI may still use is never given back.
    require(
      Failure.isUnderWay,
      "A request set was dropped with requests under way: wait for all, or abandon it when giving up after an error.")
  }

  /// Adds an operation and returns its place, the first one when the list is empty.
  mutating func add(_ request: consuming ActiveRequest, isReceive: Bool) -> Int {
    let isActive = request.isActive
    let (handle, memory, status) = request.handOver()
    let place = Place(memory: memory, isReceive: isReceive, status: status, isActive: isActive)
    if count == 0 {
      free.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
      handles.removeAll(keepingCapacity: true)
    }
    let index = free.popLast() ?? places.count
    if index < places.count {
      places[index] = place
      handles[index] = handle
    } else {
      places.append(place)
      handles.append(handle)
    }
    while statuses.count < places.count {
      statuses.append(MPI_Status())
      indices.append(0)
    }
    if isActive { activeCount += 1 } else { finished.append(index) }
    return index
  }

  /// A complete operation, whose place is free from then on: the one in the lowest place.
  mutating func takeFinished() -> (index: Int, status: Status)? {
    guard let index = finished.popLast() else { return nil }
    free.append(index)
    return (index, places[index].status)
  }

  /// An operation that failed, whose place is free from then on.
  mutating func takeFailure() -> (index: Int, error: MPIError)? {
    guard let failure = failures.popLast() else { return nil }
    free.append(failure.index)
    return failure
  }

  /// Asks MPI to give up the receives that have no message yet.
  mutating func cancelReceives() throws(MPIError) {
    for index in places.indices where places[index].isActive && places[index].isReceive {
      try check("MPI_Cancel") { MPI_Cancel(&handles[index]) }
    }
  }

  /// Leaves all operations to MPI.
  mutating func abandon() { activeCount = 0 }
}

// MARK: What became of them

extension RequestList {
  /// After an error too, MPI is done with the memory.
  private mutating func settle(_ index: Int) {
    places[index].memory.giveBack()
    places[index].isActive = false
    handles[index] = cmpi_request_null()
    activeCount -= 1
  }

  private mutating func complete(_ index: Int, _ status: MPI_Status) {
    settle(index)
    places[index].status.value = status
    finished.append(index)
  }

  private mutating func fail(_ index: Int, _ error: MPIError) {
    settle(index)
    failures.append((index, error))
  }

  /// Takes down what a status tells of the operation in a place, after a call that found some to have failed.
  private mutating func takeDown(_ status: MPI_Status, of index: Int, _ function: StaticString) {
    if status.MPI_ERROR == MPI_SUCCESS { return complete(index, status) }
    let error = MPIError(function: "\(function)", code: status.MPI_ERROR)
    if error.errorClass != .pending { fail(index, error) }
  }

  /// Calls MPI for all operations. False when statuses tell which of them failed; other errors are thrown.
  private static func succeeds(_ function: StaticString, _ call: () -> CInt) throws(MPIError) -> Bool {
    do throws(MPIError) {
      try check(function, call)
      return true
    } catch {
      if error.errorClass != .inStatus { throw error }
      return false
    }
  }

  /// The error of a call for one operation: it is that operation's when MPI says which.
  private mutating func fail(_ index: CInt, _ error: MPIError) throws(MPIError) {
    guard places.indices.contains(Int(index)), places[Int(index)].isActive else { throw error }
    fail(Int(index), error)
  }
}

// MARK: Asking MPI

extension RequestList {
  /// Returns when at least one is complete or failed, or none is left.
  mutating func waitAny() throws(MPIError) {
    if isSettled { return }
    var (index, status) = (cmpi_undefined(), MPI_Status())
    let size = size
    do throws(MPIError) {
      try check("MPI_Waitany") { MPI_Waitany(size, &handles, &index, &status) }
      complete(Int(index), status)
    } catch {
      try fail(index, error)
    }
  }

  mutating func testAny() throws(MPIError) {
    if isSettled { return }
    var (index, isDone, status) = (cmpi_undefined(), CInt(0), MPI_Status())
    let size = size
    do throws(MPIError) {
      try check("MPI_Testany") { MPI_Testany(size, &handles, &index, &isDone, &status) }
      if isDone != 0 { complete(Int(index), status) }
    } catch {
      try fail(index, error)
    }
  }

  mutating func waitSome() throws(MPIError) {
    if !isSettled { try askForSome() }
    finished.sort(by: >)
  }

  private mutating func askForSome() throws(MPIError) {
    var doneCount: CInt = 0
    let size = size
    let isGood = try Self.succeeds("MPI_Waitsome") {
      MPI_Waitsome(size, &handles, &doneCount, &indices, &statuses)
    }
    takeDownSome(Int(doneCount), isGood, "MPI_Waitsome")
  }

  mutating func testSome() throws(MPIError) {
    if !isSettled {
      var doneCount: CInt = 0
      let size = size
      let isGood = try Self.succeeds("MPI_Testsome") {
        MPI_Testsome(size, &handles, &doneCount, &indices, &statuses)
      }
      takeDownSome(Int(doneCount), isGood, "MPI_Testsome")
    }
    finished.sort(by: >)
  }

  // Not MPI_Waitall: that of Open MPI 4.1 spins for ever on a request that had failed before, when threads are in use.
  mutating func waitAll() throws(MPIError) {
    while activeCount > 0 && failures.isEmpty { try askForSome() }
    finished.sort(by: >)
  }

  /// Whether all are complete or failed.
  mutating func testAll() throws(MPIError) -> Bool {
    if activeCount > 0 {
      var isDone: CInt = 0
      let size = size
      let isGood = try Self.succeeds("MPI_Testall") { MPI_Testall(size, &handles, &isDone, &statuses) }
      if isGood && isDone == 0 { return false }
      takeDownAll(isGood, "MPI_Testall")
    }
    finished.sort(by: >)
    return true
  }

  private mutating func takeDownSome(_ doneCount: Int, _ isGood: Bool, _ function: StaticString) {
    for number in 0..<doneCount {
      let (index, status) = (Int(indices[number]), statuses[number])
      if isGood { complete(index, status) } else { takeDown(status, of: index, function) }
    }
  }

  private mutating func takeDownAll(_ isGood: Bool, _ function: StaticString) {
    for index in places.indices where places[index].isActive {
      if isGood { complete(index, statuses[index]) } else { takeDown(statuses[index], of: index, function) }
    }
  }
}
