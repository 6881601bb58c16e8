/// Ends the program with a sentence where a solver's author has made a slip. Unlike a precondition it speaks in release
/// builds too, which is what authors run.
@inline(__always)
func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if _slowPath(!condition) { fatalError(sentence()) }
}
