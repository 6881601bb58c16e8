// Elementary functions on the vectors of lanes that the engine uses, from SLEEF, with errors below one unit in the last
// place (u10). The deterministic variants are called, which give a lane's result from that lane alone: those with fused
// multiply-add (finz) wherever the instruction set has it, which agree on all such sets, else those without (cinz).
#pragma once

#include <sleef.h>

typedef double sleef_double8 __attribute__((ext_vector_type(8)));
typedef float sleef_float16 __attribute__((ext_vector_type(16)));

#define SLEEF_INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
#define SLEEF_ONE(NAME, FUNCTION)                                                                        \
  SLEEF_INLINE sleef_double8 sleef_##NAME##_double8(sleef_double8 a) {                                   \
    return (sleef_double8)Sleef_finz_##FUNCTION##d8_u10avx512f((__m512d)a);                              \
  }                                                                                                      \
  SLEEF_INLINE sleef_float16 sleef_##NAME##_float16(sleef_float16 a) {                                   \
    return (sleef_float16)Sleef_finz_##FUNCTION##f16_u10avx512f((__m512)a);                              \
  }
SLEEF_INLINE sleef_double8 sleef_pow_double8(sleef_double8 a, sleef_double8 b) {
  return (sleef_double8)Sleef_finz_powd8_u10avx512f((__m512d)a, (__m512d)b);
}
SLEEF_INLINE sleef_float16 sleef_pow_float16(sleef_float16 a, sleef_float16 b) {
  return (sleef_float16)Sleef_finz_powf16_u10avx512f((__m512)a, (__m512)b);
}
#else
#if defined(__AVX2__) && defined(__FMA__)
#define SLEEF_DOUBLES 4
#define SLEEF_FLOATS 8
#define SLEEF_DOUBLE_VECTOR __m256d
#define SLEEF_FLOAT_VECTOR __m256
#define SLEEF_DOUBLE(FUNCTION) Sleef_finz_##FUNCTION##d4_u10avx2
#define SLEEF_FLOAT(FUNCTION) Sleef_finz_##FUNCTION##f8_u10avx2
#elif defined(__x86_64__)
#define SLEEF_DOUBLES 2
#define SLEEF_FLOATS 4
#define SLEEF_DOUBLE_VECTOR __m128d
#define SLEEF_FLOAT_VECTOR __m128
#define SLEEF_DOUBLE(FUNCTION) Sleef_cinz_##FUNCTION##d2_u10sse2
#define SLEEF_FLOAT(FUNCTION) Sleef_cinz_##FUNCTION##f4_u10sse2
#else
#define SLEEF_DOUBLES 2
#define SLEEF_FLOATS 4
#define SLEEF_DOUBLE_VECTOR float64x2_t
#define SLEEF_FLOAT_VECTOR float32x4_t
#define SLEEF_DOUBLE(FUNCTION) Sleef_finz_##FUNCTION##d2_u10advsimd
#define SLEEF_FLOAT(FUNCTION) Sleef_finz_##FUNCTION##f4_u10advsimd
#endif
#define SLEEF_PARTS(SCALAR, COUNT, TYPE, CALL)                                                           \
  sleef_##SCALAR##COUNT r;                                                                               \
  for (unsigned long i = 0; i < sizeof r / sizeof(TYPE); ++i) ((TYPE *)&r)[i] = CALL;                    \
  return r;
#define SLEEF_ONE(NAME, FUNCTION)                                                                        \
  SLEEF_INLINE sleef_double8 sleef_##NAME##_double8(sleef_double8 a) {                                   \
    SLEEF_PARTS(double, 8, SLEEF_DOUBLE_VECTOR, SLEEF_DOUBLE(FUNCTION)(((SLEEF_DOUBLE_VECTOR *)&a)[i]))  \
  }                                                                                                      \
  SLEEF_INLINE sleef_float16 sleef_##NAME##_float16(sleef_float16 a) {                                   \
    SLEEF_PARTS(float, 16, SLEEF_FLOAT_VECTOR, SLEEF_FLOAT(FUNCTION)(((SLEEF_FLOAT_VECTOR *)&a)[i]))     \
  }
SLEEF_INLINE sleef_double8 sleef_pow_double8(sleef_double8 a, sleef_double8 b) {
  SLEEF_PARTS(
      double, 8, SLEEF_DOUBLE_VECTOR,
      SLEEF_DOUBLE(pow)(((SLEEF_DOUBLE_VECTOR *)&a)[i], ((SLEEF_DOUBLE_VECTOR *)&b)[i]))
}
SLEEF_INLINE sleef_float16 sleef_pow_float16(sleef_float16 a, sleef_float16 b) {
  SLEEF_PARTS(
      float, 16, SLEEF_FLOAT_VECTOR,
      SLEEF_FLOAT(pow)(((SLEEF_FLOAT_VECTOR *)&a)[i], ((SLEEF_FLOAT_VECTOR *)&b)[i]))
}
#endif

SLEEF_ONE(exp, exp)
SLEEF_ONE(log, log)
SLEEF_ONE(cbrt, cbrt)
SLEEF_ONE(sin, sin)
SLEEF_ONE(cos, cos)
