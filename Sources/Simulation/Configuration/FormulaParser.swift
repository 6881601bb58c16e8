internal import CMuParser
internal import Glibc
import Stencils

/// What formulas may use where they stand.
package struct FormulaScope {
  let dimensions: Int
  let allowsTime: Bool

  package init(dimensions: Int, allowsTime: Bool) {
    self.dimensions = dimensions
    self.allowsTime = allowsTime
  }

  var variables: [String] { Array(["x", "y", "z"].prefix(dimensions)) + (allowsTime ? ["t"] : []) }
}

/// A parser of one formula, with variables of its own.
private final class FormulaEvaluator {
  let parser: muParserHandle_t
  // x, y, z, t: the parser reads them where they lie.
  let variables = UnsafeMutablePointer<Double>.allocate(capacity: 4)

  init(_ text: String) {
    parser = mupCreate(0)
    variables.initialize(repeating: 0, count: 4)
    for (index, name) in ["x", "y", "z", "t"].enumerated() { mupDefineVar(parser, name, variables + index) }
    mupDefineConst(parser, "pi", Double.pi)
    mupDefineConst(parser, "e", M_E)
    mupDefineFun1(parser, "step", { $0 < 0 ? 0 : 1 }, 1)
    mupDefineFun2(parser, "mod", { $0 - $1 * floor($0 / $1) }, 1)
    mupSetArgSep(parser, CChar(UInt8(ascii: ",")))
    mupSetDecSep(parser, CChar(UInt8(ascii: ".")))
    mupSetExpr(parser, text)
  }

  deinit {
    mupRelease(parser)
    variables.deallocate()
  }

  func value(_ p: Point) -> Double {
    variables[0] = p.x
    variables[1] = p.y
    variables[2] = p.z
    variables[3] = p.t
    return mupEval(parser)
  }
}

extension Formula {
  /// The functions that a formula may call.
  package static let functions = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "cos", "cosh", "exp", "ln", "log10",
    "log2",
    "max", "min", "mod", "rint", "sign", "sin", "sinh", "sqrt", "step", "sum", "tan", "tanh",
  ]

  /// Reads a formula.
  /// - Throws: what is wrong with it and where, with the variables or functions that there are.
  package static func parse(_ text: String, at location: SourceLocation, scope: FormulaScope) throws(ConfigurationError)
    -> Formula
  {
    func complaint(_ sentence: String) -> ConfigurationError {
      ConfigurationError(location, "the formula \"\(text)\" \(sentence)")
    }
    if text.contains("**") { throw complaint("uses **: powers are written with ^, as in x^2") }
    let variables = scope.variables.joined(separator: ", ")
    if text.allSatisfy(\.isWhitespace) { throw complaint("is empty: write a number or an expression in \(variables)") }
    // The parser would set a variable.
    if assigns(text) { throw complaint("assigns with =: compare with ==, <= or >=") }
    let trial = FormulaEvaluator(text)
    var count: Int32 = 0
    _ = mupEvalMulti(trial.parser, &count)
    if mupError(trial.parser) != 0 { throw complaint(sentence(for: trial.parser, text, scope)) }
    // The parser would take the last one.
    if count > 1 {
      throw complaint("has \(count) values: a comma separates the arguments of a function, decimals follow a point")
    }
    let used = usedVariables(trial.parser)
    for name in ["x", "y", "z"] where used.contains(name) && !scope.variables.contains(name) {
      throw complaint(
        "uses \(name), but the grid has \(scope.dimensions == 1 ? "one dimension" : "\(scope.dimensions) dimensions"); "
          + "it may use \(variables)")
    }
    if used.contains("t"), !scope.allowsTime {
      throw complaint(
        "uses t, but this value cannot change with time; it may use \(variables)")
    }
    return Formula(
      text: text, location: location, usesSpace: !used.isDisjoint(with: ["x", "y", "z"]), usesTime: used.contains("t")
    ) {
      let evaluator = FormulaEvaluator(text)
      return { evaluator.value($0) }
    }
  }

  private static func assigns(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let comparisons = Set("=<>!".utf8)
    return bytes.indices.contains { index in
      guard bytes[index] == UInt8(ascii: "=") else { return false }
      let follows = index > 0 && comparisons.contains(bytes[index - 1])
      return !follows && (index + 1 == bytes.count || bytes[index + 1] != UInt8(ascii: "="))
    }
  }

  private static func usedVariables(_ parser: muParserHandle_t) -> Set<String> {
    var names: Set<String> = []
    for index in 0..<max(0, mupGetExprVarNum(parser)) {
      var name: UnsafePointer<muChar_t>?
      var address: UnsafeMutablePointer<Double>?
      mupGetExprVar(parser, UInt32(index), &name, &address)
      if let name { names.insert(String(cString: name)) }
    }
    return names
  }

  private static func sentence(for parser: muParserHandle_t, _ text: String, _ scope: FormulaScope) -> String {
    let token = String(cString: mupGetErrorToken(parser)).trimmed
    // muParser's code 1 is an identifier that it does not know.
    if mupGetErrorCode(parser) == 1 {
      let name = String(token.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      if name.isEmpty { return "has \"\(token)\", which is no part of a formula" }
      if name.first!.isNumber { return "has \"\(token)\", which is no number that fits: the largest is 1.7e308" }
      if name == "if" { return "uses \"if\": a choice is written condition ? value : other value" }
      let names = scope.variables + ["pi", "e"]
      let advice = unknown(name, among: names + functions)
      if advice.hasPrefix("did you mean") { return "uses \"\(name)\", which is unknown; \(advice)" }
      let isCall = token.dropFirst(name.count).hasPrefix("(") || text.contains("\(name)(")
      return isCall
        ? "calls \"\(name)\", which is no function; there are \(functions.joined(separator: ", "))"
        : "uses \"\(name)\", which is unknown; it may use \(names.joined(separator: ", ")) and functions"
    }
    var message = String(cString: mupGetErrorMsg(parser)).trimmed
    // The parser counts bytes from 0, people count characters from 1.
    for words in [" found at position", " at expression position", " at position"] {
      if let range = message.firstRange(of: words) { message = String(message[..<range.lowerBound]) }
    }
    let before = text.utf8.prefix(max(0, Int(mupGetErrorPos(parser))))
    let position = String(decoding: before, as: UTF8.self).count + 1
    let place = position > text.count ? "at its end" : "at character \(position)"
    return "does not parse \(place): \(message.prefix(1).lowercased())\(message.dropFirst())"
  }
}

extension String {
  fileprivate var trimmed: String {
    var part = self[...]
    while part.first?.isWhitespace == true || part.first?.isNewline == true { part.removeFirst() }
    while part.last?.isWhitespace == true || part.last?.isNewline == true { part.removeLast() }
    if part.last == "." { part.removeLast() }
    return String(part)
  }
}
