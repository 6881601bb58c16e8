// The C reference on ranks: blocks of planes along z, which lie in one piece in memory and travel without packing, by
// persistent requests; the planes between the outermost two are swept while the messages fly.
#include <mpi.h>

#include "stencil7.h"

typedef struct {
  MPI_Request requests[4];
} Exchange;

static Exchange exchange_make(const Block *b, real *u, int below, int above) {
  Exchange e;
  int count = (int)b->plane;
  MPI_Datatype type = sizeof(real) == 4 ? MPI_FLOAT : MPI_DOUBLE;
  real *bottom = u + b->plane, *top = u + b->plane * b->nz;
  MPI_Recv_init(u, count, type, below, 1, MPI_COMM_WORLD, &e.requests[0]);
  MPI_Recv_init(top + b->plane, count, type, above, 2, MPI_COMM_WORLD, &e.requests[1]);
  MPI_Send_init(bottom, count, type, below, 2, MPI_COMM_WORLD, &e.requests[2]);
  MPI_Send_init(top, count, type, above, 1, MPI_COMM_WORLD, &e.requests[3]);
  return e;
}

static void step(const Block *b, const real *u, real *v, Exchange *e, const Options *o) {
  MPI_Startall(4, e->requests);
  if (b->nz > 2) sweep(b, u, v, 1, b->nz - 1, o);
  MPI_Waitall(4, e->requests, MPI_STATUSES_IGNORE);
  sweep(b, u, v, 0, 1, o);
  if (b->nz > 1) sweep(b, u, v, b->nz - 1, b->nz, o);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);

  Options o = options_read(argc, argv);
  if (o.n < (size_t)ranks) {
    if (rank == 0) fprintf(stderr, "stencil7-mpi: %zu planes cannot be shared by %d ranks\n", o.n, ranks);
    MPI_Abort(MPI_COMM_WORLD, 2);
  }
  size_t z0 = o.n * (size_t)rank / (size_t)ranks, z1 = o.n * (size_t)(rank + 1) / (size_t)ranks;
  Block b = block_make(o.n, z1 - z0, z0);
  real *fields[2] = {field_allocate(&b, 0), field_allocate(&b, 37)};
  memset(fields[0], 0, b.total * sizeof(real));  // whole planes travel, padding included
  memset(fields[1], 0, b.total * sizeof(real));
  for (ptrdiff_t z = -1; z <= (ptrdiff_t)b.nz; z++) plane_fill(&b, fields[0], fields[1], z);

  int below = rank > 0 ? rank - 1 : MPI_PROC_NULL, above = rank + 1 < ranks ? rank + 1 : MPI_PROC_NULL;
  Exchange exchanges[2] = {exchange_make(&b, fields[0], below, above), exchange_make(&b, fields[1], below, above)};
  size_t now = 0;
  for (size_t r = 0; r < o.repeats; r++) {
    MPI_Barrier(MPI_COMM_WORLD);
    double start = seconds();
    for (size_t s = 0; s < o.steps; s++, now ^= 1) step(&b, fields[now], fields[now ^ 1], &exchanges[now], &o);
    MPI_Barrier(MPI_COMM_WORLD);
    double elapsed = seconds() - start;

    uint64_t mine = 0, sum = 0;
    for (size_t z = 0; z < b.nz; z++) mine += checksum_plane(&b, fields[now], z);
    MPI_Reduce(&mine, &sum, 1, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) report(&o, ranks, 1, elapsed, sum);
  }
  for (int e = 0; e < 2; e++)
    for (int i = 0; i < 4; i++) MPI_Request_free(&exchanges[e].requests[i]);
  MPI_Finalize();
  return 0;
}
