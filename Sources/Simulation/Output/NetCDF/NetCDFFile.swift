internal import CPnetCDF
internal import Glibc
import MPI

/// A CF-NetCDF file (CDF-5) that all ranks of a communicator write together, one record for each output time.
///
/// The file is written as `NAME.partial` and takes its name in `close(fingerprint:)`: under the final name stands a
/// whole file or none. Every method is collective, and an error on one rank is thrown on all of them.
///
///     let file = try NetCDFFile(...)
///     do {
///       try file.appendRecord(time: 0, fields: [.double(block)], series: [heat])
///       try file.close(fingerprint: "0123456789abcdef")
///     } catch {
///       file.abandon()
///       throw error
///     }
package final class NetCDFFile {
  package let path: String
  /// Records written so far.
  package private(set) var recordCount = 0

  private let group: OutputGroup
  private let grid: OutputGrid
  private let block: OutputBlock
  private let fields: [OutputVariable]
  private let series: [OutputVariable]
  private let reservesSpace: Bool
  private let roundBytes: Int
  private var library: NetCDFLibrary
  private var definition: NetCDFDefinition!
  private var isOpen = true
  private var isFinished = false
  // Which file it is, once that was asked for; on rank 0.
  private var identity: NetCDFIdentity?
  private var rounds = 1
  private var recordOffset = 0
  private var recordBytes = 0
  /// Rank 0's own handle on the partial file, to reserve and check space; -1 elsewhere.
  private var descriptor: CInt = -1

  private var partial: String { OutputPath.partial(of: path) }

  /// Creates the file. Collective.
  /// - Parameters:
  ///   - path: the final name, ending in .nc.
  ///   - communicator: the ranks that write.
  ///   - grid: the global grid, the same on all ranks.
  ///   - block: the caller's share; the blocks of all ranks cover the grid once.
  ///   - fields: variables over (time, z, y, x), in the order in which records give them.
  ///   - series: variables over (time), in the order in which records give them.
  ///   - description: the global attributes.
  /// - Throws: `OutputError`, the same on all ranks; no partial file is left.
  package convenience init(
    path: String, communicator: Communicator, grid: OutputGrid, block: OutputBlock, fields: [OutputVariable],
    series: [OutputVariable] = [], description: OutputDescription
  ) throws(OutputError) {
    try self.init(
      path: path, communicator: communicator, grid: grid, block: block, fields: fields, series: series,
      description: description, reservesSpace: true, roundBytes: 256 << 20)
  }

  /// The same, with what tests must set to other values.
  /// - Parameters:
  ///   - reservesSpace: whether disk space is reserved ahead of each record, so that a full disk is found before
  ///     anything is written.
  ///   - roundBytes: records of which a rank has more bytes than this go in several rounds: MPI-IO counts bytes in 32
  ///     bits, and PnetCDF holds a byte-swapped copy of all that is written in a round.
  package init(
    path: String, communicator: Communicator, grid: OutputGrid, block: OutputBlock, fields: [OutputVariable],
    series: [OutputVariable], description: OutputDescription, reservesSpace: Bool, roundBytes: Int
  ) throws(OutputError) {
    precondition(block.count.count == grid.cells.count, "the block has the dimensions of the grid")
    self.path = path
    self.grid = grid
    self.block = block
    self.fields = fields
    self.series = series
    self.reservesSpace = reservesSpace
    self.roundBytes = roundBytes
    let group = OutputGroup(communicator: communicator, path: path)
    self.group = group
    let id = try Self.createFile(path, group: group)
    library = NetCDFLibrary(id: id, path: path)
    do {
      try define(description)
      try measure()
      try writeCoordinates()
    } catch {
      abandon()
      throw error
    }
  }

  /// Opens a file that another run had begun, to go on behind so many of its records. Collective; arguments as above.
  /// - Parameters:
  ///   - records: records to be kept; what follows them is cut off.
  ///   - identity: which file it was.
  /// - Throws: `OutputError`, the same on all ranks. The file is left as it is.
  init(
    continuing path: String, communicator: Communicator, grid: OutputGrid, block: OutputBlock,
    fields: [OutputVariable], series: [OutputVariable], records: Int, identity: NetCDFIdentity
  ) throws(OutputError) {
    (self.path, self.grid, self.block, self.fields, self.series) = (path, grid, block, fields, series)
    (reservesSpace, roundBytes, recordCount) = (true, 256 << 20, records)
    let group = OutputGroup(communicator: communicator, path: path)
    self.group = group
    self.identity = identity
    try group.agreed { () throws(OutputError) in
      if group.rank == 0 { try NetCDFContinuation.prepare(path, records: records, identity: identity) }
    }
    let id = try group.agreed { () throws(OutputError) in
      try Self.withHints(path) { hints in
        var id: CInt = -1
        return (
          ncmpi_open(group.communicator.rawHandle, OutputPath.partial(of: path), NC_WRITE, hints.rawHandle, &id), id
        )
      }
    }
    library = NetCDFLibrary(id: id, path: path)
    do {
      try group.agreed { () throws(OutputError) in
        definition = try NetCDFDefinition(reading: library, fields: fields, series: series)
      }
      try measure()
    } catch {
      suspend()
      throw error
    }
  }

  private static func createFile(_ path: String, group: OutputGroup) throws(OutputError) -> CInt {
    try group.agreed { () throws(OutputError) in
      if group.rank == 0 { _ = try OutputPath.check(path, extensions: ["nc"]) }
    }
    do {
      return try group.agreed { () throws(OutputError) in
        try withHints(path) { hints in
          var id: CInt = -1
          let code = ncmpi_create(
            group.communicator.rawHandle, OutputPath.partial(of: path), NC_CLOBBER | NC_64BIT_DATA, hints.rawHandle,
            &id)
          return (code, id)
        }
      }
    } catch {
      if group.rank == 0 { unlink(OutputPath.partial(of: path)) }
      throw error
    }
  }

  private static func withHints(_ path: String, _ open: (Info) -> (code: CInt, id: CInt)) throws(OutputError) -> CInt {
    let hints = try NetCDFHints.make(path: path)
    defer { withExtendedLifetime(hints) {} }
    let (code, id) = open(hints)
    try NetCDFLibrary.check(code, path: path, action: "create the file")
    return id
  }

  private func define(_ local: OutputDescription) throws(OutputError) {
    // The header must be the same on all ranks, and a history line, for one, holds the time of day.
    var description = local
    description.texts = try group.broadcast(local.texts, from: 0)
    try group.agreed { () throws(OutputError) in
      definition = try NetCDFDefinition(
        library: library, grid: grid, fields: fields, series: series, description: description)
    }
    try group.agreed { () throws(OutputError) in
      // Room for attributes that tools may add later, so that they need not move the data; records start on a page.
      try library.check(ncmpi__enddef(library.id, 4096, 512, 0, 4096), "write the header", needed: 1 << 16)
    }
  }

  /// Finds out where records lie.
  private func measure() throws(OutputError) {
    try group.agreed { () throws(OutputError) in
      var offset: MPI_Offset = 0
      var bytes: MPI_Offset = 0
      try library.check(ncmpi_inq_varoffset(library.id, definition.time, &offset), "find the first record")
      try library.check(ncmpi_inq_recsize(library.id, &bytes), "find the size of a record")
      (recordOffset, recordBytes) = (Int(offset), Int(bytes))
      if group.rank == 0 {
        descriptor = open(partial, O_RDWR | O_CLOEXEC)
        if descriptor < 0 { throw OutputError(path: path, action: "open the file again", errno: errno) }
        try reserve(from: 0, bytes: recordOffset, action: "write the coordinates")
      }
    }
    let own = fields.map { $0.bytes * block.cellCount }.reduce(0, +)
    rounds = max(1, -(try group.minimum(-((own + roundBytes - 1) / roundBytes))))
  }

  private func writeCoordinates() throws(OutputError) {
    var parts: [(UnsafeMutableBufferPointer<Double>, CInt, [Int])] = []
    if group.rank == 0 {
      for axis in grid.cells.indices {
        let (variable, bounds) = definition.coordinates[axis]
        parts.append((Self.copy(grid.centers(axis)), variable, [grid.cells[axis]]))
        parts.append((Self.copy(grid.bounds(axis)), bounds, [grid.cells[axis], 2]))
      }
    }
    defer { for (values, _, _) in parts { values.deallocate() } }
    try group.agreed { () throws(OutputError) in
      for (values, variable, count) in parts {
        let start = [Int](repeating: 0, count: count.count)
        try library.post(.double(UnsafeBufferPointer(values)), offset: 0, to: variable, start: start, count: count)
      }
    }
    try group.agreed { () throws(OutputError) in
      try library.wait(action: "write the coordinates", needed: recordOffset)
    }
  }

  private static func copy(_ values: [Double]) -> UnsafeMutableBufferPointer<Double> {
    let copy = UnsafeMutableBufferPointer<Double>.allocate(capacity: values.count)
    _ = copy.initialize(from: values)
    return copy
  }

  /// Appends one record. Collective.
  /// - Parameters:
  ///   - time: the time of the record, in the unit of the description (s).
  ///   - fields: the caller's block of each field, in the order of creation; Float or Double whatever the file holds.
  ///   - series: one value for each series, in the order of creation; rank 0's are written.
  /// - Throws: `OutputError`, the same on all ranks. The records before it are whole.
  package func appendRecord(
    time: Double, fields values: [OutputValues], series numbers: [Double] = []
  ) throws(OutputError) {
    precondition(isOpen, "the file is closed")
    precondition(values.count == fields.count && numbers.count == series.count, "one value for each variable")
    precondition(values.allSatisfy { $0.count == block.cellCount }, "each field has one value for each cell")
    let action = "write record \(recordCount) (time \(time) s)"
    let start = recordOffset + recordCount * recordBytes
    if reservesSpace {
      try group.agreed { () throws(OutputError) in
        if group.rank == 0 { try reserve(from: start, bytes: recordBytes, action: action) }
      }
    }
    // The numbers that only rank 0 writes, in memory that lives until they are written.
    let scalars = Self.copy([time] + numbers)
    defer { scalars.deallocate() }
    for round in 0..<rounds {
      try group.agreed { () throws(OutputError) in
        if group.rank == 0 && round == 0 { try post(scalars) }
        for (index, part) in values.enumerated() {
          try post(part, to: definition.fields[index], round: round)
        }
      }
      try group.agreed { () throws(OutputError) in try library.wait(action: action, needed: recordBytes) }
    }
    try group.agreed { () throws(OutputError) in
      if group.rank == 0 { try checkSize(start + recordBytes, action: action) }
    }
    recordCount += 1
  }

  private func post(_ scalars: UnsafeMutableBufferPointer<Double>) throws(OutputError) {
    for (index, variable) in ([definition.time] + definition.series).enumerated() {
      let value = UnsafeBufferPointer(rebasing: scalars[index...index])
      try library.post(.double(value), offset: 0, to: variable, start: [recordCount], count: [1])
    }
  }

  /// Posts the part of a block that is written in `round`: a range along its slowest dimension.
  private func post(_ values: OutputValues, to variable: CInt, round: Int) throws(OutputError) {
    var start = Array(block.start.reversed())
    var count = Array(block.count.reversed())
    let lower = count[0] * round / rounds
    let upper = count[0] * (round + 1) / rounds
    let plane = count[1...].reduce(1, *)
    start[0] += lower
    count[0] = upper - lower
    if count[0] * plane == 0 { return }
    try library.post(
      values, offset: lower * plane, to: variable, start: [recordCount] + start, count: [1] + count)
  }

  /// Finishes the file: sets the fingerprint, flushes to the disk, and gives the file its name. Collective.
  /// - Parameter fingerprint: 16 hexadecimal digits.
  /// - Throws: `OutputError`, the same on all ranks; call `abandon()` then.
  package func close(fingerprint: String) throws(OutputError) {
    precondition(isOpen, "the file is closed")
    precondition(fingerprint.utf8.count == NetCDFDefinition.fingerprintPlaceholder.utf8.count, "16 digits")
    try group.agreed { () throws(OutputError) in
      try library.put(attribute: "fingerprint", fingerprint, of: NC_GLOBAL)
    }
    try group.agreed { () throws(OutputError) in
      isOpen = false
      try library.check(ncmpi_close(library.id), "close the file")
    }
    try group.agreed { () throws(OutputError) in
      if group.rank != 0 { return }
      try checkSize(recordOffset + recordCount * recordBytes, action: "close the file")
      if fsync(descriptor) != 0 { throw OutputError(path: path, action: "flush the file to the disk", errno: errno) }
      Glibc.close(descriptor)
      descriptor = -1
      if rename(partial, path) != 0 { throw OutputError(path: path, action: "give the file its name", errno: errno) }
    }
    isFinished = true
  }

  /// Brings all records to the disk. Collective.
  /// - Returns: which file this is, for a run that continues it; on rank 0 only.
  /// - Throws: `OutputError`, the same on all ranks.
  func flush() throws(OutputError) -> NetCDFIdentity? {
    let action = "flush the file to the disk"
    try group.agreed { () throws(OutputError) in try library.check(ncmpi_sync(library.id), action) }
    try group.agreed { () throws(OutputError) in
      guard group.rank == 0 else { return }
      try checkSize(recordOffset + recordCount * recordBytes, action: action)
      if fsync(descriptor) != 0 { throw OutputError(path: path, action: action, errno: errno) }
      if identity == nil {
        identity = NetCDFIdentity(descriptor: descriptor, headerBytes: recordOffset, recordBytes: recordBytes)
        guard identity != nil else { throw OutputError(path: path, action: action, reason: "its header is not there") }
      }
    }
    return identity
  }

  /// Closes the file and leaves it under its temporary name, for a run that continues it. Collective.
  func suspend() {
    guard isOpen else { return }
    isOpen = false
    isFinished = true
    _ = ncmpi_cancel(library.id, NC_REQ_ALL, nil, nil)
    _ = ncmpi_close(library.id)
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Reserves disk space for bytes to come, on rank 0. MPI-IO reports a full disk late and unclearly, if at all.
  private func reserve(from offset: Int, bytes: Int, action: String) throws(OutputError) {
    if !reservesSpace || bytes == 0 { return }
    try DiskFile.reserve(descriptor, from: offset, bytes: bytes, path: path, action: action)
  }

  /// Makes sure that the file holds `bytes` bytes, on rank 0.
  private func checkSize(_ bytes: Int, action: String) throws(OutputError) {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw OutputError(path: path, action: action, errno: errno) }
    if status.st_size >= bytes { return }
    try library.check(NC_EWRITE, action, needed: recordBytes)
  }

  /// Gives the file up: closes it and removes what was written. Collective; does nothing after a successful `close`.
  package func abandon() {
    if isOpen {
      isOpen = false
      // Nothing is left to be told about a file that is thrown away.
      _ = ncmpi_cancel(library.id, NC_REQ_ALL, nil, nil)
      _ = ncmpi_abort(library.id)
    }
    if descriptor >= 0 {
      Glibc.close(descriptor)
      descriptor = -1
    }
    if group.rank == 0 && !isFinished { unlink(partial) }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }
}
