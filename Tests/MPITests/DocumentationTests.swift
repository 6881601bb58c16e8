// The tutorials show the examples' code.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: !isUnderMPI)) struct DocumentationTests {
  static let tutorials = [
    ("Ring", programs: ["Ring"]), ("Pi", programs: ["Pi"]), ("Halo1D", programs: ["Halo1D", "Halo1DOverlap"]),
  ]

  /// The pieces of Swift code in an article.
  private func codeBlocks(_ article: String) -> [String] {
    article.components(separatedBy: "\n```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
  }

  /// Lines without what they are indented by and without empty lines: code is quoted from inside of closures.
  private func lines(_ code: String) -> [String] {
    code.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  @Test(arguments: tutorials) func tutorialsShowTheExamplesCode(name: String, programs: [String]) throws {
    let blocks = codeBlocks(try repositoryText("Sources/MPI/MPI.docc/\(name).md"))
    let sources = try programs.map { try repositoryText("Examples/MPI/Sources/\($0)/main.swift") }
    // The whole programs stand at the end, character by character.
    #expect(blocks.suffix(programs.count).map { $0 + "\n" } == sources)
    let quoted = sources + [try repositoryText("Examples/MPI/Package.swift")]
    #expect(blocks.count > programs.count + 3)
    for block in blocks.dropLast(programs.count) {
      let wanted = lines(block)
      let isThere = quoted.contains { lines($0).contains(wanted) }
      #expect(isThere, "\(name).md shows code that no example has:\n\(block)")
    }
  }
}
