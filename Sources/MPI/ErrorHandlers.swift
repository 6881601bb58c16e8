// What happens in the process where a call of MPI fails, before the error is thrown, and the end of a run by force.

internal import CMPI
internal import Glibc

/// What the failure of a call on a communicator or a file does.
public enum ErrorHandling {
  /// The call throws an `MPIError`. So it is on all communicators and files from the start.
  ///
  /// The corresponding MPI constant is `MPI_ERRORS_RETURN`.
  case throwing
  /// MPI ends all processes at once.
  ///
  /// The corresponding MPI constant is `MPI_ERRORS_ARE_FATAL`.
  case fatal
  /// A closure is told, and then the call throws an `MPIError`. Failed calls that C libraries make are told too.
  ///
  /// It is called in the middle of the failed call, so that it must not use MPI. The name of the failed function is not
  /// known there: `MPI`. A duplicate of the communicator has the same closure; one that is made from it in another way
  /// throws only.
  case reporting((MPIError) -> Void)
}

extension AnyCommunicator {
  /// Chooses what the failure of a call on this communicator does.
  ///
  /// Any process may call it alone. The corresponding MPI functions are `MPI_Comm_set_errhandler` and, for a closure,
  /// `MPI_Comm_create_errhandler` and `MPI_Errhandler_free`.
  public func setErrorHandling(_ handling: ErrorHandling) throws(MPIError) {
    switch handling {
    case .throwing: try setHandler(cmpi_errors_return())
    case .fatal: try setHandler(cmpi_errors_are_fatal())
    case .reporting(let report):
      try setAttribute(Reporter.key(), to: Reporter(report))
      var handler = cmpi_errhandler_null()
      try check("MPI_Comm_create_errhandler") { cmpi_create_errhandler(&handler) }
      // The communicator keeps it.
      defer { _ = MPI_Errhandler_free(&handler) }
      try setHandler(handler)
      return
    }
    if let key = try? Reporter.key() { try removeAttribute(key) }
  }

  private func setHandler(_ handler: MPI_Errhandler) throws(MPIError) {
    try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(handle, handler) }
  }

  /// What the failure of a call on this communicator does; nil when C code has chosen something of its own.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_get_errhandler`.
  public func errorHandling() throws(MPIError) -> ErrorHandling? {
    var handler = cmpi_errhandler_null()
    try check("MPI_Comm_get_errhandler") { MPI_Comm_get_errhandler(handle, &handler) }
    if handler == cmpi_errors_return() { return .throwing }
    if handler == cmpi_errors_are_fatal() { return .fatal }
    defer { _ = MPI_Errhandler_free(&handler) }
    return try attribute(Reporter.key()).map { .reporting($0.report) }
  }

  /// Lets an error of this program be handled as if a call on this communicator had failed with it.
  ///
  /// With `fatal` it ends the run, with a closure it is told; it is thrown by the caller, if at all.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Comm_call_errhandler`.
  public func handle(_ error: MPIError) throws(MPIError) {
    let code = CInt(truncatingIfNeeded: error.code)
    try check("MPI_Comm_call_errhandler") { MPI_Comm_call_errhandler(handle, code) }
  }

  /// Ends all processes of the communicator, as a rule the whole run, with a status.
  ///
  /// A launcher reports the status if it is from 1 to 255. Errors that leave `withMPI` end the run in a better way: once
  /// in words, and in order where they are thrown on all processes.
  ///
  /// Any process may call it alone. The corresponding MPI function is `MPI_Abort`.
  public func abort(status: Int32) -> Never {
    // MPI_Abort does not write out what waits in the buffers of the standard streams.
    fflush(nil)
    MPI_Abort(handle, status)
    exit(status == 0 ? 1 : status)
  }
}

/// The closure of a communicator, as an attribute.
private final class Reporter {
  let report: (MPIError) -> Void
  init(_ report: @escaping (MPIError) -> Void) { self.report = report }

  nonisolated(unsafe) private static var knownKey: AttributeKey<Reporter>?

  static func key() throws(MPIError) -> AttributeKey<Reporter> {
    if let knownKey { return knownKey }
    let key = try AttributeKey<Reporter>(copyingWith: { $0 })
    knownKey = key
    return key
  }

  /// Tells the closure of the communicator with this handle, if it has one.
  static func tell(_ handle: MPI_Comm, _ code: CInt) {
    guard let knownKey, let reporter = try? attribute(of: handle, knownKey) else { return }
    reporter.report(MPIError(function: "MPI", code: code))
  }
}

/// What the error handler in the C header calls.
@_cdecl("cmpi_report_error")
internal func reportError(_ handle: MPI_Comm, _ code: CInt) { Reporter.tell(handle, code) }
