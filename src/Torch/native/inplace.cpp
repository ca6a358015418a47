// Operations that change their tensor and hand out no new one.
#include "shim.h"

using namespace colony;

colony_error* colony_add_(colony_tensor* self, const colony_tensor* other, colony_scalar alpha) {
    COLONY_DO(get(self).add_(get(other), scalar(alpha)));
}

colony_error* colony_sub_(colony_tensor* self, const colony_tensor* other, colony_scalar alpha) {
    COLONY_DO(get(self).sub_(get(other), scalar(alpha)));
}

colony_error* colony_mul_(colony_tensor* self, const colony_tensor* other) { COLONY_DO(get(self).mul_(get(other))); }

colony_error* colony_div_(colony_tensor* self, const colony_tensor* other) { COLONY_DO(get(self).div_(get(other))); }

colony_error* colony_add_scalar_(colony_tensor* self, colony_scalar other) {
    COLONY_DO(get(self).add_(scalar(other)));
}

colony_error* colony_sub_scalar_(colony_tensor* self, colony_scalar other) {
    COLONY_DO(get(self).sub_(scalar(other)));
}

colony_error* colony_mul_scalar_(colony_tensor* self, colony_scalar other) {
    COLONY_DO(get(self).mul_(scalar(other)));
}

colony_error* colony_div_scalar_(colony_tensor* self, colony_scalar other) {
    COLONY_DO(get(self).div_(scalar(other)));
}

colony_error* colony_zero_(colony_tensor* self) { COLONY_DO(get(self).zero_()); }

colony_error* colony_fill_(colony_tensor* self, colony_scalar value) { COLONY_DO(get(self).fill_(scalar(value))); }

colony_error* colony_copy_(colony_tensor* self, const colony_tensor* source) {
    COLONY_DO(get(self).copy_(get(source)));
}

colony_error* colony_sqrt_(colony_tensor* self) { COLONY_DO(get(self).sqrt_()); }

colony_error* colony_masked_fill_(colony_tensor* self, const colony_tensor* mask, colony_scalar value) {
    COLONY_DO(get(self).masked_fill_(get(mask), scalar(value)));
}

colony_error* colony_addcmul_(
    colony_tensor* self, const colony_tensor* first, const colony_tensor* second, colony_scalar value) {
    COLONY_DO(get(self).addcmul_(get(first), get(second), scalar(value)));
}

colony_error* colony_addcdiv_(
    colony_tensor* self, const colony_tensor* first, const colony_tensor* second, colony_scalar value) {
    COLONY_DO(get(self).addcdiv_(get(first), get(second), scalar(value)));
}

colony_error* colony_uniform_(colony_tensor* self, double from, double to) {
    COLONY_DO(get(self).uniform_(from, to));
}

colony_error* colony_normal_(colony_tensor* self, double mean, double std) {
    COLONY_DO(get(self).normal_(mean, std));
}
