// The way out to C, for libraries that take an MPI handle. The only file whose interface needs the C types.

public import CMPI

extension Communicator {
  /// The C handle, for another library that communicates over this group, valid while this object lives.
  public var rawHandle: MPI_Comm { handle }
}
