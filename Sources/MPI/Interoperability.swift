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

extension Datatype {
  /// The C handle, valid while this value lives.
  public var rawHandle: MPI_Datatype { handle }
}

extension AnyWindow {
  /// The C handle, valid until the window is freed. Epochs that are opened through it are unknown here.
  public var rawHandle: MPI_Win { handle }
}

extension File {
  /// The C handle, for another library that uses the file, valid until it is closed.
  public var rawHandle: MPI_File { openHandle }
}
