internal import Glibc
import MPI
import Stencils
import Synchronization
import Threads

/// What goes where in a checkpoint: all of it is known before anything is written. Every rank makes one.
struct CheckpointLayout {
  /// Blocks have no more bytes than this: what one checksum stands for, and what is packed and summed up while it is in
  /// a core's cache.
  static let blockBytes = 1 << 20

  let preamble: CheckpointPreamble
  /// The words, filled up; of rank 0, whose words count.
  let text: [UInt8]
  /// This rank's blocks, which lie side by side; their checksums are still to be found.
  fileprivate(set) var blocks: [CheckpointBlock] = []

  /// Where this rank's blocks begin, and how many bytes they take.
  var start: Int { blocks.first?.offset ?? 0 }
  var bytes: Int { (blocks.last?.end ?? 0) - start }

  init(_ header: CheckpointHeader, _ arrays: [SavedArray], on world: Communicator) throws(MPIError) {
    for (index, array) in arrays.enumerated() {
      for part in array.parts(atMost: Self.blockBytes) {
        blocks.append(
          CheckpointBlock(
            array: index, box: part, offset: blocks.last?.end ?? 0, bytes: part.volume * array.elementBytes,
            checksum: 0))
      }
    }
    let shares = try world.allGather([blocks.last?.end ?? 0, blocks.count])
    let before = (0..<world.rank).reduce(0) { $0 + shares[2 * $1] }
    for index in blocks.indices { blocks[index].offset += before }
    let ranks = 0..<world.size
    var text = Array(header.text.utf8)
    let end = CheckpointBlock.stored(CheckpointPreamble.bytes + text.count)
    text += [UInt8](repeating: 10, count: end - CheckpointPreamble.bytes - text.count)
    preamble = CheckpointPreamble(
      headerBytes: try world.broadcast(text.count, from: 0), dataBytes: ranks.reduce(0) { $0 + shares[2 * $1] },
      tableBytes: ranks.reduce(0) { $0 + shares[2 * $1 + 1] } * CheckpointBlock.words * 8,
      headerChecksum: Checksum.of(text))
    self.text = text
  }
}

/// A checkpoint on its way to the disk. Every rank makes one, at a step, with its part of the state; what takes long is
/// done on a thread beside the run's, which speaks to no other rank, and when all ranks' threads are done the file gets
/// its name.
final class CheckpointWriter: @unchecked Sendable {
  let path: String
  let layout: CheckpointLayout
  private let world: Communicator
  private let header: CheckpointHeader
  private let file: DiskFile
  // The state as it was at the step; not yet ready where it is in the file already.
  private let memory: PageMemory?
  // What stands behind the data; of rank 0.
  private var table: [UInt8] = []
  private var work: BackgroundWork?
  private let isAbandoned = Atomic<Bool>(false)
  // Written by the thread before it ends.
  private var outcome: (seconds: Double, failure: OutputError?) = (0, nil)
  private static let action = "write the checkpoint"

  private var partial: String { OutputPath.partial(of: path) }
  private var group: OutputGroup { OutputGroup(communicator: world, path: path) }

  /// Takes the state, and begins to write it under a temporary name.
  /// - Parameter memory: room for this rank's part, which nobody else uses before the end of this writer. Where it is not
  ///   ready the state is written before this returns, and the thread makes it ready for the next one.
  /// - Throws: `OutputError`, the same on all ranks; nothing is left of the file.
  init(
    _ path: String, _ header: CheckpointHeader, _ arrays: [SavedArray], _ layout: CheckpointLayout,
    by memory: PageMemory?, on world: Communicator
  ) throws(OutputError) {
    let (group, partial) = (OutputGroup(communicator: world, path: path), OutputPath.partial(of: path))
    var layout = layout
    do {
      try group.agreed { () throws(OutputError) in
        guard world.rank == 0 else { return }
        try DiskFile.create(partial, bytes: layout.preamble.fileBytes, named: path, action: Self.action)
      }
      let file = try group.agreed { () throws(OutputError) in
        let file = try DiskFile(partial, named: path, action: Self.action, isWritten: true, isDirect: true)
        try Self.pack(arrays, &layout, by: memory.flatMap { $0.isReady ? $0 : nil }, file)
        return file
      }
      let entries = layout.blocks.flatMap { $0.encoded }
      let all = try group.agreeing { () throws(MPIError) in try world.gatherVariable(entries, to: 0) }
      table = all.map { $0.elements.withUnsafeBytes { Array($0) } } ?? []
      (self.path, self.header, self.layout, self.file) = (path, header, layout, file)
      (self.memory, self.world) = (memory, world)
    } catch {
      if world.rank == 0 { unlink(partial) }
      throw error
    }
    work = BackgroundWork { [self] in
      let began = monotonicSeconds()
      do throws(OutputError) { try complete() } catch { outcome.failure = error }
      outcome.seconds = monotonicSeconds() - began
    }
  }

  /// Packs the rank's blocks and sums them up, and writes them where there is no room for all.
  private static func pack(
    _ arrays: [SavedArray], _ layout: inout CheckpointLayout, by memory: PageMemory?, _ file: DiskFile
  ) throws(OutputError) {
    for piece in CheckpointBlock.pieces(layout.blocks) {
      let bytes = piece.last!.end - piece.first!.offset
      // With room for all, a piece lies in memory as it does in the file.
      guard let room = memory ?? PageMemory(bytes) else {
        throw OutputError(path: file.name, action: action, reason: "there is no memory left")
      }
      let start = memory == nil ? piece.first!.offset : layout.start
      for index in piece.indices {
        let block = layout.blocks[index]
        let target = UnsafeMutableRawBufferPointer(
          rebasing: room.bytes[(block.offset - start)..<(block.end - start)])
        arrays[block.array].pack(block.box, target.baseAddress!)
        memset(target.baseAddress! + block.bytes, 0, target.count - block.bytes)
        layout.blocks[index].checksum = Checksum.of(UnsafeRawBufferPointer(target))
      }
      guard memory == nil else { continue }
      try file.write(
        UnsafeRawBufferPointer(rebasing: room.bytes[..<bytes]), at: layout.preamble.dataStart + piece.first!.offset)
    }
  }

  /// Writes what is still to be written, brings it to the disk, and reads it back. On the thread, without MPI.
  private func complete() throws(OutputError) {
    let (preamble, start) = (layout.preamble, layout.preamble.dataStart)
    if let memory, memory.isReady {
      for piece in CheckpointBlock.pieces(layout.blocks) {
        try goOn()
        let place = (piece.first!.offset - layout.start)..<(piece.last!.end - layout.start)
        try file.write(UnsafeRawBufferPointer(rebasing: memory.bytes[place]), at: start + piece.first!.offset)
      }
    }
    if world.rank == 0 {
      // No whole pages: past the cache they would not go.
      let file = try DiskFile(partial, named: path, action: Self.action, isWritten: true)
      try Self.put(preamble.encoded + layout.text, file, at: 0)
      try Self.put(table + CheckpointEnd.encoded(table: table), file, at: preamble.tableStart)
      try file.flush()
    }
    try file.flush()
    if let damaged = try CheckpointReader.read(
      layout.blocks, at: start, of: file, { _, _ throws(OutputError) in try goOn() })
    {
      throw OutputError(
        path: path, action: Self.action, reason: "\(header.place(of: damaged)) is not read back as it was written")
    }
    if world.rank == 0 {
      let frame = try CheckpointReader.readFrame(partial, named: path)
      guard frame.preamble == preamble.encoded, frame.table == table else {
        throw OutputError(path: path, action: Self.action, reason: "its frame is not read back as it was written")
      }
    }
    memory?.makeReady()
  }

  private static func put(_ bytes: [UInt8], _ file: DiskFile, at offset: Int) throws(OutputError) {
    let outcome = bytes.withUnsafeBytes { buffer in
      Result { () throws(OutputError) in try file.write(buffer, at: offset) }
    }
    try outcome.get()
  }

  private func goOn() throws(OutputError) {
    if isAbandoned.load(ordering: .relaxed) {
      throw OutputError(path: path, action: Self.action, reason: "nobody wants it any more")
    }
  }

  /// Whether this rank's part is on the disk, or has failed.
  var isDone: Bool { work!.isDone }

  /// Waits for all ranks and gives the file its name. Collective.
  /// - Returns: the seconds that the slowest rank's thread took.
  /// - Throws: `OutputError`, the same on all ranks; nothing is left of the file.
  func finish() throws(OutputError) -> Double {
    work!.wait()
    do {
      try group.agreed { () throws(OutputError) in if let failure = outcome.failure { throw failure } }
      try group.agreed { () throws(OutputError) in
        guard world.rank == 0 else { return }
        if rename(partial, path) != 0 {
          throw OutputError(path: path, action: "give the checkpoint its name", errno: errno)
        }
        OutputPath.flushDirectory(of: path)
      }
    } catch {
      if world.rank == 0 { unlink(partial) }
      throw error
    }
    return try group.agreeing { () throws(MPIError) in try world.allReduce(outcome.seconds, .max) }
  }

  /// Gives it up, on this rank.
  func abandon() {
    isAbandoned.store(true, ordering: .relaxed)
    work!.wait()
    if world.rank == 0 { unlink(partial) }
  }
}
