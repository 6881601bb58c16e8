// Epochs that both sides take part in: fences, and starts that meet posts.

internal import CMPI

/// A time between two fences, in which all processes access each other's memory. It must end in `end`: dropping it stops
/// the program.
public struct FenceEpoch<Home: AnyWindow>: AccessEpoch, ~Copyable {
  public let window: Home
  @usableFromInline internal var isOpen = true

  @inlinable
  internal init(_ window: Home) { self.window = window }

  /// Completes all accesses so far, those of the others to this process's memory included, and goes on.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_fence`.
  @inlinable @inline(__always)
  public func fence() throws(MPIError) { try window.passFence() }

  /// Completes all accesses, those of the others to this process's memory included.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_fence`.
  @inlinable
  public consuming func end() throws(MPIError) {
    isOpen = false
    try window.closeFence()
  }

  @inlinable
  deinit { requireEnd(isOpen, "The epoch after a fence was dropped: end it.") }
}

/// A time in which this process accesses the memory of a group of others, each of which has posted its memory. It must
/// end in `complete`: dropping it stops the program.
public struct StartEpoch<Home: AnyWindow>: AccessEpoch, ~Copyable {
  public let window: Home
  @usableFromInline internal var isOpen = true

  @inlinable
  internal init(_ window: Home) { self.window = window }

  /// Ends the accesses. Their buffers may be used again; what was written is there when the others have waited.
  ///
  /// The corresponding MPI function is `MPI_Win_complete`.
  @inlinable
  public consuming func complete() throws(MPIError) {
    isOpen = false
    try window.complete()
  }

  @inlinable
  deinit { requireEnd(isOpen, "The epoch after a start was dropped: complete it.") }
}

/// Stops the program when an epoch is dropped that has not ended, unless an error is on its way out.
@inlinable
internal func requireEnd(_ isOpen: Bool, _ sentence: @autoclosure () -> String) {
  if isOpen { requireFailure(sentence()) }
}

@usableFromInline
internal func requireFailure(_ sentence: String) { require(Failure.isUnderWay || !isMPIRunning, sentence) }

extension AnyWindow {
  /// Whether others may access the memory of this process in an epoch that it takes part in.
  internal final var isOpenToOthers: Bool { isExposed || access.kind == .fence }

  internal final func requireNoEpoch() {
    requireAlive()
    require(
      access.kind == .none,
      "An epoch of this window begins when the one before it has ended: close it first, and do not nest epochs.")
  }

  private func markMemories(_ change: Int) {
    for memory in memories { memory.markByWindow(isWritten: true, change) }
  }

  @usableFromInline
  internal final func openFence() throws(MPIError) {
    requireNoEpoch()
    require(!isExposed, "A fence begins when what was posted has been waited for.")
    try check("MPI_Win_fence") { MPI_Win_fence(CInt(MPI_MODE_NOPRECEDE), handle) }
    access.kind = .fence
    isFenced = true
    markMemories(+1)
  }

  @inlinable @inline(__always)
  internal final func passFence() throws(MPIError) {
    let code = Calls.fence(0, bits)
    // After an error too, MPI is done with the memory.
    completeReads()
    if hasUses { completeUses() }
    if code != 0 { throw failure("MPI_Win_fence", code) }
  }

  @usableFromInline
  internal final func closeFence() throws(MPIError) {
    defer {
      completeReads()
      source?.release()
      source = nil
      uses.end()
      hasUses = false
      markMemories(-1)
      access.kind = .none
      isFenced = false
    }
    try check("MPI_Win_fence") { MPI_Win_fence(CInt(MPI_MODE_NOSUCCEED), handle) }
  }

  @usableFromInline
  internal final func openAccess(_ group: Group) throws(MPIError) {
    requireNoEpoch()
    try cover(group)
    do throws(MPIError) {
      try check("MPI_Win_start") { MPI_Win_start(group.handle, 0, handle) }
    } catch {
      uncover()
      throw error
    }
    access.kind = .start
  }

  @usableFromInline
  internal final func complete() throws(MPIError) {
    defer {
      uses.end()
      access.kind = .none
      uncover()
    }
    try check("MPI_Win_complete") { MPI_Win_complete(handle) }
  }

  /// Notes which ranks a group has.
  private func cover(_ group: Group) throws(MPIError) {
    // The one before comes again as a rule.
    if access.group !== group {
      access.groupRanks = try group.translate((0..<group.size).map { $0 }, to: communicator.group()).compactMap { $0 }
      access.group = group
    }
    for rank in access.groupRanks { access.locked[rank] = true }
  }

  private func uncover() { for rank in access.groupRanks { access.locked[rank] = false } }

  @usableFromInline
  internal final func openExposure(_ group: Group) throws(MPIError) {
    requireAlive()
    require(!isExposed, "Memory is posted again when what was posted before has been waited for.")
    require(access.kind != .fence, "Memory is posted outside of fences.")
    try check("MPI_Win_post") { MPI_Win_post(group.handle, 0, handle) }
    isExposed = true
    markMemories(+1)
  }

  fileprivate final func endExposure() {
    markMemories(-1)
    isExposed = false
  }
}

extension EpochWindow {
  /// Runs `body` while all processes access each other's memory. When it returns, all that they wrote is there.
  ///
  /// The memory of this process may not be touched in `body`, since others may write to it; its sections may be put
  /// from and got into.
  ///
  /// All processes of the group must call it, outside of other epochs. The corresponding MPI function is `MPI_Win_fence`,
  /// called before and after.
  @inlinable
  public func fence<R>(_ body: (borrowing FenceEpoch<Self>) throws -> R) throws -> R {
    let epoch = try beginFence()
    let result: R
    do {
      result = try body(epoch)
    } catch {
      // The others wait here; what `body` threw says more than a second failure.
      try? epoch.end()
      throw error
    }
    try epoch.end()
    return result
  }

  /// Lets all processes access each other's memory, until the result's `end`; see `fence`.
  ///
  /// All processes of the group must call it, outside of other epochs. The corresponding MPI function is `MPI_Win_fence`.
  @inlinable
  public func beginFence() throws(MPIError) -> FenceEpoch<Self> {
    try openFence()
    return FenceEpoch(self)
  }

  /// Runs `body` while this process may access the memory of the processes of a group.
  ///
  /// When it returns, its buffers may be used again; what it wrote is there when the others have waited.
  ///
  /// Called outside of other accesses; each process of the group must post its memory to this one. The corresponding MPI
  /// functions are `MPI_Win_start` and `MPI_Win_complete`.
  @inlinable
  public func start<R>(accessing group: Group, _ body: (borrowing StartEpoch<Self>) throws -> R) throws -> R {
    let epoch = try start(accessing: group)
    let result: R
    do {
      result = try body(epoch)
    } catch {
      try? epoch.complete()
      throw error
    }
    try epoch.complete()
    return result
  }

  /// Lets this process access the memory of the processes of a group, until the result's `complete`.
  ///
  /// Called outside of other accesses; each process of the group must post its memory to this one. The corresponding MPI
  /// function is `MPI_Win_start`.
  @inlinable
  public func start(accessing group: Group) throws(MPIError) -> StartEpoch<Self> {
    try openAccess(group)
    return StartEpoch(self)
  }

  /// Lets the processes of a group access the memory of this process, until the result's `wait`.
  ///
  /// Each process of the group must start an access to this one. The corresponding MPI function is `MPI_Win_post`.
  public func post(to group: Group) throws(MPIError) -> Exposure {
    try openExposure(group)
    return Exposure(self)
  }
}

/// Memory that was posted to others. It must end in `wait`: dropping it stops the program.
public struct Exposure: ~Copyable {
  private let window: AnyWindow
  private var isOpen = true

  fileprivate init(_ window: AnyWindow) { self.window = window }

  /// Whether all accesses have ended; `wait` then returns at once. The corresponding MPI function is `MPI_Win_test`.
  public mutating func test() throws(MPIError) -> Bool {
    guard isOpen else { return true }
    var isDone: CInt = 0
    do throws(MPIError) {
      try check("MPI_Win_test") { MPI_Win_test(window.handle, &isDone) }
    } catch {
      close()
      throw error
    }
    if isDone != 0 { close() }
    return isDone != 0
  }

  /// Waits until all accesses have ended; what they wrote is then there.
  ///
  /// The corresponding MPI function is `MPI_Win_wait`.
  public consuming func wait() throws(MPIError) {
    guard isOpen else { return }
    defer { close() }
    try check("MPI_Win_wait") { MPI_Win_wait(window.handle) }
  }

  private mutating func close() {
    window.endExposure()
    isOpen = false
  }

  deinit {
    requireEnd(isOpen, "Posted memory of a window was dropped: wait until the others have accessed it.")
  }
}
