// Command lines of plan and bench that cannot work.

extension BadInput {
  /// One process each: both start others themselves.
  static let plans: [BadInput] =
    ["plan", "bench"].flatMap { subcommand -> [BadInput] in
      func input(_ name: String, _ arguments: [String], says message: String, status: Int32 = 2) -> BadInput {
        BadInput(
          name: "\(subcommand) \(name)", arguments: [subcommand] + arguments, message: message, status: status,
          ranks: [1])
      }
      return [
        input(
          "no file", [],
          says: "a configuration is missing: add its name, as in heatsim \(subcommand) CONFIG.toml; heatsim --help"),
        input("two files", ["config.toml", "b.toml"], says: "there are two configurations, config.toml and b.toml;"),
        input(
          "missing file", ["confg.toml"],
          says: "confg.toml: cannot read the configuration: No such file or directory; check its name", status: 1),
        input("set none", ["config.toml", "--set"], says: "--set wants KEY=VALUE behind it;"),
        input(
          "set unknown", ["config.toml", "--set", "time.ende=3"],
          says: #"--set time.ende=3: unknown key time.ende; did you mean "end"?"#, status: 1),
        BadInput(
          name: "\(subcommand) under mpirun", arguments: [subcommand, "config.toml"],
          message: "\(subcommand) is one process that starts others itself: start it without mpirun, as in heatsim "
            + "\(subcommand) CONFIG.toml; heatsim --help", status: 2, ranks: [4]),
      ]
    } + [
      plan("ranks 0", ["--ranks", "0"], says: "--ranks wants a whole number from 1 to 1000000 behind it, not 0;"),
      plan("ranks none", ["--ranks"], says: "--ranks wants a whole number from 1 to 1000000 behind it;"),
      plan("threads x", ["--threads", "x"], says: "--threads wants a whole number from 1 to 4096 behind it, not x;"),
      plan("unknown option", ["--rank", "2"], says: #"unknown option --rank; did you mean "--ranks"? heatsim --help"#),
      plan(
        "too many ranks", ["--ranks", "385"],
        says: "config.toml:5:9: 385 ranks are too many for a grid of 24 x 16 cells; there are not more than 384",
        status: 1),
      plan(
        "prime ranks", ["--ranks", "383"],
        says:
          "config.toml:5:9: 383 ranks are too many for a grid of 24 x 16 cells; the largest count that works is 368",
        status: 1),
      plan(
        "unstable step", ["--set", "time.step=2"],
        says: "--set time.step=2: time.step = 2.0 s is unstable: the limit is",
        status: 1),
      plan(
        "machine missing", ["--machine", "no.toml"],
        says: "no.toml: cannot read the configuration: No such file or directory", status: 1),
      plan(
        "machine is a configuration", ["--machine", "config.toml"],
        says: "config.toml:1:1: unknown key title; allowed: host, messages, network, output", status: 1),
      bench(
        "unknown option", ["--step", "2"], says: #"unknown option --step; did you mean "--steps"? heatsim --help"#),
      bench("steps 0", ["--steps", "0"], says: "--steps wants a whole number from 1 to 1000000000 behind it, not 0;"),
      bench(
        "repeats many", ["--repeats", "9999"], says: "--repeats wants a whole number from 1 to 1000 behind it, not 9"),
      bench(
        "sizes", ["--sizes", "64,big"], says: "--sizes wants whole numbers from 1 to 1000000, as in 128,256, not 64,"),
      bench("layouts", ["--layouts", "4"], says: "--layouts wants ranks x threads, as in 4x1,2x2, not 4;"),
      bench("layouts zero", ["--layouts", "0x1"], says: "--layouts wants ranks x threads, as in 4x1,2x2, not 0x1;"),
      bench("layout too large", ["--layouts", "1x4096"], says: "the layout 1x4096 does not fit: 1 host with "),
      bench(
        "output", ["--output", "no/such"],
        says: "no/such.csv: cannot write the output: No such file or directory; create",
        status: 1),
    ]

  private static func plan(_ name: String, _ arguments: [String], says message: String, status: Int32 = 2) -> BadInput {
    BadInput(
      name: "plan \(name)", arguments: ["plan", "config.toml"] + arguments, message: message, status: status, ranks: [1]
    )
  }

  private static func bench(_ name: String, _ arguments: [String], says message: String, status: Int32 = 2) -> BadInput
  {
    BadInput(
      name: "bench \(name)", arguments: ["bench", "config.toml"] + arguments, message: message, status: status,
      ranks: [1])
  }
}
