/* Compiled as C, so that the header stays one. */
#include "colony_torch.h"

typedef char scalar_has_24_bytes[sizeof(colony_scalar) == 24 ? 1 : -1];
