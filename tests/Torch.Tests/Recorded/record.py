"""Records what PyTorch computes, for RecordedTests. Written with Debian's python3-torch 1.13.1:

    /usr/bin/python3 record.py > pytorch.json

Values do not depend on the machine, except in the last bits, which the tests allow for.
"""
import json

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
recorded = {}


def record(name, tensor):
    recorded[name] = {"shape": list(tensor.shape), "values": [float(v) for v in tensor.detach().reshape(-1)]}


def first_values():
    torch.manual_seed(1234)
    for prefix, module in {
        "linear": nn.Linear(3, 2),
        "embedding": nn.Embedding(4, 3, padding_idx=1),
        "conv1d": nn.Conv1d(2, 3, 2),
        "gru": nn.GRU(3, 2, num_layers=2, bidirectional=True),
        "norm": nn.BatchNorm1d(2),
    }.items():
        for name, parameter in module.state_dict().items():
            record(f"{prefix}.{name}", parameter)
    record("rand", torch.rand(5))
    record("randn", torch.randn(5))
    record("xavier", nn.init.xavier_uniform_(torch.empty(1, 1, 6)))
    record("dropout", nn.functional.dropout(torch.ones(12), 0.25, True))


def grid(*shape):
    """The same numbers as Recorded.Grid in C#: no generator is involved."""
    count = 1
    for size in shape:
        count *= size
    return (((torch.arange(count, dtype=torch.float64) * 37) % 29 - 14) / 10).float().reshape(shape)


def gru():
    rnn = nn.GRU(3, 2, num_layers=2, bidirectional=True, batch_first=True)
    with torch.no_grad():
        for i, parameter in enumerate(rnn.parameters()):
            parameter.copy_(grid(*parameter.shape) * (0.5 + 0.1 * i))
    x = grid(4, 5, 3).requires_grad_()
    lengths = torch.tensor([2, 5, 1, 4])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, hidden = rnn(packed)
    output, _ = pad_packed_sequence(output, batch_first=True, total_length=5)
    record("packed.output", output)
    record("packed.hidden", hidden)
    (output * grid(4, 5, 4)).sum().backward()
    record("packed.grad", x.grad)
    record("packed.weight_hh_l0_reverse.grad", rnn.weight_hh_l0_reverse.grad)
    output, hidden = rnn(x, grid(4, 4, 2))
    record("full.output", output)
    record("full.hidden", hidden)


def layers():
    f = nn.functional
    record("layer_norm", f.layer_norm(grid(2, 3, 4), [4], grid(4), grid(4) + 1))
    mean, var = torch.zeros(3), torch.ones(3)
    record("batch_norm", f.batch_norm(grid(4, 3, 2), mean, var, grid(3), grid(3) + 1, True, 0.1))
    record("batch_norm.mean", mean)
    record("batch_norm.var", var)
    record("batch_norm.eval", f.batch_norm(grid(4, 3, 2), mean, var))
    record("conv1d.out", f.conv1d(grid(2, 4, 7), grid(6, 2, 3), grid(6), stride=2, padding=1, dilation=2, groups=2))
    record("cross_entropy", f.cross_entropy(grid(4, 3), torch.tensor([0, 2, 1, 2]), label_smoothing=0.1))
    record("cross_entropy.none", f.cross_entropy(grid(4, 3), torch.tensor([0, -100, 1, 2]), reduction="none"))
    record("normalize", f.normalize(grid(3, 4), dim=1))
    record("gelu", f.gelu(grid(7)))
    record("cdist", torch.cdist(grid(2, 3, 4), grid(2, 5, 4) + 0.05))
    record("cdist1", torch.cdist(grid(3, 4), grid(5, 4) + 0.05, p=1))
    record("embedding.out", f.embedding(torch.tensor([[0, 2], [1, 1]]), grid(3, 2), padding_idx=1))


first_values()
gru()
layers()
print("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in recorded.items()) + "\n}")
