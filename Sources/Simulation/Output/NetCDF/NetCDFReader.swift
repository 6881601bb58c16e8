internal import CPnetCDF

extension NetCDFFile {
  /// Reads a numeric variable, for comparisons of small files, on the calling process alone.
  /// - Parameters:
  ///   - path: the file.
  ///   - variable: the name of the variable.
  ///   - record: the index of the record, for a variable over time; nil for all records.
  /// - Returns: the values as Double, in the order of the file.
  /// - Throws: `OutputError` if the file, the variable or the record is not there.
  package static func read(_ path: String, variable: String, record: Int? = nil) throws(OutputError) -> [Double] {
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
      var values = [Double](repeating: 0, count: Int(count.reduce(1, *)))
      try NetCDFLibrary.check(
        ncmpi_get_vara_double_all(id, variableID, start, count, &values), path: path, action: action)
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
