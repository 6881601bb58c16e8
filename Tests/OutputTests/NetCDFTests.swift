import Glibc
import Simulation
import TestSupport
import TestWorld
import Testing

/// A field whose values tell their place, so that a misplaced block shows.
private func value(_ cell: [Int], _ record: Int) -> Double {
  Double(record) * 1e6 + cell.enumerated().map { Double($1) * [1, 100, 10_000][$0] }.reduce(0, +) + 0.1
}

/// The share of rank `rank` of `size`: slabs along the last dimension, of uneven thickness.
private func slab(_ cells: [Int], rank: Int, size: Int) -> OutputBlock {
  var (start, count) = (cells.map { _ in 0 }, cells)
  let last = cells.count - 1
  start[last] = cells[last] * rank / size
  count[last] = cells[last] * (rank + 1) / size - start[last]
  return OutputBlock(start: start, count: count)
}

private func values(_ block: OutputBlock, record: Int) -> [Double] {
  var values: [Double] = []
  let (start, count) = (block.start + [0, 0], block.count + [1, 1])
  for z in 0..<count[2] {
    for y in 0..<count[1] {
      for x in 0..<count[0] {
        let cell = [start[0] + x, start[1] + y, start[2] + z]
        values.append(value(Array(cell[..<block.start.count]), record))
      }
    }
  }
  return values
}

private let text = OutputDescription(
  title: "Test", source: "output tests 1.0", configuration: "title = \"Test\"\n[grid]\ncells = [7]\n", version: "1.0",
  layout: "any", history: "2000-01-01T00:00:00Z: tests")

func write(
  _ path: String, cells: [Int], ranks: Int, records: Int, reservesSpace: Bool = true, finish: Bool = true,
  roundBytes: Int = 1 << 20
) throws {
  guard let communicator = try World.first(ranks) else { return }
  let block = slab(cells, rank: World.rank, size: ranks)
  let file = try NetCDFFile(
    path: path, communicator: communicator,
    grid: OutputGrid(cells: cells, extent: cells.map { Double($0) * 0.5 }, origin: cells.map { _ in -1 }), block: block,
    fields: [
      OutputVariable(name: "temperature", units: "K", longName: "temperature"),
      OutputVariable(name: "rough", units: "1", longName: "rounded", precision: .float),
    ],
    series: [OutputVariable(name: "heat", units: "J", longName: "total heat")], description: text,
    reservesSpace: reservesSpace, roundBytes: roundBytes)
  do {
    for record in 0..<records {
      try values(block, record: record).withUnsafeBufferPointer { doubles in
        try doubles.map { Float($0) }.withUnsafeBufferPointer { floats in
          try file.appendRecord(
            time: Double(record), fields: [.double(doubles), .float(floats)], series: [Double(record) * 2])
        }
      }
    }
    if finish { try file.close(fingerprint: "0123456789abcdef") } else { file.abandon() }
  } catch {
    file.abandon()
    throw error
  }
}

/// A path that all ranks share.
func scratch(_ name: String) -> String {
  let directory = "/tmp/halo-output-tests"
  mkdir(directory, 0o777)
  return directory + "/" + name
}

func bytes(of path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Tests that call MPI run on one thread at a time.
@Suite(.serialized, .enabled(if: isUnderMPI)) struct NetCDFTests {
  @Test(arguments: [[7], [5, 6], [4, 3, 5]]) func everyCellIsInItsPlace(cells: [Int]) throws {
    let path = scratch("place-\(cells.count)d.nc")
    try write(path, cells: cells, ranks: World.size, records: 3)
    World.barrier()
    let whole = slab(cells, rank: 0, size: 1)
    for record in 0..<3 {
      let expected = values(whole, record: record)
      #expect(try NetCDFFile.read(path, variable: "temperature", record: record) == expected)
      #expect(try NetCDFFile.read(path, variable: "rough", record: record) == expected.map { Double(Float($0)) })
    }
    #expect(try NetCDFFile.read(path, variable: "time") == [0, 1, 2])
    #expect(try NetCDFFile.read(path, variable: "heat") == [0, 2, 4])
    #expect(try NetCDFFile.read(path, variable: "x") == (0..<cells[0]).map { -1 + (Double($0) + 0.5) * 0.5 })
    #expect(try NetCDFFile.read(path, variable: "x_bnds").prefix(4) == [-1, -0.5, -0.5, 0])
    #expect(try NetCDFFile.readAttribute(path, "fingerprint") == "0123456789abcdef")
    #expect(try NetCDFFile.readAttribute(path, "configuration") == text.configuration)
    #expect(!exists(path + ".partial"))
  }

  @Test(arguments: [200, 1000]) func severalRoundsWriteTheSame(roundBytes: Int) throws {
    try write(scratch("rounds-1.nc"), cells: [9, 5, 7], ranks: World.size, records: 2)
    try write(scratch("rounds-n.nc"), cells: [9, 5, 7], ranks: World.size, records: 2, roundBytes: roundBytes)
    World.barrier()
    #expect(bytes(of: scratch("rounds-1.nc")) == bytes(of: scratch("rounds-n.nc")))
  }

  @Test func whatOneRankWritesIsAgreed() throws {
    let path = scratch("no/such/run.json")
    let error = #expect(throws: OutputError.self) {
      try OutputError.agreed(on: World.communicator, path: path) { () throws(OutputError) in
        if World.rank == World.size - 1 { try JSON.null.write(to: path) }
      }
    }
    #expect(error?.path == path && error?.action == "write the JSON file")
  }

  @Test func aSliceIsRead() throws {
    let path = scratch("slice.nc")
    let cells = [4, 3, 5]
    try write(path, cells: cells, ranks: World.size, records: 2)
    World.barrier()
    let whole = values(slab(cells, rank: 0, size: 1), record: 1)
    let layer = (0..<12).map { whole[2 * 12 + $0] }
    #expect(try NetCDFFile.read(path, variable: "temperature", record: 1, slice: (axis: 2, index: 2)) == layer)
    let column = (0..<15).map { whole[$0 * 4 + 3] }
    #expect(try NetCDFFile.read(path, variable: "temperature", record: 1, slice: (axis: 0, index: 3)) == column)
    #expect(throws: OutputError.self) { try NetCDFFile.read(path, variable: "temperature", record: 2) }
    #expect(throws: OutputError.self) { try NetCDFFile.read(path, variable: "humidity") }
  }

  @Test func theSizeIsForetold() throws {
    let path = scratch("size.nc")
    try write(path, cells: [50, 60], ranks: World.size, records: 3)
    World.barrier()
    let expected = NetCDFFile.expectedBytes(
      grid: OutputGrid(cells: [50, 60], extent: [1, 1]),
      fields: [
        OutputVariable(name: "a", units: "1", longName: "a"),
        OutputVariable(name: "b", units: "1", longName: "b", precision: .float),
      ], series: [OutputVariable(name: "c", units: "1", longName: "c")], records: 3)
    #expect(abs(bytes(of: path).count - expected) < 8192)
  }

  @Test func theBytesDoNotDependOnTheRanks() throws {
    let sizes = [1, 2, 4].filter { $0 <= World.size }
    for size in sizes { try write(scratch("ranks-\(size).nc"), cells: [9, 5, 7], ranks: size, records: 2) }
    World.barrier()
    let one = bytes(of: scratch("ranks-1.nc"))
    #expect(one.count > 2 * 9 * 5 * 7 * 12)
    for size in sizes.dropFirst() { #expect(bytes(of: scratch("ranks-\(size).nc")) == one) }
  }

  @Test func anAbandonedFileLeavesNothing() throws {
    let path = scratch("abandoned.nc")
    try write(path, cells: [8], ranks: World.size, records: 1, finish: false)
    World.barrier()
    #expect(!exists(path) && !exists(path + ".partial"))
  }
}
