// The C reference on threads: OpenMP, planes shared out statically, pages first touched by the thread that sweeps them.
#include <omp.h>

#include "stencil7.h"

int main(int argc, char **argv) {
  Options o = options_read(argc, argv);
  Block b = block_make(o.n, o.n, 0);
  real *u = field_allocate(&b, 0), *v = field_allocate(&b, 37);

  int threads = omp_get_max_threads();
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++) {
    size_t z0 = o.n * (size_t)t / (size_t)threads, z1 = o.n * (size_t)(t + 1) / (size_t)threads;
    if (t == 0) plane_fill(&b, u, v, -1);
    for (size_t z = z0; z < z1; z++) plane_fill(&b, u, v, (ptrdiff_t)z);
    if (t == threads - 1) plane_fill(&b, u, v, (ptrdiff_t)o.n);
  }

  for (size_t r = 0; r < o.repeats; r++) {
    double start = 0, end = 0;
#pragma omp parallel num_threads(threads)
    {
      size_t t = (size_t)omp_get_thread_num(), count = (size_t)omp_get_num_threads();
      size_t z0 = o.n * t / count, z1 = o.n * (t + 1) / count;
      real *from = u, *to = v;
#pragma omp barrier
#pragma omp master
      start = seconds();
      for (size_t s = 0; s < o.steps; s++) {
        sweep(&b, from, to, z0, z1, &o);
        real *swap = from;
        from = to;
        to = swap;
#pragma omp barrier
      }
#pragma omp master
      end = seconds();
    }
    if (o.steps % 2) {
      real *swap = u;
      u = v;
      v = swap;
    }
    uint64_t sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum) num_threads(threads)
    for (size_t z = 0; z < o.n; z++) sum += checksum_plane(&b, u, z);
    report(&o, 1, threads, end - start, sum);
  }
  return 0;
}
