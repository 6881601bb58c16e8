// Epochs that only the accessing process takes part in: locks.

internal import CMPI

/// Who else may hold the lock of a process's memory.
public enum WindowLock: Sendable {
  /// Nobody.
  case exclusive
  /// Others that lock it as shared too.
  case shared

  fileprivate var value: CInt { self == .exclusive ? CInt(MPI_LOCK_EXCLUSIVE) : CInt(MPI_LOCK_SHARED) }
}

/// A time in which this process holds the lock of the memory of one process, or of all. It must end in `unlock`: dropping
/// it stops the program.
public struct LockEpoch<Home: AnyWindow>: AccessEpoch, ~Copyable {
  public let window: Home
  // Nil is all.
  @usableFromInline internal let rank: Int?
  @usableFromInline internal var isOpen = true

  @inlinable
  internal init(_ window: Home, _ rank: Int?) {
    self.window = window
    self.rank = rank
  }

  /// Completes all accesses and gives the lock back.
  ///
  /// The corresponding MPI functions are `MPI_Win_unlock` and `MPI_Win_unlock_all`.
  @inlinable
  public consuming func unlock() throws(MPIError) {
    isOpen = false
    try window.unlock(rank)
  }

  @inlinable
  deinit { requireEnd(isOpen, "The lock of a window's memory was dropped: unlock it.") }
}

extension EpochWindow {
  /// Runs `body` while this process holds the lock of a process's memory. When it returns, all accesses are complete on
  /// both sides.
  ///
  /// - Parameters:
  ///   - rank: the process, which may be this one: so it sees what others did to its own memory.
  ///   - lock: who else may hold it.
  ///   - isAlone: whether the program knows that nobody else wants the lock, so that MPI need not ask.
  ///   - body: what accesses the memory.
  ///
  /// Called by the accessing process alone, when it does not hold that lock. The corresponding MPI functions are
  /// `MPI_Win_lock` and `MPI_Win_unlock`.
  @inlinable
  public func locked<R>(
    _ rank: Int, _ lock: WindowLock, isAlone: Bool = false,
    _ body: (borrowing LockEpoch<Self>) throws -> R
  ) throws -> R {
    try run(self.lock(rank, lock, isAlone: isAlone), body)
  }

  /// Runs `body` while this process holds a shared lock of all memory. When it returns, all accesses are complete on
  /// both sides.
  ///
  /// - Parameters:
  ///   - isAlone: whether the program knows that nobody wants an exclusive lock, so that MPI need not ask.
  ///   - body: what to do.
  ///
  /// Called by the accessing process alone, outside of other accesses. The corresponding MPI functions are
  /// `MPI_Win_lock_all` and `MPI_Win_unlock_all`.
  @inlinable
  public func lockedAll<R>(isAlone: Bool = false, _ body: (borrowing LockEpoch<Self>) throws -> R) throws -> R {
    try run(lockAll(isAlone: isAlone), body)
  }

  @inlinable
  internal func run<R>(
    _ epoch: consuming LockEpoch<Self>, _ body: (borrowing LockEpoch<Self>) throws -> R
  ) throws -> R {
    let result: R
    do {
      result = try body(epoch)
    } catch {
      // Others may wait for the lock; what `body` threw says more than a second failure.
      try? epoch.unlock()
      throw error
    }
    try epoch.unlock()
    return result
  }

  /// Takes the lock of a process's memory, until the result's `unlock`; see `locked`.
  ///
  /// The corresponding MPI function is `MPI_Win_lock`.
  @inlinable
  public func lock(_ rank: Int, _ lock: WindowLock, isAlone: Bool = false) throws(MPIError) -> LockEpoch<Self> {
    try takeLock(rank, lock, isAlone)
    return LockEpoch(self, rank)
  }

  /// Takes a shared lock of all memory, until the result's `unlock`; see `lockedAll`.
  ///
  /// The corresponding MPI function is `MPI_Win_lock_all`.
  @inlinable
  public func lockAll(isAlone: Bool = false) throws(MPIError) -> LockEpoch<Self> {
    try takeAllLocks(isAlone)
    return LockEpoch(self, nil)
  }
}

extension AnyWindow {
  @usableFromInline
  internal final func takeLock(_ rank: Int, _ lock: WindowLock, _ isAlone: Bool) throws(MPIError) {
    if access.kind != .locks { requireNoEpoch() }
    let size = communicator.size
    require(rank >= 0 && rank < size, "A rank of this window is from 0 to \(size - 1), not \(rank).")
    require(!access.locked[rank], "This process holds the lock of rank \(rank) already.")
    try check("MPI_Win_lock") {
      MPI_Win_lock(lock.value, CInt(rank), isAlone ? CInt(MPI_MODE_NOCHECK) : 0, handle)
    }
    access.kind = .locks
    access.locked[rank] = true
    access.lockCount += 1
  }

  @usableFromInline
  internal final func takeAllLocks(_ isAlone: Bool) throws(MPIError) {
    requireNoEpoch()
    try check("MPI_Win_lock_all") { MPI_Win_lock_all(isAlone ? CInt(MPI_MODE_NOCHECK) : 0, handle) }
    access.kind = .lockAll
  }

  @usableFromInline
  internal final func unlock(_ rank: Int?) throws(MPIError) {
    defer {
      uses.end(rank)
      if let rank {
        access.locked[rank] = false
        access.lockCount -= 1
      }
      if access.lockCount == 0 { access.kind = .none }
    }
    if let rank {
      try check("MPI_Win_unlock") { MPI_Win_unlock(CInt(rank), handle) }
    } else {
      try check("MPI_Win_unlock_all") { MPI_Win_unlock_all(handle) }
    }
  }

  /// Makes what this process stored in its own memory known to others, and what others wrote there known to it, when a
  /// lock of all is held for long.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Win_sync`.
  public final func sync() throws(MPIError) {
    requireAlive()
    try check("MPI_Win_sync") { MPI_Win_sync(handle) }
  }
}

// MARK: Completing accesses under a lock

extension AnyWindow {
  @usableFromInline
  internal final func flush(_ rank: Int?) throws(MPIError) {
    defer { uses.complete(rank) }
    if let rank {
      let target = flushed(rank)
      try check("MPI_Win_flush") { MPI_Win_flush(target, handle) }
    } else {
      try check("MPI_Win_flush_all") { MPI_Win_flush_all(handle) }
    }
  }

  @usableFromInline
  internal final func flushLocal(_ rank: Int?) throws(MPIError) {
    defer { uses.complete(rank) }
    if let rank {
      let target = flushed(rank)
      try check("MPI_Win_flush_local") { MPI_Win_flush_local(target, handle) }
    } else {
      try check("MPI_Win_flush_local_all") { MPI_Win_flush_local_all(handle) }
    }
  }

  private func flushed(_ rank: Int) -> CInt {
    let size = communicator.size
    require(rank >= 0 && rank < size, "A rank of this window is from 0 to \(size - 1), not \(rank).")
    return covered(rank)
  }
}

extension LockEpoch {
  /// Completes all accesses so far on both sides, and goes on.
  ///
  /// - Parameter rank: the process that was accessed; nil is all of them.
  ///
  /// The corresponding MPI functions are `MPI_Win_flush` and `MPI_Win_flush_all`.
  @inlinable
  public func flush(_ rank: Int? = nil) throws(MPIError) { try window.flush(rank) }

  /// Completes all accesses so far on this side, so that their buffers may be used again.
  ///
  /// - Parameter rank: the process that was accessed; nil is all of them.
  ///
  /// The corresponding MPI functions are `MPI_Win_flush_local` and `MPI_Win_flush_local_all`.
  @inlinable
  public func flushLocal(_ rank: Int? = nil) throws(MPIError) { try window.flushLocal(rank) }

  /// The elements of a place, as soon as they are here.
  ///
  /// Called by the process that reads. The corresponding MPI functions are `MPI_Get` and `MPI_Win_flush`.
  @inlinable
  public func read<Place: RemotePlace>(_ count: Int, from place: Place) throws(MPIError) -> [Place.Element]
  where Place.Home == Home {
    let target = try place.target(in: window, elements: count)
    let buffer = MessageBuffer<Place.Element>(toBeWritten: count)
    try window.get(buffer.rawPointer, count, Place.Element.datatype, buffer, target)
    if target.rank >= 0 { try flush(target.rank) }
    return target.rank >= 0 ? buffer.array : []
  }

  /// Combines a value with an element in the memory of a process, and returns what was there before, at once.
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - place: the element; that of nobody gives `value`.
  ///   - operation: one that MPI has from the start; `noOperation` only reads.
  ///
  /// Called by the process that accesses. The corresponding MPI functions are `MPI_Fetch_and_op` and `MPI_Win_flush`.
  @inlinable
  public func fetchAndOp<Place: RemotePlace>(
    _ value: Place.Element, with place: Place, _ operation: Reduction<Place.Element>
  ) throws(MPIError) -> Place.Element where Place.Home == Home {
    let target = try place.target(in: window, elements: 1)
    var result = value
    try value.withElements { (value, _, datatype) throws(MPIError) in
      try result.withMutableElements { (result, _, _) throws(MPIError) in
        try window.fetchAndOp(value, result!, nil, datatype, target, operation.forWindows)
        if target.rank >= 0 { try flush(target.rank) }
      }
    }
    return result
  }

  /// Replaces an element in the memory of a process when it equals a value, and returns what was there before, at once.
  ///
  /// - Parameters:
  ///   - expected: what the element must be for it to be replaced.
  ///   - desired: what replaces it.
  ///   - place: the element; that of nobody gives `expected`.
  ///
  /// Called by the process that accesses. The corresponding MPI functions are `MPI_Compare_and_swap` and
  /// `MPI_Win_flush`.
  @inlinable
  public func compareAndSwap<Place: RemotePlace>(
    expecting expected: Place.Element, desired: Place.Element, at place: Place
  ) throws(MPIError) -> Place.Element where Place.Element: FixedWidthInteger, Place.Home == Home {
    let target = try place.target(in: window, elements: 1)
    var result = expected
    try expected.withElements { (expected, _, datatype) throws(MPIError) in
      try desired.withElements { (desired, _, _) throws(MPIError) in
        try result.withMutableElements { (result, _, _) throws(MPIError) in
          try window.compareAndSwap(expected, desired, result!, nil, datatype, target)
          if target.rank >= 0 { try flush(target.rank) }
        }
      }
    }
    return result
  }
}
