// How shares of different lengths lie in memory.

internal import CMPI

/// How the elements of several processes lie in one block of memory.
///
/// Made once, it lets the same call run any number of times without reserving memory.
public struct SharesLayout: Sendable {
  private let table: SharesTable
  /// How many elements all processes have together.
  public let total: Int
  /// How many elements the block of memory has, gaps between the shares included.
  public let extent: Int
  private let isDense: Bool
  private let overlaps: Bool

  /// Shares that lie one after another, in the order of ranks.
  ///
  /// - Parameter counts: how many elements each process has, in the order of ranks; 2147483647 together at most.
  public init(counts: [Int]) {
    var offsets: [Int] = []
    var total = 0
    for (rank, count) in counts.enumerated() {
      SharesLayout.requireCount(count, rank)
      offsets.append(total)
      total = Int(checkedCount(total + count))
    }
    table = SharesTable(counts, offsets)
    (self.total, extent, isDense, overlaps) = (total, total, true, false)
  }

  /// Shares that lie anywhere.
  ///
  /// - Parameters:
  ///   - counts: how many elements each process has, in the order of ranks.
  ///   - offsets: where the first element of each process is; as many numbers. The last element is within 2147483647.
  ///
  /// Shares may overlap where they are only read.
  public init(counts: [Int], offsets: [Int]) {
    require(
      counts.count == offsets.count, "\(counts.count) shares have as many offsets, not \(offsets.count).")
    var (total, extent, isDense, overlaps) = (0, 0, true, false)
    for rank in counts.indices {
      SharesLayout.requireCount(counts[rank], rank)
      require(offsets[rank] >= 0, "The share of rank \(rank) begins at element 0 or later, not \(offsets[rank]).")
      isDense = isDense && offsets[rank] == total
      total = total + counts[rank]
      extent = max(extent, Int(checkedCount(offsets[rank] + counts[rank])))
    }
    var end = 0
    for rank in counts.indices.filter({ counts[$0] > 0 }).sorted(by: { offsets[$0] < offsets[$1] }) {
      overlaps = overlaps || offsets[rank] < end
      end = max(end, offsets[rank] + counts[rank])
    }
    table = SharesTable(counts, offsets)
    (self.total, self.extent, self.isDense, self.overlaps) = (total, extent, isDense, overlaps)
  }

  /// How many elements each process has.
  public var counts: [Int] { (0..<table.count).map { Int(table.counts[$0]) } }

  /// Where the elements of a process are in the block.
  public func range(of rank: Int) -> Range<Int> {
    require(rank >= 0 && rank < table.count, "This layout is for ranks from 0 to \(table.count - 1), not \(rank).")
    let offset = Int(table.offsets[rank])
    return offset..<offset + Int(table.counts[rank])
  }

  /// The shares in another order: each is that at the index given for it.
  internal func reordered(_ order: [Int]) -> SharesLayout {
    SharesLayout(counts: order.map { Int(table.counts[$0]) }, offsets: order.map { Int(table.offsets[$0]) })
  }

  internal var counts32: UnsafePointer<CInt> { UnsafePointer(table.counts) }
  internal var offsets32: UnsafePointer<CInt> { UnsafePointer(table.offsets) }
  // The lists of numbers, for a request to keep.
  internal var lists: AnyObject { table }

  private static func requireCount(_ count: Int, _ rank: Int) {
    require(count >= 0, "The share of rank \(rank) is 0 elements or more, not \(count).")
  }

  private func requireProcesses(_ processes: Int) {
    require(table.count == processes, "The layout has \(table.count) shares, but \(processes) processes take part.")
  }

  /// Checks that the shares lie within `count` elements.
  internal func requireSending(_ count: Int, processes: Int) {
    requireProcesses(processes)
    require(extent <= count, "The layout reaches to element \(extent), but there are \(count).")
  }

  /// Checks that the shares lie within `count` elements and can be written.
  internal func requireReceiving(_ count: Int, processes: Int) {
    requireSending(count, processes: processes)
    require(!overlaps, "Shares that overlap can be sent, but nothing can be received into them.")
  }

  /// Checks the length of one share.
  internal func requireShare(of rank: Int, _ count: Int, processes: Int) {
    requireProcesses(processes)
    require(
      Int(table.counts[rank]) == count,
      "The layout says that rank \(rank) has \(table.counts[rank]) elements, but it gave \(count).")
  }

  /// Checks that the shares lie one after another.
  internal func requireDense() {
    require(isDense, "The shares of a reduction lie one after another: its layout is made from counts alone.")
  }
}

/// Lists of numbers in memory that stays in place while requests use it.
private final class SharesTable: @unchecked Sendable {
  // Written once, in `init`.
  let counts: UnsafeMutablePointer<CInt>
  let offsets: UnsafeMutablePointer<CInt>
  let count: Int

  init(_ counts: [Int], _ offsets: [Int]) {
    count = counts.count
    self.counts = .allocate(capacity: count)
    self.offsets = .allocate(capacity: count)
    for index in 0..<count {
      self.counts.advanced(by: index).initialize(to: CInt(counts[index]))
      self.offsets.advanced(by: index).initialize(to: CInt(offsets[index]))
    }
  }

  deinit {
    counts.deallocate()
    offsets.deallocate()
  }
}

/// The elements of all processes, in the order of ranks.
public struct Shares<Element: MPIDatatype>: Sendable {
  /// All elements one after another.
  public let elements: [Element]
  /// Whose they are.
  public let layout: SharesLayout

  @usableFromInline
  internal init(elements: [Element], layout: SharesLayout) {
    self.elements = elements
    self.layout = layout
  }

  /// Joins one array for each process, in the order of ranks.
  public init(_ shares: [[Element]]) {
    self.init(elements: Array(shares.joined()), layout: SharesLayout(counts: shares.map(\.count)))
  }

  /// The elements of one process.
  public subscript(rank: Int) -> ArraySlice<Element> { elements[layout.range(of: rank)] }
}
