/// A slip of a solver's author that shows before the first step; a sentence that says what to do.
package struct SolverMistake: Error, CustomStringConvertible {
  package let description: String
}

extension Step {
  /// Follows two steps, so that sweeps that take turns come once each, and looks for values that nothing has set.
  /// - Parameters:
  ///   - state: the solver's prognostic fields.
  ///   - reach: the solver's.
  /// - Throws: `SolverMistake`, the same on every rank.
  package func check(state: [Field<Scalar>], reach: Int) throws(SolverMistake) {
    for field in state where !field.isSet {
      throw SolverMistake(
        description:
          "the field \(field.name) is part of the state, but nothing has set it: give it an initial value, as in "
          + "domain.fill(\(field.name), with: parameters.quantity(\"\(field.name)\"))")
    }
    var set = Set(operations.flatMap(\.fields).filter(\.isSet))
    for index in 0..<2 {
      for operation in operations {
        switch operation {
        case .evaluate(_, let field, _): set.insert(field)
        case .swap(let a, let b):
          let (hasA, hasB) = (set.contains(a), set.contains(b))
          if hasA { set.insert(b) } else { set.remove(b) }
          if hasB { set.insert(a) } else { set.remove(a) }
        case .sweep(let sweep):
          guard sweep.turn.has(step: index) else { continue }
          try check(sweep, set: set, reach: reach)
          set.formUnion(sweep.writes)
        }
      }
    }
  }

  private func check(_ sweep: Sweep<Scalar>, set: Set<Field<Scalar>>, reach: Int) throws(SolverMistake) {
    for (field, distance) in sweep.reads {
      guard set.contains(field) else {
        throw SolverMistake(
          description:
            "the sweep \"\(sweep.name)\" reads the field \(field.name), but nothing has set it: fill it where it "
            + "is made, as in domain.fill(\(field.name), with: ...), let an earlier sweep write it, or make it with "
            + "startsAtZero: true where zeros are meant")
      }
      guard distance > reach else { continue }
      throw SolverMistake(
        description:
          "the sweep \"\(sweep.name)\" reads \(field.name) \(counted(distance, "cell")) away, farther than the "
          + "solver says: add static var reach: Int { \(distance) } to it")
    }
  }
}

extension Step.Operation {
  var fields: [Field<Scalar>] {
    switch self {
    case .sweep(let sweep): sweep.reads.map(\.field) + sweep.writes
    case .evaluate(_, let field, _): [field]
    case .swap(let a, let b): [a, b]
    }
  }
}
