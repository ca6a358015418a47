/* The C interface of Colony's libtorch shim.
 *
 * Rules that hold for every function but the two that read an error:
 *   - it returns NULL, or an error that the caller frees with colony_error_free;
 *   - results come back through out-parameters, which are written only on success;
 *   - a colony_tensor that comes back belongs to the caller, who frees it with colony_tensor_free;
 *   - a parameter documented as optional may be NULL;
 *   - no C++ exception leaves the library.
 *
 * Element types are numbered as in libtorch (c10::ScalarType): uint8 0, int16 2, int32 3, int64 4, float16 5,
 * float32 6, float64 7, bool 11, bfloat16 15. Device types: CPU 0, CUDA 1. Flags are 0 or 1.
 */
#ifndef COLONY_TORCH_H
#define COLONY_TORCH_H

#include <stdint.h>

#if defined(__GNUC__)
#define COLONY_API __attribute__((visibility("default")))
#else
#define COLONY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct colony_error colony_error;
typedef struct colony_tensor colony_tensor;

/* A number with its kind, since the kind decides the type of a result: 0 real, 1 integer, 2 boolean, 3 absent. */
typedef struct colony_scalar {
    double real;
    int64_t integer;
    int64_t kind;
} colony_scalar;

/* ---- Errors ---- */

/* The message, valid until the error is freed. */
COLONY_API const char* colony_error_message(const colony_error* error);
COLONY_API void colony_error_free(colony_error* error);

/* ---- Runtime (runtime.cpp) ---- */

/* The libtorch version this library was compiled against; the text is static. */
COLONY_API colony_error* colony_version(const char** version);
/* Tensors handed out and not yet freed, and the most there ever were since the last reset of the peak. */
COLONY_API colony_error* colony_tensor_counters(int64_t* live, int64_t* peak);
COLONY_API colony_error* colony_tensor_counters_reset_peak(void);
COLONY_API colony_error* colony_manual_seed(uint64_t seed);
/* Threads of one operation: OpenMP's and, where libtorch computes with OpenBLAS, OpenBLAS's. */
COLONY_API colony_error* colony_set_num_threads(int32_t count);
COLONY_API colony_error* colony_get_num_threads(int32_t* count);
COLONY_API colony_error* colony_get_num_blas_threads(int32_t* count);
/* Tells the C library to keep memory that is freed, for good; *kept is 0 where it takes no such orders. */
COLONY_API colony_error* colony_keep_freed_memory(uint8_t* kept);
COLONY_API colony_error* colony_use_deterministic_algorithms(uint8_t mode);
COLONY_API colony_error* colony_grad_mode_get(uint8_t* enabled);
COLONY_API colony_error* colony_grad_mode_set(uint8_t enabled);
/* Autocast of this thread for a device type: whether products compute in element type `type`. `enter` gives back what
 * was; `leave` restores it and, after the outermost, forgets the weights that were converted. */
COLONY_API colony_error* colony_autocast_enter(int32_t device_type, uint8_t enabled, int32_t type,
    uint8_t* was_enabled, int32_t* was_type);
COLONY_API colony_error* colony_autocast_leave(int32_t device_type, uint8_t was_enabled, int32_t was_type);
COLONY_API colony_error* colony_cuda_is_available(uint8_t* available);
COLONY_API colony_error* colony_cuda_device_count(int32_t* count);
COLONY_API colony_error* colony_cuda_synchronize(int32_t device_index);

/* ---- Tensors: life, properties, memory, conversion (tensor.cpp) ---- */

COLONY_API colony_error* colony_tensor_free(colony_tensor* self);
COLONY_API colony_error* colony_dim(const colony_tensor* self, int32_t* dim);
COLONY_API colony_error* colony_size(const colony_tensor* self, int64_t dim, int64_t* size);
/* Writes as many sizes (elements between neighbours, for strides) as the tensor has dimensions; capacity is checked. */
COLONY_API colony_error* colony_sizes(const colony_tensor* self, int64_t* sizes, int32_t capacity);
COLONY_API colony_error* colony_strides(const colony_tensor* self, int64_t* strides, int32_t capacity);
COLONY_API colony_error* colony_numel(const colony_tensor* self, int64_t* count);
COLONY_API colony_error* colony_scalar_type(const colony_tensor* self, int32_t* type);
COLONY_API colony_error* colony_device(const colony_tensor* self, int32_t* type, int32_t* index);
COLONY_API colony_error* colony_is_contiguous(const colony_tensor* self, uint8_t* contiguous);
COLONY_API colony_error* colony_data_ptr(const colony_tensor* self, void** data);
COLONY_API colony_error* colony_item(const colony_tensor* self, colony_scalar* value);
COLONY_API colony_error* colony_to_device(
    const colony_tensor* self, int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_to_type(const colony_tensor* self, int32_t type, colony_tensor** result);
COLONY_API colony_error* colony_clone(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_contiguous(const colony_tensor* self, colony_tensor** result);

/* ---- Creation (creation.cpp) ---- */

/* Copies the elements, which are contiguous and in host memory, to a new tensor. */
COLONY_API colony_error* colony_from_data(const void* data, const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_empty(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_zeros(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_full(const int64_t* sizes, int32_t dim, colony_scalar value, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_rand(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_randn(const int64_t* sizes, int32_t dim, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_arange(colony_scalar start, colony_scalar end, colony_scalar step, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_eye(int64_t rows, int64_t columns, int32_t type,
    int32_t device_type, int32_t device_index, colony_tensor** result);
COLONY_API colony_error* colony_zeros_like(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_full_like(const colony_tensor* self, colony_scalar value, colony_tensor** result);

/* ---- One tensor, element by element (pointwise.cpp) ---- */

COLONY_API colony_error* colony_neg(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_abs(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_exp(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_log(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_sqrt(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_rsqrt(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_relu(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_gelu(const colony_tensor* self, colony_tensor** result); /* exact, with erf */
COLONY_API colony_error* colony_tanh(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_sigmoid(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_sin(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_cos(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_square(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_isfinite(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_logical_not(const colony_tensor* self, colony_tensor** result);
/* Either bound may be absent, not both. */
COLONY_API colony_error* colony_clamp(
    const colony_tensor* self, colony_scalar min, colony_scalar max, colony_tensor** result);

/* ---- Two tensors, or a tensor and a number, element by element with broadcasting (pointwise.cpp) ---- */

COLONY_API colony_error* colony_add(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_sub(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_mul(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_div(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_pow(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_maximum(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_minimum(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_eq(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_ne(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_lt(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_le(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_gt(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_ge(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_logical_and(
    const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_logical_or(
    const colony_tensor* self, const colony_tensor* other, colony_tensor** result);

COLONY_API colony_error* colony_add_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_sub_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_mul_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_div_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_pow_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
/* other - self and other / self */
COLONY_API colony_error* colony_rsub_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_rdiv_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_eq_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_ne_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_lt_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_le_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_gt_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);
COLONY_API colony_error* colony_ge_scalar(const colony_tensor* self, colony_scalar other, colony_tensor** result);

COLONY_API colony_error* colony_where(const colony_tensor* condition, const colony_tensor* self,
    const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_masked_fill(
    const colony_tensor* self, const colony_tensor* mask, colony_scalar value, colony_tensor** result);

/* ---- In place (inplace.cpp) ---- */

COLONY_API colony_error* colony_add_(colony_tensor* self, const colony_tensor* other, colony_scalar alpha);
COLONY_API colony_error* colony_sub_(colony_tensor* self, const colony_tensor* other, colony_scalar alpha);
COLONY_API colony_error* colony_mul_(colony_tensor* self, const colony_tensor* other);
COLONY_API colony_error* colony_div_(colony_tensor* self, const colony_tensor* other);
COLONY_API colony_error* colony_add_scalar_(colony_tensor* self, colony_scalar other);
COLONY_API colony_error* colony_sub_scalar_(colony_tensor* self, colony_scalar other);
COLONY_API colony_error* colony_mul_scalar_(colony_tensor* self, colony_scalar other);
COLONY_API colony_error* colony_div_scalar_(colony_tensor* self, colony_scalar other);
COLONY_API colony_error* colony_zero_(colony_tensor* self);
COLONY_API colony_error* colony_fill_(colony_tensor* self, colony_scalar value);
COLONY_API colony_error* colony_copy_(colony_tensor* self, const colony_tensor* source);
COLONY_API colony_error* colony_sqrt_(colony_tensor* self);
COLONY_API colony_error* colony_masked_fill_(colony_tensor* self, const colony_tensor* mask, colony_scalar value);
/* self += value * first * second, self += value * first / second */
COLONY_API colony_error* colony_addcmul_(
    colony_tensor* self, const colony_tensor* first, const colony_tensor* second, colony_scalar value);
COLONY_API colony_error* colony_addcdiv_(
    colony_tensor* self, const colony_tensor* first, const colony_tensor* second, colony_scalar value);
COLONY_API colony_error* colony_uniform_(colony_tensor* self, double from, double to);
COLONY_API colony_error* colony_normal_(colony_tensor* self, double mean, double std);

/* ---- Reductions and orders (reduce.cpp); a count of 0 dimensions means all of them ---- */

COLONY_API colony_error* colony_sum(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_mean(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_amax(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_norm(const colony_tensor* self, double p, const int64_t* dims, int32_t count,
    uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_var(const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t unbiased,
    uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_std(const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t unbiased,
    uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_logsumexp(
    const colony_tensor* self, const int64_t* dims, int32_t count, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_max(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_min(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_all(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_any(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_argmax(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_max_dim(const colony_tensor* self, int64_t dim, uint8_t keep_dim,
    colony_tensor** values, colony_tensor** indices);
COLONY_API colony_error* colony_min_dim(const colony_tensor* self, int64_t dim, uint8_t keep_dim,
    colony_tensor** values, colony_tensor** indices);
COLONY_API colony_error* colony_all_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_any_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_argmax_dim(
    const colony_tensor* self, int64_t dim, uint8_t keep_dim, colony_tensor** result);
COLONY_API colony_error* colony_sort(const colony_tensor* self, int64_t dim, uint8_t descending, uint8_t stable,
    colony_tensor** values, colony_tensor** indices);
COLONY_API colony_error* colony_topk(const colony_tensor* self, int64_t k, int64_t dim, uint8_t largest,
    uint8_t sorted, colony_tensor** values, colony_tensor** indices);

/* ---- Shapes and selections (shape.cpp) ---- */

COLONY_API colony_error* colony_view(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result);
COLONY_API colony_error* colony_reshape(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result);
COLONY_API colony_error* colony_expand(
    const colony_tensor* self, const int64_t* sizes, int32_t dim, colony_tensor** result);
COLONY_API colony_error* colony_permute(
    const colony_tensor* self, const int64_t* dims, int32_t count, colony_tensor** result);
COLONY_API colony_error* colony_repeat(
    const colony_tensor* self, const int64_t* repeats, int32_t count, colony_tensor** result);
COLONY_API colony_error* colony_flip(
    const colony_tensor* self, const int64_t* dims, int32_t count, colony_tensor** result);
COLONY_API colony_error* colony_transpose(
    const colony_tensor* self, int64_t dim0, int64_t dim1, colony_tensor** result);
COLONY_API colony_error* colony_unsqueeze(const colony_tensor* self, int64_t dim, colony_tensor** result);
COLONY_API colony_error* colony_squeeze(const colony_tensor* self, colony_tensor** result);
COLONY_API colony_error* colony_squeeze_dim(const colony_tensor* self, int64_t dim, colony_tensor** result);
COLONY_API colony_error* colony_narrow(
    const colony_tensor* self, int64_t dim, int64_t start, int64_t length, colony_tensor** result);
COLONY_API colony_error* colony_select(const colony_tensor* self, int64_t dim, int64_t index, colony_tensor** result);
COLONY_API colony_error* colony_diagonal(
    const colony_tensor* self, int64_t offset, int64_t dim1, int64_t dim2, colony_tensor** result);
COLONY_API colony_error* colony_tril(const colony_tensor* self, int64_t diagonal, colony_tensor** result);
COLONY_API colony_error* colony_triu(const colony_tensor* self, int64_t diagonal, colony_tensor** result);
COLONY_API colony_error* colony_cat(
    const colony_tensor* const* tensors, int32_t count, int64_t dim, colony_tensor** result);
COLONY_API colony_error* colony_stack(
    const colony_tensor* const* tensors, int32_t count, int64_t dim, colony_tensor** result);
/* Pieces of split_size along dim, the last may be shorter; count must be their exact number. */
COLONY_API colony_error* colony_split(
    const colony_tensor* self, int64_t split_size, int64_t dim, colony_tensor** results, int32_t count);
COLONY_API colony_error* colony_index_select(
    const colony_tensor* self, int64_t dim, const colony_tensor* index, colony_tensor** result);
/* The leading dimensions are indexed by one tensor each (int64 or bool), as x[i, j] in Python. */
COLONY_API colony_error* colony_index(
    const colony_tensor* self, const colony_tensor* const* indices, int32_t count, colony_tensor** result);
COLONY_API colony_error* colony_gather(
    const colony_tensor* self, int64_t dim, const colony_tensor* index, colony_tensor** result);
COLONY_API colony_error* colony_scatter(const colony_tensor* self, int64_t dim, const colony_tensor* index,
    const colony_tensor* source, colony_tensor** result);

/* ---- Matrix products and layers (layers.cpp) ---- */

COLONY_API colony_error* colony_matmul(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_bmm(const colony_tensor* self, const colony_tensor* other, colony_tensor** result);
COLONY_API colony_error* colony_cdist(
    const colony_tensor* self, const colony_tensor* other, double p, colony_tensor** result);
COLONY_API colony_error* colony_softmax(const colony_tensor* self, int64_t dim, colony_tensor** result);
COLONY_API colony_error* colony_log_softmax(const colony_tensor* self, int64_t dim, colony_tensor** result);
COLONY_API colony_error* colony_linear(const colony_tensor* input, const colony_tensor* weight,
    const colony_tensor* bias /* optional */, colony_tensor** result);
COLONY_API colony_error* colony_layer_norm(const colony_tensor* input, const int64_t* shape, int32_t dim,
    const colony_tensor* weight /* optional */, const colony_tensor* bias /* optional */, double eps,
    colony_tensor** result);
COLONY_API colony_error* colony_dropout(const colony_tensor* input, double p, uint8_t train, colony_tensor** result);
/* padding_idx -1: none. */
COLONY_API colony_error* colony_embedding(
    const colony_tensor* weight, const colony_tensor* indices, int64_t padding_idx, colony_tensor** result);
COLONY_API colony_error* colony_conv1d(const colony_tensor* input, const colony_tensor* weight,
    const colony_tensor* bias /* optional */, int64_t stride, int64_t padding, int64_t dilation, int64_t groups,
    colony_tensor** result);
/* Running statistics are updated in place when training; both may be absent. */
COLONY_API colony_error* colony_batch_norm(const colony_tensor* input, const colony_tensor* weight /* optional */,
    const colony_tensor* bias /* optional */, colony_tensor* running_mean /* optional */,
    colony_tensor* running_var /* optional */, uint8_t training, double momentum, double eps, colony_tensor** result);
/* reduction: 0 none, 1 mean, 2 sum */
COLONY_API colony_error* colony_cross_entropy(const colony_tensor* input, const colony_tensor* target,
    int64_t reduction, int64_t ignore_index, double label_smoothing, colony_tensor** result);
/* Batch-first GRU. lengths (int64 on the CPU, one a sample, any order) stops every sample at its own end, as a packed
 * sequence does; without it all steps count. weights: w_ih, w_hh (and b_ih, b_hh when has_biases) for each layer and
 * direction. hidden: [layers * directions, batch, hidden]. */
COLONY_API colony_error* colony_gru(const colony_tensor* input, const colony_tensor* lengths /* optional */,
    const colony_tensor* hidden /* optional */, const colony_tensor* const* weights, int32_t weight_count,
    uint8_t has_biases, int64_t layers, double dropout, uint8_t train, uint8_t bidirectional,
    colony_tensor** output, colony_tensor** last_hidden);

/* ---- Automatic differentiation (autograd.cpp) ---- */

COLONY_API colony_error* colony_requires_grad(const colony_tensor* self, uint8_t* requires_grad);
COLONY_API colony_error* colony_requires_grad_(colony_tensor* self, uint8_t requires_grad);
COLONY_API colony_error* colony_is_leaf(const colony_tensor* self, uint8_t* leaf);
COLONY_API colony_error* colony_detach(const colony_tensor* self, colony_tensor** result);
/* Replaces the values, and the device, under the same variable: optimizer and graph keep their reference. */
COLONY_API colony_error* colony_set_data(colony_tensor* self, const colony_tensor* data);
/* NULL where there is no gradient. */
COLONY_API colony_error* colony_grad(const colony_tensor* self, colony_tensor** gradient);
COLONY_API colony_error* colony_set_grad(colony_tensor* self, const colony_tensor* gradient /* optional */);
/* Gradients of the outputs (entries may be NULL for scalars) are propagated into .grad of the leaves. */
COLONY_API colony_error* colony_backward(const colony_tensor* const* outputs, const colony_tensor* const* gradients,
    int32_t count, uint8_t retain_graph);
/* Gradients with respect to the inputs only; .grad stays as it is. Unused inputs give NULL when allowed. */
COLONY_API colony_error* colony_autograd_grad(const colony_tensor* const* outputs,
    const colony_tensor* const* gradients, int32_t output_count, const colony_tensor* const* inputs,
    int32_t input_count, uint8_t retain_graph, uint8_t allow_unused, colony_tensor** results);

#ifdef __cplusplus
}
#endif

#endif
