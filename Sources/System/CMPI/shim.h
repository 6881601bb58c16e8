// MPI for Swift, the same for both implementations. Handles are pointers in Open MPI and integers in MPICH, and the
// predefined ones are macros, which Swift does not see: each gets a function here.
#pragma once
#include <mpi.h>

// Redeclaring what hands out a handle as never null gives Swift one type, MPI_Comm or MPI_Request, for both.
#ifdef OPEN_MPI
#define CMPI_HANDLE _Nonnull
#else
#define CMPI_HANDLE
#endif

int MPI_Comm_dup(MPI_Comm CMPI_HANDLE comm, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_split(MPI_Comm CMPI_HANDLE comm, int color, int key, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_split_type(MPI_Comm CMPI_HANDLE comm, int type, int key, MPI_Info CMPI_HANDLE info,
                        MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_free(MPI_Comm CMPI_HANDLE *_Nonnull comm);
int MPI_Cart_create(MPI_Comm CMPI_HANDLE comm, int dimensions, const int *_Nonnull sizes, const int *_Nonnull periodic,
                    int reorder, MPI_Comm CMPI_HANDLE *_Nonnull result);

int MPI_Isend(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
              MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Irecv(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int source, int tag,
              MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Send_init(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
                  MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Recv_init(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int source, int tag,
                  MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Issend(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
               MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Irsend(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
               MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ibsend(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
               MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ssend_init(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
                   MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Rsend_init(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
                   MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Bsend_init(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int destination, int tag,
                   MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Start(MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Cancel(MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Waitany(int count, MPI_Request CMPI_HANDLE *_Nonnull requests, int *_Nonnull index,
                MPI_Status *_Nullable status);
int MPI_Waitsome(int count, MPI_Request CMPI_HANDLE *_Nonnull requests, int *_Nonnull done_count,
                 int *_Nonnull indices, MPI_Status *_Nullable statuses);
int MPI_Testall(int count, MPI_Request CMPI_HANDLE *_Nonnull requests, int *_Nonnull done,
                MPI_Status *_Nullable statuses);
int MPI_Testany(int count, MPI_Request CMPI_HANDLE *_Nonnull requests, int *_Nonnull index, int *_Nonnull done,
                MPI_Status *_Nullable status);
int MPI_Testsome(int count, MPI_Request CMPI_HANDLE *_Nonnull requests, int *_Nonnull done_count,
                 int *_Nonnull indices, MPI_Status *_Nullable statuses);
int MPI_Improbe(int source, int tag, MPI_Comm CMPI_HANDLE comm, int *_Nonnull found,
                MPI_Message CMPI_HANDLE *_Nonnull message, MPI_Status *_Nullable status);
int MPI_Imrecv(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
               MPI_Message CMPI_HANDLE *_Nonnull message, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ibarrier(MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Startall(int count, MPI_Request CMPI_HANDLE *_Nonnull requests);
int MPI_Test(MPI_Request CMPI_HANDLE *_Nonnull request, int *_Nonnull done, MPI_Status *_Nullable status);
int MPI_Wait(MPI_Request CMPI_HANDLE *_Nonnull request, MPI_Status *_Nullable status);
int MPI_Mprobe(int source, int tag, MPI_Comm CMPI_HANDLE comm, MPI_Message CMPI_HANDLE *_Nonnull message,
               MPI_Status *_Nullable status);
int MPI_Mrecv(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, MPI_Message CMPI_HANDLE *_Nonnull message,
              MPI_Status *_Nullable status);
int MPI_Type_commit(MPI_Datatype CMPI_HANDLE *_Nonnull type);
int MPI_Type_free(MPI_Datatype CMPI_HANDLE *_Nonnull type);
int MPI_Type_contiguous(int count, MPI_Datatype CMPI_HANDLE type, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_vector(int count, int length, int stride, MPI_Datatype CMPI_HANDLE type,
                    MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_struct(int count, const int *_Nonnull lengths, const MPI_Aint *_Nonnull offsets,
                           const MPI_Datatype CMPI_HANDLE *_Nonnull types, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_resized(MPI_Datatype CMPI_HANDLE type, MPI_Aint lower, MPI_Aint extent,
                            MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_hvector(int count, int length, MPI_Aint stride, MPI_Datatype CMPI_HANDLE type,
                            MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_hindexed(int count, const int *_Nonnull lengths, const MPI_Aint *_Nonnull offsets,
                             MPI_Datatype CMPI_HANDLE type, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_hindexed_block(int count, int length, const MPI_Aint *_Nonnull offsets,
                                   MPI_Datatype CMPI_HANDLE type, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_subarray(int dimensions, const int *_Nonnull sizes, const int *_Nonnull subsizes,
                             const int *_Nonnull starts, int order, MPI_Datatype CMPI_HANDLE type,
                             MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Type_create_darray(int size, int rank, int dimensions, const int *_Nonnull sizes, const int *_Nonnull kinds,
                           const int *_Nonnull lengths, const int *_Nonnull processes, int order,
                           MPI_Datatype CMPI_HANDLE type, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Request_free(MPI_Request CMPI_HANDLE *_Nonnull request);

// Info, groups, communicators, processes, topologies, error handlers.
int MPI_Info_create(MPI_Info CMPI_HANDLE *_Nonnull info);
int MPI_Info_dup(MPI_Info CMPI_HANDLE info, MPI_Info CMPI_HANDLE *_Nonnull result);
int MPI_Info_free(MPI_Info CMPI_HANDLE *_Nonnull info);
int MPI_Comm_group(MPI_Comm CMPI_HANDLE comm, MPI_Group CMPI_HANDLE *_Nonnull group);
int MPI_Comm_remote_group(MPI_Comm CMPI_HANDLE comm, MPI_Group CMPI_HANDLE *_Nonnull group);
int MPI_Group_union(MPI_Group CMPI_HANDLE a, MPI_Group CMPI_HANDLE b, MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_intersection(MPI_Group CMPI_HANDLE a, MPI_Group CMPI_HANDLE b, MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_difference(MPI_Group CMPI_HANDLE a, MPI_Group CMPI_HANDLE b, MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_incl(MPI_Group CMPI_HANDLE group, int count, const int *_Nullable ranks,
                   MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_excl(MPI_Group CMPI_HANDLE group, int count, const int *_Nullable ranks,
                   MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_range_incl(MPI_Group CMPI_HANDLE group, int count, int (*_Nullable ranges)[3],
                         MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_range_excl(MPI_Group CMPI_HANDLE group, int count, int (*_Nullable ranges)[3],
                         MPI_Group CMPI_HANDLE *_Nonnull result);
int MPI_Group_free(MPI_Group CMPI_HANDLE *_Nonnull group);
int MPI_Comm_create(MPI_Comm CMPI_HANDLE comm, MPI_Group CMPI_HANDLE group, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_create_group(MPI_Comm CMPI_HANDLE comm, MPI_Group CMPI_HANDLE group, int tag,
                          MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_dup_with_info(MPI_Comm CMPI_HANDLE comm, MPI_Info CMPI_HANDLE info, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_idup(MPI_Comm CMPI_HANDLE comm, MPI_Comm CMPI_HANDLE *_Nonnull result,
                  MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Comm_get_info(MPI_Comm CMPI_HANDLE comm, MPI_Info CMPI_HANDLE *_Nonnull info);
int MPI_Comm_disconnect(MPI_Comm CMPI_HANDLE *_Nonnull comm);
int MPI_Intercomm_create(MPI_Comm CMPI_HANDLE local, int local_leader, MPI_Comm CMPI_HANDLE peers, int remote_leader,
                         int tag, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Intercomm_merge(MPI_Comm CMPI_HANDLE comm, int high, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_spawn(const char *_Nonnull program, char *_Nullable *_Nullable arguments, int count,
                   MPI_Info CMPI_HANDLE info, int root, MPI_Comm CMPI_HANDLE comm, MPI_Comm CMPI_HANDLE *_Nonnull result,
                   int *_Nullable codes);
int MPI_Comm_spawn_multiple(int count, char *_Nullable *_Nonnull programs, char *_Nullable *_Nullable *_Nullable arguments,
                            const int *_Nonnull counts, const MPI_Info CMPI_HANDLE *_Nonnull infos, int root,
                            MPI_Comm CMPI_HANDLE comm, MPI_Comm CMPI_HANDLE *_Nonnull result, int *_Nullable codes);
int MPI_Comm_get_parent(MPI_Comm CMPI_HANDLE *_Nonnull parent);
int MPI_Comm_accept(const char *_Nonnull port, MPI_Info CMPI_HANDLE info, int root, MPI_Comm CMPI_HANDLE comm,
                    MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_connect(const char *_Nonnull port, MPI_Info CMPI_HANDLE info, int root, MPI_Comm CMPI_HANDLE comm,
                     MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_join(int socket, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Cart_sub(MPI_Comm CMPI_HANDLE comm, const int *_Nonnull kept, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Dist_graph_create(MPI_Comm CMPI_HANDLE comm, int count, const int *_Nullable sources,
                          const int *_Nullable degrees, const int *_Nullable destinations,
                          const int *_Nullable weights, MPI_Info CMPI_HANDLE info, int reorder,
                          MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Dist_graph_create_adjacent(MPI_Comm CMPI_HANDLE comm, int in_degree, const int *_Nullable sources,
                                   const int *_Nullable source_weights, int out_degree,
                                   const int *_Nullable destinations, const int *_Nullable destination_weights,
                                   MPI_Info CMPI_HANDLE info, int reorder, MPI_Comm CMPI_HANDLE *_Nonnull result);
int MPI_Comm_get_errhandler(MPI_Comm CMPI_HANDLE comm, MPI_Errhandler CMPI_HANDLE *_Nonnull handler);
int MPI_Errhandler_free(MPI_Errhandler CMPI_HANDLE *_Nonnull handler);

int MPI_Win_allocate(MPI_Aint size, int unit, MPI_Info CMPI_HANDLE info, MPI_Comm CMPI_HANDLE comm, void *_Nonnull base,
                     MPI_Win CMPI_HANDLE *_Nonnull win);
int MPI_Win_allocate_shared(MPI_Aint size, int unit, MPI_Info CMPI_HANDLE info, MPI_Comm CMPI_HANDLE comm,
                            void *_Nonnull base, MPI_Win CMPI_HANDLE *_Nonnull win);
int MPI_Win_create(void *_Nullable base, MPI_Aint size, int unit, MPI_Info CMPI_HANDLE info, MPI_Comm CMPI_HANDLE comm,
                   MPI_Win CMPI_HANDLE *_Nonnull win);
int MPI_Win_create_dynamic(MPI_Info CMPI_HANDLE info, MPI_Comm CMPI_HANDLE comm, MPI_Win CMPI_HANDLE *_Nonnull win);
int MPI_Win_free(MPI_Win CMPI_HANDLE *_Nonnull win);
int MPI_Win_get_group(MPI_Win CMPI_HANDLE win, MPI_Group CMPI_HANDLE *_Nonnull group);
int MPI_Win_get_info(MPI_Win CMPI_HANDLE win, MPI_Info CMPI_HANDLE *_Nonnull info);
int MPI_Rput(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int rank, MPI_Aint offset,
             int targetCount, MPI_Datatype CMPI_HANDLE targetType, MPI_Win CMPI_HANDLE win,
             MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Rget(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int rank, MPI_Aint offset, int targetCount,
             MPI_Datatype CMPI_HANDLE targetType, MPI_Win CMPI_HANDLE win, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Raccumulate(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int rank, MPI_Aint offset,
                    int targetCount, MPI_Datatype CMPI_HANDLE targetType, MPI_Op CMPI_HANDLE operation,
                    MPI_Win CMPI_HANDLE win, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Rget_accumulate(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                        int resultCount, MPI_Datatype CMPI_HANDLE resultType, int rank, MPI_Aint offset,
                        int targetCount, MPI_Datatype CMPI_HANDLE targetType, MPI_Op CMPI_HANDLE operation,
                        MPI_Win CMPI_HANDLE win, MPI_Request CMPI_HANDLE *_Nonnull request);
// Collective calls and reductions.
typedef void (*cmpi_combine)(void *_Nullable, void *_Nullable, int *_Nonnull, MPI_Datatype CMPI_HANDLE *_Nonnull);
int MPI_Op_create(cmpi_combine _Nonnull function, int commutes, MPI_Op CMPI_HANDLE *_Nonnull op);
int MPI_Op_free(MPI_Op CMPI_HANDLE *_Nonnull op);
int MPI_Type_dup(MPI_Datatype CMPI_HANDLE type, MPI_Datatype CMPI_HANDLE *_Nonnull result);
int MPI_Ibcast(void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, int root, MPI_Comm CMPI_HANDLE comm,
               MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Igather(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                int room, MPI_Datatype CMPI_HANDLE room_type, int root, MPI_Comm CMPI_HANDLE comm,
                MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Igatherv(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                 const int *_Nullable counts, const int *_Nullable offsets, MPI_Datatype CMPI_HANDLE result_type,
                 int root, MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iallgather(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                   int room, MPI_Datatype CMPI_HANDLE room_type, MPI_Comm CMPI_HANDLE comm,
                   MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iallgatherv(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                    const int *_Nullable counts, const int *_Nullable offsets, MPI_Datatype CMPI_HANDLE result_type,
                    MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iscatter(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                 int room, MPI_Datatype CMPI_HANDLE room_type, int root, MPI_Comm CMPI_HANDLE comm,
                 MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iscatterv(const void *_Nullable data, const int *_Nullable counts, const int *_Nullable offsets,
                  MPI_Datatype CMPI_HANDLE type, void *_Nullable result, int room, MPI_Datatype CMPI_HANDLE room_type,
                  int root, MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ialltoall(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type, void *_Nullable result,
                  int room, MPI_Datatype CMPI_HANDLE room_type, MPI_Comm CMPI_HANDLE comm,
                  MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ialltoallv(const void *_Nullable data, const int *_Nullable counts, const int *_Nullable offsets,
                   MPI_Datatype CMPI_HANDLE type, void *_Nullable result, const int *_Nullable rooms,
                   const int *_Nullable room_offsets, MPI_Datatype CMPI_HANDLE room_type, MPI_Comm CMPI_HANDLE comm,
                   MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ialltoallw(const void *_Nullable data, const int *_Nullable counts, const int *_Nullable offsets,
                   const MPI_Datatype CMPI_HANDLE *_Nonnull types, void *_Nullable result, const int *_Nullable rooms,
                   const int *_Nullable room_offsets, const MPI_Datatype CMPI_HANDLE *_Nonnull room_types,
                   MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ireduce(const void *_Nullable data, void *_Nullable result, int count, MPI_Datatype CMPI_HANDLE type,
                MPI_Op CMPI_HANDLE op, int root, MPI_Comm CMPI_HANDLE comm,
                MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iallreduce(const void *_Nullable data, void *_Nullable result, int count, MPI_Datatype CMPI_HANDLE type,
                   MPI_Op CMPI_HANDLE op, MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ireduce_scatter_block(const void *_Nullable data, void *_Nullable result, int count,
                              MPI_Datatype CMPI_HANDLE type, MPI_Op CMPI_HANDLE op, MPI_Comm CMPI_HANDLE comm,
                              MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iscan(const void *_Nullable data, void *_Nullable result, int count, MPI_Datatype CMPI_HANDLE type,
              MPI_Op CMPI_HANDLE op, MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Iexscan(const void *_Nullable data, void *_Nullable result, int count, MPI_Datatype CMPI_HANDLE type,
                MPI_Op CMPI_HANDLE op, MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ireduce_scatter(const void *_Nullable data, void *_Nullable result, const int *_Nullable counts,
                        MPI_Datatype CMPI_HANDLE type, MPI_Op CMPI_HANDLE op, MPI_Comm CMPI_HANDLE comm,
                        MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ineighbor_allgather(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                            void *_Nullable result, int room, MPI_Datatype CMPI_HANDLE room_type,
                            MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ineighbor_allgatherv(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                             void *_Nullable result, const int *_Nullable counts, const int *_Nullable offsets,
                             MPI_Datatype CMPI_HANDLE result_type, MPI_Comm CMPI_HANDLE comm,
                             MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ineighbor_alltoall(const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                           void *_Nullable result, int room, MPI_Datatype CMPI_HANDLE room_type,
                           MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ineighbor_alltoallv(const void *_Nullable data, const int *_Nullable counts, const int *_Nullable offsets,
                            MPI_Datatype CMPI_HANDLE type, void *_Nullable result, const int *_Nullable rooms,
                            const int *_Nullable room_offsets, MPI_Datatype CMPI_HANDLE room_type,
                            MPI_Comm CMPI_HANDLE comm, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Ineighbor_alltoallw(const void *_Nullable data, const int *_Nullable counts,
                            const MPI_Aint *_Nullable offsets, const MPI_Datatype CMPI_HANDLE *_Nonnull types,
                            void *_Nullable result, const int *_Nullable rooms,
                            const MPI_Aint *_Nullable room_offsets,
                            const MPI_Datatype CMPI_HANDLE *_Nonnull room_types, MPI_Comm CMPI_HANDLE comm,
                            MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Alltoallw(const void *_Nullable data, const int *_Nullable counts, const int *_Nullable offsets,
                  const MPI_Datatype CMPI_HANDLE *_Nonnull types, void *_Nullable result, const int *_Nullable rooms,
                  const int *_Nullable room_offsets, const MPI_Datatype CMPI_HANDLE *_Nonnull room_types,
                  MPI_Comm CMPI_HANDLE comm);
int MPI_Neighbor_alltoallw(const void *_Nullable data, const int *_Nullable counts, const MPI_Aint *_Nullable offsets,
                           const MPI_Datatype CMPI_HANDLE *_Nonnull types, void *_Nullable result,
                           const int *_Nullable rooms, const MPI_Aint *_Nullable room_offsets,
                           const MPI_Datatype CMPI_HANDLE *_Nonnull room_types, MPI_Comm CMPI_HANDLE comm);

// Files.
int MPI_File_get_errhandler(MPI_File _Nullable file, MPI_Errhandler CMPI_HANDLE *_Nonnull handler);
int MPI_File_get_group(MPI_File _Nullable file, MPI_Group CMPI_HANDLE *_Nonnull group);
int MPI_File_get_info(MPI_File _Nullable file, MPI_Info CMPI_HANDLE *_Nonnull info);
int MPI_File_get_view(MPI_File _Nullable file, MPI_Offset *_Nonnull displacement,
                      MPI_Datatype CMPI_HANDLE *_Nonnull element, MPI_Datatype CMPI_HANDLE *_Nonnull pattern,
                      char *_Nonnull representation);
int MPI_File_iread(MPI_File _Nullable file, void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                   MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iread_all(MPI_File _Nullable file, void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                       MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iread_at(MPI_File _Nullable file, MPI_Offset offset, void *_Nullable data, int count,
                      MPI_Datatype CMPI_HANDLE type, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iread_at_all(MPI_File _Nullable file, MPI_Offset offset, void *_Nullable data, int count,
                          MPI_Datatype CMPI_HANDLE type, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iread_shared(MPI_File _Nullable file, void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                          MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iwrite(MPI_File _Nullable file, const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                    MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iwrite_all(MPI_File _Nullable file, const void *_Nullable data, int count, MPI_Datatype CMPI_HANDLE type,
                        MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iwrite_at(MPI_File _Nullable file, MPI_Offset offset, const void *_Nullable data, int count,
                       MPI_Datatype CMPI_HANDLE type, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iwrite_at_all(MPI_File _Nullable file, MPI_Offset offset, const void *_Nullable data, int count,
                           MPI_Datatype CMPI_HANDLE type, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_File_iwrite_shared(MPI_File _Nullable file, const void *_Nullable data, int count,
                           MPI_Datatype CMPI_HANDLE type, MPI_Request CMPI_HANDLE *_Nonnull request);
int MPI_Type_get_envelope(MPI_Datatype CMPI_HANDLE type, int *_Nonnull integers, int *_Nonnull addresses,
                          int *_Nonnull types, int *_Nonnull combiner);

#define CMPI_VALUE(type, name, value) \
  static inline type CMPI_HANDLE cmpi_##name(void) { return value; }

CMPI_VALUE(MPI_Comm, comm_world, MPI_COMM_WORLD)
CMPI_VALUE(MPI_Comm, comm_self, MPI_COMM_SELF)
CMPI_VALUE(MPI_Comm, comm_null, MPI_COMM_NULL)
CMPI_VALUE(MPI_Request, request_null, MPI_REQUEST_NULL)
CMPI_VALUE(MPI_Message, message_null, MPI_MESSAGE_NULL)
CMPI_VALUE(MPI_Info, info_null, MPI_INFO_NULL)
CMPI_VALUE(MPI_Info, info_env, MPI_INFO_ENV)
CMPI_VALUE(MPI_Errhandler, errors_return, MPI_ERRORS_RETURN)
CMPI_VALUE(MPI_Errhandler, errors_are_fatal, MPI_ERRORS_ARE_FATAL)
CMPI_VALUE(MPI_Errhandler, errhandler_null, MPI_ERRHANDLER_NULL)
CMPI_VALUE(MPI_Group, group_null, MPI_GROUP_NULL)
CMPI_VALUE(MPI_Group, group_empty, MPI_GROUP_EMPTY)

CMPI_VALUE(MPI_Datatype, byte, MPI_BYTE)
CMPI_VALUE(MPI_Datatype, int8, MPI_INT8_T)
CMPI_VALUE(MPI_Datatype, int16, MPI_INT16_T)
CMPI_VALUE(MPI_Datatype, int32, MPI_INT32_T)
CMPI_VALUE(MPI_Datatype, int64, MPI_INT64_T)
CMPI_VALUE(MPI_Datatype, uint8, MPI_UINT8_T)
CMPI_VALUE(MPI_Datatype, uint16, MPI_UINT16_T)
CMPI_VALUE(MPI_Datatype, uint32, MPI_UINT32_T)
CMPI_VALUE(MPI_Datatype, uint64, MPI_UINT64_T)
CMPI_VALUE(MPI_Datatype, float, MPI_FLOAT)
CMPI_VALUE(MPI_Datatype, double, MPI_DOUBLE)
CMPI_VALUE(MPI_Datatype, bool, MPI_C_BOOL)
CMPI_VALUE(MPI_Datatype, long_double, MPI_LONG_DOUBLE)
CMPI_VALUE(MPI_Datatype, complex_float, MPI_C_FLOAT_COMPLEX)
CMPI_VALUE(MPI_Datatype, complex_double, MPI_C_DOUBLE_COMPLEX)
CMPI_VALUE(MPI_Datatype, packed, MPI_PACKED)

CMPI_VALUE(MPI_Op, sum, MPI_SUM)
CMPI_VALUE(MPI_Op, product, MPI_PROD)
CMPI_VALUE(MPI_Op, min, MPI_MIN)
CMPI_VALUE(MPI_Op, max, MPI_MAX)
CMPI_VALUE(MPI_Op, logical_and, MPI_LAND)
CMPI_VALUE(MPI_Op, logical_or, MPI_LOR)
CMPI_VALUE(MPI_Op, logical_xor, MPI_LXOR)
CMPI_VALUE(MPI_Op, bitwise_and, MPI_BAND)
CMPI_VALUE(MPI_Op, bitwise_or, MPI_BOR)
CMPI_VALUE(MPI_Op, bitwise_xor, MPI_BXOR)
CMPI_VALUE(MPI_Op, minloc, MPI_MINLOC)
CMPI_VALUE(MPI_Op, maxloc, MPI_MAXLOC)
CMPI_VALUE(MPI_Op, op_null, MPI_OP_NULL)
CMPI_VALUE(MPI_Datatype, short_int, MPI_SHORT_INT)
CMPI_VALUE(MPI_Datatype, 2int, MPI_2INT)
CMPI_VALUE(MPI_Datatype, long_int, MPI_LONG_INT)
CMPI_VALUE(MPI_Datatype, float_int, MPI_FLOAT_INT)
CMPI_VALUE(MPI_Datatype, double_int, MPI_DOUBLE_INT)

CMPI_VALUE(MPI_Op, replace, MPI_REPLACE)
CMPI_VALUE(MPI_Op, no_op, MPI_NO_OP)
CMPI_VALUE(MPI_Win, win_null, MPI_WIN_NULL)
#undef CMPI_VALUE

// The handles of communicators, windows, datatypes, operations and requests as numbers and back.
static inline long cmpi_comm_bits(MPI_Comm CMPI_HANDLE comm) { return (long)comm; }
static inline MPI_Comm CMPI_HANDLE cmpi_comm(long bits) { return (MPI_Comm)bits; }
static inline long cmpi_request_bits(MPI_Request CMPI_HANDLE request) { return (long)request; }
static inline MPI_Request CMPI_HANDLE cmpi_request(long bits) { return (MPI_Request)bits; }
static inline long cmpi_win_bits(MPI_Win CMPI_HANDLE win) { return (long)win; }
static inline MPI_Win CMPI_HANDLE cmpi_win(long bits) { return (MPI_Win)bits; }
static inline long cmpi_datatype_bits(MPI_Datatype CMPI_HANDLE type) { return (long)type; }
static inline MPI_Datatype CMPI_HANDLE cmpi_datatype(long bits) { return (MPI_Datatype)bits; }
static inline long cmpi_operation_bits(MPI_Op CMPI_HANDLE operation) { return (long)operation; }
static inline MPI_Op CMPI_HANDLE cmpi_operation(long bits) { return (MPI_Op)bits; }

static inline void *_Nullable cmpi_in_place(void) { return MPI_IN_PLACE; }
static inline MPI_Status *_Nullable cmpi_status_ignore(void) { return MPI_STATUS_IGNORE; }
static inline int cmpi_any_source(void) { return MPI_ANY_SOURCE; }
static inline int cmpi_any_tag(void) { return MPI_ANY_TAG; }
static inline int cmpi_proc_null(void) { return MPI_PROC_NULL; }
static inline int cmpi_undefined(void) { return MPI_UNDEFINED; }
static inline int cmpi_comm_type_shared(void) { return MPI_COMM_TYPE_SHARED; }
// Macros in one, an enumeration in the other.
static inline int cmpi_graph(void) { return MPI_GRAPH; }
static inline int cmpi_cart(void) { return MPI_CART; }
static inline int cmpi_dist_graph(void) { return MPI_DIST_GRAPH; }
static inline int *_Nullable cmpi_errcodes_ignore(void) { return MPI_ERRCODES_IGNORE; }
static inline int cmpi_root(void) { return MPI_ROOT; }
static inline int *_Nonnull cmpi_unweighted(void) { return MPI_UNWEIGHTED; }
static inline int *_Nonnull cmpi_weights_empty(void) { return MPI_WEIGHTS_EMPTY; }
static inline int cmpi_tag_ub(void) { return MPI_TAG_UB; }
static inline int cmpi_wtime_is_global(void) { return MPI_WTIME_IS_GLOBAL; }
static inline int cmpi_universe_size(void) { return MPI_UNIVERSE_SIZE; }
static inline int cmpi_appnum(void) { return MPI_APPNUM; }
static inline int cmpi_lastusedcode(void) { return MPI_LASTUSEDCODE; }

static inline int cmpi_win_size(void) { return MPI_WIN_SIZE; }
static inline int cmpi_win_displacement_unit(void) { return MPI_WIN_DISP_UNIT; }
static inline int cmpi_win_flavor(void) { return MPI_WIN_CREATE_FLAVOR; }
static inline int cmpi_win_model(void) { return MPI_WIN_MODEL; }
// Macros in one implementation, values of an enumeration in the other.
static inline int cmpi_win_flavor_create(void) { return MPI_WIN_FLAVOR_CREATE; }
static inline int cmpi_win_flavor_allocate(void) { return MPI_WIN_FLAVOR_ALLOCATE; }
static inline int cmpi_win_flavor_shared(void) { return MPI_WIN_FLAVOR_SHARED; }
static inline int cmpi_win_unified(void) { return MPI_WIN_UNIFIED; }
static inline int cmpi_keyval_invalid(void) { return MPI_KEYVAL_INVALID; }
// A key for attributes of datatypes that copies of these share.
static inline int cmpi_type_create_keyval(int *_Nonnull key) {
  return MPI_Type_create_keyval(MPI_TYPE_DUP_FN, MPI_TYPE_NULL_DELETE_FN, key, 0);
}

static inline int cmpi_combiner_named(void) { return MPI_COMBINER_NAMED; }

// Which implementation this was compiled for, and whether it is a release 4 of Open MPI.
#ifdef OPEN_MPI
static inline int cmpi_is_open_mpi(void) { return 1; }
static inline int cmpi_is_open_mpi4(void) { return OMPI_MAJOR_VERSION == 4; }
#else
static inline int cmpi_is_open_mpi(void) { return 0; }
static inline int cmpi_is_open_mpi4(void) { return 0; }
#endif

// Error handlers have variable arguments, which Swift cannot write: this one hands on the two that matter, to Swift.
void cmpi_report_error(MPI_Comm CMPI_HANDLE comm, int code);
static inline void cmpi_handle_error(MPI_Comm *comm, int *code, ...) { cmpi_report_error(*comm, *code); }
static inline int cmpi_create_errhandler(MPI_Errhandler CMPI_HANDLE *_Nonnull handler) {
  return MPI_Comm_create_errhandler(cmpi_handle_error, handler);
}

void cmpi_report_file_error(MPI_File _Nullable file, int code);
static inline void cmpi_handle_file_error(MPI_File *file, int *code, ...) { cmpi_report_file_error(*file, *code); }
static inline int cmpi_create_file_errhandler(MPI_Errhandler CMPI_HANDLE *_Nonnull handler) {
  return MPI_File_create_errhandler(cmpi_handle_file_error, handler);
}
