// What the failure of a call on a file does.

internal import CMPI

extension File {
  /// Chooses what the failure of a call on this file does. A failure to open a file is thrown, whatever is chosen later.
  ///
  /// Any process may call it alone. The corresponding MPI functions are `MPI_File_set_errhandler` and, for a closure,
  /// `MPI_File_create_errhandler` and `MPI_Errhandler_free`.
  public func setErrorHandling(_ handling: ErrorHandling) throws(MPIError) {
    let file = openHandle
    switch handling {
    case .throwing: try setHandler(cmpi_errors_return())
    case .fatal: try setHandler(cmpi_errors_are_fatal())
    case .reporting(let report):
      var handler = cmpi_errhandler_null()
      try call("MPI_File_create_errhandler") { _ in cmpi_create_file_errhandler(&handler) }
      // The file keeps it.
      defer { _ = MPI_Errhandler_free(&handler) }
      try setHandler(handler)
      FileReporters.closures[file] = report
      return
    }
    FileReporters.closures[file] = nil
  }

  internal func setHandler(_ handler: MPI_Errhandler) throws(MPIError) {
    try call("MPI_File_set_errhandler") { MPI_File_set_errhandler($0, handler) }
  }

  /// What the failure of a call on this file does; nil when C code has chosen something of its own.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_File_get_errhandler`.
  public func errorHandling() throws(MPIError) -> ErrorHandling? {
    var handler = cmpi_errhandler_null()
    try call("MPI_File_get_errhandler") { MPI_File_get_errhandler($0, &handler) }
    if handler == cmpi_errors_return() { return .throwing }
    if handler == cmpi_errors_are_fatal() { return .fatal }
    defer { _ = MPI_Errhandler_free(&handler) }
    return FileReporters.closures[openHandle].map { .reporting($0) }
  }

  /// Lets an error of this program be handled as if a call on this file had failed with it.
  ///
  /// With `fatal` it ends the run, with a closure it is told; it is thrown by the caller, if at all.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_File_call_errhandler`.
  public func handle(_ error: MPIError) throws(MPIError) {
    let code = CInt(truncatingIfNeeded: error.code)
    try call("MPI_File_call_errhandler") { MPI_File_call_errhandler($0, code) }
  }
}

/// The closures of the open files that have one: files have no attributes. Used by the thread that calls MPI.
internal enum FileReporters {
  nonisolated(unsafe) static var closures: [MPI_File?: (MPIError) -> Void] = [:]
}

/// What the error handler in the C header calls.
@_cdecl("cmpi_report_file_error")
internal func reportFileError(_ handle: MPI_File?, _ code: CInt) {
  FileReporters.closures[handle]?(MPIError(function: "MPI", code: code))
}
