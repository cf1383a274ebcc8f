"""Arrays in files, read with a check that all of them is there: the length of an .npy, the checksums of an .npz."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from chestbench.core.files import DamagedFile, atomic_file


def open_array(path: Path, again: str, memory_mapped: bool = True) -> np.ndarray:
    """Return the array of an .npy file.

    Args:
        path: the file.
        again: the command that brings it back, for the error, such as "`dvc repro -f preprocess`".
        memory_mapped: whether its values are read when they are asked for.

    Raises:
        DamagedFile: it is empty, cut short, longer than its header says, or no .npy file.
        FileNotFoundError: there is no such file.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if not isinstance(array, np.memmap):
            raise ValueError("several arrays")
        length = array.offset + array.nbytes
    except (ValueError, EOFError, OverflowError, SyntaxError, zipfile.BadZipFile) as error:
        # NumPy speaks of mappings and of pickles; only that it cannot be read matters.
        received = f"received a damaged one of {path.stat().st_size:,} bytes ({type(error).__name__})"
        raise DamagedFile(path, "a whole .npy file", received, again) from None
    if length != path.stat().st_size:
        received = f"received {path.stat().st_size:,}"
        raise DamagedFile(path, f"{length:,} bytes, as its header says", received, again)
    return array if memory_mapped else np.array(array)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an .npz file atomically, uncompressed; equal arrays give equal bytes."""
    with atomic_file(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays that `write_arrays` wrote, every one compared with its checksum.

    Raises:
        DamagedFile: it is empty, cut short, has other bytes than were written, or is no .npz file.
        FileNotFoundError: there is no such file.
    """
    try:
        with zipfile.ZipFile(path) as whole:
            # First: a damaged header of an array could ask for any amount of memory.
            if bad := whole.testzip():
                raise ValueError(f"the checksum of {bad} does not match")
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, EOFError, KeyError, struct.error, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DamagedFile(path, "a whole .npz file", error) from None
