// What can go wrong in a call of MPI, and the one place where return codes are looked at.

internal import CMPI

/// A call of MPI that failed.
public struct MPIError: Error, CustomStringConvertible, Sendable {
  /// The MPI function that failed, for example `MPI_Send`.
  public let function: String
  /// The code that it returned; its meaning differs between MPI implementations.
  public let code: Int
  /// The standard's class of the error (MPI_ERR_TRUNCATE and so on).
  public internal(set) var errorClass: ErrorClass
  /// What MPI says about the code; for files, also which one.
  public internal(set) var text: String
  /// The rank of the process in the world on which it failed; -1 outside the lifetime of MPI.
  public let rank: Int

  /// Takes down what MPI says about a code that a function returned.
  package init(function: String, code: CInt) {
    self.function = function
    self.code = Int(code)
    var isInitialized: CInt = 0
    var isFinalized: CInt = 0
    MPI_Initialized(&isInitialized)
    MPI_Finalized(&isFinalized)
    guard isInitialized != 0, isFinalized == 0 else {
      // Asking MPI about a code outside its lifetime is itself an error.
      (errorClass, text, rank) = (ErrorClass(rawValue: Int(code)), "MPI is not running", -1)
      return
    }
    var category = CInt(MPI_ERR_UNKNOWN)
    MPI_Error_class(code, &category)
    errorClass = ErrorClass(rawValue: Int(category))
    // MPICH's text has several lines, an error is told in one.
    text = stringFromMPI(capacity: Int(MPI_MAX_ERROR_STRING)) { MPI_Error_string(code, $0, $1) }
      .split(whereSeparator: \.isNewline).joined(separator: "; ")
    var worldRank: CInt = -1
    MPI_Comm_rank(cmpi_comm_world(), &worldRank)
    rank = Int(worldRank)
    Failure.isUnderWay = true
  }

  /// An error of the program's own, with a code that `ErrorClass.addCode` made or with that of a class.
  ///
  /// - Parameters:
  ///   - code: the code, which MPI is asked about.
  ///   - function: what failed.
  ///
  /// Any process may call it alone. The corresponding MPI functions are `MPI_Error_class` and `MPI_Error_string`.
  public init(code: Int, in function: String) {
    self.init(function: function, code: CInt(truncatingIfNeeded: code))
  }

  /// One sentence: which function failed, where and why.
  public var description: String { "\(function) failed on rank \(rank): \(text) (code \(code))" }
}

/// Makes a chosen MPI function fail, so that a test can see what its callers do about it.
@usableFromInline
package enum ForcedFailure {
  /// The function's C name and the code that it shall return instead of being called.
  @usableFromInline
  package struct Order: Sendable {
    package let function: String
    package let code: CInt
  }

  // Set and read by the thread that calls MPI. Every call of MPI looks at it, and a check of exclusive access each time
  // would be a measurable part of a short message.
  @exclusivity(unchecked) @usableFromInline nonisolated(unsafe) package internal(set) static var order: Order?

  /// Runs `body` while every call of `function` returns the code of the class `error`.
  package static func during<R, E: Error>(
    _ function: String, fails error: ErrorClass, _ body: () throws(E) -> R
  ) throws(E) -> R {
    order = Order(function: function, code: CInt(error.rawValue))
    defer { order = nil }
    return try body()
  }
}

/// Calls MPI and throws unless it succeeded. Every return code passes through here.
@inline(__always)
internal func check(_ function: StaticString, _ call: () -> CInt) throws(MPIError) {
  let code = ForcedFailure.order == nil ? call() : forcedCode(function) ?? call()
  if code != MPI_SUCCESS { throw failure(function, code) }
}

@usableFromInline @inline(never)
internal func failure(_ function: StaticString, _ code: CInt) -> MPIError {
  MPIError(function: "\(function)", code: code)
}

@inline(never)
internal func forcedCode(_ function: StaticString) -> CInt? {
  guard let order = ForcedFailure.order, order.function == "\(function)" else { return nil }
  return order.code
}

/// Stops the program with a sentence when a caller broke a rule. Unlike `precondition` it says so in release builds.
@inlinable @inline(__always)
internal func require(
  _ condition: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { stop(sentence, file, line) }
}

// Apart, like `failure` above: what makes a sentence would slow down calls that have nothing to say.
@inline(never) @usableFromInline
internal func stop(_ sentence: () -> String, _ file: StaticString, _ line: UInt) -> Never {
  fatalError(sentence(), file: file, line: line)
}

/// Runs an MPI call that fills a buffer of characters and returns what it wrote.
internal func stringFromMPI(capacity: Int, _ call: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<CInt>) -> CInt)
  -> String
{
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity + 1) { characters in
    characters.initialize(repeating: 0)
    var length: CInt = 0
    guard call(characters.baseAddress!, &length) == MPI_SUCCESS else { return "no text for this code" }
    return String(cString: characters.baseAddress!)
  }
}
