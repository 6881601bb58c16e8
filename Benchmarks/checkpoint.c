// The reference for checkpoints: every rank writes its share of a file in one collective call, and all flush it.
//   mpirun -np R checkpoint FILE BYTES TIMES
// Prints the median of the seconds that a file took, from opening it to closing it. Two files are kept, as a run keeps
// two checkpoints: the third is new on the disk and in memory.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  setenv("OMPI_MCA_io", "romio321", 0);  // ten times as fast as Open MPI's own at many ranks
  MPI_Init(&argc, &argv);
  int rank, size;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (argc != 4) MPI_Abort(MPI_COMM_WORLD, 2);
  long bytes = atol(argv[2]);
  int times = atoi(argv[3]);
  long low = bytes / 8 * rank / size * 8, high = bytes / 8 * (rank + 1) / size * 8;
  char *share = malloc(high - low);
  double *seconds = malloc(times * sizeof *seconds);
  for (int time = 0; time < times; time++) {
    // Other bytes each time: nobody may find them written already.
    for (long i = 0; i < high - low; i++) share[i] = (char)(i * 31 + time);
    char name[4096];
    snprintf(name, sizeof name, "%s.%d", argv[1], time);
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    MPI_File file;
    if (MPI_File_open(MPI_COMM_WORLD, name, MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file))
      MPI_Abort(MPI_COMM_WORLD, 1);
    if (MPI_File_write_at_all(file, low, share, (int)(high - low), MPI_CHAR, MPI_STATUS_IGNORE))
      MPI_Abort(MPI_COMM_WORLD, 1);
    if (MPI_File_sync(file)) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_File_close(&file);
    double own = MPI_Wtime() - start;
    snprintf(name, sizeof name, "%s.%d", argv[1], time - 2);
    if (rank == 0) remove(name);
    MPI_Allreduce(&own, &seconds[time], 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  }
  qsort(seconds, times, sizeof *seconds, ascending);
  if (rank == 0) printf("%.6f\n", seconds[times / 2]);
  for (int time = times - 2; rank == 0 && time < times; time++) {
    char name[4096];
    snprintf(name, sizeof name, "%s.%d", argv[1], time);
    remove(name);
  }
  MPI_Finalize();
}
