// MPI
