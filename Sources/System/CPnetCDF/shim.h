#pragma once
#include <errno.h>
#include <pnetcdf.h>
#include <sys/syscall.h>
#include <unistd.h>

// PnetCDF's calls take MPI objects that C spells as macros with casts, which Swift cannot see: these functions name
// them.

static inline MPI_Comm output_comm_self(void) { return MPI_COMM_SELF; }
static inline MPI_Info output_info_null(void) { return MPI_INFO_NULL; }

// fallocate(2), which the C library declares for _GNU_SOURCE only. posix_fallocate is not the same: where the file
// system cannot reserve, it writes to every block instead. Returns 0 or the errno.
static inline int output_reserve(int descriptor, long offset, long bytes) {
  return syscall(SYS_fallocate, descriptor, 0, offset, bytes) == 0 ? 0 : errno;
}
