// The memory of this process that accesses under way read and write.

internal import CMPI

/// What the accesses of a window use until they are complete.
///
/// An access takes a tenth of a microsecond, so this is made to cost little: the list keeps its memory, and its references
/// too, until the epoch ends, since the next accesses use the same buffers as a rule. The usual put does without: see
/// `AnyWindow.note`.
internal final class WindowUses {
  private struct Use {
    var rank: Int
    // Nil for what was copied into `copies`.
    var storage: Unmanaged<MessageStorage>?
    var isWritten: Bool
  }

  // The first `count` are under way; the storages of the first `heldCount` are kept alive.
  @exclusivity(unchecked) private var uses: UnsafeMutablePointer<Use>
  @exclusivity(unchecked) private var (count, heldCount, capacity) = (0, 0, 8)
  @exclusivity(unchecked) private var copies = CopiedElements()

  init() { uses = .allocate(capacity: capacity) }

  deinit {
    // Not before the window is freed, or never: see `AnyWindow`.
    release()
    uses.deallocate()
  }

  @inline(__always)
  func add(_ storage: MessageStorage?, isWritten: Bool, rank: Int) {
    storage?.markByWindow(isWritten: isWritten, +1)
    if count == capacity { grow() }
    hold(storage, at: count)
    uses[count].rank = rank
    uses[count].isWritten = isWritten
    count &+= 1
  }

  @inline(__always)
  private func hold(_ storage: MessageStorage?, at index: Int) {
    let new = storage.map { Unmanaged.passUnretained($0) }
    if index < heldCount {
      let old = uses[index].storage
      if old?.toOpaque() == new?.toOpaque() { return }
      old?.release()
      uses[index].storage = new
    } else {
      (uses + index).initialize(to: Use(rank: 0, storage: new, isWritten: false))
      heldCount = index + 1
    }
    _ = new?.retain()
  }

  @inline(never)
  private func grow() {
    let larger = UnsafeMutablePointer<Use>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: uses, count: heldCount)
    uses.deallocate()
    uses = larger
    capacity *= 2
  }

  /// Gives back what all accesses used.
  @inline(__always)
  func complete() {
    var use = uses
    let end = uses + count
    while use != end {
      let isWritten = use.pointee.isWritten
      use.pointee.storage?._withUnsafeGuaranteedRef { $0.markByWindow(isWritten: isWritten, -1) }
      use += 1
    }
    count = 0
    copies.removeAll()
  }

  /// Gives back what accesses to a rank used, or all accesses (nil).
  func complete(_ rank: Int?) {
    guard let rank else { return complete() }
    var left = 0
    for index in 0..<count {
      let use = uses[index]
      if use.rank != rank {
        // What is still under way moves to the front.
        (uses[index], uses[left]) = (uses[left], use)
        left += 1
      } else {
        use.storage?._withUnsafeGuaranteedRef { $0.markByWindow(isWritten: use.isWritten, -1) }
      }
    }
    count = left
    if count == 0 { copies.removeAll() }
  }

  /// Completes as `complete` does, at the end of an epoch: lets go of the buffers as well.
  func end(_ rank: Int? = nil) {
    complete(rank)
    if count == 0 { release() }
  }

  private func release() {
    for index in 0..<heldCount { uses[index].storage?.release() }
    heldCount = 0
  }

  /// Copies elements to where they stay until all accesses are complete, and returns the address that stands for theirs.
  func copy(_ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError)
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
  /// Takes down that an access to the memory of a rank uses memory of this process, or a copy (nil).
  internal final func note(_ storage: MessageStorage?, isWritten: Bool, rank: Int) {
    // Nothing is under way with nobody.
    guard rank >= 0 else { return }
    if isFenced, !isWritten, let storage, sourceReads == 0 || isSource(storage) {
      // What is put once is put again as a rule.
      if !isSource(storage) {
        source?.release()
        source = Unmanaged.passRetained(storage)
      }
      noteRead()
      return
    }
    uses.add(storage, isWritten: isWritten, rank: rank)
    hasUses = true
  }

  /// One access more that reads the buffer which puts between fences took last.
  @inlinable @inline(__always)
  internal final func noteRead() {
    source?._withUnsafeGuaranteedRef { source in
      source.requireForWindow(isWritten: false)
      source.markByWindow(isWritten: false, +1)
    }
    sourceReads &+= 1
  }

  /// One access less.
  @usableFromInline @inline(never)
  internal final func forgetRead() {
    source?._withUnsafeGuaranteedRef { $0.markByWindow(isWritten: false, -1) }
    sourceReads -= 1
  }

  /// Gives that buffer back.
  @inlinable @inline(__always)
  internal final func completeReads() {
    if sourceReads == 0 { return }
    let reads = sourceReads
    source?._withUnsafeGuaranteedRef { $0.markByWindow(isWritten: false, 0 &- reads) }
    sourceReads = 0
  }

  /// Gives back what all other accesses used.
  @usableFromInline @inline(never)
  internal final func completeUses() {
    uses.complete()
    hasUses = false
  }

  @inlinable @inline(__always)
  internal final func isSource(_ storage: MessageStorage) -> Bool {
    source?.toOpaque() == Unmanaged.passUnretained(storage).toOpaque()
  }

  /// Copies elements to where they stay until all accesses are complete.
  @usableFromInline
  internal final func copied(_ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError)
    -> UnsafeRawPointer?
  {
    hasUses = true
    return try uses.copy(data, count, datatype)
  }

  /// A rank as MPI takes it, when the open epoch covers it.
  @inline(__always)
  internal final func covered(_ rank: Int) -> CInt {
    guard rank >= 0 else { return cmpi_proc_null() }
    require(
      access.covers(rank),
      "The memory of rank \(rank) is accessed in an epoch that covers it: lock it, or start an epoch for a group with it."
    )
    return CInt(truncatingIfNeeded: rank)
  }

  /// How many elements of one datatype a count of another holds.
  @inlinable
  internal final func elementCount(_ count: Int, _ datatype: Datatype, of element: Datatype) throws(MPIError) -> Int {
    if datatype.bits == element.bits || count == 0 { return count }
    return try count * datatype.size / element.size
  }
}
