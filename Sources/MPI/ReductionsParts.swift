// Reductions of which each process gets another part: scans and reduce-scatter.

internal import CMPI

// MARK: Scan

extension Communicator {
  /// Combines, position by position, the elements of all processes up to this one, itself included.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scan`.
  @inlinable
  public func scan<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = Incoming(target, room, targetType)
        try scan(Combination(Outgoing(data, count, datatype), into: result, operation.operation))
      }
    }
  }

  /// Combines the elements of all processes up to this one where they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Scan` with `MPI_IN_PLACE`.
  @inlinable
  public func scan<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try scan(Combination(inPlace: Incoming(data, count, datatype), operation.operation))
    }
  }

  /// Combines one value of each process up to this one, itself included. The corresponding MPI function is `MPI_Scan`.
  @inlinable
  public func scan<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T {
    var result = value
    try scan(&result, operation)
    return result
  }

  /// Combines, position by position, the elements of the processes before this one.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory. That of rank 0, which has no process before
  ///     it, stays as it is.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Exscan`.
  @inlinable
  public func exScan<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = Incoming(target, room, targetType)
        try exScan(Combination(Outgoing(data, count, datatype), into: result, operation.operation))
      }
    }
  }

  /// Combines the elements of the processes before this one in place of its own; rank 0's stay as they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Exscan` with `MPI_IN_PLACE`.
  @inlinable
  public func exScan<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(
    _ values: inout Buffer, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in
      try exScan(Combination(inPlace: Incoming(data, count, datatype), operation.operation))
    }
  }

  /// Combines one value of each process before this one; nil on rank 0, which has none before it.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Exscan`.
  @inlinable
  public func exScan<T: MPIDatatype>(_ value: T, _ operation: Reduction<T>) throws(MPIError) -> T? {
    var result = value
    try exScan(&result, operation)
    return rank == 0 ? nil : result
  }

  @usableFromInline
  internal func scan(_ values: Combination) throws(MPIError) {
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Scan") { MPI_Scan(sent, received, count, values.datatype, values.operation, handle) }
    }
  }

  @usableFromInline
  internal func exScan(_ values: Combination) throws(MPIError) {
    try values.inParts { (sent, received, count) throws(MPIError) in
      try check("MPI_Exscan") { MPI_Exscan(sent, received, count, values.datatype, values.operation, handle) }
    }
  }
}

// MARK: Reduce and scatter

extension Communicator {
  /// Combines the elements of all processes, position by position, and divides the result evenly among them.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process, `size` times as many as each gets.
  ///   - result: where this process's share of the combined elements goes.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce_scatter_block`.
  @inlinable
  public func reduceScatterBlock<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(_ values: borrowing Sent, into result: inout Received, _ operation: Reduction<Sent.Element>) throws(MPIError)
  where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = Incoming(target, room, targetType)
        try reduceScatterBlock(Outgoing(data, count, datatype), result, operation.operation)
      }
    }
  }

  /// Combines the elements of all processes and gives each its share of the result as an array.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce_scatter_block`.
  @inlinable
  public func reduceScatterBlock<T: MPIDatatype>(_ values: [T], _ operation: Reduction<T>) throws(MPIError) -> [T] {
    try values.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      let share = evenShare(of: values.count, among: size)
      return try makeArray(count: share) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try reduceScatterBlock(
          Outgoing(values.baseAddress, values.count, T.datatype), Incoming(result.baseAddress, share, T.datatype),
          operation.operation)
      }
    }
  }

  /// Combines the elements of all processes, position by position, and divides the result as a layout says.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where this process's share of the combined elements goes.
  ///   - layout: how many of them each process gets, one after another, the same on all processes.
  ///   - operation: how two elements become one.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce_scatter`.
  @inlinable
  public func reduceScatter<
    Sent: SendBuffer & ~Copyable & ~Escapable, Received: ReceiveBuffer & ~Copyable & ~Escapable
  >(
    _ values: borrowing Sent, into result: inout Received, layout: SharesLayout,
    _ operation: Reduction<Sent.Element>
  ) throws(MPIError) where Received.Element == Sent.Element {
    try values.withElements { (data, count, datatype) throws(MPIError) in
      try result.withMutableElements { (target, room, targetType) throws(MPIError) in
        let result = Incoming(target, room, targetType)
        try reduceScatter(Outgoing(data, count, datatype), result, layout, operation.operation)
      }
    }
  }

  /// Combines the elements of all processes and gives each the share that a layout says, as an array.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Reduce_scatter`.
  @inlinable
  public func reduceScatter<T: MPIDatatype>(_ values: [T], layout: SharesLayout, _ operation: Reduction<T>)
    throws(MPIError) -> [T]
  {
    let share = layout.range(of: rank).count
    return try values.withUnsafeBufferPointer { (values) throws(MPIError) -> [T] in
      try makeArray(count: share) { (result: UnsafeMutableBufferPointer<T>) throws(MPIError) in
        try reduceScatter(
          Outgoing(values.baseAddress, values.count, T.datatype), Incoming(result.baseAddress, share, T.datatype),
          layout, operation.operation)
      }
    }
  }

  @usableFromInline
  internal func reduceScatterBlock(_ sent: Outgoing, _ received: Incoming, _ operation: Operation) throws(MPIError) {
    let values = blockCombination(sent, received, operation)
    let count = values.count32
    try check("MPI_Reduce_scatter_block") {
      MPI_Reduce_scatter_block(values.sent, values.received, count, values.datatype, values.operation, handle)
    }
  }

  @usableFromInline
  internal func reduceScatter(
    _ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout, _ operation: Operation
  ) throws(MPIError) {
    let values = sharesCombination(sent, received, layout, operation)
    defer { withExtendedLifetime(layout) {} }
    try check("MPI_Reduce_scatter") {
      MPI_Reduce_scatter(
        values.sent, values.received, layout.counts32, values.datatype, values.operation, handle)
    }
  }

  /// What a reduction into equal shares needs; its count is that of a share.
  internal func blockCombination(_ sent: Outgoing, _ received: Incoming, _ operation: Operation) -> Combination {
    requireRoom(received, times: size, for: sent)
    return Combination(sent.address, received.address, received.count, sent.datatype, operation)
  }

  internal func sharesCombination(
    _ sent: Outgoing, _ received: Incoming, _ layout: SharesLayout, _ operation: Operation
  ) -> Combination {
    layout.requireDense()
    layout.requireShare(of: rank, received.count, processes: size)
    requireLength(sent.count, layout)
    requireApart(sent, received)
    return Combination(sent.address, received.address, sent.count, sent.datatype, operation)
  }

  private func requireLength(_ count: Int, _ layout: SharesLayout) {
    require(
      count == layout.total, "The layout divides \(layout.total) elements, but there are \(count) to be combined.")
  }
}
