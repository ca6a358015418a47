/*
 * C face of the FAISS indices that Colony uses. No exception crosses it: every function but the two that free returns
 * NULL, or an error that the caller reads with colony_faiss_error_text and gives back with colony_faiss_error_free.
 * An index may be searched by many threads at once; adding needs the index alone.
 */
#ifndef COLONY_FAISS_H
#define COLONY_FAISS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct colony_faiss_index colony_faiss_index;
typedef struct colony_faiss_error colony_faiss_error;

#define COLONY_FAISS_API __attribute__((visibility("default")))

/* UTF-8 text of an error; lives as long as the error. */
COLONY_FAISS_API const char* colony_faiss_error_text(const colony_faiss_error* error);

COLONY_FAISS_API void colony_faiss_error_free(colony_faiss_error* error);

/* Version of FAISS as major * 10000 + minor * 100 + patch. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_version(int32_t* version);

/* Exact inner product. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_open_flat(int32_t dimension, colony_faiss_index** index);

/* Navigable small world graph over inner products: links a node, candidates kept while building and while searching. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_open_hnsw(
    int32_t dimension, int32_t links, int32_t build_width, int32_t search_width, colony_faiss_index** index);

/* Inverted lists over inner products; the first vectors added place the centres. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_open_ivf(
    int32_t dimension, int32_t lists, int32_t probes, colony_faiss_index** index);

COLONY_FAISS_API void colony_faiss_close(colony_faiss_index* index);

COLONY_FAISS_API colony_faiss_error* colony_faiss_count(const colony_faiss_index* index, int64_t* count);

/* Appends count vectors of the index's dimension, row after row; ids go up from 0. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_add(
    colony_faiss_index* index, int64_t count, const float* vectors, int32_t threads);

/* The best ids of each query, best first, with their inner products; where there are fewer than top, the id is -1. */
COLONY_FAISS_API colony_faiss_error* colony_faiss_search(
    const colony_faiss_index* index, int64_t count, const float* queries, int32_t top, float* scores, int64_t* ids,
    int32_t threads);

#ifdef __cplusplus
}
#endif

#endif
