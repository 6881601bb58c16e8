import Stencils

/// A solver that a command offers, in single and in double precision.
public struct SolverChoice {
  let name: String
  let schema: Schema
  let float: (Run) throws -> Void
  let double: (Run) throws -> Void
  let planFloat: (Planner) throws -> Void
  let planDouble: (Planner) throws -> Void

  // Inlinable, so that the solver's kernels are compiled for their precision in the module that names it: its author
  // need not ask for that.
  @inlinable
  public init<F: Solver, D: Solver>(_ float: F.Type, _ double: D.Type) where F.Scalar == Float, D.Scalar == Double {
    self.init(
      SolverMaker<F>(make: { try F($0, boundary: $1, on: $2) }, step: { $0.step }),
      SolverMaker<D>(make: { try D($0, boundary: $1, on: $2) }, step: { $0.step }))
  }

  @usableFromInline
  init<F: Solver, D: Solver>(_ float: SolverMaker<F>, _ double: SolverMaker<D>) {
    precondition(F.name == D.name, "a choice is one solver in two precisions")
    name = D.name
    schema = D.schema
    self.float = { try $0.execute(float) }
    self.double = { try $0.execute(double) }
    planFloat = { try $0.execute(float) }
    planDouble = { try $0.execute(double) }
  }
}

/// Makes a solver and its step.
@usableFromInline
struct SolverMaker<S: Solver> {
  private let make: (Parameters, Boundary, Domain<S.Scalar>) throws -> S
  /// Its step, which is asked for once.
  let step: (S) -> Step<S.Scalar>

  @usableFromInline
  init(make: @escaping (Parameters, Boundary, Domain<S.Scalar>) throws -> S, step: @escaping (S) -> Step<S.Scalar>) {
    self.make = make
    self.step = step
  }

  func callAsFunction(_ configuration: Configuration, on domain: Domain<S.Scalar>) throws -> S {
    try configuration.load(for: domain)
    return try make(configuration.parameters, configuration.boundary, domain)
  }
}
