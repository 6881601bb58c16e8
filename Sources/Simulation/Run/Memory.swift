internal import Glibc

/// What the system says of this process's memory.
enum Memory {
  /// The largest resident size so far, in bytes; 0 where the system does not tell. (`getrusage` would count the program
  /// that this one was started from.)
  static var peak: Int { figure("VmHWM:") }
  /// The resident size now, in bytes; 0 where the system does not tell.
  static var resident: Int { figure("VmRSS:") }

  private static func figure(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix(name) else { continue }
      return 1024 * (text.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0)
    }
    return 0
  }
}
