// Vector stores that Swift has no spelling for. Header only: every function is inlined into its caller.
#pragma once

typedef double lanes_double8 __attribute__((ext_vector_type(8)));
typedef float lanes_float16 __attribute__((ext_vector_type(16)));

/// Stores eight doubles past the caches. `address` must be aligned to 64 bytes.
static inline __attribute__((always_inline)) void lanes_stream_double8(lanes_double8 value, double *address) {
  __builtin_nontemporal_store(value, (lanes_double8 *)address);
}

/// Stores sixteen floats past the caches. `address` must be aligned to 64 bytes.
static inline __attribute__((always_inline)) void lanes_stream_float16(lanes_float16 value, float *address) {
  __builtin_nontemporal_store(value, (lanes_float16 *)address);
}

/// Orders streamed stores before whatever follows. The caller of streamed stores runs it before other threads may read.
static inline void lanes_fence(void) { __builtin_ia32_sfence(); }
