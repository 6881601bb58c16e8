// A configuration or a command line that must be refused, and what the user must be told.

/// One thing that a user may get wrong.
struct BadInput: Sendable {
  let name: String
  var file: [UInt8] = Array(goodConfiguration.utf8)
  var arguments = ["config.toml"]
  /// What the message begins with, after "error: ".
  let message: String
  var status: Int32 = 1
  /// The numbers of ranks at which it is wrong.
  var ranks = [1, 4]

  static let all =
    syntax + types + unknownKeys + missingKeys + sides + ranges + formulas + regions + commands + outputs + runs
    + courses + plans

  /// A configuration that runs, in a fraction of a second.
  static let goodConfiguration = """
    title = "Plate"
    solver = "heat"

    [grid]
    cells = [24, 16]
    extent = [1.2, 0.8]

    [time]
    end = 0.5

    [heat]
    diffusivity = 1.0e-3
    initial = 300

    [boundary]
    x = { kind = "fixed", value = 300 }

    [output]
    file = "plate.nc"
    every = 0.1
    picture = [{ file = "plate.png" }]

    """

  /// The good configuration with some text replaced, which it must hold.
  static func changed(_ changes: [(String, String)]) -> String {
    var text = goodConfiguration
    for (from, to) in changes {
      guard let range = text.firstRange(of: from) else { preconditionFailure("no \(from) in the good configuration") }
      text.replaceSubrange(range, with: to)
    }
    return text
  }

  static func changes(
    _ name: String, _ changes: [(String, String)], says message: String, ranks: [Int] = [1, 4]
  ) -> BadInput {
    BadInput(name: name, file: Array(changed(changes).utf8), message: message, ranks: ranks)
  }

  static func change(
    _ name: String, _ from: String, to: String, says message: String, ranks: [Int] = [1, 4]
  ) -> BadInput {
    changes(name, [(from, to)], says: message, ranks: ranks)
  }

  /// The whole file.
  static func file(_ name: String, _ bytes: [UInt8], says message: String) -> BadInput {
    BadInput(name: name, file: bytes, message: message)
  }

  /// `initial` as a formula.
  static func formula(_ name: String, _ text: String, says message: String) -> BadInput {
    change(name, "initial = 300", to: "initial = \"\(text)\"", says: message)
  }

  /// `initial` with a region.
  static func region(_ name: String, _ text: String, says message: String) -> BadInput {
    change(name, "initial = 300", to: "initial = { value = 300, regions = [\(text)] }", says: message)
  }

  /// The sides of x.
  static func side(_ name: String, _ text: String, says message: String) -> BadInput {
    change(name, #"x = { kind = "fixed", value = 300 }"#, to: text, says: message)
  }

  /// The name of the NetCDF file.
  static func output(_ name: String, _ file: String, says message: String) -> BadInput {
    change(name, "plate.nc", to: file, says: message)
  }

  /// The list of pictures.
  static func picture(_ name: String, _ tables: String, says message: String) -> BadInput {
    change(name, #"{ file = "plate.png" }"#, to: tables, says: message)
  }

  /// The arguments, with the good configuration.
  static func command(_ name: String, _ arguments: [String], says message: String, status: Int32 = 1) -> BadInput {
    BadInput(name: name, arguments: arguments, message: message, status: status)
  }
}
