/// One pass of a cell-wise update over the grid.
public struct Sweep<Scalar: Real> {
  /// What summaries and errors call it.
  public let name: String
  package let reads: [(field: Field<Scalar>, reach: Int)]
  package let writes: [Field<Scalar>]
  package let completion: Double
  package let turn: Turn
  package let body: (Row<Scalar>) -> Void

  /// - Parameters:
  ///   - reading: the fields that the kernel reads, each with its reach: how many cells away it looks.
  ///   - writing: the fields that it writes, at the row's own cells only. A field that is read with a reach above zero
  ///     must not be written by the same sweep.
  ///   - completion: the time that the written values belong to, as a fraction of the step: 1 at its end. The ghost
  ///     cells beyond the grid's sides are filled for that time.
  ///   - turn: the steps that have this sweep.
  ///   - body: computes a row.
  public init(
    _ name: String, reading: [Field<Scalar>: Int], writing: [Field<Scalar>], completion: Double = 1,
    turn: Turn = .always, body: @escaping (Row<Scalar>) -> Void
  ) {
    for (field, reach) in reading where reach > 0 {
      precondition(
        !writing.contains(field),
        "sweep \(name) reads its own output: it writes \(field.name) and reads it \(reach) cells away; write another "
          + "field and swap the two")
    }
    self.name = name
    reads = reading.map { (field: $0.key, reach: $0.value) }.sorted { $0.field.slot < $1.field.slot }
    writes = writing
    self.completion = completion
    self.turn = turn
    self.body = body
  }
}

/// The steps that have a sweep, counted from the start of the simulation: schemes that are split by direction take the
/// directions in turn.
public enum Turn: Sendable {
  case always
  /// The first step, the third, ...
  case odd
  /// The second step, the fourth, ...
  case even

  func has(step: Int) -> Bool {
    switch self {
    case .always: true
    case .odd: step % 2 == 0
    case .even: step % 2 == 1
    }
  }
}

/// What a solver does in one step of time, as data: the engine decides how to run it.
public struct Step<Scalar: Real> {
  package enum Operation {
    case sweep(Sweep<Scalar>)
    case evaluate(CellFunction, Field<Scalar>, fraction: Double)
    case swap(Field<Scalar>, Field<Scalar>)
  }
  package var operations: [Operation] = []

  public init() {}

  /// Appends a sweep.
  public mutating func append(_ sweep: Sweep<Scalar>) { operations.append(.sweep(sweep)) }

  /// Appends the evaluation of a function at every cell or face, ghost cells included, for a time within the step.
  /// - Parameter fraction: 0 for the start of the step, 1 for its end.
  public mutating func evaluate(_ function: CellFunction, into field: Field<Scalar>, fraction: Double) {
    operations.append(.evaluate(function, field, fraction: fraction))
  }

  /// Appends the exchange of two fields' contents, ghost cells included; nothing is copied.
  public mutating func swap(_ a: Field<Scalar>, _ b: Field<Scalar>) { operations.append(.swap(a, b)) }

  /// How far away its sweeps look together: what a cell is afterwards depends on no cell farther away.
  package var reach: Int {
    let changing = changing
    return operations.reduce(0) { sum, operation in
      guard case .sweep(let sweep) = operation else { return sum }
      return sum + (sweep.reads.filter { changing.contains($0.field) }.map(\.reach).max() ?? 0)
    }
  }

  /// Every field whose contents change during the step.
  package var changing: Set<Field<Scalar>> {
    var found: Set<Field<Scalar>> = []
    for case .sweep(let sweep) in operations { found.formUnion(sweep.writes) }
    for case .evaluate(_, let field, _) in operations { found.insert(field) }
    for case .swap(let a, let b) in operations { found.formUnion([a, b]) }
    return found
  }
}
