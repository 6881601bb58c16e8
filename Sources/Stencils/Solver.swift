/// A physical model on a grid: its fields, its parameters, and what it does in one step of time.
///
/// A solver is arithmetic and data. Ranks, threads, vector lanes, ghost cells, files and the clock are the engine's.
public protocol Solver: AnyObject {
  associatedtype Scalar: Real

  /// The word that selects it: `solver = "heat"`, and the name of its table in the configuration.
  static var name: String { get }
  /// What its table and the sides of the grid may say.
  static var schema: Schema { get }
  /// The largest number of cells away that any of its sweeps reads.
  static var reach: Int { get }

  /// Makes the fields and sets the initial state, for time 0.
  init(_ parameters: Parameters, boundary: Boundary, on domain: Domain<Scalar>) throws

  /// The fields that are the state: what is saved, and what the fingerprint is taken of.
  var prognostic: [Field<Scalar>] { get }
  /// What it does in one step. Asked for once.
  var step: Step<Scalar> { get }
  /// The longest stable step in seconds, from a given time on. Every rank calls it; all get the same bits.
  func stableTimeStep(at time: Double) throws -> Double
  /// Whether that changes in the course of a run, so that it must be asked for before every step.
  var stabilityVaries: Bool { get }
  /// What is noted of every step, so that a run that has blown up ends at once; nil where that cannot happen.
  var watch: Watch<Scalar>? { get }
  /// The rate in 1/s at which signals cross cells of the present state: a step that is longer than its inverse is too
  /// long. Asked for in order to name the cell where that is so.
  func signalRate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector
  /// What must not be negative: what it is called, and the least that rounding allows.
  var positive: (name: String, unit: String, least: Double)? { get }
  /// Its values.
  func positiveValue(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector
  /// For solvers with a watch the fields that hold the state before the last step, in the order of `prognostic`.
  var former: [Field<Scalar>] { get }
  /// What it carries from step to step beside the fields of the state: what a run needs to be continued as if it had never
  /// stopped.
  var carried: [Carried<Scalar>] { get }
  /// The fields that files hold and pictures show; those of the state where nothing else is given.
  var recorded: [Field<Scalar>] { get }
  /// Computes those of the recorded fields that are not part of the state.
  func prepareRecord(at time: Double) throws
  /// Whether all steps but the last before an output are exactly `stableTimeStep` long. Otherwise the steps between two
  /// outputs are equally long.
  var keepsStep: Bool { get }
  /// What a user should do about a step that is too long; a sentence, or nil where making it shorter is all.
  func remedy(forStep dt: Double, at time: Double) throws -> String?
  /// Numbers that sum up the state. Every rank calls it; all get the same bits.
  func diagnostics(at time: Double) throws -> [Diagnostic]
}

extension Solver {
  public static var reach: Int { 1 }
  public var stabilityVaries: Bool { false }
  public func remedy(forStep dt: Double, at time: Double) throws -> String? { nil }
  public var watch: Watch<Scalar>? { nil }
  public func signalRate(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector { Scalar.Vector(0) }
  public var positive: (name: String, unit: String, least: Double)? { nil }
  public func positiveValue(_ row: Row<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector { Scalar.Vector(0) }
  public var former: [Field<Scalar>] { [] }
  public var carried: [Carried<Scalar>] { [] }
  public var recorded: [Field<Scalar>] { prognostic }
  public func prepareRecord(at time: Double) throws {}
  public var keepsStep: Bool { false }
  public func diagnostics(at time: Double) throws -> [Diagnostic] { [] }
}

/// One thing that a solver carries along a run beside the fields of the state. A checkpoint holds it.
public enum Carried<Scalar: Real> {
  /// A field that adds something up cell by cell; its ghost cells are not looked at.
  case field(Field<Scalar>)
  /// What has flowed through the sides of the grid.
  case faces(FaceLedger<Scalar>)
  /// What has flowed through the surface of regions; a solver has one of these at most.
  case surface(SurfaceLedger<Scalar>)
  /// A number that is the same on all ranks, and nil where it is not known yet.
  case number(_ name: String, get: () -> Double?, set: (Double?) -> Void)
}

/// A number that sums up the state of a run, recorded with every output and told at the end.
public struct Diagnostic: Sendable {
  /// As a variable of the output file: "total_heat".
  public let name: String
  /// As a person would say it: "heat in the body".
  public let longName: String
  /// In the notation of UDUNITS; "1" for a pure number.
  public let unit: String
  public let value: Double

  public init(_ name: String, _ longName: String, unit: String, _ value: Double) {
    self.name = name
    self.longName = longName
    self.unit = unit
    self.value = value
  }
}
