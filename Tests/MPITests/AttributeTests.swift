import MPI
import Testing

/// Counts how many of its kind are alive.
private final class Counted {
  nonisolated(unsafe) static var alive = 0
  let number: Int

  init(_ number: Int) {
    self.number = number
    Counted.alive += 1
  }

  deinit { Counted.alive -= 1 }
}

extension OnEveryRank {
  @Suite struct AttributeTests {
    @Test func valuesAreKeptAndReleased() throws {
      _ = world.size
      let key = try AttributeKey<Counted>()
      let other = try AttributeKey<[String]>()
      let communicator = try world.duplicate()
      #expect(try communicator.attribute(key) == nil)
      try communicator.setAttribute(key, to: Counted(1))
      try communicator.setAttribute(other, to: ["a", "b"])
      #expect(try communicator.attribute(key)?.number == 1 && communicator.attribute(other) == ["a", "b"])
      #expect(try world.attribute(key) == nil)
      #expect(Counted.alive == 1)
      try communicator.setAttribute(key, to: Counted(2))
      #expect(try communicator.attribute(key)?.number == 2)
      #expect(Counted.alive == 1)
      try communicator.removeAttribute(key)
      try communicator.removeAttribute(key)
      #expect(try communicator.attribute(key) == nil && communicator.attribute(other) == ["a", "b"])
      #expect(Counted.alive == 0)
    }

    @Test func valuesGoWithTheirCommunicator() throws {
      _ = world.size
      let key = try AttributeKey<Counted>()
      do {
        let communicator = try world.duplicate()
        try communicator.setAttribute(key, to: Counted(3))
        #expect(Counted.alive == 1)
      }
      #expect(Counted.alive == 0)
    }

    @Test func aKeyMayGoBeforeItsValues() throws {
      let communicator = try world.duplicate()
      do {
        _ = world.size
        let key = try AttributeKey<Counted>(copyingWith: { Counted($0.number + 1) })
        try communicator.setAttribute(key, to: Counted(4))
      }
      do {
        let copy = try communicator.duplicate()
        #expect(copy.size == world.size && Counted.alive == 2)
      }
      #expect(Counted.alive == 1)
    }

    @Test func keysSayWhatADuplicateGets() throws {
      _ = world.size
      let left = try AttributeKey<Int>()
      let shared = try AttributeKey<Int>(copyingWith: { $0 })
      let changed = try AttributeKey<Int>(copyingWith: { $0 > 0 ? $0 * 10 : nil })
      let communicator = try world.duplicate()
      try communicator.setAttribute(left, to: 1)
      try communicator.setAttribute(shared, to: 2)
      try communicator.setAttribute(changed, to: 3)
      let copy = try communicator.duplicate()
      #expect(try copy.attribute(left) == nil)
      #expect(try copy.attribute(shared) == 2)
      #expect(try copy.attribute(changed) == 30)
      try copy.setAttribute(changed, to: -1)
      #expect(try copy.duplicate().attribute(changed) == nil)
      #expect(try communicator.attribute(changed) == 3)
    }

    @Test func theWorldHasAttributesFromTheStart() throws {
      #expect(Communicator.largestTag >= 32767)
      if let universe = try Communicator.universeSize() { #expect(universe >= 1) }
      // The tests are one program.
      #expect(try Communicator.applicationNumber() ?? 0 == 0)
      // What the clocks do is the library's affair, but all processes hear the same.
      let isGlobal = try isWtimeGlobal()
      #expect(try world.allGather(isGlobal) == [Bool](repeating: isGlobal, count: world.size))
    }

    @Test func everyAttributeCallReportsItsFailure() throws {
      _ = world.size
      let key = try AttributeKey<Counted>()
      let communicator = try world.duplicate()
      fails("MPI_Comm_create_keyval") { _ = try AttributeKey<Int>() }
      fails("MPI_Comm_set_attr") { try communicator.setAttribute(key, to: Counted(1)) }
      #expect(Counted.alive == 0)
      fails("MPI_Comm_get_attr") { _ = try communicator.attribute(key) }
      fails("MPI_Comm_get_attr") { _ = try Communicator.universeSize() }
      try communicator.setAttribute(key, to: Counted(1))
      fails("MPI_Comm_delete_attr") { try communicator.removeAttribute(key) }
      #expect(try communicator.attribute(key)?.number == 1)
    }
  }
}
