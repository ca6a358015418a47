// Reductions, sorting and selection by value.
#include "shim.h"

#include <numeric>

using namespace colony;

namespace {

// Not every reduction of every libtorch version reads an empty list as "all dimensions", so all are named.
std::vector<int64_t> reduced(const at::Tensor& self, const int64_t* dims, int32_t count) {
    if (count > 0) {
        return std::vector<int64_t>(dims, dims + count);
    }
    std::vector<int64_t> all(static_cast<size_t>(self.dim()));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

}  // namespace

// A whole sum or mean has its own kernel order in libtorch, so it is asked for as PyTorch asks: without a list.
colony_error* colony_sum(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result) {
    return guarded([&] {
        const at::Tensor& x = get(self);
        give(count == 0 && keep_dim == 0 ? at::sum(x) : at::sum(x, reduced(x, dims, count), keep_dim != 0), result);
    });
}

colony_error* colony_mean(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result) {
    return guarded([&] {
        const at::Tensor& x = get(self);
        give(count == 0 && keep_dim == 0 ? at::mean(x) : at::mean(x, reduced(x, dims, count), keep_dim != 0), result);
    });
}

colony_error* colony_amax(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::amax(get(self), reduced(get(self), dims, count), keep_dim != 0));
}

colony_error* colony_norm(const colony_tensor* self, double p, const int64_t* dims, int32_t count,
    uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::norm(get(self), at::Scalar(p), reduced(get(self), dims, count), keep_dim != 0));
}

colony_error* colony_var(const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t unbiased,
    uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::var(get(self), reduced(get(self), dims, count), unbiased != 0, keep_dim != 0));
}

colony_error* colony_std(const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t unbiased,
    uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::std(get(self), reduced(get(self), dims, count), unbiased != 0, keep_dim != 0));
}

colony_error* colony_logsumexp(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::logsumexp(get(self), reduced(get(self), dims, count), keep_dim != 0));
}

colony_error* colony_max(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(at::max(get(self))); }

colony_error* colony_min(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(at::min(get(self))); }

colony_error* colony_all(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(at::all(get(self))); }

colony_error* colony_any(const colony_tensor* self, colony_tensor** result) { COLONY_GIVE(at::any(get(self))); }

colony_error* colony_argmax(const colony_tensor* self, colony_tensor** result) {
    COLONY_GIVE(at::argmax(get(self)));
}

colony_error* colony_max_dim(const colony_tensor* self, int64_t dim, uint8_t keep_dim,
    colony_tensor** values, colony_tensor** indices) {
    COLONY_DO(give_pair(at::max(get(self), dim, keep_dim != 0), values, indices));
}

colony_error* colony_min_dim(const colony_tensor* self, int64_t dim, uint8_t keep_dim,
    colony_tensor** values, colony_tensor** indices) {
    COLONY_DO(give_pair(at::min(get(self), dim, keep_dim != 0), values, indices));
}

colony_error* colony_all_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::all(get(self), dim, keep_dim != 0));
}

colony_error* colony_any_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::any(get(self), dim, keep_dim != 0));
}

colony_error* colony_argmax_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result) {
    COLONY_GIVE(at::argmax(get(self), dim, keep_dim != 0));
}

colony_error* colony_sort(const colony_tensor* self, int64_t dim, uint8_t descending, uint8_t stable,
    colony_tensor** values, colony_tensor** indices) {
    COLONY_DO(give_pair(at::sort(get(self), stable != 0, dim, descending != 0), values, indices));
}

colony_error* colony_topk(const colony_tensor* self, int64_t k, int64_t dim, uint8_t largest,
    uint8_t sorted, colony_tensor** values, colony_tensor** indices) {
    COLONY_DO(give_pair(at::topk(get(self), k, dim, largest != 0, sorted != 0), values, indices));
}
