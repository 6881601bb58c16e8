internal import CMuParser
internal import Glibc
import Stencils
import Synchronization

/// muParser keeps its locale and the buffer of its messages in globals: one thread at a time makes parsers, compiles and
/// asks about errors. Evaluation touches the parser's own memory alone and needs no lock.
private let parserGlobals = Mutex(())

/// A parser of one formula, with variables of its own. Made under the lock.
// Unchecked: the one worker that it is made for uses it.
private final class FormulaEvaluator: @unchecked Sendable {
  let parser: muParserHandle_t
  // x, y, z, t: the parser reads them where they lie. Whole cache lines, so that threads do not share one.
  let variables = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
    .initializeMemory(as: Double.self, repeating: 0, count: 16)

  /// - Parameter axes: the names of the grid's axes, in the order in which a point has its coordinates.
  init(_ text: String, axes: [String]) {
    parser = mupCreate(0)
    // Without a handler muParser keeps its error for us to ask; it neither prints nor ends the process.
    mupSetErrorHandler(parser, nil)
    // Its separators are the point and the comma whatever the process's locale is, so they are not set here.
    for (index, name) in axes.enumerated() { mupDefineVar(parser, name, variables + index) }
    mupDefineVar(parser, "t", variables + 3)
    mupDefineConst(parser, "pi", Double.pi)
    mupDefineConst(parser, "e", M_E)
    mupDefineFun1(parser, "step", { $0 < 0 ? 0 : 1 }, 1)
    mupDefineFun1(parser, "floor", { floor($0) }, 1)
    mupDefineFun1(parser, "ceil", { ceil($0) }, 1)
    mupDefineFun1(parser, "erf", { erf($0) }, 1)
    mupDefineFun1(parser, "erfc", { erfc($0) }, 1)
    mupDefineFun2(parser, "mod", { $0 - $1 * floor($0 / $1) }, 1)
    mupDefineFun2(parser, "pow", { pow($0, $1) }, 1)
    mupDefineFun2(parser, "hypot", { hypot($0, $1) }, 1)
    mupSetExpr(parser, text)
    // muParser compiles in the first evaluation: here, so that none of the run's calls allocates.
    _ = mupEval(parser)
  }

  deinit {
    mupRelease(parser)
    UnsafeMutableRawPointer(variables).deallocate()
  }

  func value(_ p: Point) -> Double {
    variables[0] = p.x
    variables[1] = p.y
    variables[2] = p.z
    variables[3] = p.t
    return mupEval(parser)
  }

  /// What muParser has against the formula; nil where it is right.
  var complaint: FormulaComplaint? {
    if mupError(parser) == 0 {
      var count: Int32 = 0
      mupEvalMulti(parser, &count)
      if count == 1 { return nil }
      return FormulaComplaint(
        offset: 0, sentence: "is a list of \(count) values; write one, with a decimal point and not a comma")
    }
    let token = String(cString: mupGetErrorToken(parser)).filter { !$0.isWhitespace }
    let length = String(cString: mupGetExpr(parser)).count
    let offset = min(max(0, Int(mupGetErrorPos(parser))), max(0, length - 1))
    let sentence =
      switch MuParserError(rawValue: mupGetErrorCode(parser)) {
      case .unexpectedEnd: "ends too early: a value is missing at its end"
      case .missingParenthesis: "has a ( without its )"
      case .unexpectedParenthesis:
        token == ")" ? "has a ) where a value or a ( is missing" : "has a \(token) in the wrong place"
      case .unexpectedComma: "has a comma in the wrong place; decimals are written with a point, as in 0.5"
      case .tooManyArguments: "gives too many arguments to a function"
      case .tooFewArguments: "gives too few arguments to \(token.isEmpty ? "a function" : token)"
      case .missingElse: "has a ? without its :, as in x < 0.5 ? 1 : 2"
      case .misplacedColon: "has a : without its ?, as in x < 0.5 ? 1 : 2"
      case .unexpectedConditional: "has a ? where a value is missing, as in x < 0.5 ? 1 : 2"
      case .tooLong: "is longer than 10000 characters"
      case .unexpectedOperator: "has the operator \"\(token)\" where a value is missing"
      case nil: "does not parse near \"\(token)\""
      }
    return FormulaComplaint(offset: offset, sentence: sentence)
  }
}

/// The error codes of muParser 2.3 that a formula can still cause once its names were checked.
private enum MuParserError: Int32 {
  case unexpectedOperator = 0
  case unexpectedEnd = 2
  case unexpectedComma = 3
  case unexpectedParenthesis = 7
  case missingParenthesis = 11
  case tooManyArguments = 14
  case tooFewArguments = 15
  case unexpectedConditional = 32
  case missingElse = 33
  case misplacedColon = 34
  case tooLong = 37
}

extension Formula {
  /// Reads a formula.
  /// - Parameters:
  ///   - node: the text.
  ///   - name: the full name of its key, for messages.
  /// - Throws: what is wrong with it and where, with the variables or functions that there are.
  static func parse(_ text: String, at node: TomlNode, name: String, scope: FormulaScope) throws(ConfigurationError)
    -> Formula
  {
    do throws(FormulaComplaint) {
      let scan = try FormulaScan(text, scope: scope)
      if let complaint = parserGlobals.withLock({ _ in FormulaEvaluator(text, axes: scope.axes).complaint }) {
        throw complaint
      }
      return Formula(text: text, location: node.location, usesSpace: scan.usesSpace, usesTime: scan.usesTime) {
        let evaluator = parserGlobals.withLock { _ in FormulaEvaluator(text, axes: scope.axes) }
        return { evaluator.value($0) }
      }
    } catch {
      // Where the text stands in the file as it is, the column can point into it.
      guard var location = node.contentLocation else {
        throw ConfigurationError(
          node.location, "\(name) = \"\(text)\" \(error.sentence) (character \(error.offset + 1) of the formula)")
      }
      location.column += error.offset
      throw ConfigurationError(location, "\(name) = \"\(text)\" \(error.sentence)")
    }
  }
}
