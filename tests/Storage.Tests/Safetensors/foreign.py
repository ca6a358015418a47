"""Reads and writes safetensors with json, struct and numpy alone: a peer that shares no code with Colony."""
import json
import struct
import sys

import numpy

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
         "U8": "u1", "BOOL": "?"}


def read(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end, name
        end = stop
        array = numpy.frombuffer(data[8 + length + begin:8 + length + stop], TYPES[entry["dtype"]])
        tensors[name] = (entry["dtype"], array.reshape(entry["shape"]))
    assert 8 + length + end == len(data)
    assert (8 + length) % 8 == 0
    return tensors


def write(path, arrays):
    header, blobs, offset = {}, [], 0
    for name, array in arrays.items():
        dtype = next(key for key, value in TYPES.items() if numpy.dtype(value) == array.dtype and key != "BF16")
        blob = array.tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if sys.argv[1] == "read":
    for name, (dtype, array) in sorted(read(sys.argv[2]).items()):
        print(name, dtype, list(array.shape), array.astype("f8").sum() if array.size else 0.0)
else:
    write(sys.argv[2], {
        "half": numpy.arange(6, dtype="<f2").reshape(2, 3) / 4,
        "whole": numpy.array([-1, 2 ** 40], dtype="<i8"),
        "flag": numpy.array([True, False, True]),
        "scalar": numpy.array(2.5, dtype="<f4"),
        "größe": numpy.zeros((0, 4), dtype="<f8"),
    })
