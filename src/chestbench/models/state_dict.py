"""Reader of a PyTorch state dict in the format before 1.6, without PyTorch: five pickles, then the numbers.

Pickles can run any code. This reader's can only make an ordered dict and describe tensors; anything else in the file
is refused before it is run. The format: torch/serialization.py, `_legacy_save`.
"""

import io
import math
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chestbench.core.gate import read_file

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
# Read whole: the one that is read here has 19 million.
MOST_BYTES = 400_000_000
NOT_SO = (pickle.UnpicklingError, ValueError, EOFError, LookupError, TypeError, AttributeError, OverflowError)
KINDS = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8"}


class _Storage(NamedTuple):
    """Numbers that stand at the end of the file, under a key."""

    key: str
    kind: str
    length: int


class _Tensor(NamedTuple):
    """A part of a storage, as `torch._utils._rebuild_tensor_v2` is asked for it."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(storage, offset, shape, strides)
        if module == "torch" and name in KINDS:
            return KINDS[name]
        raise ValueError(f"a pickle that asks for {module}.{name}, which a state dict has no use for")

    def persistent_load(self, pid: Any) -> _Storage:
        word, kind, key, _, length, view = pid
        if word != "storage" or view is not None:
            raise ValueError("a part that is no storage of its own")
        return self.storages.setdefault(key, _Storage(key, kind, length))


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors of a state dict by name, in the shape and kind that they have there.

    Raises:
        ValueError: it is no such file (a .pth of PyTorch 1.6 or later is a zip), is cut short, or holds something else.
        ChestbenchError: it is no regular file, or larger than weights are.
        OSError: it cannot be read.
    """
    stream = io.BytesIO(read_file(path, path.name, MOST_BYTES))
    try:
        if (_Reader(stream).load(), _Reader(stream).load()) != (MAGIC, PROTOCOL):
            raise ValueError("another kind of file")
        _Reader(stream).load()  # sizes of numbers on the machine that wrote it
        reader = _Reader(stream)
        tensors, keys = reader.load(), _Reader(stream).load()
        numbers = {key: _numbers(stream, reader.storages[key]) for key in keys}
        found = {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}
    except NOT_SO as error:
        raise ValueError(f"no state dict in PyTorch's format before 1.6, or one that is cut short: {error}") from None
    if stream.read(1):
        raise ValueError("more bytes than its tensors have")
    return found


def _numbers(stream: io.BytesIO, storage: _Storage) -> np.ndarray:
    count = int.from_bytes(stream.read(8), "little")
    if count != storage.length:
        raise ValueError(f"a storage of {count:,} numbers, described with {storage.length:,}")
    return np.frombuffer(stream.read(count * np.dtype(storage.kind).itemsize), storage.kind, count)


def _array(tensor: _Tensor, numbers: np.ndarray) -> np.ndarray:
    """Return a tensor, which may lie in its storage in any order: those that come from TensorFlow do."""
    steps = list(zip(tensor.shape, tensor.strides, strict=True))
    if not all(type(number) is int and number >= 0 for number in (tensor.offset, *tensor.shape, *tensor.strides)):
        raise ValueError(f"a tensor of the shape {tensor.shape} with the strides {tensor.strides}")
    last = tensor.offset + sum((length - 1) * stride for length, stride in steps)
    if not math.prod(tensor.shape) <= len(numbers) > last:
        raise ValueError(f"a tensor of the shape {tensor.shape} in a storage of {len(numbers):,} numbers")
    strides = [stride * numbers.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False).copy()
