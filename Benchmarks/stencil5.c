// A 5-point heat sweep in two dimensions as one writes it by hand in C, step by step with ordinary stores: rows shared out
// among OpenMP threads and first touched by them, huge pages, ghost values that stay fixed.
//   stencil5-double --n CELLS_ALONG_AN_EDGE --steps STEPS
#include <omp.h>

#include "stencil7.h"

// Row y of n cells, -1 and n included, each beginning at a cache line.
typedef struct {
  size_t n, row;
} Plane;

static inline real *row_of(const Plane *p, real *u, ptrdiff_t y) { return u + (size_t)(y + 1) * p->row + LINE; }

static void row_fill(const Plane *p, real *u, real *v, ptrdiff_t y) {
  for (ptrdiff_t x = -1; x <= (ptrdiff_t)p->n; x++) row_of(p, u, y)[x] = row_of(p, v, y)[x] = initial(p->n, x, y, 0);
}

static void row_update(const real *restrict u, real *restrict v, size_t n, ptrdiff_t row) {
  for (size_t x = 0; x < n; x++) {
    real t = u[x], two = 2 * t;
    v[x] = t + RX * (u[(ptrdiff_t)x - 1] - two + u[x + 1]) + RY * (u[(ptrdiff_t)x - row] - two + u[(ptrdiff_t)x + row]);
  }
}

int main(int argc, char **argv) {
  Options o = options_read(argc, argv);
  size_t lines = (2 + (o.n + LINE - 1) / LINE) | 1;
  Plane p = {.n = o.n, .row = lines * LINE};
  Block memory = {.total = p.row * (o.n + 2)};
  real *u = field_allocate(&memory, 0), *v = field_allocate(&memory, 37);
  int threads = omp_get_max_threads();
  double start = 0, end = 0;
#pragma omp parallel num_threads(threads)
  {
    size_t t = (size_t)omp_get_thread_num(), count = (size_t)omp_get_num_threads();
    size_t low = o.n * t / count, high = o.n * (t + 1) / count;
    for (size_t y = low; y < high; y++) row_fill(&p, u, v, (ptrdiff_t)y);
    if (t == 0) row_fill(&p, u, v, -1);
    if (t == count - 1) row_fill(&p, u, v, (ptrdiff_t)o.n);
    real *from = u, *to = v;
#pragma omp barrier
#pragma omp master
    start = seconds();
    for (size_t s = 0; s < o.steps; s++) {
      for (size_t y = low; y < high; y++)
        row_update(row_of(&p, from, (ptrdiff_t)y), row_of(&p, to, (ptrdiff_t)y), o.n, (ptrdiff_t)p.row);
      real *swap = from;
      from = to;
      to = swap;
#pragma omp barrier
    }
#pragma omp master
    end = seconds();
  }
  double sum = 0;
  real *last = o.steps % 2 ? v : u;
  for (size_t y = 0; y < o.n; y++)
    for (size_t x = 0; x < o.n; x++) sum += row_of(&p, last, (ptrdiff_t)y)[x];
  printf("{\"gcell_per_second\": %.6f, \"threads\": %d, \"mean\": %.9f}\n",
         1e-9 * (double)o.n * (double)o.n * (double)o.steps / (end - start), threads, sum / ((double)o.n * (double)o.n));
  return 0;
}
