"""Writes and reads the model files of the golden runs, with nothing but the standard library.

Tensor values come from SHAKE-128 of a seed, so they are the same bytes with every Python. Exponents are kept in a
narrow range, so every value is an ordinary weight in every number format.
"""

import hashlib
import io
import json
import math
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}


class Tensor:
    def __init__(self, dtype, shape, raw):
        self.dtype, self.shape, self.raw = dtype, tuple(shape), bytes(raw)


def _table(byte):
    return bytes(byte(b) for b in range(256))


# The bytes that hold sign and exponent, by number format: (offset, table).
_SPREAD = {
    "F64": [(7, _table(lambda b: b & 0x80 | 0x3F)), (6, _table(lambda b: 0x80 | b & 0x3F))],
    "F32": [(3, _table(lambda b: b & 0x80 | 60 + (b & 1)))],
    "BF16": [(1, _table(lambda b: b & 0x80 | 60 + (b & 1)))],
    "F16": [(1, _table(lambda b: b & 0x83 | 8 + (b >> 2) % 3 << 2))],
    "F8_E4M3": [(0, _table(lambda b: b & 0x87 | 1 + (b >> 3) % 3 << 3))],
    "F8_E5M2": [(0, _table(lambda b: b & 0x83 | 8 + (b >> 2) % 3 << 2))],
}


def noise(seed, dtype, *shape):
    """Values of about 0.01 to 0.1, of either sign."""
    size = SIZES[dtype]
    raw = bytearray(hashlib.shake_128(seed.encode()).digest(math.prod(shape) * size))
    for offset, table in _SPREAD[dtype]:
        raw[offset::size] = raw[offset::size].translate(table)
    return Tensor(dtype, shape, raw)


def values(dtype, shape, *numbers):
    """These numbers, as F64, F32, F16, I64, I32, U8 or (cut off) BF16."""
    if dtype == "BF16":
        return Tensor(dtype, shape, b"".join(struct.pack("<f", n)[2:] for n in numbers))
    code = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "I32": "i", "U8": "B"}[dtype]
    return Tensor(dtype, shape, struct.pack(f"<{len(numbers)}{code}", *numbers))


def safetensors(tensors, metadata=None):
    header, at = {}, 0
    if metadata is not None:
        header["__metadata__"] = metadata
    for key, t in tensors.items():
        header[key] = {"dtype": t.dtype, "shape": list(t.shape), "data_offsets": [at, at + len(t.raw)]}
        at += len(t.raw)
    return with_header(json.dumps(header, ensure_ascii=False).encode(), b"".join(t.raw for t in tensors.values()))


def with_header(header, data):
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data


def shards(stem, tensors, count):
    """A model in several files, with its index: file name to content."""
    parts = [{} for _ in range(count)]
    for i, (key, t) in enumerate(tensors.items()):
        parts[i * count // len(tensors)][key] = t
    names = [f"{stem}-{i + 1:05}-of-{count:05}.safetensors" for i in range(count)]
    index = {
        "metadata": {"total_size": sum(len(t.raw) for t in tensors.values())},
        "weight_map": {key: name for name, part in zip(names, parts) for key in part},
    }
    files = {name: safetensors(part, {"format": "pt"}) for name, part in zip(names, parts)}
    files[f"{stem}.safetensors.index.json"] = json.dumps(index, indent=1).encode()
    return files


# PyTorch's pickles name classes of its modules; these stand in for them while writing.
_STORAGES = {"F64": "Double", "F32": "Float", "F16": "Half", "BF16": "BFloat16", "I64": "Long", "I32": "Int",
             "U8": "Byte", "F8_E4M3": "Float8_e4m3fn", "F8_E5M2": "Float8_e5m2"}


def _stand_ins():
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def rebuild(*_):
        raise NotImplementedError

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    for name in _STORAGES.values():
        setattr(torch, name + "Storage", type(name + "Storage", (), {"__module__": "torch"}))
    return torch, utils


class _Pickled:
    def __init__(self, key, tensor):
        self.key, self.tensor = key, tensor


class _Storage:
    def __init__(self, key, tensor):
        self.key, self.tensor = key, tensor


class _Pickler(pickle.Pickler):
    def __init__(self, file, modules, legacy):
        super().__init__(file, protocol=2)
        self.modules, self.legacy = modules, legacy

    def persistent_id(self, thing):
        if isinstance(thing, _Storage):
            kind = getattr(self.modules[0], _STORAGES[thing.tensor.dtype] + "Storage")
            count = len(thing.tensor.raw) // SIZES[thing.tensor.dtype]
            return ("storage", kind, thing.key, "cpu", count) + ((None,) if self.legacy else ())
        return None

    def reducer_override(self, thing):
        if not isinstance(thing, _Pickled):
            return NotImplemented
        shape = thing.tensor.shape
        stride = tuple(math.prod(shape[i + 1:]) for i in range(len(shape)))
        storage = _Storage(thing.key, thing.tensor)
        return self.modules[1]._rebuild_tensor_v2, (storage, 0, shape, stride, False, OrderedDict())


def _pickled(tree, legacy):
    modules = _stand_ins()
    found = []

    def mark(node):
        if isinstance(node, Tensor):
            found.append(node)
            return _Pickled(str(len(found) - 1), node)
        return {key: mark(value) for key, value in node.items()} if isinstance(node, dict) else node

    marked = mark(tree)
    before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules["torch"], sys.modules["torch._utils"] = modules
    try:
        out = io.BytesIO()
        _Pickler(out, modules, legacy).dump(marked)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return out.getvalue(), found


def torch_zip(tree):
    """A file of torch.save: nested dicts of tensors and plain values."""
    program, tensors = _pickled(tree, False)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        entries = [("data.pkl", program), ("byteorder", b"little")]
        entries += [(f"data/{i}", t.raw) for i, t in enumerate(tensors)] + [("version", b"3\n")]
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo("archive/" + name), content)
    return out.getvalue()


def torch_legacy(tree):
    """A file of torch.save as it was before version 1.6."""
    program, tensors = _pickled(tree, True)
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    out = b"".join(pickle.dumps(x, 2) for x in (0x1950A86A20F9469CFC6C, 1001, system)) + program
    out += pickle.dumps([str(i) for i in range(len(tensors))], 2)
    for t in tensors:
        out += struct.pack("<q", len(t.raw) // SIZES[t.dtype]) + t.raw
    return out


def read_safetensors(content):
    """Header (metadata taken out), metadata, data; nothing if it is no safetensors file."""
    if len(content) < 10 or content[8:9] != b"{":
        return None
    length = struct.unpack("<Q", content[:8])[0]
    if length > len(content) - 8:
        return None
    try:
        header = json.loads(content[8:8 + length])
    except ValueError:
        return None
    return header, header.pop("__metadata__", None), content[8 + length:]
