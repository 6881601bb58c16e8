import Stencils

/// What a checkpoint says in words: which run it is of, where that stood, and what it holds.
struct CheckpointHeader {
  var solver: String
  var precision: String
  var cells: [Int]
  var clock: Clock
  /// The configuration, key by key.
  var configuration: [(key: String, value: String)]
  /// Name and bytes an element of each array.
  var arrays: [(name: String, elementBytes: Int)]
  var numbers: [(name: String, value: Double?)]
  /// Sums with all their digits.
  var sums: [(name: String, special: Double, digits: [Int64])]
  var output: OutputState?
  /// The diagnostics of the start.
  var first: [Diagnostic]
  /// Seconds that the run has taken so far, all its attempts together.
  var seconds: Double

  /// What the checkpoint knows of the output file.
  struct OutputState: Equatable {
    /// Its name.
    var file: String
    /// Records that it holds.
    var records: Int
    /// Which file it is.
    var identity: NetCDFIdentity
  }

  /// Where a block belongs, in words.
  func place(of block: CheckpointBlock) -> String {
    "\(arrays[block.array].name) from cell (\(cells.indices.map { String(block.box.low[$0]) }.joined(separator: ", ")))"
  }

  /// As TOML.
  var text: String {
    var lines = [
      "# A checkpoint of Halo: arrays follow behind this text.",
      "solver = \(quoted(solver))", "precision = \(quoted(precision))", "cells = \(cells)",
      "seconds = \(seconds)",
      "configuration = [", configuration.map { "  [\(quoted($0.key)), \(quoted($0.value))]," }.joined(separator: "\n"),
      "]",
      "arrays = [", arrays.map { "  [\(quoted($0.name)), \($0.elementBytes)]," }.joined(separator: "\n"), "]",
      "numbers = [",
      numbers.map { "  [\(quoted($0.name))\($0.value.map { ", \($0)" } ?? "")]," }.joined(separator: "\n"), "]",
      "sums = [", sums.map { "  [\(quoted($0.name)), \($0.special), \($0.digits)]," }.joined(separator: "\n"), "]",
      "first = [",
      first.map { "  [\(quoted($0.name)), \(quoted($0.longName)), \(quoted($0.unit)), \($0.value)]," }
        .joined(separator: "\n"), "]", "",
      "[clock]", "step = \(clock.step)", "time = \(clock.time)", "limit = \(clock.limit)",
      "boundary-time = \(clock.boundaryTime)", "shortest = \(clock.shortest)", "longest = \(clock.longest)",
    ]
    if let span = clock.span {
      lines += [
        "", "[span]", "start = \(span.start)", "due = \(span.due)", "step = \(span.dt)", "steps = \(span.whole)",
        "done = \(span.done)",
      ]
    }
    if let output {
      lines += [
        "", "[output]", "file = \(quoted(output.file))", "records = \(output.records)",
        "header = \(quoted(hexadecimal(output.identity.checksum)))", "bytes = \(output.identity.headerBytes)",
        "fingerprint = \(output.identity.fingerprintOffset)", "record-bytes = \(output.identity.recordBytes)",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Throws: where the text is none of ours, which a right checksum rules out for files of this version.
  init(text: String, file: String) throws(OutputError) {
    do {
      self.init(try Reader(text, file))
    } catch {
      throw OutputError(path: file, action: "use the checkpoint", reason: "its header makes no sense: \(error)")
    }
  }

  init(
    solver: String, precision: String, cells: [Int], clock: Clock, configuration: [(key: String, value: String)],
    arrays: [(name: String, elementBytes: Int)], numbers: [(name: String, value: Double?)],
    sums: [(name: String, special: Double, digits: [Int64])], output: OutputState?, first: [Diagnostic],
    seconds: Double
  ) {
    (self.solver, self.precision, self.cells, self.clock) = (solver, precision, cells, clock)
    (self.configuration, self.arrays, self.numbers, self.sums) = (configuration, arrays, numbers, sums)
    (self.output, self.first, self.seconds) = (output, first, seconds)
  }

  private init(_ reader: Reader) {
    let root = reader.root
    solver = root.text("solver")
    precision = root.text("precision")
    cells = root.rows("cells").map(\.integer)
    seconds = root.number("seconds")
    configuration = root.rows("configuration").map { ($0.at(0).text, $0.at(1).text) }
    arrays = root.rows("arrays").map { ($0.at(0).text, $0.at(1).integer) }
    numbers = root.rows("numbers").map { ($0.at(0).text, $0.list.count > 1 ? $0.at(1).number : nil) }
    sums = root.rows("sums").map { ($0.at(0).text, $0.at(1).number, $0.at(2).list.map { Int64($0.integer) }) }
    first = root.rows("first").map {
      Diagnostic($0.at(0).text, $0.at(1).text, unit: $0.at(2).text, $0.at(3).number)
    }
    let times = root["clock"]!.node
    clock = Clock(
      step: times["step"]!.node.integer, time: times.number("time"), limit: times.number("limit"),
      boundaryTime: times.number("boundary-time"), shortest: times.number("shortest"),
      longest: times.number("longest"))
    if let span = root["span"]?.node {
      clock.span = Clock.Span(
        start: span.number("start"), due: span.number("due"), dt: span.number("step"),
        whole: span["steps"]!.node.integer, done: span["done"]!.node.integer)
    }
    if let output = root["output"]?.node {
      self.output = OutputState(
        file: output.text("file"), records: output["records"]!.node.integer,
        identity: NetCDFIdentity(
          headerBytes: output["bytes"]!.node.integer, recordBytes: output["record-bytes"]!.node.integer,
          fingerprintOffset: output["fingerprint"]!.node.integer,
          checksum: UInt64(output.text("header"), radix: 16) ?? 0))
    }
  }
}

/// The header's TOML, once it is known that all keys are there.
private struct Reader {
  let root: TomlNode

  init(_ text: String, _ file: String) throws(ConfigurationError) {
    root = try TomlNode.parse(text, file: file)
    let keys = [
      "solver", "precision", "cells", "seconds", "configuration", "arrays", "numbers", "sums", "first", "clock",
    ]
    for key in keys where root[key] == nil { throw ConfigurationError(root.location, "\(key) is missing") }
  }
}

extension TomlNode {
  fileprivate var list: [TomlNode] { if case .array(let elements) = value { elements } else { [] } }
  fileprivate var text: String { if case .text(let text) = value { text } else { "" } }
  fileprivate var integer: Int { if case .integer(let integer) = value { integer } else { 0 } }
  fileprivate var number: Double {
    switch value {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: .nan
    }
  }
  fileprivate func at(_ index: Int) -> TomlNode {
    list.indices.contains(index) ? list[index] : TomlNode(value: .boolean(false), location: location)
  }
  fileprivate func rows(_ key: String) -> [TomlNode] { self[key]?.node.list ?? [] }
  fileprivate func text(_ key: String) -> String { self[key]?.node.text ?? "" }
  fileprivate func number(_ key: String) -> Double { self[key]?.node.number ?? .nan }
}

/// A text as TOML writes it.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
