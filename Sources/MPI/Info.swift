// Hints to MPI: keys and values, both text.

internal import CMPI

/// Hints that calls of MPI take: a list of keys with a value each, used like a dictionary.
///
/// MPI passes over keys that it does not know. Copies are independent: changing one leaves the others as they are.
///
///     var hints = try Info([.noLocks: "true"])
///     try hints.set(.stripingFactor, to: 8)
///
/// A key has 1 to 36 bytes and a value 1 to 255 with Open MPI, a key up to 254 and a value up to 1023 with MPICH;
/// longer ones are thrown as an `MPIError`. Any process may use hints alone while MPI runs; calls that take them say
/// whether all processes must give the same.
public struct Info {
  /// What a hint is about. Those that the standard reserves have names here; any other is a string literal.
  public struct Key: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The key as MPI knows it.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public init(stringLiteral value: String) { rawValue = value }
  }

  private var storage: InfoStorage

  internal var handle: MPI_Info { storage.handle }

  private init(_ storage: InfoStorage) { self.storage = storage }

  /// An empty list of hints. The corresponding MPI function is `MPI_Info_create`.
  public init() throws(MPIError) {
    var handle = cmpi_info_null()
    try check("MPI_Info_create") { MPI_Info_create(&handle) }
    storage = InfoStorage(handle, isOwned: true)
  }

  /// A list of hints with the values of `pairs`; the last value given for a key holds.
  ///
  /// The corresponding MPI functions are `MPI_Info_create` and `MPI_Info_set`.
  public init(_ pairs: KeyValuePairs<Key, String>) throws(MPIError) {
    try self.init()
    for (key, value) in pairs { try set(key, to: value) }
  }

  /// A list of hints with the contents of a dictionary.
  ///
  /// The corresponding MPI functions are `MPI_Info_create` and `MPI_Info_set`.
  public init(_ values: [String: String]) throws(MPIError) {
    try self.init()
    for (key, value) in values { try set(Key(rawValue: key), to: value) }
  }

  /// Takes over a list that MPI handed out.
  internal init(owning handle: MPI_Info) { storage = InfoStorage(handle, isOwned: true) }

  /// What the launcher told MPI about how the program was started: `command`, `argv`, `wdir` and others, as far as the
  /// library knows. The corresponding MPI constant is `MPI_INFO_ENV`.
  public static var environment: Info { Info(InfoStorage(cmpi_info_env(), isOwned: false)) }
}

private final class InfoStorage {
  var handle: MPI_Info
  let isOwned: Bool

  init(_ handle: MPI_Info, isOwned: Bool) {
    self.handle = handle
    self.isOwned = isOwned
  }

  deinit {
    // Nothing can be thrown from here; a failure leaks a handle and no more.
    if isOwned && isMPIRunning { _ = MPI_Info_free(&handle) }
  }
}

/// The handle that stands for hints in a call: none is `MPI_INFO_NULL`.
internal func infoHandle(_ info: Info?) -> MPI_Info { info?.handle ?? cmpi_info_null() }

extension Info {
  /// The value of a key, nil when it has none.
  ///
  /// The corresponding MPI functions are `MPI_Info_get_valuelen` and `MPI_Info_get`.
  public subscript(key: Key) -> String? {
    get throws(MPIError) {
      var (length, isThere): (CInt, CInt) = (0, 0)
      try check("MPI_Info_get_valuelen") { MPI_Info_get_valuelen(handle, key.rawValue, &length, &isThere) }
      guard isThere != 0 else { return nil }
      return try text(ofLength: Int(length)) { (characters) throws(MPIError) in
        try check("MPI_Info_get") { MPI_Info_get(handle, key.rawValue, length, characters, &isThere) }
      }
    }
  }

  /// The value of a key as a number, a truth value or another type that text can be turned into; nil when it has none
  /// or cannot be read as one.
  ///
  /// The corresponding MPI functions are `MPI_Info_get_valuelen` and `MPI_Info_get`.
  public func value<Value: LosslessStringConvertible>(of key: Key, as type: Value.Type) throws(MPIError) -> Value? {
    guard let text = try self[key] else { return nil }
    return Value(text)
  }

  /// Gives a key a value, in place of the one that it may have.
  ///
  /// - Throws: `MPIError` of class `invalidInfoKey` or `invalidInfoValue` when one of them is empty or too long.
  ///
  /// The corresponding MPI function is `MPI_Info_set`.
  public mutating func set(_ key: Key, to value: some LosslessStringConvertible) throws(MPIError) {
    try makeUnique()
    try check("MPI_Info_set") { MPI_Info_set(handle, key.rawValue, value.description) }
  }

  /// Takes a key and its value out and returns the value; nil when there was none.
  ///
  /// The corresponding MPI function is `MPI_Info_delete`.
  @discardableResult
  public mutating func remove(_ key: Key) throws(MPIError) -> String? {
    guard let old = try self[key] else { return nil }
    try makeUnique()
    try check("MPI_Info_delete") { MPI_Info_delete(handle, key.rawValue) }
    return old
  }

  /// How many keys there are. The corresponding MPI function is `MPI_Info_get_nkeys`.
  public var count: Int {
    get throws(MPIError) {
      var count: CInt = 0
      try check("MPI_Info_get_nkeys") { MPI_Info_get_nkeys(handle, &count) }
      return Int(count)
    }
  }

  /// The keys, in the order that MPI gives them.
  ///
  /// The corresponding MPI functions are `MPI_Info_get_nkeys` and `MPI_Info_get_nthkey`.
  public var keys: [Key] {
    get throws(MPIError) {
      var result: [Key] = []
      for index in 0..<(try count) {
        let name = try text(ofLength: Int(MPI_MAX_INFO_KEY)) { (characters) throws(MPIError) in
          try check("MPI_Info_get_nthkey") { MPI_Info_get_nthkey(handle, CInt(index), characters) }
        }
        result.append(Key(rawValue: name))
      }
      return result
    }
  }

  /// All keys and their values. The corresponding MPI functions are those of `keys` and of the subscript.
  public var dictionary: [String: String] {
    get throws(MPIError) {
      var result: [String: String] = [:]
      for key in try keys { result[key.rawValue] = try self[key] }
      return result
    }
  }

  /// Before a change: gives this value a list of its own. The corresponding MPI function is `MPI_Info_dup`.
  private mutating func makeUnique() throws(MPIError) {
    if isKnownUniquelyReferenced(&storage) && storage.isOwned { return }
    var copy = cmpi_info_null()
    try check("MPI_Info_dup") { MPI_Info_dup(handle, &copy) }
    storage = InfoStorage(copy, isOwned: true)
  }
}

/// Runs a call that writes at most `length` characters and a zero, and returns them as text.
private func text(ofLength length: Int, _ call: (UnsafeMutablePointer<CChar>) throws(MPIError) -> Void)
  throws(MPIError) -> String
{
  var characters = [CChar](repeating: 0, count: length + 1)
  var failure: MPIError?
  let result = characters.withUnsafeMutableBufferPointer { characters in
    do throws(MPIError) { try call(characters.baseAddress!) } catch { failure = error }
    return String(cString: characters.baseAddress!)
  }
  if let failure { throw failure }
  return result
}

// The keys that the standard reserves, in the order of its chapters.
extension Info.Key {
  /// The host or hosts on which to start processes.
  public static let host: Self = "host"
  /// The architecture of the machines on which to start processes.
  public static let architecture: Self = "arch"
  /// The folder in which started processes run.
  public static let workingDirectory: Self = "wdir"
  /// The folders in which to look for the program to start.
  public static let path: Self = "path"
  /// How many processes may be started: a list of numbers and ranges.
  public static let soft: Self = "soft"
  /// The network address for a port.
  public static let ipAddress: Self = "ip_address"
  /// The network port number for a port.
  public static let ipPort: Self = "ip_port"

  /// For a window: `true` promises that it is never locked.
  public static let noLocks: Self = "no_locks"
  /// For a window: the order in which accumulates to one place take effect, as `rar,raw,war,waw` or less.
  public static let accumulateOrdering: Self = "accumulate_ordering"
  /// For a window: `same_op` or `same_op_no_op`, which operations accumulates to one place use at a time.
  public static let accumulateOperations: Self = "accumulate_ops"
  /// For a window: `true` promises that its size is the same on all processes.
  public static let sameSize: Self = "same_size"
  /// For a window: `true` promises that its displacement unit is the same on all processes.
  public static let sameDisplacementUnit: Self = "same_disp_unit"
  /// For shared memory: `true` lets the segments of the processes lie apart.
  public static let sharedNoncontiguous: Self = "alloc_shared_noncontig"

  /// For a file: how it will be read and written, such as `read_once,sequential`.
  public static let accessStyle: Self = "access_style"
  /// For a file: `true` when collective calls shall gather data on a few processes first.
  public static let collectiveBuffering: Self = "collective_buffering"
  /// For a file: bytes of the blocks in which collective calls access it.
  public static let collectiveBlockSize: Self = "cb_block_size"
  /// For a file: bytes that each gathering process has for collective calls.
  public static let collectiveBufferSize: Self = "cb_buffer_size"
  /// For a file: how many processes gather data in collective calls.
  public static let collectiveNodes: Self = "cb_nodes"
  /// For a file: the size of the blocks in which an array is stored.
  public static let chunkedSize: Self = "chunked_size"
  /// For a file: permissions of a new one.
  public static let filePermissions: Self = "file_perm"
  /// For a file: the devices to use.
  public static let ioNodeList: Self = "io_node_list"
  /// For a file: how many processes will open it.
  public static let processCount: Self = "nb_proc"
  /// For a file: how many devices to use.
  public static let ioNodeCount: Self = "num_io_nodes"
  /// For a file: over how many devices a new one is spread.
  public static let stripingFactor: Self = "striping_factor"
  /// For a file: bytes on one device before the next is used.
  public static let stripingUnit: Self = "striping_unit"
}
