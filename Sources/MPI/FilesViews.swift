// Which part of a file a process sees, and as what.

internal import CMPI

/// How the elements of a file are stored.
public struct DataRepresentation: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
  /// The name that MPI knows it by.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public init(stringLiteral value: String) { rawValue = value }

  /// As they lie in memory.
  public static let native: Self = "native"
  /// So that the same MPI library reads them on every machine that it runs on.
  public static let `internal`: Self = "internal"
  /// As the standard lays down, most significant byte first: every MPI library on every machine reads them.
  public static let external32: Self = "external32"
}

/// Which part of a file a process sees.
public struct FileView {
  /// Where the view begins, in bytes from the file's beginning.
  public let displacement: Int
  /// What places in the file are counted in.
  public let element: Datatype
  /// Which elements are seen, again and again up to the end of the file.
  public let pattern: Datatype
  /// How elements are stored.
  public let representation: DataRepresentation
  // What a process sees that takes no part in a view of its group.
  internal var isEmpty = false
  internal var hasGaps = false

  /// What all processes see of a file that was just opened.
  internal static var bytes: FileView {
    FileView(displacement: 0, element: .byte, pattern: .byte, representation: .native)
  }
}

extension File {
  /// Chooses what this process sees of the file, and sets both pointers to its beginning.
  ///
  /// - Parameters:
  ///   - type: the elements of the file, of the same size on all processes; places are counted in them from now on.
  ///   - pattern: which of them this process sees, in the order of the file and each once; nil is all. It is repeated
  ///     up to the end of the file, each time an extent later: a box of a grid is followed by the same box of the next
  ///     grid. A process whose pattern has no elements can read and write none.
  ///   - displacement: where the view begins, in bytes from the file's beginning: the length of a header, for example.
  ///   - representation: how elements are stored, the same on all processes.
  ///   - hints: how the file will be used.
  /// - Throws: `MPIError` of class `unsupportedRepresentation` when the library does not have the representation.
  ///
  /// All processes that opened the file must call it, with no request on it under way. The corresponding MPI function
  /// is `MPI_File_set_view`.
  public func setView<T: MPIDatatype>(
    of type: T.Type, _ pattern: Pattern? = nil, displacement: Int = 0, representation: DataRepresentation = .native,
    hints: Info? = nil
  ) throws(MPIError) {
    require(displacement >= 0, "A view begins 0 bytes or more after the file's beginning, not \(displacement).")
    let element = T.datatype
    var shown = element
    let isEmpty = pattern?.count == 0
    if let pattern, !isEmpty {
      require(
        pattern.range.lowerBound >= 0 && pattern.extent.lowerBound >= 0 && !pattern.storage.layout.isTwice,
        "The pattern of a view takes elements from 0 on, each once.")
      shown = try pattern.datatype(of: T.self)
    }
    // MPI libraries divide by the size of the pattern, even by that of an empty one.
    try call("MPI_File_set_view") {
      MPI_File_set_view(
        $0, MPI_Offset(displacement), element.handle, shown.handle, representation.rawValue, infoHandle(hints))
    }
    view = FileView(
      displacement: displacement, element: element, pattern: shown, representation: representation, isEmpty: isEmpty,
      hasGaps: pattern != nil)
  }

  /// What this process sees of the file. The corresponding MPI function is `MPI_File_get_view`.
  public var currentView: FileView {
    get throws(MPIError) {
      var displacement: MPI_Offset = 0
      var (element, pattern) = (cmpi_byte(), cmpi_byte())
      var code = MPI_SUCCESS
      let file = openHandle
      let name = stringFromMPI(capacity: Int(MPI_MAX_DATAREP_STRING)) { characters, _ in
        code = MPI_File_get_view(file, &displacement, &element, &pattern, characters)
        return code
      }
      try call("MPI_File_get_view") { _ in code }
      return FileView(
        displacement: Int(displacement), element: try Datatype(handedOut: element),
        pattern: try Datatype(handedOut: pattern), representation: DataRepresentation(rawValue: name))
    }
  }

  /// Checks that there is something to read from or to write to.
  @inline(__always)
  internal func requireVisible(_ count: Int) {
    require(count == 0 || !view.isEmpty, "The view of this process shows no element of the file \(path).")
  }
}

extension Datatype {
  /// A datatype that MPI handed out: one that it has from the start stays, any other is freed with its last copy.
  fileprivate init(handedOut handle: MPI_Datatype) throws(MPIError) {
    if try Datatype(handle: handle).isNamed { self.init(handle: handle) } else { try self.init(committing: handle) }
  }

  /// Whether MPI has it from the start. The corresponding MPI function is `MPI_Type_get_envelope`.
  internal var isNamed: Bool {
    get throws(MPIError) {
      var (integers, addresses, types, combiner): (CInt, CInt, CInt, CInt) = (0, 0, 0, 0)
      try check("MPI_Type_get_envelope") { MPI_Type_get_envelope(handle, &integers, &addresses, &types, &combiner) }
      return combiner == cmpi_combiner_named()
    }
  }
}
