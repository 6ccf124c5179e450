"""Writes files with real PyTorch, and checks with it files that were written elsewhere.

    python torch_files.py write FOLDER [--large]     files as torch.save makes them, with manifests
    python torch_files.py check FILE...              FILE must load, equal to FILE.manifest

A manifest has a line per tensor: hex of the key, dtype, shape (1x2x3), SHA-256 of the packed bytes.
"""

import argparse
import hashlib
import io
import pathlib
import sys
from collections import OrderedDict

import torch

LARGE_ELEMENTS = 1_100_000_000


def digest(tensor):
    packed = tensor.detach().contiguous().reshape(-1)
    if packed.numel() == 0:
        return hashlib.sha256(b"").hexdigest()
    return hashlib.sha256(packed.view(torch.uint8).numpy()).hexdigest()


def line(key, tensor):
    dtype = str(tensor.dtype).removeprefix("torch.")
    shape = "x".join(str(n) for n in tensor.shape)
    return f"{key.encode().hex()}\t{dtype}\t{shape}\t{digest(tensor)}"


def manifest(tensors):
    return "".join(sorted(line(k, t) + "\n" for k, t in tensors.items()))


def random_bytes(dtype, *shape):
    width = torch.empty(0, dtype=dtype).element_size()
    count = width
    for n in shape:
        count *= n
    raw = torch.randint(0, 2 if dtype == torch.bool else 256, (count,), dtype=torch.uint8)
    return raw.view(dtype).reshape(shape)


def all_types():
    names = (
        "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 uint16 uint32"
        " uint64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu"
        " float4_e2m1fn_x2"
    )
    types = [getattr(torch, n) for n in names.split() if hasattr(torch, n)]
    return {f"t.{t}": random_bytes(t, 3, 4) for t in types}


def views():
    base = torch.randn(24)
    matrix = torch.randn(37, 53, dtype=torch.float64).half()
    conv = torch.randn(16, 8, 3, 3).to(memory_format=torch.channels_last)
    return OrderedDict(
        transposed=matrix.t(),
        rows=matrix[3:9],
        columns=matrix[:, 5:11],
        step=matrix[::3, ::2],
        expanded=torch.randn(5, 1).expand(5, 40),
        overlapping=base.as_strided((4, 5), (1, 2), 3),
        channels_last=conv,
        channels_last_part=conv[2:5],
        permuted=torch.randn(4, 5, 6).permute(2, 0, 1),
        scalar=base[7],
        none=base[5:5],
        large_transposed=torch.randn(1500, 1200).t(),
        wild=torch.as_strided(base, (1, 3, 1), (1000, 1, 77)),
    )


def shared():
    weight = torch.randn(50, 20)
    return {"a": weight, "tied": weight, "part": weight[10:20], "turned": weight.t()}


def common_types():
    return {k: t for k, t in all_types().items() if t.dtype in LEGACY_TYPES}


LEGACY_TYPES = {
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
    torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64,
}


class Namespace:
    """Stands for the objects of a trainer."""

    def __init__(self, **values):
        self.__dict__.update(values)


def write(folder, large):
    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)

    def save(name, tensors, wrap=lambda t: t, **options):
        path = folder / name
        torch.save(wrap(tensors), path, **options)
        (folder / (name + ".manifest")).write_text(manifest(tensors))

    save("types.pt", all_types())
    save("views.pt", views())
    save("shared.pt", shared())
    for protocol in (2, 3, 4, 5):
        save(f"protocol{protocol}.pt", {**views(), **all_types()}, pickle_protocol=protocol)
    old = {"_use_new_zipfile_serialization": False}
    save("old-types.pt", common_types(), **old)
    save("old-views.pt", views(), **old)
    save("old-shared.pt", shared(), **old)
    save("old-protocol4.pt", views(), pickle_protocol=4, **old)
    model = torch.nn.Sequential(torch.nn.Conv2d(4, 8, 3), torch.nn.BatchNorm2d(8))
    save("module.ckpt", model.state_dict())
    save("parameters.ckpt", dict(model.named_parameters()))
    save(
        "trainer.ckpt",
        model.state_dict(),
        wrap=lambda t: {
            "epoch": 3,
            "global_step": 470000,
            "state_dict": t,
            "callbacks": {Namespace: {"best": torch.tensor(0.5).numpy()}},
            "optimizer_states": [torch.optim.Adam(model.parameters()).state_dict()],
            "hyper_parameters": Namespace(lr=1e-4, path=pathlib.PurePosixPath("x")),
        },
    )
    save("пример.ckpt", shared())
    many = {f"layer.{i}.weight": torch.randn(3, 2) for i in range(2500)}
    save("many.ckpt", many, wrap=lambda t: {"state_dict": t})
    torch.serialization.set_crc32_options(False)
    save("unchecked.ckpt", shared())
    torch.serialization.set_crc32_options(True)
    buffer = io.BytesIO()
    torch.save(shared_once := shared(), buffer)
    (folder / "stream.bin").write_bytes(buffer.getvalue())
    (folder / "stream.bin.manifest").write_text(manifest(shared_once))
    lazy = torch.randn(3, dtype=torch.complex64).conj()
    refused = {
        "neg": {"a": torch.randn(3), "n": lazy.imag},
        "conj": {"a": torch.randn(3), "c": lazy},
        "complex128": {"a": torch.randn(3, dtype=torch.complex128)},
        "sparse": {"a": torch.randn(3, 3).to_sparse()},
        "meta": {"a": torch.empty(3, device="meta")},
        "module": model,
        "list": [torch.randn(3)],
        "stride0": {"a": torch.zeros(1).expand(10**9)},
    }
    for name, value in refused.items():
        torch.save(value, folder / f"refused-{name}.pt")
    torch.jit.script(model).save(folder / "refused-script.pt")
    if large:
        save("large.pt", {"large": torch.zeros(LARGE_ELEMENTS), "small": torch.randn(7)})
    print("PyTorch", torch.__version__)


def check(path):
    expected = pathlib.Path(str(path) + ".manifest").read_text()
    for mmap in (False, True):
        loaded = torch.load(path, weights_only=True, map_location="cpu", mmap=mmap)
        tensors = loaded["state_dict"] if "state_dict" in loaded else loaded
        found = manifest(tensors)
        if found != expected:
            sys.exit(f"{path} (mmap={mmap}): found\n{found}expected\n{expected}")
    print("PyTorch", torch.__version__, "read", path.name, len(expected.splitlines()), "tensors")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["write", "check"])
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    parser.add_argument("--large", action="store_true")
    args = parser.parse_args()
    if args.command == "write":
        write(args.paths[0], args.large)
    else:
        for path in args.paths:
            check(path)


main()
