// Automatic differentiation, and the types it computes in.
#include "shim.h"

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <memory>

using namespace colony;

namespace {

std::vector<at::Tensor> get_all_optional(const colony_tensor* const* tensors, int32_t count) {
    std::vector<at::Tensor> values;
    values.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) {
        values.push_back(get_optional(tensors[i]));
    }
    return values;
}

bool is_cuda(int32_t device_type) { return static_cast<c10::DeviceType>(device_type) == c10::DeviceType::CUDA; }

void set_autocast(int32_t device_type, bool enabled, at::ScalarType type) {
    if (is_cuda(device_type)) {
        at::autocast::set_enabled(enabled);
        at::autocast::set_autocast_gpu_dtype(type);
    } else {
        at::autocast::set_cpu_enabled(enabled);
        at::autocast::set_autocast_cpu_dtype(type);
    }
}

}  // namespace

colony_error* colony_requires_grad(const colony_tensor* self, uint8_t* requires_grad) {
    COLONY_DO(*requires_grad = get(self).requires_grad() ? 1 : 0);
}

colony_error* colony_requires_grad_(colony_tensor* self, uint8_t requires_grad) {
    COLONY_DO(get(self).requires_grad_(requires_grad != 0));
}

colony_error* colony_is_leaf(const colony_tensor* self, uint8_t* leaf) {
    COLONY_DO(*leaf = get(self).is_leaf() ? 1 : 0);
}

colony_error* colony_detach(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(get(self).detach()); }

colony_error* colony_set_data(colony_tensor* self, const colony_tensor* data) {
    COLONY_DO(get(self).set_data(get(data)));
}

colony_error* colony_grad(const colony_tensor* self, colony_tensor** gradient) {
    COLONY_DO(*gradient = give_optional(get(self).grad()));
}

colony_error* colony_set_grad(colony_tensor* self, const colony_tensor* gradient) {
    return guarded([&] {
        at::Tensor& x = get(self);
        const at::Tensor value = get_optional(gradient);
        TORCH_CHECK(!value.defined() || value.sizes() == x.sizes(), "a gradient of shape ", value.defined() ?
            value.sizes() : at::IntArrayRef(), " was given to a tensor of shape ", x.sizes());
        x.mutable_grad() = value;
    });
}

colony_error* colony_backward(const colony_tensor* const* outputs, const colony_tensor* const* gradients,
    int32_t count, uint8_t retain_graph) {
    COLONY_DO(torch::autograd::backward(
        get_all(outputs, count), get_all_optional(gradients, count), retain_graph != 0));
}

colony_error* colony_autograd_grad(const colony_tensor* const* outputs,
    const colony_tensor* const* gradients, int32_t output_count, const colony_tensor* const* inputs,
    int32_t input_count, uint8_t retain_graph, uint8_t allow_unused, colony_tensor** results) {
    return guarded([&] {
        std::vector<at::Tensor> found = torch::autograd::grad(get_all(outputs, output_count),
            get_all(inputs, input_count), get_all_optional(gradients, output_count), retain_graph != 0,
            /*create_graph=*/false, allow_unused != 0);
        std::vector<std::unique_ptr<colony_tensor>> given;
        given.reserve(found.size());
        for (at::Tensor& gradient : found) {
            given.emplace_back(give_optional(std::move(gradient)));
        }
        for (int32_t i = 0; i < input_count; i++) {
            results[i] = given[static_cast<size_t>(i)].release();
        }
    });
}

colony_error* colony_autocast_enter(int32_t device_type, uint8_t enabled, int32_t type, uint8_t* was_enabled,
    int32_t* was_type) {
    return guarded([&] {
        const bool cuda = is_cuda(device_type);
        *was_enabled = (cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled()) ? 1 : 0;
        *was_type = static_cast<int32_t>(
            cuda ? at::autocast::get_autocast_gpu_dtype() : at::autocast::get_autocast_cpu_dtype());
        at::autocast::increment_nesting();
        set_autocast(device_type, enabled != 0, static_cast<at::ScalarType>(type));
    });
}

colony_error* colony_autocast_leave(int32_t device_type, uint8_t was_enabled, int32_t was_type) {
    return guarded([&] {
        set_autocast(device_type, was_enabled != 0, static_cast<at::ScalarType>(was_type));
        if (at::autocast::decrement_nesting() == 0) {
            at::autocast::clear_cache();
        }
    });
}
