// Programs that the compiler must refuse: each is compiled against the module as it was built.

import Foundation
import TestSupport
import Testing

/// A piece of a program, and what the compiler says about it.
private struct Misuse: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let code: String
  let error: String

  init(_ description: String, _ error: String, _ code: String) {
    (testDescription, self.code, self.error) = (description, code, error)
  }
}

private let misuses = [
  Misuse(
    "a request is waited for twice", "'request' consumed more than once",
    """
    let request = try world.startSend([1], to: 0)
    try request.wait()
    try request.wait()
    """),
  Misuse(
    "a request is tested after it was waited for", "'request' used after consume",
    """
    var request = try world.startReceive(filling: 0, count: 1, from: 0)
    _ = try request.wait()
    _ = try request.test()
    """),
  Misuse(
    "a request is copied", "'request' consumed more than once",
    """
    let request = try world.startSend([1], to: 0)
    let other = request
    try request.wait()
    try other.wait()
    """),
  Misuse(
    "a request is given to a set and waited for", "'request' consumed more than once",
    """
    var set = RequestSet<MessageBuffer<Int>>()
    let request = try world.startSend([1], to: 0)
    set.add(request)
    try request.wait()
    """),
  Misuse(
    "a request is kept in an array", "does not conform to protocol 'Copyable'",
    """
    var requests: [Request<MessageBuffer<Int>>] = []
    requests.append(try world.startSend([1], to: 0))
    """),
  Misuse(
    "a request escapes into a closure", "cannot be consumed when captured by an escaping closure",
    """
    let request = try world.startSend([1], to: 0)
    let later = { try request.wait() }
    _ = try later()
    """),
  Misuse(
    "a result is read before the end", "'result' is inaccessible due to 'internal' protection level",
    """
    let request = try world.startSend([1], to: 0)
    print(request.result)
    try request.wait()
    """),
  Misuse(
    "a send is cancelled", "has no member 'cancel'",
    """
    var request = try world.startSend([1], to: 0)
    try request.cancel()
    try request.wait()
    """),
  Misuse(
    "a set is used after it was abandoned", "'set' used after consume",
    """
    var set = RequestSet<MessageBuffer<Int>>()
    set.abandon()
    _ = try set.waitAny()
    """),
  Misuse(
    "a matched message is received twice", "'message' consumed more than once",
    """
    let message = try world.matchedProbe(from: 0)
    _ = try message.receive([Int].self)
    _ = try message.receive([Int].self)
    """),
  Misuse(
    "space for messages is detached twice", "'space' consumed more than once",
    """
    let space = try SendSpace(byteCount: 100)
    try space.detach()
    try space.detach()
    """),
  Misuse(
    "an object is sent", "requires that 'Reference' conform to 'SendBuffer'",
    "try world.send(Reference(), to: 0)"),
  Misuse(
    "a struct that holds a string is sent", "requires that 'Named' conform to 'SendBuffer'",
    "try world.send(Named(name: \"plate\"), to: 0)"),
  Misuse(
    "a struct that holds a string is declared to be sendable as it lies in memory",
    "struct 'Label' has non-bitwise-copyable type 'String'",
    """
    struct Label: MPIDatatype {
      var text: String
      static var datatype: Datatype { UInt8.datatype }
    }
    """),
  Misuse(
    "strings are sent", "requires that 'String' conform to 'MPIDatatype'",
    "try world.send([\"plate\"], to: 0)"),
  Misuse(
    "a constant is received into", "'value' is a 'let' constant",
    """
    let value = 0
    try world.receive(into: &value, from: 0)
    """),
  Misuse(
    "a span is received into", "requires that 'Span<Int>' conform to 'ReceiveBuffer'",
    """
    let values = [1, 2]
    var span = values.span
    try world.receive(into: &span, from: 0)
    """),
  Misuse(
    "a span is sent while the program goes on", "requires that 'Span<Int>' conform to 'OwnedBuffer'",
    """
    let values = [1, 2]
    let request = try world.startSend(values.span, to: 0)
    try request.wait()
    """),
  Misuse(
    "an array is received into while the program goes on", "requires that '[Int]' conform to 'OwnedBuffer'",
    """
    var values = [1, 2]
    let request = try world.startReceive(into: values, from: 0)
    _ = try request.wait()
    """),
  Misuse(
    "a span escapes from the call that it is sent in", "lifetime-dependent",
    """
    var kept: Span<Int>? = nil
    do {
      let values = [1, 2]
      kept = values.span
      try world.send(kept!, to: 0)
    }
    try world.send(kept!, to: 0)
    """),
  Misuse(
    "a span is sent while its array is received into", "overlapping accesses to 'values'",
    """
    var values = [1, 2]
    try world.sendReceive(values.mutableSpan, to: 0, into: &values, from: 0)
    """),
  Misuse(
    "an error is not looked at", "call can throw but is not marked with 'try'",
    "world.send(1, to: 0)"),
]

@Suite(.serialized, .enabled(if: !isUnderMPI)) struct MisuseTests {
  /// Compiles the body of a program and returns how that ended.
  private func compile(_ body: String) throws -> RunResult {
    let folder = FileManager.default.temporaryDirectory.appending(path: "halo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "snippet.swift")
    let text = """
      import MPI
      final class Reference {}
      struct Named { var name: String }
      func program(_ world: Communicator) throws {
      \(body)
      }
      """
    try Data(text.utf8).write(to: file)
    #if HALO_MPICH
      let library = "mpich"
    #else
      let library = "ompi-c"
    #endif
    let flags = try run(["pkg-config", "--cflags", library]).stdout.split(whereSeparator: \.isWhitespace)
    let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    // Not -typecheck: what is consumed twice comes to light when the compiler has made code of the types.
    return try run(
      [
        "swiftc", "-swift-version", "6", "-emit-sil", "-o", "/dev/null", "-I",
        buildDirectory.appending(path: "Modules").path, "-I", package.appending(path: "Sources/System/CMPI").path,
        "-module-cache-path", buildDirectory.appending(path: "ModuleCache").path,
      ] + flags.flatMap { ["-Xcc", String($0)] } + [file.path])
  }

  @Test func aRightProgramCompiles() throws {
    let result = try compile(
      """
      let space = try SendSpace(byteCount: world.bufferedByteCount(of: Int.self, count: 1))
      try world.send(1, to: 0, mode: .buffered)
      try space.detach()
      let values = [1, 2]
      try world.send(values.span, to: 0)
      var received = [0, 0]
      try world.receive(into: &received, from: 0)
      try world.sendReceive(values, to: 0, into: &received, from: 0)
      let message = try world.matchedProbe(from: 0)
      print(try message.receive([Int].self))
      let send = try world.startSend(values, to: 0)
      var receive = try world.startReceive(filling: 0, count: 2, from: 0)
      if try !receive.test() { try receive.cancel() }
      let (buffer, status) = try receive.wait()
      print(status.isCancelled, buffer.array)
      var set = RequestSet<MessageBuffer<Int>>()
      set.add(send)
      try set.waitAll()
      """)
    #expect(result.status == 0 && result.stderr.isEmpty, "\(result)")
  }

  // The compiler sees the same declarations whatever the implementation.
  @Test(.enabled(if: mpirun != "mpirun.mpich"), arguments: misuses) fileprivate func aMisuseDoesNotCompile(
    misuse: Misuse
  ) throws {
    let result = try compile(misuse.code)
    let errors = result.stderr.split(separator: "\n").filter { $0.contains("error: ") }
    #expect(result.status == 1 && errors.contains { $0.contains(misuse.error) }, "\(result)")
  }
}
