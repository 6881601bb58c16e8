// Memory that buffered sends copy their messages into.

internal import CMPI

/// Memory that MPI copies the messages of buffered sends into, so that these complete at once.
///
/// A process has at most one at a time. When it goes, the call waits until all messages in it have been received.
///
/// ```swift
/// let space = try SendSpace(byteCount: 4 * world.bufferedByteCount(of: Double.self, count: 1000))
/// try world.send(values, to: 1, mode: .buffered)
/// try space.detach()
/// ```
public struct SendSpace: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  private var isAttached = false

  /// Gives memory to MPI for the messages of this process.
  ///
  /// - Parameter byteCount: how much; see `AnyCommunicator.bufferedByteCount(of:count:)`.
  /// - Throws: `MPIError` of class `invalidBuffer` when this process has a space already.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Buffer_attach`.
  public init(byteCount: Int) throws(MPIError) {
    require(
      byteCount >= 1 && byteCount <= Int(CInt.max), "A space for messages has 1 to 2147483647 bytes, not \(byteCount).")
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    do throws(MPIError) {
      try check("MPI_Buffer_attach") {
        let code = MPI_Buffer_attach(memory, CInt(byteCount))
        // Open MPI 4.1 returns a code of its own, which its other functions do not know.
        return code < 0 ? MPI_ERR_BUFFER : code
      }
    } catch {
      memory.deallocate()
      throw error
    }
    self.memory = memory
    isAttached = true
  }

  deinit {
    if isAttached && isMPIRunning { Self.release(memory) }
  }

  /// Waits until the messages in the space have been received, and takes it back from MPI.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Buffer_detach`.
  public consuming func detach() throws(MPIError) {
    isAttached = false
    do throws(MPIError) {
      try check("MPI_Buffer_detach") { Self.detach() }
    } catch {
      Self.release(memory)
      throw error
    }
    memory.deallocate()
  }

  /// Takes the memory back; when MPI does not give it, it stays MPI's.
  private static func release(_ memory: UnsafeMutableRawPointer) {
    if detach() == MPI_SUCCESS { memory.deallocate() }
  }

  private static func detach() -> CInt {
    var (address, byteCount): (UnsafeMutableRawPointer?, CInt) = (nil, 0)
    return MPI_Buffer_detach(&address, &byteCount)
  }
}

extension AnyCommunicator {
  /// The bytes that one buffered message takes of a `SendSpace`.
  ///
  /// - Parameters:
  ///   - type: the type of its elements.
  ///   - count: how many there are, of fewer than 2³¹ bytes together.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Pack_size`, to which `MPI_BSEND_OVERHEAD` is
  /// added.
  public func bufferedByteCount<T: MPIDatatype>(of type: T.Type, count: Int) throws(MPIError) -> Int {
    let limit = Int(CInt.max) / MemoryLayout<T>.stride
    require(
      count >= 0 && count <= limit, "A buffered message of \(T.self) has from 0 to \(limit) elements, not \(count).")
    let count = CInt(truncatingIfNeeded: count)
    var byteCount: CInt = 0
    try check("MPI_Pack_size") { MPI_Pack_size(count, T.datatype.handle, handle, &byteCount) }
    return Int(byteCount) + Int(MPI_BSEND_OVERHEAD)
  }
}
