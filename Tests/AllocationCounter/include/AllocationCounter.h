// Counts the blocks of memory that the calling thread asks for. A program linked with this uses these versions of
// malloc and its kin, in all of its libraries; they count and then do what glibc's do.
#pragma once

/// How many blocks the calling thread has asked for since it began.
long allocation_count(void);
