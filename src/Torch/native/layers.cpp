// Matrix products and the layers that models are built from.
#include "shim.h"

using namespace colony;

namespace {

// As torch.nn.utils.rnn.pack_padded_sequence with enforce_sorted=False: longest first, and back again at the end.
std::tuple<at::Tensor, at::Tensor> packed_gru(const at::Tensor& input, const at::Tensor& lengths,
    const at::Tensor& hidden, const std::vector<at::Tensor>& weights, bool has_biases, int64_t layers, double dropout,
    bool train, bool bidirectional) {
    at::Tensor sorted_lengths;
    at::Tensor order;
    std::tie(sorted_lengths, order) = at::sort(lengths, /*stable=*/true, /*dim=*/-1, /*descending=*/true);
    const at::Tensor inverse = at::argsort(order, /*dim=*/-1, /*descending=*/false);
    const at::Tensor order_there = order.to(input.device());
    const at::Tensor inverse_there = inverse.to(input.device());

    at::Tensor data;
    at::Tensor batch_sizes;
    std::tie(data, batch_sizes) =
        at::_pack_padded_sequence(input.index_select(0, order_there), sorted_lengths, /*batch_first=*/true);
    at::Tensor packed_output;
    at::Tensor last_hidden;
    std::tie(packed_output, last_hidden) = at::gru(data, batch_sizes, hidden.index_select(1, order_there), weights,
        has_biases, layers, dropout, train, bidirectional);
    const at::Tensor output = std::get<0>(
        at::_pad_packed_sequence(packed_output, batch_sizes, /*batch_first=*/true, 0.0, input.size(1)));
    return {output.index_select(0, inverse_there), last_hidden.index_select(1, inverse_there)};
}

}  // namespace

colony_error* colony_matmul(const colony_tensor* self, const colony_tensor* other, colony_tensor** result) {
    COLONY_GIVE(at::matmul(get(self), get(other)));
}

colony_error* colony_bmm(const colony_tensor* self, const colony_tensor* other, colony_tensor** result) {
    COLONY_GIVE(at::bmm(get(self), get(other)));
}

colony_error* colony_cdist(
    const colony_tensor* self, const colony_tensor* other, double p, colony_tensor** result) {
    COLONY_GIVE(at::cdist(get(self), get(other), p));
}

colony_error* colony_softmax(const colony_tensor* self, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::softmax(get(self), dim));
}

colony_error* colony_log_softmax(const colony_tensor* self, int64_t dim, colony_tensor** result) {
    COLONY_GIVE(at::log_softmax(get(self), dim));
}

colony_error* colony_linear(const colony_tensor* input, const colony_tensor* weight,
    const colony_tensor* bias, colony_tensor** result) {
    return guarded([&] {
        give(bias == nullptr ? at::linear(get(input), get(weight)) : at::linear(get(input), get(weight), get(bias)),
            result);
    });
}

colony_error* colony_layer_norm(const colony_tensor* input, const int64_t* shape, int32_t dim,
    const colony_tensor* weight, const colony_tensor* bias, double eps, colony_tensor** result) {
    return guarded([&] {
        const at::Tensor scale = get_optional(weight);
        // A narrow product as input is widened, as autocast does by itself on CUDA only.
        const at::Tensor x = scale.defined() ? get(input).to(scale.scalar_type()) : get(input);
        give(at::layer_norm(x, array(shape, dim), scale, get_optional(bias), eps), result);
    });
}

colony_error* colony_dropout(const colony_tensor* input, double p, uint8_t train, colony_tensor** result) {
    COLONY_GIVE(at::dropout(get(input), p, train != 0));
}

colony_error* colony_embedding(
    const colony_tensor* weight, const colony_tensor* indices, int64_t padding_idx, colony_tensor** result) {
    COLONY_GIVE(at::embedding(get(weight), get(indices), padding_idx));
}

colony_error* colony_conv1d(const colony_tensor* input, const colony_tensor* weight,
    const colony_tensor* bias, int64_t stride, int64_t padding, int64_t dilation, int64_t groups,
    colony_tensor** result) {
    COLONY_GIVE(
        at::conv1d(get(input), get(weight), get_optional(bias), {stride}, {padding}, {dilation}, groups));
}

colony_error* colony_batch_norm(const colony_tensor* input, const colony_tensor* weight,
    const colony_tensor* bias, colony_tensor* running_mean, colony_tensor* running_var, uint8_t training,
    double momentum, double eps, colony_tensor** result) {
    COLONY_GIVE(at::batch_norm(get(input), get_optional(weight), get_optional(bias), get_optional(running_mean),
        get_optional(running_var), training != 0, momentum, eps, at::globalContext().userEnabledCuDNN()));
}

colony_error* colony_cross_entropy(const colony_tensor* input, const colony_tensor* target,
    int64_t reduction, int64_t ignore_index, double label_smoothing, colony_tensor** result) {
    COLONY_GIVE(
        at::cross_entropy_loss(get(input), get(target), at::Tensor(), reduction, ignore_index, label_smoothing));
}

colony_error* colony_gru(const colony_tensor* input, const colony_tensor* lengths,
    const colony_tensor* hidden, const colony_tensor* const* weights, int32_t weight_count,
    uint8_t has_biases, int64_t layers, double dropout, uint8_t train, uint8_t bidirectional,
    colony_tensor** output, colony_tensor** last_hidden) {
    return guarded([&] {
        // Not every device has a recurrence of narrower type, and its errors would add up along the words.
        const c10::impl::ExcludeDispatchKeyGuard unlowered(c10::autocast_dispatch_keyset);
        at::Tensor x = get(input);
        TORCH_CHECK(x.dim() == 3, "gru: input must be [batch, steps, features], but has ", x.dim(), " dimensions");
        const std::vector<at::Tensor> parameters = get_all(weights, weight_count);
        TORCH_CHECK(parameters.size() >= 2, "gru: weights are missing");
        x = x.to(parameters[0].scalar_type());
        at::Tensor start = get_optional(hidden);
        if (!start.defined()) {
            const int64_t directions = bidirectional != 0 ? 2 : 1;
            start = at::zeros({layers * directions, x.size(0), parameters[1].size(1)}, x.options());
        }
        give_pair(lengths != nullptr
                ? packed_gru(x, get(lengths), start, parameters, has_biases != 0, layers, dropout, train != 0,
                      bidirectional != 0)
                : at::gru(x, start, parameters, has_biases != 0, layers, dropout, train != 0, bidirectional != 0,
                      /*batch_first=*/true),
            output, last_hidden);
    });
}
