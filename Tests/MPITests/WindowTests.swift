import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct WindowTests {
    private let next = (world.rank + 1) % world.size
    private let previous = (world.rank + world.size - 1) % world.size

    /// Runs `body` with a window over memory of each kind, whose elements are all -1, and frees it.
    private func withEachWindow(_ count: Int = 8, _ body: (Window<Double>) throws -> Void) throws {
      let windows = [
        try Window(allocating: count, repeating: -1.0, over: world),
        try Window(sharing: count, repeating: -1.0, over: world),
        try Window(exposing: MessageBuffer(repeating: -1.0, count: count), over: world),
      ]
      for window in windows {
        try body(window)
        try world.barrier()
        try window.free()
      }
    }

    private var mine: Double { Double(world.rank) }

    @Test func whatIsPutBetweenFencesIsThere() throws {
      try withEachWindow { window in
        try window.fence { epoch in
          try epoch.put(mine, to: .rank(next))
          try epoch.put([mine, 0.5], to: .rank(next, at: 2))
          try epoch.put(MessageBuffer([mine, 2, 3]), to: .rank(next, at: 5))
        }
        let left = Double(previous)
        #expect(window.memory.array == [left, -1, left, 0.5, -1, left, 2, 3])
      }
    }

    @Test func fencesFollowOneAnother() throws {
      try withEachWindow { window in
        let sent = MessageBuffer(repeating: 0.0, count: 1)
        try window.fence { epoch in
          for step in 0..<8 {
            sent[0] = Double(step)
            try epoch.put(sent, to: .rank(next, at: step))
            try epoch.fence()
          }
        }
        #expect(window.memory.array == (0..<8).map { Double($0) })
      }
    }

    @Test func buffersAreFreeAfterEachFenceHoweverOftenTheyWerePut() throws {
      try withEachWindow { window in
        let buffers = [MessageBuffer([0.0]), MessageBuffer([0.0]), MessageBuffer([0.0])]
        try window.fence { epoch in
          for step in 0..<6 {
            // In turn the same buffer twice, others after it, and one alone.
            for buffer in buffers { buffer[0] = Double(step) }
            try epoch.put(buffers[step % 3], to: .rank(next, at: 0))
            try epoch.put(buffers[step % 3], to: .rank(next, at: 1))
            if step % 2 == 0 {
              try epoch.put(buffers[1], to: .rank(next, at: 2))
              try epoch.get(into: buffers[step == 2 ? 0 : 2], from: .rank(next, at: 7))
              try epoch.put(Double(step), to: .rank(next, at: 3))
            }
            try epoch.fence()
          }
          // An error too gives the buffers back, and so does the end.
          try epoch.put(buffers[2], to: .rank(next, at: 4))
          fails("MPI_Win_fence") { try epoch.fence() }
          buffers[2][0] = 7
          fails("MPI_Put") { try epoch.put(buffers[2], to: .rank(next, at: 4)) }
          buffers[2][0] = 8
          try epoch.put(buffers[2], to: .rank(next, at: 5))
        }
        for buffer in buffers { buffer[0] = 9 }
        #expect(window.memory.array[..<4] == [5, 5, 4, 4] && window.memory[5] == 8)
      }
    }

    @Test func whatIsGotIsHereAfterTheFence() throws {
      try withEachWindow { window in
        for index in 0..<8 { window.memory[index] = 10 * mine + Double(index) }
        let buffer = MessageBuffer(repeating: 0.0, count: 4)
        let fresh = try window.fence { epoch in
          try epoch.get(into: buffer[1..<3], from: .rank(next, at: 6))
          return try epoch.get(3, from: .rank(next, at: 1))
        }
        let right = 10 * Double(next)
        #expect(buffer.array == [0, right + 6, right + 7, 0])
        #expect(fresh.array == [right + 1, right + 2, right + 3])
      }
    }

    @Test func patternsWorkOnBothSides() throws {
      let every = Pattern.vector(count: 3, stride: 2)
      try withEachWindow { window in
        let source = (0..<6).map { 10 * mine + Double($0) }
        try window.fence { epoch in
          try epoch.put(source[every, at: 1], to: .rank(next, at: 1, every))
          try epoch.put(MessageBuffer(source)[4...], to: .rank(next, at: 6, .range(0..<2)))
        }
        let left = 10 * Double(previous)
        #expect(window.memory.array == [-1, left + 1, -1, left + 3, -1, left + 5, left + 4, left + 5])
        let target = MessageBuffer(repeating: 0.0, count: 6)
        try window.fence { epoch in
          try epoch.get(into: target[every], from: .rank(world.rank, at: 1, every))
        }
        #expect(target.array == [left + 1, 0, left + 3, 0, left + 5, 0])
      }
    }

    @Test func sectionsOfTheWindowItselfAreSource() throws {
      // A halo exchange: the ends of each process's cells go to the ghost cells of its neighbours.
      try withEachWindow { window in
        for index in 1..<7 { window.memory[index] = 10 * mine + Double(index) }
        try window.fence { epoch in
          try epoch.put(window.memory[6..<7], to: .rank(next, at: 0))
          try epoch.get(into: window.memory[7..<8], from: .rank(next, at: 1))
        }
        #expect(window.memory[0] == 10 * Double(previous) + 6 && window.memory[7] == 10 * Double(next) + 1)
      }
    }

    @Test func nobodyHasNoMemory() throws {
      try withEachWindow { window in
        let buffer = MessageBuffer([1.0, 2])
        try window.fence { epoch in
          try epoch.put(buffer, to: .rank(nil, at: 1_000_000))
          try epoch.get(into: buffer, from: .rank(nil))
          #expect(buffer.array == [1, 2])
        }
        #expect(window.memory.array == [Double](repeating: -1, count: 8))
      }
    }

    @Test func sizesMayDiffer() throws {
      let window = try Window(allocating: world.rank, repeating: Int32(7), over: world)
      #expect(window.counts == Array(0..<world.size) && window.memory.count == world.rank)
      try window.fence { epoch in
        if next > 0 { try epoch.put(Int32(world.rank), to: .rank(next, at: next - 1)) }
        try epoch.put([Int32](), to: .rank(0))
      }
      if world.rank > 0 { #expect(window.memory.array.last == Int32(previous)) }
      try window.free()
    }

    @Test func structsAreElements() throws {
      struct Pair: MPIDatatype, Equatable {
        var index: Int32
        var value: Double
      }
      let window = try Window(allocating: 2, repeating: Pair(index: 0, value: 0), over: world)
      try window.fence { epoch in try epoch.put(Pair(index: 3, value: mine), to: .rank(next, at: 1)) }
      #expect(window.memory.array == [Pair(index: 0, value: 0), Pair(index: 3, value: Double(previous))])
      try window.free()
    }

    @Test func accumulationsCombine() throws {
      try withEachWindow { window in
        try window.fence { epoch in
          for rank in 0..<world.size {
            try epoch.accumulate([1.0, mine], into: .rank(rank, at: 1), .sum)
            try epoch.accumulate(MessageBuffer([mine]), into: .rank(rank, at: 4), .max)
            if rank == next { try epoch.accumulate(mine, into: .rank(rank, at: 6), .replace) }
          }
        }
        let size = Double(world.size)
        let expected = [-1, size - 1, size * (size - 1) / 2 - 1, -1, size - 1, -1, Double(previous), -1]
        #expect(window.memory.array == expected)
      }
    }

    @Test func oldValuesAreFetched() throws {
      let window = try Window(allocating: 3, repeating: 5, over: world)
      let old = MessageBuffer(repeating: 0, count: 4)
      try window.fence { epoch in
        try epoch.getAccumulate(MessageBuffer([1, 2]), with: .rank(next), .sum, into: old[..<2])
        try epoch.fetchAndOp(10, with: .rank(next, at: 2), .product, into: old[2...2])
      }
      #expect(old.array == [5, 5, 5, 0] && window.memory.array == [6, 7, 50])
      try window.fence { epoch in
        try epoch.compareAndSwap(expecting: 6, desired: 60, at: .rank(next), into: old[..<1])
        try epoch.compareAndSwap(expecting: 6, desired: 60, at: .rank(next, at: 1), into: old[1...1])
        try epoch.fetchAndOp(0, with: .rank(next, at: 2), .noOperation, into: old[2...2])
      }
      #expect(old.array == [6, 7, 50, 0] && window.memory.array == [60, 7, 50])
      try window.free()
    }

    @Test func postsMeetStarts() throws {
      try withEachWindow { window in
        let group = try world.group()
        let (from, to) = (try group.including([previous]), try group.including([next]))
        for step in 0..<3 {
          let exposure = try window.post(to: from)
          try window.start(accessing: to) { epoch in
            try epoch.put(mine + Double(step), to: .rank(next, at: step))
          }
          try exposure.wait()
          #expect(window.memory[step] == Double(previous + step))
        }
        var exposure = try window.post(to: from)
        try window.start(accessing: to) { epoch in try epoch.accumulate(1.0, into: .rank(next, at: 7), .sum) }
        while try !exposure.test() {}
        #expect(window.memory[7] == 0)
        try exposure.wait()
      }
    }

    @Test func sharedMemoryIsUsedDirectly() throws {
      let window = try Window(sharing: 2, repeating: world.rank, over: world)
      let part = try window.memory(of: next)
      let again = try window.memory(of: next)
      #expect(part.array == [next, next] && part === again)
      try window.lockedAll { _ in
        part[1] = 100 + world.rank
        try window.sync()
        try world.barrier()
        try window.sync()
      }
      #expect(window.memory.array == [world.rank, 100 + previous])
      #expect(try window.memory(of: world.rank) === window.memory)
      try world.barrier()
      try window.free()
    }

    @Test func dynamicWindowsOpenMemoryLater() throws {
      let window = try DynamicWindow(over: world)
      let (numbers, flags) = (MessageBuffer(repeating: 0.0, count: 5), MessageBuffer(repeating: Int8(1), count: 3))
      let there = try world.allGather(try window.attach(numbers))
      let flagsThere = try world.allGather(try window.attach(flags))
      #expect(there.map(\.rank) == Array(0..<world.size) && there[next].count == 5)
      try window.fence { epoch in
        try epoch.put([mine, 2.5], to: .memory(there[next], at: 1))
        try epoch.accumulate(Int8(2), into: .memory(flagsThere[next], at: 2), .sum)
      }
      #expect(numbers.array == [0, Double(previous), 2.5, 0, 0] && flags.array == [1, 1, 3])
      let every = Pattern.vector(count: 2, stride: 3)
      let got = try window.lockedAll { epoch in
        try epoch.put([7.0, 8], to: .memory(there[world.rank], at: 1, every))
        try epoch.flush()
        return try epoch.read(4, from: .memory(there[world.rank], at: 1))
      }
      #expect(got == [7, 2.5, 0, 8])
      try world.barrier()
      try window.detach(numbers)
      try window.detach(flags)
      numbers[0] = 9
      try window.free()
      #expect(numbers[0] == 9)
    }

    @Test func windowsTellWhatTheyAre() throws {
      let hints = try Info([.sameSize: "true"])
      let window = try Window(allocating: 4, repeating: Float(0), over: world, info: hints)
      #expect(try window.flavor == .allocated && window.byteCount == 16 && window.displacementUnit == 4)
      #expect(try window.group().compared(to: world.group()) == .identical)
      #expect(try window.isUnified)
      try window.setName("ghost cells")
      #expect(try window.name == "ghost cells")
      try window.setInfo(hints)
      #expect(try window.info().count >= 0)
      try window.free()
      let dynamic = try DynamicWindow(over: world, info: hints)
      #expect(try dynamic.flavor == .dynamic && dynamic.displacementUnit == 1)
      try dynamic.free()
      let flavors = try [
        Window(sharing: 1, repeating: 0, over: world), Window(exposing: MessageBuffer([0]), over: world),
      ].map { window in
        defer { #expect(throws: Never.self) { try window.free() } }
        return try window.flavor
      }
      #expect(flavors == [.shared, .created])
    }

    @Test(.enabled(if: !isDebugBuild)) func fencesReserveNoMemory() throws {
      let window = try Window(allocating: 4, repeating: 0.0, over: Communicator.selfOnly)
      let buffer = MessageBuffer([1.0])
      func run(_ times: Int) throws {
        for _ in 0..<times {
          try window.fence { epoch in
            try epoch.put(buffer, to: .rank(0))
            try epoch.put(2.0, to: .rank(0, at: 2))
            try epoch.get(into: buffer, from: .rank(0, at: 1))
          }
        }
      }
      try run(5)
      #expect(try allocations { try run(200) } < 10)
      try window.free()
    }
  }
}
