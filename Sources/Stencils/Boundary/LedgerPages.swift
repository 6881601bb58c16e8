/// What is booked over time, as exact sums that all ranks know after `totals`.
package protocol Ledger {
  /// What each of them is called in a checkpoint.
  var names: [String] { get }
  /// All that was booked, a sum a name. Every rank calls it; all get the same.
  func totals() throws -> [ExactSum]
  /// Puts back what `totals` gave. Every rank calls it with the same sums, of which one rank keeps all.
  func set(_ totals: [ExactSum])
}

/// Exact sums, each written by one thread, and for each the numbers that are still to be added, so that a number costs a
/// store and no reference is counted.
final class LedgerPages {
  /// The most numbers that are waiting.
  static var room: Int { ExactSum.run }

  private let sums: [ExactSum]
  private let waiting: UnsafeMutablePointer<Double>
  // Counts of different threads lie in different cache lines.
  private let counts: UnsafeMutablePointer<Int>

  init(count: Int) {
    sums = (0..<count).map { _ in ExactSum() }
    waiting = .allocate(capacity: count * Self.room)
    waiting.initialize(repeating: 0, count: count * Self.room)
    counts = .allocate(capacity: count * 8)
    counts.initialize(repeating: 0, count: count * 8)
  }

  deinit {
    waiting.deallocate()
    counts.deallocate()
  }

  /// Where `count` numbers go that are booked on a page, no more than `room`. The caller writes all of them.
  @inline(__always)
  func room(for count: Int, on page: Int) -> UnsafeMutablePointer<Double> {
    if counts[8 &* page] &+ count > Self.room { settle(page) }
    defer { counts[8 &* page] &+= count }
    return waiting + (page &* Self.room &+ counts[8 &* page])
  }

  @inline(never)
  private func settle(_ page: Int) {
    sums[page].add(waiting + page * Self.room, count: counts[8 * page])
    counts[8 * page] = 0
  }

  /// The sum of some pages.
  func total(of pages: some Sequence<Int>) -> ExactSum {
    let total = ExactSum()
    for page in pages {
      settle(page)
      total.add(sums[page])
    }
    return total
  }

  /// Adds a sum to a page.
  func add(_ sum: ExactSum, to page: Int) { sums[page].add(sum) }

  /// Forgets all that was booked.
  func clear() {
    for page in sums.indices {
      counts[8 * page] = 0
      sums[page].clear()
    }
  }
}
