// Values that programs keep with a communicator, and those that MPI keeps with the world.

internal import CMPI

/// A key under which communicators hold a value of any Swift type: a cache, say, that a library keeps with each
/// communicator that it was given.
///
/// A communicator owns its values: they are released when it is freed, or when another takes their place. A key is made
/// once, as a rule as a `static let`, and works while it lives.
public final class AttributeKey<Value>: Sendable {
  fileprivate let key: CInt
  fileprivate let copy: @Sendable (Value) -> Value?

  /// A key whose values stay behind when a communicator is duplicated, or go along as `copy` says.
  ///
  /// - Parameter copy: called in `duplicate` with the value of the original; what it returns becomes the value of the
  ///   duplicate, nil gives it none. It must not call MPI.
  ///
  /// Any process may call it alone while MPI runs. The corresponding MPI function is `MPI_Comm_create_keyval`.
  public init(copyingWith copy: @escaping @Sendable (Value) -> Value? = { _ in nil }) throws(MPIError) {
    var key: CInt = 0
    try check("MPI_Comm_create_keyval") {
      MPI_Comm_create_keyval(
        { _, _, _, value, result, isCopied in
          guard let value, let result, let isCopied else { return CInt(MPI_ERR_INTERN) }
          let copy = Unmanaged<AttributeBox>.fromOpaque(value).takeUnretainedValue().copied()
          isCopied.pointee = copy == nil ? 0 : 1
          if let copy {
            result.storeBytes(of: Unmanaged.passRetained(copy).toOpaque(), as: UnsafeMutableRawPointer.self)
          }
          return MPI_SUCCESS
        },
        { _, _, value, _ in
          if let value { Unmanaged<AttributeBox>.fromOpaque(value).release() }
          return MPI_SUCCESS
        }, &key, nil)
    }
    self.key = key
    self.copy = copy
  }

  deinit {
    guard isMPIRunning else { return }
    var key = key
    // MPI keeps what values need until the last is gone. Nothing can be thrown from here.
    _ = MPI_Comm_free_keyval(&key)
  }
}

/// A value as MPI holds it, for functions that do not know its type.
private class AttributeBox {
  func copied() -> AttributeBox? { nil }
}

private final class TypedAttributeBox<Value>: AttributeBox {
  let value: Value
  let copy: @Sendable (Value) -> Value?

  init(_ value: Value, copy: @escaping @Sendable (Value) -> Value?) {
    self.value = value
    self.copy = copy
  }

  override func copied() -> AttributeBox? { copy(value).map { TypedAttributeBox($0, copy: copy) } }
}

extension AnyCommunicator {
  /// The value that the communicator holds under a key, nil when it has none.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_get_attr`.
  public func attribute<Value>(_ key: AttributeKey<Value>) throws(MPIError) -> Value? {
    try MPI.attribute(of: handle, key)
  }

  /// Lets the communicator hold a value under a key, in place of the one that it may have.
  ///
  /// Any process may call it alone, though the values of the processes should fit together. The corresponding MPI
  /// function is `MPI_Comm_set_attr`.
  public func setAttribute<Value>(_ key: AttributeKey<Value>, to value: Value) throws(MPIError) {
    let box = Unmanaged<AttributeBox>.passRetained(TypedAttributeBox(value, copy: key.copy))
    do throws(MPIError) {
      try check("MPI_Comm_set_attr") { MPI_Comm_set_attr(handle, key.key, box.toOpaque()) }
    } catch {
      box.release()
      throw error
    }
  }

  /// Releases the value that the communicator holds under a key, if it has one.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_delete_attr`.
  public func removeAttribute<Value>(_ key: AttributeKey<Value>) throws(MPIError) {
    guard try attribute(key) != nil else { return }
    try check("MPI_Comm_delete_attr") { MPI_Comm_delete_attr(handle, key.key) }
  }
}

/// The value under a key of the communicator with this handle.
internal func attribute<Value>(of handle: MPI_Comm, _ key: AttributeKey<Value>) throws(MPIError) -> Value? {
  var address: UnsafeMutableRawPointer?
  var isSet: CInt = 0
  try check("MPI_Comm_get_attr") { MPI_Comm_get_attr(handle, key.key, &address, &isSet) }
  guard isSet != 0, let address else { return nil }
  let box = Unmanaged<AttributeBox>.fromOpaque(address).takeUnretainedValue()
  return (box as? TypedAttributeBox<Value>)?.value
}

// MARK: What MPI tells of the world

extension Communicator {
  /// How many processes there could be in all, those that `spawn` may start included; nil when the launcher does not
  /// tell.
  ///
  /// Any process may call it alone. The corresponding MPI attribute is `MPI_UNIVERSE_SIZE`.
  public static func universeSize() throws(MPIError) -> Int? { try worldAttribute(cmpi_universe_size()) }

  /// Which of the programs this is that were started together, from 0: of the parts of a command line or of the list
  /// given to `spawn`; nil when the launcher does not tell.
  ///
  /// Any process may call it alone. The corresponding MPI attribute is `MPI_APPNUM`.
  public static func applicationNumber() throws(MPIError) -> Int? { try worldAttribute(cmpi_appnum()) }
}

/// Whether `wtime` is the same on all processes.
///
/// Any process may call it alone while MPI runs. The corresponding MPI attribute is `MPI_WTIME_IS_GLOBAL`.
public func isWtimeGlobal() throws(MPIError) -> Bool { try worldAttribute(cmpi_wtime_is_global()) ?? 0 != 0 }

/// A number that MPI keeps with the communicator of all processes.
internal func worldAttribute(_ key: CInt) throws(MPIError) -> Int? {
  var address: UnsafeMutablePointer<CInt>?
  var isSet: CInt = 0
  try check("MPI_Comm_get_attr") { MPI_Comm_get_attr(cmpi_comm_world(), key, &address, &isSet) }
  guard isSet != 0, let address else { return nil }
  return Int(address.pointee)
}
