// The library as a whole: errors, counters, seeds, threads, CUDA.
#include "shim.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <new>

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace colony;

namespace colony {

std::atomic<int64_t> live_tensors{0};
std::atomic<int64_t> peak_tensors{0};

namespace {
// Handed out when there is no memory left for a message; never freed.
colony_error out_of_memory{"out of memory"};
}  // namespace

colony_error* make_error(const char* message) noexcept {
    try {
        return new colony_error{message};
    } catch (...) {
        return &out_of_memory;
    }
}

namespace {
// libtorch's own thread count does not reach OpenBLAS, whose thread pool decides how a product is cut into sums.
template <typename Function>
Function find_symbol(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}
}  // namespace
}  // namespace colony

const char* colony_error_message(const colony_error* error) { return error->message.c_str(); }

void colony_error_free(colony_error* error) {
    if (error != &out_of_memory) {
        delete error;
    }
}

colony_error* colony_version(const char** version) { COLONY_DO(*version = TORCH_VERSION); }

colony_error* colony_tensor_counters(int64_t* live, int64_t* peak) {
    COLONY_DO(*live = live_tensors.load(); *peak = peak_tensors.load());
}

colony_error* colony_tensor_counters_reset_peak(void) { COLONY_DO(peak_tensors.store(live_tensors.load())); }

colony_error* colony_manual_seed(uint64_t seed) { COLONY_DO(at::manual_seed(seed)); }

colony_error* colony_set_num_threads(int32_t count) {
    return guarded([&] {
        at::set_num_threads(count);
        if (auto set_blas = find_symbol<void (*)(int)>("openblas_set_num_threads")) {
            set_blas(count);
        }
    });
}

colony_error* colony_get_num_threads(int32_t* count) { COLONY_DO(*count = at::get_num_threads()); }

colony_error* colony_get_num_blas_threads(int32_t* count) {
    return guarded([&] {
        auto get_blas = find_symbol<int (*)()>("openblas_get_num_threads");
        *count = get_blas ? get_blas() : at::get_num_threads();
    });
}

colony_error* colony_keep_freed_memory(uint8_t* kept) {
    return guarded([&] {
#ifdef __GLIBC__
        // Blocks above 32 MB are mapped anew at each request, whatever the threshold, unless mapping is off; and a
        // thread's heap of 64 MB that falls empty is given back unless the padding is larger than it.
        const int growth = 128 << 20;
        *kept = mallopt(M_MMAP_MAX, 0) && mallopt(M_TRIM_THRESHOLD, -1) && mallopt(M_TOP_PAD, growth) ? 1 : 0;
#else
        *kept = 0;
#endif
    });
}

colony_error* colony_use_deterministic_algorithms(uint8_t mode) {
    COLONY_DO(at::globalContext().setDeterministicAlgorithms(mode != 0, /*warn_only=*/false));
}

colony_error* colony_grad_mode_get(uint8_t* enabled) { COLONY_DO(*enabled = at::GradMode::is_enabled() ? 1 : 0); }

colony_error* colony_grad_mode_set(uint8_t enabled) { COLONY_DO(at::GradMode::set_enabled(enabled != 0)); }

colony_error* colony_cuda_is_available(uint8_t* available) {
    COLONY_DO(*available = torch::cuda::is_available() ? 1 : 0);
}

colony_error* colony_cuda_device_count(int32_t* count) {
    COLONY_DO(*count = static_cast<int32_t>(torch::cuda::device_count()));
}

colony_error* colony_cuda_synchronize(int32_t device_index) { COLONY_DO(torch::cuda::synchronize(device_index)); }
