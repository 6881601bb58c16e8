import Foundation
import Stencils
import Testing

/// Elementary functions on lanes: right to the last places, and the same bits in every lane.
@Suite struct ElementaryTests {
  static let values: [Double] = [1e-300, 1e-5, 0.3, 0.875, 1, 1.0000001, 2.5, 348.6, 1e5, 1e200]

  private func apart(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / b.ulp }

  @Test(arguments: values) func agreesWithTheSystemsFunctions(x: Double) {
    let v = DoubleLanes(x)
    // Both have errors below one unit in the last place.
    #expect(apart(v.cubeRoot[0], cbrt(x)) <= 2)
    #expect(apart(v.logarithm[0], log(x)) <= 2)
    #expect(apart(v.raised(to: DoubleLanes(1.4))[0], pow(x, 1.4)) <= 2)
    #expect(v.squareRoot[0] == x.squareRoot())
    if x < 700 { #expect(apart(v.exponential[0], exp(x)) <= 2) }
    #expect(apart(Elementary.power(x, -0.4), pow(x, -0.4)) <= 2)
    if x < 1e6 { #expect(abs(Elementary.sine(x) - sin(x)) <= 2e-16 && abs(Elementary.cosine(x) - cos(x)) <= 2e-16) }
  }

  @Test func aLanesResultDependsOnItsOwnValueAlone() {
    let mixed = (0..<64).map { 0.7 + 0.013 * Double($0 * $0) }
    for start in 0..<56 {
      mixed.withUnsafeBufferPointer { buffer in
        let v = DoubleLanes.load(buffer.baseAddress! + start)
        let results = [v.raised(to: DoubleLanes(1.4)), v.exponential, v.logarithm, v.cubeRoot]
        for lane in 0..<8 {
          let alone = DoubleLanes(mixed[start + lane])
          let expected = [alone.raised(to: DoubleLanes(1.4)), alone.exponential, alone.logarithm, alone.cubeRoot]
          for (a, b) in zip(results, expected) { #expect(a[lane].bitPattern == b[0].bitPattern) }
        }
      }
    }
  }

  @Test func floatsToo() {
    let mixed = (0..<16).map { 0.7 + 0.13 * Float($0 * $0) }
    mixed.withUnsafeBufferPointer { buffer in
      let v = FloatLanes.load(buffer.baseAddress!)
      for lane in 0..<16 {
        let x = mixed[lane]
        #expect(abs(v.raised(to: FloatLanes(1.4))[lane] - pow(x, 1.4)) <= 2 * pow(x, 1.4).ulp)
        #expect(abs(v.cubeRoot[lane] - cbrt(x)) <= 2 * cbrt(x).ulp)
        #expect(v.logarithm[lane].bitPattern == FloatLanes(x).logarithm[0].bitPattern)
        #expect(v.exponential[lane].bitPattern == FloatLanes(x).exponential[0].bitPattern)
      }
    }
  }

  @Test func lanesAreChosenKeptAndMoved() {
    let a = [1.0, 2, 3, 4, 5, 6, 7, 8]
    let b = [8.0, 7, 6, 5, 4, 3, 2, .nan]
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        let (x, y) = (DoubleLanes.load(a.baseAddress!), DoubleLanes.load(b.baseAddress!))
        let (zero, one) = (DoubleLanes(0), DoubleLanes(1))
        for lane in 0..<8 {
          let isLess = a[lane] < b[lane]
          #expect(DoubleLanes.choose(one, ifLess: x, than: y, else: zero)[lane] == (isLess ? 1 : 0))
          #expect(x.keepingFirst(3, else: zero)[lane] == (lane < 3 ? a[lane] : 0))
          #expect(x.moved(by: DoubleLanes(9))[lane] == Double(lane + 2))
          #expect(DoubleLanes.lesser(y, x)[lane] == (b[lane] < a[lane] ? b[lane] : a[lane]))
          #expect(DoubleLanes.greater(y, x)[lane] == (b[lane] > a[lane] ? b[lane] : a[lane]))
        }
        #expect(DoubleLanes.isAnyLess(x, than: y) && !DoubleLanes.isAnyLess(x, than: one))
      }
    }
  }
}
