// The exchange of ghost cells in C, the other side of main.swift: persistent requests made once, faces, edges and corners
// packed by hand, one message for each of the 26 neighbours, copies where the grid wraps around onto the same rank. It
// works on the very array of the Swift side, so that memory favours nobody. Built as a library that halo-bench loads.
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  long low[3], high[3];
} Box;

typedef struct {
  Box source, target;
  double *out, *in;
} Link;

static double *field;  // cell (0, 0, 0)
static long pitch, plane;
static Link links[26];
static Box wrap_from[26], wrap_to[26];
static MPI_Request receives[26], sends[26];
static int link_count, wrap_count;

static void check(int code) {
  if (code != MPI_SUCCESS) MPI_Abort(MPI_COMM_WORLD, 1);
}

static size_t volume(const Box *b) {
  return (size_t)((b->high[0] - b->low[0]) * (b->high[1] - b->low[1]) * (b->high[2] - b->low[2]));
}

// A block of n cells along each axis, `ranks` of them along `axis`, periodic all around; the rank's number is its place.
void halo_prepare(double *cells, const long *layout, const long *shape) {
  int rank;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
  long n = shape[0], width = shape[1], axis = shape[2], ranks = shape[3];
  field = cells;
  pitch = layout[0];
  plane = layout[1];
  for (int i = 0; i < link_count; i++) {
    check(MPI_Request_free(&receives[i]));
    check(MPI_Request_free(&sends[i]));
    free(links[i].out);
    free(links[i].in);
  }
  link_count = wrap_count = 0;
  for (int d = 0; d < 27; d++) {
    int way[3] = {d % 3 - 1, d / 3 % 3 - 1, d / 9 - 1};
    if (d == 13) continue;
    Box source, target, wrapped;
    for (int a = 0; a < 3; a++) {
      source.low[a] = way[a] == 1 ? n - width : 0;
      source.high[a] = way[a] == -1 ? width : n;
      target.low[a] = way[a] == 1 ? n : way[a] == -1 ? -width : 0;
      target.high[a] = way[a] == 1 ? n + width : way[a] == -1 ? 0 : n;
      wrapped.low[a] = way[a] == 1 ? -width : way[a] == -1 ? n : 0;
      wrapped.high[a] = way[a] == 1 ? 0 : way[a] == -1 ? n + width : n;
    }
    int other = (int)((rank + way[axis] + ranks) % ranks);
    if (other == rank) {
      wrap_from[wrap_count] = source;
      wrap_to[wrap_count++] = wrapped;
      continue;
    }
    Link *l = &links[link_count];
    l->source = source;
    l->target = target;
    size_t count = volume(&source);
    l->out = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    l->in = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    memset(l->out, 0, count * sizeof(double));
    memset(l->in, 0, count * sizeof(double));
    check(MPI_Recv_init(l->in, (int)count, MPI_DOUBLE, other, 100 + 26 - d, MPI_COMM_WORLD, &receives[link_count]));
    check(MPI_Send_init(l->out, (int)count, MPI_DOUBLE, other, 100 + d, MPI_COMM_WORLD, &sends[link_count]));
    link_count++;
  }
}

static inline double *cell(long x, long y, long z) { return field + x + y * pitch + z * plane; }

// Copies `planes` times `rows` rows of `width` cells between two places with pitches of their own. The compiler makes a loop of
// its own of each width that is written out.
static inline __attribute__((always_inline)) void rows_of(
    const double *from, long from_pitch, long from_plane, double *to, long to_pitch, long to_plane, long width, long rows,
    long planes) {
  for (long z = 0; z < planes; z++)
    for (long y = 0; y < rows; y++)
      memcpy(to + y * to_pitch + z * to_plane, from + y * from_pitch + z * from_plane, (size_t)width * sizeof(double));
}

static void copy(
    const double *from, long from_pitch, long from_plane, double *to, long to_pitch, long to_plane, const Box *b) {
  long width = b->high[0] - b->low[0], rows = b->high[1] - b->low[1], planes = b->high[2] - b->low[2];
  switch (width) {
    case 1: rows_of(from, from_pitch, from_plane, to, to_pitch, to_plane, 1, rows, planes); break;
    case 4: rows_of(from, from_pitch, from_plane, to, to_pitch, to_plane, 4, rows, planes); break;
    default: rows_of(from, from_pitch, from_plane, to, to_pitch, to_plane, width, rows, planes);
  }
}

static void pack(const Box *b, double *to) {
  long width = b->high[0] - b->low[0], rows = b->high[1] - b->low[1];
  copy(cell(b->low[0], b->low[1], b->low[2]), pitch, plane, to, width, width * rows, b);
}

static void unpack(const Box *b, const double *from) {
  long width = b->high[0] - b->low[0], rows = b->high[1] - b->low[1];
  copy(from, width, width * rows, cell(b->low[0], b->low[1], b->low[2]), pitch, plane, b);
}

static void wrap(const Box *from, const Box *to) {
  copy(cell(from->low[0], from->low[1], from->low[2]), pitch, plane, cell(to->low[0], to->low[1], to->low[2]), pitch, plane,
       from);
}

void halo_run(long rounds) {
  for (long r = 0; r < rounds; r++) {
    check(MPI_Startall(link_count, receives));
    for (int i = 0; i < link_count; i++) pack(&links[i].source, links[i].out);
    check(MPI_Startall(link_count, sends));
    for (int i = 0; i < wrap_count; i++) wrap(&wrap_from[i], &wrap_to[i]);
    check(MPI_Waitall(link_count, receives, MPI_STATUSES_IGNORE));
    for (int i = 0; i < link_count; i++) unpack(&links[i].target, links[i].in);
    check(MPI_Waitall(link_count, sends, MPI_STATUSES_IGNORE));
  }
}
