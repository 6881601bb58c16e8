#pragma once
#include <pnetcdf.h>

// PnetCDF's calls take MPI objects that C spells as macros with casts, which Swift cannot see: these functions name
// them.

static inline MPI_Comm output_comm_self(void) { return MPI_COMM_SELF; }
static inline MPI_Info output_info_null(void) { return MPI_INFO_NULL; }
