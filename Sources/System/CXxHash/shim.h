#pragma once
// Inlined, so that it is compiled for the vectors of the machine at hand, which the library itself is not.
#define XXH_INLINE_ALL
#include <xxhash.h>

// Inlining puts a prefix before the library's names, which is none of its interface.
static inline XXH64_hash_t xxhash_of(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }
