// What is known of a message, and the checks that every message passes.

internal import CMPI

/// What is known of a message that was received or is about to be.
public struct Status {
  internal var value: MPI_Status

  @usableFromInline internal init() { value = MPI_Status() }

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
  @inlinable public static var anySource: Int { Int.min }
  /// As the tag of a receive: whatever tag the message has.
  @inlinable public static var anyTag: Int { Int.min }

  /// The largest tag that this MPI library takes, at least 32767. The corresponding MPI attribute is `MPI_TAG_UB`.
  public static var largestTag: Int { Int(Tags.largest) }
}

/// Numbers that stand for a rank or a tag and differ between MPI's implementations.
@usableFromInline
internal enum Wildcard {
  @usableFromInline static var nobody: CInt { @_effects(readnone) get { cmpi_proc_null() } }
  @usableFromInline static var anySource: CInt { @_effects(readnone) get { cmpi_any_source() } }
  @usableFromInline static var anyTag: CInt { @_effects(readnone) get { cmpi_any_tag() } }
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

// Every message passes through these checks, which are compiled into callers since they know most of the answers. Nobody (nil) is MPI_PROC_NULL: sending to it or receiving from it returns
// at once, so that code at the edge of a grid needs no case of its own.
extension AnyCommunicator {
  @inlinable @inline(__always)
  internal func checkedDestination(_ rank: Int?) -> CInt {
    guard let rank else { return Wildcard.nobody }
    require(hasPeer(rank), "A destination is a rank from 0 to \(peerCount - 1) or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  @inlinable @inline(__always)
  internal func checkedSource(_ rank: Int?) -> CInt {
    guard let rank else { return Wildcard.nobody }
    if rank == AnyCommunicator.anySource { return Wildcard.anySource }
    require(hasPeer(rank), "A source is a rank from 0 to \(peerCount - 1), anySource or nil, not \(rank).")
    return CInt(truncatingIfNeeded: rank)
  }

  @inlinable @inline(__always)
  internal func hasPeer(_ rank: Int) -> Bool { UInt(bitPattern: rank) < UInt(bitPattern: peerCount) }

  @inlinable @inline(__always)
  internal func checkedTag(_ tag: Int) -> CInt {
    // The standard takes 32767 at least, and looking up a global constant would be part of each message.
    require(
      tag >= 0 && (tag <= 32767 || tag <= AnyCommunicator.largestTag),
      "A tag is from 0 to \(AnyCommunicator.largestTag), not \(tag).")
    return CInt(truncatingIfNeeded: tag)
  }

  @inlinable @inline(__always)
  internal func checkedReceiveTag(_ tag: Int) -> CInt {
    tag == AnyCommunicator.anyTag ? Wildcard.anyTag : checkedTag(tag)
  }
}
