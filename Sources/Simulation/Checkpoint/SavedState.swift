import MPI
import Stencils

/// What a checkpoint holds of a solver: arrays, numbers and sums, by name.
struct SavedState<S: Solver> {
  let arrays: [SavedArray]
  private let solver: S
  private let domain: Domain<S.Scalar>

  init(_ solver: S, on domain: Domain<S.Scalar>) {
    self.solver = solver
    self.domain = domain
    var fields = solver.prognostic
    for case .field(let field) in solver.carried { fields.append(field) }
    arrays = fields.map { Self.array($0, domain) }
    precondition(Set(arrays.map(\.name)).count == arrays.count, "what a checkpoint holds has names of its own")
  }

  private static func array(_ field: Field<S.Scalar>, _ domain: Domain<S.Scalar>) -> SavedArray {
    SavedArray(
      name: field.name, elementBytes: MemoryLayout<S.Scalar>.stride, box: domain.block,
      pack: { box, target in domain.copy(field, in: box, to: target.assumingMemoryBound(to: S.Scalar.self)) },
      unpack: { box, bytes in
        domain.set(field, in: box, from: bytes.baseAddress!.assumingMemoryBound(to: S.Scalar.self))
        return box.intersection(domain.block).volume
      })
  }

  /// What books amounts over time.
  private var ledgers: [any Ledger] {
    solver.carried.compactMap { carried -> (any Ledger)? in
      switch carried {
      case .faces(let ledger): ledger
      case .surface(let ledger): ledger
      case .field, .number: nil
      }
    }
  }

  /// Numbers that are the same on all ranks.
  var numbers: [(name: String, value: Double?)] {
    solver.carried.compactMap { if case .number(let name, let get, _) = $0 { (name, get()) } else { nil } }
  }

  /// Sums with all their digits. Every rank calls it.
  func sums() throws -> [(name: String, special: Double, digits: [Int64])] {
    try ledgers.flatMap { ledger in
      zip(ledger.names, try ledger.totals()).map { (name: $0, special: $1.specialPart, digits: $1.carried) }
    }
  }

  /// Takes the whole state from a checkpoint. Every rank calls it.
  /// - Throws: `OutputError`, the same on all ranks; the state is then good for nothing but being restored again.
  func restore(_ reader: CheckpointReader) throws(OutputError) {
    let header = reader.header
    try reader.restore(arrays)
    for case .number(let name, _, let set) in solver.carried { set(header.numbers.first { $0.name == name }?.value) }
    for ledger in ledgers {
      let totals = ledger.names.map { name in
        let total = ExactSum()
        if let saved = header.sums.first(where: { $0.name == name }) {
          total.replace(digits: saved.digits, special: saved.special)
        }
        return total
      }
      ledger.set(totals)
    }
    for field in solver.prognostic { domain.fillBoundary(of: field, at: header.clock.boundaryTime) }
  }
}
