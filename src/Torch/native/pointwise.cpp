// Operations on elements. Where only the name differs, a macro writes the function.
#include "shim.h"

using namespace colony;

#define UNARY(name) \
    colony_error* colony_##name(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(at::name(get(self))); }

#define BINARY(name) \
    colony_error* colony_##name(const colony_tensor* self, const colony_tensor* other, colony_tensor** result) { \
        COLONY_GIVE(at::name(get(self), get(other))); \
    }

#define BINARY_SCALAR(name) \
    colony_error* colony_##name##_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result) { \
        COLONY_GIVE(at::name(get(self), scalar(other))); \
    }

UNARY(neg)
UNARY(abs)
UNARY(exp)
UNARY(log)
UNARY(sqrt)
UNARY(rsqrt)
UNARY(relu)
UNARY(gelu)
UNARY(tanh)
UNARY(sigmoid)
UNARY(sin)
UNARY(cos)
UNARY(square)
UNARY(isfinite)
UNARY(logical_not)

BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(div)
BINARY(pow)
BINARY(maximum)
BINARY(minimum)
BINARY(eq)
BINARY(ne)
BINARY(lt)
BINARY(le)
BINARY(gt)
BINARY(ge)
BINARY(logical_and)
BINARY(logical_or)

BINARY_SCALAR(add)
BINARY_SCALAR(sub)
BINARY_SCALAR(mul)
BINARY_SCALAR(div)
BINARY_SCALAR(pow)
BINARY_SCALAR(rsub)
BINARY_SCALAR(eq)
BINARY_SCALAR(ne)
BINARY_SCALAR(lt)
BINARY_SCALAR(le)
BINARY_SCALAR(gt)
BINARY_SCALAR(ge)

// As Python's `number / tensor` does it.
colony_error* colony_rdiv_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result) {
    COLONY_GIVE(at::mul(at::reciprocal(get(self)), scalar(other)));
}

colony_error* colony_clamp(
    const colony_tensor* self, colony_scalar min, colony_scalar max, colony_tensor** result) {
    return guarded([&] {
        if (present(min) && present(max)) {
            give(at::clamp(get(self), scalar(min), scalar(max)), result);
        } else if (present(min)) {
            give(at::clamp_min(get(self), scalar(min)), result);
        } else {
            give(at::clamp_max(get(self), scalar(max)), result);
        }
    });
}

colony_error* colony_where(const colony_tensor* condition, const colony_tensor* self,
    const colony_tensor* other, colony_tensor** result) {
    COLONY_GIVE(at::where(get(condition), get(self), get(other)));
}

colony_error* colony_masked_fill(
    const colony_tensor* self, const colony_tensor* mask, colony_scalar value, colony_tensor** result) {
    COLONY_GIVE(at::masked_fill(get(self), get(mask), scalar(value)));
}
