#pragma once
// What Linux can do with files and the C library declares for _GNU_SOURCE only.
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// O_DIRECT, whose number differs between processors: reads and writes go past the page cache.
static const int files_direct = __O_DIRECT;

// fallocate(2). posix_fallocate is not the same: where the file system cannot reserve, it writes to every block
// instead. Returns 0 or the errno.
static inline int files_reserve(int descriptor, long offset, long bytes) {
  return syscall(SYS_fallocate, descriptor, 0, offset, bytes) == 0 ? 0 : errno;
}
