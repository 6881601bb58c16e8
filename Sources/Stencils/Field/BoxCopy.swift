// Own cells of a field to and from boxes of plain numbers, x fastest: what checkpoints are made of.

extension Domain {
  /// Copies a box of this rank's own cells out of a field.
  /// - Parameter box: in global indices, inside the rank's block.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func copy(_ field: Field<Scalar>, in box: Box, to values: UnsafeMutablePointer<Scalar>) {
    forEachLine(of: box) { offset, line in
      (values + line * box.count.x).update(from: bases[field.slot] + offset, count: box.count.x)
    }
  }

  /// Sets those of a field's own cells that lie in a box. Its ghost cells then hold what they held.
  /// - Parameter box: in global indices; the values are those of all of it.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package func set(_ field: Field<Scalar>, in box: Box, from values: UnsafePointer<Scalar>) {
    let part = box.intersection(block)
    guard !part.isEmpty else { return }
    let count = box.count
    forEachLine(of: part) { offset, line in
      let cell = part.low &- box.low &+ Triple(0, line % part.count.y, line / part.count.y)
      let source = values + (cell.x + count.x * (cell.y + count.y * cell.z))
      (bases[field.slot] + offset).update(from: source, count: part.count.x)
    }
    haloMask &= ~(1 << UInt64(field.slot))
  }

  /// Calls `body` on the team's threads for every line of a box of own cells, with the elements from a field's cell
  /// (0, 0, 0) to its first one and its number in the box.
  private func forEachLine(of box: Box, _ body: (_ offset: Int, _ line: Int) -> Void) {
    let lines = box.count.y * box.count.z
    let workers = team.count
    team.run { worker in
      for line in (lines * worker / workers)..<(lines * (worker + 1) / workers) {
        let cell = box.low &- block.low &+ Triple(0, line % box.count.y, line / box.count.y)
        body(layout.offset(cell), line)
      }
    }
  }
}
