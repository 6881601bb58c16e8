// What the steps that run at once consist of, where each part of it keeps its distance, and where in memory its fields
// are.
//
// The sweeps of several steps are one list of stages. Stage p follows stage q at a distance (its skew), in planes and in
// rows, that is at least the reach with which p reads what q wrote, and at least the reach with which q reads what p
// overwrites. So every stage finds its operands as in plain order: the same operations on the same operands.

/// One sweep, or one evaluation of a function, of one of the steps that run at once.
struct SkewedStage<Scalar: Real> {
  enum Work {
    case pass(Program<Scalar>.Pass)
    case evaluate(CellFunction, Field<Scalar>, fraction: Double)
  }

  /// Where a field's values are: the memory that another had at the start, moved so often.
  struct Place: Equatable {
    var memory: Int
    var shifts = 0
  }

  let work: Work
  /// Steps before it.
  let step: Int
  /// How many planes and rows it stays behind the first stage.
  var skew = 0
  /// For each field where it is while this stage runs.
  var places: [Place] = []
  /// For each field that it writes, which set of coefficients its ghost cells use.
  var sets: [Int] = []
}

/// The stages of up to `depth` steps.
struct SkewedStages<Scalar: Real> {
  typealias Instruction = Program<Scalar>.Instruction
  typealias Stage = SkewedStage<Scalar>

  private(set) var stages: [Stage] = []
  /// Where the fields are after so many steps.
  private(set) var placesAfter: [[Stage.Place]] = []
  /// Stages of a step.
  let perStep: Int
  /// How often a step moves the memories that it moves; 0 where it moves none.
  private(set) var movesPerStep = 0
  /// For so many steps, how far beyond the own cells each stage must be computed for the steps after it.
  private(set) var extensions: [[Int]] = [[]]
  /// For so many steps, how far beyond them each field's values must be known at the start.
  private(set) var needs: [[Int]] = [[]]

  /// - Parameters:
  ///   - mayMove: whether a field may be overwritten by what is computed of it, moved by `Layout.shift`.
  ///   - kept: fields that are looked at after steps, whether the next step reads them or not.
  init(_ instructions: [Instruction], fieldCount: Int, depth: Int, mayMove: Bool, keeping kept: [Int]) {
    perStep = instructions.count { if case .swap = $0 { false } else { true } }
    let carried = Self.carried(instructions, fieldCount).union(kept)
    let moving = instructions.indices.map { mayMove ? Self.overwritten(instructions, at: $0, carried) : [] }
    var built = Self.build(instructions, fieldCount, depth, moving)
    // Only what ends every step where it began can be repeated with the same moves.
    if built.placesAfter[1].indices.contains(where: { built.placesAfter[1][$0].memory != $0 }), mayMove {
      built = Self.build(instructions, fieldCount, depth, instructions.map { _ in [] })
    }
    (stages, placesAfter) = built
    movesPerStep = placesAfter[1].map(\.shifts).max() ?? 0
    for steps in 1...max(depth, 1) {
      let (beyond, need) = Self.extensions(stages.prefix(steps * perStep), instructions, steps, fieldCount)
      extensions.append(beyond)
      needs.append(need)
    }
  }

  /// - Parameter moving: for each instruction the results that are written over what they are computed of.
  private static func build(
    _ instructions: [Instruction], _ fieldCount: Int, _ depth: Int, _ moving: [[(written: Int, read: Int)]]
  ) -> (stages: [Stage], placesAfter: [[Stage.Place]]) {
    var builder = Builder(fieldCount)
    var placesAfter = [builder.places]
    for step in 0..<depth {
      for (index, instruction) in instructions.enumerated() {
        builder.append(instruction, step: step, moving: moving[index])
      }
      placesAfter.append(builder.places)
    }
    return (builder.stages, placesAfter)
  }

  /// The fields that a step reads before it writes them, by the names that they have at its start.
  private static func carried(_ instructions: [Instruction], _ fieldCount: Int) -> Set<Int> {
    var names = Array(0..<fieldCount)
    var written: Set<Int> = []
    var found: Set<Int> = []
    var held = Set(0..<fieldCount)
    for instruction in instructions {
      switch instruction {
      case .swap(let a, let b): names.swapAt(a, b)
      case .evaluate(_, let field, _):
        written.insert(names[field.slot])
        held.remove(names[field.slot])
      case .pass(let pass):
        for (field, _) in pass.sweep.reads where !written.contains(names[field.slot]) {
          found.insert(names[field.slot])
        }
        for field in pass.sweep.writes {
          written.insert(names[field.slot])
          held.remove(names[field.slot])
        }
      }
    }
    // What is never written must stay too, wherever it is.
    return found.union(held)
  }

  /// For each field that the sweep at `index` writes, one that it looks around in and that nobody reads any more: the
  /// result can be written over it.
  private static func overwritten(_ instructions: [Instruction], at index: Int, _ carried: Set<Int>)
    -> [(written: Int, read: Int)]
  {
    guard case .pass(let pass) = instructions[index] else { return [] }
    let readSlots = Set(pass.sweep.reads.map(\.field.slot))
    var free = pass.sweep.reads.filter { $0.reach == 1 }.map(\.field.slot).filter { slot in
      !pass.sweep.writes.contains { $0.slot == slot } && isLast(slot, instructions, index, carried)
    }
    var pairs: [(written: Int, read: Int)] = []
    for field in pass.sweep.writes where !readSlots.contains(field.slot) && !free.isEmpty {
      pairs.append((field.slot, free.removeFirst()))
    }
    return pairs
  }

  /// Whether nobody needs a field's values after the instruction at `index`.
  private static func isLast(_ slot: Int, _ instructions: [Instruction], _ index: Int, _ carried: Set<Int>) -> Bool {
    var name = slot
    for instruction in instructions[(index + 1)...] {
      switch instruction {
      case .swap(let a, let b): name = name == a ? b : name == b ? a : name
      case .evaluate(_, let field, _): if field.slot == name { return true }
      case .pass(let pass):
        if pass.sweep.reads.contains(where: { $0.field.slot == name }) { return false }
        if pass.sweep.writes.contains(where: { $0.slot == name }) { return true }
      }
    }
    return !carried.contains(name)
  }

  /// Goes through the stages backwards.
  private static func extensions(
    _ stages: ArraySlice<Stage>, _ instructions: [Instruction], _ steps: Int, _ fieldCount: Int
  ) -> ([Int], [Int]) {
    // How far each field's present value is needed; nobody needs it beyond the own cells after the last step.
    var need = Array(repeating: 0, count: fieldCount)
    var found = Array(repeating: 0, count: stages.count)
    var index = stages.count
    for _ in 0..<steps {
      for instruction in instructions.reversed() {
        switch instruction {
        case .swap(let a, let b): need.swapAt(a, b)
        case .evaluate(_, let field, _):
          index -= 1
          need[field.slot] = 0
        case .pass(let pass):
          index -= 1
          let here = pass.sweep.writes.map { need[$0.slot] }.max() ?? 0
          found[index] = here
          for field in pass.sweep.writes { need[field.slot] = 0 }
          for (field, reach) in pass.sweep.reads {
            need[field.slot] = max(need[field.slot], here + reach)
          }
        }
      }
    }
    return (found, need)
  }
}

extension SkewedStages {
  /// Follows values through memory.
  private struct Builder {
    /// What happened to the values that lie in a memory.
    struct Use {
      var writer: Int?
      var readers: [(skew: Int, reach: Int)] = []
    }

    var places: [Stage.Place]
    var stages: [Stage] = []
    private var uses: [Use]
    private var behind = 0
    private var setsUsed: [Int: Int] = [:]

    init(_ fieldCount: Int) {
      places = (0..<fieldCount).map { Stage.Place(memory: $0) }
      uses = Array(repeating: Use(), count: fieldCount)
    }

    /// - Parameter moving: the results that are written over what they are computed of.
    mutating func append(_ instruction: Instruction, step: Int, moving: [(written: Int, read: Int)]) {
      switch instruction {
      case .swap(let a, let b): places.swapAt(a, b)
      case .evaluate(let function, let field, let fraction):
        var stage = Stage(work: .evaluate(function, field, fraction: fraction), step: step)
        stage.skew = distance(reading: [], writing: [field])
        finish(&stage, reading: [], writing: [field])
      case .pass(let pass):
        var stage = Stage(work: .pass(pass), step: step)
        let (reads, writes) = (pass.sweep.reads, pass.sweep.writes)
        stage.skew = distance(reading: reads, writing: writes)
        for (field, fill) in zip(writes, pass.fills) {
          stage.sets.append(fill.variesInTime ? setsUsed[field.slot, default: 0] : 0)
          setsUsed[field.slot, default: 0] += 1
        }
        for (_, read) in moving {
          // What others still read of the field that is overwritten.
          for reader in uses[places[read].memory].readers { stage.skew = max(stage.skew, reader.skew + reader.reach) }
        }
        finish(&stage, reading: reads, writing: writes, moving: moving)
      }
    }

    private func distance(reading: [(field: Field<Scalar>, reach: Int)], writing: [Field<Scalar>]) -> Int {
      var skew = behind
      for (field, reach) in reading {
        if let writer = uses[places[field.slot].memory].writer { skew = max(skew, writer + reach) }
      }
      for field in writing {
        let use = uses[places[field.slot].memory]
        if let writer = use.writer { skew = max(skew, writer) }
        for reader in use.readers { skew = max(skew, reader.skew + reader.reach) }
      }
      return skew
    }

    private mutating func finish(
      _ stage: inout Stage, reading: [(field: Field<Scalar>, reach: Int)], writing: [Field<Scalar>],
      moving: [(written: Int, read: Int)] = []
    ) {
      stage.places = places
      for (field, reach) in reading { uses[places[field.slot].memory].readers.append((stage.skew, reach)) }
      for (written, read) in moving {
        // The result moves in with what it is computed of, whose name is left with the memory that is free now.
        places.swapAt(written, read)
        places[written].shifts += 1
        stage.places[written] = places[written]
      }
      for field in writing { uses[places[field.slot].memory] = Use(writer: stage.skew) }
      // Stages of one wave run in this order, so none may be ahead of one before it.
      behind = stage.skew
      stages.append(stage)
    }
  }
}
