"""A 64-bit perceptual hash and a tiny thumbnail: what tells look-alike pictures without comparing their pixels."""

from functools import cache

import numpy as np

from chestbench.imaging.resize import resize_grey

THUMBNAIL_SIDE = 16
_SIDE, _KEPT = 32, 8


@cache
def _cosines() -> np.ndarray:
    """Return the lowest 8 of the 32 DCT-II basis vectors, scaled to integers: int64 (8, 32)."""
    frequency, place = np.arange(_KEPT)[:, np.newaxis], np.arange(_SIDE)
    return np.rint(np.cos(np.pi * (2 * place + 1) * frequency / (2 * _SIDE)) * 4096).astype(np.int64)


def fingerprint(pixels: np.ndarray) -> tuple[int, np.ndarray]:
    """Summarise a picture for `chestbench.audit.near_duplicates`.

    The hash is the classic DCT one (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"):
    the picture at 32 x 32, its 8 x 8 lowest frequencies, one bit each for above the median of all but the mean. The
    transform is done in integers, so that bits near the median are the same on every machine.

    Args:
        pixels: uint8 (H, W) or (H, W, 1).

    Returns:
        The hash, 0 to 2**64 - 1 (0 for a picture of one grey value), and a uint8 (256,) thumbnail, 16 x 16 flattened.
    """
    small = resize_grey(pixels, _SIDE, "stretch")[:, :, 0].astype(np.int64)
    coefficients = (_cosines() @ small @ _cosines().T).ravel()
    coefficients[0] = 0  # the mean brightness says nothing of the picture's content
    # A picture of one grey value leaves nothing but the rounding of the basis.
    if small.min() == small.max():
        coefficients[:] = 0
    bits = coefficients > np.median(coefficients[1:])
    value = int.from_bytes(np.packbits(bits).tobytes(), "big")
    half = _SIDE // THUMBNAIL_SIDE
    blocks = small.reshape(THUMBNAIL_SIDE, half, THUMBNAIL_SIDE, half).sum(axis=(1, 3))
    return value, ((blocks + half * half // 2) // (half * half)).astype(np.uint8).ravel()
