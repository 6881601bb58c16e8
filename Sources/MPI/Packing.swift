// Messages put together from parts of different types.

internal import CMPI

/// One byte of a packed message. The corresponding MPI datatype is `MPI_PACKED`.
public struct PackedByte: MPIDatatype, Hashable {
  /// The bits.
  public var bits: UInt8

  /// A byte of a packed message.
  public init(_ bits: UInt8) { self.bits = bits }

  public static var datatype: Datatype { Datatype(handle: cmpi_packed()) }
}

/// A message of parts that have different types, or that lie in different places: they are packed one after another into
/// bytes, sent at once, and unpacked in the same order.
///
///     var message = PackedMessage(for: world)
///     try message.append(step)
///     try message.append(matrix[column])
///     try world.send(message, to: 1)
///
/// and on rank 1
///
///     var message = PackedMessage(for: world, try world.receive([PackedByte].self, from: 0))
///     let step = try message.next(Int.self)
///     try message.next(into: &matrix[column])
///
/// In the `portable` form the bytes are the same for every MPI library and machine, as for a file that others will read.
public struct PackedMessage {
  /// What the bytes look like.
  private enum Form {
    case native(AnyCommunicator)
    case portable
  }

  private let form: Form
  /// The message so far, or the one that was received.
  public private(set) var bytes: [PackedByte]
  /// The byte at which the next part is read.
  public private(set) var position = 0

  /// A message to send within a group, or one that came from there.
  ///
  /// - Parameters:
  ///   - communicator: the group that the message travels in.
  ///   - bytes: what was received; nothing for a message to be put together.
  public init(for communicator: AnyCommunicator, _ bytes: [PackedByte] = []) {
    form = .native(communicator)
    self.bytes = bytes
  }

  /// A message in the standard's portable form, `external32`: big-endian numbers of fixed widths.
  ///
  /// - Parameter bytes: what was received or read; nothing for a message to be put together.
  public init(portable bytes: [PackedByte] = []) {
    form = .portable
    self.bytes = bytes
  }

  /// Whether all parts were read.
  public var isAtEnd: Bool { position == bytes.count }

  /// Forgets all parts but keeps the memory for others.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    position = 0
  }

  /// Adds elements at the end.
  ///
  /// Any process may call it alone. The corresponding MPI functions are `MPI_Pack_size` and `MPI_Pack`, for the portable
  /// form `MPI_Pack_external_size` and `MPI_Pack_external`.
  @inlinable
  public mutating func append<Buffer: SendBuffer & ~Copyable & ~Escapable>(_ values: borrowing Buffer) throws(MPIError)
  {
    try values.withElements { (data, count, datatype) throws(MPIError) in try append(data, count, datatype) }
  }

  /// Reads as many elements as there is room for.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Unpack`, for the portable form
  /// `MPI_Unpack_external`.
  ///
  /// - Throws: `MPIError` of class `truncated` when fewer bytes are left.
  @inlinable
  public mutating func next<Buffer: ReceiveBuffer & ~Copyable & ~Escapable>(into values: inout Buffer) throws(MPIError)
  {
    try values.withMutableElements { (data, count, datatype) throws(MPIError) in try next(data, count, datatype) }
  }

  /// Reads one value. The corresponding MPI functions are `MPI_Unpack` and `MPI_Unpack_external`.
  @inlinable
  public mutating func next<T: MPIDatatype>(_ type: T.Type) throws(MPIError) -> T {
    try next([T].self, count: 1)[0]
  }

  /// Reads as many values as asked for. The corresponding MPI functions are `MPI_Unpack` and `MPI_Unpack_external`.
  @inlinable
  public mutating func next<T: MPIDatatype>(_ type: [T].Type, count: Int) throws(MPIError) -> [T] {
    require(count >= 0, "A part of a message has 0 elements or more, not \(count).")
    return try makeArray(count: count) { (storage: UnsafeMutableBufferPointer<T>) throws(MPIError) in
      try next(storage.baseAddress, count, T.datatype)
    }
  }

  /// The most bytes that elements take in a packed message.
  ///
  /// The corresponding MPI functions are `MPI_Pack_size` and `MPI_Pack_external_size`.
  @inlinable
  public func size<Buffer: SendBuffer & ~Copyable & ~Escapable>(of values: borrowing Buffer) throws(MPIError) -> Int {
    try values.withElements { (_, count, datatype) throws(MPIError) in try size(count, datatype) }
  }
}

extension PackedMessage: SendBuffer {
  public typealias Element = PackedByte

  @inlinable
  public func withElements<R, E: Error>(_ body: (UnsafeRawPointer?, Int, Datatype) throws(E) -> R) throws(E) -> R {
    try bytes.withElements(body)
  }
}

extension PackedMessage {
  @usableFromInline
  internal func size(_ count: Int, _ datatype: Datatype) throws(MPIError) -> Int {
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch form {
      case .native(let communicator):
        var size: CInt = 0
        try check("MPI_Pack_size") { MPI_Pack_size(count, type, communicator.handle, &size) }
        require(size >= 0, "A packed message of this group holds fewer than 2147483648 bytes: use the portable form.")
        return Int(size)
      case .portable:
        var size: MPI_Aint = 0
        try check("MPI_Pack_external_size") { MPI_Pack_external_size("external32", count, type, &size) }
        return size
      }
    }
  }

  @usableFromInline
  internal mutating func append(_ data: UnsafeRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError) {
    let end = bytes.count
    let room = try size(count, datatype)
    bytes.append(contentsOf: repeatElement(PackedByte(0), count: room))
    var newEnd = end
    defer { bytes.removeLast(bytes.count - newEnd) }
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch form {
      case .native(let communicator):
        var (place, capacity) = (checkedBytes(end), checkedBytes(bytes.count))
        try check("MPI_Pack") { MPI_Pack(data, count, type, &bytes, capacity, &place, communicator.handle) }
        newEnd = Int(place)
      case .portable:
        var place = end
        let capacity = bytes.count
        try check("MPI_Pack_external") {
          MPI_Pack_external("external32", data, count, type, &bytes, capacity, &place)
        }
        newEnd = place
      }
    }
  }

  @usableFromInline
  internal mutating func next(_ data: UnsafeMutableRawPointer?, _ count: Int, _ datatype: Datatype) throws(MPIError) {
    // MPICH 4.0 ends the process when it runs out of bytes, instead of saying so.
    let size = try datatype.size
    let isEnough = count == 0 || size <= (bytes.count - position) / count
    try withCount(count, datatype) { (count, type) throws(MPIError) in
      switch form {
      case .native(let communicator):
        var place = checkedBytes(position)
        let length = checkedBytes(bytes.count)
        try check("MPI_Unpack") {
          isEnough
            ? MPI_Unpack(bytes, length, &place, data, count, type, communicator.handle) : CInt(MPI_ERR_TRUNCATE)
        }
        position = Int(place)
      case .portable:
        var place = position
        try check("MPI_Unpack_external") {
          isEnough
            ? MPI_Unpack_external("external32", bytes, bytes.count, &place, data, count, type) : CInt(MPI_ERR_TRUNCATE)
        }
        position = place
      }
    }
  }

  private func checkedBytes(_ count: Int) -> CInt {
    require(
      CInt(exactly: count) != nil,
      "A packed message of this group holds fewer than 2147483648 bytes, not \(count): use the portable form.")
    return CInt(truncatingIfNeeded: count)
  }
}
