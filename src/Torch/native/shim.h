// What every file of the shim shares: the two handle types and the wall no exception passes.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "colony_torch.h"

namespace colony {

extern std::atomic<int64_t> live_tensors;
extern std::atomic<int64_t> peak_tensors;

inline void count_tensor() noexcept {
    const int64_t live = live_tensors.fetch_add(1, std::memory_order_relaxed) + 1;
    int64_t peak = peak_tensors.load(std::memory_order_relaxed);
    while (live > peak && !peak_tensors.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
    }
}

}  // namespace colony

struct colony_error {
    std::string message;
};

struct colony_tensor {
    at::Tensor value;

    explicit colony_tensor(at::Tensor tensor) : value(std::move(tensor)) { colony::count_tensor(); }
    colony_tensor(const colony_tensor&) = delete;
    colony_tensor& operator=(const colony_tensor&) = delete;
    ~colony_tensor() { colony::live_tensors.fetch_sub(1, std::memory_order_relaxed); }
};

namespace colony {

colony_error* make_error(const char* message) noexcept;

// c10::Error adds a C++ backtrace to what(), which says nothing to a C# reader; its own message is enough.
template <typename Body>
colony_error* guarded(Body&& body) noexcept {
    try {
        body();
        return nullptr;
    } catch (const c10::Error& error) {
        return make_error(error.what_without_backtrace());
    } catch (const std::exception& error) {
        return make_error(error.what());
    } catch (...) {
        return make_error("libtorch threw something that is not a std::exception");
    }
}

inline const at::Tensor& get(const colony_tensor* tensor) {
    if (tensor == nullptr) {
        throw std::invalid_argument("a tensor is missing where one is required");
    }
    return tensor->value;
}

inline at::Tensor& get(colony_tensor* tensor) {
    return const_cast<at::Tensor&>(get(static_cast<const colony_tensor*>(tensor)));
}

// An undefined tensor is how libtorch's C++ API says "none".
inline at::Tensor get_optional(const colony_tensor* tensor) {
    return tensor == nullptr ? at::Tensor() : tensor->value;
}

inline std::vector<at::Tensor> get_all(const colony_tensor* const* tensors, int32_t count) {
    std::vector<at::Tensor> values;
    values.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) {
        values.push_back(get(tensors[i]));
    }
    return values;
}

inline void give(at::Tensor value, colony_tensor** result) { *result = new colony_tensor(std::move(value)); }

inline colony_tensor* give_optional(at::Tensor value) {
    return value.defined() ? new colony_tensor(std::move(value)) : nullptr;
}

// Both or neither.
inline void give_pair(std::tuple<at::Tensor, at::Tensor> pair, colony_tensor** first, colony_tensor** second) {
    auto one = std::make_unique<colony_tensor>(std::move(std::get<0>(pair)));
    *second = new colony_tensor(std::move(std::get<1>(pair)));
    *first = one.release();
}

inline at::IntArrayRef array(const int64_t* values, int32_t count) {
    return at::IntArrayRef(values, static_cast<size_t>(count));
}

inline bool present(const colony_scalar& value) { return value.kind != 3; }

inline at::Scalar scalar(const colony_scalar& value) {
    switch (value.kind) {
        case 0: return at::Scalar(value.real);
        case 1: return at::Scalar(value.integer);
        case 2: return at::Scalar(value.integer != 0);
        default: throw std::invalid_argument("a number is missing where one is required");
    }
}

// libtorch's own name for the CPU has no index; with one, a tensor that is there already would be copied.
inline at::Device device(int32_t type, int32_t index) {
    const auto device_type = static_cast<at::DeviceType>(type);
    return at::Device(device_type, static_cast<c10::DeviceIndex>(device_type == at::kCPU ? -1 : index));
}

inline at::TensorOptions options(int32_t type, int32_t device_type, int32_t device_index) {
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(type)).device(device(device_type, device_index));
}

}  // namespace colony

// A function body that computes one tensor, and one that computes anything.
#define COLONY_GIVE(...) return colony::guarded([&] { colony::give((__VA_ARGS__), result); })
#define COLONY_DO(...) return colony::guarded([&] { __VA_ARGS__; })
