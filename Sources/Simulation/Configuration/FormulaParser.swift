internal import CMuParser
internal import Glibc
import Stencils

/// What formulas may use where they stand.
struct FormulaScope {
  let dimensions: Int
  let allowsTime: Bool

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
  /// Reads a formula.
  /// - Throws: what is wrong with it and where, with the variables or functions that there are.
  static func parse(_ text: String, at location: SourceLocation, scope: FormulaScope) throws(ConfigurationError)
    -> Formula
  {
    func complaint(_ sentence: String) -> ConfigurationError {
      ConfigurationError(location, "the formula \"\(text)\" \(sentence)")
    }
    if text.contains("**") { throw complaint("uses **: powers are written with ^, as in x^2") }
    if text.allSatisfy(\.isWhitespace) { throw complaint("is empty: write a number or an expression in x, y, z") }
    let trial = FormulaEvaluator(text)
    _ = mupEval(trial.parser)
    if mupError(trial.parser) != 0 { throw complaint(sentence(for: trial.parser, text, scope)) }
    let used = usedVariables(trial.parser)
    for name in ["x", "y", "z"] where used.contains(name) && !scope.variables.contains(name) {
      throw complaint(
        "uses \(name), but the grid has \(scope.dimensions == 1 ? "one dimension" : "\(scope.dimensions) dimensions"); "
          + "it may use \(scope.variables.joined(separator: ", "))")
    }
    if used.contains("t"), !scope.allowsTime {
      throw complaint(
        "uses t, but this value cannot change with time; it may use \(scope.variables.joined(separator: ", "))")
    }
    return Formula(
      text: text, location: location, usesSpace: !used.isDisjoint(with: ["x", "y", "z"]), usesTime: used.contains("t")
    ) {
      let evaluator = FormulaEvaluator(text)
      return { evaluator.value($0) }
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
    let position = Int(mupGetErrorPos(parser)) + 1
    let functions = [
      "abs", "acos", "asin", "atan", "atan2", "cos", "cosh", "exp", "ln", "log10", "log2", "max", "min", "mod", "rint",
      "sign", "sin", "sinh", "sqrt", "step", "sum", "tan", "tanh",
    ]
    // muParser's code 1 is an identifier that it does not know.
    if mupGetErrorCode(parser) == 1 {
      let name = String(token.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      let known = scope.variables + ["pi", "e"] + functions
      return "uses \"\(name.isEmpty ? token : name)\", which is unknown; \(unknown(name, among: known))"
    }
    let message = String(cString: mupGetErrorMsg(parser)).trimmed
    return "does not parse at character \(position): \(message)"
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
