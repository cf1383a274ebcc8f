"""MedMNIST's .npz (Yang et al. 2023, Scientific Data 10:41) as pictures in folders: train/LABEL/00001.png.

The arrays are {train,val,test}_images, uint8 (N, H, W) or (N, H, W, 3), and {train,val,test}_labels, integers (N, 1).
Pictures are read by offset, one at a time; Python objects in an array are never loaded.
"""

import io
from collections.abc import Callable

import numpy as np

from chestbench.core.bounds import MOST_FILES
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import Entry, Listing, pixels_entry

_PARTS = ("train", "val", "test")
_NAMES = {f"{part}_{kind}.npy" for part in _PARTS for kind in ("images", "labels")}
_LONGEST_HEADER = 4096


def has_pictures(listing: Listing) -> bool:
    """Tell by the names of its arrays whether a zip is MedMNIST's: whole parts, train among them, nothing else."""
    names = set(listing.files)
    pairs = all(f"{part}_images.npy" in names and f"{part}_labels.npy" in names for part in _PARTS if _has(names, part))
    return names <= _NAMES and "train_images.npy" in names and pairs


def pictures_of(listing: Listing, unpacked: Callable[[Entry], tuple[int, ByteSource]]) -> Listing | None:
    """Return the pictures of the arrays of a zip for which `has_pictures`, or None where an array has another shape.

    Args:
        listing: of the zip.
        unpacked: gives a member as a source that can be read by offset, and the number of the file it lies in.
    """
    found = Listing()
    for part in _PARTS:
        if not _has(set(listing.files), part):
            continue
        images, labels = listing.files[f"{part}_images.npy"], listing.files[f"{part}_labels.npy"]
        label_source = unpacked(labels)[1]
        codes = _labels(label_source)
        number, source = unpacked(images)
        start, shape, dtype = _header(source)
        is_grey = len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)
        if codes is None or dtype != np.uint8 or not is_grey or shape[0] != len(codes) or 0 in shape:
            return None
        if start + int(np.prod(shape, dtype=object)) != source.size:
            return None
        array = Entry(number, source.offset, source.size, source.size, None, "plain")
        for row, code in enumerate(codes):
            found.files[f"{part}/{code}/{row + 1:05d}.png"] = pixels_entry(array, source.offset + start, shape[1:], row)
    return found


def _has(names: set[str], part: str) -> bool:
    return f"{part}_images.npy" in names or f"{part}_labels.npy" in names


def _header(source: ByteSource) -> tuple[int, tuple[int, ...], np.dtype | None]:
    """Return where the values of an array begin, its shape and type; the type None for what cannot be read."""
    stream = io.BytesIO(source.read_at(0, _LONGEST_HEADER))
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, is_fortran, dtype = read(stream)
    except (ValueError, KeyError, EOFError, SyntaxError, TypeError):
        return 0, (), None
    sound = not is_fortran and not dtype.hasobject and all(isinstance(side, int) and side >= 0 for side in shape)
    return stream.tell(), shape, dtype if sound else None


def _labels(source: ByteSource) -> list[int] | None:
    start, shape, dtype = _header(source)
    is_column = len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)
    if dtype is None or dtype.kind not in "iu" or not is_column or shape[0] > MOST_FILES:
        return None
    data = source.read_at(start, shape[0] * dtype.itemsize)
    if len(data) != shape[0] * dtype.itemsize:
        return None
    codes = np.frombuffer(data, dtype)
    return codes.astype(np.int64).tolist()
