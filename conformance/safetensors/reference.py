"""The official side of conformance/safetensors: writes files, then compares both sides.

write FOLDER                makes FOLDER/reference/*.safetensors
compare FOLDER DIFFERENCES  checks what the Java side made of them and what it wrote itself
"""

import hashlib
import pathlib
import sys

import numpy
import safetensors
import safetensors.numpy

# Names of TensorSpec; F6_E2M3 and F6_E3M2 cannot be written from Python.
WRITABLE_BITS = {
    "bool": 8, "uint8": 8, "int8": 8, "float8_e5m2": 8, "float8_e4m3fn": 8, "float8_e8m0fnu": 8,
    "float8_e4m3fnuz": 8, "float8_e5m2fnuz": 8, "int16": 16, "uint16": 16, "float16": 16,
    "bfloat16": 16, "int32": 32, "uint32": 32, "float32": 32, "complex64": 64, "float64": 64,
    "int64": 64, "uint64": 64, "float4_e2m1fn_x2": 8,
}
NAMES = ["", "a", "A", "a ", "a.b", "é", "e\u0301", "日本", "\U0001f600", "\uffff", "\ufb01", "q\"\\/",
         "\b\t\n\f\r\x00\x1f\x7f", "\u2028", "lora_unet_down_blocks_0.lora_up.weight"]


def main():
    command, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "write":
        write(folder / "reference")
    else:
        sys.exit(compare(folder, pathlib.Path(sys.argv[3])))


def write(folder):
    random = numpy.random.default_rng(1)
    for number, dtype in enumerate(numpy_dtypes()):
        tensors = {f"t{rank}": array(random, dtype, rank) for rank in range(5)}
        tensors["empty"] = numpy.zeros((2, 0, 3), dtype=dtype)
        metadata = {"format": "pt"} if number % 2 else None
        (folder / f"numpy_{numpy.dtype(dtype).name}.safetensors").write_bytes(
            safetensors.numpy.save(tensors, metadata=metadata))
    everything = {f"{numpy.dtype(d).name}.{i}": array(random, d, 2)
                  for d in numpy_dtypes() for i in range(3)}
    safetensors.numpy.save_file(everything, folder / "everything.safetensors")
    names = {name: numpy.full(3, i, dtype=numpy.float16) for i, name in enumerate(NAMES)}
    (folder / "names.safetensors").write_bytes(
        safetensors.numpy.save(names, metadata={"\u2028\"é\U0001f600": "\x00\x1f\\/\x7f"}))
    (folder / "nothing.safetensors").write_bytes(safetensors.numpy.save({}))
    (folder / "raw.safetensors").write_bytes(raw(random))


def numpy_dtypes():
    return list(safetensors.numpy._TYPES.values())


def array(random, dtype, rank):
    shape = tuple(random.integers(1, 5, rank))
    count = int(numpy.prod(shape, dtype=numpy.int64))
    if dtype is bool:
        return random.integers(0, 2, shape).astype(bool)
    data = random.integers(0, 256, count * numpy.dtype(dtype).itemsize, dtype=numpy.uint8)
    return numpy.frombuffer(data.tobytes(), dtype=dtype).reshape(shape)


def raw(random):
    buffers, specs = [], {}
    for dtype, bits in WRITABLE_BITS.items():
        buffers.append(random.integers(0, 256, 6 * bits // 8, dtype=numpy.uint8))
        specs["raw_" + dtype] = safetensors.TensorSpec(
            dtype=dtype, shape=[2, 3], data_ptr=buffers[-1].ctypes.data, data_len=buffers[-1].nbytes)
    return bytes(safetensors.serialize(specs))


def compare(folder, differences):
    results = Results()
    read_by_java(folder, results)
    written_by_java(folder, results)
    verdicts(folder, differences, results)
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed else 0


class Results:
    passed = 0
    failed = 0

    def check(self, sound, what):
        if sound:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {what}")


def described(path):
    """One line per tensor, sorted: name in hex, dtype, shape, SHA-256 of the values."""
    lines = []
    for name, tensor in safetensors.deserialize(path.read_bytes()):
        shape = ",".join(map(str, tensor["shape"]))
        digest = hashlib.sha256(bytes(tensor["data"])).hexdigest()
        lines.append("\t".join([name.encode().hex(), tensor["dtype"], shape, digest]))
    return sorted(lines)


def listed(path):
    return sorted(line for line in path.read_text().split("\n") if line)


def read_by_java(folder, results):
    """Every reference file must have been read equal, and written again byte for byte."""
    for path in sorted((folder / "reference").glob("*.safetensors")):
        again = folder / "rewritten" / path.name
        results.check(again.with_suffix(".tsv").exists()
                      and listed(again.with_suffix(".tsv")) == described(path), f"reads {path.name}")
        results.check(again.exists() and again.read_bytes() == path.read_bytes(),
                      f"writes {path.name} byte for byte")


def written_by_java(folder, results):
    dtypes = set()
    for path in sorted((folder / "ours").glob("*.safetensors")):
        lines = described(path)
        dtypes.update(line.split("\t")[1] for line in lines)
        results.check(listed(path.with_suffix(".tsv")) == lines, f"the reference reads {path.name}")
        if path.name.startswith("numpy"):
            loaded = safetensors.numpy.load_file(path)
            safetensors.numpy.save_file(loaded, folder / "again.safetensors")
            results.check((folder / "again.safetensors").read_bytes() == path.read_bytes(),
                          f"the reference writes {path.name} byte for byte")
    results.check(len(dtypes) == 22, f"all 22 dtypes written, not {len(dtypes)}")


def verdicts(folder, differences, results):
    """Both sides accept or refuse each odd file, except for the listed differences."""
    explained = {}
    for line in differences.read_text().splitlines():
        if line and not line.startswith("#"):
            row, reason = line.split("\t")
            explained[row] = reason
    used = set()
    for line in (folder / "odd.tsv").read_text().splitlines():
        file, row, what, ours = line.split("\t")
        theirs = verdict(folder / "odd" / file)
        accepted = ours == "accepted", theirs == "accepted"
        if accepted[0] != accepted[1] and row in explained:
            used.add(row)
            print(f"differs {row} {what}: {ours} here, {theirs} there ({explained[row]})")
        results.check(accepted[0] == accepted[1] or row in explained,
                      f"{row} {what}: {ours} here, {theirs} there")
    for row in sorted(set(explained) - used):
        results.check(False, f"{row} is listed as a difference but both sides agree")


def verdict(path):
    try:
        safetensors.deserialize(path.read_bytes())
        return "accepted"
    except (safetensors.SafetensorError, ValueError) as error:
        return str(error).split("\n")[0][:100]


if __name__ == "__main__":
    main()
