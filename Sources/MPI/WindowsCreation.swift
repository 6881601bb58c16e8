// Windows over memory of one type of elements.

internal import CMPI

/// A window in which epochs are opened: a `Window` or a `DynamicWindow`.
public protocol EpochWindow: AnyWindow {}

/// Elements of each process of a group that the others read, write and update. How many there are may differ.
///
///     let window = try Window(allocating: 10, repeating: 0.0, over: world)
///     try window.fence { epoch in try epoch.put(Double(world.rank), to: .rank(next, at: 3)) }
///     print(window.memory[3])
///     try window.free()
public final class Window<Element: MPIDatatype>: AnyWindow, EpochWindow {
  /// The elements of this process. Between epochs they are used like those of any buffer. While others may access them, in
  /// a fence or after a post, touching them stops the program; epochs take sections of them at any time.
  public let memory: MessageBuffer<Element>
  /// How many elements each process has.
  public let counts: [Int]
  private var parts: [Int: MessageBuffer<Element>] = [:]

  private init(_ handle: MPI_Win, _ communicator: Communicator, _ memory: MessageBuffer<Element>) throws(MPIError) {
    self.memory = memory
    // Nobody reaches in before all know each other's counts, and by then all memory is set.
    counts = try communicator.allGather(memory.count)
    try super.init(handle: handle, communicator: communicator, memories: [memory])
  }

  /// Lets MPI allocate memory that it reaches best.
  ///
  /// - Parameters:
  ///   - count: how many elements this process has.
  ///   - value: what they all are at first.
  ///   - communicator: the processes that access each other's memory.
  ///   - info: hints, the same on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_allocate`.
  public convenience init(
    allocating count: Int, repeating value: Element, over communicator: Communicator, info: Info? = nil
  ) throws(MPIError) {
    let unit = Self.checkedUnit(count)
    // MPICH 4.0 accesses the wrong bytes of other processes of a host when a size is no multiple of 16.
    let byteCount = (count * Int(unit) + 15) / 16 * 16
    var base: UnsafeMutableRawPointer?
    var handle = cmpi_win_null()
    try check("MPI_Win_allocate") {
      MPI_Win_allocate(byteCount, unit, infoHandle(info), communicator.handle, &base, &handle)
    }
    try self.init(handle, communicator, Self.buffer(base, count, repeating: value))
  }

  /// Lets MPI allocate memory that all processes of a host use directly: `memory(of:)` is that of another process.
  ///
  /// - Parameters:
  ///   - count: how many elements this process has.
  ///   - value: what they all are at first.
  ///   - communicator: processes of one host, as `splitByHost` gives them.
  ///   - info: hints, the same on all processes.
  ///
  /// The memory of the processes lies after one another, in the order of their ranks, unless a hint allows otherwise.
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_allocate_shared`.
  public convenience init(
    sharing count: Int, repeating value: Element, over communicator: Communicator, info: Info? = nil
  ) throws(MPIError) {
    let unit = Self.checkedUnit(count)
    var base: UnsafeMutableRawPointer?
    var handle = cmpi_win_null()
    try check("MPI_Win_allocate_shared") {
      MPI_Win_allocate_shared(count * Int(unit), unit, infoHandle(info), communicator.handle, &base, &handle)
    }
    try self.init(handle, communicator, Self.buffer(base, count, repeating: value))
  }

  /// Opens a buffer of the program to the others. The window keeps it alive and it is the window's `memory`.
  ///
  /// - Parameters:
  ///   - buffer: the elements of this process.
  ///   - communicator: the processes that access each other's memory.
  ///   - info: hints, the same on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_create`.
  public convenience init(exposing buffer: MessageBuffer<Element>, over communicator: Communicator, info: Info? = nil)
    throws(MPIError)
  {
    let unit = Self.checkedUnit(buffer.count)
    var handle = cmpi_win_null()
    try check("MPI_Win_create") {
      MPI_Win_create(
        buffer.rawPointer, buffer.count * Int(unit), unit, infoHandle(info), communicator.handle, &handle)
    }
    try self.init(handle, communicator, buffer)
  }

  private static func checkedUnit(_ count: Int) -> CInt {
    let stride = MemoryLayout<Element>.stride
    require(count >= 0, "A window has 0 elements or more, not \(count).")
    require(CInt(exactly: stride) != nil, "An element of a window is smaller than 2147483648 bytes, not \(stride).")
    return CInt(truncatingIfNeeded: stride)
  }

  private static func buffer(_ base: UnsafeMutableRawPointer?, _ count: Int, repeating value: Element?)
    -> MessageBuffer<Element>
  {
    // MPI may have no address for no elements: any will do.
    let aligned = UnsafeMutableRawPointer(bitPattern: 64)!
    let memory = count == 0 ? aligned : base ?? aligned
    require(
      Int(bitPattern: memory) % MemoryLayout<Element>.alignment == 0,
      "MPI allocated memory that is not aligned for \(Element.self): open a MessageBuffer instead.")
    if let value { memory.initializeMemory(as: Element.self, repeating: value, count: count) }
    return MessageBuffer(ofWindow: memory, count: count)
  }

  /// The elements of another process of the same host, to be used directly, in a window that was made by `sharing`.
  ///
  /// What one process stores another sees after both have synchronized: at a fence, or after `sync`, a barrier and
  /// another `sync` while all is locked.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Win_shared_query`.
  public func memory(of rank: Int) throws(MPIError) -> MessageBuffer<Element> {
    requireAlive()
    require(rank >= 0 && rank < counts.count, "A rank of this window is from 0 to \(counts.count - 1), not \(rank).")
    if rank == communicator.rank { return memory }
    if let part = parts[rank] { return part }
    var (size, unit): (MPI_Aint, CInt) = (0, 0)
    var base: UnsafeMutableRawPointer?
    try check("MPI_Win_shared_query") { MPI_Win_shared_query(handle, CInt(rank), &size, &unit, &base) }
    let part = Self.buffer(base, counts[rank], repeating: nil)
    parts[rank] = part
    memories.append(part)
    if isOpenToOthers { part.markByWindow(isWritten: true, +1) }
    return part
  }
}

/// Memory of each process of a group, of any types, that is opened to the others and closed again at any time.
///
/// Who opens memory tells the others where it is: `RemoteMemory` is a value that can be sent.
public final class DynamicWindow: AnyWindow, EpochWindow {
  /// A window without memory yet.
  ///
  /// - Parameters:
  ///   - communicator: the processes that access each other's memory.
  ///   - info: hints, the same on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Win_create_dynamic`.
  public init(over communicator: Communicator, info: Info? = nil) throws(MPIError) {
    var handle = cmpi_win_null()
    try check("MPI_Win_create_dynamic") { MPI_Win_create_dynamic(infoHandle(info), communicator.handle, &handle) }
    try super.init(handle: handle, communicator: communicator, memories: [])
  }

  /// Opens a buffer to the others and says where it is. The window keeps the buffer alive until `detach` or `free`.
  ///
  /// Any process may call it alone, for a buffer that is not attached yet. The corresponding MPI functions are
  /// `MPI_Win_attach` and `MPI_Get_address`.
  public func attach<Element: MPIDatatype>(_ buffer: MessageBuffer<Element>) throws(MPIError) -> RemoteMemory<Element> {
    requireAlive()
    require(!memories.contains { $0 === buffer }, "This buffer is attached to the window already.")
    var address: MPI_Aint = 0
    try check("MPI_Get_address") { MPI_Get_address(buffer.rawPointer, &address) }
    try check("MPI_Win_attach") {
      MPI_Win_attach(handle, buffer.rawPointer, max(buffer.count * MemoryLayout<Element>.stride, 1))
    }
    memories.append(buffer)
    if isOpenToOthers { buffer.markByWindow(isWritten: true, +1) }
    return RemoteMemory(rank: communicator.rank, address: address, count: buffer.count)
  }

  /// Closes a buffer to the others, none of which may access it any more.
  ///
  /// Called by the process that attached it. The corresponding MPI function is `MPI_Win_detach`.
  public func detach<Element: MPIDatatype>(_ buffer: MessageBuffer<Element>) throws(MPIError) {
    requireAlive()
    guard let index = memories.firstIndex(where: { $0 === buffer }) else {
      fatalError("A buffer that is detached from a window was attached to it before.")
    }
    try check("MPI_Win_detach") { MPI_Win_detach(handle, buffer.rawPointer) }
    memories.remove(at: index)
    if isOpenToOthers { buffer.markByWindow(isWritten: true, -1) }
  }
}

/// Where a process of a dynamic window has elements. It can be sent to the processes that shall access them.
public struct RemoteMemory<Element: MPIDatatype>: MPIDatatype, Hashable {
  /// The process that attached the elements.
  public let rank: Int
  @usableFromInline internal let address: Int
  /// How many elements there are.
  public let count: Int
}
