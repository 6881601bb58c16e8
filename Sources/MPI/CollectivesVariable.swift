// Data of which each process of a group gives or gets a share of its own length.

internal import CMPI

// MARK: Gather

extension Communicator {
  /// Joins shares of different lengths on one process.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: on the root, room for all elements; not looked at elsewhere.
  ///   - layout: how long all shares are and where they go; looked at on the root only.
  ///   - root: the rank that gets them.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Gatherv`.
  @inlinable
  public func gatherVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, layout: SharesLayout, to root: Int) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try gatherVariable(Outgoing(data, count, datatype), Incoming(target, room, targetType), layout, root)
      }
    }
  }

  /// Joins elements of any number, in the order of ranks, on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Gather`, for the lengths, and
  /// `MPI_Gatherv`.
  @inlinable
  public func gatherVariable<Sent: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Sent, to root: Int)
    throws(MPIError) -> Shares<Sent.Element>?
  {
    let element = Sent.Element.datatype
    return try values.withElements { (data, count, datatype) throws(MPIError) -> Shares<Sent.Element>? in
      let counts = try gather(elementCount(count, of: datatype, as: element), to: root)
      let layout = SharesLayout(counts: counts ?? [])
      let sent = Outgoing(data, count, datatype)
      guard rank == root else {
        try gatherVariable(sent, Incoming(nil, 0, element), layout, root)
        return nil
      }
      let elements = try makeArray(count: layout.total) {
        (result: UnsafeMutableBufferPointer<Sent.Element>) throws(MPIError) in
        try gatherVariable(sent, Incoming(result.baseAddress, layout.total, element), layout, root)
      }
      return Shares(elements: elements, layout: layout)
    }
  }

  /// The texts of all processes, in the order of ranks, on one process; nil on the others.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Gather` and `MPI_Gatherv`.
  public func gather(_ text: String, to root: Int) throws(MPIError) -> [String]? {
    guard let shares = try gatherVariable(Array(text.utf8), to: root) else { return nil }
    return (0..<size).map { String(decoding: shares[$0], as: UTF8.self) }
  }

  @usableFromInline
  internal func gatherVariable(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout, _ root: Int)
    throws(MPIError)
  {
    let (count, root) = checkedGatherVariable(sent, received, layout, root)
    defer { withExtendedLifetime(layout) {} }
    try check("MPI_Gatherv") {
      MPI_Gatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, root, handle)
    }
  }

  internal func checkedGatherVariable(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout, _ root: Int)
    -> (CInt, CInt)
  {
    if rank == root {
      layout.requireShare(
        of: rank, elementCount(sent.count, of: sent.datatype, as: received.datatype), processes: size)
      layout.requireReceiving(received.count, processes: size)
      requireApart(sent, received)
    }
    return (checkedCount(sent.count), checkedRoot(root))
  }
}

// MARK: Gather to all

extension Communicator {
  /// Joins shares of different lengths on all processes.
  ///
  /// - Parameters:
  ///   - values: this process's elements, as many as `layout` says for its rank.
  ///   - result: room for all elements.
  ///   - layout: how long all shares are, the same on every process, and where they go.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Allgatherv`.
  @inlinable
  public func allGatherVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, layout: SharesLayout) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try allGatherVariable(Outgoing(data, count, datatype), Incoming(target, room, targetType), layout)
      }
    }
  }

  /// Joins elements of any number, in the order of ranks, on all processes.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Allgather`, for the lengths, and
  /// `MPI_Allgatherv`.
  @inlinable
  public func allGatherVariable<Sent: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Sent)
    throws(MPIError) -> Shares<Sent.Element>
  {
    let element = Sent.Element.datatype
    return try values.withElements { (data, count, datatype) throws(MPIError) -> Shares<Sent.Element> in
      let layout = SharesLayout(counts: try allGather(elementCount(count, of: datatype, as: element)))
      let elements = try makeArray(count: layout.total) {
        (result: UnsafeMutableBufferPointer<Sent.Element>) throws(MPIError) in
        try allGatherVariable(
          Outgoing(data, count, datatype), Incoming(result.baseAddress, layout.total, element), layout)
      }
      return Shares(elements: elements, layout: layout)
    }
  }

  /// Joins shares of different lengths in the memory of each process, which has its share in its place already.
  ///
  /// All processes of the group must call it, with the same lengths. The corresponding MPI function is `MPI_Allgatherv`
  /// with `MPI_IN_PLACE`.
  @inlinable
  public func allGatherVariable<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, layout: SharesLayout
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      let values = Incoming(data, count, datatype)
      try allGatherVariableUnchecked(.inPlace(values), values, layout)
    }
  }

  @usableFromInline
  internal func allGatherVariable(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout) throws(MPIError) {
    requireOwnShare(sent, received, layout)
    try allGatherVariableUnchecked(sent, received, layout)
  }

  @usableFromInline
  internal func allGatherVariableUnchecked(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout)
    throws(MPIError)
  {
    layout.requireReceiving(received.count, processes: size)
    let count = checkedCount(sent.count)
    defer { withExtendedLifetime(layout) {} }
    try check("MPI_Allgatherv") {
      MPI_Allgatherv(
        sent.address, count, sent.datatype.handle, received.address, layout.counts32, layout.offsets32,
        received.datatype.handle, handle)
    }
  }

  internal func requireOwnShare(_ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout) {
    layout.requireShare(
      of: rank, elementCount(sent.count, of: sent.datatype, as: received.datatype), processes: size)
    requireApart(sent, received)
  }
}

// MARK: Scatter

extension Communicator {
  /// Divides the elements of one process into shares of different lengths.
  ///
  /// - Parameters:
  ///   - values: on the root, all elements; not looked at elsewhere.
  ///   - layout: how long the shares are and where they lie; looked at on the root only.
  ///   - result: where this process's share goes, as long as the root says.
  ///   - root: the rank whose elements are divided.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scatterv`.
  @inlinable
  public func scatterVariable<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, layout: SharesLayout, into result: inout Received, from root: Int) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        try scatterVariable(Outgoing(data, count, datatype), layout, Incoming(target, room, targetType), root)
      }
    }
  }

  /// Divides the elements of one process into shares of any lengths.
  ///
  /// - Parameters:
  ///   - shares: on the root, what each process gets; nil elsewhere.
  ///   - root: the rank whose elements are divided.
  /// - Returns: this process's share.
  ///
  /// All processes of the group must call it. The corresponding MPI functions are `MPI_Scatter`, for the lengths, and
  /// `MPI_Scatterv`.
  @inlinable
  public func scatterVariable<T: MPIDatatype>(_ shares: Shares<T>?, from root: Int) throws(MPIError) -> [T] {
    require(shares != nil || rank != root, "The root of a scatter has shares to give.")
    let shares = shares ?? Shares([])
    let count = try scatter(shares.layout.counts, from: root)
    return try shares.elements.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      try makeArray(count: count) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try scatterVariable(
          Outgoing(values.baseAddress, values.count, T.datatype), shares.layout,
          Incoming(result.baseAddress, count, T.datatype), root)
      }
    }
  }

  @usableFromInline
  internal func scatterVariable(_ sent: Outgoing, _ layout: SharesLayout, _ received: Incoming, _ root: Int)
    throws(MPIError)
  {
    let (count, root) = checkedScatterVariable(sent, layout, received, root)
    defer { withExtendedLifetime(layout) {} }
    try check("MPI_Scatterv") {
      MPI_Scatterv(
        sent.address, layout.counts32, layout.offsets32, sent.datatype.handle, received.address, count,
        received.datatype.handle, root, handle)
    }
  }

  internal func checkedScatterVariable(_ sent: Outgoing, _ layout: SharesLayout, _ received: Incoming, _ root: Int)
    -> (CInt, CInt)
  {
    if rank == root {
      layout.requireShare(
        of: rank, elementCount(received.count, of: received.datatype, as: sent.datatype), processes: size)
      layout.requireSending(sent.count, processes: size)
      requireApart(sent, received)
    }
    return (checkedCount(received.count), checkedRoot(root))
  }
}
