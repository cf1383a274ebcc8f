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


class OtherArrays(ValueError):
    """Arrays of MedMNIST's names that are no pictures with one label each; says why in a few words."""


def has_pictures(listing: Listing) -> bool:
    """Tell by the names of its arrays whether a zip is MedMNIST's: whole parts, train among them, nothing else."""
    names = set(listing.files)
    pairs = all(f"{part}_images.npy" in names and f"{part}_labels.npy" in names for part in _PARTS if _has(names, part))
    return names <= _NAMES and "train_images.npy" in names and pairs


def pictures_of(listing: Listing, unpacked: Callable[[Entry], tuple[int, ByteSource]]) -> Listing:
    """Return the pictures of the arrays of a zip for which `has_pictures`.

    Args:
        listing: of the zip.
        unpacked: gives a member as a source that can be read by offset, and the number of the file it lies in.

    Raises:
        OtherArrays: an array is of another shape or type.
    """
    found = Listing()
    for part in _PARTS:
        if not _has(set(listing.files), part):
            continue
        images, labels = listing.files[f"{part}_images.npy"], listing.files[f"{part}_labels.npy"]
        label_source = unpacked(labels)[1]
        codes = _labels(label_source, f"{part}_labels")
        number, source = unpacked(images)
        start, shape, dtype = _header(source)
        _check_images(f"{part}_images", shape, dtype, len(codes))
        if start + int(np.prod(shape, dtype=object)) != source.size:
            raise OtherArrays(f"{part}_images that are not as long as they state")
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


def _check_images(name: str, shape: tuple[int, ...], dtype: np.dtype | None, labels: int) -> None:
    """Refuse an array that is not `labels` grey or RGB pictures of uint8."""
    size = " x ".join(map(str, shape))
    if dtype is None or 0 in shape:
        raise OtherArrays(f"{name} that cannot be read (damaged, empty, in Fortran order or of Python objects)")
    if dtype != np.uint8:
        raise OtherArrays(f"{name} of type {dtype}")
    if not (len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)):
        what = "volumes" if len(shape) == 4 and min(shape[1:]) > 4 else "an array"
        raise OtherArrays(f"{name} that are {what} of {size} values")
    if shape[0] != labels:
        raise OtherArrays(f"{shape[0]} {name} with {labels} labels")


def _labels(source: ByteSource, name: str) -> list[int]:
    start, shape, dtype = _header(source)
    if len(shape) == 2 and shape[1] > 1:
        raise OtherArrays(
            f"{name} of {shape[1]} values a picture: several findings at once, so that no one is its class"
        )
    is_column = len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)
    if dtype is None or dtype.kind not in "iu" or not is_column or shape[0] > MOST_FILES:
        raise OtherArrays(f"{name} that are not one integer a picture")
    data = source.read_at(start, shape[0] * dtype.itemsize)
    if len(data) != shape[0] * dtype.itemsize:
        raise OtherArrays(f"{name} that are not as long as they state")
    codes = np.frombuffer(data, dtype)
    return codes.astype(np.int64).tolist()
