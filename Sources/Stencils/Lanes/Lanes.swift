public import CLanes

/// A fixed number of neighbouring cells' values, computed together in one vector register.
///
/// A kernel is written once over lanes: every lane does the same operations in the same order, and none are
/// fused but where `addingProduct` says so, so that a cell's value does not depend on its place in a vector.
///
/// Numbers written in a kernel, as in `1 - u[i]`, are vectors with that number in every lane.
public protocol Lanes: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
where IntegerLiteralType == Int, FloatLiteralType == Double {
  associatedtype Scalar: BinaryFloatingPoint
  /// The number of cells in a vector: 8 doubles or 16 floats, 64 bytes.
  static var count: Int { get }
  /// The same value in every lane.
  init(_ value: Scalar)
  subscript(_ lane: Int) -> Scalar { get }

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  // A number written in a kernel is a vector: `2 * u` must not mean two things.
  @_disfavoredOverload static func * (a: Scalar, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  /// `self + a * b`, rounded once.
  func addingProduct(_ a: Self, _ b: Self) -> Self
  /// The smaller of each pair of lanes; a NaN loses against a number.
  static func minimum(_ a: Self, _ b: Self) -> Self
  /// The larger of each pair of lanes; a NaN loses against a number.
  static func maximum(_ a: Self, _ b: Self) -> Self
  /// The lesser of each pair of lanes, in one instruction: `b` where either is NaN.
  static func lesser(_ a: Self, _ b: Self) -> Self
  /// The greater of each pair of lanes, in one instruction: `b` where either is NaN.
  static func greater(_ a: Self, _ b: Self) -> Self
  var magnitude: Self { get }
  var squareRoot: Self { get }
  /// For normal numbers above 0 the power of two that brings them to 1 ..< 2.
  var unitScale: Self { get }
  /// Lane by lane `a` where `x < y`, else `b`; also `b` where x or y is NaN.
  static func choose(_ a: Self, ifLess x: Self, than y: Self, else b: Self) -> Self
  /// Whether `x < y` in any lane.
  static func isAnyLess(_ x: Self, than y: Self) -> Bool
  /// The first `count` lanes of this vector, the others of another.
  func keepingFirst(_ count: Int, else other: Self) -> Self
  /// The lanes moved down by one, the last one filled with the first one of the vector that follows.
  func moved(by next: Self) -> Self
  /// Elementary functions to the last place or the one before it, each lane from its own value alone. `raised` is for
  /// values of 0 and above.
  func raised(to exponent: Self) -> Self
  var exponential: Self { get }
  var logarithm: Self { get }
  var cubeRoot: Self { get }

  static func load(_ from: UnsafePointer<Scalar>) -> Self
  /// The values `distance` places from those at `from`; a vector's width before and behind them must be readable.
  static func load(_ from: UnsafePointer<Scalar>, distance: Int) -> Self
  func store(_ to: UnsafeMutablePointer<Scalar>)
  func storeFirst(_ count: Int, _ to: UnsafeMutablePointer<Scalar>)
  func stream(_ to: UnsafeMutablePointer<Scalar>)
  /// The lanes in reverse order.
  var reversed: Self { get }
}

extension Lanes {
  @inlinable @inline(__always) public init(integerLiteral value: Int) { self.init(Scalar(value)) }
  @inlinable @inline(__always) public init(floatLiteral value: Double) { self.init(Scalar(value)) }
  @inlinable @inline(__always) public static func += (a: inout Self, b: Self) { a = a + b }
  @inlinable @inline(__always) public static func -= (a: inout Self, b: Self) { a = a - b }
}

/// 8 cells in `Double`.
@frozen
public struct DoubleLanes: Lanes {
  @usableFromInline let raw: SIMD8<Double>

  @inlinable @inline(__always) init(raw: SIMD8<Double>) { self.raw = raw }
  @inlinable @inline(__always) public init(_ value: Double) { raw = SIMD8<Double>(repeating: value) }
  @inlinable public static var count: Int { @inline(__always) get { 8 } }
  @inlinable public subscript(_ lane: Int) -> Double { raw[lane] }

  @inlinable @inline(__always) public static func + (a: Self, b: Self) -> Self {
    Self(raw: lanes_add_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func - (a: Self, b: Self) -> Self {
    Self(raw: lanes_sub_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func * (a: Self, b: Self) -> Self {
    Self(raw: lanes_mul_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func / (a: Self, b: Self) -> Self {
    Self(raw: lanes_div_double8(a.raw, b.raw))
  }
  @_disfavoredOverload @inlinable @inline(__always)
  public static func * (a: Double, b: Self) -> Self { Self(a) * b }
  @inlinable @inline(__always) public func addingProduct(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_fma_double8(a.raw, b.raw, raw))
  }
  @inlinable @inline(__always) public static prefix func - (a: Self) -> Self { Self(0) - a }
  @inlinable @inline(__always) public static func minimum(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_min_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func maximum(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_max_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func lesser(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_lesser_double8(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func greater(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_greater_double8(a.raw, b.raw))
  }
  @inlinable public var magnitude: Self { @inline(__always) get { Self(raw: lanes_abs_double8(raw)) } }
  @inlinable public var squareRoot: Self { @inline(__always) get { Self(raw: lanes_sqrt_double8(raw)) } }
  @inlinable public var unitScale: Self { @inline(__always) get { Self(raw: lanes_unit_double8(raw)) } }
  @inlinable @inline(__always) public static func choose(_ a: Self, ifLess x: Self, than y: Self, else b: Self) -> Self
  {
    Self(raw: lanes_choose_less_double8(x.raw, y.raw, a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func isAnyLess(_ x: Self, than y: Self) -> Bool {
    lanes_any_less_double8(x.raw, y.raw) != 0
  }
  @inlinable @inline(__always) public func moved(by next: Self) -> Self {
    Self(raw: lanes_shift_double8(raw, next.raw))
  }
  @inlinable @inline(__always) public func keepingFirst(_ count: Int, else other: Self) -> Self {
    Self(raw: lanes_keep_first_double8(raw, count, other.raw))
  }

  @inlinable @inline(__always) public static func load(_ from: UnsafePointer<Double>) -> Self {
    Self(raw: lanes_load_double8(from))
  }
  @inlinable @inline(__always) public static func load(_ from: UnsafePointer<Double>, distance: Int) -> Self {
    Self(raw: lanes_load_near_double8(from, distance))
  }
  @inlinable @inline(__always) public func store(_ to: UnsafeMutablePointer<Double>) { lanes_store_double8(raw, to) }
  @inlinable @inline(__always) public func storeFirst(_ count: Int, _ to: UnsafeMutablePointer<Double>) {
    lanes_store_first_double8(raw, to, count)
  }
  @inlinable @inline(__always) public func stream(_ to: UnsafeMutablePointer<Double>) { lanes_stream_double8(raw, to) }
  @inlinable public var reversed: Self { @inline(__always) get { Self(raw: lanes_reverse_double8(raw)) } }
}

/// 16 cells in `Float`.
@frozen
public struct FloatLanes: Lanes {
  @usableFromInline let raw: SIMD16<Float>

  @inlinable @inline(__always) init(raw: SIMD16<Float>) { self.raw = raw }
  @inlinable @inline(__always) public init(_ value: Float) { raw = SIMD16<Float>(repeating: value) }
  @inlinable public static var count: Int { @inline(__always) get { 16 } }
  @inlinable public subscript(_ lane: Int) -> Float { raw[lane] }

  @inlinable @inline(__always) public static func + (a: Self, b: Self) -> Self {
    Self(raw: lanes_add_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func - (a: Self, b: Self) -> Self {
    Self(raw: lanes_sub_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func * (a: Self, b: Self) -> Self {
    Self(raw: lanes_mul_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func / (a: Self, b: Self) -> Self {
    Self(raw: lanes_div_float16(a.raw, b.raw))
  }
  @_disfavoredOverload @inlinable @inline(__always)
  public static func * (a: Float, b: Self) -> Self { Self(a) * b }
  @inlinable @inline(__always) public func addingProduct(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_fma_float16(a.raw, b.raw, raw))
  }
  @inlinable @inline(__always) public static prefix func - (a: Self) -> Self { Self(0) - a }
  @inlinable @inline(__always) public static func minimum(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_min_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func maximum(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_max_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func lesser(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_lesser_float16(a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func greater(_ a: Self, _ b: Self) -> Self {
    Self(raw: lanes_greater_float16(a.raw, b.raw))
  }
  @inlinable public var magnitude: Self { @inline(__always) get { Self(raw: lanes_abs_float16(raw)) } }
  @inlinable public var squareRoot: Self { @inline(__always) get { Self(raw: lanes_sqrt_float16(raw)) } }
  @inlinable public var unitScale: Self { @inline(__always) get { Self(raw: lanes_unit_float16(raw)) } }
  @inlinable @inline(__always) public static func choose(_ a: Self, ifLess x: Self, than y: Self, else b: Self) -> Self
  {
    Self(raw: lanes_choose_less_float16(x.raw, y.raw, a.raw, b.raw))
  }
  @inlinable @inline(__always) public static func isAnyLess(_ x: Self, than y: Self) -> Bool {
    lanes_any_less_float16(x.raw, y.raw) != 0
  }
  @inlinable @inline(__always) public func moved(by next: Self) -> Self {
    Self(raw: lanes_shift_float16(raw, next.raw))
  }
  @inlinable @inline(__always) public func keepingFirst(_ count: Int, else other: Self) -> Self {
    Self(raw: lanes_keep_first_float16(raw, count, other.raw))
  }

  @inlinable @inline(__always) public static func load(_ from: UnsafePointer<Float>) -> Self {
    Self(raw: lanes_load_float16(from))
  }
  @inlinable @inline(__always) public static func load(_ from: UnsafePointer<Float>, distance: Int) -> Self {
    Self(raw: lanes_load_near_float16(from, distance))
  }
  @inlinable @inline(__always) public func store(_ to: UnsafeMutablePointer<Float>) { lanes_store_float16(raw, to) }
  @inlinable @inline(__always) public func storeFirst(_ count: Int, _ to: UnsafeMutablePointer<Float>) {
    lanes_store_first_float16(raw, to, count)
  }
  @inlinable @inline(__always) public func stream(_ to: UnsafeMutablePointer<Float>) { lanes_stream_float16(raw, to) }
  @inlinable public var reversed: Self { @inline(__always) get { Self(raw: lanes_reverse_float16(raw)) } }
}
