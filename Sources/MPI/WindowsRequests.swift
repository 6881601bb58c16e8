// Accesses to windows that are waited for one by one, under a lock.

internal import CMPI

extension LockEpoch {
  /// Writes the elements of a buffer to the memory of a process. When the request is complete the buffer may change; the
  /// elements are there after a flush or the end of the epoch.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Rput`.
  public func startPut<Buffer: OwnedBuffer, Place: RemotePlace>(_ buffer: Buffer, to place: Place)
    throws(MPIError) -> Request<Buffer>
  where Place.Element == Buffer.Element, Place.Home == Home {
    let (target, rank) = try target(of: buffer, at: place)
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try ActiveRequest("MPI_Rput", reading: buffer.storage, keeping: window) { request in
          MPI_Rput(
            buffer.address, count, type, rank, target.offset, targetCount, targetType, window.handle, &request)
        }
      }
    }
    return Request(request, giving: buffer)
  }

  /// Reads elements from the memory of a process. They are in the buffer when the request is complete.
  ///
  /// Called by the process that reads. The corresponding MPI function is `MPI_Rget`.
  public func startGet<Buffer: OwnedBuffer, Place: RemotePlace>(into buffer: Buffer, from place: Place)
    throws(MPIError) -> Request<Buffer>
  where Place.Element == Buffer.Element, Place.Home == Home {
    let (target, rank) = try target(of: buffer, at: place)
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try ActiveRequest("MPI_Rget", writing: buffer.storage, keeping: window) { request in
          MPI_Rget(
            buffer.address, count, type, rank, target.offset, targetCount, targetType, window.handle, &request)
        }
      }
    }
    return Request(request, giving: buffer)
  }

  /// Combines the elements of a buffer with those in the memory of a process. When the request is complete the buffer may
  /// change; the elements are combined after a flush or the end of the epoch.
  ///
  /// Called by the process that writes. The corresponding MPI function is `MPI_Raccumulate`.
  public func startAccumulate<Buffer: OwnedBuffer, Place: RemotePlace>(
    _ buffer: Buffer, into place: Place, _ operation: Reduction<Buffer.Element>
  ) throws(MPIError) -> Request<Buffer> where Place.Element == Buffer.Element, Place.Home == Home {
    let (target, rank) = try target(of: buffer, at: place)
    let operation = operation.forWindows.handle
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
        try ActiveRequest("MPI_Raccumulate", reading: buffer.storage, keeping: window) { request in
          MPI_Raccumulate(
            buffer.address, count, type, rank, target.offset, targetCount, targetType, operation, window.handle,
            &request)
        }
      }
    }
    return Request(request, giving: buffer)
  }

  /// Combines the elements of a buffer with those in the memory of a process, and reads what was there before, which is in
  /// `result` when the request is complete.
  ///
  /// Called by the process that accesses. The corresponding MPI function is `MPI_Rget_accumulate`.
  public func startGetAccumulate<Buffer: OwnedBuffer, Result: OwnedBuffer, Place: RemotePlace>(
    _ buffer: Buffer, with place: Place, _ operation: Reduction<Buffer.Element>, into result: Result
  ) throws(MPIError) -> Request<Result>
  where Place.Element == Buffer.Element, Result.Element == Buffer.Element, Place.Home == Home {
    let (target, rank) = try target(of: buffer, at: place)
    let element = Buffer.Element.datatype
    requireSameCount(
      try window.elementCount(buffer.count, buffer.datatype, of: element),
      try window.elementCount(result.count, result.datatype, of: element))
    let operation = operation.forWindows.handle
    let request = try withCount(buffer.count, buffer.datatype) { (count, type) throws(MPIError) in
      try withCount(result.count, result.datatype) { (resultCount, resultType) throws(MPIError) in
        try withCount(target.count, target.datatype) { (targetCount, targetType) throws(MPIError) in
          try ActiveRequest(
            "MPI_Rget_accumulate", reading: buffer.storage, writing: result.storage, keeping: window
          ) { request in
            MPI_Rget_accumulate(
              buffer.address, count, type, result.address, resultCount, resultType, rank, target.offset, targetCount,
              targetType, operation, window.handle, &request)
          }
        }
      }
    }
    return Request(request, giving: result)
  }

  private func target<Buffer: OwnedBuffer, Place: RemotePlace>(of buffer: Buffer, at place: Place)
    throws(MPIError) -> (RemoteTarget, CInt)
  where Place.Element == Buffer.Element, Place.Home == Home {
    let elements = try window.elementCount(buffer.count, buffer.datatype, of: Buffer.Element.datatype)
    let target = try place.target(in: window, elements: elements)
    return (target, window.covered(target.rank))
  }
}
