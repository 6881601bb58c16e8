import MPI
import Stencils

/// The state at the end of a run, all of it and nothing else, for `verify` to compare.
enum StateFile {
  /// The global attribute that names the fields, one a line.
  static var fieldsAttribute: String { "source" }

  /// Writes the fields. Every rank calls it.
  static func write<Scalar: Real>(
    _ path: String, _ fields: [Field<Scalar>], fingerprint: String, on domain: Domain<Scalar>
  ) throws {
    let block = OutputBlock(of: domain)
    let file = try NetCDFFile(
      path: path, communicator: domain.communicator,
      grid: OutputGrid(domain.grid), block: block, fields: fields.map { OutputVariable($0) },
      description: OutputDescription(
        title: "state", source: fields.map(\.name).joined(separator: "\n"), configuration: "",
        version: Simulation.version, layout: "", history: ""))
    do {
      let blocks = fields.map { _ in UnsafeMutableBufferPointer<Scalar>.allocate(capacity: block.cellCount) }
      defer { for block in blocks { block.deallocate() } }
      for (field, block) in zip(fields, blocks) { domain.copyBlock(of: field, into: block.baseAddress!) }
      try file.appendRecord(time: 0, fields: blocks.map { OutputValues($0) }, series: [])
      try file.close(fingerprint: fingerprint)
    } catch {
      file.abandon()
      throw error
    }
  }
}
