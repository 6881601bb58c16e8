// The files of the repository, for tests that compare them with each other.

import Foundation

private let root = URL(filePath: #filePath).resolvingSymlinksInPath()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The text of a file of the repository.
func repositoryText(_ path: String) throws -> String {
  try String(contentsOf: root.appending(path: path), encoding: .utf8)
}

/// The paths of what a folder of the repository holds.
func repositoryFiles(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted().map {
    "\(folder)/\($0)"
  }
}
