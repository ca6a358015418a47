/* Compiled as plain C, so that the header stays readable by every language that speaks C. */
#include "colony_faiss.h"

typedef colony_faiss_error* (*colony_faiss_opener)(int32_t, colony_faiss_index**);

extern const colony_faiss_opener colony_faiss_header_is_c;
const colony_faiss_opener colony_faiss_header_is_c = colony_faiss_open_flat;
