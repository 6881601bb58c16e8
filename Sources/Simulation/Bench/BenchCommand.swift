internal import Glibc
import Stencils

/// `heatsim bench CONFIG.toml`: threads against ranks.
enum BenchCommand {
  static func main(_ given: [String], command: String, solvers: [SolverChoice]) {
    telling {
      try refuseUnderLauncher("bench", command)
      let options = try BenchOptions(given, command: command)
      // What is wrong with the configuration is told once, before any run.
      let configuration = try Simulation.configuration(options.file, options.overrides, solvers)
      for suffix in [".csv", ".json", ".png", ".svg", ".machine.toml"] {
        _ = try OutputPath.check(options.output + suffix)
      }
      let bench = try Bench(options, configuration.core, command: command)
      try bench.run()
      let report = BenchReport(bench: bench)
      writeAll(report.lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
      var written = [options.output + ".csv", options.output + ".json", bench.machineFile]
      try OutputPath.write(Array(report.csv.utf8), to: written[0], action: "write the table")
      try report.json.write(to: written[1])
      for series in bench.series {
        let rows = report.rows(series)
        guard !rows.isEmpty else { continue }
        let name = bench.series.count > 1 ? "\(options.output)-\(series.cells.max()!)" : options.output
        let picture = BenchPicture(rows, of: series, in: report)
        for suffix in [".png", ".svg"] {
          try picture.render(to: name + suffix)
          written.append(name + suffix)
        }
      }
      writeAll(written.map { "wrote \($0)\n" }.joined(), to: STDOUT_FILENO)
      guard report.failures.isEmpty else { throw BenchError(report.failures[0]) }
      guard report.fingerprintsAgree else { throw BenchError("the layouts end with different fingerprints") }
    }
  }
}
