// A tensor's life, its properties, its memory and its conversions.
#include "shim.h"

#include <algorithm>

using namespace colony;

namespace {

void copy_list(at::IntArrayRef values, int64_t* destination, int32_t capacity) {
    TORCH_CHECK(static_cast<int64_t>(values.size()) <= capacity, "room for ", capacity, " sizes, but the tensor has ",
        values.size(), " dimensions");
    std::copy(values.begin(), values.end(), destination);
}

colony_scalar to_scalar(const at::Scalar& value) {
    if (value.isBoolean()) {
        return {0.0, value.toBool() ? 1 : 0, 2};
    }
    if (value.isIntegral(/*includeBool=*/false)) {
        return {0.0, value.toLong(), 1};
    }
    return {value.toDouble(), 0, 0};
}

}  // namespace

colony_error* colony_tensor_free(colony_tensor* self) { COLONY_DO(delete self); }

colony_error* colony_dim(const colony_tensor* self, int32_t* dim) {
    COLONY_DO(*dim = static_cast<int32_t>(get(self).dim()));
}

colony_error* colony_size(const colony_tensor* self, int64_t dim, int64_t* size) {
    COLONY_DO(*size = get(self).size(dim));
}

colony_error* colony_sizes(const colony_tensor* self, int64_t* sizes, int32_t capacity) {
    COLONY_DO(copy_list(get(self).sizes(), sizes, capacity));
}

colony_error* colony_strides(const colony_tensor* self, int64_t* strides, int32_t capacity) {
    COLONY_DO(copy_list(get(self).strides(), strides, capacity));
}

colony_error* colony_numel(const colony_tensor* self, int64_t* count) { COLONY_DO(*count = get(self).numel()); }

colony_error* colony_scalar_type(const colony_tensor* self, int32_t* type) {
    COLONY_DO(*type = static_cast<int32_t>(get(self).scalar_type()));
}

colony_error* colony_device(const colony_tensor* self, int32_t* type, int32_t* index) {
    return guarded([&] {
        const at::Device device = get(self).device();
        *type = static_cast<int32_t>(device.type());
        *index = device.index();
    });
}

colony_error* colony_is_contiguous(const colony_tensor* self, uint8_t* contiguous) {
    COLONY_DO(*contiguous = get(self).is_contiguous() ? 1 : 0);
}

colony_error* colony_data_ptr(const colony_tensor* self, void** data) { COLONY_DO(*data = get(self).data_ptr()); }

colony_error* colony_item(const colony_tensor* self, colony_scalar* value) {
    COLONY_DO(*value = to_scalar(get(self).item()));
}

colony_error* colony_to_device(
    const colony_tensor* self, int32_t device_type, int32_t device_index, colony_tensor** result) {
    COLONY_GIVE(get(self).to(device(device_type, device_index)));
}

colony_error* colony_to_type(const colony_tensor* self, int32_t type, colony_tensor** result) {
    COLONY_GIVE(get(self).to(static_cast<at::ScalarType>(type)));
}

colony_error* colony_clone(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(get(self).clone()); }

colony_error* colony_contiguous(const colony_tensor* self, colony_tensor** result) {
    COLONY_GIVE(get(self).contiguous());
}
