// Views, rearrangements and selections.
#include "shim.h"

#include <ATen/TensorIndexing.h>

#include <memory>

using namespace colony;

colony_error* colony_view(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result) {
    COLONY_GIVE(get(self).view(array(sizes, dim)));
}

colony_error* colony_reshape(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result) {
    COLONY_GIVE(at::reshape(get(self), array(sizes, dim)));
}

colony_error* colony_expand(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result) {
    COLONY_GIVE(get(self).expand(array(sizes, dim)));
}

colony_error* colony_permute(
    const colony_tensor* self, const int64_t* dims, int32_t count, colony_tensor** result) {
    COLONY_GIVE(get(self).permute(array(dims, count)));
}

colony_error* colony_repeat(
    const colony_tensor* self, const int64_t* repeats, int32_t count, colony_tensor** result) {
    COLONY_GIVE(get(self).repeat(array(repeats, count)));
}

colony_error* colony_flip(
    const colony_tensor* self, const int64_t* dims, int32_t count, colony_tensor** result) {
    COLONY_GIVE(at::flip(get(self), array(dims, count)));
}

colony_error* colony_transpose(
    const colony_tensor* self, int64_t dim0, int64_t dim1, colony_tensor** result) {
    COLONY_GIVE(at::transpose(get(self), dim0, dim1));
}

colony_error* colony_unsqueeze(const colony_tensor* self, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::unsqueeze(get(self), dim));
}

colony_error* colony_squeeze(const colony_tensor* self, colony_tensor** result) {
    COLONY_GIVE(at::squeeze(get(self)));
}

colony_error* colony_squeeze_dim(const colony_tensor* self, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::squeeze(get(self), dim));
}

colony_error* colony_narrow(
    const colony_tensor* self, int64_t dim, int64_t start, int64_t length, colony_tensor** result) {
    COLONY_GIVE(get(self).narrow(dim, start, length));
}

colony_error* colony_select(const colony_tensor* self, int64_t dim, int64_t index, colony_tensor** result) {
    COLONY_GIVE(get(self).select(dim, index));
}

colony_error* colony_diagonal(
    const colony_tensor* self, int64_t offset, int64_t dim1, int64_t dim2, colony_tensor** result) {
    COLONY_GIVE(at::diagonal(get(self), offset, dim1, dim2));
}

colony_error* colony_tril(const colony_tensor* self, int64_t diagonal, colony_tensor** result) {
    COLONY_GIVE(at::tril(get(self), diagonal));
}

colony_error* colony_triu(const colony_tensor* self, int64_t diagonal, colony_tensor** result) {
    COLONY_GIVE(at::triu(get(self), diagonal));
}

colony_error* colony_cat(
    const colony_tensor* const* tensors, int32_t count, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::cat(get_all(tensors, count), dim));
}

colony_error* colony_stack(
    const colony_tensor* const* tensors, int32_t count, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::stack(get_all(tensors, count), dim));
}

colony_error* colony_split(
    const colony_tensor* self, int64_t split_size, int64_t dim, colony_tensor** results, int32_t count) {
    return guarded([&] {
        std::vector<at::Tensor> pieces = at::split(get(self), split_size, dim);
        TORCH_CHECK(static_cast<int32_t>(pieces.size()) == count, "split gave ", pieces.size(), " pieces, not ", count);
        std::vector<std::unique_ptr<colony_tensor>> given;
        given.reserve(pieces.size());
        for (at::Tensor& piece : pieces) {
            given.push_back(std::make_unique<colony_tensor>(std::move(piece)));
        }
        for (int32_t i = 0; i < count; i++) {
            results[i] = given[static_cast<size_t>(i)].release();
        }
    });
}

colony_error* colony_index_select(
    const colony_tensor* self, int64_t dim, const colony_tensor* index, colony_tensor** result) {
    COLONY_GIVE(at::index_select(get(self), dim, get(index)));
}

colony_error* colony_index(
    const colony_tensor* self, const colony_tensor* const* indices, int32_t count, colony_tensor** result) {
    return guarded([&] {
        std::vector<at::indexing::TensorIndex> list;
        list.reserve(static_cast<size_t>(count));
        for (int32_t i = 0; i < count; i++) {
            list.emplace_back(get(indices[i]));
        }
        give(get(self).index(at::ArrayRef<at::indexing::TensorIndex>(list)), result);
    });
}

colony_error* colony_gather(
    const colony_tensor* self, int64_t dim, const colony_tensor* index, colony_tensor** result) {
    COLONY_GIVE(at::gather(get(self), dim, get(index)));
}

colony_error* colony_scatter(const colony_tensor* self, int64_t dim, const colony_tensor* index,
    const colony_tensor* source, colony_tensor** result) {
    COLONY_GIVE(at::scatter(get(self), dim, get(index), get(source)));
}
