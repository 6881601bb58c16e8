/// A place and an instant at which a formula is evaluated.
public struct Point: Sendable, Hashable {
  /// Position, m. Coordinates beyond the grid's dimensions are ignored.
  public var x, y, z: Double
  /// Time, s.
  public var t: Double
  /// Index of the thread that evaluates: each thread has an evaluator of its own.
  package var worker: Int

  public init(x: Double = 0, y: Double = 0, z: Double = 0, t: Double = 0) {
    self.init(x: x, y: y, z: z, t: t, worker: 0)
  }

  package init(x: Double, y: Double, z: Double, t: Double, worker: Int) {
    self.x = x
    self.y = y
    self.z = z
    self.t = t
    self.worker = worker
  }
}

/// A formula in x, y, z (m) and t (s), as the user wrote it.
///
/// Threads may call it at the same time: each uses the evaluator that its `Point.worker` names, so a call takes no lock
/// and allocates nothing.
// Unchecked: `evaluators` only changes in `prepare`, which runs before any worker exists.
public final class Formula: @unchecked Sendable, CustomStringConvertible {
  package typealias Evaluator = (Point) -> Double

  /// The formula's text.
  public let text: String
  /// Where the text was written.
  public let location: SourceLocation
  /// Whether the value depends on t.
  public let usesTime: Bool
  /// Whether the value depends on x, y or z.
  public let usesSpace: Bool

  private let makeEvaluator: () -> Evaluator
  private var evaluators: [Evaluator]

  /// `makeEvaluator` is called once per worker, always from the thread that prepares the run.
  package init(
    text: String, location: SourceLocation, usesSpace: Bool, usesTime: Bool,
    makeEvaluator: @escaping () -> Evaluator
  ) {
    self.text = text
    self.location = location
    self.usesSpace = usesSpace
    self.usesTime = usesTime
    self.makeEvaluator = makeEvaluator
    evaluators = [makeEvaluator()]
  }

  /// Makes an evaluator for each of `workers` threads; until then only worker 0 may call.
  package func prepare(workers: Int) {
    while evaluators.count < workers { evaluators.append(makeEvaluator()) }
  }

  /// The value at a point; it may be NaN or infinite (`Quantity.check` puts that in words).
  public func callAsFunction(_ point: Point) -> Double {
    require(
      point.worker < evaluators.count,
      "a formula is evaluated by more threads than it was prepared for; call prepare(workers:) first")
    return evaluators[point.worker](point)
  }

  public var description: String { text }
}
