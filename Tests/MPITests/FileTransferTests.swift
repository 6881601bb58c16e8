import Foundation
import MPI
import TestSupport
import Testing

/// The part of a grid that one process of a grid of processes holds.
private struct Box {
  let shape: [Int]
  let starts: [Int]
  let counts: [Int]

  init(of shape: [Int], over processes: [Int], rank: Int) {
    var rest = rank
    var place = [Int](repeating: 0, count: shape.count)
    for dimension in shape.indices.reversed() {
      place[dimension] = rest % processes[dimension]
      rest /= processes[dimension]
    }
    self.shape = shape
    starts = shape.indices.map { shape[$0] * place[$0] / processes[$0] }
    counts = shape.indices.map { shape[$0] * (place[$0] + 1) / processes[$0] - shape[$0] * place[$0] / processes[$0] }
  }

  /// The elements of the file that are in the box.
  var view: Pattern { .subarray(sizes: shape, subsizes: counts, starts: starts) }

  /// The box in memory with a halo around it.
  func memory(halo: Int) -> Pattern {
    .subarray(sizes: counts.map { $0 + 2 * halo }, subsizes: counts, starts: counts.map { _ in halo })
  }

  /// Memory with a halo, which holds -999, and the values of the file inside.
  func values(halo: Int, inside: Bool) -> [Double] {
    let sizes = counts.map { $0 + 2 * halo }
    return (0..<sizes.reduce(1, *)).map { index in
      var (rest, place) = (index, counts)
      for dimension in sizes.indices.reversed() {
        place[dimension] = rest % sizes[dimension] - halo
        rest /= sizes[dimension]
      }
      guard inside, zip(place, counts).allSatisfy({ $0 >= 0 && $0 < $1 }) else { return -999 }
      let (i, j) = (place[0] + starts[0], place[1] + starts[1])
      let k = place.count > 2 ? place[2] + starts[2] : 0
      return Double(i * 1_000_003 + j * 1009 + k * 7) + 0.25
    }
  }
}

/// A grid and the digest of the bytes that a file of it has.
struct Golden: Sendable, CustomTestStringConvertible {
  let shape: [Int]
  let halo: Int
  let sha256: String

  var testDescription: String { "\(shape) with a halo of \(halo)" }

  static let files: [(shape: [Int], sha256: String)] = [
    ([64, 48], "9162e7f49e455bccff387efaee9295318c6b9a453462d5c7f4c67d62401b67bf"),
    ([17, 23], "c4fba9f0bf8bb99db428c61c12d49509cbb4a59181574c49cc0e8f9ba19bd6e3"),
    ([12, 10, 14], "a3b71fa1015b311aebe06395fd96242310c01c8b214f43a18f842998f9a04458"),
  ]
  static let all = files.flatMap { file in [0, 2].map { Golden(shape: file.shape, halo: $0, sha256: file.sha256) } }
}

extension OnEveryRank {
  @Suite struct FileTransferTests {
    let rank = world.rank
    let size = world.size

    @Test(arguments: Golden.all) func anyNumberOfRanksLeavesTheSameBytes(golden: Golden) throws {
      try inSharedFolder { folder in
        let path = "\(folder)/grid.bin"
        let shape = golden.shape
        let processes = try balancedDimensions(size: size, count: shape.count)
        let box = Box(of: shape, over: processes, rank: rank)
        let file = try File(opening: path, [.create, .writeOnly], over: world)
        try file.setView(of: Double.self, box.view)
        let values = box.values(halo: golden.halo, inside: true)
        try file.writeCollectively(values[box.memory(halo: golden.halo)], at: 0)
        try file.close()
        if rank == 0 {
          let digest = try run(["sha256sum", path]).stdout
          #expect(digest.hasPrefix(golden.sha256), "\(shape) over \(processes)")
        }
        try world.barrier()

        // Read by one process less, cut up another way.
        let readers = max(1, size - 1)
        guard let part = try world.split(color: rank < readers ? 0 : nil) else { return }
        let copy = try File(opening: path, .readOnly, over: part)
        #expect(try copy.size == 8 * shape.reduce(1, *))
        let others = try balancedDimensions(size: readers, count: shape.count).reversed() as [Int]
        let other = Box(of: shape, over: others, rank: part.rank)
        try copy.setView(of: Double.self, other.view)
        var read = other.values(halo: golden.halo, inside: false)
        let count = other.counts.reduce(1, *)
        #expect(try copy.readCollectively(into: &read[other.memory(halo: golden.halo)], at: 0) == count)
        #expect(read == other.values(halo: golden.halo, inside: true))
        try copy.close()
      }
    }

    @Test func stridedBlocksLieWhereTheyBelong() throws {
      // The access of IO500's ior-hard: segments of one block of 47008 bytes from each rank.
      let block = 47008
      try withNewFile { file in
        let pattern = Pattern.range(rank * block..<(rank + 1) * block).resized(extent: size * block)
        try file.setView(of: UInt8.self, pattern)
        if size == 4 {
          let offsets = [
            [0, 188032, 376064], [47008, 235040, 423072], [94016, 282048, 470080], [141024, 329056, 517088],
          ]
          #expect(try (0..<3).map { try file.byteOffset(of: $0 * block) } == offsets[rank])
        }
        for segment in 0..<3 {
          #expect(try file.byteOffset(of: segment * block) == (segment * size + rank) * block)
          try file.writeCollectively([UInt8](repeating: UInt8(16 * rank + segment + 1), count: block))
        }
        try publish(file)
        let bytes = try contents(of: file.path, as: [UInt8].self)
        #expect(bytes.count == 3 * size * block)
        for (segment, owner) in (0..<3).flatMap({ segment in (0..<size).map { (segment, $0) } }) {
          let part = bytes[((segment * size + owner) * block)...].prefix(block)
          #expect(part.allSatisfy { $0 == UInt8(16 * owner + segment + 1) })
        }
        try file.seek(to: 0)
        #expect(try file.read([UInt8].self, count: 3 * block).last == UInt8(16 * rank + 3))
      }
    }

    @Test func writesAndReadsGoOnWhileTheProgramComputes() throws {
      try withNewFile { file in
        try file.setView(of: Int.self)
        let buffers = (0..<5).map { MessageBuffer([rank, $0]) }
        try file.startWrite(buffers[0], at: 2 * rank).wait()
        try file.seek(to: 2 * size + 2 * rank)
        var request = try file.startWrite(buffers[1])
        while try !request.test() {}
        try request.wait()
        try file.startWriteCollectively(buffers[2], at: 4 * size + 2 * rank).wait()
        try file.seek(to: 6 * size + 2 * rank)
        try file.startWriteCollectively(buffers[3][0..<1]).wait()
        try file.startWriteCollectively(buffers[3][1...]).wait()
        #expect(try file.position == 6 * size + 2 * rank + 2)
        try file.seekShared(to: 8 * size)
        try file.startWriteShared(buffers[4]).wait()
        try publish(file)

        let pairs = try file.read([Int].self, count: 10 * size, at: 0)
        #expect(Array(pairs.prefix(8 * size)) == (0..<4).flatMap { step in (0..<size).flatMap { [$0, step] } })
        let shared = stride(from: 8 * size, to: 10 * size, by: 2).map { [pairs[$0], pairs[$0 + 1]] }
        #expect(shared.sorted { $0[0] < $1[0] } == (0..<size).map { [$0, 4] })

        let next = (rank + 1) % size
        func target() -> MessageBuffer<Int> { MessageBuffer(repeating: -1, count: 2) }
        func expect(_ read: consuming ReadRequest<MessageBuffer<Int>>, _ step: Int) throws {
          let (buffer, count) = try read.wait()
          #expect(count == 2 && buffer.array == [next, step])
        }
        try expect(try file.startRead(into: target(), at: 2 * next), 0)
        try file.seek(to: 2 * size + 2 * next)
        var read = try file.startRead(into: target())
        while try !read.test() {}
        try expect(read, 1)
        try expect(try file.startReadCollectively(into: target(), at: 4 * size + 2 * next), 2)
        try file.seek(to: 6 * size + 2 * next)
        try expect(try file.startReadCollectively(into: target()), 3)
        try file.seekShared(to: 8 * size)
        let (buffer, count) = try file.startReadShared(into: target()).wait()
        #expect(count == 2 && buffer[1] == 4)
        #expect(try world.allGather(buffer[0]).sorted() == Array(0..<size))
        // Beyond the end.
        #expect(try file.startRead(into: target(), at: 10 * size - 1).wait().count == 1)
      }
    }

    @Test func collectiveCallsAreSplit() throws {
      try withNewFile { file in
        try file.setView(of: Int.self)
        let buffer = MessageBuffer([rank, 0])
        let writing = try file.beginWriteCollectively(buffer, at: 2 * rank)
        let same = try writing.end()
        #expect(same === buffer)
        buffer[1] = 1
        try file.seek(to: 2 * size + 2 * rank)
        try file.beginWriteCollectively(buffer).end()
        #expect(try file.position == 2 * size + 2 * rank + 2)
        buffer[1] = 2
        try file.seekShared(to: 4 * size)
        try file.beginWriteOrdered(buffer).end()
        try publish(file)
        let pairs = (0..<3).flatMap { step in (0..<size).flatMap { [$0, step] } }
        #expect(try file.read([Int].self, count: 6 * size, at: 0) == pairs)

        let next = (rank + 1) % size
        let fresh = MessageBuffer(repeating: -1, count: 2)
        var (read, count) = try file.beginReadCollectively(into: fresh, at: 2 * next).end()
        #expect(count == 2 && read.array == [next, 0])
        try file.seek(to: 2 * size + 2 * next)
        (read, count) = try file.beginReadCollectively(into: read).end()
        #expect(count == 2 && read.array == [next, 1])
        try file.seekShared(to: 4 * size)
        (read, count) = try file.beginReadOrdered(into: read).end()
        #expect(count == 2 && read.array == [rank, 2])
      }
    }

    @Test func countsMayBeLargerThan32Bits() throws {
      // Memory that is never touched and a file that swallows everything: only the numbers are large.
      guard let alone = try world.split(color: rank == 0 ? 0 : nil) else { return }
      let count = (1 << 31) + 8
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
      let memory = try #require(mmap(nil, count, PROT_READ, flags, -1, 0))
      defer { munmap(memory, count) }
      let file = try File(opening: "/dev/null", .writeOnly, over: alone)
      let bytes = UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: count)
      try file.write(bytes)
      #expect(try file.position == count)
      try file.writeCollectively(bytes)
      #expect(try file.position == 2 * count)
      try file.close()
    }
  }
}
