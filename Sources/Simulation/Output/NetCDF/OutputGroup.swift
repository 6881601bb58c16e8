import MPI

/// The ranks that write a file together, and how they come to agree on what went wrong.
struct OutputGroup {
  let communicator: Communicator
  /// The file that they write, for messages.
  let path: String

  var rank: Int { communicator.rank }

  /// Runs `body` on every rank and gives all ranks the same outcome: the error of the lowest rank on which it threw
  /// becomes the error of all. Without this, one rank would leave while the others wait for it in the next collective.
  func agreed<Value>(_ body: () throws(OutputError) -> Value) throws(OutputError) -> Value {
    var failure: OutputError?
    var value: Value?
    do { value = try body() } catch { failure = error }
    let first = try minimum(failure == nil ? Int.max : rank)
    if let value, first == Int.max { return value }
    let parts = try broadcast(
      failure.map { [$0.path, $0.action, $0.reason, $0.remedy] } ?? ["", "", "", ""], from: first)
    throw OutputError(path: parts[0], action: parts[1], reason: parts[2], remedy: parts[3])
  }

  /// The least of the ranks' values, on every rank.
  func minimum(_ value: Int) throws(OutputError) -> Int {
    try agreeing { () throws(MPIError) in try communicator.allReduce(value, .min) }
  }

  /// The texts of rank `root`, on every rank. Every rank must pass equally many.
  func broadcast(_ texts: [String], from root: Int) throws(OutputError) -> [String] {
    try agreeing { () throws(MPIError) in
      var result: [String] = []
      for text in texts { result.append(try communicator.broadcast(text, from: root)) }
      return result
    }
  }

  /// Calls MPI, whose errors become those of the file.
  func agreeing<T>(_ body: () throws(MPIError) -> T) throws(OutputError) -> T {
    do throws(MPIError) { return try body() } catch {
      throw OutputError(path: path, action: "agree with the other ranks", reason: error.description)
    }
  }
}

extension OutputError {
  /// Runs `body` on every rank and gives all ranks the same outcome: for what one rank writes, as a picture, and whose
  /// failure must end them all. Collective.
  /// - Parameters:
  ///   - communicator: the ranks that shall agree.
  ///   - path: the file in question, for messages.
  ///   - body: what is done; mostly on rank 0 alone.
  /// - Throws: the error of the lowest rank on which `body` threw, on all ranks.
  package static func agreed<Value>(
    on communicator: Communicator, path: String, _ body: () throws(OutputError) -> Value
  ) throws(OutputError) -> Value {
    try OutputGroup(communicator: communicator, path: path).agreed(body)
  }
}
