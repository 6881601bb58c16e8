// What is known of a message, and the checks that every message passes.

internal import CMPI

/// What is known of a message that was received or is about to be.
public struct Status {
  internal var value: MPI_Status

  internal init(value: MPI_Status = MPI_Status()) { self.value = value }

  /// The rank that sent the message; nil when it came from nobody.
  public var source: Int? { value.MPI_SOURCE == cmpi_proc_null() ? nil : Int(value.MPI_SOURCE) }
  /// The tag of the message; nil when it came from nobody.
  public var tag: Int? { source == nil ? nil : Int(value.MPI_TAG) }

  /// Whether the receive was cancelled, so that there is no message; its source, tag and length then say nothing.
  ///
  /// The corresponding MPI function is `MPI_Test_cancelled`.
  public var isCancelled: Bool {
    var (value, isCancelled): (MPI_Status, CInt) = (value, 0)
    return MPI_Test_cancelled(&value, &isCancelled) == MPI_SUCCESS && isCancelled != 0
  }

  /// How many whole elements the message holds; nil when its bytes are no whole number of them.
  ///
  /// The corresponding MPI functions are `MPI_Get_count` and, past 2³¹ elements, `MPI_Get_elements_x`.
  public func count<Element: MPIDatatype>(of type: Element.Type) -> Int? { count(of: Element.datatype) }

  @usableFromInline
  internal func count(of datatype: Datatype) -> Int? {
    var count: CInt = 0
    var value = value
    guard MPI_Get_count(&value, datatype.handle, &count) == MPI_SUCCESS else { return nil }
    if count != cmpi_undefined() { return Int(count) }
    // Too many for 32 bits, or no whole number of elements: the bytes tell which.
    var (bytes, size): (MPI_Count, MPI_Count) = (0, 0)
    guard MPI_Get_elements_x(&value, cmpi_byte(), &bytes) == MPI_SUCCESS, bytes != cmpi_undefined(),
      MPI_Type_size_x(datatype.handle, &size) == MPI_SUCCESS, size > 0, bytes % size == 0
    else { return nil }
    return Int(bytes / size)
  }
}

extension AnyCommunicator {
  /// As the source of a receive: whoever sent a message that fits.
  public static var anySource: Int { Int.min }
  /// As the tag of a receive: whatever tag the message has.
  public static var anyTag: Int { Int.min }

  /// The largest tag that this MPI library takes, at least 32767. The corresponding MPI attribute is `MPI_TAG_UB`.
  public static var largestTag: Int { Int(Tags.largest) }
}

private enum Tags {
  // Read once; MPI runs whenever a tag is looked at.
  static let largest: CInt = {
    var address: UnsafeMutablePointer<CInt>?
    var isSet: CInt = 0
    let code = MPI_Comm_get_attr(cmpi_comm_world(), cmpi_tag_ub(), &address, &isSet)
    return code == MPI_SUCCESS && isSet != 0 ? address?.pointee ?? 32767 : 32767
  }()
}

// Every message passes through these checks. Nobody (nil) is MPI_PROC_NULL: sending to it or receiving from it returns
// at once, so that code at the edge of a grid needs no case of its own.
extension AnyCommunicator {
  @inline(__always)
  internal func checkedDestination(_ rank: Int?) -> CInt {
    guard let rank else { return cmpi_proc_null() }
    require(rank >= 0 && rank < peerCount, "A destination is a rank from 0 to \(peerCount - 1) or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  @inline(__always)
  internal func checkedSource(_ rank: Int?) -> CInt {
    guard let rank else { return cmpi_proc_null() }
    if rank == Communicator.anySource { return cmpi_any_source() }
    require(
      rank >= 0 && rank < peerCount, "A source is a rank from 0 to \(peerCount - 1), anySource or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  @inline(__always)
  internal func checkedTag(_ tag: Int) -> CInt {
    // The standard takes 32767 at least, and looking up a global constant would be part of each message.
    require(tag >= 0 && (tag <= 32767 || tag <= Int(Tags.largest)), "A tag is from 0 to \(Tags.largest), not \(tag).")
    return CInt(truncatingIfNeeded: tag)
  }

  internal func checkedReceiveTag(_ tag: Int) -> CInt {
    tag == Communicator.anyTag ? cmpi_any_tag() : checkedTag(tag)
  }
}
