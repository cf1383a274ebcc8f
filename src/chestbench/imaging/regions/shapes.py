"""Small steps on masks that every region is made of. A mask is uint8 (H, W), 0 or 1."""

import cv2
import numpy as np


def disc(radius: float) -> np.ndarray:
    """Return a round structuring element; a radius under one pixel gives the element that changes nothing."""
    side = 2 * round(max(radius, 0.0)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def opened(mask: np.ndarray, radius: float) -> np.ndarray:
    """Take away what is thinner than twice the radius; beyond the border counts as a part of the mask."""
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(radius))


def closed(mask: np.ndarray, radius: float) -> np.ndarray:
    """Bridge gaps narrower than twice the radius, also along the picture's border."""
    width = round(max(radius, 0.0)) + 1
    framed = cv2.copyMakeBorder(mask, width, width, width, width, cv2.BORDER_CONSTANT, value=0)
    return cv2.morphologyEx(framed, cv2.MORPH_CLOSE, disc(radius))[width:-width, width:-width]


def filled(mask: np.ndarray) -> np.ndarray:
    """Fill every hole that no path connects with the picture's border."""
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(framed, None, (0, 0), 2)
    return (framed[1:-1, 1:-1] != 2).astype(np.uint8)


def components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels int32 (H, W), 0 outside, then areas (N,) and centres (N, 2), x and y, of labels 1 to N."""
    _, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=4)
    return labels, stats[1:, cv2.CC_STAT_AREA], centres[1:]


def largest(mask: np.ndarray) -> np.ndarray:
    """Return the largest connected part, empty for an empty mask."""
    labels, areas, _ = components(mask)
    return (labels == 1 + int(np.argmax(areas))).astype(np.uint8) if len(areas) else mask


def hull(mask: np.ndarray) -> np.ndarray:
    """Return the filled convex hull of all parts together."""
    result = np.zeros_like(mask)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if outlines:
        cv2.fillConvexPoly(result, cv2.convexHull(np.concatenate(outlines)), 1)
    return result


def otsu(values: np.ndarray) -> float:
    """Return the threshold between the two groups of grey values (uint8, any shape) by Otsu's method."""
    return cv2.threshold(np.ascontiguousarray(values).reshape(1, -1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
