#pragma once
#include <hwloc.h>

/// Tells the core that this is a waiting loop.
static inline void cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
