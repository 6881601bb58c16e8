/// Where a run stands between two steps: all that its further course depends on beside the state.
struct Clock: Equatable {
  /// Steps done.
  var step = 0
  /// s.
  var time = 0.0
  /// The longest step allowed, for solvers whose limit is asked for once; s.
  var limit = 0.0
  /// The time for which the ghost cells beyond the grid's sides were filled last. It is the present time but for
  /// rounding, which the bits of sides that vary in time hang on.
  var boundaryTime = 0.0
  /// The shortest and the longest step so far, s.
  var shortest = Double.infinity
  var longest = 0.0
  /// The equal steps that are under way; nil where the next ones are still to be chosen.
  var span: Span?

  /// Equal steps. Their times are counted from the first one's beginning.
  struct Span: Equatable {
    let start: Double
    /// What they lead to.
    let due: Double
    let dt: Double
    /// Steps from start to due.
    let whole: Int
    var done = 0
    /// Steps to be taken before the next ones are chosen anew.
    var steps: Int

    init(start: Double, due: Double, dt: Double, whole: Int, done: Int = 0, steps: Int? = nil) {
      (self.start, self.due, self.dt, self.whole, self.done) = (start, due, dt, whole, done)
      self.steps = steps ?? whole
    }

    /// The time after the steps done.
    var time: Double { done == whole ? due : start + Double(done) * dt }
    /// The time for which a step fills ghost cells beyond the sides, in the engine's own words.
    var boundaryTime: Double { (start + Double(done - 1) * dt) + 1 * dt }
  }
}
