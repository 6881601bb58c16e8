internal import Glibc
import MPI
import Stencils

/// The files that a run writes, checked before it starts.
struct OutputPlan {
  let file: String?
  let pictures: [CoreSettings.PictureSettings]
  /// run.json, beside the output; nil for a run without files.
  let report: String?
  /// status.json, beside the output.
  var status: String? { file.map { OutputPath.file("status.json", beside: $0) } }
  /// What might go wrong, told before the run.
  let warnings: [String]

  /// - Throws: on all ranks, when one of the files could not be written.
  init(_ core: CoreSettings, report asked: String?, expectedBytes: Int, on world: Communicator) throws {
    file = core.outputFile
    pictures = core.pictures
    let beside = core.outputFile ?? core.pictures.first?.file
    report = asked ?? beside.map { OutputPath.file("run.json", beside: $0) }
    var warnings: [String] = []
    if let file, let warning = try NetCDFFile.check(file, communicator: world, expectedBytes: expectedBytes) {
      warnings.append("warning: \(warning)")
    }
    for picture in pictures { try Self.check(picture.file, extensions: ["png", "svg"], on: world) }
    if let report, report != "-" { try Self.check(report, extensions: [], on: world) }
    self.warnings = warnings
  }

  private static func check(_ path: String, extensions: [String], on world: Communicator) throws(OutputError) {
    try OutputError.agreed(on: world, path: path) { () throws(OutputError) in
      if world.rank == 0 { _ = try OutputPath.check(path, extensions: extensions) }
    }
  }

  /// Writes run.json. Every rank calls it.
  func write(_ json: JSON, on world: Communicator) throws(OutputError) {
    guard let report else { return }
    try OutputError.agreed(on: world, path: report) { () throws(OutputError) in
      if world.rank == 0, report == "-" {
        writeAll(json.serialized, to: STDOUT_FILENO)
      } else if world.rank == 0 {
        try json.write(to: report)
      }
    }
  }

  /// Lines that say what was written where.
  var lines: [String] {
    (file.map { ["wrote \($0)"] } ?? []) + pictures.map { "wrote \($0.file)" }
      + (report.map { $0 == "-" ? [] : ["wrote \($0)"] } ?? [])
  }
}
