internal import Glibc
import MPI
import Threads

/// Ranks and threads, and the hosts that they are on: so many ranks on each host, so many threads in each rank.
package struct Placing: Hashable, CustomStringConvertible {
  package let hosts: Int
  package let ranksPerHost: Int
  package let threads: Int

  package init(hosts: Int = 1, ranksPerHost: Int, threads: Int) {
    (self.hosts, self.ranksPerHost, self.threads) = (hosts, ranksPerHost, threads)
  }

  package var ranks: Int { hosts * ranksPerHost }
  /// Cores that are at work.
  package var workers: Int { ranks * threads }
  /// "4 x 16".
  package var description: String { "\(ranks) x \(threads)" }
}

/// How programs are started at a placing: with the launcher of the MPI that this program was built with, or, inside a
/// Slurm allocation, with Slurm's.
struct Starter {
  private enum Kind {
    case openMPI(String, binds: Bool)
    case mpich(String)
    case srun
    case openMPIInSlurm(String)
    case template([String])
  }

  private let kind: Kind
  /// Hosts of the allocation, and cores that may be used on each.
  let hosts: Int
  let coresPerHost: Int
  /// This program's own file.
  let program: String

  /// - Parameter template: the launcher as the user wants it, with {ranks}, {threads}, {hosts} and {ranks_per_host} to be
  ///   replaced; nil to find it out.
  init(template: String?) {
    program = Self.ownPath
    let isInSlurm = Self.variable("SLURM_JOB_ID") != nil
    let number = { (name: String) in Self.variable(name).flatMap { Int($0) } }
    hosts = isInSlurm ? max(1, number("SLURM_JOB_NUM_NODES") ?? 1) : 1
    let perTask = number("SLURM_CPUS_PER_TASK").map { $0 * (number("SLURM_NTASKS_PER_NODE") ?? 1) }
    let allocated = isInSlurm ? perTask ?? number("SLURM_CPUS_ON_NODE") : nil
    coresPerHost = max(1, allocated ?? Machine.shared.allowedCores.count)
    let isOpenMPI = libraryVersion().contains("Open MPI")
    let mpirun = { (name: String) in Self.isOnPath(name) ? name : "mpirun" }
    if let template {
      kind = .template(template.split(separator: " ").map(String.init))
    } else if isInSlurm, Self.isOnPath("srun"), Self.srunKnowsPMIx() {
      kind = .srun
    } else if !isOpenMPI {
      kind = .mpich(mpirun("mpirun.mpich"))
    } else if isInSlurm {
      kind = .openMPIInSlurm(mpirun("mpirun.openmpi"))
    } else {
      // The launcher would bind to cores that this process was not left.
      let binds = Machine.shared.allowedCores == Machine.shared.hostCores
      kind = .openMPI(mpirun("mpirun.openmpi"), binds: binds)
    }
  }

  /// What tables and messages call it.
  var name: String {
    switch kind {
    case .openMPI(let name, _), .mpich(let name), .openMPIInSlurm(let name): name
    case .srun: "srun"
    case .template(let words): words.first ?? ""
    }
  }

  /// Whether more ranks and threads than cores can be started: a batch system refuses them.
  var canCrowd: Bool {
    switch kind {
    case .openMPI, .mpich: true
    case .srun, .openMPIInSlurm, .template: false
    }
  }

  /// The launcher's words in front of the program's.
  func launch(_ placing: Placing) -> [String] {
    let (ranks, threads) = ("\(placing.ranks)", "\(placing.threads)")
    switch kind {
    // More threads than cores share them.
    case .openMPI(let name, true) where placing.workers > coresPerHost:
      return [name, "-np", ranks, "--oversubscribe", "--bind-to", "none"]
    case .mpich(let name) where placing.workers > coresPerHost: return [name, "-np", ranks]
    case .openMPI(let name, true): return [name, "-np", ranks, "--map-by", "slot:PE=\(threads)", "--bind-to", "core"]
    case .openMPI(let name, false): return [name, "-np", ranks, "--oversubscribe", "--bind-to", "none"]
    case .mpich(let name): return [name, "-np", ranks, "-bind-to", "core:\(threads)"]
    case .openMPIInSlurm(let name):
      return [
        name, "-np", ranks, "--map-by", "ppr:\(placing.ranksPerHost):node:PE=\(threads)", "--bind-to", "core",
      ]
    case .srun:
      return [
        "srun", "--mpi=pmix", "--nodes=\(placing.hosts)", "--ntasks=\(ranks)",
        "--ntasks-per-node=\(placing.ranksPerHost)", "--cpus-per-task=\(threads)", "--cpu-bind=cores",
        "--distribution=block", "--kill-on-bad-exit=1",
      ]
    case .template(let words):
      let known = [
        ("{ranks}", ranks), ("{threads}", threads), ("{hosts}", "\(placing.hosts)"),
        ("{ranks_per_host}", "\(placing.ranksPerHost)"),
      ]
      return words.map { word in known.reduce(word) { $0.replacing($1.0, with: $1.1) } }
    }
  }

  /// Runs this program at a placing.
  func run(_ placing: Placing, _ arguments: [String]) throws(ChildError) -> Child {
    try start(launch(placing) + [program] + arguments)
  }

  /// Runs this program alone.
  func run(_ arguments: [String]) throws(ChildError) -> Child { try start([program] + arguments) }

  private func start(_ command: [String]) throws(ChildError) -> Child {
    // The job's own counts would contradict those that are asked for.
    let counts = [
      "SLURM_NTASKS", "SLURM_NPROCS", "SLURM_NTASKS_PER_NODE", "SLURM_TASKS_PER_NODE", "SLURM_CPUS_PER_TASK",
      "SLURM_MEM_PER_CPU",
      "SRUN_CPUS_PER_TASK", "OMP_NUM_THREADS",
    ].map { $0 + "=" }
    // Open MPI refuses root unless it is told twice; a container often has no other user.
    let root = ["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"].map { ($0, "1") }
    return try Child.run(command, removing: counts, setting: getuid() == 0 ? root : [])
  }

  /// Whether this process is one of those that a launcher started, so that it cannot start others in turn.
  static var isUnderLauncher: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"].contains { variable($0) != nil }
      || (variable("SLURM_STEP_ID") != nil && variable("SLURM_STEP_NUM_TASKS") ?? "1" != "1")
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func isOnPath(_ name: String) -> Bool {
    (variable("PATH") ?? "").split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  private static func srunKnowsPMIx() -> Bool {
    guard let list = try? Child.run(["srun", "--mpi=list"], limit: 30) else { return false }
    return (list.output + list.errors).contains("pmix")
  }

  private static var ownPath: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, 4095)
    return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
