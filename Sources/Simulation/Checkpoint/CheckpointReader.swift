internal import Glibc
import MPI
import Stencils

/// A checkpoint that is there: its header is read and its table is whole. Every rank makes it, and calls its methods.
package struct CheckpointReader {
  let header: CheckpointHeader
  private let preamble: CheckpointPreamble
  private let blocks: [CheckpointBlock]
  private let path: String
  private let world: Communicator
  private static let action = "use the checkpoint"

  /// - Throws: `OutputError`, the same on all ranks, where it is no checkpoint or what is not in blocks is damaged.
  package init(_ path: String, on world: Communicator) throws(OutputError) {
    self.path = path
    self.world = world
    let frame = try OutputGroup(communicator: world, path: path).agreed { () throws(OutputError) in
      world.rank == 0 ? try Self.readFrame(path, named: path) : nil
    }
    func shared(_ bytes: [UInt8]?) throws(OutputError) -> [UInt8] {
      do throws(MPIError) { return try world.broadcastVariable(bytes ?? [], from: 0) } catch {
        throw OutputError(path: path, action: Self.action, reason: error.description)
      }
    }
    // What rank 0 found whole is whole on all.
    preamble = CheckpointPreamble(try shared(frame?.preamble))!
    header = try CheckpointHeader(
      text: String(decoding: try shared(frame?.header), as: UTF8.self), file: path)
    blocks = CheckpointBlock.decoded(try shared(frame?.table))
    try checkTable()
  }

  /// All but the data, read by one process and checked.
  /// - Parameter name: what the file is called in messages.
  static func readFrame(
    _ path: String, named name: String
  ) throws(OutputError) -> (preamble: [UInt8], header: [UInt8], table: [UInt8]) {
    func damaged(_ reason: String) -> OutputError { OutputError(path: name, action: action, reason: reason) }
    var status = stat()
    guard stat(path, &status) == 0 else { throw OutputError(path: name, action: action, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw damaged("it is no file") }
    guard status.st_size >= CheckpointPreamble.bytes else { throw damaged("it is too short") }
    let file = try DiskFile(path, named: name, action: action)
    func read(_ count: Int, at offset: Int) throws(OutputError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      let outcome = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(OutputError) in try file.read(into: buffer, at: offset) }
      }
      try outcome.get()
      return bytes
    }
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
        throw OutputError(path: path, action: Self.action, reason: "its table of blocks makes no sense")
      }
      offset = block.end
    }
    guard offset == preamble.dataBytes else {
      throw OutputError(path: path, action: Self.action, reason: "its blocks do not cover its data")
    }
  }

  /// Reads every block, ranks sharing the work, and compares its checksum.
  /// - Throws: `OutputError`, the same on all ranks, that names the first damaged block of the lowest rank.
  package func verify() throws(OutputError) {
    let first = blocks.count * world.rank / world.size
    let last = blocks.count * (world.rank + 1) / world.size
    try read(Array(blocks[first..<last])) { _, _ in }
  }

  /// Gives each array what this rank needs of it. Blocks are verified as they are read: those of an array cover the grid,
  /// so that every block is read by a rank at the least.
  /// - Throws: `OutputError`, the same on all ranks. Arrays may then hold parts of what was read.
  func restore(_ arrays: [SavedArray]) throws(OutputError) {
    var found = [Int](repeating: 0, count: arrays.count)
    let needed = blocks.filter { block in
      !arrays[block.array].box.isEmpty && !block.box.intersection(arrays[block.array].box).isEmpty
    }
    try read(needed) { block, bytes in found[block.array] += arrays[block.array].unpack(block.box, bytes) }
    try OutputGroup(communicator: world, path: path).agreed { () throws(OutputError) in
      for (array, count) in zip(arrays, found) where count != array.box.volume {
        throw OutputError(
          path: path, action: Self.action,
          reason: "\(array.name) has \(count) of \(array.box.volume) values that are needed"
        )
      }
    }
  }

  private func read(
    _ blocks: [CheckpointBlock], _ body: (CheckpointBlock, UnsafeRawBufferPointer) -> Void
  ) throws(OutputError) {
    try OutputGroup(communicator: world, path: path).agreed { () throws(OutputError) in
      let file = try DiskFile(path, named: path, action: Self.action)
      guard let damaged = try Self.read(blocks, at: preamble.dataStart, of: file, body) else { return }
      throw OutputError(
        path: path, action: Self.action, reason: "\(header.place(of: damaged)) is damaged")
    }
  }

  /// Reads blocks and compares their checksums. By one process.
  /// - Parameters:
  ///   - start: where the file's data begin.
  ///   - body: told of each block that is whole what it holds.
  /// - Returns: the first block that is damaged, at which reading ends.
  static func read(
    _ blocks: [CheckpointBlock], at start: Int, of file: DiskFile,
    _ body: (CheckpointBlock, UnsafeRawBufferPointer) throws(OutputError) -> Void
  ) throws(OutputError) -> CheckpointBlock? {
    let pieces = CheckpointBlock.pieces(blocks)
    let capacity = pieces.map { $0.last!.end - $0.first!.offset }.max() ?? 0
    guard let memory = PageMemory(capacity) else {
      throw OutputError(path: file.name, action: file.action, reason: "there is no memory left")
    }
    for piece in pieces {
      let first = piece.first!.offset
      try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<(piece.last!.end - first)]), at: start + first)
      for block in piece {
        let content = UnsafeRawBufferPointer(rebasing: memory.bytes[(block.offset - first)..<(block.end - first)])
        guard Checksum.of(content) == block.checksum else { return block }
        try body(block, UnsafeRawBufferPointer(rebasing: content[..<block.bytes]))
      }
    }
    return nil
  }
}
