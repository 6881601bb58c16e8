import CPnetCDF
import Glibc

/// The ranks of the test process: one under `swift test`, several where the test bundle is started by mpirun.
enum World {
  private static let isStarted: Bool = {
    // ROMIO is the MPI-IO that a run uses; it is chosen before MPI starts.
    setenv("OMPI_MCA_io", "romio321", 0)
    // Tests move between threads, one call at a time.
    var provided: CInt = 0
    MPI_Init_thread(nil, nil, CInt(MPI_THREAD_SERIALIZED), &provided)
    atexit { MPI_Finalize() }
    return provided >= CInt(MPI_THREAD_SERIALIZED)
  }()

  static var communicator: OpaquePointer {
    precondition(isStarted, "MPI offers no calls from several threads")
    return output_comm_world()
  }

  static var rank: Int {
    var rank: CInt = 0
    MPI_Comm_rank(communicator, &rank)
    return Int(rank)
  }

  static var size: Int {
    var size: CInt = 0
    MPI_Comm_size(communicator, &size)
    return Int(size)
  }

  static func barrier() { MPI_Barrier(communicator) }

  /// A communicator of the first `size` ranks, and whether the caller is one of them.
  static func first(_ size: Int) -> (communicator: OpaquePointer, isMember: Bool) {
    var part: OpaquePointer?
    MPI_Comm_split(communicator, rank < size ? 0 : 1, CInt(rank), &part)
    return (part!, rank < size)
  }
}

/// Whether this process is the one that runs the tests of what a single rank does.
let isFirstRank = getenv("OMPI_COMM_WORLD_RANK").map { String(cString: $0) == "0" } ?? true
