// Vectors of floating-point lanes, one instruction each, for the widths that the engine uses. Every operation is one
// function, so no compiler fuses a multiplication with an addition: a cell's bits never depend on how code was inlined.
// Header only: each function is inlined into its caller.
#pragma once

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#define LANES_INLINE static inline __attribute__((always_inline))

#define LANES(NAME, SCALAR, COUNT)                                                                                 \
  typedef SCALAR lanes_##NAME __attribute__((ext_vector_type(COUNT)));                                             \
  typedef SCALAR lanes_loose_##NAME __attribute__((ext_vector_type(COUNT), aligned(__alignof__(SCALAR))));         \
  LANES_INLINE lanes_##NAME lanes_load_##NAME(const SCALAR *from) { return *(const lanes_loose_##NAME *)from; }    \
  LANES_INLINE void lanes_store_##NAME(lanes_##NAME v, SCALAR *to) { *(lanes_loose_##NAME *)to = v; }              \
  /* Past the caches; `to` is aligned to 64 bytes. */                                                              \
  LANES_INLINE void lanes_stream_##NAME(lanes_##NAME v, SCALAR *to) {                                              \
    __builtin_nontemporal_store(v, (lanes_##NAME *)to);                                                            \
  }                                                                                                                \
  LANES_INLINE lanes_##NAME lanes_add_##NAME(lanes_##NAME a, lanes_##NAME b) { return a + b; }                     \
  LANES_INLINE lanes_##NAME lanes_sub_##NAME(lanes_##NAME a, lanes_##NAME b) { return a - b; }                     \
  LANES_INLINE lanes_##NAME lanes_mul_##NAME(lanes_##NAME a, lanes_##NAME b) { return a * b; }                     \
  LANES_INLINE lanes_##NAME lanes_div_##NAME(lanes_##NAME a, lanes_##NAME b) { return a / b; }                     \
  LANES_INLINE lanes_##NAME lanes_fma_##NAME(lanes_##NAME a, lanes_##NAME b, lanes_##NAME c) {                     \
    return __builtin_elementwise_fma(a, b, c);                                                                     \
  }                                                                                                                \
  LANES_INLINE lanes_##NAME lanes_min_##NAME(lanes_##NAME a, lanes_##NAME b) {                                     \
    return __builtin_elementwise_min(a, b);                                                                        \
  }                                                                                                                \
  LANES_INLINE lanes_##NAME lanes_max_##NAME(lanes_##NAME a, lanes_##NAME b) {                                     \
    return __builtin_elementwise_max(a, b);                                                                        \
  }                                                                                                                \
  LANES_INLINE lanes_##NAME lanes_abs_##NAME(lanes_##NAME a) { return __builtin_elementwise_abs(a); }             \
  LANES_INLINE lanes_##NAME lanes_sqrt_##NAME(lanes_##NAME a) { return __builtin_elementwise_sqrt(a); }           \
  /* Lane by lane `a` where x < y, else `b`, also where either is NaN. */                                          \
  LANES_INLINE lanes_##NAME lanes_choose_less_##NAME(                                                              \
      lanes_##NAME x, lanes_##NAME y, lanes_##NAME a, lanes_##NAME b) {                                            \
    lanes_mask_##NAME mask = x < y;                                                                                \
    return (lanes_##NAME)((mask & (lanes_mask_##NAME)a) | (~mask & (lanes_mask_##NAME)b));                         \
  }                                                                                                                \
  LANES_INLINE int lanes_any_less_##NAME(lanes_##NAME x, lanes_##NAME y) {                                         \
    lanes_mask_##NAME mask = x < y;                                                                                \
    return __builtin_reduce_or(mask) != 0;                                                                         \
  }                                                                                                                \
  /* The first `count` lanes of `a`, the others of `b`. */                                                         \
  LANES_INLINE lanes_##NAME lanes_keep_first_##NAME(lanes_##NAME a, long count, lanes_##NAME b) {                  \
    lanes_mask_##NAME mask = lanes_numbers_##NAME < (lanes_mask_##NAME)(lanes_bits_##NAME)count;                   \
    return (lanes_##NAME)((mask & (lanes_mask_##NAME)a) | (~mask & (lanes_mask_##NAME)b));                         \
  }

typedef long lanes_bits_double8;
typedef int lanes_bits_float16;
typedef long lanes_mask_double8 __attribute__((ext_vector_type(8)));
typedef int lanes_mask_float16 __attribute__((ext_vector_type(16)));
static const lanes_mask_double8 lanes_numbers_double8 = {0, 1, 2, 3, 4, 5, 6, 7};
static const lanes_mask_float16 lanes_numbers_float16 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

LANES(double8, double, 8)
LANES(float16, float, 16)

// The power of two that brings a normal number above 0 to 1 ..< 2: the exponent with the other sign.
LANES_INLINE lanes_double8 lanes_unit_double8(lanes_double8 a) {
  return (lanes_double8)(0x7FE0000000000000L - ((lanes_mask_double8)a & 0x7FF0000000000000L));
}
LANES_INLINE lanes_float16 lanes_unit_float16(lanes_float16 a) {
  return (lanes_float16)(0x7F000000 - ((lanes_mask_float16)a & 0x7F800000));
}

LANES_INLINE lanes_double8 lanes_reverse_double8(lanes_double8 v) {
  return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
}
LANES_INLINE lanes_float16 lanes_reverse_float16(lanes_float16 v) {
  return __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// The cells `x` places from those at `from`. A vector that crosses a cache line costs two loads: where vectors are as wide
// as lines, two lines are loaded whole instead and shifted, and the one that other cells need too is loaded once.
#if defined(__AVX512F__)
#define LANES_SHIFTED(NAME, SCALAR, COUNT, X, ...)                                                                  \
  case X: {                                                                                                         \
    const SCALAR *low = X < 0 ? from - COUNT : from;                                                                \
    return __builtin_shufflevector(lanes_load_##NAME(low), lanes_load_##NAME(low + COUNT), __VA_ARGS__);            \
  }
LANES_INLINE lanes_double8 lanes_load_near_double8(const double *from, long x) {
  switch (x) {
    LANES_SHIFTED(double8, double, 8, -3, 5, 6, 7, 8, 9, 10, 11, 12)
    LANES_SHIFTED(double8, double, 8, -2, 6, 7, 8, 9, 10, 11, 12, 13)
    LANES_SHIFTED(double8, double, 8, -1, 7, 8, 9, 10, 11, 12, 13, 14)
    LANES_SHIFTED(double8, double, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8)
    LANES_SHIFTED(double8, double, 8, 2, 2, 3, 4, 5, 6, 7, 8, 9)
    LANES_SHIFTED(double8, double, 8, 3, 3, 4, 5, 6, 7, 8, 9, 10)
    default: return lanes_load_double8(from + x);
  }
}
LANES_INLINE lanes_float16 lanes_load_near_float16(const float *from, long x) {
  switch (x) {
    LANES_SHIFTED(float16, float, 16, -3, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28)
    LANES_SHIFTED(float16, float, 16, -2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)
    LANES_SHIFTED(float16, float, 16, -1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
    LANES_SHIFTED(float16, float, 16, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    LANES_SHIFTED(float16, float, 16, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    LANES_SHIFTED(float16, float, 16, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
    default: return lanes_load_float16(from + x);
  }
}
#else
LANES_INLINE lanes_double8 lanes_load_near_double8(const double *from, long x) { return lanes_load_double8(from + x); }
LANES_INLINE lanes_float16 lanes_load_near_float16(const float *from, long x) { return lanes_load_float16(from + x); }
#endif
/// The lesser and the greater of each pair of lanes, `b` where they are equal or either is NaN: one instruction, where the
/// forms above, which look for NaN, take three.
LANES_INLINE lanes_double8 lanes_lesser_double8(lanes_double8 a, lanes_double8 b) {
#if defined(__AVX512F__)
  return (lanes_double8)_mm512_min_pd((__m512d)a, (__m512d)b);
#else
  return lanes_choose_less_double8(a, b, a, b);
#endif
}
LANES_INLINE lanes_double8 lanes_greater_double8(lanes_double8 a, lanes_double8 b) {
#if defined(__AVX512F__)
  return (lanes_double8)_mm512_max_pd((__m512d)a, (__m512d)b);
#else
  return lanes_choose_less_double8(b, a, a, b);
#endif
}
LANES_INLINE lanes_float16 lanes_lesser_float16(lanes_float16 a, lanes_float16 b) {
#if defined(__AVX512F__)
  return (lanes_float16)_mm512_min_ps((__m512)a, (__m512)b);
#else
  return lanes_choose_less_float16(a, b, a, b);
#endif
}
LANES_INLINE lanes_float16 lanes_greater_float16(lanes_float16 a, lanes_float16 b) {
#if defined(__AVX512F__)
  return (lanes_float16)_mm512_max_ps((__m512)a, (__m512)b);
#else
  return lanes_choose_less_float16(b, a, a, b);
#endif
}

/// The lanes of `v` moved down by one, the last one filled with the first one of `next`.
LANES_INLINE lanes_double8 lanes_shift_double8(lanes_double8 v, lanes_double8 next) {
  return __builtin_shufflevector(v, next, 1, 2, 3, 4, 5, 6, 7, 8);
}
LANES_INLINE lanes_float16 lanes_shift_float16(lanes_float16 v, lanes_float16 next) {
  return __builtin_shufflevector(v, next, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
}

/// Stores the first `count` lanes only; cells behind them belong to others and are not touched.
LANES_INLINE void lanes_store_first_double8(lanes_double8 v, double *to, long count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), (__m512d)v);
#else
  for (long i = 0; i < count; ++i) to[i] = v[i];
#endif
}
LANES_INLINE void lanes_store_first_float16(lanes_float16 v, float *to, long count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)v);
#else
  for (long i = 0; i < count; ++i) to[i] = v[i];
#endif
}

/// Asks for a cache line to be brought into the second-level cache.
LANES_INLINE void lanes_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

/// Asks for a cache line that will be written.
LANES_INLINE void lanes_prefetch_to_write(void *address) { __builtin_prefetch(address, 1, 3); }

/// Orders streamed stores before whatever follows.
LANES_INLINE void lanes_fence(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#else
  __sync_synchronize();
#endif
}

/// Bits of the widest vector register that this was compiled for.
LANES_INLINE int lanes_instruction_bits(void) {
#if defined(__AVX512F__)
  return 512;
#elif defined(__AVX__)
  return 256;
#else
  return 128;
#endif
}
