import MPI
import TestSupport
import Testing

extension OnEveryRank {
  @Suite struct WindowLockTests {
    private let next = (world.rank + 1) % world.size
    private let previous = (world.rank + world.size - 1) % world.size

    private func withWindow(_ count: Int, _ body: (Window<Int>) throws -> Void) throws {
      for window in [
        try Window(allocating: count, repeating: 0, over: world),
        try Window(exposing: MessageBuffer(repeating: 0, count: count), over: world),
      ] {
        try body(window)
        try world.barrier()
        try window.free()
      }
    }

    @Test func anExclusiveLockProtectsAnUpdate() throws {
      try withWindow(2) { window in
        for _ in 0..<10 {
          try window.locked(0, .exclusive) { epoch in
            let old = try epoch.read(2, from: .rank(0))
            try epoch.put([old[0] + 1, old[1] + world.rank], to: .rank(0))
          }
        }
        try world.barrier()
        let total = try window.locked(0, .shared) { epoch in try epoch.read(2, from: .rank(0)) }
        #expect(total == [10 * world.size, 5 * world.size * (world.size - 1)])
      }
    }

    @Test func countersCountAtOnce() throws {
      try withWindow(2) { window in
        var seen: [Int] = []
        try window.lockedAll(isAlone: true) { epoch in
          for _ in 0..<20 { seen.append(try epoch.fetchAndOp(1, with: .rank(0), .sum)) }
          #expect(try epoch.fetchAndOp(5, with: .rank(nil), .sum) == 5)
        }
        #expect(seen == seen.sorted() && Set(seen).count == 20)
        let all = try world.allGather(seen)
        #expect(all.sorted() == Array(0..<20 * world.size))
      }
    }

    @Test func oneOfAllSwaps() throws {
      try withWindow(2) { window in
        let old = try window.lockedAll { epoch in
          #expect(try epoch.compareAndSwap(expecting: 1, desired: 2, at: .rank(nil)) == 1)
          return try epoch.compareAndSwap(expecting: 0, desired: world.rank + 1, at: .rank(0, at: 1))
        }
        let winners = try world.allGather(old == 0)
        #expect(winners.count { $0 } == 1)
        let value = try window.locked(0, .shared) { epoch in try epoch.read(1, from: .rank(0, at: 1)) }
        #expect(value[0] == winners.firstIndex(of: true)! + 1)
      }
    }

    @Test func flushesCompleteAccesses() throws {
      try withWindow(4) { window in
        let (sent, got) = (MessageBuffer([world.rank]), MessageBuffer(repeating: -1, count: 1))
        let epoch = try window.lockAll()
        try epoch.put(sent, to: .rank(next))
        try epoch.flushLocal(next)
        sent[0] = 100 + world.rank
        try epoch.put(sent, to: .rank(next, at: 1))
        try epoch.flushLocal()
        sent[0] = -5
        try epoch.flush()
        try epoch.get(into: got, from: .rank(next, at: 1))
        try epoch.flush(next)
        #expect(got[0] == 100 + world.rank)
        try epoch.unlock()
        try world.barrier()
        #expect(window.memory.array == [previous, 100 + previous, 0, 0])
      }
    }

    @Test func severalLocksAreHeldAtOnce() throws {
      try withWindow(world.size) { window in
        let first = try window.lock(next, .shared)
        if world.size > 1 {
          let second = try window.lock(previous == next ? world.rank : previous, .shared)
          try second.put(1, to: .rank(previous == next ? world.rank : previous, at: world.rank))
          try second.unlock()
        }
        try first.accumulate(2, into: .rank(next, at: world.rank), .sum)
        try first.unlock()
        try world.barrier()
        #expect(window.memory[previous] == 2)
      }
    }

    @Test func requestsAreWaitedForOneByOne() throws {
      try withWindow(4) { window in
        let buffer = MessageBuffer([1, 2])
        let (got, old) = (MessageBuffer([0, 0]), MessageBuffer([0, 0]))
        try window.lockedAll { epoch in
          try epoch.startPut(buffer, to: .rank(next, at: world.rank % 2 * 2)).wait()
          buffer[0] = 10
          try epoch.flush()
          #expect(try epoch.startGet(into: got, from: .rank(next, at: world.rank % 2 * 2)).wait()[0] == 1)
          try epoch.startAccumulate(buffer, into: .rank(next, at: world.rank % 2 * 2), .sum).wait()
          try epoch.flush()
          let result = try epoch.startGetAccumulate(
            buffer, with: .rank(next, at: world.rank % 2 * 2), .replace, into: old
          ).wait()
          #expect(result.array == [11, 4] && got.array == [1, 2])
        }
        try world.barrier()
        let start = previous % 2 * 2
        #expect(window.memory[start] == 10 && window.memory[start + 1] == 2)
      }
    }

    @Test(.enabled(if: !isDebugBuild)) func accessesUnderALockReserveNoMemory() throws {
      let window = try Window(allocating: 4, repeating: 0, over: Communicator.selfOnly)
      let buffer = MessageBuffer([1])
      // MPICH itself reserves memory for each atomic operation.
      let isCounting = mpirun != "mpirun.mpich"
      var counts: [Int] = []
      try window.lockedAll { epoch in
        for times in [20, 200] {
          counts.append(
            try allocations {
              for _ in 0..<times {
                try epoch.put(buffer, to: .rank(0))
                try epoch.put(2, to: .rank(0, at: 1))
                try epoch.get(into: buffer, from: .rank(0, at: 1))
                if isCounting { _ = try epoch.fetchAndOp(1, with: .rank(0, at: 2), .sum) }
                try epoch.flush()
              }
            })
        }
      }
      #expect(counts[1] < 20)
      try window.free()
    }

    @Test func everyCallOnWindowsReportsItsFailure() throws {
      fails("MPI_Win_allocate") { _ = try Window(allocating: 1, repeating: 0, over: world) }
      fails("MPI_Win_allocate_shared") { _ = try Window(sharing: 1, repeating: 0, over: world) }
      fails("MPI_Win_create") { _ = try Window(exposing: MessageBuffer([1]), over: world) }
      fails("MPI_Win_create_dynamic") { _ = try DynamicWindow(over: world) }
      let window = try Window(sharing: 2, repeating: 0, over: world)
      fails("MPI_Win_get_attr") { _ = try window.flavor }
      fails("MPI_Win_get_group") { _ = try window.group() }
      fails("MPI_Win_get_info") { _ = try window.info() }
      fails("MPI_Win_set_info") { try window.setInfo(Info()) }
      fails("MPI_Win_get_name") { _ = try window.name }
      fails("MPI_Win_set_name") { try window.setName("cells") }
      if world.size > 1 { fails("MPI_Win_shared_query") { _ = try window.memory(of: next) } }
      let buffer = MessageBuffer([1])
      fails("MPI_Win_fence") { try window.fence { _ in } }
      try window.fence { epoch in
        fails("MPI_Put") { try epoch.put(buffer, to: .rank(next)) }
        fails("MPI_Get") { try epoch.get(into: buffer, from: .rank(next)) }
        fails("MPI_Accumulate") { try epoch.accumulate(1, into: .rank(next), .sum) }
        fails("MPI_Get_accumulate") {
          try epoch.getAccumulate(buffer, with: .rank(next), .sum, into: MessageBuffer([0]))
        }
        fails("MPI_Fetch_and_op") { try epoch.fetchAndOp(1, with: .rank(next), .sum, into: buffer) }
        fails("MPI_Compare_and_swap") {
          try epoch.compareAndSwap(expecting: 1, desired: 2, at: .rank(next), into: buffer)
        }
        // What failed does not hold the buffer.
        buffer[0] = 2
      }
      let own = try world.group().including([world.rank])
      fails("MPI_Win_post") { try window.post(to: own).wait() }
      fails("MPI_Win_start") { try window.start(accessing: own) { _ in } }
      fails("MPI_Win_lock") { try window.locked(next, .shared) { _ in } }
      fails("MPI_Win_lock_all") { try window.lockedAll { _ in } }
      try window.lockedAll { epoch in
        fails("MPI_Win_flush") { try epoch.flush(next) }
        fails("MPI_Win_flush_all") { try epoch.flush() }
        fails("MPI_Win_flush_local") { try epoch.flushLocal(next) }
        fails("MPI_Win_flush_local_all") { try epoch.flushLocal() }
        fails("MPI_Win_sync") { try window.sync() }
        fails("MPI_Rput") { try epoch.startPut(buffer, to: .rank(next)).wait() }
        fails("MPI_Rget") { try epoch.startGet(into: buffer, from: .rank(next)).wait() }
        fails("MPI_Raccumulate") { try epoch.startAccumulate(buffer, into: .rank(next), .sum).wait() }
        fails("MPI_Rget_accumulate") {
          try epoch.startGetAccumulate(buffer, with: .rank(next), .sum, into: MessageBuffer([0])).wait()
        }
      }
      #expect(window.memory.array == [0, 0])
      try window.free()
      let dynamic = try DynamicWindow(over: world)
      fails("MPI_Get_address") { _ = try dynamic.attach(buffer) }
      fails("MPI_Win_attach") { _ = try dynamic.attach(buffer) }
      _ = try dynamic.attach(buffer)
      fails("MPI_Win_detach") { try dynamic.detach(buffer) }
      fails("MPI_Win_free") { try dynamic.free() }
      try dynamic.free()
    }

    @Test func anErrorInAnEpochEndsIt() throws {
      let window = try Window(allocating: 1, repeating: 0, over: world)
      fails("MPI_Put") { try window.fence { epoch in try epoch.put(1, to: .rank(next)) } }
      fails("MPI_Put") { try window.locked(next, .exclusive) { epoch in try epoch.put(1, to: .rank(next)) } }
      // Others get the lock, and the next epoch begins.
      try window.locked(next, .exclusive) { epoch in try epoch.put(2, to: .rank(next)) }
      try world.barrier()
      #expect(window.memory[0] == 2)
      try window.free()
    }
  }
}
