"""Writes the container of torch.save with pickle and zipfile alone, and reads safetensors: no code of Colony's."""
import argparse
import collections
import io
import json
import os
import pickle
import struct
import sys
import types
import zipfile

CODES = {"Float": "f", "Double": "d", "Half": "e", "Long": "q", "Int": "i", "Short": "h", "Byte": "B", "Bool": "?",
         "BFloat16": "H"}

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


def named(module, name, value):
    value.__module__, value.__name__, value.__qualname__ = module.__name__, name, name
    setattr(module, name, value)
    return value


rebuild = named(utils, "_rebuild_tensor_v2", lambda *a: None)
parameter = named(utils, "_rebuild_parameter", lambda *a: None)
TYPES = {name: named(torch, name + "Storage", type(name, (), {})) for name in CODES}


class Storage:
    def __init__(self, kind, values):
        self.kind, self.values = kind, values


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.arguments = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return rebuild, self.arguments


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return parameter, (self.tensor, True, collections.OrderedDict())


def save(path, saved, protocol):
    blobs = []

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Storage):
                return None
            if value not in blobs:
                blobs.append(value)
            return "storage", TYPES[value.kind], str(blobs.index(value)), "cpu", len(value.values)

    stream = io.BytesIO()
    Pickler(stream, protocol).dump(saved)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        def add(name, data):
            with archive.open(zipfile.ZipInfo("weights/" + name), "w", force_zip64=protocol == 4) as entry:
                entry.write(data)
        add("data.pkl", stream.getvalue())
        add("byteorder", b"little")
        for i, blob in enumerate(blobs):
            add(f"data/{i}", struct.pack(f"<{len(blob.values)}{CODES[blob.kind]}", *blob.values))
        add("version", b"3\n")


def write(path, protocol):
    shared = Storage("Float", [float(i) for i in range(12)])
    image, text = collections.OrderedDict(), collections.OrderedDict()
    image["fc.weight"] = Parameter(Tensor(shared, 0, (3, 4), (4, 1)))
    image["fc.turned"] = Tensor(shared, 0, (4, 3), (1, 4))
    image["fc.tail"] = Tensor(shared, 8, (4,), (1,))
    image["fc.every_third"] = Tensor(shared, 1, (4,), (3,))
    image._metadata = collections.OrderedDict([("", {"version": 1})])
    text["half"] = Tensor(Storage("Half", [0.5, -2.0]), 0, (2,), (1,))
    text["bf16"] = Tensor(Storage("BFloat16", [0x3F80, 0xC000]), 0, (2, 1), (1, 1))
    text["count"] = Tensor(Storage("Long", [-1, 2 ** 40]), 0, (2,), (1,))
    text["scalar"] = Tensor(Storage("Double", [2.5]), 0, (), ())
    text["flags"] = Tensor(Storage("Bool", [True, False, True]), 0, (3,), (1,))
    text["empty"] = Tensor(Storage("Int", []), 0, (0, 4), (4, 1))
    save(path, {
        "epoch": 7, "model": [image, text], "best": 0.25, "opt": argparse.Namespace(lr=2e-4, name="größe"),
        "none": None, "large": 2 ** 80, "optimizer": {"state": {0: {"exp_avg": Tensor(shared, 0, (2,), (1,))}}},
    }, protocol)


def tensors(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        code, size = {"F32": ("f", 4), "I64": ("q", 8)}[entry["dtype"]]
        values = struct.unpack(f"<{(end - begin) // size}{code}", data[8 + length + begin:8 + length + end])
        yield name, entry["shape"], values


def convert(target, *sources):
    """From safetensors to what torch.save writes, the tensors under the key "model" as training scripts save them: of
    several files, a list of states."""
    states = []
    for source in sources:
        state = collections.OrderedDict()
        for name, shape, values in tensors(source):
            strides = [1]
            for size in reversed(shape[1:]):
                strides.insert(0, strides[0] * size)
            kind = "Long" if all(isinstance(value, int) for value in values) else "Float"
            state[name] = Tensor(Storage(kind, list(values)), 0, tuple(shape), tuple(strides[:len(shape)]))
        states.append(state)
    save(target, {"epoch": 1, "model": states if len(states) > 1 else states[0]}, 2)


def hostile(path, trace):
    """What runs a program when Python loads it."""
    class Call:
        def __reduce__(self):
            return os.system, (f"touch '{trace}'",)

    save(path, {"model": Call()}, 2)


def read(path):
    for name, shape, values in sorted(tensors(path)):
        print(name, shape, sum(values))


if sys.argv[1] == "read":
    read(sys.argv[2])
elif sys.argv[1] == "convert":
    convert(*sys.argv[2:])
elif sys.argv[1] == "hostile":
    hostile(sys.argv[2], sys.argv[3])
else:
    write(sys.argv[2], int(sys.argv[3]))
