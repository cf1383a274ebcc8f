"""What tells look-alike pictures without comparing their pixels: a 64-bit perceptual hash and a small copy.

From the small copy everything else is derived when all pictures are seen: the hashes of its windows (what is left
when up to 5% is cut off at the sides) and its outline (16 x 16 without what varies slowly). All sums are of integers
below 2**53, so every machine finds the same values.
"""

from functools import cache

import numpy as np

from chestbench.imaging.resize import resize_grey

SIDE = 32
_FREQUENCIES = 8
OUTLINE_SIDE, OUTLINE_LENGTH = 16, 4000
_SIGMA = 2.0  # of the blur that an outline leaves out, in its pixels: a quarter of the picture's width is "slow"
_SCALE = 4096  # of the integers that stand for cosines and Gaussian weights
# A window leaves out (from the left or top, from the right or bottom) in 320ths of a side: nothing, 2.5% or 5% of both,
# 5% of one. Every pair of a vertical and a horizontal trim is a window; number 0 is the whole picture.
UNITS = 320
_TRIMS = ((0, 0), (8, 8), (16, 16), (16, 0), (0, 16))
WINDOWS = len(_TRIMS) ** 2


def fingerprint(pixels: np.ndarray) -> tuple[int, np.ndarray]:
    """Summarise a picture for `chestbench.catalog.near_duplicates`.

    The hash is the classic DCT one (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"):
    the picture at 32 x 32, its 8 x 8 lowest frequencies, one bit each for above the median of all but the mean.

    Args:
        pixels: uint8 (H, W) or (H, W, 1).

    Returns:
        The hash, 0 to 2**64 - 1 (0 for a picture of one grey value), and a uint8 (1024,) copy, 32 x 32 flattened.
    """
    small = resize_grey(pixels, SIDE, "stretch")[:, :, 0]
    basis = _cosines()[:_FREQUENCIES]
    coefficients = (basis @ small.astype(np.float64) @ basis.T)[np.newaxis, :, :]
    return int(_hash(coefficients, small.reshape(1, -1))[0]), small.ravel()


def window_hashes(copies: np.ndarray) -> np.ndarray:
    """Return the hashes of all windows of pictures: uint64 (N, WINDOWS), the whole picture's first.

    Args:
        copies: uint8 (N, 1024), from `fingerprint`.
    """
    side, basis = _FREQUENCIES, _cosines()
    rows = np.matmul(basis, copies.reshape(-1, SIDE, SIDE).astype(np.float64))
    coefficients = np.matmul(rows, basis.T)
    found = np.empty((len(copies), WINDOWS), np.uint64)
    for window in range(WINDOWS):
        down, across = (slice(side * trim, side * (trim + 1)) for trim in divmod(window, len(_TRIMS)))
        found[:, window] = _hash(coefficients[:, down, across].copy(), copies)
    return found


def outlines(copies: np.ndarray, window: int = 0) -> np.ndarray:
    """Return what a window of pictures shows, without brightness, contrast and slow changes, to be correlated.

    Chest pictures share their slow changes: those of two people correlate by 0.9 and more. What is left when a Gaussian
    blur is taken away differs.

    Args:
        copies: uint8 (N, 1024), from `fingerprint`.
        window: 0 (all of the picture) to WINDOWS - 1.

    Returns:
        int16 (N, 256), 16 x 16 flattened, of Euclidean length OUTLINE_LENGTH but for rounding; zeros for pictures of
        one grey value. The dot product of two, over OUTLINE_LENGTH ** 2, is their correlation.
    """
    down, across = (_areas()[trim] for trim in divmod(window, len(_TRIMS)))
    blur = _gaussian()
    seen = np.matmul(np.matmul(down, copies.reshape(-1, SIDE, SIDE).astype(np.float64)), across.T)
    sharp = _SCALE * _SCALE * seen - np.matmul(np.matmul(blur, seen), blur.T)
    # 6400 steps to a grey level; squares of these sum to less than 2**53.
    sharp = np.rint(sharp.reshape(len(copies), -1) / 2.0**20)
    sharp -= np.rint(sharp.mean(axis=1, keepdims=True))
    length = np.sqrt(np.square(sharp).sum(axis=1, keepdims=True))
    return np.rint(sharp * (OUTLINE_LENGTH / np.maximum(length, 1.0))).astype(np.int16)


def _hash(coefficients: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Turn float64 (N, 8, 8) frequencies of the copies, uint8 (N, 1024), into uint64 (N,)."""
    flat = coefficients.reshape(len(coefficients), -1)
    flat[:, 0] = 0  # the mean brightness says nothing of the picture's content
    # A picture of one grey value leaves nothing but the rounding of the basis.
    flat[copies.min(axis=1) == copies.max(axis=1)] = 0
    middle = np.partition(flat[:, 1:], 31, axis=1)[:, 31:32]
    return np.packbits(flat > middle, axis=1).view(">u8").ravel().astype(np.uint64)


@cache
def _cosines() -> np.ndarray:
    """Return the lowest 8 DCT-II basis vectors over each trim of a row, as integers: float64 (trims * 8, 32)."""
    frequency, place = np.arange(_FREQUENCIES)[:, np.newaxis], np.arange(SIDE)
    basis = np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIDE))
    parts = []
    for trim in _TRIMS:
        areas = _overlaps(SIDE, trim)
        parts.append(np.rint(basis @ (areas / areas.sum(axis=1, keepdims=True)) * _SCALE))
    return np.concatenate(parts)


@cache
def _areas() -> list[np.ndarray]:
    """Return, for each trim of a row, what each of 32 pixels gives to each of 16: float64 (16, 32), integers."""
    return [_overlaps(OUTLINE_SIDE, trim) for trim in _TRIMS]


def _overlaps(bins: int, trim: tuple[int, int]) -> np.ndarray:
    edges = np.linspace(trim[0], UNITS - trim[1], bins + 1)
    pixels = np.linspace(0, UNITS, SIDE + 1)
    ends = np.minimum(edges[1:, np.newaxis], pixels[np.newaxis, 1:])
    return np.maximum(ends - np.maximum(edges[:-1, np.newaxis], pixels[np.newaxis, :-1]), 0.0)


@cache
def _gaussian() -> np.ndarray:
    """Return a Gaussian blur of 16 values, mirrored at the ends, each row of integers that sum to _SCALE."""
    offset = np.arange(-OUTLINE_SIDE, OUTLINE_SIDE + 1)
    weight = np.exp(-(offset**2) / (2 * _SIGMA**2))
    blur = np.zeros((OUTLINE_SIDE, OUTLINE_SIDE))
    for place in range(OUTLINE_SIDE):
        mirrored = (place + offset) % (2 * OUTLINE_SIDE)
        np.add.at(blur[place], np.minimum(mirrored, 2 * OUTLINE_SIDE - 1 - mirrored), weight)
    blur = np.rint(blur / blur.sum(axis=1, keepdims=True) * _SCALE)
    blur[np.diag_indices(OUTLINE_SIDE)] += _SCALE - blur.sum(axis=1)
    return blur
