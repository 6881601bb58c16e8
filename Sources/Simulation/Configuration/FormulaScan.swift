/// What formulas may use where they stand.
package struct FormulaScope {
  /// The names of the grid's axes.
  let axes: [String]
  let allowsTime: Bool

  var dimensions: Int { axes.count }
  var variables: [String] { axes + (allowsTime ? ["t"] : []) }

  static let constants = ["pi", "e"]
  package static let functions = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "ceil", "cos", "cosh", "erf", "erfc",
    "exp", "floor", "hypot", "ln", "log", "log10", "log2", "max", "min", "mod", "pow", "rint", "sign", "sin", "sinh",
    "sqrt", "step", "sum", "tan", "tanh",
  ]
}

/// What is wrong with a formula: a sentence that goes on after the formula's text, and the character that it is about.
struct FormulaComplaint: Error {
  let offset: Int
  let sentence: String
}

/// The names that a formula uses, found before the parser reads it, since the parser would accept assignments and lists
/// and calls every unknown name an unexpected token.
struct FormulaScan {
  private(set) var usesSpace = false
  private(set) var usesTime = false
  private var previous: Token?

  /// A word or number, or a single character.
  private struct Token {
    enum Kind { case number, variable, function, symbol }
    let kind: Kind
    let text: String
    /// Whether a value ends here, so that an operator has to come next.
    var endsValue: Bool { kind == .number || kind == .variable || text == ")" }
  }

  init(_ text: String, scope: FormulaScope) throws(FormulaComplaint) {
    let characters = Array(text)
    guard characters.contains(where: { !$0.isWhitespace }) else {
      throw FormulaComplaint(
        offset: 0, sentence: "is empty: write a number or an expression in \(scope.variables.joined(separator: ", "))")
    }
    var start = 0
    while start < characters.count {
      let first = characters[start]
      var end = start + 1
      if first.isWhitespace {
        start = end
        continue
      }
      if first.isNameStart {
        while end < characters.count, characters[end].isNamePart { end += 1 }
        let isCalled = characters[end...].first { !$0.isWhitespace } == "("
        try take(name: String(characters[start..<end]), isCalled: isCalled, at: start, scope)
      } else if first.isDigit || (first == "." && end < characters.count && characters[end].isDigit) {
        end = FormulaScan.endOfNumber(characters, from: start)
        try take(Token(kind: .number, text: String(characters[start..<end])), at: start)
      } else {
        end = try takeSymbol(characters, at: start)
      }
      start = end
    }
  }

  private mutating func take(_ token: Token, at offset: Int) throws(FormulaComplaint) {
    if let previous, previous.endsValue, token.kind != .symbol || token.text == "(" {
      throw FormulaComplaint(
        offset: offset,
        sentence: "has no operator between \"\(previous.text)\" and \"\(token.text)\"; a product is written 2*x")
    }
    previous = token
  }

  private mutating func take(name: String, isCalled: Bool, at offset: Int, _ scope: FormulaScope)
    throws(FormulaComplaint)
  {
    let isFunction = FormulaScope.functions.contains(name)
    if isFunction, !isCalled {
      throw FormulaComplaint(offset: offset, sentence: "names the function \(name) without an argument: \(name)(...)")
    }
    if isFunction { return try take(Token(kind: .function, text: name), at: offset) }
    if name == "if" {
      throw FormulaComplaint(offset: offset, sentence: "uses if; a choice is written x < 0.5 ? 1 : 2")
    }
    if isCalled, !["x", "y", "z", "t"].contains(name), !FormulaScope.constants.contains(name) {
      throw FormulaComplaint(
        offset: offset,
        sentence: "uses the unknown function \"\(name)\"; \(unknown(name, among: FormulaScope.functions))")
    }
    if !scope.variables.contains(name), !FormulaScope.constants.contains(name) {
      let allowed = scope.variables.joined(separator: ", ")
      let sentence =
        switch name {
        case "x", "y", "z":
          "uses \(name), but the grid has "
            + "\(scope.dimensions == 1 ? "one dimension" : "\(scope.dimensions) dimensions"); it may use \(allowed)"
        case "t": "uses t, but this value cannot change with time; it may use \(allowed)"
        default:
          "uses the unknown name \"\(name)\"; "
            + unknown(
              name, among: scope.variables + FormulaScope.constants + FormulaScope.functions,
              listing: "\(allowed), pi, e and functions such as sin(...)")
        }
      throw FormulaComplaint(offset: offset, sentence: sentence)
    }
    usesTime = usesTime || name == "t"
    usesSpace = usesSpace || ["x", "y", "z"].contains(name)
    try take(Token(kind: .variable, text: name), at: offset)
  }

  /// Returns the offset after the symbol.
  private mutating func takeSymbol(_ characters: [Character], at start: Int) throws(FormulaComplaint) -> Int {
    let first = characters[start]
    let second = start + 1 < characters.count ? characters[start + 1] : " "
    func complain(_ sentence: String) throws(FormulaComplaint) -> Never {
      throw FormulaComplaint(offset: start, sentence: sentence)
    }
    switch (first, second) {
    case ("*", "*"): try complain("uses **; powers are written with ^, as in x^2")
    case ("²", _): try complain("uses ²; powers are written with ^, as in x^2")
    case ("³", _): try complain("uses ³; powers are written with ^, as in x^3")
    case ("=", "="), ("!", "="), ("<", "="), (">", "="), ("&", "&"), ("|", "|"):
      try take(Token(kind: .symbol, text: "\(first)\(second)"), at: start)
      return start + 2
    case ("=", _): try complain("uses a single =; a comparison is written ==")
    case ("&", _), ("|", _): try complain("uses a single \(first); the logical operators are && and ||")
    case _ where "+-*/^(),<>?:".contains(first):
      try take(Token(kind: .symbol, text: String(first)), at: start)
      return start + 1
    default:
      try complain("has the character \"\(first)\", which means nothing there; operators: + - * / ^ < > == && || ? :")
    }
  }

  /// A number is digits, a point, and an exponent where digits follow the e.
  private static func endOfNumber(_ characters: [Character], from start: Int) -> Int {
    func skipDigits(_ from: Int) -> Int {
      characters[from...].firstIndex { !$0.isDigit } ?? characters.count
    }
    var end = skipDigits(start)
    if end < characters.count, characters[end] == "." { end = skipDigits(end + 1) }
    guard end < characters.count, characters[end] == "e" || characters[end] == "E" else { return end }
    var exponent = end + 1
    if exponent < characters.count, "+-".contains(characters[exponent]) { exponent += 1 }
    let exponentEnd = exponent < characters.count ? skipDigits(exponent) : exponent
    return exponentEnd > exponent ? exponentEnd : end
  }
}

extension Character {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var isNameStart: Bool { isASCII && isLetter || self == "_" }
  fileprivate var isNamePart: Bool { isNameStart || isDigit }
}
