import Stencils

// A checkpoint is one file in the machine's byte order (little-endian), which all ranks write and read together:
//
//   preamble   64 bytes: magic, version, bytes of header, data and table, checksum of the header, size of the file, and
//              the checksum of these
//   header     TOML, filled up with line breaks to a multiple of 4096 bytes from the beginning
//   data       blocks, one behind the other, each filled up with zeros to a multiple of 4096 bytes: boxes of global
//              indices, x fastest, a rank's blocks side by side
//   table      one entry a block: what it is a part of, its box, where it lies, its checksum
//   end        the checksum of the table, and the magic again
//
// Every byte is under a checksum or is one, and the size is known: whatever is changed or cut off is noticed. What fills
// up a block is under its checksum, too.

/// The sizes of a checkpoint's parts.
struct CheckpointPreamble: Equatable {
  static let bytes = 64
  static let endBytes = 16
  /// "HaloChkp", read as one number.
  static let magic = UInt64(littleEndian: 0x706b_6843_6f6c_6148)
  static let version: UInt64 = 2

  var headerBytes: Int
  var dataBytes: Int
  var tableBytes: Int
  var headerChecksum: UInt64

  var dataStart: Int { Self.bytes + headerBytes }
  var tableStart: Int { dataStart + dataBytes }
  var fileBytes: Int { tableStart + tableBytes + Self.endBytes }

  /// The preamble as it stands in the file.
  var encoded: [UInt8] {
    let words = [
      Self.magic, Self.version, UInt64(headerBytes), UInt64(dataBytes), UInt64(tableBytes), headerChecksum,
      UInt64(fileBytes),
    ]
    return (words + [Checksum.of(words)]).withUnsafeBytes { Array($0) }
  }

  /// Nil where it is damaged, or of another version.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.bytes else { return nil }
    let words = bytes.withUnsafeBytes { raw in
      (0..<8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
    guard words[0] == Self.magic, words[1] == Self.version, words[7] == Checksum.of(words[..<7]),
      words[2...4].allSatisfy({ $0 < 1 << 60 })
    else { return nil }
    headerBytes = Int(words[2])
    dataBytes = Int(words[3])
    tableBytes = Int(words[4])
    headerChecksum = words[5]
    guard words[6] == UInt64(fileBytes) else { return nil }
  }

  init(headerBytes: Int, dataBytes: Int, tableBytes: Int, headerChecksum: UInt64) {
    self.headerBytes = headerBytes
    self.dataBytes = dataBytes
    self.tableBytes = tableBytes
    self.headerChecksum = headerChecksum
  }
}

/// What stands behind the table.
struct CheckpointEnd {
  static func encoded(table: [UInt8]) -> [UInt8] {
    [Checksum.of(table), CheckpointPreamble.magic].withUnsafeBytes { Array($0) }
  }
}

/// A part of an array of a checkpoint, written in one piece.
struct CheckpointBlock: Equatable {
  /// Which of the header's arrays.
  var array: Int
  /// Global indices.
  var box: Box
  /// From the beginning of the data.
  var offset: Int
  var bytes: Int
  var checksum: UInt64

  static let words = 10

  /// Whole pages, as they go past the page cache.
  static func stored(_ bytes: Int) -> Int { (bytes + DiskFile.page - 1) / DiskFile.page * DiskFile.page }
  /// Bytes in the file.
  var stored: Int { Self.stored(bytes) }
  /// Where it ends, from the beginning of the data.
  var end: Int { offset + stored }

  var encoded: [UInt64] {
    [array, box.low.x, box.low.y, box.low.z, box.high.x, box.high.y, box.high.z, offset, bytes]
      .map { UInt64(bitPattern: Int64($0)) } + [checksum]
  }

  init(array: Int, box: Box, offset: Int, bytes: Int, checksum: UInt64) {
    (self.array, self.box, self.offset, self.bytes, self.checksum) = (array, box, offset, bytes, checksum)
  }

  init(_ words: ArraySlice<UInt64>) {
    let numbers = words.dropLast().map { Int(Int64(bitPattern: $0)) }
    array = numbers[0]
    box = Box(
      low: Triple(numbers[1], numbers[2], numbers[3]), high: Triple(numbers[4], numbers[5], numbers[6]))
    (offset, bytes, checksum) = (numbers[7], numbers[8], words.last!)
  }

  /// The blocks of a table.
  static func decoded(_ table: [UInt8]) -> [CheckpointBlock] {
    let all = table.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
    return stride(from: 0, to: all.count, by: words).map { CheckpointBlock(all[$0..<$0 + words]) }
  }

  /// Blocks that lie side by side, in parts to be read or written at once.
  static func pieces(_ blocks: [CheckpointBlock]) -> [ArraySlice<CheckpointBlock>] {
    var (pieces, first) = ([ArraySlice<CheckpointBlock>](), 0)
    for index in blocks.indices {
      let isLast = index + 1 == blocks.count || blocks[index + 1].offset != blocks[index].end
      if isLast || blocks[index + 1].end - blocks[first].offset > DiskFile.pieceBytes {
        pieces.append(blocks[first...index])
        first = index + 1
      }
    }
    return pieces
  }
}

/// One array of a checkpoint, as the rank that writes or reads it sees it.
struct SavedArray {
  /// What the header says of it: the name, and how many bytes an element has.
  let name: String
  let elementBytes: Int
  /// The rank's share.
  let box: Box
  /// Copies the elements of a box of this rank into memory.
  let pack: (_ box: Box, _ target: UnsafeMutableRawPointer) -> Void
  /// Takes what this rank needs of a block; returns how many elements those were.
  let unpack: (_ box: Box, _ bytes: UnsafeRawBufferPointer) -> Int

  /// The share in parts of no more than so many bytes.
  func parts(atMost limit: Int) -> [Box] { box.isEmpty ? [] : Self.cut(box, max(1, limit / elementBytes)) }

  /// Halves a box along its slowest axis until all parts are small enough: each part's cells stay side by side.
  private static func cut(_ box: Box, _ most: Int) -> [Box] {
    guard box.volume > most, let axis = [2, 1, 0].first(where: { box.count[$0] > 1 }) else { return [box] }
    let middle = box.low[axis] + box.count[axis] / 2
    var (low, high) = (box, box)
    (low.high[axis], high.low[axis]) = (middle, middle)
    return cut(low, most) + cut(high, most)
  }
}
