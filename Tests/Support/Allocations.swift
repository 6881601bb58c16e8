// Counts what a piece of code asks of the memory allocator.

internal import AllocationCounter

/// How many blocks of memory the calling thread asked for while `body` ran, in Swift or in any C library.
public func allocations(during body: () throws -> Void) rethrows -> Int {
  let before = allocation_count()
  try body()
  return allocation_count() - before
}
