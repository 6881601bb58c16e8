// Memory that other processes reach into: one-sided communication.

internal import CMPI

/// Memory of each process of a group that the others read, write and update, of either kind: a `Window` or a
/// `DynamicWindow`.
///
/// All access happens within epochs, which the methods of `EpochWindow` open and close. Only the thread that started MPI
/// may use a window. `free` ends it, which all processes do together; a window that is dropped instead keeps its memory
/// until MPI ends.
public class AnyWindow {
  // One thread at a time uses a window, and no access to these nests: checking that would take longer than a put.
  @exclusivity(unchecked) @usableFromInline internal private(set) final var bits: Int
  /// The processes whose memory it is; ranks are those of this group.
  public final let communicator: Communicator
  // What this process may access at the moment, and whether others may access its memory.
  @exclusivity(unchecked) internal final var access = WindowAccess()
  @exclusivity(unchecked) internal final var isExposed = false
  // Whether the epoch is one between fences, once more, since callers' code asks it of every put.
  @exclusivity(unchecked) @usableFromInline internal final var isFenced = false
  // What accesses under way use: the buffer that puts between fences took last, which is kept alive until the epoch ends,
  // and how many of them read it; and all else.
  @exclusivity(unchecked) @usableFromInline internal final var source: Unmanaged<MessageStorage>?
  @exclusivity(unchecked) @usableFromInline internal final var sourceReads = 0
  internal final let uses = WindowUses()
  @exclusivity(unchecked) @usableFromInline internal final var hasUses = false
  // The memory on this process that others may access; in shared memory that of others as well.
  @exclusivity(unchecked) internal final var memories: [MessageStorage]
  @exclusivity(unchecked) private var isFreed = false

  internal init(handle: MPI_Win, communicator: Communicator, memories: [MessageStorage]) throws(MPIError) {
    bits = cmpi_win_bits(handle)
    self.communicator = communicator
    self.memories = memories
    access.locked = [Bool](repeating: false, count: communicator.size)
    // A window of its own would end the process at the first error.
    try check("MPI_Win_set_errhandler") { MPI_Win_set_errhandler(handle, cmpi_errors_return()) }
  }

  /// Ends the window and frees what MPI allocated for it. Its memory may not be touched any more, unless the program
  /// provided it.
  ///
  /// All processes of the group must call it, when nobody accesses the window any more. The corresponding MPI function
  /// is `MPI_Win_free`.
  public func free() throws(MPIError) {
    requireAlive()
    require(access.kind == .none && !isExposed, "A window is freed when all its epochs have ended.")
    var handle = handle
    try check("MPI_Win_free") { MPI_Win_free(&handle) }
    bits = cmpi_win_bits(handle)
    isFreed = true
    for memory in memories { memory.endAsWindow() }
    memories = []
  }

  deinit {
    guard !isFreed, isMPIRunning else { return }
    // Freeing needs all processes at once, which a deinit cannot know of. Others may still write to the memory.
    for memory in memories { _ = Unmanaged.passRetained(memory) }
    _ = Unmanaged.passRetained(uses)
  }

  internal final var handle: MPI_Win { cmpi_win(bits) }

  internal final func requireAlive() { require(!isFreed, "This window was freed.") }
}

/// What a process may access at the moment.
internal struct WindowAccess {
  enum Kind { case none, fence, start, locks, lockAll }

  var kind = Kind.none
  // The ranks that are locked, or that the group of a start holds.
  var locked: [Bool] = []
  var lockCount = 0
  // The last group that was started with, and its ranks in the window.
  var group: Group?
  var groupRanks: [Int] = []

  /// Whether the epoch covers a rank.
  func covers(_ rank: Int) -> Bool {
    // The usual first: a table of cases would cost more than all of them.
    if kind == .fence || kind == .lockAll { return true }
    return kind != .none && locked[rank]
  }
}

extension MessageStorage {
  /// Marks the memory as used by an epoch, or as not used by it any more.
  @inlinable @inline(__always)
  internal final func markByWindow(isWritten: Bool, _ change: Int) {
    if isWritten {
      activeReceives &+= change
      windowReceives &+= change
    } else {
      activeSends &+= change
      windowSends &+= change
    }
  }

  /// Stops the program when a message uses the memory that an epoch is about to; epochs share it among themselves.
  @inlinable @inline(__always)
  internal final func requireForWindow(isWritten: Bool) {
    // Memory of a window that was freed counts as received into.
    if activeReceives != windowReceives { stopReading() }
    if isWritten && activeSends != windowSends { stopWriting() }
  }

  fileprivate final func endAsWindow() {
    guard isOfWindow else { return }
    isFreed = true
    activeReceives += 1
  }
}

// MARK: What a window is

extension AnyWindow {
  /// How a window came to be.
  public enum Flavor: Sendable {
    /// Over memory that the program provided.
    case created
    /// With memory that MPI allocated.
    case allocated
    /// With memory that the processes of a host share.
    case shared
    /// With memory that is attached later.
    case dynamic
  }

  /// How the window came to be. The corresponding MPI attribute is `MPI_WIN_CREATE_FLAVOR`.
  public var flavor: Flavor {
    get throws(MPIError) {
      let value: CInt = try attribute(cmpi_win_flavor())
      return switch value {
      case cmpi_win_flavor_create(): .created
      case cmpi_win_flavor_allocate(): .allocated
      case cmpi_win_flavor_shared(): .shared
      default: .dynamic
      }
    }
  }

  /// Whether local stores and remote accesses meet in one memory, without a `sync`, as on all common machines. The
  /// corresponding MPI attribute is `MPI_WIN_MODEL`.
  public var isUnified: Bool {
    get throws(MPIError) {
      let value: CInt = try attribute(cmpi_win_model())
      return value == cmpi_win_unified()
    }
  }

  /// How many bytes of this process the window covers, perhaps a few more than its elements. The corresponding MPI attribute is `MPI_WIN_SIZE`.
  public var byteCount: Int {
    get throws(MPIError) {
      let value: MPI_Aint = try attribute(cmpi_win_size())
      return value
    }
  }

  /// How many bytes one step of an offset is: the stride of an element, or 1 in a dynamic window. The corresponding MPI
  /// attribute is `MPI_WIN_DISP_UNIT`.
  public var displacementUnit: Int {
    get throws(MPIError) {
      let value: CInt = try attribute(cmpi_win_displacement_unit())
      return Int(value)
    }
  }

  private func attribute<Value: BitwiseCopyable>(_ key: CInt) throws(MPIError) -> Value {
    requireAlive()
    var value: UnsafeMutablePointer<Value>?
    var isSet: CInt = 0
    try check("MPI_Win_get_attr") { MPI_Win_get_attr(handle, key, &value, &isSet) }
    guard isSet != 0, let value else { throw MPIError(function: "MPI_Win_get_attr", code: CInt(MPI_ERR_KEYVAL)) }
    return value.pointee
  }

  /// The processes whose memory it is. The corresponding MPI function is `MPI_Win_get_group`.
  public func group() throws(MPIError) -> Group {
    requireAlive()
    var result = cmpi_group_null()
    try check("MPI_Win_get_group") { MPI_Win_get_group(handle, &result) }
    return try Group(handle: result)
  }

  /// The hints that MPI uses for the window. The corresponding MPI function is `MPI_Win_get_info`.
  public func info() throws(MPIError) -> Info {
    requireAlive()
    var result = cmpi_info_null()
    try check("MPI_Win_get_info") { MPI_Win_get_info(handle, &result) }
    return Info(owning: result)
  }

  /// Gives MPI further hints.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_set_info`.
  public func setInfo(_ info: Info) throws(MPIError) {
    requireAlive()
    try check("MPI_Win_set_info") { MPI_Win_set_info(handle, info.handle) }
  }

  /// The name that MPI's messages use; empty when it was given none. The corresponding MPI function is
  /// `MPI_Win_get_name`.
  public var name: String {
    get throws(MPIError) {
      requireAlive()
      var code: CInt = 0
      let name = stringFromMPI(capacity: Int(MPI_MAX_OBJECT_NAME)) { text, length in
        code = MPI_Win_get_name(handle, text, length)
        return code
      }
      try check("MPI_Win_get_name") { code }
      return name
    }
  }

  /// Names the window in MPI's messages. The corresponding MPI function is `MPI_Win_set_name`.
  public func setName(_ name: String) throws(MPIError) {
    requireAlive()
    try check("MPI_Win_set_name") { MPI_Win_set_name(handle, name) }
  }
}
