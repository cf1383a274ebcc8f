"""Writers of PyTorch's files, without PyTorch: a state dict as before 1.6, and safetensors."""

import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from chestbench.models.pytorch_arrays import Array

NEW_DICT = b"ccollections\nOrderedDict\n)R"


def random_arrays(wanted: list[Array], classifier: str, seed: int = 0) -> dict[str, np.ndarray]:
    """Return a value for every array of a file, such that a signal of size 1 keeps its size from layer to layer."""
    rng = np.random.default_rng(seed)
    found = {}
    for array in wanted:
        value = rng.normal(size=array.shape)
        if array.variable == "kernel":
            value *= np.sqrt(2 / np.prod(array.shape[1:]))
        elif array.variable in ("gamma", "moving_variance"):
            value = 1 + 0.2 * np.tanh(value)
            # Small steps, or the 55 blocks of B7 would blow rounding errors up to the values' own size.
            value *= 0.3 if array.layer.endswith("_project_bn") and array.variable == "gamma" else 1
        else:
            value *= 0.2
        found[array.name] = value.astype(np.float32)
        if array.variable == "moving_variance":
            found[array.name.replace("running_var", "num_batches_tracked")] = np.array(7, np.int64)
    channels = wanted[-1].shape[0]
    found[f"{classifier}.weight"] = rng.normal(0, channels**-0.5, (1000, channels)).astype(np.float32)
    found[f"{classifier}.bias"] = rng.normal(size=1000).astype(np.float32)
    return found


def write_safetensors(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write float32 and int64 arrays in the safetensors format."""
    header, end = {}, 0
    for name, value in arrays.items():
        kind = {"float32": "F32", "int64": "I64"}[str(value.dtype)]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [end, end + value.nbytes]}
        end += value.nbytes
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(value.tobytes() for value in arrays.values()))


def write_state_dict(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write float32 and int64 arrays as `torch.save` did before 1.6; (height, width) outermost, as from TensorFlow."""
    entries, numbers = b"", b""
    for number, (name, value) in enumerate(arrays.items()):
        kind = {"float32": b"FloatStorage", "int64": b"LongStorage"}[str(value.dtype)]
        lying = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
        strides = [stride // value.itemsize for stride in np.empty(lying.shape, value.dtype).strides]
        strides = [strides[axis] for axis in (3, 2, 0, 1)] if value.ndim == 4 else strides
        storage = b"(" + code("storage") + b"ctorch\n" + kind + b"\n" + code(str(number)) + code("cpu")
        storage += code(value.size) + code(None) + b"tQ"
        tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + code(0) + code(value.shape) + code(tuple(strides))
        entries += code(name) + tensor + code(False) + NEW_DICT + b"tR"
        numbers += value.size.to_bytes(8, "little") + lying.tobytes()
    keys = [str(number) for number in range(len(arrays))]
    sizes = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    before = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, sizes)]
    path.write_bytes(b"".join([*before, b"\x80\x02", NEW_DICT, b"(", entries, b"u.", pickle.dumps(keys, 2), numbers]))


def code(value: object) -> bytes:
    """Return the opcodes that put a value on a pickle's stack."""
    return pickle.dumps(value, 2)[2:-1]
