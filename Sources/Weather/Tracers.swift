import Stencils

/// The names of the passive tracers that a configuration lists under `tracer`.
///
/// - Parameter taken: what the output calls other things.
/// - Throws: where a name is no word for a variable, or is another's.
func tracerNames(_ parameters: Parameters, taken: [String]) throws -> [String] {
  var names: [String] = []
  for table in parameters.tables("tracer") {
    let name = table.text("name")
    let isWord = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isWord, let first = name.first, first.isLetter else {
      throw table.error("name", "is not a name for a variable: a letter, then letters, digits and underscores")
    }
    guard !names.contains(name) else { throw table.error("name", "is the name of another tracer: choose a new one") }
    let others = taken + ["x", "y", "z", "time"]
    let isSum = ["total_", "minimum_", "maximum_"].contains { name.hasPrefix($0) }
    guard !others.contains(name), !isSum else {
      throw table.error("name", "is what the output calls something else: choose another name")
    }
    names.append(name)
  }
  return names
}
