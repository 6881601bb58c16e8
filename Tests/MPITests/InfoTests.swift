import MPI
import Testing

extension OnEveryRank {
  @Suite struct InfoTests {
    @Test func keysHaveTheirValues() throws {
      _ = world.size
      var info = try Info([.noLocks: "true", "my_key": "some text"])
      #expect(try info.count == 2)
      #expect(Set(try info.keys) == [.noLocks, "my_key"])
      #expect(try info[.noLocks] == "true" && info["my_key"] == "some text" && info["other"] == nil)
      try info.set(.noLocks, to: false)
      try info.set(.stripingFactor, to: 8)
      #expect(try info.dictionary == ["no_locks": "false", "my_key": "some text", "striping_factor": "8"])
      #expect(try info.value(of: .stripingFactor, as: Int.self) == 8)
      #expect(try info.value(of: .noLocks, as: Bool.self) == false)
      #expect(try info.value(of: "my_key", as: Int.self) == nil)
      #expect(try info.value(of: "other", as: Int.self) == nil)
      #expect(try Info(["b": "1", "c": "2"] as [String: String]).dictionary == ["b": "1", "c": "2"])
    }

    @Test func removedKeysAreGone() throws {
      _ = world.size
      var info = try Info(["a": "1", "b": "2"])
      #expect(try info.remove("a") == "1")
      #expect(try info.remove("a") == nil)
      #expect(try info.keys == ["b"])
      #expect(try Info().count == 0)
    }

    @Test func copiesAreIndependent() throws {
      _ = world.size
      let first = try Info(["a": "1"])
      var second = first
      try second.set("a", to: 2)
      try second.set("b", to: 3)
      #expect(try first.dictionary == ["a": "1"])
      #expect(try second.dictionary == ["a": "2", "b": "3"])
      var third = second
      try third.remove("a")
      #expect(try second.count == 2 && third.count == 1)
    }

    @Test func theLauncherSaysHowItStartedTheProgram() throws {
      _ = world.size
      // What it says differs; changing a copy leaves the library's own list as it is.
      var info = Info.environment
      let before = try info.dictionary
      try info.set("halo_test", to: 1)
      #expect(try info["halo_test"] == "1")
      #expect(try Info.environment.dictionary == before)
    }

    @Test func keysAndValuesThatDoNotFitAreErrors() throws {
      _ = world.size
      var info = try Info()
      let long = String(repeating: "x", count: 5000)
      let keyError = #expect(throws: MPIError.self) { try info.set(Info.Key(rawValue: long), to: "1") }
      #expect(keyError?.function == "MPI_Info_set" && keyError?.errorClass == .invalidInfoKey)
      let valueError = #expect(throws: MPIError.self) { try info.set("a", to: long) }
      #expect(valueError?.function == "MPI_Info_set" && valueError?.errorClass == .invalidInfoValue)
      #expect(try info.count == 0)
    }

    @Test func everyInfoCallReportsItsFailure() throws {
      var info = try Info(["a": "1"])
      fails("MPI_Info_create") { _ = try Info() }
      fails("MPI_Info_set") { try info.set("a", to: "2") }
      fails("MPI_Info_get") { _ = try info["a"] }
      fails("MPI_Info_get_valuelen") { _ = try info["a"] }
      fails("MPI_Info_get_nkeys") { _ = try info.count }
      fails("MPI_Info_get_nthkey") { _ = try info.keys }
      fails("MPI_Info_delete") { try info.remove("a") }
      let copy = info
      fails("MPI_Info_dup") { try info.set("a", to: "2") }
      #expect(try copy.dictionary == ["a": "1"] && info.dictionary == ["a": "1"])
    }
  }
}
