// The C reference that runs several steps while the data is in cache: the same sweep, blocked in time.
//
// Step s works on plane wave - s and on rows that lie s lower than those of step 0, so that everything it reads has been
// written and nothing it overwrites is read again. Tiles of rows are handed to threads in turn; a thread goes no farther
// in a tile than the thread in the tile below it. Two arrays, whole rows, ordinary stores: later steps find them in cache.
#include <omp.h>
#include <stdatomic.h>

#include "stencil7.h"

typedef struct {
  _Atomic long waves;
  char rest[56];
} Progress;

static void wave_run(const Block *b, real *const fields[2], long wave, long tile, long rows, size_t first, size_t count) {
  ptrdiff_t row = (ptrdiff_t)b->row, plane = (ptrdiff_t)b->plane;
  for (size_t s = 0; s < count; s++) {
    long z = wave - (long)s;
    if (z < 0 || z >= (long)b->nz) continue;
    const real *from = fields[(first + s) % 2];
    real *to = fields[(first + s + 1) % 2];
    long low = tile * rows - (long)s, high = low + rows;
    if (low < 0) low = 0;
    if (high > (long)b->ny) high = (long)b->ny;
    for (long y = low; y < high; y++) {
      size_t i = at(b, 0, y, z);
      // The first step finds its cells in memory, the others in cache.
      const real *ahead = s == 0 ? from + i + plane + 4 * row : from + i;
      row_sweep(from + i, to + i, b->nx, row, plane, ahead, 0);
    }
  }
}

int main(int argc, char **argv) {
  size_t depth = 8;
  if (argc > 2 && !strcmp(argv[1], "--depth")) {
    depth = strtoul(argv[2], NULL, 10);
    argv[2] = argv[0];
    argc -= 2;
    argv += 2;
  }
  if (!depth) depth = 1;
  Options o = options_read(argc, argv);
  long rows = 32;
  Block b = block_make(o.n, o.n, 0);
  real *fields[2] = {field_allocate(&b, 0), field_allocate(&b, 37)};
  int threads = omp_get_max_threads();
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int t = 0; t < threads; t++)
    for (ptrdiff_t z = (ptrdiff_t)(o.n + 2) * t / threads - 1; z < (ptrdiff_t)(o.n + 2) * (t + 1) / threads - 1; z++)
      plane_fill(&b, fields[0], fields[1], z);

  long tiles = ((long)(o.n + depth - 1) + rows - 1) / rows, waves = (long)(o.n + depth - 1);
  Progress *progress = aligned_alloc(64, sizeof(Progress) * (size_t)tiles);
  if (!progress) return 1;
  for (size_t r = 0; r < o.repeats; r++) {
    for (long k = 0; k < tiles; k++) progress[k].waves = 0;
    double start = seconds();
#pragma omp parallel num_threads(threads)
    for (size_t first = 0; first < o.steps; first += depth) {
      size_t count = o.steps - first < depth ? o.steps - first : depth;
      long base = (long)(first / depth) * waves;
      for (long k = omp_get_thread_num(); k < tiles; k += omp_get_num_threads()) {
        for (long wave = 0; wave < waves; wave++) {
          while (k > 0 && progress[k - 1].waves < base + wave + 1) __builtin_ia32_pause();
          wave_run(&b, fields, wave, k, rows, first, count);
          progress[k].waves = base + wave + 1;
        }
      }
#pragma omp barrier
    }
    double end = seconds();
    if (o.steps % 2) {
      real *swap = fields[0];
      fields[0] = fields[1];
      fields[1] = swap;
    }
    uint64_t sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum) num_threads(threads)
    for (size_t z = 0; z < o.n; z++) sum += checksum_plane(&b, fields[0], z);
    report(&o, 1, threads, end - start, sum);
  }
  return 0;
}
