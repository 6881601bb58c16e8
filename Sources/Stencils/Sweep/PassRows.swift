// How a sweep goes over rows: with ordinary stores, or past the caches.

extension Program.Pass {
  /// Updates rows with ordinary stores, up to `lines` of them in one call, and fills their ghost cells while they are in
  /// cache.
  ///
  /// - Parameters:
  ///   - ahead: the elements from a row to the one that is asked for meanwhile.
  ///   - sets: for each field written the set of coefficients that its ghost cells use; the first where nil.
  ///   - isDown: whether the lowest rows come first.
  ///   - continues: whether the row below was the last one before.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func updateRows(
    _ range: Range<Int>, _ z: Int, _ rows: RowMaker<Scalar>,
    _ table: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>, ahead: Int, lines: Int,
    sets: UnsafeMutablePointer<Int>? = nil, isDown: Bool = true, continues: Bool = false
  ) {
    let body = sweep.body
    var continues = continues
    let (low, high) = (rows.box.low.x, rows.box.high.x)
    var left = range
    while !left.isEmpty {
      let count = min(lines, left.count)
      let part = isDown ? left.prefix(count) : left.suffix(count)
      body(rows.row(part.lowerBound, z, lines: count, streams: false, ahead: ahead, continues: continues))
      continues = isDown
      for (index, target) in targets.enumerated() {
        target.fill._withUnsafeGuaranteedRef {
          $0.fill(table[target.slot], rows: part, z: z, low: low, high: high, set: sets?[index] ?? 0)
        }
      }
      left = isDown ? part.upperBound..<left.upperBound : left.lowerBound..<part.lowerBound
    }
  }

  /// Updates rows with streamed stores and fills the ghost cells at their ends many rows later. Right behind a row,
  /// whatever waits for its stores (an atomic operation, such as counting a reference; a load of another width than the
  /// store that it depends on) would wait until all of them had reached memory.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  func streamRows(
    _ range: Range<Int>, _ z: Int, _ rows: RowMaker<Scalar>,
    _ table: UnsafeMutablePointer<UnsafeMutablePointer<Scalar>>, continues: Bool
  ) {
    let body = sweep.body
    var continues = continues
    let (within, across) = rows.aheads
    // The last rows ask for the first ones of the next plane.
    let turn = max(range.upperBound &- lookahead.rows, range.lowerBound)
    var first = range.lowerBound
    while first < range.upperBound {
      let last = min(first &+ RowEnds.rows, first < turn ? turn : range.upperBound)
      body(
        rows.row(
          first, z, lines: last &- first, streams: true, ahead: first < turn ? within : across, continues: continues))
      continues = true
      for target in targets {
        let ends = rows.ends + target.slot &* RowEnds.size(of: Scalar.self)
        target.fill._withUnsafeGuaranteedRef {
          $0.fillStreamed(table[target.slot], first..<last, of: range, z, rows.box.low.x, rows.box.high.x, ends)
        }
      }
      rows.askForRowsBeside(z, first..<last)
      first = last
    }
  }
}
