#if DEBUG
  /// What a sweep has declared to read and to write, against which debug builds check each access of its kernel.
  @usableFromInline
  final class Contract<Scalar: Real> {
    private let name: String
    // By slot: how many cells away may be read, and whether the cell itself may be written.
    private var reaches: [Int?]
    private var isWritten: [Bool]
    private var names: [String]
    private let axis: Axis?

    init(name: String, reads: [(field: Field<Scalar>, reach: Int)], writes: [Field<Scalar>], axis: Axis?) {
      self.name = name
      self.axis = axis
      let count = 1 + (reads.map(\.field.slot) + writes.map(\.slot)).max()!
      reaches = Array(repeating: nil, count: count)
      isWritten = Array(repeating: false, count: count)
      names = Array(repeating: "", count: count)
      for (field, reach) in reads {
        reaches[field.slot] = reach
        names[field.slot] = field.name
      }
      for field in writes {
        isWritten[field.slot] = true
        names[field.slot] = field.name
      }
    }

    /// Itself, where the sweep has anything to do with the field.
    @usableFromInline
    func check(_ slot: Int) -> Contract {
      guard slot < names.count, reaches[slot] != nil || isWritten[slot] else {
        fatalError(
          "the sweep \"\(name)\" uses a field that it has not declared: add it to what it reads, with the number of cells "
            + "that it looks away, or to what it writes")
      }
      return self
    }

    @usableFromInline
    func checkRead(_ slot: Int, _ x: Int, _ y: Int, _ z: Int, lines: Int) {
      let distances = [abs(x), max(0, -y, y - (lines - 1)), abs(z)]
      let distance = distances.max()!
      if let axis, let other = Axis.allCases.first(where: { $0 != axis && distances[$0.rawValue] > 0 }) {
        fatalError(
          "the sweep \"\(name)\" reads \(names[slot]) beside its own cell along \(other), but has declared that it looks "
            + "along \(axis) only")
      }
      guard let reach = reaches[slot] else {
        // What the kernel has just written in its own cell it may look at.
        if distance == 0 { return }
        fatalError("the sweep \"\(name)\" reads \(names[slot]) beside its own cell, but only writes it")
      }
      guard distance > reach else { return }
      fatalError(
        "the sweep \"\(name)\" reads \(names[slot]) \(counted(distance, "cell")) away, but has declared a reach of "
          + "\(reach): declare \(distance), and let the solver's static `reach` be at least that")
    }

    @usableFromInline
    func checkWrite(_ slot: Int) {
      guard !isWritten[slot] else { return }
      fatalError(
        "the sweep \"\(name)\" writes \(names[slot]), which it has declared as its input alone: write another field, as "
          + "row[next: \(names[slot])] of Step.advance, or add it to what the sweep writes")
    }
  }
#endif

/// "1 cell", "2 cells".
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
