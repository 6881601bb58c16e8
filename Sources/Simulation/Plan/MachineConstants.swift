internal import Glibc
import Stencils
import Threads

/// What the model of `plan` knows of the machine that a run is planned for: measured here, or given in a file.
struct MachineConstants {
  /// Latency in seconds and bandwidth in bytes a second.
  struct Link {
    var latency: Double
    var bandwidth: Double
  }

  /// Cores of a host; nil for those of this one.
  var cores: Int?
  /// Bytes of memory of a host; nil for those of this one.
  var memory: Double?
  /// Bytes a second between memory and all cores of a host; nil to measure it.
  var bandwidth: Double?
  /// Cells that one core updates a second while all others do so too; nil to measure it.
  var cellRate: Double?
  /// Messages within a host; nil to measure them.
  var messages: Link?
  /// Messages between hosts.
  var network: Link?
  /// Bytes a second into a file; nil to measure it.
  var output: Double?

  /// What is taken where nothing is known, and told as an assumption: 100 Gbit/s with the latency of a good switch, and
  /// shared memory as of 2020.
  static let assumedNetwork = Link(latency: 2e-6, bandwidth: 10e9)
  static let assumedMessages = Link(latency: 0.5e-6, bandwidth: 8e9)

  init() {}

  private static let tables: [(name: String, keys: [ParameterKey])] = [
    (
      "host",
      [
        ParameterKey("cores", .integer, .optional, range: .within(1...1e5), help: "cores of a host"),
        ParameterKey("memory", .number, unit: "bytes", .optional, range: .positive, help: "memory of a host"),
        ParameterKey(
          "bandwidth", .number, unit: "bytes/s", .optional, range: .positive,
          help: "the STREAM triad on all cores of a host"),
        ParameterKey(
          "cell_rate", .number, unit: "cells/s", .optional, range: .positive,
          help: "cells that a core updates while all others do so too"),
      ]
    ),
    ("messages", link("within a host")),
    ("network", link("between hosts")),
    (
      "output",
      [ParameterKey("bandwidth", .number, unit: "bytes/s", .optional, range: .positive, help: "writing a file")]
    ),
  ]

  private static func link(_ where: String) -> [ParameterKey] {
    [
      ParameterKey(
        "latency", .number, unit: "s", .optional, range: .positive, help: "half the round trip of 8 bytes \(`where`)"),
      ParameterKey(
        "bandwidth", .number, unit: "bytes/s", .optional, range: .positive, help: "one long message \(`where`)"),
    ]
  }

  /// - Parameters:
  ///   - text: a TOML file's text.
  ///   - file: its name, for messages.
  /// - Throws: `ConfigurationError` for an unknown key or a value out of range.
  init(text: String, file: String) throws(ConfigurationError) {
    let root = try TomlNode.parse(text, file: file)
    let start = SourceLocation(file: file)
    let reader = TableReader(axes: ["x", "y", "z"])
    let names = Self.tables.map(\.name)
    _ = try reader.read(
      TomlNode.Member(key: "", location: start, node: root), path: "", keys: [], parent: start, ignoring: Set(names))
    var read: [String: Parameters] = [:]
    for (name, keys) in Self.tables {
      read[name] = try reader.read(root[name], path: name, keys: keys, parent: start)
    }
    func number(_ table: String, _ key: String) -> Double? {
      read[table]!.has(key) ? read[table]!.number(key) : nil
    }
    func link(_ table: String, _ assumed: Link) -> Link? {
      let (latency, bandwidth) = (number(table, "latency"), number(table, "bandwidth"))
      if latency == nil, bandwidth == nil { return nil }
      return Link(latency: latency ?? assumed.latency, bandwidth: bandwidth ?? assumed.bandwidth)
    }
    cores = read["host"]!.has("cores") ? read["host"]!.integer("cores") : nil
    memory = number("host", "memory")
    bandwidth = number("host", "bandwidth")
    cellRate = number("host", "cell_rate")
    messages = link("messages", Self.assumedMessages)
    network = link("network", Self.assumedNetwork)
    output = number("output", "bandwidth")
  }

  /// Bytes a second with which a file grows beside `path`, with what it takes until they are on the disk.
  static func measureOutput(beside path: String) -> Double? {
    let name = OutputPath.directory(of: path) + "/.halo-probe-\(getpid())"
    let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    defer {
      close(descriptor)
      unlink(name)
    }
    let block = [UInt8](repeating: 1, count: 4 << 20)
    let began = monotonicSeconds()
    var written = 0
    // Long enough to mean something, and no more than a quarter of a second on a slow disk.
    while written < 64 << 20, monotonicSeconds() - began < 0.25 {
      guard write(descriptor, block, block.count) == block.count else { return nil }
      written += block.count
    }
    guard fsync(descriptor) == 0 else { return nil }
    return Double(written) / (monotonicSeconds() - began)
  }
}
