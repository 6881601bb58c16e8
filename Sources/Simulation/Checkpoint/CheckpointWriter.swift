internal import Glibc
import MPI
import Stencils

/// Writes checkpoints. Every rank calls it.
struct CheckpointWriter {
  /// Blocks have no more bytes than this: what one checksum stands for, and what is packed, summed up and written while
  /// it is in a core's cache.
  static let blockBytes = 1 << 20

  let path: String
  let world: Communicator
  private var partial: String { OutputPath.partial(of: path) }
  private static let action = "write the checkpoint"

  init(_ path: String, on world: Communicator) {
    self.path = path
    self.world = world
  }

  /// Writes a checkpoint under a temporary name, flushes it to the disk, reads it back, and gives it its name.
  /// - Returns: its bytes.
  /// - Throws: `OutputError`, the same on all ranks; nothing is left of the file.
  func write(_ header: CheckpointHeader, _ arrays: [SavedArray]) throws(OutputError) -> Int {
    do {
      let preamble = try writeParts(header, arrays)
      try CheckpointReader(partial, named: path, on: world).verify()
      try publish()
      return preamble.fileBytes
    } catch {
      if world.rank == 0 { unlink(partial) }
      throw error
    }
  }

  private func writeParts(_ header: CheckpointHeader, _ arrays: [SavedArray]) throws(OutputError) -> CheckpointPreamble
  {
    let group = OutputGroup(communicator: world, path: path)
    let parts = arrays.enumerated().flatMap { index, array in
      array.parts(atMost: Self.blockBytes).map { (array: index, part: $0, bytes: $0.range.count * array.elementBytes) }
    }
    let (own, blocks) = (parts.reduce(0) { $0 + $1.bytes }, parts.count)
    let all = try agree { () throws(MPIError) in try world.allGather([own, blocks]) }
    let before = (0..<world.rank).reduce(0) { $0 + all[2 * $1] }
    var (dataBytes, blockCount) = (0, 0)
    for rank in 0..<world.size {
      dataBytes += all[2 * rank]
      blockCount += all[2 * rank + 1]
    }
    // Rank 0's words count; the others need to know how many there are.
    var text = Array(header.text.utf8)
    let pages = (CheckpointPreamble.bytes + text.count + 4095) / 4096
    text += [UInt8](repeating: 10, count: 4096 * pages - CheckpointPreamble.bytes - text.count)
    let headerBytes = try agree { () throws(MPIError) in try world.broadcast(text.count, from: 0) }
    let preamble = CheckpointPreamble(
      headerBytes: headerBytes, dataBytes: dataBytes, tableBytes: blockCount * CheckpointBlock.words * 8,
      headerChecksum: Checksum.of(text))
    try group.agreed { () throws(OutputError) in if world.rank == 0 { try create(preamble.fileBytes) } }

    let file = try open([.readWrite, .uniqueOpen])
    do throws(OutputError) {
      let written = try group.agreed { () throws(OutputError) in
        try writeData(parts, arrays, file, from: before, preamble)
      }
      let entries = written.flatMap { $0.encoded }
      let table = try agree { () throws(MPIError) in try world.gatherVariable(entries, to: 0) }
      try group.agreed { () throws(OutputError) in
        guard world.rank == 0, let table else { return }
        let bytes = table.elements.withUnsafeBytes { Array($0) }
        try put(preamble.encoded + text, file, at: 0)
        try put(bytes + CheckpointEnd.encoded(table: bytes), file, at: preamble.tableStart)
      }
      try group.agreed { () throws(OutputError) in
        do throws(MPIError) { try file.sync() } catch { throw failed(error, "flush the checkpoint to the disk") }
      }
    } catch {
      try? file.close()
      throw error
    }
    do throws(MPIError) { try file.close() } catch { throw failed(error, Self.action) }
    return preamble
  }

  /// Makes the file, on rank 0, with room on the disk for all of it.
  private func create(_ bytes: Int) throws(OutputError) {
    let descriptor = Glibc.open(partial, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw OutputError(path: path, action: Self.action, errno: errno) }
    defer { close(descriptor) }
    try NetCDFLibrary.reserve(descriptor, from: 0, bytes: bytes, path: path, action: Self.action)
  }

  /// Packs, sums up and writes the rank's blocks, which lie side by side: nobody has to wait for anybody.
  private func writeData(
    _ parts: [(array: Int, part: SavedArray.Part, bytes: Int)], _ arrays: [SavedArray], _ file: File, from start: Int,
    _ preamble: CheckpointPreamble
  ) throws(OutputError) -> [CheckpointBlock] {
    let capacity = parts.map(\.bytes).max() ?? 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, capacity), alignment: 4096)
    defer { buffer.deallocate() }
    var blocks: [CheckpointBlock] = []
    blocks.reserveCapacity(parts.count)
    var offset = start
    for (array, part, bytes) in parts {
      arrays[array].pack(part, buffer.baseAddress!)
      let packed = UnsafeRawBufferPointer(rebasing: buffer[..<bytes])
      blocks.append(
        CheckpointBlock(array: array, box: part.box, offset: offset, bytes: bytes, checksum: Checksum.of(packed)))
      do throws(MPIError) {
        try file.write(packed.bindMemory(to: UInt8.self), at: preamble.dataStart + offset)
      } catch {
        throw failed(error, Self.action)
      }
      offset += bytes
    }
    return blocks
  }

  private func put(_ bytes: [UInt8], _ file: File, at offset: Int) throws(OutputError) {
    do throws(MPIError) { try file.write(bytes, at: offset) } catch { throw failed(error, Self.action) }
  }

  private func open(_ mode: File.Mode) throws(OutputError) -> File {
    try OutputGroup(communicator: world, path: path).agreed { () throws(OutputError) in
      do throws(MPIError) {
        // Each rank's bytes lie side by side already: nobody needs to gather them first.
        let hints = try Info(["romio_cb_write": "disable", "romio_ds_write": "disable"])
        return try File(opening: partial, mode, over: world, hints: hints)
      } catch {
        throw failed(error, Self.action)
      }
    }
  }

  /// Gives the file its name, and makes that last.
  private func publish() throws(OutputError) {
    try OutputGroup(communicator: world, path: path).agreed { () throws(OutputError) in
      guard world.rank == 0 else { return }
      if rename(partial, path) != 0 {
        throw OutputError(path: path, action: "give the checkpoint its name", errno: errno)
      }
      OutputPath.flushDirectory(of: path)
    }
  }

  private func agree<T>(_ body: () throws(MPIError) -> T) throws(OutputError) -> T {
    do throws(MPIError) { return try body() } catch { throw failed(error, "agree with the other ranks") }
  }

  private func failed(_ error: MPIError, _ action: String) -> OutputError {
    if error.errorClass == .noSpace { return OutputError(path: path, action: action, errno: ENOSPC) }
    if error.errorClass == .quotaExceeded { return OutputError(path: path, action: action, errno: EDQUOT) }
    return OutputError(path: path, action: action, reason: error.description)
  }
}
