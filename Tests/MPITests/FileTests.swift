import Foundation
import MPI
import TestSupport
import Testing

/// Runs a test on all processes with a new folder, which is deleted afterwards.
func inSharedFolder(_ body: (_ folder: String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "halo-files-\(UUID().uuidString)").path
  let path = try world.broadcast(folder, from: 0)
  if world.rank == 0 { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  defer { if world.rank == 0 { try? FileManager.default.removeItem(atPath: path) } }
  try world.barrier()
  try body(path)
  try world.barrier()
}

/// Runs a test on all processes with a new file, which is then closed and deleted.
func withNewFile(_ body: (File) throws -> Void) throws {
  try inSharedFolder { folder in
    let file = try File(opening: "\(folder)/a.bin", [.create, .readWrite], over: world)
    try body(file)
    try file.close()
  }
}

/// Lets every process see what all have written.
func publish(_ file: File) throws {
  try file.sync()
  try world.barrier()
  try file.sync()
}

/// The contents of a file as elements.
func contents<T: MPIDatatype>(of path: String, as type: [T].Type) throws -> [T] {
  try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { Array($0.bindMemory(to: T.self)) }
}

extension OnEveryRank {
  @Suite struct FileTests {
    let rank = world.rank
    let size = world.size

    @Test func writtenElementsAreReadBack() throws {
      try inSharedFolder { folder in
        // A colon is a letter of a name as any other.
        for name in ["a.bin", "a 12:30.bin", "ä"] {
          let path = "\(folder)/\(name)"
          let file = try File(opening: path, [.create, .readWrite], over: world)
          #expect(file.isOpen && file.path == path)
          try file.write([Double(rank), 0.5], at: 16 * rank)
          try publish(file)
          #expect(try file.size == 16 * size)
          let next = (rank + 1) % size
          #expect(try file.read([Double].self, count: 2, at: 16 * next) == [Double(next), 0.5])
          try file.close()
          #expect(!file.isOpen)
          #expect(try contents(of: path, as: [Double].self) == (0..<size).flatMap { [Double($0), 0.5] })
          try world.barrier()
          if rank == 0 { try File.delete(path) }
          try world.barrier()
          #expect(!FileManager.default.fileExists(atPath: path))
        }
      }
    }

    @Test func anyKindOfMemoryCanBeWrittenAndRead() throws {
      try withNewFile { file in
        let base = 1000 * rank
        try file.write(Int32(7), at: base)
        try file.write([1, 2, 3].span, at: base + 8)
        try file.write(([0, 4, 5] as [Int])[1...], at: base + 32)
        try file.write(MessageBuffer([6.5]), at: base + 48)
        try file.write([1, 2, 3, 4, 5, 6][.vector(count: 3, stride: 2)], at: base + 56)
        var (value, array) = (Int32(0), [Int](repeating: 0, count: 5))
        #expect(try file.read(into: &value, at: base) == 1 && value == 7)
        #expect(try file.read(into: &array, at: base + 8) == 5 && array == [1, 2, 3, 4, 5])
        #expect(try file.read(Double.self, at: base + 48) == 6.5)
        // Into every other element.
        var grid = [Int](repeating: -1, count: 6)
        #expect(try file.read(into: &grid[.vector(count: 3, stride: 2)], at: base + 56) == 3)
        #expect(grid == [1, -1, 3, -1, 5, -1])
        #expect(try file.read([Int].self, count: 0, at: base) == [])
      }
    }

    @Test func aReadEndsAtTheEndOfTheFile() throws {
      try withNewFile { file in
        if rank == 0 { try file.write([10, 11, 12, 13, 14]) }
        try publish(file)
        try file.setView(of: Int.self)
        #expect(try file.read([Int].self, count: 8, at: 3) == [13, 14])
        #expect(try file.read(Int.self, at: 5) == nil)
        var values = [Int](repeating: -1, count: 4)
        #expect(try file.read(into: &values, at: 5) == 0)
        // What the ranks read overlaps.
        let wanted = Array([10, 11, 12, 13, 14].dropFirst(2 * rank).prefix(4))
        #expect(try file.readCollectively([Int].self, count: 4, at: 2 * rank) == wanted)
        try file.seek(to: 2 * rank)
        #expect(try file.readCollectively([Int].self, count: 4) == wanted)
        // With gaps in memory, and in the file.
        var sparse = [Int](repeating: -1, count: 8)
        #expect(try file.read(into: &sparse[.vector(count: 4, stride: 2)], at: 2) == 3)
        #expect(sparse[0] == 12 && sparse[2] == 13 && sparse[4] == 14 && sparse[1] == -1)
        try file.setView(of: Int.self, .vector(count: 4, stride: 2))
        #expect(try file.read([Int].self, count: 4, at: 0) == [10, 12, 14])
        #expect(try file.readCollectively([Int].self, count: 4, at: 1) == [12, 14])
        #expect(try file.startRead(into: MessageBuffer(repeating: 0, count: 4), at: 0).wait().count == 3)
        #expect(try file.startReadCollectively(into: MessageBuffer(repeating: 0, count: 4), at: 0).wait().count == 3)
        #expect(try file.beginReadCollectively(into: MessageBuffer(repeating: 0, count: 4), at: 0).end().count == 3)
      }
    }

    @Test func theStateOfAFileIsKnownAndChanged() throws {
      try inSharedFolder { folder in
        let path = "\(folder)/a.bin"
        let mode: File.Mode = [.create, .exclusive, .readWrite, .uniqueOpen, .deleteOnClose]
        let hints = try Info([.collectiveBufferSize: "1048576"])
        let file = try File(opening: path, mode, over: world, hints: hints)
        #expect(try file.mode == mode)
        #expect(try file.size == 0)
        try file.setSize(1000)
        #expect(try file.size == 1000)
        try file.preallocate(5000)
        #expect(try file.size == 5000)
        try file.preallocate(100)
        #expect(try file.size == 5000)
        try file.setSize(10)
        #expect(try file.size == 10)
        #expect(try !file.isAtomic)
        try file.setAtomic(true)
        #expect(try file.isAtomic)
        try file.setAtomic(false)
        #expect(try !file.isAtomic)
        #expect(try file.hints[.collectiveBufferSize] == "1048576")
        try file.setHints(try Info([.collectiveBufferSize: "2097152"]))
        // Open MPI takes hints, but then knows of none.
        #expect(try file.hints[.collectiveBufferSize] == (mpirun == "mpirun.mpich" ? "2097152" : nil))
        #expect(try file.group().compared(to: world.group()) == .identical)
        #expect(try file.extent(of: Double.self) == 8 && file.extent(of: Int16.self) == 2)
        try file.close()
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }

    @Test func aFileIsOpenedByPartOfTheProcesses() throws {
      try inSharedFolder { folder in
        let part = try #require(try world.split(color: rank % 2))
        let file = try File(opening: "\(folder)/\(rank % 2)", [.create, .readWrite], over: part)
        try file.writeCollectively(Int32(rank), at: 4 * part.rank)
        try part.barrier()
        #expect(try file.size == 4 * part.size)
        #expect(try file.readCollectively([Int32].self, count: 1, at: 4 * part.rank) == [Int32(rank)])
        try file.close()
      }
    }

    @Test func viewsChooseElements() throws {
      try withNewFile { file in
        // Every rank has a column of a matrix of Int32, after a header of 6 bytes.
        let column = Pattern.vector(count: 3, stride: size).shifted(by: rank).resized(extent: 3 * size)
        try file.setView(of: Int32.self, column, displacement: 6)
        let view = try file.currentView
        #expect(view.displacement == 6 && view.representation == .native)
        #expect(try view.element.size == 4 && view.pattern.size == 12)
        #expect(try view.pattern.extent == 0..<12 * size)
        #expect(try file.byteOffset(of: 4) == 6 + 4 * (4 * size + rank))
        try file.write((0..<6).map { Int32(100 * $0 + rank) })
        #expect(try file.position == 6)
        try file.seek(to: -2, from: .current)
        #expect(try file.position == 4)
        #expect(try file.read([Int32].self, count: 2) == [400, 500].map { $0 + Int32(rank) })
        try file.seek(to: 1)
        #expect(try file.read(Int32.self) == Int32(100 + rank))
        try publish(file)
        try file.setView(of: Int32.self, displacement: 6)
        #expect(try file.position == 0)
        let matrix = (0..<6).flatMap { row in (0..<size).map { Int32(100 * row + $0) } }
        #expect(try file.read([Int32].self, count: 6 * size) == matrix)
        try file.seek(to: -1, from: .end)
        #expect(try file.read([Int32].self, count: 6) == matrix.suffix(1))
        // Who sees nothing takes part with nothing.
        try file.setView(of: Int32.self, rank == 0 ? .range(0..<2) : .range(0..<0))
        try file.writeCollectively(rank == 0 ? [1, 2] as [Int32] : [], at: 0)
        #expect(try file.readCollectively([Int32].self, count: rank == 0 ? 2 : 0, at: 0) == (rank == 0 ? [1, 2] : []))
      }
    }

    @Test func external32IsTheSameOnEveryMachine() throws {
      try withNewFile { file in
        try file.setView(of: Double.self, representation: .external32)
        #expect(try file.currentView.representation == .external32)
        #expect(try file.extent(of: Double.self) == 8)
        try file.write([1.0, -2.5], at: 2 * rank)
        #expect(try file.read([Double].self, count: 2, at: 2 * rank) == [1, -2.5])
        try publish(file)
        let bytes: [UInt8] = [0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 4, 0, 0, 0, 0, 0, 0]
        #expect(try contents(of: file.path, as: [UInt8].self) == (0..<size).flatMap { _ in bytes })
      }
    }

    @Test func theSharedPointerIsOneForAll() throws {
      try withNewFile { file in
        try file.setView(of: Int.self)
        try file.writeOrdered((0...rank).map { 10 * rank + $0 })
        let all = (0..<size).flatMap { rank in (0...rank).map { 10 * rank + $0 } }
        try world.barrier()
        #expect(try file.sharedPosition == all.count)
        try world.barrier()
        try file.seekShared(to: 0)
        #expect(try file.readOrdered([Int].self, count: rank + 1) == (0...rank).map { 10 * rank + $0 })
        var ordered = [0, 0]
        if size > 2 {
          try world.barrier()
          try file.seekShared(to: -2 * size, from: .end)
          #expect(try file.readOrdered(into: &ordered) == 2)
          #expect(ordered == Array(all[(all.count - 2 * size + 2 * rank)...].prefix(2)))
        }
        try world.barrier()
        try file.seekShared(to: 0, from: .end)
        // In any order, but each once.
        try file.writeShared([rank, rank])
        try world.barrier()
        #expect(try file.sharedPosition == all.count + 2 * size)
        try world.barrier()
        try publish(file)
        let pairs = try file.read([Int].self, count: 2 * size, at: all.count)
        #expect(pairs.sorted() == (0..<size).flatMap { [$0, $0] })
        #expect(stride(from: 0, to: 2 * size, by: 2).allSatisfy { pairs[$0] == pairs[$0 + 1] })
        try file.seekShared(to: all.count)
        var pair = [0, 0]
        #expect(try file.readShared(into: &pair) == 2)
        #expect(try world.allGather(pair).sorted() == pairs.sorted())
        #expect(try file.readShared([Int].self, count: 1) == [])
      }
    }

    @Test func callsInALoopReserveNoMemory() throws {
      try withNewFile { file in
        try file.setView(of: Double.self)
        var values = [Double](repeating: 1, count: 64)
        func step() throws {
          try file.write(values, at: 64 * rank)
          _ = try file.read(into: &values, at: 64 * rank)
        }
        try step()
        #expect(try allocations(during: { for _ in 0..<50 { try step() } }) == 0)
      }
    }
  }
}
