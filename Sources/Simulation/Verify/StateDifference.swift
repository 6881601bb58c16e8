internal import Glibc
import MPI
import Stencils

/// Two states that should have the same bits, as files, and what is known of the runs that left them.
struct StateDifference {
  let files: [String]
  let configuration: Configuration
  let reference: Verification.Case
  let other: Verification.Case
  let steps: Int
  /// Blocks along each axis of the other run.
  let blocks: [Int]

  func removeFiles() { Self.remove(files) }

  static func remove(_ files: [String]) {
    for file in files {
      unlink(file)
      unlink(OutputPath.partial(of: file))
    }
  }

  /// Finds the first field and the first cell that differ, and how many do.
  func sentence() throws -> String {
    let core = configuration.core
    let grid = Grid(cells: core.cells, extent: core.extent, origin: core.origin, axisNames: configuration.axes)
    for name in try fieldNames() {
      var first: (cell: Triple, mine: Double, expected: Double)?
      var (count, farthest) = (0, 0)
      // A plane at a time: what lies on disk may be larger than memory.
      let axis = grid.dimensions - 1
      for index in 0..<grid.cells[axis] {
        let expected = try NetCDFFile.read(files[0], variable: name, record: 0, slice: (axis, index))
        let mine = try NetCDFFile.read(files[1], variable: name, record: 0, slice: (axis, index))
        for place in expected.indices where expected[place].bitPattern != mine[place].bitPattern {
          var cell = Triple.zero
          var rest = place
          for inner in 0..<axis {
            cell[inner] = rest % grid.cells[inner]
            rest /= grid.cells[inner]
          }
          cell[axis] = index
          count += 1
          farthest = max(farthest, distanceToCut(cell, grid))
          if first == nil { first = (cell, mine[place], expected[place]) }
        }
      }
      guard let first else { continue }
      let cell = grid.axes.map { String(first.cell[$0.rawValue]) }.joined(separator: ", ")
      let place = grid.axes.map {
        "\(grid.axisNames[$0.rawValue]) = \(brief(grid.center(first.cell[$0.rawValue], along: $0)))"
      }
      return "\(other.text) differs from \(reference.text) after \(counted(steps, "step")) and not before: the field "
        + "\(name) in \(counted(count, "cell")), first at cell (\(cell)), \(place.joined(separator: ", ")) m, which has "
        + "\(first.mine) instead of \(first.expected). \(hint(farthest))"
    }
    return "\(other.text) differs from \(reference.text) after \(counted(steps, "step")), but a second run of both "
      + "agreed: what a kernel computes depends on more than the fields, such as values that nothing has set"
  }

  /// The names of the state's fields, in the order of the solver.
  private func fieldNames() throws -> [String] {
    try NetCDFFile.readAttribute(files[0], StateFile.fieldsAttribute).split(separator: "\n").map(String.init)
  }

  /// How many cells lie between a cell and the nearest cut between blocks; 0 is beside it. Very many where none is cut.
  private func distanceToCut(_ cell: Triple, _ grid: Grid) -> Int {
    var nearest = Int.max
    for axis in grid.axes where axis.rawValue < blocks.count && blocks[axis.rawValue] > 1 {
      let (cells, parts) = (grid.cells[axis.rawValue], blocks[axis.rawValue])
      let (size, extra) = cells.quotientAndRemainder(dividingBy: parts)
      let isPeriodic = configuration.boundary.isPeriodic(axis)
      for part in (isPeriodic ? 0 : 1)..<parts {
        let start = part * size + min(part, extra)
        let distance = cell[axis.rawValue] >= start ? cell[axis.rawValue] - start : start - 1 - cell[axis.rawValue]
        nearest = min(nearest, distance, part == 0 ? cells - 1 - cell[axis.rawValue] : .max)
      }
    }
    return nearest
  }

  private func hint(_ farthest: Int) -> String {
    let debug = "a debug build (swift build) stops there and names the sweep"
    if other.placing.ranks > 1, farthest < 8 {
      return "All of them lie within \(counted(farthest + 1, "cell")) of where blocks meet, so a kernel reads farther "
        + "than it has declared or writes what it reads: \(debug)"
    }
    if other.placing.workers > 1 {
      return
        "A kernel writes what it reads, reads farther than it has declared, or keeps something from one row to the "
        + "next: \(debug) in the first two cases"
    }
    return "The layout is the same: a kernel writes what it reads, reads farther than it has declared, or reads what "
      + "nothing has set: \(debug) in the first two cases"
  }
}
