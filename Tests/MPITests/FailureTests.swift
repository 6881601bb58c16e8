// How runs end that fail: within seconds, everywhere, with one message.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: !isUnderMPI)) struct FailureTests {
  private func run(
    _ ranks: Int, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> RunResult {
    // The wait for the other ranks is two seconds: a run that reaches the limit hangs, however busy the machine is.
    let limit = 120
    let result = try launch(
      "mpi-failing", ranks: ranks, arguments: arguments, environment: environment, timeout: limit)
    #expect(result.seconds < Double(limit), "\(result)")
    return result
  }

  /// The lines that the program itself wrote about its failure.
  private func messages(_ result: RunResult) -> [Substring] {
    result.stderr.split(separator: "\n").filter { $0.hasPrefix("error") }
  }

  @Test func nothingWrongIsStatusZero() throws {
    let result = try run(3, "none")
    #expect(result.status == 0 && messages(result).isEmpty, "\(result)")
    // MPICH's mpirun may put the line of one rank into the line of another.
    let ranks = result.stdout.matches(of: /rank (\d) of 3/).map(\.output.1)
    #expect(ranks.sorted() == ["0", "1", "2"], "\(result)")
  }

  @Test(arguments: [1, 2, 4]) func anErrorOnAllRanksIsPrintedOnce(ranks: Int) throws {
    let result = try run(ranks, "throw")
    #expect(result.status == 1 && messages(result) == ["error: the plate is too hot"], "\(result)")
  }

  @Test func anErrorOnOneRankEndsAll() throws {
    let result = try run(4, "throw", "2")
    #expect(result.status == 1 && messages(result).count == 1, "\(result)")
    let message = try #require(messages(result).first)
    #expect(message.hasPrefix("error (rank 2 on host ") && message.hasSuffix("): the plate is too hot"))
  }

  @Test func ofSeveralFailingRanksTheLowestSpeaks() throws {
    let result = try run(4, "throw", "1", "2", "3")
    #expect(result.status == 1 && messages(result).count == 1, "\(result)")
    #expect(messages(result).first?.hasPrefix("error (rank 1 on host ") == true)
  }

  @Test func anErrorChoosesItsStatus() throws {
    #expect(try run(2, "status").status == 28)
    #expect(try run(2, "status", "1").status == 28)
  }

  @Test func anErrorOfMPIGetsThroughWhileMessagesAreUnderWay() throws {
    for ranks in [["unwind"], ["unwind", "1"], ["mpi", "0"]] {
      let result = try launch("mpi-failing", ranks: 2, arguments: ranks)
      #expect(result.status == 1 && messages(result).count == 1, "\(result)")
      #expect(messages(result).first?.contains("MPI_Recv failed on rank ") == true, "\(result)")
      #expect(!result.stderr.contains("Fatal error"), "\(result)")
    }
  }

  @Test(arguments: ["trap", "kill"]) func aSignalOnOneRankEndsAll(mode: String) throws {
    let result = try run(3, mode, "1")
    #expect(result.status != 0, "\(result)")
  }

  @Test(arguments: [
    ("drop", "Persistent requests were dropped while under way"),
    ("drop-one", "A request was dropped while under way"),
    ("drop-send", "A request was dropped while under way"),
    ("drop-set", "A request set was dropped with requests under way"),
    ("drop-message", "A matched message was dropped"),
    ("read-early", "This buffer is being received into"),
    ("read-early-in-set", "This buffer is being received into"),
    ("send-early", "This buffer is being received into"),
    ("write-early", "This buffer is used by a message under way"),
    ("receive-early", "This buffer is used by a message under way"),
    ("receive-twice", "This buffer is used by a message under way"),
    ("start-early", "This buffer is used by a message under way"),
    ("start-twice", "Persistent requests were started while under way"),
    ("start-one-twice", "Message 0 of persistent requests was started while under way"),
    ("add-under-way", "A message was added while the requests were under way"),
    ("no-such-message", "A message is from 0 to 0, not 3."),
    ("status-early", "The status of message 0 is known when it is done"),
    ("rank", "A destination is a rank from 0 to 1 or nil, not 2."),
    ("source", "A source is a rank from 0 to 1, anySource or nil, not 2."),
    ("tag", "not -1."),
    ("any-tag", "A tag is from 0 to"),
    ("count", "A buffer has 0 elements or more, not -1."),
    ("index", "An index into this buffer is from 0 to 0, not 1."),
    ("space", "A space for messages has 1 to 2147483647 bytes, not 0."),
    ("buffered-count", "A buffered message of Double has from 0 to 268435455 elements, not 268435456."),
    ("no-whole-number", "is no whole number of Int"),
    ("no-value", "One value was to be received"),
  ]) func aMistakeWithMessagesStopsTheProgramWithASentence(mode: String, sentence: String) throws {
    let result = try run(2, mode, "1", environment: atOnce)
    #expect(result.status != 0 && result.stderr.contains(sentence), "\(result)")
  }

  @Test(arguments: [
    ("root", "A root is a rank from 0 to 1, not 2."),
    ("range", "A range of ranks from 3 through 1 by 1 has none"),
    ("member", "A member of this group has a rank from 0 to 1, not 2."),
    ("member-twice", "A group holds a process once; rank 0 was given twice."),
    ("weights", "1 edges of a graph have as many weights, not 2."),
    ("subgrid", "A grid of no dimension is no grid"),
    ("disconnect", "The communicators that MPI has from the start last."),
    ("grid", "A grid of [5, 1] processes does not use all 2 of the group."),
  ]) func aMistakeStopsTheProgramWithASentence(mode: String, sentence: String) throws {
    let result = try run(2, mode, "1", environment: atOnce)
    #expect(result.status != 0 && result.stderr.contains(sentence), "\(result)")
  }

  @Test(arguments: [
    ("section", "A section from element 0 to 3 does not lie in a buffer of 3 elements."),
    ("section-offset", "A section from element -1 to 0 does not lie"),
    ("section-twice", "nothing can be received into it"),
    ("subarray", "A subarray of [2, 3] at [0, 2] does not lie in a grid of [4, 4]."),
    ("section-early", "This buffer is being received into"),
    ("window", "Elements 4 to 4 do not lie in the 4 elements of rank 0."),
    ("window-rank", "A rank of this window is from 0 to 0 or nil, not 2."),
    ("window-count", "A pattern of 3 elements does not take 2."),
    ("window-touch", "This buffer is used by an epoch of a window"),
    ("window-early", "This buffer is used by an epoch of a window"),
    ("window-source", "This buffer is used by an epoch of a window"),
    ("window-nested", "An epoch of this window begins when the one before it has ended"),
    ("window-free", "A window is freed when all its epochs have ended."),
    ("lock-drop", "The lock of a window's memory was dropped: unlock it."),
    ("lock-twice", "This process holds the lock of rank 0 already."),
    ("fence-drop", "The epoch after a fence was dropped: end it."),
    ("post-drop", "Posted memory of a window was dropped"),
    ("start-outside", "The memory of rank 0 is accessed in an epoch that covers it"),
    ("freed", "This window was freed."),
    ("freed-memory", "This buffer is memory of a window that was freed."),
  ]) func aMistakeWithAWindowStopsTheProgramWithASentence(mode: String, sentence: String) throws {
    let result = try run(1, mode, environment: atOnce)
    #expect(result.status != 0 && result.stderr.contains(sentence), "\(result)")
  }

  @Test(arguments: [
    ("file-closed", "was used after it was closed."),
    ("file-mode", "A file is opened with exactly one of the modes readOnly, writeOnly and readWrite."),
    ("file-place", "A place in a file is 0 elements or more after the beginning of the view, not -1."),
    ("file-busy", "was closed while being read or written: wait for its requests first."),
    ("file-view", "The pattern of a view takes elements from 0 on, each once."),
    ("file-hidden", "The view of this process shows no element of the file"),
    ("file-drop", "A request was dropped while under way"),
    ("file-early", "This buffer is used by a message under way"),
    ("file-twice", "A file has one split collective at a time"),
    ("file-half", "A split collective was dropped before its end"),
  ]) func aMistakeWithAFileStopsTheProgram(mode: String, sentence: String) throws {
    let result = try run(1, mode, environment: atOnce)
    #expect(result.status != 0 && result.stderr.contains(sentence), "\(result)")
  }

  @Test func aFileThatIsLeftOpenIsReported() throws {
    let result = try run(1, "file-open")
    #expect(result.status == 1 && messages(result).count == 1, "\(result)")
    #expect(messages(result).first?.hasPrefix("error: left open: /tmp/halo-failing-") == true, "\(result)")
    // But not when something else ends the program.
    let other = try run(1, "file-throw")
    #expect(other.status == 1 && messages(other) == ["error: the file is too small"], "\(other)")
  }

  @Test func aProgramWithoutLauncherIsARunOfOne() throws {
    let result = try launch("mpi-failing", ranks: nil, arguments: ["none"])
    #expect(result.status == 0 && result.stdout == "rank 0 of 1\n", "\(result)")
  }

  @Test func theWrongLauncherIsNoticed() throws {
    let variables = mpirun == "mpirun.mpich" ? ["OMPI_COMM_WORLD_SIZE": "2"] : ["PMI_SIZE": "2"]
    let result = try launch("mpi-failing", ranks: nil, arguments: ["launcher"], environment: variables)
    #expect(result.status == 0 && result.stdout.contains("started 2 processes that do not know of each other"))
    #expect(result.stderr.hasPrefix("warning: ") && result.stderr.contains(result.stdout), "\(result)")
  }

  /// The mpirun of the other implementation, if it is installed.
  static let otherLauncher = ["/usr/bin/mpirun.mpich", "/usr/bin/mpirun.openmpi"].first {
    !$0.hasSuffix(mpirun) && FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: otherLauncher != nil)) func theOtherLauncherItselfIsNamedOnce() throws {
    let launcher = try #require(Self.otherLauncher)
    let program = buildDirectory.appending(path: "mpi-failing").path
    let result = try TestSupport.run(["timeout", "-k", "5", "60", launcher, "-np", "2", program, "none"])
    // Processes that do not know of each other may write into each other's lines.
    let words = result.stdout.components(separatedBy: "rank 0 of 1").joined(separator: "|")
    #expect(result.status == 0 && words.filter { $0 != "\n" } == "||", "\(result)")
    let warnings = result.stderr.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(warnings.count == 1 && warnings[0].contains("started 2 processes that do not know"), "\(result)")
  }

  @Test func abortEndsAllWithItsStatus() throws {
    #expect(try run(3, "abort", "1").status == 7)
  }

  @Test func fatalErrorsEndAllInsideMPI() throws {
    let result = try run(2, "fatal", "1")
    // The line that a thrown error ends in is not there; what MPI says itself is its own affair.
    #expect(result.status != 0 && messages(result).isEmpty, "\(result)")
  }
}
