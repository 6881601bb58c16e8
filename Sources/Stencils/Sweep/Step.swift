/// One pass of a cell-wise update over the grid.
public struct Sweep<Scalar: Real> {
  /// What summaries and errors call it.
  public let name: String
  package let reads: [(field: Field<Scalar>, reach: Int)]
  package let writes: [Field<Scalar>]
  package let completion: Double
  package let turn: Turn
  /// The only axis along which the kernel looks; nil where it looks around along all of them.
  package let axis: Axis?
  package let body: (Row<Scalar>) -> Void

  /// - Parameters:
  ///   - name: what summaries and errors call it.
  ///   - reading: the fields that the kernel reads, each with its reach: how many cells away it looks.
  ///   - writing: the fields that it writes, at the row's own cells only. A field that is read with a reach above zero
  ///     must not be written by the same sweep.
  ///   - completion: the time that the written values belong to, as a fraction of the step: 1 at its end. The ghost
  ///     cells beyond the grid's sides are filled for that time.
  ///   - turn: the steps that have this sweep.
  ///   - axis: the only axis along which the kernel looks at other cells, as in schemes split by direction: ghost cells
  ///     along others are not exchanged for it, and sweeps along one axis that follow one another run through the cache
  ///     together. nil for one that looks around.
  ///   - body: computes a row.
  public init(
    _ name: String, reading: [Field<Scalar>: Int], writing: [Field<Scalar>], completion: Double = 1,
    turn: Turn = .always, along axis: Axis? = nil, body: @escaping (Row<Scalar>) -> Void
  ) {
    for (field, reach) in reading where reach > 0 {
      guard writing.contains(field) else { continue }
      fatalError(
        "the sweep \"\(name)\" writes its own input: it writes \(field.name) and reads it \(counted(reach, "cell")) away, "
          + "where neighbours may be old or new; write another field and swap the two, as Step.advance does")
    }
    self.name = name
    reads = reading.map { (field: $0.key, reach: $0.value) }.sorted { $0.field.slot < $1.field.slot }
    writes = writing
    self.completion = completion
    self.turn = turn
    self.axis = axis
    #if DEBUG
      let contract = Contract(name: name, reads: reads, writes: writing, axis: axis)
      self.body = { row in
        var row = row
        row.contract = contract
        body(row)
      }
    #else
      self.body = body
    #endif
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

  /// Appends the pass that brings fields to the end of the step, all of them from their values at its start: the kernel
  /// reads `row[u]` and writes `row[next: u]`. The engine keeps the new values apart until every cell has them.
  ///
  ///     step.advance([u]) { row in
  ///       let (u, next) = (row[u], row[next: u])
  ///       for i in row { next[i] = u[i] + rate * laplacian(u, i) }
  ///     }
  ///
  /// - Parameters:
  ///   - fields: the fields that change.
  ///   - reach: how many cells away the kernel looks in them.
  ///   - others: further fields that it reads, each with its reach.
  ///   - name: what summaries and errors call the pass.
  ///   - kernel: computes the cells of a row.
  public mutating func advance(
    _ fields: [Field<Scalar>], reach: Int = 1, reading others: [Field<Scalar>: Int] = [:], name: String = "advance",
    kernel: @escaping (Row<Scalar>) -> Void
  ) {
    var reads = others
    for field in fields { reads[field] = max(reach, reads[field] ?? 0) }
    let successors = fields.map { $0.makeSuccessor() }
    append(Sweep(name, reading: reads, writing: successors, body: kernel))
    for (field, successor) in zip(fields, successors) { swap(field, successor) }
  }

  /// Appends the evaluation of a function at every cell or face, ghost cells included, for a time within the step.
  /// - Parameters:
  ///   - function: what is evaluated.
  ///   - field: the field that receives its values.
  ///   - fraction: 0 for the start of the step, 1 for its end.
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
