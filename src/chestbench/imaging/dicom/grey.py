"""From stored DICOM values to 8-bit grey: modality LUT, VOI LUT or window, padding (PS3.3, C.7.5.1.1.2 and C.11).

Everything is worked out once for each value a pixel can have (at most 65,536) and then looked up for each pixel.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

from chestbench.imaging.dicom.rules import is_ct
from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.grey import AIR, DEFAULT, GreyFacts, GreyScale, Kind

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

PERCENTILES = (0.5, 99.5)


def to_grey(
    stored: np.ndarray, dataset: "FileDataset", inverted: bool, scale: GreyScale = DEFAULT
) -> tuple[np.ndarray, GreyFacts]:
    """Map stored values to grey as a viewer shows them at first, or as `scale` says for the whole set.

    1. Stored values become modality values (Hounsfield units for CT) by the modality LUT or slope and intercept.
    2. Those become grey: CT always by the window of `scale` (a lung window: centre -600 HU, width 1500 HU); anything
       else by the rule of `scale`, and where there is none by its first VOI LUT, else by its first valid window, else
       over the whole range of BitsStored where that is at most 8 bits, else from the 0.5th to the 99.5th percentile. A
       window or LUT that shows nothing but one grey counts as absent, unless the picture is of one value.
    3. It is inverted if asked for (MONOCHROME1); padding is black either way and has no part in the percentiles.

    Args:
        stored: (H, W), uint8, int8, uint16 or int16.
        dataset: the elements that describe them.
        inverted: whether the lowest value is white.
        scale: of the data set.

    Returns:
        uint8 (H, W), and what the file says of its scale.

    Raises:
        UnreadableImage: a CT without rescale slope and intercept, a rescaling that gives no usable numbers, or no
            window where `scale` wants one.
    """
    codes = stored.view(f"u{stored.dtype.itemsize}")
    stored_values = np.arange(1 << (8 * stored.dtype.itemsize), dtype=codes.dtype).view(stored.dtype)
    values = modality_values(stored_values, dataset)
    padding = is_padding(stored_values, dataset)
    bits = int(dataset.BitsStored)

    def picture(grey: np.ndarray) -> np.ndarray:
        table = 255 - grey if inverted else grey
        return cv2.LUT(codes, np.where(padding, np.uint8(0), table))

    if is_ct(dataset):
        _check_hounsfield(values, stored_values, bits)
        return picture(to_uint8(window_linear(values, *scale.window))), GreyFacts(Kind.HOUNSFIELD, bits)
    windowed, has_window = _by_header(values, dataset, stored, picture)
    facts = GreyFacts(Kind.RADIOGRAPH, bits, has_window=has_window)
    rule = scale.rule_of(facts)
    if rule == "window" and windowed is not None:
        return windowed, facts
    if rule == "window" and has_window is False:
        raise UnreadableImage("no window or VOI LUT that shows the picture, and dataset.grey.dicom is window")
    if rule == "percentiles":
        low, high = percentile_range(values, np.where(padding, 0, _histogram(codes)))
    else:
        low, high = _range_of_bits(values, stored_values, bits)
    return picture(to_uint8((values - low) / (high - low) if low < high else np.zeros_like(values))), facts


def _check_hounsfield(values: np.ndarray, stored_values: np.ndarray, bits: int) -> None:
    """Refuse a CT whose header leaves no room for air: its values are no Hounsfield units, whatever it says."""
    lowest, _ = _range_of_bits(values, stored_values, bits)
    if lowest > AIR:
        raise UnreadableImage(
            f"CT of {bits} bits whose lowest possible value is {lowest:g}: no Hounsfield units (air is -1000); export "
            "it with RescaleIntercept, or as PNG"
        )


def _by_header(
    values: np.ndarray, dataset: "FileDataset", stored: np.ndarray, picture: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray | None, bool | None]:
    """Return the picture by its window or VOI LUT (None without), and whether it has one (None: no telling)."""
    chosen = voi_by_header(values, dataset)
    shown = None if chosen is None else picture(chosen)
    if stored.min() == stored.max():
        return shown, None
    if shown is None or shown.min() == shown.max():
        return None, False
    return shown, True


def modality_values(stored_values: np.ndarray, dataset: "FileDataset") -> np.ndarray:
    """Apply the modality LUT sequence, or slope and intercept, to each stored value: float64, same shape."""
    from pydicom.pixels import apply_modality_lut

    has_lut = bool(dataset.get("ModalityLUTSequence"))
    has_slope = dataset.get("RescaleSlope") is not None and dataset.get("RescaleIntercept") is not None
    if not has_slope and not has_lut:
        if is_ct(dataset):
            raise UnreadableImage("CT without RescaleSlope and RescaleIntercept: its Hounsfield units are unknown")
        return stored_values.astype(np.float64)
    if not has_lut and not (np.isfinite(float(dataset.RescaleSlope)) and float(dataset.RescaleSlope) != 0):
        raise UnreadableImage("damaged: RescaleSlope is zero or no number")
    values = apply_modality_lut(stored_values, dataset).astype(np.float64)
    if not np.isfinite(values).all():
        raise UnreadableImage("damaged: the rescaling gives no finite numbers")
    return values


def is_padding(stored_values: np.ndarray, dataset: "FileDataset") -> np.ndarray:
    """Tell for each stored value whether PixelPaddingValue (to PixelPaddingRangeLimit) covers it: bool, same shape."""
    first = dataset.get("PixelPaddingValue")
    if not isinstance(first, int):
        return np.zeros(stored_values.shape, bool)
    limit = dataset.get("PixelPaddingRangeLimit")
    # Files mix up the signed and the unsigned spelling of the same bits; the bits are what is meant.
    ends = [_as_stored(value, stored_values.dtype) for value in (first, limit if isinstance(limit, int) else first)]
    return (stored_values >= min(ends)) & (stored_values <= max(ends))


def _as_stored(value: int, dtype: np.dtype) -> int:
    bits = 8 * dtype.itemsize
    code = value & ((1 << bits) - 1)
    return code - (1 << bits) if dtype.kind == "i" and code >> (bits - 1) else code


def voi_by_header(values: np.ndarray, dataset: "FileDataset") -> np.ndarray | None:
    """Apply the first VOI LUT, else the first valid window, to modality values: uint8, same shape; None without."""
    if dataset.get("VOILUTSequence"):
        from pydicom.pixels import apply_voi

        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        shown = apply_voi(np.rint(values).astype(np.int32), dataset)
        return to_uint8(shown / ((1 << bits) - 1))
    function = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    apply = {"LINEAR_EXACT": window_linear_exact, "SIGMOID": window_sigmoid}.get(function, window_linear)
    for centre, width in zip(_numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth"), strict=False):
        if np.isfinite(centre) and np.isfinite(width) and (width >= 1 or (width > 0 and apply is not window_linear)):
            return to_uint8(apply(values, centre, width))
    return None


def _numbers(dataset: "FileDataset", keyword: str) -> list[float]:
    value = dataset.get(keyword)
    if value is None or value == "":
        return []
    return [float(item) for item in (value if hasattr(value, "__iter__") else [value])]


def window_linear(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """Apply the LINEAR function of PS3.3, C.11.2.1.2.1 (the default): float64, 0 black to 1 white; `width` >= 1."""
    if width == 1:
        return (values > centre - 0.5).astype(np.float64)
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def window_linear_exact(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """Apply LINEAR_EXACT (C.11.2.1.3.2): float64, 0 to 1; `width` > 0."""
    return np.clip((values - centre) / width + 0.5, 0, 1)


def window_sigmoid(values: np.ndarray, centre: float, width: float) -> np.ndarray:
    """Apply SIGMOID (C.11.2.1.3.1): float64, 0 to 1; `width` > 0."""
    return 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700)))


def to_uint8(shares: np.ndarray) -> np.ndarray:
    """Round 0..1 to 0..255, whatever lies outside to the nearer end."""
    return np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)


def percentile_range(values: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Return the 0.5th and 99.5th percentile (nearest rank) of pixels counted by value, or the extremes if these agree.

    Args:
        values: float64 (n,), the modality value of each stored value.
        counts: (n,), the number of pixels with it; padding must be counted as zero.
    """
    present = np.flatnonzero(counts)
    if present.size == 0:
        return 0.0, 0.0
    present = present[np.argsort(values[present], kind="stable")]
    ranks = np.cumsum(counts[present], dtype=np.int64)
    low, high = (
        float(values[present[np.searchsorted(ranks, max(1, np.ceil(ranks[-1] * share / 100)))]])
        for share in PERCENTILES
    )
    return (low, high) if low < high else (float(values[present[0]]), float(values[present[-1]]))


def _histogram(codes: np.ndarray) -> np.ndarray:
    size = 1 << (8 * codes.dtype.itemsize)
    return cv2.calcHist([codes], [0], None, [size], [0, size]).ravel().astype(np.int64)


def _range_of_bits(values: np.ndarray, stored_values: np.ndarray, bits: int) -> tuple[float, float]:
    signed = stored_values.dtype.kind == "i"
    lowest = -(1 << (bits - 1)) if signed else 0
    within = values[(stored_values >= lowest) & (stored_values < lowest + (1 << bits))]
    return float(within.min()), float(within.max())
