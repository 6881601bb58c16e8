// The table of functions in the documentation names what is there.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: !isUnderMPI)) struct FunctionTableTests {
  private struct Row {
    let function: String
    let swift: String
    // A row that says why there is no Swift name begins with a dash.
    var isCovered: Bool { !swift.hasPrefix("—") }
    // What types do by themselves has no name of its own.
    var isNamed: Bool { isCovered && !swift.hasPrefix("within ") }
  }

  private static func table() throws -> [Row] {
    try repositoryText("Sources/MPI/MPI.docc/MPIFunctions.md").split(separator: "\n").compactMap {
      line in
      guard let match = line.firstMatch(of: /^\| `(MPI_\w+)` \| (.+) \|$/) else { return nil }
      return Row(function: String(match.1), swift: String(match.2))
    }
  }

  @Test func theTableHasEveryFunctionOfTheStandardOnce() throws {
    let functions = try Self.table().map(\.function)
    let repeated = Dictionary(grouping: functions, by: { $0 }).filter { $1.count > 1 }.keys.sorted()
    #expect(repeated.isEmpty)
    // Open MPI 4 implements MPI-3.1, and declares what MPI-3.0 removed from the standard besides.
    let removed: Set = [
      "MPI_Address", "MPI_Errhandler_create", "MPI_Errhandler_get", "MPI_Errhandler_set",
      "MPI_Type_extent",
      "MPI_Type_hindexed", "MPI_Type_hvector", "MPI_Type_lb", "MPI_Type_struct", "MPI_Type_ub",
    ]
    let flags = try run(["pkg-config", "--cflags-only-I", "ompi-c"]).stdout.split(
      whereSeparator: \.isWhitespace)
    let header = flags.map { "\($0.dropFirst(2))/mpi.h" }.first {
      FileManager.default.fileExists(atPath: $0)
    }
    let declared = try String(contentsOfFile: #require(header), encoding: .utf8)
      .matches(of: /OMPI_DECLSPEC +(?:int|double|MPI_\w+) +(MPI_(?:T_)?[A-Za-z]\w*) *\(/).map {
        String($0.1)
      }
    let wanted = Set(declared).subtracting(removed)
    #expect(wanted.count > 400)
    #expect(wanted.subtracting(functions).sorted() == [], "missing in the table")
    #expect(Set(functions).subtracting(wanted).sorted() == [], "not in MPI-3.1")
  }

  @Test func theTableSaysWhatTheSourcesCall() throws {
    let rows = try Self.table()
    let covered = Set(rows.filter(\.isCovered).map(\.function))
    let called = try Self.calledFunctions().intersection(rows.map(\.function))
    #expect(
      covered.subtracting(called).sorted() == [], "said to have a Swift name, but never called")
    #expect(called.subtracting(covered).sorted() == [], "called, but said to have no Swift name")
  }

  @Test func theTableNamesDeclarationsThatNameTheFunction() throws {
    let declarations = try Self.declarations()
    for row in try Self.table() where row.isNamed {
      // ``Type/name(_:label:)`` or `Type.name(_:label:)`; of these the name alone is looked for.
      let names = row.swift.matches(of: /``?([^`]+)``?/).map { match in
        String(
          match.1.split(separator: "(")[0].split(whereSeparator: { "./".contains($0) }).last ?? "")
      }
      #expect(!names.isEmpty, "\(row.function) has neither a name nor a dash")
      for name in names {
        let isDocumented = declarations.contains {
          $0.name == name && $0.functions.contains(row.function)
        }
        #expect(isDocumented, "nothing called \(name) says that it corresponds to \(row.function)")
      }
    }
  }
}

extension FunctionTableTests {
  private static func swiftFiles() throws -> [String] {
    try repositoryFiles(in: "Sources/MPI").filter { $0.hasSuffix(".swift") }.map(repositoryText)
  }

  /// The functions of MPI that the module calls: those named in its code outside of comments and strings, or in the body
  /// of a function of the shim.
  private static func calledFunctions() throws -> Set<String> {
    var result: Set<String> = []
    for file in try swiftFiles() {
      for line in file.split(separator: "\n") {
        let code = line.replacing(/"[^"]*"/, with: "").split(
          separator: "//", omittingEmptySubsequences: false)[0]
        result.formUnion(code.matches(of: /\bMPI_\w+/).map { String($0.0) })
      }
    }
    for line in try repositoryText("Sources/System/CMPI/shim.h").split(separator: "\n")
    where line.contains("return ") {
      result.formUnion(line.matches(of: /\b(MPI_\w+)\(/).map { String($0.1) })
    }
    return result
  }

  /// The public declarations, each with the functions of MPI that its comment names.
  private static func declarations() throws -> [(name: String, functions: Set<String>)] {
    var result: [(String, Set<String>)] = []
    for file in try swiftFiles() {
      var functions: Set<String> = []
      for line in file.split(separator: "\n", omittingEmptySubsequences: false) {
        let code = line.trimmingCharacters(in: .whitespaces)
        if code.hasPrefix("///") {
          functions.formUnion(code.matches(of: /`(MPI_\w+)`/).map { String($0.1) })
        } else if let match = code.firstMatch(
          of: /\b(?:func|var|let|struct|class|enum|case|typealias) `?(\w+)`?|\b(init|subscript)\b/)
        {
          if !functions.isEmpty { result.append((String(match.1 ?? match.2 ?? ""), functions)) }
          functions = []
        } else if !code.hasPrefix("@") {
          functions = []
        }
      }
    }
    return result
  }
}
