// The Gray-Scott model as one writes it by hand in C when only speed counts: the reference of Examples/GrayScott. Two
// fields, 7-point Laplacians, forward Euler; tiles, prefetches and stores as in stencil7.h, ghost values fixed.
#include <omp.h>

#include "stencil7.h"

static const real DU = (real)0.16, DV = (real)0.08, FEED = (real)0.035, KILL = (real)0.065, DT = (real)0.5;

typedef struct {
  real *u, *v;
} State;

static inline __attribute__((always_inline)) lanes laplacian(const real *p, ptrdiff_t row, ptrdiff_t plane, lanes t) {
  lanes two = 2 * t;
  return RX * (load(p - 1) - two + load(p + 1)) + RY * (load(p - row) - two + load(p + row)) +
         RZ * (load(p - plane) - two + load(p + plane));
}

static inline __attribute__((always_inline)) void row_react(const real *restrict u, const real *restrict v,
                                                            real *restrict nu, real *restrict nv, size_t n,
                                                            ptrdiff_t row, ptrdiff_t plane, ptrdiff_t ahead,
                                                            int streaming) {
  for (size_t x = 0; x + LINE <= n; x += LINE) {
    __builtin_prefetch(u + x + ahead, 0, 2);
    __builtin_prefetch(v + x + ahead, 0, 2);
    lanes a = load(u + x), b = load(v + x), reaction = a * b * b;
    lanes na = a + DT * (DU * laplacian(u + x, row, plane, a) - reaction + FEED * (1 - a));
    lanes nb = b + DT * (DV * laplacian(v + x, row, plane, b) + reaction - (FEED + KILL) * b);
    if (streaming) {
      stream(nu + x, na);
      stream(nv + x, nb);
    } else {
      *(lanes *)(nu + x) = na;
      *(lanes *)(nv + x) = nb;
    }
  }
}

static inline __attribute__((always_inline)) void react_with(const Block *b, State from, State to, size_t z0, size_t z1,
                                                             const Options *o, int streaming) {
  ptrdiff_t row = (ptrdiff_t)b->row, plane = (ptrdiff_t)b->plane;
  for (size_t y0 = 0; y0 < b->ny; y0 += o->tile) {
    size_t y1 = y0 + o->tile < b->ny ? y0 + o->tile : b->ny;
    for (size_t z = z0; z < z1; z++)
      for (size_t y = y0; y < y1; y++) {
        size_t i = at(b, 0, (ptrdiff_t)y, (ptrdiff_t)z);
        ptrdiff_t ahead = plane + (ptrdiff_t)o->ahead * row;
        if (y + o->ahead > y1) ahead += plane - (ptrdiff_t)(y1 - y0 + 1) * row;
        row_react(from.u + i, from.v + i, to.u + i, to.v + i, b->nx, row, plane, ahead, streaming);
      }
  }
  if (streaming) _mm_sfence();
}

static void react(const Block *b, State from, State to, size_t z0, size_t z1, const Options *o) {
  if (o->streaming)
    react_with(b, from, to, z0, z1, o, 1);
  else
    react_with(b, from, to, z0, z1, o, 0);
}

int main(int argc, char **argv) {
  Options o = options_read(argc, argv);
  if (o.n % LINE) {
    fprintf(stderr, "gray-scott: --n must be a multiple of %d\n", (int)LINE);
    return 2;
  }
  // Two fields share a core's cache.
  o.tile = o.tile > 1 ? o.tile / 2 : 1;
  Block b = block_make(o.n, o.n, 0);
  State s[2] = {{field_allocate(&b, 0), field_allocate(&b, 37)}, {field_allocate(&b, 74), field_allocate(&b, 111)}};

  int threads = omp_get_max_threads();
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++) {
    ptrdiff_t z0 = (ptrdiff_t)(o.n * (size_t)t / (size_t)threads), z1 = (ptrdiff_t)(o.n * (size_t)(t + 1) / (size_t)threads);
    if (t == 0) z0 = -1;
    if (t == threads - 1) z1++;
    for (ptrdiff_t z = z0; z < z1; z++)
      for (ptrdiff_t y = -1; y <= (ptrdiff_t)b.ny; y++)
        for (ptrdiff_t x = -1; x <= (ptrdiff_t)b.nx; x++) {
          size_t i = at(&b, x, y, z);
          real part = (initial(b.nx, x, y, z) - 300) / 4;
          s[0].u[i] = s[1].u[i] = 1 - part;
          s[0].v[i] = s[1].v[i] = part;
        }
  }

  double start = 0, end = 0;
#pragma omp parallel num_threads(threads)
  {
    size_t t = (size_t)omp_get_thread_num(), count = (size_t)omp_get_num_threads();
    size_t z0 = o.n * t / count, z1 = o.n * (t + 1) / count;
#pragma omp barrier
#pragma omp master
    start = seconds();
    for (size_t step = 0; step < o.steps; step++) {
      react(&b, s[step % 2], s[1 - step % 2], z0, z1, &o);
#pragma omp barrier
    }
#pragma omp master
    end = seconds();
  }
  uint64_t sum = 0;
  for (size_t z = 0; z < o.n; z++) sum += checksum_plane(&b, s[o.steps % 2].u, z);
  report(&o, 1, threads, end - start, sum);
  return 0;
}
