import Simulation
import Testing

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("ab", "abc", 1), ("abc", "acb", 1),
    ("kitten", "sitting", 3), ("ca", "abc", 3), ("", "abc", 3),
  ]) func distances(a: String, b: String, distance: Int) {
    #expect(editDistance(a, b) == distance && editDistance(b, a) == distance)
  }

  @Test func theNearestIsSuggested() {
    let keys = ["end", "step", "steps", "safety"]
    #expect(unknown("ned", among: keys) == "did you mean \"end\"?")
    #expect(unknown("setp", among: keys) == "did you mean \"step\"?")
    #expect(unknown("STEPS", among: keys) == "did you mean \"steps\"?")
    // Equally near: the one with the same first letter.
    #expect(unknown("sn", among: ["ln", "sin"]) == "did you mean \"sin\"?")
  }

  @Test func nothingNearListsAll() {
    #expect(unknown("duration", among: ["end", "step"]) == "allowed: end, step")
    // Another letter is another word.
    #expect(unknown("w", among: ["y", "x"]) == "allowed: x, y")
    #expect(unknown("w", among: []) == "nothing is allowed here")
  }
}
