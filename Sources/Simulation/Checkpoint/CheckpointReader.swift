internal import Glibc
import MPI
import Stencils

/// A checkpoint that is there: its header is read and its table is whole. Every rank makes it, and calls its methods.
package struct CheckpointReader {
  let header: CheckpointHeader
  private let preamble: CheckpointPreamble
  private let blocks: [CheckpointBlock]
  /// Where it lies now, and what it is called in messages.
  private let path: String
  private let name: String
  private let world: Communicator
  private static let action = "use the checkpoint"

  /// - Throws: `OutputError`, the same on all ranks, where it is no checkpoint or what is not in blocks is damaged.
  package init(_ path: String, on world: Communicator) throws(OutputError) {
    try self.init(path, named: path, on: world)
  }

  init(_ path: String, named name: String, on world: Communicator) throws(OutputError) {
    self.path = path
    self.name = name
    self.world = world
    let frame = try OutputGroup(communicator: world, path: name).agreed { () throws(OutputError) in
      world.rank == 0 ? try Self.readFrame(path, name) : nil
    }
    func shared(_ bytes: [UInt8]?) throws(OutputError) -> [UInt8] {
      do throws(MPIError) { return try world.broadcastVariable(bytes ?? [], from: 0) } catch {
        throw OutputError(path: name, action: Self.action, reason: error.description)
      }
    }
    // What rank 0 found whole is whole on all.
    preamble = CheckpointPreamble(try shared(frame?.preamble))!
    header = try CheckpointHeader(
      text: String(decoding: try shared(frame?.header), as: UTF8.self), file: name)
    blocks = CheckpointBlock.decoded(try shared(frame?.table))
    try checkTable()
  }

  /// All but the data, read by one process and checked.
  private static func readFrame(
    _ path: String, _ name: String
  ) throws(OutputError) -> (preamble: [UInt8], header: [UInt8], table: [UInt8]) {
    func damaged(_ reason: String) -> OutputError { OutputError(path: name, action: action, reason: reason) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw OutputError(path: name, action: action, errno: errno) }
    defer { close(descriptor) }
    func read(_ count: Int, at offset: Int) throws(OutputError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      var done = 0
      while done < count {
        let got = bytes.withUnsafeMutableBytes {
          pread(descriptor, $0.baseAddress! + done, count - done, offset + done)
        }
        if got < 0, errno == EINTR { continue }
        if got < 0 { throw OutputError(path: name, action: action, errno: errno) }
        if got == 0 { throw damaged("it ends before its end") }
        done += got
      }
      return bytes
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw OutputError(path: name, action: action, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw damaged("it is no file") }
    guard status.st_size >= CheckpointPreamble.bytes else { throw damaged("it is too short") }
    let start = try read(CheckpointPreamble.bytes, at: 0)
    guard let preamble = CheckpointPreamble(start) else {
      throw damaged("it does not begin as a checkpoint of this version does")
    }
    guard status.st_size == preamble.fileBytes else {
      throw damaged("it has \(status.st_size) bytes instead of \(preamble.fileBytes)")
    }
    let header = try read(preamble.headerBytes, at: CheckpointPreamble.bytes)
    guard Checksum.of(header) == preamble.headerChecksum else { throw damaged("its header is damaged") }
    let table = try read(preamble.tableBytes, at: preamble.tableStart)
    let end = try read(CheckpointPreamble.endBytes, at: preamble.tableStart + preamble.tableBytes)
    guard end == CheckpointEnd.encoded(table: table) else { throw damaged("its table of blocks is damaged") }
    return (start, header, table)
  }

  /// Whether the blocks lie side by side and cover the data.
  private func checkTable() throws(OutputError) {
    var offset = 0
    for block in blocks {
      guard block.offset == offset, block.bytes > 0, header.arrays.indices.contains(block.array) else {
        throw OutputError(path: name, action: Self.action, reason: "its table of blocks makes no sense")
      }
      offset += block.bytes
    }
    guard offset == preamble.dataBytes else {
      throw OutputError(path: name, action: Self.action, reason: "its blocks do not cover its data")
    }
  }

  /// Reads every block, ranks sharing the work, and compares its checksum.
  /// - Throws: `OutputError`, the same on all ranks, that names the first damaged block of the lowest rank.
  package func verify() throws(OutputError) {
    // Not what the rank has written itself: what other hosts see counts.
    let first = blocks.count * world.rank / world.size
    let last = blocks.count * (world.rank + 1) / world.size
    try read(blocks[first..<last]) { _, _ in }
  }

  /// Gives each array what this rank needs of it. Blocks are verified as they are read: those of an array cover the grid,
  /// so that every block is read by a rank at the least.
  /// - Throws: `OutputError`, the same on all ranks. Arrays may then hold parts of what was read.
  func restore(_ arrays: [SavedArray]) throws(OutputError) {
    var found = [Int](repeating: 0, count: arrays.count)
    let needed = blocks.filter { block in
      !arrays[block.array].box.isEmpty && !block.box.intersection(arrays[block.array].box).isEmpty
    }
    try read(needed[...]) { block, bytes in found[block.array] += arrays[block.array].unpack(block.box, bytes) }
    try OutputGroup(communicator: world, path: name).agreed { () throws(OutputError) in
      for (array, count) in zip(arrays, found) where count != array.count {
        throw OutputError(
          path: name, action: Self.action, reason: "\(array.name) has \(count) of \(array.count) values that are needed"
        )
      }
    }
  }

  private func read(
    _ blocks: ArraySlice<CheckpointBlock>, _ body: (CheckpointBlock, UnsafeRawBufferPointer) -> Void
  ) throws(OutputError) {
    let group = OutputGroup(communicator: world, path: name)
    func failed(_ error: MPIError) -> OutputError {
      OutputError(path: name, action: Self.action, reason: error.description)
    }
    let file = try group.agreed { () throws(OutputError) in
      do throws(MPIError) { return try File(opening: path, .readOnly, over: world) } catch { throw failed(error) }
    }
    let outcome: Result<Void, OutputError>
    do throws(OutputError) {
      outcome = .success(
        try group.agreed { () throws(OutputError) in
          let capacity = blocks.map(\.bytes).max() ?? 0
          let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, capacity), alignment: 4096)
          defer { buffer.deallocate() }
          for block in blocks {
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<block.bytes])
            var target = bytes.bindMemory(to: UInt8.self)
            let count: Int
            do throws(MPIError) { count = try file.read(into: &target, at: preamble.dataStart + block.offset) } catch {
              throw failed(error)
            }
            let content = UnsafeRawBufferPointer(bytes)
            guard count == block.bytes, Checksum.of(content) == block.checksum else {
              let place = "\(header.arrays[block.array].name) from cell \(indices(block.box.low))"
              throw OutputError(path: name, action: Self.action, reason: "\(place) is damaged")
            }
            body(block, content)
          }
        })
    } catch {
      outcome = .failure(error)
    }
    do throws(MPIError) { try file.close() } catch { throw failed(error) }
    try outcome.get()
  }

  private func indices(_ cell: Triple) -> String {
    "(" + header.cells.indices.map { String(cell[$0]) }.joined(separator: ", ") + ")"
  }
}
