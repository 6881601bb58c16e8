import MPI
import Testing

extension OnEveryRank {
  @Suite struct ErrorClassTests {
    @Test func classesAreThoseOfTheStandard() throws {
      _ = world.size
      let all = ErrorClass.all
      #expect(all.count == 57)
      #expect(Set(all.map(\.errorClass)).count == all.count && Set(all.map(\.name)).count == all.count)
      for (errorClass, name) in all {
        #expect(errorClass.description == name)
        // A class is a code of its own class.
        let error = MPIError(code: errorClass.rawValue, in: "solve")
        #expect(error.errorClass == errorClass && error.function == "solve" && !error.text.isEmpty)
      }
      #expect(ErrorClass.truncated.description == "MPI_ERR_TRUNCATE")
    }

    @Test func programsAddErrorsOfTheirOwn() throws {
      _ = world.size
      let melted = try ErrorClass.add(describedAs: "the plate melted")
      #expect(!ErrorClass.all.contains { $0.errorClass == melted })
      #expect(melted.description == "error class \(melted.rawValue)")
      let corner = try melted.addCode(describedAs: "the plate melted at a corner")
      #expect(try ErrorClass.lastUsedCode() ?? 0 >= melted.rawValue)
      let error = MPIError(code: corner, in: "heat")
      #expect(error.errorClass == melted && error.text == "the plate melted at a corner")
      #expect(error.description.hasPrefix("heat failed on rank \(world.rank): the plate melted at a corner"))
      #expect(MPIError(code: melted.rawValue, in: "heat").text == "the plate melted")
    }

    @Test func everyErrorClassCallReportsItsFailure() throws {
      let errorClass = try ErrorClass.add(describedAs: "one more")
      fails("MPI_Add_error_class") { _ = try ErrorClass.add(describedAs: "x") }
      fails("MPI_Add_error_string") { _ = try ErrorClass.add(describedAs: "x") }
      fails("MPI_Add_error_code") { _ = try errorClass.addCode(describedAs: "x") }
      fails("MPI_Comm_get_attr") { _ = try ErrorClass.lastUsedCode() }
    }
  }

  @Suite struct ErrorHandlerTests {
    private final class Log { var errors: [MPIError] = [] }

    /// A message that is longer than the room for it.
    private func truncate(_ communicator: Communicator) throws {
      let request = try communicator.startSend([1, 2, 3], to: communicator.rank)
      var small = [0]
      let received = Result { try communicator.receive(into: &small, from: communicator.rank) }
      try request.wait()
      _ = try received.get()
    }

    @Test func aClosureIsToldOfErrors() throws {
      let log = Log()
      let communicator = try world.duplicate()
      #expect(handling(of: communicator) == "throwing")
      try communicator.setErrorHandling(.reporting { log.errors.append($0) })
      #expect(handling(of: communicator) == "reporting")
      let error = #expect(throws: MPIError.self) { try truncate(communicator) }
      #expect(error?.errorClass == .truncated)
      #expect(log.errors.map(\.errorClass) == [.truncated])
      // A duplicate has the same closure.
      let copy = try communicator.duplicate()
      #expect(throws: MPIError.self) { try truncate(copy) }
      #expect(log.errors.count == 2)
      // What is made in another way throws only.
      let part = try #require(try communicator.split(color: 0))
      #expect(throws: MPIError.self) { try truncate(part) }
      #expect(log.errors.count == 2)
      try communicator.setErrorHandling(.throwing)
      #expect(handling(of: communicator) == "throwing")
      #expect(throws: MPIError.self) { try truncate(communicator) }
      #expect(log.errors.count == 2)
    }

    @Test func anErrorOfTheProgramIsHandled() throws {
      let log = Log()
      let communicator = try world.duplicate()
      let code = try ErrorClass.add(describedAs: "too cold").rawValue
      try communicator.handle(MPIError(code: code, in: "heat"))
      try communicator.setErrorHandling(.reporting { log.errors.append($0) })
      try communicator.handle(MPIError(code: code, in: "heat"))
      #expect(log.errors.map(\.text) == ["too cold"])
    }

    private func handling(of communicator: Communicator) -> String {
      switch try? communicator.errorHandling() {
      case .throwing: "throwing"
      case .fatal: "fatal"
      case .reporting: "reporting"
      case nil: "unknown"
      }
    }

    @Test func fatalErrorsCanBeChosen() throws {
      // What they do then is tested with a program that ends.
      let communicator = try world.duplicate()
      try communicator.setErrorHandling(.fatal)
      #expect(handling(of: communicator) == "fatal")
    }

    @Test func everyErrorHandlerCallReportsItsFailure() throws {
      let communicator = try world.duplicate()
      fails("MPI_Comm_set_errhandler") { try communicator.setErrorHandling(.fatal) }
      fails("MPI_Comm_create_errhandler") { try communicator.setErrorHandling(.reporting { _ in }) }
      fails("MPI_Comm_get_errhandler") { _ = try communicator.errorHandling() }
      fails("MPI_Comm_call_errhandler") { try communicator.handle(MPIError(code: 1, in: "x")) }
    }
  }
}
