import MPI
import Testing

@Suite struct LauncherTests {
  private func sentence(_ variables: [String: String], size: Int = 1, isOpenMPI: Bool = true) -> String? {
    sentenceForMismatch(size: size, isOpenMPI: isOpenMPI) { variables[$0] }
  }

  @Test func properRunsAreNotQuestioned() {
    #expect(sentence([:]) == nil)
    #expect(sentence(["OMPI_COMM_WORLD_SIZE": "1", "PMIX_RANK": "0"]) == nil)
    #expect(sentence(["OMPI_COMM_WORLD_SIZE": "4", "PMIX_RANK": "2"], size: 4) == nil)
    #expect(sentence(["PMI_SIZE": "1", "PMI_RANK": "0"], isOpenMPI: false) == nil)
    // A plain start from a batch script of several tasks, and mpirun with one rank inside it.
    #expect(sentence(["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]) == nil)
    #expect(
      sentence(["SLURM_NTASKS": "8", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "OMPI_COMM_WORLD_SIZE": "1"]) == nil)
    // srun with one task in an allocation of several.
    #expect(
      sentence([
        "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "PMIX_RANK": "0",
      ]) == nil)
  }

  @Test func theOtherLibrarysLauncherIsNamed() throws {
    let open = try #require(sentence(["PMI_SIZE": "4", "PMI_RANK": "3"]))
    #expect(open.hasPrefix("The mpirun of MPICH started 4 processes") && open.contains("mpirun.openmpi"))
    let mpich = try #require(sentence(["OMPI_COMM_WORLD_SIZE": "3", "PMIX_RANK": "0"], isOpenMPI: false))
    #expect(mpich.hasPrefix("The mpirun of Open MPI started 3 processes") && mpich.contains("mpirun.mpich"))
  }

  @Test func slurmWithoutItsPluginIsNamed() throws {
    let step = ["SLURM_NTASKS": "8", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0"]
    let text = try #require(sentence(step))
    #expect(text.hasPrefix("srun started 8 processes") && text.contains("srun --mpi=pmix"))
    #expect(sentence(step.merging(["SLURM_STEP_NUM_TASKS": "5"]) { $1 })?.contains("5 processes") == true)
    #expect(sentence(["PMIX_RANK": "2"])?.contains("several processes") == true)
  }

  @Test func theFirstProcessSpeaksForAll() {
    #expect(isFirstOfLauncher { _ in nil })
    #expect(isFirstOfLauncher { ["PMI_RANK": "0", "SLURM_PROCID": "0"][$0] })
    #expect(!isFirstOfLauncher { ["PMI_RANK": "2"][$0] })
    #expect(!isFirstOfLauncher { ["OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"][$0] })
  }
}
