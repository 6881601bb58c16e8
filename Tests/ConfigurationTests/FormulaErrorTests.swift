import Testing

/// Formulas that do not parse, or use what they may not.
struct FormulaErrorTests {
  static let cases: [Case] = [
    Case(
      diffusivity: #"-1"#,
      #"c.toml:11:15: heat.diffusivity must be > 0 m²/s, not -1"#),
    Case(
      diffusivity: #""2*3-7""#,
      #"c.toml:11:15: heat.diffusivity must be > 0 m²/s, not "2*3-7", which is -1"#),
    Case(
      diffusivity: #""300 + sinn(x)""#,
      #"c.toml:11:22: heat.diffusivity = "300 + sinn(x)" uses the unknown function "sinn"; did you mean "sin"?"#),
    Case(
      diffusivity: #""300 + 2x""#,
      #"c.toml:11:23: heat.diffusivity = "300 + 2x" has no operator between "2" and "x"; a product is written 2*x"#),
    Case(
      diffusivity: #""x**2""#,
      #"c.toml:11:17: heat.diffusivity = "x**2" uses **; powers are written with ^, as in x^2"#),
    Case(
      diffusivity: #""x + z""#,
      #"c.toml:11:20: heat.diffusivity = "x + z" uses z, but the grid has 2 dimensions; it may use x, y, t"#),
    Case(
      diffusivity: #""x + temperature""#,
      #"c.toml:11:20: heat.diffusivity = "x + temperature" uses the unknown name "temperature"; allowed: x, y, t, pi, e and functions such as sin(...)"#
    ),
    Case(
      diffusivity: #""x + ""#,
      #"c.toml:11:20: heat.diffusivity = "x + " ends too early: a value is missing at its end"#),
    Case(
      diffusivity: #""(x + 1""#,
      #"c.toml:11:22: heat.diffusivity = "(x + 1" has a ( without its )"#),
    Case(
      diffusivity: #""x + 1)""#,
      #"c.toml:11:21: heat.diffusivity = "x + 1)" has a ) where a value or a ( is missing"#),
    Case(
      diffusivity: #""1,5""#,
      #"c.toml:11:16: heat.diffusivity = "1,5" is a list of 2 values; write one, with a decimal point and not a comma"#),
    Case(
      diffusivity: #""x = 5""#,
      #"c.toml:11:18: heat.diffusivity = "x = 5" uses a single =; a comparison is written =="#),
    Case(
      diffusivity: #""x + * 3""#,
      #"c.toml:11:20: heat.diffusivity = "x + * 3" has the operator "*" where a value is missing"#),
    Case(
      diffusivity: #""sin""#,
      #"c.toml:11:16: heat.diffusivity = "sin" names the function sin without an argument: sin(...)"#),
    Case(
      diffusivity: #""sin()""#,
      #"c.toml:11:20: heat.diffusivity = "sin()" gives too few arguments to sin"#),
    Case(
      diffusivity: #""sin(x, y)""#,
      #"c.toml:11:24: heat.diffusivity = "sin(x, y)" gives too many arguments to a function"#),
    Case(
      diffusivity: #""atan2(x)""#,
      #"c.toml:11:23: heat.diffusivity = "atan2(x)" gives too few arguments to atan2"#),
    Case(
      diffusivity: #""x < 1 ? 2""#,
      #"c.toml:11:16: heat.diffusivity = "x < 1 ? 2" has a ? without its :, as in x < 0.5 ? 1 : 2"#),
    Case(
      diffusivity: #""x : 2""#,
      #"c.toml:11:19: heat.diffusivity = "x : 2" has a : without its ?, as in x < 0.5 ? 1 : 2"#),
    Case(
      diffusivity: #""? 2""#,
      #"c.toml:11:16: heat.diffusivity = "? 2" has a ? where a value is missing, as in x < 0.5 ? 1 : 2"#),
    Case(
      diffusivity: #""x²""#,
      #"c.toml:11:17: heat.diffusivity = "x²" uses ²; powers are written with ^, as in x^2"#),
    Case(
      diffusivity: #""x $ 3""#,
      #"c.toml:11:18: heat.diffusivity = "x $ 3" has the character "$", which means nothing there; operators: + - * / ^ < > == && || ? :"#
    ),
    Case(
      diffusivity: #""x & 3""#,
      #"c.toml:11:18: heat.diffusivity = "x & 3" uses a single &; the logical operators are && and ||"#),
    Case(
      diffusivity: #""""#,
      #"c.toml:11:16: heat.diffusivity = "" is empty: write a number or an expression in x, y, t"#),
    Case(
      diffusivity: #""1e""#,
      #"c.toml:11:17: heat.diffusivity = "1e" has no operator between "1" and "e"; a product is written 2*x"#),
    Case(
      diffusivity: #""x(3)""#,
      #"c.toml:11:17: heat.diffusivity = "x(3)" has no operator between "x" and "("; a product is written 2*x"#),
    Case(
      diffusivity: #""a\\tb + sinn(x)""#,
      #"c.toml:11:15: heat.diffusivity = "a\tb + sinn(x)" uses the unknown name "a"; allowed: x, y, t, pi, e and functions such as sin(...) (character 1 of the formula)"#
    ),
    Case(
      diffusivity: #""min()""#,
      #"c.toml:11:21: heat.diffusivity = "min()" gives too few arguments to min"#),
    Case(
      diffusivity: #""(,)""#,
      #"c.toml:11:17: heat.diffusivity = "(,)" has a comma in the wrong place; decimals are written with a point, as in 0.5"#
    ),
    Case(
      diffusivity: #""()""#,
      #"c.toml:11:17: heat.diffusivity = "()" has a ) where a value or a ( is missing"#),
    Case(
      diffusivity: #""x + sin(,)""#,
      #"c.toml:11:24: heat.diffusivity = "x + sin(,)" has a comma in the wrong place; decimals are written with a point, as in 0.5"#
    ),
    Case(
      diffusivity: #""!x""#,
      #"c.toml:11:16: heat.diffusivity = "!x" has the character "!", which means nothing there; operators: + - * / ^ < > == && || ? :"#
    ),
    Case(
      diffusivity: #""1.2.3""#,
      #"c.toml:11:19: heat.diffusivity = "1.2.3" has no operator between "1.2" and ".3"; a product is written 2*x"#),
    Case(
      diffusivity: #"true"#,
      #"c.toml:11:15: heat.diffusivity wants a number > 0, a formula in quotes (t allowed) or a table with regions, not true"#
    ),
    Case(
      diffusivity: #"1\#ninitial = "300*t""#,
      #"c.toml:12:16: heat.initial = "300*t" uses t, but this value cannot change with time; it may use x, y"#),
    Case(
      diffusivity: #""1/0""#,
      #"c.toml:11:15: heat.diffusivity must be > 0 m²/s, not "1/0", which is inf"#),
    Case(
      diffusivity: #""sqrt(-1)""#,
      #"c.toml:11:15: heat.diffusivity must be > 0 m²/s, not "sqrt(-1)", which is nan"#),
    Case(
      diffusivity: #""x&&&y""#,
      #"c.toml:11:19: heat.diffusivity = "x&&&y" uses a single &; the logical operators are && and ||"#),
    Case(
      diffusivity: #""2,""#,
      #"c.toml:11:18: heat.diffusivity = "2," ends too early: a value is missing at its end"#),
    Case(
      diffusivity: #""x ? 1 : ""#,
      #"c.toml:11:24: heat.diffusivity = "x ? 1 : " ends too early: a value is missing at its end"#),
    Case(
      diffusivity: #""x((""#,
      #"c.toml:11:17: heat.diffusivity = "x((" has no operator between "x" and "("; a product is written 2*x"#),
    Case(
      diffusivity: #""+""#,
      #"c.toml:11:17: heat.diffusivity = "+" does not parse near "+""#),
    Case(
      diffusivity: #""--x""#,
      #"c.toml:11:18: heat.diffusivity = "--x" has the operator "-" where a value is missing"#),
    Case(
      diffusivity: #""x^^2""#,
      #"c.toml:11:18: heat.diffusivity = "x^^2" has the operator "^" where a value is missing"#),
    Case(
      diffusivity: #""sin x""#,
      #"c.toml:11:16: heat.diffusivity = "sin x" names the function sin without an argument: sin(...)"#),
    Case(
      diffusivity: #""heaviside(x)""#,
      #"c.toml:11:16: heat.diffusivity = "heaviside(x)" uses the unknown function "heaviside"; allowed: abs, acos, acosh, asin, asinh, atan, atan2, atanh, avg, ceil, cos, cosh, erf, erfc, exp, floor, hypot, ln, log, log10, log2, max, min, mod, pow, rint, sign, sin, sinh, sqrt, step, sum, tan, tanh"#
    ),
    Case(
      diffusivity: #""1e400""#,
      #"c.toml:11:16: heat.diffusivity = "1e400" does not parse near "1e400""#),
  ]

  @Test(arguments: cases) func complaint(_ wrong: Case) {
    #expect(wrong.complaint == wrong.expected)
  }
}
