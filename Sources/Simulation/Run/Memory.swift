internal import Glibc

/// What the system says of this process's memory.
enum Memory {
  /// The largest resident size so far, in bytes; 0 where the system does not tell. (`getrusage` would count the program
  /// that this one was started from.)
  static var peak: Int { figure("VmHWM:") }
  /// The resident size now, in bytes; 0 where the system does not tell.
  static var resident: Int { figure("VmRSS:") }
  /// What this host has left for new programs, and the batch system's limit for this job, if there is one, has left; 0
  /// where the system does not tell.
  static var available: Int {
    var least = figure("MemAvailable:", of: "/proc/meminfo")
    for line in lines(of: "/proc/self/cgroup") {
      // Number, controllers, path: one line without controllers on newer systems, one with "memory" on older ones.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { continue }
      let isOld = !parts[1].isEmpty
      let root = "/sys/fs/cgroup" + (isOld ? "/memory" : "")
      var path: Substring? = parts[2] == "/" ? "" : parts[2]
      while let part = path {
        let folder = root + part
        if let limit = lines(of: folder + (isOld ? "/memory.limit_in_bytes" : "/memory.max")).first.flatMap({ Int($0) }
        ),
          let used = lines(of: folder + (isOld ? "/memory.usage_in_bytes" : "/memory.current")).first.flatMap({
            Int($0)
          })
        {
          // What is kept of files gives way.
          let files = lines(of: folder + "/memory.stat").first { $0.hasPrefix("inactive_file ") }
          least = min(least, limit - used + (files?.split(separator: " ").last.flatMap { Int($0) } ?? 0))
        }
        path = part.lastIndex(of: "/").map { part[..<$0] }
      }
    }
    return max(0, least)
  }

  /// A figure in kB of a table of the system's.
  private static func figure(_ name: String, of path: String = "/proc/self/status") -> Int {
    let line = lines(of: path).first { $0.hasPrefix(name) }
    return 1024 * (line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0)
  }

  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var found: [String] = []
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      found.append(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
    return found
  }
}
