import Stencils
import Testing

/// Integers of any size, in units of 2^-1074, the smallest number: two's complement words of 64 bits, low first. The
/// slow and obvious way to a sum, and to its rounding.
private struct BigInteger {
  private var words = [UInt64](repeating: 0, count: 40)

  mutating func add(_ value: Double) {
    let exponent = Int(value.exponentBitPattern)
    let mantissa = value.significandBitPattern | (exponent == 0 ? 0 : 1 << 52)
    let shift = max(exponent, 1) - 1
    var term = [UInt64](repeating: 0, count: words.count)
    term[shift / 64] = mantissa << UInt64(shift % 64)
    if shift % 64 > 0 { term[shift / 64 + 1] = mantissa >> UInt64(64 - shift % 64) }
    if value.sign == .minus { term = BigInteger.negated(term) }
    var carry: UInt64 = 0
    for index in words.indices {
      let (first, over) = words[index].addingReportingOverflow(term[index])
      let (second, again) = first.addingReportingOverflow(carry)
      words[index] = second
      carry = over || again ? 1 : 0
    }
  }

  private static func negated(_ words: [UInt64]) -> [UInt64] {
    var carry = true
    return words.map { word in
      let (sum, over) = (~word).addingReportingOverflow(carry ? 1 : 0)
      carry = over
      return sum
    }
  }

  /// The nearest double, ties to even.
  var rounded: Double {
    let isNegative = words.last! >> 63 == 1
    let magnitude = isNegative ? BigInteger.negated(words) : words
    func bit(_ place: Int) -> UInt64 { place < 0 ? 0 : magnitude[place / 64] >> UInt64(place % 64) & 1 }
    guard let top = (0..<(magnitude.count * 64)).last(where: { bit($0) == 1 }) else { return 0 }
    let unit = max(top - 52, 0)
    var mantissa: UInt64 = 0
    for place in (unit...max(top, unit)).reversed() { mantissa = mantissa << 1 | bit(place) }
    let half = bit(unit - 1) == 1
    let isAboveHalf = unit > 1 && (0..<(unit - 1)).contains { bit($0) == 1 }
    if half && (isAboveHalf || mantissa & 1 == 1) { mantissa += 1 }
    // A carry out of the mantissa counts the exponent up by itself, to infinity too.
    let pattern = top < 52 ? mantissa : mantissa - (1 << 52) + UInt64(unit + 1) << 52
    let result = unit + 1 >= 2047 ? Double.infinity : Double(bitPattern: pattern)
    return isNegative ? -result : result
  }
}

private let tiny = Double.leastNonzeroMagnitude

private func exact(_ numbers: [Double]) -> Double {
  var sum = BigInteger()
  for number in numbers { sum.add(number) }
  return sum.rounded
}

private func sum(_ numbers: [Double]) -> Double {
  let sum = ExactSum()
  for number in numbers { sum.add(number) }
  return sum.value
}

/// Xorshift (Marsaglia 2003), so that failures can be repeated.
struct Noise: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite struct ExactSumTests {
  @Test(arguments: [
    [], [0.0, -0.0], [1, 1e-308], [1e308, 1e-308], [1e308, -1e308, 1e-308], [1e308, 1e308], [-1e308, -1e308],
    [1e308, 1e308, -1e308], [.greatestFiniteMagnitude, 0x1p969], [.greatestFiniteMagnitude, 0x1p970],
    [.greatestFiniteMagnitude, 0x1.fffffffffffffp969], [1e16, 1, -1e16], [0.1, 0.2, -0.3], [-0.1, -0.2],
    [tiny], [-tiny], [tiny, tiny, -tiny], [.leastNormalMagnitude, -tiny], [0x1p-1022, 0x1p-1022],
    // Halfway between two doubles: to even down, to even up, and pushed off by the smallest number.
    [0x1p53, 1], [0x1p53, 3], [0x1p53, 1, tiny], [0x1p53, 1, -tiny], [0x1p53, 3, -tiny], [-0x1p53, -1],
    [-0x1p53, -3], [-0x1p53, -1, -tiny], [-0x1p53, -1, tiny], [0x1p53, 0.5, 0.5], [1, 0x1p-53], [1, -0x1p-54],
    [1, 0x1p-53, 0x1p-1000], [1, 0x1p-53, -0x1p-1000], [0x1.fffffffffffffp0, 0x1p-53],
    [0x1p31, 0x1p-33], [0x1p32, -0x1p-32], [0x1p-500, -0x1p500, 0x1p500], [0x1p500, -0x1p-500],
  ])
  func isRoundedOnce(numbers: [Double]) {
    let expected = exact(numbers)
    #expect(sum(numbers).bitPattern == expected.bitPattern, "\(sum(numbers)) is not \(expected)")
    #expect(sum(numbers.map { -$0 }) == -expected)
  }

  @Test func ownArithmeticIsRight() {
    // What the other tests compare with is held against sums of two numbers, which the machine rounds rightly.
    var noise = Noise(7)
    for _ in 0..<20_000 {
      let (a, b) = (Double(bitPattern: noise.next()), Double(bitPattern: noise.next()))
      guard a.isFinite, b.isFinite else { continue }
      #expect(exact([a, b]) == a + b)
      let near = a * (1 + 0x1p-30 * Double.random(in: -1...1, using: &noise))
      if near.isFinite { #expect(exact([a, -near]) == a - near) }
    }
  }

  @Test func isExactForNumbersOfAllSizes() {
    var noise = Noise(11)
    for round in 0..<300 {
      var numbers: [Double] = []
      for _ in 0..<(1 + round % 40) {
        let number = Double(bitPattern: noise.next())
        guard number.isFinite else { continue }
        numbers.append(number)
        // Cancel much of it, so that what is left depends on far lower digits.
        if noise.next() % 2 == 0 { numbers.append(-number.nextUp) }
        if noise.next() % 3 == 0 { numbers.append(-number) }
      }
      let expected = exact(numbers)
      for _ in 0..<3 {
        numbers.shuffle(using: &noise)
        #expect(sum(numbers).bitPattern == expected.bitPattern)
      }
      let parts = (0..<3).map { _ in ExactSum() }
      for (index, number) in numbers.enumerated() { parts[index % 3].add(number) }
      parts[2].add(parts[0])
      parts[2].add(parts[1])
      #expect(parts[2].value.bitPattern == expected.bitPattern)
    }
  }

  /// The largest mantissa in the place where it fills a digit the most, added more often than carries are made.
  @Test(arguments: [0x1.fffffffffffffp32, -0x1.fffffffffffffp32, 0x1.fffffffffffffp31, 0x1.fffffffffffffp63, 1])
  func manyAddsDoNotOverflowADigit(number: Double) {
    for exponent in 0..<32 {
      let scaled = number * Double(sign: .plus, exponent: exponent, significand: 1)
      for count in [2047, 2048, 2049, 4096, 6144, 10_000] {
        let sum = ExactSum()
        var expected = BigInteger()
        for _ in 0..<count {
          sum.add(scaled)
          expected.add(scaled)
        }
        #expect(sum.value == expected.rounded, "\(count) times \(scaled)")
      }
    }
  }

  @Test func carriesOfMergedSumsDoNotOverflow() {
    let total = ExactSum()
    var expected = BigInteger()
    for _ in 0..<50 {
      let part = ExactSum()
      for _ in 0..<2047 {
        part.add(0x1.fffffffffffffp62)
        total.add(0x1.fffffffffffffp62)
        for _ in 0..<2 { expected.add(0x1.fffffffffffffp62) }
      }
      total.add(part)
    }
    #expect(total.value == expected.rounded)
  }

  /// A spread of 0 needs one round of extraction, a larger one more, and the largest ends in numbers too small or too
  /// large for an anchor.
  @Test(arguments: [0, 1, 30, 60, 200, 1000, 2040])
  func runsOfNumbersAreExact(spread: Int) {
    var noise = Noise(UInt64(spread) + 3)
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: ExactSum.run)
    defer { memory.deallocate() }
    for round in 0..<60 {
      var numbers: [Double] = []
      for _ in 0..<(round % 2 == 0 ? ExactSum.run : 1 + round * 4) {
        let exponent = spread == 0 ? 0 : Int.random(in: (-spread / 2)...(spread / 2), using: &noise)
        let scale = Double(sign: .plus, exponent: exponent, significand: 1)
        numbers.append(scale * Double.random(in: -1...1, using: &noise))
        if numbers.count > 1, noise.next() % 4 == 0 { numbers[numbers.count - 1] = -numbers[numbers.count - 2].nextUp }
      }
      memory.update(from: numbers, count: numbers.count)
      let sum = ExactSum()
      sum.add(memory, count: numbers.count)
      let expected = exact(numbers)
      #expect(sum.value.bitPattern == expected.bitPattern, "round \(round): \(sum.value) is not \(expected)")
    }
  }

  @Test func runsKnowSpecialNumbers() {
    func sum(_ numbers: [Double]) -> Double {
      var numbers = numbers + [Double](repeating: 0, count: DoubleLanes.count)
      let sum = ExactSum()
      numbers.withUnsafeMutableBufferPointer { sum.add($0.baseAddress!, count: $0.count - DoubleLanes.count) }
      return sum.value
    }
    #expect(sum([]) == 0)
    #expect(sum([0, -0.0, 0]) == 0)
    #expect(sum([1, .infinity, -1e308]) == .infinity)
    #expect(sum([-.infinity, tiny]) == -.infinity)
    #expect(sum([.infinity, -.infinity]).isNaN)
    #expect(sum([1, .nan, 2]).isNaN)
    #expect(
      sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]) == .greatestFiniteMagnitude)
    #expect(sum([tiny, tiny, tiny]) == 3 * tiny)
  }

  @Test func canBeReadInBetween() {
    let sum = ExactSum()
    sum.add(1e300)
    #expect(sum.value == 1e300)
    sum.add(-1e300)
    sum.add(-2.5)
    #expect(sum.value == -2.5)
    sum.add(3)
    #expect(sum.value == 0.5)
  }

  @Test func infinityAndNaNPrevail() {
    #expect(sum([1, .infinity, -1e308]) == .infinity)
    #expect(sum([-.infinity, tiny]) == -.infinity)
    #expect(sum([.infinity, -.infinity]).isNaN)
    #expect(sum([1, .nan]).isNaN)
    let (a, b) = (ExactSum(), ExactSum())
    a.add(1)
    b.add(-.infinity)
    a.add(b)
    #expect(a.value == -.infinity)
  }
}
