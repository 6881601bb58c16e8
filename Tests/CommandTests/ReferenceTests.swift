// The page on the configuration is what the command prints.

import Foundation
import TestSupport
import Testing

@Suite struct ReferenceTests {
  @Test func thePageIsWhatTheCommandPrints() throws {
    let printed = try launch("heatsim", ranks: nil, arguments: ["--reference"])
    #expect(printed.status == 0 && printed.stderr.isEmpty, "\(printed)")
    // The package's folder, from this file's.
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: package.appending(path: "docs/configuration.md"), encoding: .utf8)
    #expect(page == printed.stdout, "heatsim --reference > docs/configuration.md writes it anew")
  }
}
