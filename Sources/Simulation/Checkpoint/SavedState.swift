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
    var arrays = solver.prognostic.map { Self.array($0, domain) }
    for carried in solver.carried {
      switch carried {
      case .field(let field): arrays.append(Self.array(field, domain))
      case .faces(let ledger): arrays += Self.arrays(ledger, domain)
      case .surface(let ledger): arrays.append(Self.array(ledger, domain))
      case .number: break
      }
    }
    precondition(Set(arrays.map(\.name)).count == arrays.count, "what a checkpoint holds has names of its own")
    self.arrays = arrays
  }

  private static func array(_ field: Field<S.Scalar>, _ domain: Domain<S.Scalar>) -> SavedArray {
    SavedArray(
      name: field.name, elementBytes: MemoryLayout<S.Scalar>.stride, box: domain.block, listed: nil,
      pack: { part, target in domain.copy(field, in: part.box, to: target.assumingMemoryBound(to: S.Scalar.self)) },
      unpack: { box, bytes in
        domain.set(field, in: box, from: bytes.baseAddress!.assumingMemoryBound(to: S.Scalar.self))
        return box.intersection(domain.block).volume
      })
  }

  /// What has flowed through sides across y and z: a number a face, one array a side, which some ranks have no part of.
  private static func arrays(_ ledger: FaceLedger<S.Scalar>, _ domain: Domain<S.Scalar>) -> [SavedArray] {
    domain.openSides.filter { $0.axis != .x }.map { side in
      let none = Box(low: .zero, high: .zero)
      let box = ledger.faces(of: side)?.box ?? none
      return SavedArray(
        name: "through \(side)", elementBytes: 8, box: box, listed: nil,
        pack: { part, target in
          guard let values = ledger.faces(of: side)?.values else { return }
          forEachLine(of: part.box, in: box) { line, offset in
            let count = part.box.count.x
            (target.assumingMemoryBound(to: Double.self) + line * count).update(from: values + offset, count: count)
          }
        },
        unpack: { other, bytes in
          let (part, source) = (other.intersection(box), bytes.baseAddress!.assumingMemoryBound(to: Double.self))
          guard !part.isEmpty, let values = ledger.faces(of: side)?.values else { return 0 }
          var offsets: [Int] = []
          forEachLine(of: part, in: other) { _, offset in offsets.append(offset) }
          forEachLine(of: part, in: box) { line, offset in
            (values + offset).update(from: source + offsets[line], count: part.count.x)
          }
          return part.volume
        })
    }
  }

  /// Calls `body` for every line of a box inside another, with its number and where it begins in the other.
  private static func forEachLine(of part: Box, in whole: Box, _ body: (_ line: Int, _ offset: Int) -> Void) {
    for line in 0..<part.count.y * part.count.z {
      let cell = part.low &- whole.low &+ Triple(0, line % part.count.y, line / part.count.y)
      body(line, cell.x + whole.count.x * (cell.y + whole.count.y * cell.z))
    }
  }

  /// What has flowed into regions: pairs of a face's number and an amount.
  private static func array(_ ledger: SurfaceLedger<S.Scalar>, _ domain: Domain<S.Scalar>) -> SavedArray {
    SavedArray(
      name: "through surface", elementBytes: 16, box: domain.block, listed: ledger.faceCount,
      pack: { part, target in
        for (place, index) in part.range.enumerated() {
          let (key, amount) = ledger.face(index)
          target.storeBytes(of: Int64(key), toByteOffset: 16 * place, as: Int64.self)
          target.storeBytes(of: amount, toByteOffset: 16 * place + 8, as: Double.self)
        }
      },
      unpack: { _, bytes in
        var found = 0
        for place in 0..<bytes.count / 16 {
          let key = Int(bytes.loadUnaligned(fromByteOffset: 16 * place, as: Int64.self))
          let amount = bytes.loadUnaligned(fromByteOffset: 16 * place + 8, as: Double.self)
          if ledger.set(amount, ofFace: key) { found += 1 }
        }
        return found
      })
  }

  /// Numbers that are the same on all ranks.
  var numbers: [(name: String, value: Double?)] {
    solver.carried.compactMap { if case .number(let name, let get, _) = $0 { (name, get()) } else { nil } }
  }

  /// Sums with all their digits. Every rank calls it.
  func sums() throws -> [(name: String, special: Double, digits: [Int64])] {
    var found: [(name: String, special: Double, digits: [Int64])] = []
    for case .faces(let ledger) in solver.carried {
      for (side, sum) in zip([Side.xLow, .xHigh], try ledger.endTotals()) {
        found.append(("through \(side)", sum.specialPart, sum.carried))
      }
    }
    return found
  }

  /// Takes the whole state from a checkpoint. Every rank calls it.
  /// - Throws: `OutputError`, the same on all ranks; the state is then good for nothing but being restored again.
  func restore(_ reader: CheckpointReader) throws(OutputError) {
    let header = reader.header
    try reader.restore(arrays)
    for carried in solver.carried {
      switch carried {
      case .number(let name, _, let set): set(header.numbers.first { $0.name == name }?.value)
      case .faces(let ledger):
        let sums = [Side.xLow, .xHigh].map { side in
          let sum = ExactSum()
          if let saved = header.sums.first(where: { $0.name == "through \(side)" }) {
            sum.replace(digits: saved.digits, special: saved.special)
          }
          return sum
        }
        ledger.setEndTotals(sums)
      case .field, .surface: break
      }
    }
    for field in solver.prognostic { domain.fillBoundary(of: field, at: header.clock.boundaryTime) }
  }
}
