/// The exact sum of any floating-point numbers, rounded once at the end: the same bits in whatever order, on whatever
/// threads and ranks the numbers are added.
///
/// Numbers are added into fixed-point digits of 32 bits that cover the whole range of `Double`, held in 64 bits each so
/// that carries can wait (R. M. Neal, Fast exact summation using small and large superaccumulators, 2015).
public final class ExactSum {
  // Digit i counts units of 2^(32 i - 1074 - 1).
  package static var digitCount: Int { 68 }
  // An add puts less than 2^52 into a digit that holds less than 2^33 after carrying and merging: 2^10 of them fit.
  @usableFromInline static var addsBetweenCarries: Int { 1 << 10 }
  // In memory of their own, since every access to a class's variable is checked for conflicting ones.
  @usableFromInline let digits: UnsafeMutablePointer<Int64>
  @usableFromInline let addsLeft: UnsafeMutablePointer<Int>
  // Infinities and NaNs, which have no digits.
  @usableFromInline let special: UnsafeMutablePointer<Double>

  public init() {
    digits = .allocate(capacity: Self.digitCount)
    digits.initialize(repeating: 0, count: Self.digitCount)
    addsLeft = .allocate(capacity: 1)
    addsLeft.initialize(to: Self.addsBetweenCarries)
    special = .allocate(capacity: 1)
    special.initialize(to: 0)
  }

  deinit {
    digits.deallocate()
    addsLeft.deallocate()
    special.deallocate()
  }

  /// Adds a number.
  @inlinable @inline(__always)
  public func add(_ value: Double) {
    let bits = value.bitPattern
    let exponent = Int(bits >> 52 & 0x7ff)
    if exponent == 0x7ff {
      special.pointee += value
      return
    }
    let fraction = bits & 0xf_ffff_ffff_ffff
    let mantissa = exponent == 0 ? fraction << 1 : fraction | 0x10_0000_0000_0000
    let digit = exponent >> 5
    let shift = UInt64(exponent & 31)
    let low = Int64(bitPattern: mantissa << shift & 0xffff_ffff)
    let high = Int64(bitPattern: mantissa >> (32 &- shift))
    if bits >> 63 == 0 {
      digits[digit] &+= low
      digits[digit &+ 1] &+= high
    } else {
      digits[digit] &-= low
      digits[digit &+ 1] &-= high
    }
    addsLeft.pointee &-= 1
    if addsLeft.pointee == 0 { carry() }
  }

  /// Adds the cells of a vector that belong to their row.
  @inlinable @inline(__always)
  public func add<Scalar: Real>(_ values: Scalar.Vector, _ cell: Cell<Scalar>) {
    for lane in 0..<cell.lanes { add(Double(values[lane])) }
  }

  /// Adds the products of two vectors' cells, each rounded once.
  @inlinable @inline(__always)
  public func addProduct<Scalar: Real>(_ a: Scalar.Vector, _ b: Scalar.Vector, _ cell: Cell<Scalar>) {
    for lane in 0..<cell.lanes { add(Double(a[lane]) * Double(b[lane])) }
  }

  /// Adds all that another sum holds.
  package func add(_ other: ExactSum) {
    other.carry()
    carry()
    for digit in 0..<Self.digitCount { digits[digit] += other.digits[digit] }
    special.pointee += other.special.pointee
  }

  /// Moves what is above 32 bits of each digit into the next; digits but the last are then 0 ..< 2^32.
  @usableFromInline @inline(never)
  func carry() {
    for digit in 0..<(Self.digitCount - 1) {
      digits[digit + 1] += digits[digit] >> 32
      digits[digit] &= 0xffff_ffff
    }
    addsLeft.pointee = Self.addsBetweenCarries
  }

  /// The digits after carrying, for sums over ranks and for checkpoints.
  package var carried: [Int64] {
    carry()
    return (0..<Self.digitCount).map { digits[$0] }
  }

  /// The sum of the infinities and NaNs that were added; 0 where there were none.
  package var specialPart: Double { special.pointee }

  /// Replaces the digits by those of a sum over ranks or of a checkpoint.
  package func replace(digits: [Int64], special: Double) {
    for digit in 0..<Self.digitCount { self.digits[digit] = digits[digit] }
    self.special.pointee = special
    carry()
  }

  /// Forgets all that was added.
  func clear() { replace(digits: [Int64](repeating: 0, count: Self.digitCount), special: 0) }

  /// The sum, rounded to nearest, ties to even.
  public var value: Double {
    if special.pointee != 0 || special.pointee.isNaN { return special.pointee }
    carry()
    let isNegative = digits[Self.digitCount - 1] < 0
    var magnitude = (0..<Self.digitCount).map { digits[$0] }
    if isNegative {
      var borrow: Int64 = 0
      for digit in magnitude.indices {
        let negated = -magnitude[digit] + borrow
        borrow = negated >> 32
        magnitude[digit] = digit == magnitude.count - 1 ? negated : negated & 0xffff_ffff
      }
    }
    guard let top = magnitude.lastIndex(where: { $0 != 0 }) else { return 0 }
    // The leading 64 bits from the top three digits, and whether anything is left below them.
    func digit(_ index: Int) -> UInt64 { index >= 0 ? UInt64(magnitude[index]) : 0 }
    let shift = digit(top).leadingZeroBitCount - 32
    var leading: UInt64
    var rest: UInt64
    if shift >= 0 {
      leading = digit(top) << UInt64(32 + shift) | digit(top - 1) << UInt64(shift)
      leading |= digit(top - 2) >> UInt64(32 - shift)
      rest = digit(top - 2) << UInt64(32 + shift)
    } else {
      fatalError("an exact sum overflowed its digits")
    }
    for lower in stride(from: top - 3, through: 0, by: -1) { rest |= digit(lower) }
    if rest != 0 { leading |= 1 }
    // `leading` has its highest bit set; its unit is 2^(32 top - 1075 - 32 - shift).
    let value = Double(sign: .plus, exponent: 32 * top - 1107 - shift, significand: Double(leading))
    return isNegative ? -value : value
  }
}
