internal import CPnetCDF
internal import Glibc

/// One open PnetCDF dataset: every call of the library goes through here, and every return code is checked.
struct NetCDFLibrary {
  let id: CInt
  let path: String

  /// - Throws: `OutputError` if `code` is not NC_NOERR.
  static func check(_ code: CInt, path: String, action: String, needed: Int = 0) throws(OutputError) {
    if code == NC_NOERR { return }
    // MPI-IO turns many causes into "unknown error": a disk without room for what was to be written is the likeliest.
    let ioErrors = [NC_EIO, NC_EFILE, NC_EWRITE, NC_ENO_SPACE, NC_EQUOTA]
    let free = OutputPath.freeBytes(near: path)
    if ioErrors.contains(code), code == NC_ENO_SPACE || (free ?? .max) < max(needed, 1 << 16) {
      throw OutputError(path: path, action: action, errno: ENOSPC)
    }
    if code == NC_EQUOTA { throw OutputError(path: path, action: action, errno: EDQUOT) }
    if code == NC_EACCESS { throw OutputError(path: path, action: action, errno: EACCES) }
    if code == NC_ENOENT { throw OutputError(path: path, action: action, errno: ENOENT) }
    let remedy = code == NC_ERANGE ? "a value is too large for float: look for a diverging run, or write double" : ""
    throw OutputError(path: path, action: action, reason: String(cString: ncmpi_strerror(code)), remedy: remedy)
  }

  func check(_ code: CInt, _ action: String, needed: Int = 0) throws(OutputError) {
    try Self.check(code, path: path, action: action, needed: needed)
  }

  func find(variable name: String) throws(OutputError) -> CInt {
    var variable: CInt = -1
    try check(ncmpi_inq_varid(id, name, &variable), "find the variable \(name)")
    return variable
  }

  func defineDimension(_ name: String, count: Int) throws(OutputError) -> CInt {
    var dimension: CInt = -1
    try check(ncmpi_def_dim(id, name, MPI_Offset(count), &dimension), "define the dimension \(name)")
    return dimension
  }

  func defineVariable(
    _ name: String, type: CInt, dimensions: [CInt], attributes: KeyValuePairs<String, String>
  ) throws(OutputError) -> CInt {
    var variable: CInt = -1
    try check(
      ncmpi_def_var(id, name, type, CInt(dimensions.count), dimensions, &variable), "define the variable \(name)")
    for (key, value) in attributes { try put(attribute: key, value, of: variable) }
    return variable
  }

  /// Sets a text attribute; an empty text sets none.
  func put(attribute: String, _ value: String, of variable: CInt) throws(OutputError) {
    if value.isEmpty { return }
    let bytes = value.utf8.map { CChar(bitPattern: $0) }
    try check(
      ncmpi_put_att_text(id, variable, attribute, MPI_Offset(bytes.count), bytes), "set the attribute \(attribute)")
  }

  /// Posts the writing of a part of a variable; `values` must stay alive until `wait`.
  func post(
    _ values: OutputValues, offset: Int, to variable: CInt, start: [Int], count: [Int]
  ) throws(OutputError) {
    let start = start.map { MPI_Offset($0) }
    let count = count.map { MPI_Offset($0) }
    switch values {
    case .float(let values):
      try check(
        ncmpi_iput_vara_float(id, variable, start, count, values.baseAddress.map { $0 + offset }, nil), "post a write")
    case .double(let values):
      try check(
        ncmpi_iput_vara_double(id, variable, start, count, values.baseAddress.map { $0 + offset }, nil), "post a write")
    }
  }

  /// Writes all that was posted, on all ranks together. The corresponding function is `ncmpi_wait_all`.
  func wait(action: String, needed: Int) throws(OutputError) {
    try check(ncmpi_wait_all(id, NC_REQ_ALL, nil, nil), action, needed: needed)
  }
}
