import Stencils

/// A step after which the state makes no sense. The solver's state is then the one before it.
struct BlowUp: Error, CustomStringConvertible {
  let description: String

  /// Finds the cell, and gives the solver its former state back. Every rank calls it; all get the same words.
  /// - Parameters:
  ///   - step: the number of the step, from 1.
  ///   - time: when it began.
  init<S: Solver>(_ solver: S, on domain: Domain<S.Scalar>, _ noted: Noted, step: Int, time: Double, dt: Double) throws
  {
    var reason = ""
    var cell: Triple?
    for field in solver.prognostic where cell == nil {
      cell = try domain.firstNonFinite(in: field)
      if cell != nil { reason = "\(field.name) is not finite" }
    }
    if cell == nil, let positive = solver.positive, noted.smallest < positive.least {
      let worst = try domain.largest { row, i in -solver.positiveValue(row, i) }
      if -worst.value < positive.least {
        (cell, reason) = (worst.cell, "\(positive.name) is negative, \(rounded(-worst.value, 6)) \(positive.unit)")
      }
    }
    for (field, former) in zip(solver.prognostic, solver.former) {
      domain.swap(field, former)
      domain.fillBoundary(of: field, at: time)
    }
    if cell == nil {
      let worst = try domain.largest { row, i in solver.signalRate(row, i) }
      let number = max(noted.rate, worst.value) * dt
      (cell, reason) = (worst.cell, "the Courant number is \(rounded(number, 4)), more than 1")
    }
    description = try Self.text(solver, on: domain, reason, at: cell!, step: step, time: time, dt: dt)
  }

  /// A step that would be longer than the limit of the state that it starts from.
  init<S: Solver>(_ solver: S, on domain: Domain<S.Scalar>, limit: Double, step: Int, time: Double, dt: Double) throws {
    let worst = try domain.largest { row, i in solver.signalRate(row, i) }
    description = try Self.text(
      solver, on: domain, "the step is longer than the limit of \(rounded(limit, 4)) s, most so", at: worst.cell,
      step: step, time: time, dt: dt)
  }

  private static func text<S: Solver>(
    _ solver: S, on domain: Domain<S.Scalar>, _ reason: String, at cell: Triple, step: Int, time: Double, dt: Double
  ) throws -> String {
    let place = domain.grid.axes.map {
      "\(domain.grid.axisNames[$0.rawValue]) = \(brief(domain.grid.center(cell[$0.rawValue], along: $0)))"
    }
    let index = domain.grid.axes.map { String(cell[$0.rawValue]) }.joined(separator: ", ")
    let values = try solver.prognostic.map {
      "\($0.name) = \(rounded(try domain.value(of: $0, at: cell), 6)) \($0.unit)"
    }
    return "step \(step), from t = \(brief(time)) s by \(rounded(dt, 4)) s: \(reason) at cell (\(index)), "
      + "\(place.joined(separator: ", ")) m; before it, \(values.joined(separator: ", ")): set a shorter time.step or a "
      + "smaller time.safety, or smooth what the state starts from"
  }
}
