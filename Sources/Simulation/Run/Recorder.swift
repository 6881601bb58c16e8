import MPI
import Stencils

/// Writes what a run leaves behind: the fields and diagnostics at every output, and pictures at the end.
final class Recorder<S: Solver> {
  private let solver: S
  private let domain: Domain<S.Scalar>
  private let settings: CoreSettings
  private let file: NetCDFFile?
  private let fields: [Field<S.Scalar>]
  private var blocks: [UnsafeMutableBufferPointer<S.Scalar>] = []
  /// The diagnostics at the first and at the last output.
  private(set) var first: [Diagnostic] = []
  private(set) var last: [Diagnostic] = []
  /// Seconds of wall time spent in writing, and bytes of fields written.
  private(set) var seconds = 0.0
  private(set) var bytes = 0

  /// - Parameters:
  ///   - description: what a new file says about itself.
  ///   - start: the checkpoint that the run goes on from; its file is continued, unless the configuration names another.
  ///   - time: where the run stands.
  init(
    _ solver: S, on domain: Domain<S.Scalar>, _ settings: CoreSettings, description: OutputDescription,
    continuing start: CheckpointHeader? = nil, at time: Double = 0
  ) throws {
    self.solver = solver
    self.domain = domain
    self.settings = settings
    fields = solver.recorded
    first = start?.first ?? []
    guard let path = settings.outputFile else {
      file = nil
      return
    }
    let block = OutputBlock(of: domain)
    let grid = OutputGrid(domain.grid)
    let variables = fields.map { OutputVariable($0) }
    let series = try solver.diagnostics(at: time).map {
      OutputVariable(name: $0.name, units: $0.unit, longName: $0.longName)
    }
    if let output = start?.output, output.file == path {
      file = try NetCDFFile(
        continuing: path, communicator: domain.communicator, grid: grid, block: block, fields: variables,
        series: series, records: output.records, identity: output.identity)
    } else {
      file = try NetCDFFile(
        path: path, communicator: domain.communicator, grid: grid, block: block, fields: variables, series: series,
        description: description)
    }
    blocks = fields.map { _ in .allocate(capacity: block.cellCount) }
  }

  deinit { for block in blocks { block.deallocate() } }

  /// Records the state at a time.
  func record(time: Double) throws {
    let began = monotonicSeconds()
    let diagnostics = try solver.diagnostics(at: time)
    if first.isEmpty { first = diagnostics }
    last = diagnostics
    if let file {
      try solver.prepareRecord(at: time)
      for (field, block) in zip(fields, blocks) { domain.copyBlock(of: field, into: block.baseAddress!) }
      try file.appendRecord(time: time, fields: blocks.map { OutputValues($0) }, series: diagnostics.map(\.value))
      bytes += fields.count * domain.grid.cellCount * MemoryLayout<S.Scalar>.stride
    }
    seconds += monotonicSeconds() - began
  }

  /// Finishes the file under its final name.
  func close(fingerprint: String) throws {
    let began = monotonicSeconds()
    try file?.close(fingerprint: fingerprint)
    seconds += monotonicSeconds() - began
  }

  /// Brings what was written to the disk, for a checkpoint that counts on it.
  /// - Returns: what the checkpoint must know, on rank 0; nil elsewhere and without a file.
  func flush() throws -> CheckpointHeader.OutputState? {
    let began = monotonicSeconds()
    defer { seconds += monotonicSeconds() - began }
    guard let file, let identity = try file.flush() else { return nil }
    return .init(file: file.path, records: file.recordCount, identity: identity)
  }

  /// Leaves the file under its temporary name, for a run that goes on from a checkpoint.
  func suspend() { file?.suspend() }

  /// Removes what was written so far.
  func abandon() { file?.abandon() }
}
