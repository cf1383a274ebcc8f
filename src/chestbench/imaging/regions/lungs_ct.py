"""Both lungs in an axial CT slice.

Pictures are uint8 (H, W); masks are uint8 (H, W), 1 inside, and may come out empty.
"""

import cv2
import numpy as np

from chestbench.imaging.regions.shapes import closed, components, filled, hull, opened, otsu

_GROUND_GLASS = 0.75  # between air (0) and tissue (1)


def ct_lungs(picture: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Return both lungs: what is dark inside the body, vessels and dense patches included, the windpipe not.

    Args:
        picture: uint8 (H, W), a CT slice.
        body: uint8 (H, W), mask of the patient, not empty.
    """
    size = max(picture.shape)
    smooth = cv2.GaussianBlur(picture, (0, 0), max(size / 250, 0.5))
    dark = opened((smooth < _lung_level(smooth[body > 0])).astype(np.uint8) & body, size / 200)
    labels, areas, centres = components(dark)
    if not len(areas):
        return dark
    columns = np.flatnonzero(body.any(axis=0))
    middle, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0] + 1
    windpipe = (np.abs(centres[:, 0] - middle) < 0.1 * width) & (areas < 0.025 * np.count_nonzero(body))
    kept = (areas >= 0.05 * areas.max()) & ~windpipe
    lungs = closed(np.concatenate([[False], kept])[labels].astype(np.uint8), size / 20) & body
    half = round(middle)
    lungs[:, :half] = _with_dense_rim(lungs[:, :half], outward=-1)
    lungs[:, half:] = _with_dense_rim(lungs[:, half:], outward=1)
    return _without_holes(lungs, middle, 0.12 * width) & body


def _lung_level(values: np.ndarray) -> float:
    """Return the grey value below which ground glass still counts as lung: nearer to the darker tissue than to air."""
    threshold = otsu(values)
    air, tissue = values[values <= threshold], values[values > threshold]
    if not len(air) or not len(tissue):
        return threshold
    return float(air.mean() + _GROUND_GLASS * (np.percentile(tissue, 25) - air.mean()))


def _with_dense_rim(lung: np.ndarray, outward: int) -> np.ndarray:
    """Add dense patches at the outer rim: bays of the outline that lie further out than the lung's own centre.

    Bays on the inner side are heart, liver and spine.
    """
    if not lung.any():
        return lung
    area = np.count_nonzero(lung)
    centre = np.nonzero(lung)[1].sum() / area
    labels, areas, centres = components(hull(lung) & (1 - lung))
    kept = (outward * (centres[:, 0] - centre) > 0) & (areas < 0.35 * area)
    return lung | np.concatenate([[False], kept])[labels].astype(np.uint8)


def _without_holes(lungs: np.ndarray, middle: float, near: float) -> np.ndarray:
    """Fill holes but for the mediastinum, which joined lungs can enclose: large, and near the middle column."""
    labels, areas, centres = components(filled(lungs) & (1 - lungs))
    kept = (np.abs(centres[:, 0] - middle) > near) | (areas < 0.01 * np.count_nonzero(lungs))
    return lungs | np.concatenate([[False], kept])[labels].astype(np.uint8)
