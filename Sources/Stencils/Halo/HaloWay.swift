internal import Glibc
internal import MPI

/// How ghost cells come from another rank of the same host; from those of other hosts they come by messages.
package enum HaloWay: String, Sendable, CaseIterable {
  /// By messages of MPI.
  case messages
  /// Straight from where the neighbour has packed them, in memory that both share.
  case copies
}

extension HaloExchange {
  /// The way of all exchanges of a domain, found at the first of them: what the environment variable `HALO_EXCHANGE` of
  /// rank 0 says (`messages` or `copies`), or else what a trial finds faster. Every rank calls it, and all get the same.
  static func way(on domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int) throws(MPIError) -> HaloWay {
    if let way = domain.haloWay { return way }
    guard domain.communicator.size > 1 else { return .messages }
    let way = try find(on: domain, fields: fields, width: width)
    domain.haloWay = way
    return way
  }

  private static func find(on domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int) throws(MPIError) -> HaloWay {
    let text = getenv("HALO_EXCHANGE").map { String(cString: $0) } ?? ""
    let choice = HaloWay.allCases.firstIndex { $0.rawValue == text }
    let asked = try domain.communicator.broadcast(choice ?? (text.isEmpty ? -1 : -2), from: 0)
    if asked == -2 { domain.haloNotice = "HALO_EXCHANGE is neither messages nor copies: the faster is taken" }
    if asked >= 0, HaloWay.allCases[asked] == .messages { return .messages }
    guard try HostMemory.of(domain.communicator).mostMates > 1 else { return .messages }
    let copies = try HaloExchange(domain: domain, fields: fields, width: width, way: .copies)
    guard copies.way == .copies else { return .messages }
    if asked >= 0 { return .copies }
    let messages = try HaloExchange(domain: domain, fields: fields, width: width, way: .messages)
    return try fastest(of: [messages, copies], on: domain)
  }

  /// Some milliseconds of exchanges that end before the ghost cells: no field is changed.
  private static func fastest(of exchanges: [HaloExchange], on domain: Domain<Scalar>) throws(MPIError) -> HaloWay {
    let largest = exchanges[0].bytesSent / MemoryLayout<Scalar>.stride
    let scratch = UnsafeMutablePointer<Scalar>.allocate(capacity: max(1, largest))
    defer { scratch.deallocate() }
    let bases = UnsafePointer(domain.bases)
    var best = [Double](repeating: .infinity, count: exchanges.count)
    /// One round of each, in turn.
    func measure() throws(MPIError) {
      for (index, exchange) in exchanges.enumerated() {
        let began = monotonicSeconds()
        exchange.pack(bases, worker: 0, workers: 1)
        try exchange.start()
        try exchange.wait()
        exchange.read(into: scratch)
        try exchange.finish()
        best[index] = min(best[index], monotonicSeconds() - began)
      }
    }
    // The first touch of all memory and, with messages, the first meeting of two ranks.
    try measure()
    let first = try domain.communicator.allReduce(best[0] + best[1], .max)
    best = best.map { _ in .infinity }
    for _ in 0..<max(3, min(20, Int(4e-3 / max(first, 1e-6)))) { try measure() }
    try domain.communicator.allReduce(&best, .max)
    return best[1] <= best[0] ? .copies : .messages
  }
}
