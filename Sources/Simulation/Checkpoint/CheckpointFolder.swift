internal import Glibc

/// Where a run's checkpoints are, and what they are called: `NAME.step000000123.checkpoint`.
struct CheckpointFolder: Sendable {
  let directory: String
  private let name: String

  /// - Parameters:
  ///   - output: the output file, beside which checkpoints are unless a directory is given.
  ///   - configuration: the name of the configuration, for a run without output.
  init(_ settings: CheckpointSettings, output: String?, configuration: String) {
    directory = settings.directory ?? output.map(OutputPath.directory) ?? "."
    var name = (output ?? configuration).split(separator: "/").last.map(String.init) ?? "run"
    for ending in [".nc", ".toml"] where name.hasSuffix(ending) && name.count > ending.count {
      name.removeLast(ending.count)
    }
    self.name = name
  }

  /// A file in it.
  func path(of file: String) -> String { directory == "." ? file : "\(directory)/\(file)" }

  /// What keeps two runs from writing the same checkpoints.
  var lock: String { path(of: ".\(name).lock") }

  func path(step: Int) -> String {
    let digits = String(step)
    let zeros = String(repeating: "0", count: max(0, 9 - digits.count))
    return path(of: "\(name).step\(zeros)\(digits).checkpoint")
  }

  /// The checkpoints that are there, the one with most steps first. By one process.
  func list() -> [(path: String, step: Int)] { list(endingIn: ".checkpoint") }

  /// Removes what runs that were killed left of checkpoints that they were writing. By one process.
  func sweep() { remove(list(endingIn: OutputPath.partial(of: ".checkpoint")).map(\.path)) }

  private func list(endingIn ending: String) -> [(path: String, step: Int)] {
    var found: [(path: String, step: Int)] = []
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard file.hasPrefix("\(name).step"), file.hasSuffix(ending) else { continue }
      guard let step = Int(file.dropFirst(name.count + 5).dropLast(ending.count)) else { continue }
      found.append((path(of: file), step))
    }
    return found.sorted { $0.step > $1.step }
  }

  /// Removes checkpoints, the last of the list first. By one process.
  func remove(_ paths: [String]) {
    for path in paths.reversed() { unlink(path) }
    if let first = paths.first { OutputPath.flushDirectory(of: first) }
  }
}

/// Where a run begins.
enum Restart: Equatable {
  /// At the newest whole checkpoint that is there, at time 0 where there is none.
  case newest
  case from(String)
  /// At time 0, whatever is there.
  case fresh
}
