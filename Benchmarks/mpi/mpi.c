// The MPI benchmark's cases in C, the other side of Cases.swift: the same calls on the same messages. Built as a library
// that mpi-bench loads, so that both sides take turns within one process, a millisecond each.
#include <mpi.h>
#include <stdlib.h>

enum { block_size = 524288, largest = 1000000, edge = 1024 };

static int rank, ranks, next, previous;
static double one[1] = {1}, term[1] = {1}, sum[1], *block, *many, *sums;

static void check(int code) {
  if (code != MPI_SUCCESS) MPI_Abort(MPI_COMM_WORLD, 1);
}

// There and back with `count` doubles, between ranks 0 and 1.
static double ping_pong(double *data, int count, int calls) {
  for (int i = 0; i < calls; i++) {
    if (rank == 0) {
      check(MPI_Send(data, count, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD));
      check(MPI_Recv(data, count, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    } else if (rank == 1) {
      check(MPI_Recv(data, count, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
      data[0] += 1;
      check(MPI_Send(data, count, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD));
    }
  }
  return data[0];
}

static double latency(int calls) { return ping_pong(one, 1, calls); }
static double bandwidth(int calls) { return ping_pong(block, block_size, calls); }

static double all_reduce(const double *data, double *result, int count, int calls) {
  for (int i = 0; i < calls; i++) {
    check(MPI_Allreduce(data, result, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD));
  }
  return result[0];
}

static double all_reduce_one(int calls) { return all_reduce(term, sum, 1, calls); }
static double all_reduce_many(int calls) { return all_reduce(many, sums, largest, calls); }

// A ring in which each passes `edge` doubles on in both directions: messages described once.
static MPI_Request exchange[4];
static double outgoing[2][edge], incoming[2][edge];

static void make_exchange(void) {
  check(MPI_Recv_init(incoming[0], edge, MPI_DOUBLE, previous, 1, MPI_COMM_WORLD, &exchange[0]));
  check(MPI_Recv_init(incoming[1], edge, MPI_DOUBLE, next, 2, MPI_COMM_WORLD, &exchange[1]));
  check(MPI_Send_init(outgoing[0], edge, MPI_DOUBLE, next, 1, MPI_COMM_WORLD, &exchange[2]));
  check(MPI_Send_init(outgoing[1], edge, MPI_DOUBLE, previous, 2, MPI_COMM_WORLD, &exchange[3]));
}

static double persistent(int calls) {
  for (int i = 0; i < calls; i++) {
    outgoing[0][0] = outgoing[1][0] = i;
    check(MPI_Startall(4, exchange));
    check(MPI_Waitall(4, exchange, MPI_STATUSES_IGNORE));
  }
  return incoming[0][0] + incoming[1][0];
}

// The same with messages started one by one.
static double nonblocking(int calls) {
  for (int i = 0; i < calls; i++) {
    MPI_Request requests[4];
    outgoing[0][0] = outgoing[1][0] = i;
    check(MPI_Irecv(incoming[0], edge, MPI_DOUBLE, previous, 1, MPI_COMM_WORLD, &requests[0]));
    check(MPI_Irecv(incoming[1], edge, MPI_DOUBLE, next, 2, MPI_COMM_WORLD, &requests[1]));
    check(MPI_Isend(outgoing[0], edge, MPI_DOUBLE, next, 1, MPI_COMM_WORLD, &requests[2]));
    check(MPI_Isend(outgoing[1], edge, MPI_DOUBLE, previous, 2, MPI_COMM_WORLD, &requests[3]));
    for (int k = 0; k < 4; k++) check(MPI_Wait(&requests[k], MPI_STATUS_IGNORE));
  }
  return incoming[0][0] + incoming[1][0];
}

// Each writes a double to the memory of the next, and all see it.
static MPI_Win window;
static double *memory;

static double put_fence(int calls) {
  static double value[1];
  check(MPI_Win_fence(MPI_MODE_NOPRECEDE, window));
  for (int i = 0; i < calls; i++) {
    value[0] = i;
    check(MPI_Put(value, 1, MPI_DOUBLE, next, 0, 1, MPI_DOUBLE, window));
    check(MPI_Win_fence(0, window));
  }
  check(MPI_Win_fence(MPI_MODE_NOSUCCEED, window));
  return memory[0];
}

static double *doubles(int count) {
  double *result = aligned_alloc(64, sizeof(double) * (size_t)count);
  if (result == NULL) MPI_Abort(MPI_COMM_WORLD, 1);
  for (int i = 0; i < count; i++) result[i] = 1;
  return result;
}

// Called once, after MPI was started.
void reference_prepare(void) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
  block = doubles(block_size), many = doubles(largest), sums = doubles(largest);
  make_exchange();
  check(MPI_Win_allocate(edge * 8, 8, MPI_INFO_NULL, MPI_COMM_WORLD, &memory, &window));
}

// Runs a case, numbered as in Cases.swift, and returns a number that both sides must agree on.
double reference_run(int which, int calls) {
  static double (*const cases[])(int) = {latency,    bandwidth,   all_reduce_one, all_reduce_many,
                                         persistent, nonblocking, put_fence};
  return cases[which](calls);
}
