"""Reader of safetensors files: a length, a JSON of names, kinds and places, and the numbers one after the other.

The format: github.com/huggingface/safetensors, README, "Format". Nothing in such a file can run.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.bounds import MOST_HEADER_BYTES
from chestbench.core.gate import read_file

# Read whole: the largest that is read here, EfficientNet B7's, has 267 million.
MOST_BYTES = 400_000_000
# Those that weights are kept in; bfloat16, which NumPy lacks, is not among timm's EfficientNets.
KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file by name, of the shape and kind that they have there.

    Raises:
        ValueError: it is no such file, is cut short, or its header contradicts itself.
        ChestbenchError: it is no regular file, or larger than weights are.
        OSError: it cannot be read.
    """
    content = read_file(path, path.name, MOST_BYTES)
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or not 2 <= length <= min(MOST_HEADER_BYTES, len(content) - 8):
        raise ValueError("no safetensors file, or one that is cut short")
    header = _header(content[8 : 8 + length])
    numbers = memoryview(content)[8 + length :]
    end, found = 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        array, end = _array(name, entry, numbers, end)
        found[name] = array
    if end != len(numbers):
        raise ValueError(f"{len(numbers):,} bytes of arrays, where its header has {end:,}: cut short or added to")
    return found


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text, object_pairs_hook=_once)
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError):
        raise ValueError("no safetensors file: its header is no JSON") from None
    if not isinstance(header, dict):
        raise ValueError("no safetensors file: its header is no JSON object")
    header.pop("__metadata__", None)
    for name, entry in header.items():
        if not isinstance(entry, dict) or not (_counts(entry.get("shape")) and _counts(entry.get("data_offsets"), 2)):
            raise ValueError(f"no shape or place of {name} in its header")
        if entry.get("dtype") not in KINDS:
            raise ValueError(f"{name} of the kind {entry.get('dtype')}, expected one of {', '.join(KINDS)}")
    return header


def _counts(value: object, length: int | None = None) -> bool:
    """Tell whether a value is a list of whole numbers from 0 on, of that length if one is asked for."""
    if not isinstance(value, list) or length not in (None, len(value)):
        return False
    return all(type(number) is int and number >= 0 for number in value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice in its header")
    return found


def _array(name: str, entry: dict[str, Any], numbers: memoryview, begin: int) -> tuple[np.ndarray, int]:
    """Return an array that begins where the one before ended, and where it ends itself."""
    kind = np.dtype(KINDS[entry["dtype"]])
    first, end = entry["data_offsets"]
    if first != begin or end - first != math.prod(entry["shape"]) * kind.itemsize:
        raise ValueError(f"{name} at bytes {first:,} to {end:,}, which does not fit its shape or the array before")
    if end > len(numbers):
        raise ValueError(f"{name} ends at byte {end:,} of {len(numbers):,}: cut short")
    return np.frombuffer(numbers[first:end], kind).reshape(entry["shape"]), end
