"""The contour of the patient. Pictures are uint8 (H, W); masks are uint8 (H, W), 1 inside, and may come out empty."""

import cv2
import numpy as np

from chestbench.imaging.regions.shapes import closed, components, disc, filled, hull, largest, opened, otsu

_WHITE = 245
_DEEPEST_MARGIN = 0.45  # share of the picture that a white margin may take from one side


def without_white_margin(picture: np.ndarray) -> np.ndarray:
    """Return a mask that leaves out white margins, and the white that surrounds a picture cut out of a page."""
    white = (picture >= _WHITE).astype(np.uint8)
    inside = np.ones_like(white)
    for axis in (0, 1):
        lines = white.mean(axis=1 - axis) > 0.98
        first, last = (len(lines), len(lines)) if lines.all() else (int(np.argmin(lines)), int(np.argmin(lines[::-1])))
        if max(first, last) <= _DEEPEST_MARGIN * len(lines):
            margin = inside if axis == 0 else inside.T
            margin[:first] = 0
            margin[len(lines) - last :] = 0
    frame = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    if frame.mean() > 0.6:
        labels, _, _ = components(white)
        at_border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
        outside = np.isin(labels, at_border[at_border > 0])
        if outside.mean() < 0.9:
            inside[outside] = 0
    # Where the picture meets the white, the last pixel is a mixture of both.
    return inside if inside.all() else cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=1)


def ct_body(picture: np.ndarray) -> np.ndarray:
    """Return the patient's outline in an axial CT slice, lungs included.

    Tissue is what is brighter than Otsu's threshold. Its largest part, once thin bridges are cut, is the trunk, with
    thin walls close to it: arms, table and letters fall away. Dark areas that lie to 70 % or more in the trunk's convex
    hull belong to it: lungs, even where a crop leaves them open at the picture's border. The others are air.
    """
    size = max(picture.shape)
    inside = without_white_margin(picture)
    smooth = cv2.GaussianBlur(picture, (0, 0), max(size / 200, 0.5))
    tissue = (smooth > otsu(smooth[inside > 0])).astype(np.uint8) & inside
    near_trunk = cv2.dilate(largest(opened(tissue, size / 85)), disc(size / 25))
    trunk = closed(tissue & near_trunk, size / 85) & inside
    labels, areas, _ = components((1 - trunk) & inside)
    in_hull = np.bincount(labels[(hull(trunk) & inside) > 0], minlength=len(areas) + 1)[1:]
    lungs = np.concatenate([[False], in_hull >= 0.7 * areas])[labels].astype(np.uint8)
    return opened(largest(filled(trunk | lungs)), size / 85) & inside


def xray_body(picture: np.ndarray) -> np.ndarray:
    """Return the patient's outline in a frontal chest X-ray, lungs included.

    The background is what is nearly as dark as the darkest and connected with the picture's border.
    """
    size = max(picture.shape)
    inside = without_white_margin(picture)
    smooth = cv2.GaussianBlur(picture, (0, 0), max(size / 128, 0.5))
    low, high = np.percentile(smooth[inside > 0], [1, 90])
    tissue = (smooth > low + 0.16 * (high - low)).astype(np.uint8) & inside
    trunk = largest(opened(tissue, size / 50))
    return opened(largest(filled(closed(trunk, size / 40))), size / 40) & inside
