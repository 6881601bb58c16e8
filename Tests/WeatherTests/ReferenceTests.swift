import Foundation
import TestSupport
import Testing

@Suite struct WeatherReferenceTests {
  @Test func thePageIsWhatTheCommandPrints() throws {
    let printed = try launch("weathersim", ranks: nil, arguments: ["--reference"])
    #expect(printed.status == 0 && printed.stderr.isEmpty, "\(printed)")
    let page = try String(
      contentsOf: simulations.deletingLastPathComponent().appending(path: "docs/weathersim.md"), encoding: .utf8)
    #expect(page == printed.stdout, "weathersim --reference > docs/weathersim.md writes it anew")
  }
}
