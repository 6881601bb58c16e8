// The way out to C, for libraries that take an MPI handle. The only file whose interface needs the C types.

public import CMPI

extension AnyCommunicator {
  /// The C handle, for another library that communicates over it, valid while this object lives.
  public var rawHandle: MPI_Comm { handle }
}

extension Info {
  /// The C handle, for another library that takes hints, valid while this value lives and is not changed.
  public var rawHandle: MPI_Info { handle }
}
