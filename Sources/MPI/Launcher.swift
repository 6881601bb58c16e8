// Whether the processes were started together or, by the wrong launcher, each on its own.

internal import CMPI
internal import Glibc

extension Communicator {
  /// A sentence to print when this process runs alone although a launcher started it as one of several, which happens
  /// with the launcher of another MPI library and with `srun` without its PMIx plugin; nil when all is well.
  ///
  /// Meant for the communicator of all processes; any process may call it alone. `withMPI` prints it as a warning. No MPI function corresponds to it.
  public var launcherMismatch: String? {
    sentenceForMismatch(size: size, isOpenMPI: cmpi_is_open_mpi() != 0, variable: environmentVariable)
  }
}

internal func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Whether this process is the first that its launcher started, as far as the variables that launchers set tell.
package func isFirstOfLauncher(_ variable: (String) -> String?) -> Bool {
  ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID"].allSatisfy { (variable($0) ?? "0") == "0" }
}

/// Judges the variables that launchers set, given what MPI says the number of processes is.
package func sentenceForMismatch(size: Int, isOpenMPI: Bool, variable: (String) -> String?) -> String? {
  guard size == 1 else { return nil }
  func number(_ name: String) -> Int? { variable(name).flatMap { Int($0) } }

  let library = isOpenMPI ? "Open MPI" : "MPICH"
  let other = isOpenMPI ? "MPICH" : "Open MPI"
  let remedy =
    isOpenMPI
    ? "Start it with Open MPI's mpirun (mpirun.openmpi on Debian) or with srun --mpi=pmix."
    : "Start it with MPICH's mpirun (mpirun.mpich on Debian) or with srun --mpi=pmi2."
  func sentence(_ count: Int?, by launcher: String) -> String {
    let processes = count.map { "\($0) processes" } ?? "several processes"
    return "\(launcher) started \(processes) that do not know of each other: each does the whole work alone, because "
      + "this program was built with \(library). \(remedy)"
  }

  // The variable of the library's own launcher is the one that it obeys.
  let own = number(isOpenMPI ? "OMPI_COMM_WORLD_SIZE" : "PMI_SIZE")
  if own == 1 { return nil }
  let foreign = number(isOpenMPI ? "PMI_SIZE" : "OMPI_COMM_WORLD_SIZE")
  let isSlurmStep = variable("SLURM_PROCID") != nil && variable("SLURM_STEP_ID") != nil
  let tasks = number("SLURM_STEP_NUM_TASKS") ?? number("SLURM_NTASKS")
  if isSlurmStep, let tasks, tasks > 1 { return sentence(tasks, by: "srun") }
  if let foreign, foreign > 1 { return sentence(foreign, by: "The mpirun of \(other)") }
  if let own, own > 1 { return sentence(own, by: "A launcher of \(library) that this program cannot reach") }
  if let rank = number("PMIX_RANK"), rank > 0 { return sentence(nil, by: "A PMIx launcher") }
  return nil
}
