// New tensors.
#include "shim.h"

#include <cstring>

using namespace colony;

colony_error* colony_from_data(const void* data, const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    return guarded([&] {
        at::Tensor host = at::empty(array(sizes, dim), at::TensorOptions().dtype(static_cast<at::ScalarType>(type)));
        if (host.numel() > 0) {
            std::memcpy(host.data_ptr(), data, host.nbytes());
        }
        give(host.to(device(device_type, device_index)), result);
    });
}

colony_error* colony_empty(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::empty(array(sizes, dim), options(type, device_type, device_index)));
}

colony_error* colony_zeros(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::zeros(array(sizes, dim), options(type, device_type, device_index)));
}

colony_error* colony_full(const int64_t* sizes, int32_t dim, colony_scalar value, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::full(array(sizes, dim), scalar(value), options(type, device_type, device_index)));
}

colony_error* colony_rand(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::rand(array(sizes, dim), options(type, device_type, device_index)));
}

colony_error* colony_randn(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::randn(array(sizes, dim), options(type, device_type, device_index)));
}

colony_error* colony_arange(colony_scalar start, colony_scalar end, colony_scalar step, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::arange(scalar(start), scalar(end), scalar(step), options(type, device_type, device_index)));
}

colony_error* colony_eye(int64_t rows, int64_t columns, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(at::eye(rows, columns, options(type, device_type, device_index)));
}

colony_error* colony_zeros_like(const colony_tensor* self, colony_tensor** result) {
    COLONY_GIVE(at::zeros_like(get(self)));
}

colony_error* colony_full_like(const colony_tensor* self, colony_scalar value, colony_tensor** result) {
    COLONY_GIVE(at::full_like(get(self), scalar(value)));
}
