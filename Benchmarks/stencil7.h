// A 7-point heat sweep as one writes it by hand in C when only speed counts: what both C references share.
//
//   T'(i,j,k) = T + rx (T(i-1) - 2T + T(i+1)) + ry (T(j-1) - 2T + T(j+1)) + rz (T(k-1) - 2T + T(k+1))
//
// n^3 cells on a block of nx * ny * nz (nz < n where ranks share the grid), one ghost layer whose values stay fixed.
// -DSTENCIL_FLOAT makes it single precision. Rows start on a cache line, so that an aligned streaming store can follow
// every full vector; a row's length is an odd number of lines and a plane's is not a multiple of a page, so that the
// rows of one stencil never compete for one cache set.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#ifdef STENCIL_FLOAT
typedef float real;
#define REAL_NAME "float"
#else
typedef double real;
#define REAL_NAME "double"
#endif

enum { LINE = 64 / sizeof(real) };  // cells of one cache line

typedef struct {
  size_t nx, ny, nz;      // interior cells
  size_t row, plane;      // strides in cells
  size_t total;           // cells allocated, ghosts and padding included
  size_t z0;              // global index of the first interior plane
} Block;

typedef struct {
  size_t n, steps, repeats;
  size_t tile;   // rows of one y block
  size_t ahead;  // rows between the one being read and the one being prefetched
  int streaming;
} Options;

static const real RX = (real)0.11, RY = (real)0.13, RZ = (real)0.17;

static inline Block block_make(size_t n, size_t nz, size_t z0) {
  Block b = {.nx = n, .ny = n, .nz = nz, .z0 = z0};
  size_t lines = 2 + (n + LINE - 1) / LINE;  // one line each side holds the ghost cell
  if (lines % 2 == 0) lines++;
  b.row = lines * LINE;
  b.plane = b.row * (n + 2);
  if (b.plane * sizeof(real) % 4096 < 256) b.plane += 5 * LINE;
  b.total = b.plane * (nz + 2);
  return b;
}

// Interior cells count from 0; -1 and nx (ny, nz) are the ghosts.
static inline size_t at(const Block *b, ptrdiff_t x, ptrdiff_t y, ptrdiff_t z) {
  return (size_t)(z + 1) * b->plane + (size_t)(y + 1) * b->row + (size_t)(x + LINE);
}

// Huge pages where the kernel grants them; `skew` lines between two arrays keep their rows out of the same sets.
static inline real *field_allocate(const Block *b, size_t skew) {
  const size_t huge = (size_t)2 << 20;
  size_t bytes = (b->total * sizeof(real) + skew * 64 + 2 * huge) / huge * huge;
  void *p = aligned_alloc(huge, bytes);
  if (!p) {
    fprintf(stderr, "stencil7: no memory for %zu bytes\n", bytes);
    exit(1);
  }
  madvise(p, bytes, MADV_HUGEPAGE);
  return (real *)((char *)p + skew * 64);
}

// A value that depends on the cell alone (splitmix64 of its index), so that every layout starts from the same bits.
static inline real initial(size_t n, ptrdiff_t x, ptrdiff_t y, ptrdiff_t z) {
  uint64_t h = (uint64_t)(((z + 1) * (ptrdiff_t)(n + 2) + y + 1) * (ptrdiff_t)(n + 2) + x + 1);
  h += 0x9e3779b97f4a7c15u;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
  return (real)(300 + (double)((h ^ (h >> 31)) >> 40) / (1 << 24));
}

// Both arrays alike: the ghosts have to stand in both, since they are never written again.
static inline void plane_fill(const Block *b, real *u, real *v, ptrdiff_t z) {
  for (ptrdiff_t y = -1; y <= (ptrdiff_t)b->ny; y++)
    for (ptrdiff_t x = -1; x <= (ptrdiff_t)b->nx; x++)
      u[at(b, x, y, z)] = v[at(b, x, y, z)] = initial(b->nx, x, y, z + (ptrdiff_t)b->z0);
}

static inline real cell(const real *u, ptrdiff_t row, ptrdiff_t plane) {
  real t = u[0], two = 2 * t;
  return t + RX * (u[-1] - two + u[1]) + RY * (u[-row] - two + u[row]) + RZ * (u[-plane] - two + u[plane]);
}

// A cache line of cells at a time; gcc splits it where the machine's vectors are narrower.
typedef real lanes __attribute__((vector_size(64)));
typedef real lanes_unaligned __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));

static inline lanes load(const real *p) { return *(const lanes_unaligned *)p; }

// Stored past the caches: a line that is wholly overwritten need not be read first, which saves a third of the traffic.
static inline void stream(real *p, lanes value) {
#if defined(__AVX512F__) && defined(STENCIL_FLOAT)
  _mm512_stream_ps(p, (__m512)value);
#elif defined(__AVX512F__)
  _mm512_stream_pd(p, (__m512d)value);
#elif defined(__AVX__)
  __m256i half[2];
  memcpy(half, &value, 64);
  _mm256_stream_si256((__m256i *)p, half[0]);
  _mm256_stream_si256((__m256i *)p + 1, half[1]);
#else
  memcpy(p, &value, 64);
#endif
}

// One row. `ahead` is the row of the next plane that will be read soon: hardware prefetchers stop at a page's end, which
// is where each of these rows ends too, so it is asked for here, into L2.
static inline __attribute__((always_inline)) void row_sweep(const real *restrict u, real *restrict v, size_t n,
                                                            ptrdiff_t row, ptrdiff_t plane, const real *ahead,
                                                            int streaming) {
  size_t x = 0;
  for (; x + LINE <= n; x += LINE) {
    const real *p = u + x;
    __builtin_prefetch(ahead + x, 0, 2);
    lanes t = load(p), two = 2 * t;
    t = t + RX * (load(p - 1) - two + load(p + 1)) + RY * (load(p - row) - two + load(p + row)) +
        RZ * (load(p - plane) - two + load(p + plane));
    if (streaming)
      stream(v + x, t);
    else
      *(lanes *)(v + x) = t;
  }
  for (; x < n; x++) v[x] = cell(u + x, row, plane);
}

// Planes z0 to z1 (not included), in blocks of y: the two older planes of a block then come from L2, not from L3.
static inline __attribute__((always_inline)) void sweep_with(const Block *b, const real *restrict u, real *restrict v,
                                                             size_t z0, size_t z1, const Options *o, int streaming) {
  ptrdiff_t row = (ptrdiff_t)b->row, plane = (ptrdiff_t)b->plane;
  for (size_t y0 = 0; y0 < b->ny; y0 += o->tile) {
    size_t y1 = y0 + o->tile < b->ny ? y0 + o->tile : b->ny;
    for (size_t z = z0; z < z1; z++)
      for (size_t y = y0; y < y1; y++) {
        size_t i = at(b, 0, (ptrdiff_t)y, (ptrdiff_t)z);
        const real *ahead = u + i + plane + (ptrdiff_t)o->ahead * row;
        if (y + o->ahead > y1) ahead += plane - (ptrdiff_t)(y1 - y0 + 1) * row;
        row_sweep(u + i, v + i, b->nx, row, plane, ahead, streaming);
      }
  }
}

static inline void sweep(const Block *b, const real *u, real *v, size_t z0, size_t z1, const Options *o) {
  if (o->streaming) {
    sweep_with(b, u, v, z0, z1, o, 1);
    _mm_sfence();
  } else {
    sweep_with(b, u, v, z0, z1, o, 0);
  }
}

// Position times bits, summed modulo 2^64: the same for any layout, different if one bit of one cell is.
static inline uint64_t checksum_plane(const Block *b, const real *u, size_t z) {
  uint64_t sum = 0;
  for (size_t y = 0; y < b->ny; y++)
    for (size_t x = 0; x < b->nx; x++) {
      uint64_t bits = 0, position = (((z + b->z0) * b->ny + y) * b->nx + x) * 2 + 1;
      memcpy(&bits, &u[at(b, (ptrdiff_t)x, (ptrdiff_t)y, (ptrdiff_t)z)], sizeof(real));
      sum += (bits ^ (bits >> 29)) * position * 0x9e3779b97f4a7c15u;
    }
  return sum;
}

static inline double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void report(const Options *o, int ranks, int threads, double elapsed, uint64_t checksum) {
  double cells = (double)o->n * (double)o->n * (double)o->n;
  double step = elapsed / (double)o->steps;
  printf("{\"precision\": \"%s\", \"stores\": \"%s\", \"n\": %zu, \"steps\": %zu, \"tile\": %zu, \"ahead\": %zu, "
         "\"ranks\": %d, \"threads\": %d, \"seconds_per_step\": %.6e, \"gcell_per_second\": %.4f, \"checksum\": \"%016llx\"}\n",
         REAL_NAME, o->streaming ? "streaming" : "ordinary", o->n, o->steps, o->tile, o->ahead, ranks, threads, step,
         cells / step / 1e9, (unsigned long long)checksum);
  fflush(stdout);
}

static inline Options options_read(int argc, char **argv) {
  Options o = {.n = 512, .steps = 20, .repeats = 1, .tile = 0, .ahead = 2};
  for (int i = 1; i < argc; i++) {
    size_t *value = NULL;
    if (!strcmp(argv[i], "--stream")) {
      o.streaming = 1;
      continue;
    }
    if (!strcmp(argv[i], "--n")) value = &o.n;
    if (!strcmp(argv[i], "--steps")) value = &o.steps;
    if (!strcmp(argv[i], "--repeats")) value = &o.repeats;
    if (!strcmp(argv[i], "--tile")) value = &o.tile;
    if (!strcmp(argv[i], "--ahead")) value = &o.ahead;
    char *end = NULL;
    if (value && i + 1 < argc) *value = strtoul(argv[++i], &end, 10);
    if (!end || *end || !*value) {
      fprintf(stderr, "usage: %s [--n CELLS] [--steps N] [--repeats N] [--tile ROWS] [--ahead ROWS] [--stream]\n", argv[0]);
      exit(2);
    }
  }
  // Three planes of a block in half of a 1 MiB L2: 40 rows of 512 doubles, 78 of floats. Three times as many cost 8 %.
  if (!o.tile) o.tile = ((size_t)512 << 10) / (3 * sizeof(real) * block_make(o.n, 1, 0).row);
  if (!o.tile) o.tile = 1;
  return o;
}
