internal import CPnetCDF

/// The ranks that write a file together, and how they come to agree on what went wrong.
struct OutputGroup {
  let communicator: MPI_Comm
  let rank: CInt

  init(communicator: MPI_Comm) {
    self.communicator = communicator
    var rank: CInt = 0
    MPI_Comm_rank(communicator, &rank)
    self.rank = rank
  }

  /// Runs `body` on every rank and gives all ranks the same outcome: the error of the lowest rank on which it threw
  /// becomes the error of all. Without this, one rank would leave while the others wait for it in the next collective.
  func agreed<Value>(_ body: () throws(OutputError) -> Value) throws(OutputError) -> Value {
    let outcome: Result<Value, OutputError>
    do { outcome = .success(try body()) } catch { outcome = .failure(error) }
    var failure: OutputError?
    if case .failure(let error) = outcome { failure = error }
    let first = minimum(failure == nil ? CInt.max : rank)
    if case .success(let value) = outcome, first == CInt.max { return value }
    let parts = broadcast(
      failure.map { [$0.path, $0.action, $0.reason, $0.remedy] } ?? ["", "", "", ""], from: first)
    throw OutputError(path: parts[0], action: parts[1], reason: parts[2], remedy: parts[3])
  }

  /// The least of the ranks' values, on every rank.
  func minimum(_ value: CInt) -> CInt {
    var minimum: CInt = 0
    output_comm_minimum(communicator, value, &minimum)
    return minimum
  }

  /// The texts of rank `root`, on every rank. Every rank must pass equally many.
  func broadcast(_ texts: [String], from root: CInt) -> [String] {
    texts.map { text in
      var bytes = Array(text.utf8)
      var count = CInt(bytes.count)
      output_comm_broadcast(communicator, &count, CInt(MemoryLayout<CInt>.size), root)
      if rank != root { bytes = [UInt8](repeating: 0, count: Int(count)) }
      output_comm_broadcast(communicator, &bytes, count, root)
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
