import TestSupport
import Testing

@Suite(.enabled(if: !isUnderMPI)) struct CollectiveMisuseTests {
  @Test(arguments: [
    ("collective-room", "The result of 4 elements needs room for as many, not for 2."),
    ("collective-parts", "1 elements cannot be divided evenly among 2 processes."),
    ("collective-memory", "use the form that works in place"),
    ("collective-drop", "A request was dropped while under way"),
    ("collective-read", "This buffer is being received into"),
    ("collective-write", "This buffer is used by a message under way"),
    ("collective-root", "A root is a rank from 0 to 1, not -1."),
    ("layout-length", "The layout says that rank 1 has 0 elements, but it gave 1."),
    ("layout-processes", "The layout has 1 shares, but 2 processes take part."),
    ("layout-negative", "The share of rank 1 is 0 elements or more, not -1."),
    ("layout-huge", "One call of MPI moves from 0 to 2147483647 elements, not 2147483648"),
    ("layout-overlap", "Shares that overlap can be sent"),
    ("layout-gap", "The shares of a reduction lie one after another"),
    ("sections", "The sections of a list belong to one buffer."),
    ("sections-count", "The list has 1 sections, but there are 2 processes to exchange with."),
    ("neighbours", "One value goes to each of 2 neighbours, but there are 3."),
    ("window-operation", "The operations replace and noOperation are for windows"),
    ("closure-pattern", "A reduction written as a closure takes elements that lie one after another"),
    ("reduction-length", "This reduction combines from 0 to 2147483647 elements, not 4294967296"),
  ]) func aMistakeStopsTheProgramWithASentence(mode: String, sentence: String) throws {
    let result = try launch("mpi-failing", ranks: 2, arguments: [mode, "1"], environment: atOnce, timeout: 60)
    #expect(result.status != 0 && result.status != 124 && result.stderr.contains(sentence), "\(result)")
  }
}
