// The calls of MPI that are so short that what stands around them counts.
//
// Their checks are compiled into callers, where most of them are known to hold, and so are the calls themselves: between a
// program and MPI there is then no other function. Handles are numbers here, which callers' code can keep without knowing
// what they are in the implementation at hand.

public import CMPI

@usableFromInline
internal enum Calls {
  @inlinable @inline(__always)
  static func send(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedSend(data, count, type, rank, tag, communicator) }
    return MPI_Send(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator))
  }

  @inlinable @inline(__always)
  static func receive(
    _ data: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int,
    _ status: UnsafeMutablePointer<Status>?
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedReceive(data, count, type, rank, tag, communicator, status) }
    return MPI_Recv(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(status))
  }

  /// The handle of the request is written to a number that was 0: it may be as long or half as long.
  @inlinable @inline(__always)
  static func startSend(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int,
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    guard ForcedFailure.order == nil else {
      return forcedStartSend(data, count, type, rank, tag, communicator, request)
    }
    return MPI_Isend(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(request))
  }

  /// Tag and rank change places since the compiler would make one function of this and the other, with a jump more.
  @inlinable @inline(__always)
  static func startReceive(
    _ data: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ tag: CInt, _ rank: CInt, _ communicator: Int,
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    guard ForcedFailure.order == nil else {
      return forcedStartReceive(data, count, type, tag, rank, communicator, request)
    }
    return MPI_Irecv(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(request))
  }

  @inlinable @inline(__always)
  static func wait(
    _ request: UnsafeMutablePointer<Int>, _ status: UnsafeMutablePointer<Status>?
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedWait(request, status) }
    return MPI_Wait(address(request), address(status))
  }

  /// For an operation whose status nobody asks for.
  @inlinable @inline(__always)
  static func waitOnly(
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedWaitOnly(request) }
    return MPI_Wait(address(request), cmpi_status_ignore())
  }

  @inlinable @inline(__always)
  static func allReduce(
    _ data: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ operation: Int,
    _ communicator: Int
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedAllReduce(data, result, count, type, operation, communicator) }
    return MPI_Allreduce(data, result, count, cmpi_datatype(type), cmpi_operation(operation), cmpi_comm(communicator))
  }

  @inlinable @inline(__always)
  static func put(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ offset: Int, _ targetCount: CInt,
    _ targetType: Int, _ window: Int
  ) -> CInt {
    guard ForcedFailure.order == nil else {
      return forcedPut(data, count, type, rank, offset, targetCount, targetType, window)
    }
    return MPI_Put(
      data, count, cmpi_datatype(type), rank, offset, targetCount, cmpi_datatype(targetType), cmpi_win(window))
  }

  @inlinable @inline(__always)
  static func fence(
    _ assertion: CInt, _ window: Int
  ) -> CInt {
    guard ForcedFailure.order == nil else { return forcedFence(assertion, window) }
    return MPI_Win_fence(assertion, cmpi_win(window))
  }

  @inlinable @inline(__always)
  static func address(_ status: UnsafeMutablePointer<Status>?) -> UnsafeMutablePointer<MPI_Status>? {
    UnsafeMutableRawPointer(status)?.assumingMemoryBound(to: MPI_Status.self)
  }

  @inlinable @inline(__always)
  static func address(_ request: UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<MPI_Request> {
    UnsafeMutableRawPointer(request).assumingMemoryBound(to: MPI_Request.self)
  }
}

// MARK: Failures that tests want

// Apart and with the same arguments, so that a call that nothing is to happen to moves none of them.
extension Calls {
  @usableFromInline @inline(never)
  static func forcedSend(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int
  ) -> CInt {
    forcedCode("MPI_Send") ?? MPI_Send(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator))
  }

  @usableFromInline @inline(never)
  static func forcedReceive(
    _ data: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int,
    _ status: UnsafeMutablePointer<Status>?
  ) -> CInt {
    forcedCode("MPI_Recv")
      ?? MPI_Recv(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(status))
  }

  @usableFromInline @inline(never)
  static func forcedStartSend(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ tag: CInt, _ communicator: Int,
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    forcedCode("MPI_Isend")
      ?? MPI_Isend(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(request))
  }

  @usableFromInline @inline(never)
  static func forcedStartReceive(
    _ data: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ tag: CInt, _ rank: CInt, _ communicator: Int,
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    forcedCode("MPI_Irecv")
      ?? MPI_Irecv(data, count, cmpi_datatype(type), rank, tag, cmpi_comm(communicator), address(request))
  }

  @usableFromInline @inline(never)
  static func forcedWait(
    _ request: UnsafeMutablePointer<Int>, _ status: UnsafeMutablePointer<Status>?
  ) -> CInt {
    forcedCode("MPI_Wait") ?? MPI_Wait(address(request), address(status))
  }

  @usableFromInline @inline(never)
  static func forcedWaitOnly(
    _ request: UnsafeMutablePointer<Int>
  ) -> CInt {
    forcedCode("MPI_Wait") ?? MPI_Wait(address(request), cmpi_status_ignore())
  }

  @usableFromInline @inline(never)
  static func forcedAllReduce(
    _ data: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: CInt, _ type: Int, _ operation: Int,
    _ communicator: Int
  ) -> CInt {
    forcedCode("MPI_Allreduce")
      ?? MPI_Allreduce(data, result, count, cmpi_datatype(type), cmpi_operation(operation), cmpi_comm(communicator))
  }

  @usableFromInline @inline(never)
  static func forcedPut(
    _ data: UnsafeRawPointer?, _ count: CInt, _ type: Int, _ rank: CInt, _ offset: Int, _ targetCount: CInt,
    _ targetType: Int, _ window: Int
  ) -> CInt {
    forcedCode("MPI_Put")
      ?? MPI_Put(
        data, count, cmpi_datatype(type), rank, offset, targetCount, cmpi_datatype(targetType), cmpi_win(window))
  }

  @usableFromInline @inline(never)
  static func forcedFence(
    _ assertion: CInt, _ window: Int
  ) -> CInt {
    forcedCode("MPI_Win_fence") ?? MPI_Win_fence(assertion, cmpi_win(window))
  }
}

/// A count that MPI's 32 bits hold; nil when there are more elements, or fewer than none.
@inlinable @inline(__always)
internal func fewElements(_ count: Int) -> CInt? {
  UInt(bitPattern: count) <= UInt(CInt.max) ? CInt(truncatingIfNeeded: count) : nil
}
