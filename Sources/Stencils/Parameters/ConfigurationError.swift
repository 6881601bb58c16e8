/// Where a value was written: a place in a file, or an argument of the command line.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file's name as the user gave it, or the whole argument (`--set heat.k=3`) for a command-line value.
  public var file: String
  /// Line, from 1; 0 where only the file is known.
  public var line: Int
  /// Column, from 1, in characters; 0 where only the file is known.
  public var column: Int

  public init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// Something that the user wrote and that cannot run: where it is, what is wrong, what would be right.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  public var location: SourceLocation
  public var message: String

  public init(_ location: SourceLocation, _ message: String) {
    self.location = location
    self.message = message
  }

  /// The location comes first, as compilers print it, so that editors can jump there. One line, whatever text the
  /// message quotes.
  public var description: String { "\(location): \(message)".onOneLine }
}

extension String {
  /// With control characters written as escapes, so that quoted text cannot break a line or steer a terminal.
  package var onOneLine: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    return unicodeScalars.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
      .joined()
  }
}
