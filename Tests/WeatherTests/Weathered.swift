import TestSupport

/// The cases of weathersim.
let caseNames = TestSupport.caseNames(of: ["shallow-water", "atmosphere"])

/// One finished run of weathersim.
@dynamicMemberLookup
struct Weathered {
  private let run: FinishedRun

  subscript<Value>(dynamicMember part: KeyPath<FinishedRun, Value>) -> Value { run[keyPath: part] }
  func diagnostic(_ name: String) throws -> Double { try run.diagnostic(name) }

  /// Runs a case of the repository.
  init(case name: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1) throws {
    run = try FinishedRun("weathersim", case: name, set: set, ranks: ranks, threads: threads, timeout: 300)
  }

  /// Runs a configuration that says nothing of output.
  init(_ configuration: String, set: [String] = [], ranks: Int? = nil, threads: Int = 1) throws {
    run = try FinishedRun("weathersim", configuration, set: set, ranks: ranks, threads: threads, timeout: 300)
  }

  /// A field at the end.
  func last(_ name: String) throws -> [Double] { try run.fields.values(name, record: -1) }

  /// The mean over cells of the absolute difference of a field from a function of x.
  func meanError(_ name: String, _ exact: (Double) -> Double) throws -> Double {
    let (values, x) = (try last(name), try run.fields.values("x"))
    return zip(values, x).reduce(0) { $0 + abs($1.0 - exact($1.1)) } / Double(values.count)
  }
}
