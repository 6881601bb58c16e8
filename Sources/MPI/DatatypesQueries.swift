// What MPI knows about a datatype.

internal import CMPI

extension Datatype {
  /// How many bytes of data an element holds, without gaps. The corresponding MPI function is `MPI_Type_size_x`.
  public var size: Int {
    get throws(MPIError) {
      var size: MPI_Count = 0
      try check("MPI_Type_size_x") { MPI_Type_size_x(handle, &size) }
      return Int(size)
    }
  }

  /// Where an element begins and ends, in bytes from its address, gaps at either end included. The next element of
  /// several begins as many bytes later as this range is long.
  ///
  /// The corresponding MPI function is `MPI_Type_get_extent_x`.
  public var extent: Range<Int> {
    get throws(MPIError) {
      var (lowest, extent): (MPI_Count, MPI_Count) = (0, 0)
      try check("MPI_Type_get_extent_x") { MPI_Type_get_extent_x(handle, &lowest, &extent) }
      return Int(lowest)..<Int(lowest + extent)
    }
  }

  /// Where the data of an element begins and ends, in bytes from its address.
  ///
  /// The corresponding MPI function is `MPI_Type_get_true_extent_x`.
  public var trueExtent: Range<Int> {
    get throws(MPIError) {
      var (lowest, extent): (MPI_Count, MPI_Count) = (0, 0)
      try check("MPI_Type_get_true_extent_x") { MPI_Type_get_true_extent_x(handle, &lowest, &extent) }
      return Int(lowest)..<Int(lowest + extent)
    }
  }

  /// The name that MPI's messages use: that of the C type, or the one that `setName` gave.
  ///
  /// The corresponding MPI function is `MPI_Type_get_name`.
  public var name: String {
    get throws(MPIError) {
      var code: CInt = 0
      let name = stringFromMPI(capacity: Int(MPI_MAX_OBJECT_NAME)) { text, length in
        code = MPI_Type_get_name(handle, text, length)
        return code
      }
      try check("MPI_Type_get_name") { code }
      return name
    }
  }

  /// Names the datatype in MPI's messages. Meant for those that a program makes: the name is every copy's.
  ///
  /// The corresponding MPI function is `MPI_Type_set_name`.
  public func setName(_ name: String) throws(MPIError) {
    try check("MPI_Type_set_name") { MPI_Type_set_name(handle, name) }
  }
}
