// Counts what a piece of code asks of the memory allocator.

internal import AllocationCounter

/// Whether the package was built without optimization, so that what is measured says little.
public var isDebugBuild: Bool {
  #if DEBUG
    true
  #else
    false
  #endif
}

/// How many blocks of memory the calling thread asked for while `body` ran, in Swift or in any C library.
public func allocations(during body: () throws -> Void) rethrows -> Int {
  let before = allocation_count()
  try body()
  return allocation_count() - before
}
