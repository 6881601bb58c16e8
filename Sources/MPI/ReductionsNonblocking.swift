// Reductions while the program computes.
//
// All processes of a group start these calls in the same order. The memory that one reads or writes must not be touched
// until the request's `wait` has given the result. One call combines up to 2147483647 elements.

internal import CMPI

// MARK: Reduce

extension Communicator {
  /// Starts to combine the elements of all processes, position by position, on all processes.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory.
  ///   - operation: how two elements become one.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iallreduce`.
  public func startAllReduce<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let combination = Combination(Outgoing(values), into: Incoming(result), operation.operation)
    return Request(try startAllReduce(combination, reading: values.storage, result.storage), giving: result)
  }

  /// Starts to combine the elements of all processes where they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iallreduce` with `MPI_IN_PLACE`.
  public func startAllReduce<Buffer: OwnedBuffer>(_ values: Buffer, _ operation: Reduction<Buffer.Element>)
    throws(MPIError) -> Request<Buffer>
  {
    let combination = Combination(inPlace: Incoming(values), operation.operation)
    return Request(try startAllReduce(combination, reading: nil, values.storage), giving: values)
  }

  private func startAllReduce(_ values: Combination, reading read: MessageStorage?, _ written: MessageStorage)
    throws(MPIError) -> ActiveRequest
  {
    let count = values.count32
    return try ActiveRequest("MPI_Iallreduce", reading: read, writing: written, keeping: values.kept) {
      MPI_Iallreduce(values.sent, values.received, count, values.datatype, values.operation, handle, &$0)
    }
  }

  /// Starts to combine the elements of all processes, position by position, on one process.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go on the root; as long, and other memory. Not looked at elsewhere, where an
  ///     empty buffer will do.
  ///   - operation: how two elements become one.
  ///   - root: the rank that gets the result.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ireduce`.
  public func startReduce<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, _ operation: Reduction<Sent.Element>, to root: Int
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let isRoot = rank == root
    let combination = Combination(Outgoing(values), into: isRoot ? Incoming(result) : nil, operation.operation)
    let written = isRoot ? result.storage : nil
    return Request(try startReduce(combination, root, reading: values.storage, written), giving: result)
  }

  /// Starts to combine the elements of all processes in the buffer of one process; the others' stay as they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ireduce`, on the root with
  /// `MPI_IN_PLACE`.
  public func startReduce<Buffer: OwnedBuffer>(
    _ values: Buffer, _ operation: Reduction<Buffer.Element>, to root: Int
  ) throws(MPIError) -> Request<Buffer> {
    let request: ActiveRequest
    if rank == root {
      let combination = Combination(inPlace: Incoming(values), operation.operation)
      request = try startReduce(combination, root, reading: nil, values.storage)
    } else {
      let combination = Combination(Outgoing(values), into: nil, operation.operation)
      request = try startReduce(combination, root, reading: values.storage, nil)
    }
    return Request(request, giving: values)
  }

  private func startReduce(
    _ values: Combination, _ root: Int, reading read: MessageStorage?, _ written: MessageStorage?
  ) throws(MPIError) -> ActiveRequest {
    let (count, root) = (values.count32, checkedRoot(root))
    return try ActiveRequest("MPI_Ireduce", reading: read, writing: written, keeping: values.kept) {
      MPI_Ireduce(values.sent, values.received, count, values.datatype, values.operation, root, handle, &$0)
    }
  }
}

// MARK: Scan

extension Communicator {
  /// Starts to combine, position by position, the elements of all processes up to this one, itself included.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory.
  ///   - operation: how two elements become one.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iscan`.
  public func startScan<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let combination = Combination(Outgoing(values), into: Incoming(result), operation.operation)
    return Request(try startScan(combination, reading: values.storage, result.storage), giving: result)
  }

  /// Starts to combine the elements of all processes up to this one where they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iscan` with `MPI_IN_PLACE`.
  public func startScan<Buffer: OwnedBuffer>(_ values: Buffer, _ operation: Reduction<Buffer.Element>)
    throws(MPIError) -> Request<Buffer>
  {
    let combination = Combination(inPlace: Incoming(values), operation.operation)
    return Request(try startScan(combination, reading: nil, values.storage), giving: values)
  }

  private func startScan(_ values: Combination, reading read: MessageStorage?, _ written: MessageStorage)
    throws(MPIError) -> ActiveRequest
  {
    let count = values.count32
    return try ActiveRequest("MPI_Iscan", reading: read, writing: written, keeping: values.kept) {
      MPI_Iscan(values.sent, values.received, count, values.datatype, values.operation, handle, &$0)
    }
  }

  /// Starts to combine, position by position, the elements of the processes before this one.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where the combined elements go; as long, and other memory. That of rank 0, which has no process before
  ///     it, stays as it is.
  ///   - operation: how two elements become one.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iexscan`.
  public func startExScan<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let combination = Combination(Outgoing(values), into: Incoming(result), operation.operation)
    return Request(try startExScan(combination, reading: values.storage, result.storage), giving: result)
  }

  /// Starts to combine the elements of the processes before this one in place of its own; rank 0's stay as they are.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Iexscan` with `MPI_IN_PLACE`.
  public func startExScan<Buffer: OwnedBuffer>(_ values: Buffer, _ operation: Reduction<Buffer.Element>)
    throws(MPIError) -> Request<Buffer>
  {
    let combination = Combination(inPlace: Incoming(values), operation.operation)
    return Request(try startExScan(combination, reading: nil, values.storage), giving: values)
  }

  private func startExScan(_ values: Combination, reading read: MessageStorage?, _ written: MessageStorage)
    throws(MPIError) -> ActiveRequest
  {
    let count = values.count32
    return try ActiveRequest("MPI_Iexscan", reading: read, writing: written, keeping: values.kept) {
      MPI_Iexscan(values.sent, values.received, count, values.datatype, values.operation, handle, &$0)
    }
  }
}

// MARK: Reduce and scatter

extension Communicator {
  /// Starts to combine the elements of all processes, position by position, and to divide the result evenly among them.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process, `size` times as many as each gets.
  ///   - result: where this process's share of the combined elements goes.
  ///   - operation: how two elements become one.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ireduce_scatter_block`.
  public func startReduceScatterBlock<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let combination = blockCombination(Outgoing(values), Incoming(result), operation.operation)
    let count = combination.count32
    let request = try ActiveRequest(
      "MPI_Ireduce_scatter_block", reading: values.storage, writing: result.storage, keeping: combination.kept
    ) {
      MPI_Ireduce_scatter_block(
        combination.sent, combination.received, count, combination.datatype, combination.operation, handle, &$0)
    }
    return Request(request, giving: result)
  }

  /// Starts to combine the elements of all processes, position by position, and to divide the result as a layout says.
  ///
  /// - Parameters:
  ///   - values: as many elements on each process.
  ///   - result: where this process's share of the combined elements goes.
  ///   - layout: how many of them each process gets, one after another, the same on all processes.
  ///   - operation: how two elements become one.
  /// - Returns: a request that gives `result`.
  ///
  /// All processes of the group must call it. The corresponding MPI function is `MPI_Ireduce_scatter`.
  public func startReduceScatter<Sent: OwnedBuffer, Received: OwnedBuffer>(
    _ values: Sent, into result: Received, layout: SharesLayout, _ operation: Reduction<Sent.Element>
  ) throws(MPIError) -> Request<Received> where Received.Element == Sent.Element {
    let combination = sharesCombination(Outgoing(values), Incoming(result), layout, operation.operation)
    let kept = combination.kept == nil ? layout.lists : Kept(layout.lists, combination.kept)
    let request = try ActiveRequest(
      "MPI_Ireduce_scatter", reading: values.storage, writing: result.storage, keeping: kept
    ) {
      MPI_Ireduce_scatter(
        combination.sent, combination.received, layout.counts32, combination.datatype, combination.operation,
        handle, &$0)
    }
    return Request(request, giving: result)
  }
}
