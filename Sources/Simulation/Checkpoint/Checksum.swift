internal import CXxHash

/// The checksum of checkpoints: XXH3 with 64 bits (Y. Collet), which tells any damage of a file but for one chance in
/// 2^64.
enum Checksum {
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    // An empty buffer may have no address.
    XXH3_64bits(bytes.baseAddress, bytes.count)
  }

  static func of<Elements: RandomAccessCollection>(_ elements: Elements) -> UInt64 {
    let array = Array(elements)
    return array.withUnsafeBytes { of($0) }
  }
}
