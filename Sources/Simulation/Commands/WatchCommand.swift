internal import Glibc
import Stencils

/// `watch DIR`: draws what a run writes to status.json, until the run is over.
enum WatchCommand {
  static func main(_ arguments: [String], command: String) {
    telling {
      guard arguments.count == 1, !arguments[0].hasPrefix("-") else {
        throw UsageError("watch wants the folder of a run's output behind it", command)
      }
      let path = arguments[0].hasSuffix("status.json") ? arguments[0] : "\(arguments[0])/status.json"
      let isTerminal = isatty(STDOUT_FILENO) == 1
      var drawn = 0
      while true {
        let status = try read(path)
        let lines = draw(status, now: secondsSince1970())
        // Over what was drawn before.
        let up = drawn > 0 ? "\u{1b}[\(drawn)A\u{1b}[J" : ""
        writeAll(up + lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
        drawn = lines.count
        guard isTerminal, status["state"]?.asText == "running" else { return }
        sleep(1)
      }
    }
  }

  private static func read(_ path: String) throws -> JSON {
    guard let file = fopen(path, "r") else {
      throw OutputError(
        path: path, action: "read the status", reason: String(cString: strerror(errno)),
        remedy: "a run writes it beside its output after two seconds")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    guard let json = JSON(reading: String(decoding: bytes, as: UTF8.self)), json["state"] != nil else {
      throw OutputError(path: path, action: "read the status", reason: "it is no status of a run")
    }
    return json
  }

  /// The lines of one picture.
  static func draw(_ status: JSON, now: Int) -> [String] {
    func number(_ key: String) -> Double { status[key]?.asNumber ?? 0 }
    let state = status["state"]?.asText ?? ""
    let part = number("end") > 0 ? min(1, number("time") / number("end")) : 0
    let width = 40
    let full = Int(part * Double(width))
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
    var lines = [
      "\(status["title"]?.asText ?? ""): \(state)"
        + (status["message"]?.asText.map { ", \($0)" } ?? ""),
      "[\(bar)] \(Int(100 * part)) %  t = \(rounded(number("time"), 5)) s of \(rounded(number("end"), 5)) s",
      "step \(Int(number("step"))), \(rounded(number("steps_per_second"), 3)) steps/s, "
        + "\(rounded(number("gcell_per_second"), 3)) Gcell/s"
        + (status["seconds_left"]?.asNumber.map { ", \(durationText($0)) left" } ?? ""),
    ]
    if let checkpoint = status["checkpoint"], let file = checkpoint["file"]?.asText {
      lines.append(
        "checkpoint \(file), written in \(rounded(checkpoint["seconds"]?.asNumber ?? 0, 2)) s")
    }
    if let hosts = status["hosts"]?.asList {
      lines.append(
        "hosts: "
          + hosts.map { "\($0["name"]?.asText ?? "?") (\(counted($0["ranks"]?.asList?.count ?? 0, "rank")))" }
          .joined(separator: ", "))
    }
    if case .object(let quantities)? = status["quantities"] {
      for (name, value) in quantities {
        lines.append("  \(name) = \(rounded(value["value"]?.asNumber ?? .nan, 10)) \(value["unit"]?.asText ?? "")")
      }
    }
    let age = now - (status["updated"]?.asInteger ?? now)
    if state == "running", age > 30 {
      lines.append("nothing was heard for \(durationText(Double(age))): the run may have been ended from outside")
    }
    return lines
  }
}

/// The time of day as a number.
func secondsSince1970() -> Int { time(nil) }
