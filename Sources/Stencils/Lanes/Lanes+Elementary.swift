// Elementary functions on lanes, by SLEEF (N. Shibata, F. Petrogalli, SLEEF: a portable vectorized library of C standard
// mathematical functions, IEEE Trans. Parallel Distrib. Syst. 31, 2020): errors below one unit in the last place, and
// each lane's result depends on its own value alone, so that a cell's bits do not depend on its place in a vector.

internal import CSleef

extension DoubleLanes {
  public func raised(to exponent: Self) -> Self { Self(raw: sleef_pow_double8(raw, exponent.raw)) }
  public var exponential: Self { Self(raw: sleef_exp_double8(raw)) }
  public var logarithm: Self { Self(raw: sleef_log_double8(raw)) }
  public var cubeRoot: Self { Self(raw: sleef_cbrt_double8(raw)) }
}

extension FloatLanes {
  public func raised(to exponent: Self) -> Self { Self(raw: sleef_pow_float16(raw, exponent.raw)) }
  public var exponential: Self { Self(raw: sleef_exp_float16(raw)) }
  public var logarithm: Self { Self(raw: sleef_log_float16(raw)) }
  public var cubeRoot: Self { Self(raw: sleef_cbrt_float16(raw)) }
}

/// The same functions of single numbers, for what a solver computes before it runs.
public enum Elementary {
  public static func power(_ base: Double, _ exponent: Double) -> Double {
    DoubleLanes(base).raised(to: DoubleLanes(exponent))[0]
  }
  public static func exponential(_ x: Double) -> Double { DoubleLanes(x).exponential[0] }
  public static func logarithm(_ x: Double) -> Double { DoubleLanes(x).logarithm[0] }
  public static func cosine(_ x: Double) -> Double { DoubleLanes(raw: sleef_cos_double8(DoubleLanes(x).raw))[0] }
  public static func sine(_ x: Double) -> Double { DoubleLanes(raw: sleef_sin_double8(DoubleLanes(x).raw))[0] }
}
