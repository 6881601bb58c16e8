// Each process gives each other one something of its own.

internal import CMPI

// MARK: Shares of one length

extension Communicator {
  /// Sends the parts of each process's elements to all processes: part `j` of process `i` becomes part `i` of process
  /// `j`.
  ///
  /// - Parameters:
  ///   - values: `size` parts of one length, the same on each process.
  ///   - result: as much room.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Alltoall`.
  @inlinable
  public func allToAll<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allToAll(Outgoing(data, count, datatype), Incoming(target, room, targetType))
      }
    }
  }

  /// Sends the parts of each process's elements to all processes and gives those that were received as an array.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Alltoall`.
  @inlinable
  public func allToAll<Sent: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Sent) throws(MPIError)
    -> [Sent.Element]
  {
    let element = Sent.Element.datatype
    return try values.withElements { (data, count, datatype) throws(MPIError) -> [Sent.Element] in
      let total = elementCount(count, of: datatype, as: element)
      return try makeArray(count: total) { (result: UnsafeMutableBufferPointer<Sent.Element>) throws(MPIError) in
        try allToAll(Outgoing(data, count, datatype), Incoming(result.baseAddress, total, element))
      }
    }
  }

  /// Exchanges the parts of each process's elements with those of all processes where they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Alltoall` with `MPI_IN_PLACE`.
  @inlinable
  public func allToAll<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(_ values: inout Buffer) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      let values = Incoming(data, count, datatype)
      try allToAllUnchecked(.inPlace(values), values)
    }
  }

  @usableFromInline
  internal func allToAll(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    requireRoom(received, for: sent)
    try allToAllUnchecked(sent, received)
  }

  @usableFromInline
  internal func allToAllUnchecked(_ sent: Outgoing, _ received: Incoming) throws(MPIError) {
    try withAllToAll(sent, size, received, size) { (count, type, room, roomType) throws(MPIError) in
      try check("MPI_Alltoall") {
        MPI_Alltoall(sent.address, count, type, received.address, room, roomType, handle)
      }
    }
  }

  /// Calls `body` with the arguments of an exchange of parts in MPI's form.
  ///
  /// A process with no destinations or no sources gives the length of the other side: Open MPI does nothing where a
  /// length is 0.
  @inline(__always)
  internal func withAllToAll<R: ~Copyable>(
    _ sent: Outgoing, _ destinations: Int, _ received: Incoming, _ sources: Int,
    _ body: (CInt, MPI_Datatype, CInt, MPI_Datatype) throws(MPIError) -> R
  ) throws(MPIError) -> R {
    let (part, room) = (evenShare(of: sent.count, among: destinations), evenShare(of: received.count, among: sources))
    if destinations == 0 || sources == 0 {
      let (count, datatype) = destinations == 0 ? (room, received.datatype) : (part, sent.datatype)
      return try withCount(count, datatype) { (count, type) throws(MPIError) in try body(count, type, count, type) }
    }
    return try withCount(part, sent.datatype) { (count, type) throws(MPIError) in
      try withCount(room, received.datatype) { (room, roomType) throws(MPIError) in
        try body(count, type, room, roomType)
      }
    }
  }
}

// MARK: Shares of different lengths

extension Communicator {
  /// Sends a share of its own length from each process to each.
  ///
  /// - Parameters:
  ///   - values: this process's elements.
  ///   - layout: which of them go to which process.
  ///   - result: where the elements of all processes go.
  ///   - resultLayout: how many come from each process and where they go.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Alltoallv`.
  @inlinable
  public func allToAllVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, layout: SharesLayout, into result: inout Received, layout resultLayout: SharesLayout
  ) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allToAllVariable(
          Outgoing(data, count, datatype), layout, Incoming(target, room, targetType), resultLayout)
      }
    }
  }

  /// Sends a share of its own length from each process to each, and gives those that were received.
  ///
  /// - Parameter shares: what goes to each process.
  /// - Returns: what came from each process.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Alltoall`, for the lengths, and
  /// `MPI_Alltoallv`.
  @inlinable
  public func allToAllVariable<T: MPIDatatype>(_ shares: Shares<T>) throws(MPIError) -> Shares<T> {
    let layout = SharesLayout(counts: try allToAll(shares.layout.counts))
    let elements = try shares.elements.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      try makeArray(count: layout.total) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try allToAllVariable(
          Outgoing(values.baseAddress, values.count, T.datatype), shares.layout,
          Incoming(result.baseAddress, result.count, T.datatype), layout)
      }
    }
    return Shares(elements: elements, layout: layout)
  }

  /// Exchanges shares, each as long as that which comes back for it, where they are.
  ///
  /// - Parameters:
  ///   - values: the elements of all shares.
  ///   - layout: what goes to each process and is replaced by what comes from it; between any two processes both must
  ///     give the same length.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Alltoallv` with `MPI_IN_PLACE`.
  @inlinable
  public func allToAllVariable<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, layout: SharesLayout
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      let values = Incoming(data, count, datatype)
      try allToAllVariableInPlace(values, layout)
    }
  }

  @usableFromInline
  internal func allToAllVariable(
    _ sent: Outgoing, _ layout: SharesLayout, _ received: Incoming, _ resultLayout: SharesLayout
  ) throws(MPIError) {
    layout.requireSending(sent.count, processes: size)
    resultLayout.requireReceiving(received.count, processes: size)
    requireApart(sent, received)
    try allToAllVariableUnchecked(sent, layout, received, resultLayout)
  }

  @usableFromInline
  internal func allToAllVariableInPlace(_ values: Incoming, _ layout: SharesLayout) throws(MPIError) {
    layout.requireReceiving(values.count, processes: size)
    try allToAllVariableUnchecked(.inPlace(values), layout, values, layout)
  }

  private func allToAllVariableUnchecked(
    _ sent: Outgoing, _ layout: SharesLayout, _ received: Incoming, _ resultLayout: SharesLayout
  ) throws(MPIError) {
    defer { withExtendedLifetime((layout, resultLayout)) {} }
    try check("MPI_Alltoallv") {
      MPI_Alltoallv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address,
        resultLayout.counts32, resultLayout.offsets32, received.datatype.handle, handle)
    }
  }
}

// MARK: Sections

extension Communicator {
  /// Sends a section of a buffer to each process and receives one from each; their shapes may all differ.
  ///
  /// - Parameters:
  ///   - sections: what goes to each process, in the order of ranks.
  ///   - result: where what comes from each process goes, in the order of ranks.
  ///
  /// All processes of the group must call it; what one sends must be as much as the other receives. The corresponding
  /// MPI function is `MPI_Alltoallw`.
  public func allToAll<Sent, Received>(_ sections: SectionList<Sent>, into result: SectionList<Received>)
    throws(MPIError) where Received.Element == Sent.Element
  {
    let (sent, received) = requireSections(sections, result)
    sent.storage?.requireReadable()
    received.storage?.requireWritable()
    try check("MPI_Alltoallw") {
      MPI_Alltoallw(
        sent.base, sent.counts, sent.offsets32, sent.types, received.base, received.counts, received.offsets32,
        received.types, handle)
    }
  }

  internal func requireSections<Sent, Received>(_ sections: SectionList<Sent>, _ result: SectionList<Received>) -> (
    SectionTable, SectionTable
  ) {
    sections.table.requireCount(size, "processes")
    result.table.requireCount(size, "processes")
    sections.table.requireNear()
    result.table.requireNear()
    return (sections.table, result.table)
  }
}

/// Sections of one buffer, one for each process or neighbour that a call exchanges data with.
///
/// Made once, it serves any number of calls without reserving memory.
public struct SectionList<Buffer: OwnedBuffer> {
  /// The type of the elements.
  public typealias Element = Buffer.Element
  internal let table: SectionTable

  /// - Parameter sections: the sections in the order of ranks, or in that of the neighbours. All belong to one buffer.
  /// - Throws: `MPIError` when MPI cannot describe one of them.
  public init(_ sections: [Buffer]) throws(MPIError) {
    table = try SectionTable(sections)
  }
}

/// What MPI wants to know of sections, in memory that stays in place while requests use it.
internal final class SectionTable {
  let storage: MessageStorage?
  /// Offsets count from here, the lowest of the addresses.
  let base: UnsafeMutableRawPointer?
  let count: Int
  let counts: UnsafeMutablePointer<CInt>
  let types: UnsafeMutablePointer<MPI_Datatype>
  let offsets: UnsafeMutablePointer<MPI_Aint>
  let offsets32: UnsafeMutablePointer<CInt>
  private let isNear: Bool
  private var datatypes: [Datatype] = []

  init<Buffer: OwnedBuffer>(_ sections: [Buffer]) throws(MPIError) {
    storage = sections.first?.storage
    for section in sections {
      require(section.storage === storage, "The sections of a list belong to one buffer.")
      if section.count <= Int(CInt.max) {
        datatypes.append(section.datatype)
      } else {
        datatypes.append(try Datatype(repeating: section.datatype, count: section.count))
      }
    }
    let base = sections.map(\.address).min()
    self.base = base
    count = sections.count
    counts = .allocate(capacity: count)
    types = .allocate(capacity: count)
    offsets = .allocate(capacity: count)
    offsets32 = .allocate(capacity: count)
    var isNear = true
    for (index, section) in sections.enumerated() {
      counts.advanced(by: index).initialize(to: CInt(exactly: section.count) ?? 1)
      types.advanced(by: index).initialize(to: datatypes[index].handle)
      let offset = section.address - base!
      offsets.advanced(by: index).initialize(to: offset)
      offsets32.advanced(by: index).initialize(to: CInt(exactly: offset) ?? 0)
      isNear = isNear && offset <= Int(CInt.max)
    }
    self.isNear = isNear
  }

  /// The sections of another table in another order: each is that at the index given for it.
  private init(_ other: SectionTable, _ order: [Int]) {
    storage = other.storage
    base = other.base
    count = other.count
    isNear = other.isNear
    datatypes = other.datatypes
    counts = .allocate(capacity: count)
    types = .allocate(capacity: count)
    offsets = .allocate(capacity: count)
    offsets32 = .allocate(capacity: count)
    for (index, origin) in order.enumerated() {
      counts.advanced(by: index).initialize(to: other.counts[origin])
      types.advanced(by: index).initialize(to: other.types[origin])
      offsets.advanced(by: index).initialize(to: other.offsets[origin])
      offsets32.advanced(by: index).initialize(to: other.offsets32[origin])
    }
  }

  func reordered(_ order: [Int]) -> SectionTable { SectionTable(self, order) }

  deinit {
    counts.deallocate()
    types.deallocate()
    offsets.deallocate()
    offsets32.deallocate()
  }

  func requireCount(_ count: Int, _ partners: StaticString) {
    require(
      self.count == count, "The list has \(self.count) sections, but there are \(count) \(partners) to exchange with.")
  }

  func requireNear() {
    require(isNear, "The sections of an exchange among all processes begin within 2147483647 bytes of one another.")
  }
}
