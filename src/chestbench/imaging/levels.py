"""From the stored values of an image file other than DICOM to 8-bit grey, by a scale."""

import dataclasses

import cv2
import numpy as np

from chestbench.imaging.dicom.grey import to_uint8, window_linear
from chestbench.imaging.dicom.polarity import is_negative
from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.grey import AIR, GreyFacts, GreyScale, Kind
from chestbench.imaging.plain import Stored

LOWEST, HIGHEST = -8192.0, 32767.0  # Hounsfield units that occur, padding and metal included
_MARKERS = 0.01  # of the pixels: burned-in letters, metal, a bright frame


def to_grey(stored: Stored, scale: GreyScale) -> tuple[np.ndarray, GreyFacts]:
    """Map stored values to grey.

    Args:
        stored: what the file holds.
        scale: of the data set.

    Returns:
        uint8 (H, W), and what the file says of its scale.

    Raises:
        UnreadableImage: signed values that are not certainly Hounsfield units, or pixels of another type.
    """
    if stored.kind == Kind.HOUNSFIELD:
        return _signed(stored, scale)
    values = stored.values
    if values.dtype not in (np.uint8, np.uint16):
        raise UnreadableImage(f"pixels of type {values.dtype}: expected unsigned integers of 8 or 16 bits")
    if values.ndim == 3 and values.shape[2] == 4:
        values = _without_alpha(values)
    inverted = "yes" if stored.is_inverted else ""
    if values.dtype == np.uint8:
        facts = GreyFacts(stored.kind, stored.declared, inverted=inverted)
    else:
        facts = GreyFacts(
            stored.kind,
            stored.declared,
            int(values.max()),
            int(values.min()),
            _is_widened(values),
            inverted=inverted,
            statistic=stored.statistic,
            bulk=_bulk_of(values),
        )
        values = _top_8_bits(values, scale.white_bits(facts))
    grey = _luma(values)
    if not stored.is_inverted:
        return grey, facts
    return 255 - grey, dataclasses.replace(facts, looks_negative=is_negative(255 - grey))


def _signed(stored: Stored, scale: GreyScale) -> tuple[np.ndarray, GreyFacts]:
    """Map signed or floating-point values: Hounsfield units, or from 0 to 1. What is no number is background: black."""
    values = stored.values.astype(np.float64)
    gaps = np.isnan(values)
    has_gaps = bool(gaps.any())
    if gaps.all() or np.isinf(values).any():
        raise UnreadableImage("values that are no finite numbers: expected Hounsfield units, or values from 0 to 1")
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    values[gaps] = lowest
    is_unit = stored.values.dtype.kind == "f" and lowest >= 0 and 0 < highest <= 1
    if is_unit and scale.signed != "hounsfield":
        grey, facts = to_uint8(values), GreyFacts(Kind.UNIT, stored.declared, has_gaps=has_gaps)
    else:
        if scale.signed != "hounsfield" and not (LOWEST <= lowest <= AIR and highest <= HIGHEST):
            raise UnreadableImage(_neither(stored.values.dtype, lowest, highest))
        grey = to_uint8(window_linear(values, *scale.window))
        facts = GreyFacts(Kind.HOUNSFIELD, stored.declared, has_gaps=has_gaps)
    grey[gaps] = 0
    return grey, facts


def _neither(dtype: np.dtype, lowest: float, highest: float) -> str:
    """Say that signed or floating-point values are certainly neither Hounsfield units nor from 0 to 1."""
    unit = "values from 0 to 1, " if dtype.kind == "f" else ""
    found = (
        f"pixels of type {dtype} from {lowest:g} to {highest:g}: expected unsigned integers, {unit}or Hounsfield units "
        f"with air ({AIR:g} or less) in the picture; "
    )
    if lowest >= 0 and highest <= np.iinfo(np.uint16).max:
        white = (1 << max(8, int(highest).bit_length())) - 1
        line = f"-S dataset.grey.signed=hounsfield -S dataset.grey.window=[{white / 2:g},{white}]"
        found += f"if 0 is black and {white} white: `{line}`; "
    return f"{found}if they are Hounsfield units, set dataset.grey.signed=hounsfield"


def _without_alpha(stored: np.ndarray) -> np.ndarray:
    alpha = cv2.extractChannel(stored, 3)
    lowest, highest, _, _ = cv2.minMaxLoc(alpha)
    colour = cv2.cvtColor(stored, cv2.COLOR_BGRA2BGR)
    if lowest == highest:
        return colour
    full = np.iinfo(stored.dtype).max
    weighted = colour.astype(np.uint64) * alpha[:, :, np.newaxis]
    return ((weighted + full // 2) // full).astype(stored.dtype)


def _is_widened(values: np.ndarray) -> bool:
    """Tell whether uint16 values are 8-bit ones times 257 or times 256; False where none is above 255."""
    if values.max() < 256:
        return False
    low = values & 255
    return bool(not low.any() or (low == values >> 8).all())


def _bulk_of(values: np.ndarray) -> int:
    """Return the least bits, 8 to 16, that hold all but `_MARKERS` of uint16 values."""
    bits = max(8, int(values.max()).bit_length())
    while bits > 8 and np.count_nonzero(values >> (bits - 1)) <= _MARKERS * values.size:
        bits -= 1
    return bits


def _top_8_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Return the top 8 of the lowest `bits` of uint16 values; what is above white is white."""
    if bits < 8:
        return (np.minimum(values, (1 << bits) - 1) * 255 // ((1 << bits) - 1)).astype(np.uint8)
    return np.minimum(values >> (bits - 8), 255).astype(np.uint8)


def _luma(values: np.ndarray) -> np.ndarray:
    if values.ndim == 2 or values.shape[2] == 1:
        return values.reshape(values.shape[:2])
    if values.shape[2] == 3:
        return cv2.cvtColor(values, cv2.COLOR_BGR2GRAY)
    raise UnreadableImage(f"{values.shape[2]} channels: expected grey or colour, with or without alpha")
