// The classes of errors, those of the standard and those that programs add.

internal import CMPI

/// A class of errors, as the standard numbers them for the implementation that this was built with, or one that a
/// program added.
public struct ErrorClass: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  private init(_ value: CInt) { self.init(rawValue: Int(value)) }

  /// The standard's name, such as `MPI_ERR_TRUNCATE`; for a class that a program added, its number.
  public var description: String { Self.names[self] ?? "error class \(rawValue)" }

  /// A pointer to memory is not valid.
  public static var invalidBuffer: ErrorClass { ErrorClass(MPI_ERR_BUFFER) }
  /// A number of elements is not valid.
  public static var invalidCount: ErrorClass { ErrorClass(MPI_ERR_COUNT) }
  /// A datatype is not valid.
  public static var invalidType: ErrorClass { ErrorClass(MPI_ERR_TYPE) }
  /// A tag is not valid.
  public static var invalidTag: ErrorClass { ErrorClass(MPI_ERR_TAG) }
  /// A communicator is not valid.
  public static var invalidCommunicator: ErrorClass { ErrorClass(MPI_ERR_COMM) }
  /// A rank is not valid.
  public static var invalidRank: ErrorClass { ErrorClass(MPI_ERR_RANK) }
  /// A request is not valid.
  public static var invalidRequest: ErrorClass { ErrorClass(MPI_ERR_REQUEST) }
  /// A root is not valid.
  public static var invalidRoot: ErrorClass { ErrorClass(MPI_ERR_ROOT) }
  /// A group is not valid.
  public static var invalidGroup: ErrorClass { ErrorClass(MPI_ERR_GROUP) }
  /// An operation of a reduction is not valid.
  public static var invalidOperation: ErrorClass { ErrorClass(MPI_ERR_OP) }
  /// The communicator has no such topology.
  public static var invalidTopology: ErrorClass { ErrorClass(MPI_ERR_TOPOLOGY) }
  /// The dimensions of a grid are not valid.
  public static var invalidDimensions: ErrorClass { ErrorClass(MPI_ERR_DIMS) }
  /// An argument is not valid.
  public static var invalidArgument: ErrorClass { ErrorClass(MPI_ERR_ARG) }
  /// An error that MPI cannot tell more of.
  public static var unknown: ErrorClass { ErrorClass(MPI_ERR_UNKNOWN) }
  /// A message was longer than the storage given for it.
  public static var truncated: ErrorClass { ErrorClass(MPI_ERR_TRUNCATE) }
  /// An error of a kind that has no class; the text tells more.
  public static var other: ErrorClass { ErrorClass(MPI_ERR_OTHER) }
  /// An error inside MPI itself.
  public static var internalError: ErrorClass { ErrorClass(MPI_ERR_INTERN) }
  /// The status of each request says whether it failed.
  public static var inStatus: ErrorClass { ErrorClass(MPI_ERR_IN_STATUS) }
  /// A request is neither done nor failed.
  public static var pending: ErrorClass { ErrorClass(MPI_ERR_PENDING) }
  /// The file may not be used in this way.
  public static var accessDenied: ErrorClass { ErrorClass(MPI_ERR_ACCESS) }
  /// An access mode of a file is not valid.
  public static var invalidAccessMode: ErrorClass { ErrorClass(MPI_ERR_AMODE) }
  /// An assertion about a window is not valid.
  public static var invalidAssertion: ErrorClass { ErrorClass(MPI_ERR_ASSERT) }
  /// The name of a file is not valid.
  public static var badFile: ErrorClass { ErrorClass(MPI_ERR_BAD_FILE) }
  /// The address of a window's memory is not valid.
  public static var invalidBase: ErrorClass { ErrorClass(MPI_ERR_BASE) }
  /// A conversion of data failed.
  public static var conversionFailed: ErrorClass { ErrorClass(MPI_ERR_CONVERSION) }
  /// A displacement in a window is not valid.
  public static var invalidDisplacement: ErrorClass { ErrorClass(MPI_ERR_DISP) }
  /// A data representation of this name exists.
  public static var duplicateRepresentation: ErrorClass { ErrorClass(MPI_ERR_DUP_DATAREP) }
  /// The file exists.
  public static var fileExists: ErrorClass { ErrorClass(MPI_ERR_FILE_EXISTS) }
  /// The file is open somewhere.
  public static var fileInUse: ErrorClass { ErrorClass(MPI_ERR_FILE_IN_USE) }
  /// A file handle is not valid.
  public static var invalidFile: ErrorClass { ErrorClass(MPI_ERR_FILE) }
  /// The key of a hint is empty or too long.
  public static var invalidInfoKey: ErrorClass { ErrorClass(MPI_ERR_INFO_KEY) }
  /// There is no hint with this key.
  public static var noSuchInfoKey: ErrorClass { ErrorClass(MPI_ERR_INFO_NOKEY) }
  /// The value of a hint is empty or too long.
  public static var invalidInfoValue: ErrorClass { ErrorClass(MPI_ERR_INFO_VALUE) }
  /// A list of hints is not valid.
  public static var invalidInfo: ErrorClass { ErrorClass(MPI_ERR_INFO) }
  /// Reading or writing failed.
  public static var inputOutput: ErrorClass { ErrorClass(MPI_ERR_IO) }
  /// The key of an attribute is not valid.
  public static var invalidKey: ErrorClass { ErrorClass(MPI_ERR_KEYVAL) }
  /// The kind of a lock is not valid.
  public static var invalidLockType: ErrorClass { ErrorClass(MPI_ERR_LOCKTYPE) }
  /// No program has published this service name.
  public static var unknownName: ErrorClass { ErrorClass(MPI_ERR_NAME) }
  /// There is not enough memory.
  public static var noMemory: ErrorClass { ErrorClass(MPI_ERR_NO_MEM) }
  /// The processes gave different arguments to a collective call.
  public static var notSame: ErrorClass { ErrorClass(MPI_ERR_NOT_SAME) }
  /// There is not enough space on the device.
  public static var noSpace: ErrorClass { ErrorClass(MPI_ERR_NO_SPACE) }
  /// The file does not exist.
  public static var noSuchFile: ErrorClass { ErrorClass(MPI_ERR_NO_SUCH_FILE) }
  /// A port is not valid.
  public static var invalidPort: ErrorClass { ErrorClass(MPI_ERR_PORT) }
  /// The quota of disk space is exceeded.
  public static var quotaExceeded: ErrorClass { ErrorClass(MPI_ERR_QUOTA) }
  /// The file or the file system can only be read.
  public static var readOnly: ErrorClass { ErrorClass(MPI_ERR_READ_ONLY) }
  /// Accesses to a window are in conflict.
  public static var windowConflict: ErrorClass { ErrorClass(MPI_ERR_RMA_CONFLICT) }
  /// Accesses to a window are not synchronized as they must be.
  public static var windowSynchronization: ErrorClass { ErrorClass(MPI_ERR_RMA_SYNC) }
  /// A service name that is taken back was not published.
  public static var invalidService: ErrorClass { ErrorClass(MPI_ERR_SERVICE) }
  /// A size is not valid.
  public static var invalidSize: ErrorClass { ErrorClass(MPI_ERR_SIZE) }
  /// Processes could not be started.
  public static var spawnFailed: ErrorClass { ErrorClass(MPI_ERR_SPAWN) }
  /// The data representation is not supported.
  public static var unsupportedRepresentation: ErrorClass { ErrorClass(MPI_ERR_UNSUPPORTED_DATAREP) }
  /// The operation is not supported for this file.
  public static var unsupportedOperation: ErrorClass { ErrorClass(MPI_ERR_UNSUPPORTED_OPERATION) }
  /// A window is not valid.
  public static var invalidWindow: ErrorClass { ErrorClass(MPI_ERR_WIN) }
  /// Memory cannot be attached to the window.
  public static var windowAttach: ErrorClass { ErrorClass(MPI_ERR_RMA_ATTACH) }
  /// The place lies outside the window's memory.
  public static var windowRange: ErrorClass { ErrorClass(MPI_ERR_RMA_RANGE) }
  /// The processes cannot share memory.
  public static var windowShared: ErrorClass { ErrorClass(MPI_ERR_RMA_SHARED) }
  /// The call does not fit the way in which the window was made.
  public static var windowFlavor: ErrorClass { ErrorClass(MPI_ERR_RMA_FLAVOR) }

  /// The classes of the standard, in its order, and their names there.
  public static let all: [(errorClass: ErrorClass, name: String)] = [
    (.invalidBuffer, "MPI_ERR_BUFFER"),
    (.invalidCount, "MPI_ERR_COUNT"),
    (.invalidType, "MPI_ERR_TYPE"),
    (.invalidTag, "MPI_ERR_TAG"),
    (.invalidCommunicator, "MPI_ERR_COMM"),
    (.invalidRank, "MPI_ERR_RANK"),
    (.invalidRequest, "MPI_ERR_REQUEST"),
    (.invalidRoot, "MPI_ERR_ROOT"),
    (.invalidGroup, "MPI_ERR_GROUP"),
    (.invalidOperation, "MPI_ERR_OP"),
    (.invalidTopology, "MPI_ERR_TOPOLOGY"),
    (.invalidDimensions, "MPI_ERR_DIMS"),
    (.invalidArgument, "MPI_ERR_ARG"),
    (.unknown, "MPI_ERR_UNKNOWN"),
    (.truncated, "MPI_ERR_TRUNCATE"),
    (.other, "MPI_ERR_OTHER"),
    (.internalError, "MPI_ERR_INTERN"),
    (.inStatus, "MPI_ERR_IN_STATUS"),
    (.pending, "MPI_ERR_PENDING"),
    (.accessDenied, "MPI_ERR_ACCESS"),
    (.invalidAccessMode, "MPI_ERR_AMODE"),
    (.invalidAssertion, "MPI_ERR_ASSERT"),
    (.badFile, "MPI_ERR_BAD_FILE"),
    (.invalidBase, "MPI_ERR_BASE"),
    (.conversionFailed, "MPI_ERR_CONVERSION"),
    (.invalidDisplacement, "MPI_ERR_DISP"),
    (.duplicateRepresentation, "MPI_ERR_DUP_DATAREP"),
    (.fileExists, "MPI_ERR_FILE_EXISTS"),
    (.fileInUse, "MPI_ERR_FILE_IN_USE"),
    (.invalidFile, "MPI_ERR_FILE"),
    (.invalidInfoKey, "MPI_ERR_INFO_KEY"),
    (.noSuchInfoKey, "MPI_ERR_INFO_NOKEY"),
    (.invalidInfoValue, "MPI_ERR_INFO_VALUE"),
    (.invalidInfo, "MPI_ERR_INFO"),
    (.inputOutput, "MPI_ERR_IO"),
    (.invalidKey, "MPI_ERR_KEYVAL"),
    (.invalidLockType, "MPI_ERR_LOCKTYPE"),
    (.unknownName, "MPI_ERR_NAME"),
    (.noMemory, "MPI_ERR_NO_MEM"),
    (.notSame, "MPI_ERR_NOT_SAME"),
    (.noSpace, "MPI_ERR_NO_SPACE"),
    (.noSuchFile, "MPI_ERR_NO_SUCH_FILE"),
    (.invalidPort, "MPI_ERR_PORT"),
    (.quotaExceeded, "MPI_ERR_QUOTA"),
    (.readOnly, "MPI_ERR_READ_ONLY"),
    (.windowConflict, "MPI_ERR_RMA_CONFLICT"),
    (.windowSynchronization, "MPI_ERR_RMA_SYNC"),
    (.invalidService, "MPI_ERR_SERVICE"),
    (.invalidSize, "MPI_ERR_SIZE"),
    (.spawnFailed, "MPI_ERR_SPAWN"),
    (.unsupportedRepresentation, "MPI_ERR_UNSUPPORTED_DATAREP"),
    (.unsupportedOperation, "MPI_ERR_UNSUPPORTED_OPERATION"),
    (.invalidWindow, "MPI_ERR_WIN"),
    (.windowAttach, "MPI_ERR_RMA_ATTACH"),
    (.windowRange, "MPI_ERR_RMA_RANGE"),
    (.windowShared, "MPI_ERR_RMA_SHARED"),
    (.windowFlavor, "MPI_ERR_RMA_FLAVOR"),
  ]

  private static let names = Dictionary(all.map { ($0.errorClass, $0.name) }) { first, _ in first }
}

// MARK: Errors of programs and libraries

extension ErrorClass {
  /// Adds a class of errors, for a library that reports its own in the way of MPI.
  ///
  /// - Parameter text: what the class stands for, which the text of an `MPIError` then says.
  ///
  /// Any process may call it alone; its number may differ between processes that do not add the same in the same order.
  /// The corresponding MPI functions are `MPI_Add_error_class` and `MPI_Add_error_string`.
  public static func add(describedAs text: String) throws(MPIError) -> ErrorClass {
    var result: CInt = 0
    try check("MPI_Add_error_class") { MPI_Add_error_class(&result) }
    try check("MPI_Add_error_string") { MPI_Add_error_string(result, text) }
    return ErrorClass(result)
  }

  /// Adds a code to a class that was added: one of the errors of the class, for `MPIError(code:in:)`.
  ///
  /// - Parameter text: what the error is, which the text of an `MPIError` then says.
  ///
  /// Any process may call it alone. The corresponding MPI functions are `MPI_Add_error_code` and `MPI_Add_error_string`.
  public func addCode(describedAs text: String) throws(MPIError) -> Int {
    var result: CInt = 0
    try check("MPI_Add_error_code") { MPI_Add_error_code(CInt(rawValue), &result) }
    try check("MPI_Add_error_string") { MPI_Add_error_string(result, text) }
    return Int(result)
  }

  /// The largest code that is in use. The corresponding MPI attribute is `MPI_LASTUSEDCODE`.
  public static func lastUsedCode() throws(MPIError) -> Int? { try worldAttribute(cmpi_lastusedcode()) }
}
