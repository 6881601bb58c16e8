internal import CPnetCDF
import MPI

extension NetCDFFile {
  /// The size of a file, in bytes, but for texts that exceed a few kB.
  /// - Parameters:
  ///   - grid: the global grid.
  ///   - fields: the variables over (time, z, y, x).
  ///   - series: the variables over (time).
  ///   - records: the number of output times.
  package static func expectedBytes(
    grid: OutputGrid, fields: [OutputVariable], series: [OutputVariable] = [], records: Int
  ) -> Int {
    let record = 8 + fields.reduce(0) { $0 + $1.bytes * grid.cellCount } + series.reduce(0) { $0 + $1.bytes }
    return 8192 + grid.cells.reduce(0) { $0 + 24 * $1 } + records * record
  }

  /// Checks before a run starts that the file can be written. Collective: rank 0 looks, and all are told the same.
  /// - Returns: a warning where the disk has less free space than `expectedBytes`, else nil; the same on all ranks.
  /// - Throws: `OutputError` as `OutputPath.check` does, the same on all ranks.
  package static func check(
    _ path: String, communicator: Communicator, expectedBytes: Int
  ) throws(OutputError) -> String? {
    let group = OutputGroup(communicator: communicator, path: path)
    let warning = try group.agreed { () throws(OutputError) in
      group.rank == 0 ? try OutputPath.check(path, extensions: ["nc"], expectedBytes: expectedBytes) : nil
    }
    let shared = try group.broadcast([warning ?? ""], from: 0)[0]
    return shared.isEmpty ? nil : shared
  }

  /// Reads a numeric variable on the calling process alone, for comparisons and pictures.
  /// - Parameters:
  ///   - path: the file.
  ///   - variable: the name of the variable.
  ///   - record: the index of the record, for a variable over time; nil for all records.
  ///   - slice: the one index to be read along an axis (0 is x), for a field; nil for all of it.
  /// - Returns: the values as Double, in the order of the file.
  /// - Throws: `OutputError` if the file, the variable or the record is not there.
  package static func read(
    _ path: String, variable: String, record: Int? = nil, slice: (axis: Int, index: Int)? = nil
  ) throws(OutputError) -> [Double] {
    try withOpenFile(path) { id throws(OutputError) in
      let action = "read the variable \(variable)"
      var variableID: CInt = -1
      try NetCDFLibrary.check(ncmpi_inq_varid(id, variable, &variableID), path: path, action: action)
      var dimensionCount: CInt = 0
      try NetCDFLibrary.check(ncmpi_inq_varndims(id, variableID, &dimensionCount), path: path, action: action)
      var dimensions = [CInt](repeating: 0, count: Int(dimensionCount))
      try NetCDFLibrary.check(ncmpi_inq_vardimid(id, variableID, &dimensions), path: path, action: action)
      var start = [MPI_Offset](repeating: 0, count: dimensions.count)
      var count = start
      for (index, dimension) in dimensions.enumerated() {
        try NetCDFLibrary.check(ncmpi_inq_dimlen(id, dimension, &count[index]), path: path, action: action)
      }
      if let record { (start[0], count[0]) = (MPI_Offset(record), 1) }
      if let slice {
        let dimension = dimensions.count - 1 - slice.axis
        (start[dimension], count[dimension]) = (MPI_Offset(slice.index), 1)
      }
      var values = [Double](repeating: 0, count: Int(count.reduce(1, *)))
      try NetCDFLibrary.check(
        ncmpi_get_vara_double_all(id, variableID, start, count, &values), path: path, action: action)
      return values
    }
  }

  /// A dimension of a variable.
  struct Dimension {
    let name: String
    let count: Int
    /// Whether a variable of the dimension's name has its coordinates.
    let hasCoordinates: Bool
  }

  /// The dimensions of a variable, in the order of the file, on the calling process alone.
  /// - Throws: `OutputError` if the file or the variable is not there.
  static func dimensions(_ path: String, of variable: String) throws(OutputError) -> [Dimension] {
    try withOpenFile(path) { id throws(OutputError) in
      let action = "find the variable \(variable)"
      var variableID: CInt = -1
      try NetCDFLibrary.check(ncmpi_inq_varid(id, variable, &variableID), path: path, action: action)
      var count: CInt = 0
      try NetCDFLibrary.check(ncmpi_inq_varndims(id, variableID, &count), path: path, action: action)
      var dimensions = [CInt](repeating: 0, count: Int(count))
      try NetCDFLibrary.check(ncmpi_inq_vardimid(id, variableID, &dimensions), path: path, action: action)
      var found: [Dimension] = []
      for dimension in dimensions {
        var length: MPI_Offset = 0
        var name = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
        try NetCDFLibrary.check(ncmpi_inq_dim(id, dimension, &name, &length), path: path, action: action)
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var coordinate: CInt = -1
        let hasCoordinates = ncmpi_inq_varid(id, text, &coordinate) == NC_NOERR
        found.append(Dimension(name: text, count: Int(length), hasCoordinates: hasCoordinates))
      }
      return found
    }
  }

  /// Reads a box of a numeric variable on the calling process alone, in the order of the file.
  /// - Throws: `OutputError` if the file or the variable is not there, or the box is not inside it.
  static func read(
    _ path: String, variable: String, start: [Int], count: [Int]
  ) throws(OutputError) -> [Double] {
    try withOpenFile(path) { id throws(OutputError) in
      let action = "read the variable \(variable)"
      var variableID: CInt = -1
      try NetCDFLibrary.check(ncmpi_inq_varid(id, variable, &variableID), path: path, action: action)
      var values = [Double](repeating: 0, count: count.reduce(1, *))
      try NetCDFLibrary.check(
        ncmpi_get_vara_double_all(
          id, variableID, start.map { MPI_Offset($0) }, count.map { MPI_Offset($0) }, &values),
        path: path, action: action)
      return values
    }
  }

  /// Reads a text attribute of a variable, or of the file where `variable` is nil, on the calling process alone.
  /// - Throws: `OutputError` if the file, the variable or the attribute is not there.
  package static func readAttribute(
    _ path: String, _ name: String, variable: String? = nil
  ) throws(OutputError) -> String {
    try withOpenFile(path) { id throws(OutputError) in
      let action = "read the attribute \(name)"
      var variableID = NC_GLOBAL
      if let variable {
        try NetCDFLibrary.check(ncmpi_inq_varid(id, variable, &variableID), path: path, action: action)
      }
      var length: MPI_Offset = 0
      try NetCDFLibrary.check(ncmpi_inq_attlen(id, variableID, name, &length), path: path, action: action)
      var bytes = [CChar](repeating: 0, count: Int(length))
      try NetCDFLibrary.check(ncmpi_get_att_text(id, variableID, name, &bytes), path: path, action: action)
      return String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func withOpenFile<Value>(
    _ path: String, _ body: (CInt) throws(OutputError) -> Value
  ) throws(OutputError) -> Value {
    var id: CInt = -1
    let code = ncmpi_open(output_comm_self(), path, NC_NOWRITE, output_info_null(), &id)
    try NetCDFLibrary.check(code, path: path, action: "open the file")
    let outcome: Result<Value, OutputError>
    do { outcome = .success(try body(id)) } catch { outcome = .failure(error) }
    let closed = ncmpi_close(id)
    let value = try outcome.get()
    try NetCDFLibrary.check(closed, path: path, action: "close the file")
    return value
  }
}
