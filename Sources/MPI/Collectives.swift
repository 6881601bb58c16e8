// Data that all processes of a group give or get together: what the calls share, the barrier and the broadcast.

internal import CMPI

// MARK: The memory that a call uses

/// Elements that a collective call sends.
@usableFromInline
internal struct Outgoing {
  internal let address: UnsafeRawPointer?
  internal let count: Int
  internal let datatype: Datatype

  @usableFromInline
  internal init(_ address: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype) {
    self.address = address
    self.count = count
    self.datatype = datatype
  }

  internal init<Buffer: OwnedBuffer>(_ buffer: Buffer) {
    self.init(buffer.address, buffer.count, buffer.datatype)
  }

  /// What is sent lies where the result goes, which is `memory`.
  @usableFromInline
  internal static func inPlace(_ memory: Incoming) -> Outgoing {
    Outgoing(UnsafeRawPointer(cmpi_in_place()), 0, memory.datatype)
  }
}

/// Memory that a collective call writes.
@usableFromInline
internal struct Incoming {
  internal let address: UnsafeMutableRawPointer?
  internal let count: Int
  internal let datatype: Datatype

  @usableFromInline
  internal init(_ address: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype) {
    self.address = address
    self.count = count
    self.datatype = datatype
  }

  internal init<Buffer: OwnedBuffer>(_ buffer: Buffer) {
    self.init(buffer.address, buffer.count, buffer.datatype)
  }

  /// No memory, for a process that gets nothing.
  internal var nothing: Incoming { Incoming(nil, 0, datatype) }

  /// The same elements as something to send.
  internal var outgoing: Outgoing { Outgoing(address, count, datatype) }

  /// One of `parts` equal parts, as something to send.
  internal func part(_ index: Int, of parts: Int) throws(MPIError) -> Incoming {
    let share = evenShare(of: count, among: parts)
    var (lowest, extent): (MPI_Aint, MPI_Aint) = (0, 0)
    try check("MPI_Type_get_extent") { MPI_Type_get_extent(datatype.handle, &lowest, &extent) }
    return Incoming(address.map { $0 + index * share * extent }, share, datatype)
  }
}

// MARK: Lengths

/// How many elements each of `parts` equal parts has.
@inlinable
internal func evenShare(of count: Int, among parts: Int) -> Int {
  if parts == 0 { return 0 }
  require(count % parts == 0, "\(count) elements cannot be divided evenly among \(parts) processes.")
  return count / parts
}

/// Checks that a result is as long as the elements that it is made of.
@inlinable
internal func requireSameCount(_ values: Int, _ result: Int) {
  require(values == result, "The result of \(values) elements needs room for as many, not for \(result).")
}

/// Whether two lists of elements hold as much data: as many of one datatype, or as many bytes of two.
private func holdAsMuch(_ a: Int, _ aType: Datatype, _ b: Int, _ bType: Datatype) -> Bool {
  a == b && aType.handle == bType.handle || byteCount(a, aType) == byteCount(b, bType)
}

private func byteCount(_ count: Int, _ datatype: Datatype) -> Int {
  var size: MPI_Count = 0
  _ = MPI_Type_size_x(datatype.handle, &size)
  return count * Int(size)
}

/// Checks that what is sent, taken `times` over, is as much as there is room for.
@inline(__always)
internal func requireRoom(_ received: Incoming, for sent: Outgoing, times: Int = 1) {
  let isRight = holdAsMuch(sent.count * times, sent.datatype, received.count, received.datatype)
  require(
    isRight, "The result of \(sent.count * times) elements needs room for as many, not for \(received.count).")
  requireApart(sent, received)
}

/// Checks that what is sent is as much as there is room for, taken `times` over.
@inline(__always)
internal func requireRoom(_ received: Incoming, times: Int, for sent: Outgoing) {
  let isRight = holdAsMuch(sent.count, sent.datatype, received.count * times, received.datatype)
  require(
    isRight,
    "\(times) processes that receive \(received.count) elements each get \(received.count * times), not \(sent.count).")
  requireApart(sent, received)
}

/// Checks that each of the parts that are sent is as long as each of those that there is room for.
@inline(__always)
internal func requireSameParts(_ sent: Outgoing, _ destinations: Int, _ received: Incoming, _ sources: Int) {
  let (part, room) = (evenShare(of: sent.count, among: destinations), evenShare(of: received.count, among: sources))
  let isRight =
    destinations == 0 || sources == 0 || holdAsMuch(part, sent.datatype, room, received.datatype)
  require(isRight, "Each neighbour is sent \(part) elements, but there is room for \(room) from each.")
  requireApart(sent, received)
}

/// Checks that a result does not overwrite what it is made from.
@inline(__always)
internal func requireApart(_ sent: Outgoing, _ received: Incoming) {
  guard let address = sent.address, let result = received.address, sent.count > 0 else { return }
  require(
    address != UnsafeRawPointer(result),
    "The elements of a collective call and its result are the same memory: use the form that works in place.")
}

/// How many elements of `element` a list of another datatype holds.
@usableFromInline
internal func elementCount(_ count: Int, of datatype: Datatype, as element: Datatype) -> Int {
  if datatype.handle == element.handle { return count }
  return byteCount(count, datatype) / Swift.max(byteCount(1, element), 1)
}

// MARK: Barrier

extension Communicator {
  /// Waits until all processes of the group have called it. The corresponding MPI function is `MPI_Barrier`.
  public func barrier() throws(MPIError) {
    try check("MPI_Barrier") { MPI_Barrier(handle) }
  }

  /// Says that this process has come here; the request is complete when all processes of the group have.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ibarrier`.
  public func startBarrier() throws(MPIError) -> Request<Void> {
    let request = try ActiveRequest("MPI_Ibarrier") { MPI_Ibarrier(handle, &$0) }
    return Request(request, giving: ())
  }
}

// MARK: Broadcast

extension Communicator {
  /// Copies elements from one process to the same place on all.
  ///
  /// - Parameters:
  ///   - values: the elements on the root; as much room on every other process.
  ///   - root: the rank whose elements are copied.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer, from root: Int)
    throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try broadcast(data, count, datatype, root)
    }
  }

  /// The value that one process gave, on all. The corresponding MPI function is `MPI_Bcast`.
  @inlinable
  public func broadcast<T: MPIDatatype>(_ value: T, from root: Int) throws(MPIError) -> T {
    var result = value
    try broadcast(&result, from: root)
    return result
  }

  /// The array that one process gave, on all; the others' may have any length and are not looked at.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Bcast`, called for the length and
  /// for the elements.
  @inlinable
  public func broadcastVariable<T: MPIDatatype>(_ values: [T], from root: Int) throws(MPIError) -> [T] {
    let count = try broadcast(values.count, from: root)
    if rank == root {
      var values = values
      try broadcast(&values, from: root)
      return values
    }
    return try makeArray(count: count) { (storage: UnsafeMutableBufferPointer<T>) throws(MPIError) in
      try broadcast(storage.baseAddress, count, T.datatype, root)
    }
  }

  /// The text that one process gave, on all. The corresponding MPI function is `MPI_Bcast`, called for the length and
  /// for the bytes.
  public func broadcast(_ text: String, from root: Int) throws(MPIError) -> String {
    let bytes = try broadcastVariable(rank == root ? Array(text.utf8) : [], from: root)
    return String(decoding: bytes, as: UTF8.self)
  }

  @usableFromInline
  internal func broadcast(_ values: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype, _ root: Int)
    throws(MPIError)
  {
    let root = checkedRoot(root)
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      try check("MPI_Bcast") { MPI_Bcast(values, count, type, root, handle) }
    }
  }

  /// Starts to copy the elements of one process to the buffers of all, which are as long. The root's may be read, the
  /// others' not even that, until the request's `wait` gives them back.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ibcast`.
  public func startBroadcast<Buffer: OwnedBuffer>(_ buffer: Buffer, from root: Int) throws(MPIError)
    -> Request<Buffer>
  {
    let rootRank = checkedRoot(root)
    let (read, written) = rank == root ? (buffer.storage, nil) : (nil, buffer.storage)
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try ActiveRequest("MPI_Ibcast", reading: read, writing: written) {
        MPI_Ibcast(buffer.address, count, type, rootRank, handle, &$0)
      }
    }
    return Request(request, giving: buffer)
  }
}
