// The memory of this process that accesses under way read and write.

internal import CMPI

/// What the accesses of a window use until they are complete. It keeps its own memory for the next ones.
internal struct WindowUses {
  private struct Use {
    let rank: Int
    // Nil for what was copied into `copies`.
    let storage: MessageStorage?
    let isWritten: Bool
  }

  private var uses: [Use] = []
  private var copies = CopiedElements()

  mutating func add(_ storage: MessageStorage?, isWritten: Bool, rank: Int) {
    // Nothing is under way with nobody.
    guard rank >= 0 else { return }
    storage?.markByWindow(isWritten: isWritten, +1)
    uses.append(Use(rank: rank, storage: storage, isWritten: isWritten))
  }

  /// Gives back what accesses to a rank used, or all accesses (nil).
  mutating func complete(_ rank: Int? = nil) {
    for use in uses where rank == nil || use.rank == rank {
      use.storage?.markByWindow(isWritten: use.isWritten, -1)
    }
    if rank == nil {
      uses.removeAll(keepingCapacity: true)
    } else {
      uses.removeAll { $0.rank == rank }
    }
    if uses.isEmpty { copies.removeAll() }
  }

  /// Copies elements to where they stay until all accesses are complete, and returns the address that stands for theirs.
  mutating func copy(_ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError)
    -> UnsafeRawPointer?
  {
    guard let data, count > 0 else { return data }
    let (extent, touched) = (try datatype.extent, try datatype.trueExtent)
    let bytes = touched.count + (count - 1) * extent.count
    let copy = copies.append(data + touched.lowerBound, byteCount: bytes)
    return UnsafeRawPointer(copy - touched.lowerBound)
  }
}

/// A stack of bytes in blocks that are kept.
private struct CopiedElements {
  private final class Block {
    let memory: UnsafeMutableRawBufferPointer

    init(byteCount: Int) { memory = .allocate(byteCount: byteCount, alignment: 64) }

    deinit { memory.deallocate() }
  }

  private var blocks: [Block] = []
  // The block that is filled at the moment and how far.
  private var (current, used) = (0, 0)

  mutating func append(_ data: UnsafeRawPointer, byteCount: Int) -> UnsafeMutableRawPointer {
    while current < blocks.count && blocks[current].memory.count - used < byteCount {
      (current, used) = (current + 1, 0)
    }
    if current == blocks.count { blocks.append(Block(byteCount: max(byteCount, 1 << 14))) }
    let place = blocks[current].memory.baseAddress! + used
    place.copyMemory(from: data, byteCount: byteCount)
    // The next copy is aligned for any element.
    used = (used + byteCount + 63) / 64 * 64
    return place
  }

  mutating func removeAll() { (current, used) = (0, 0) }
}

extension AnyWindow {
  /// A rank as MPI takes it, when the open epoch covers it.
  internal final func covered(_ rank: Int) -> CInt {
    guard rank >= 0 else { return cmpi_proc_null() }
    require(
      access.covers(rank),
      "The memory of rank \(rank) is accessed in an epoch that covers it: lock it, or start an epoch for a group with it."
    )
    return CInt(truncatingIfNeeded: rank)
  }

  /// How many elements of one datatype a count of another holds.
  internal final func elementCount(_ count: Int, _ datatype: Datatype, of element: Datatype) throws(MPIError) -> Int {
    if datatype.handle == element.handle || count == 0 { return count }
    return try count * datatype.size / element.size
  }
}
