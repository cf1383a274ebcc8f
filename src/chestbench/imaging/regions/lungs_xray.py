"""Both lungs in a frontal chest X-ray.

Pictures are uint8 (H, W); masks are uint8 (H, W), 1 inside, and may come out empty.

No threshold finds these lungs: ribs, heart and shoulders overlap with them in grey value. So each lung's outline is one
closed line around an ellipse that is put where a lung is expected, and dynamic programming finds the line that has the
most dark inside, the steepest rise from dark to bright across it, and a shape not far from the ellipse. Then all of it
once more, from the surroundings of what was found.

Sums are of integers, and angles and places are rounded, so that every machine finds the same line.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.imaging.regions.shapes import disc, otsu

_ANGLES, _RADII, _FARTHEST = 72, 56, 1.7  # rays, points on each, reach in semi-axes of the ellipse
_ACROSS = 4  # points on either side of the line between which the rise is measured
_BEND = 2  # points by which the line may move from one ray to the next
_DARK_INSIDE, _NEAR_ELLIPSE, _STRAIGHT = 0.4, 1.5, 0.05  # weights; the rise has 1
_USUAL = 1.05  # semi-axes


@dataclass(frozen=True)
class _Ellipse:
    """Where a lung is expected; `level` is the grey value between lung and the rest, `contrast` their difference."""

    x: float
    y: float
    across: float
    down: float
    level: float
    contrast: float


def xray_lungs(picture: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Return both lungs.

    Args:
        picture: uint8 (H, W), a frontal X-ray.
        body: uint8 (H, W), mask of the patient, not empty.
    """
    size = max(picture.shape)
    inner = cv2.erode(body, np.ones((3, 3), np.uint8), iterations=max(1, size // 85), borderValue=1)
    lungs = np.zeros_like(body)
    columns, rows = np.flatnonzero(inner.any(axis=0)), np.flatnonzero(inner.any(axis=1))
    if not len(columns):
        return lungs
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    even = _evened(picture, inner)
    spine = _spine(even, left, right, top, bottom)
    for first, last, mirrored in ((left, spine, True), (spine, right, False)):
        likely = cv2.bitwise_and(_usual_place(even.shape, (first, last, top, bottom), mirrored), inner)
        for _ in range(2):
            ellipse = _expected_lung(even, likely, (last - first, bottom - top))
            if ellipse is None:
                break
            lung = np.zeros_like(body)
            cv2.fillPoly(lung, [_outline(even, inner, ellipse)], 1)
            lung[:, :first], lung[:, last:] = 0, 0
            # The second time, what counts is the surroundings of what was found: shoulders stand out from lung there.
            likely = cv2.bitwise_and(cv2.dilate(lung, disc(size / 25)), inner)
            likely[:, :first], likely[:, last:] = 0, 0
        else:
            lungs |= lung
    return lungs & body


def _evened(picture: np.ndarray, body: np.ndarray) -> np.ndarray:
    """Return the picture without ribs and without half of the slow change over it; what lies outside is ignored."""
    size = max(picture.shape)
    visible = picture * body
    weight = cv2.GaussianBlur(body * np.uint8(255), (0, 0), max(size / 64, 0.5)).astype(np.int64)
    smooth = cv2.GaussianBlur(visible, (0, 0), max(size / 64, 0.5)).astype(np.int64) * 255 // np.maximum(weight, 1)
    even = smooth - _box(visible, size // 4) / np.maximum(_box(body, size // 4), 1) / 2
    low, high = np.percentile(even[body > 0], [0.5, 99.5])
    even = np.clip((even - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)
    even[weight < 3] = 255
    return even


def _box(values: np.ndarray, side: int) -> np.ndarray:
    """Return exact sums over a window, twice; outside counts as nothing."""
    window = (max(side, 1), max(side, 1))
    once = cv2.boxFilter(values, cv2.CV_64F, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return cv2.boxFilter(once, cv2.CV_64F, window, normalize=False, borderType=cv2.BORDER_CONSTANT)


def _spine(even: np.ndarray, left: int, right: int, top: int, bottom: int) -> int:
    """Return the brightest column in the middle third of the body at the height of the chest."""
    width, height = right - left, bottom - top
    band = even[top + height // 5 : bottom - height // 4].sum(axis=0, dtype=np.int64)
    first = left + round(0.32 * width)
    return first + int(np.argmax(band[first : max(left + round(0.68 * width), first + 1)]))


def _usual_place(shape: tuple[int, ...], half: tuple[int, int, int, int], mirrored: bool) -> np.ndarray:
    """Return the mask of an ellipse where most lungs lie in one half of the chest (left, right, top, bottom)."""
    left, right, top, bottom = half
    place = np.zeros(shape, np.uint8)
    x = 0.45 * (right - left)
    centre = (round(right - x if mirrored else left + x), round(top + 0.45 * (bottom - top)))
    semi_axes = (round(0.36 * (right - left)), round(0.42 * (bottom - top)))
    cv2.ellipse(place, centre, semi_axes, 0, 0, 360, 1, -1)
    return place


def _expected_lung(even: np.ndarray, likely: np.ndarray, half: tuple[int, int]) -> _Ellipse | None:
    """Place an ellipse on the dark part of a likely place; None where there is no contrast.

    Args:
        even: uint8 (H, W), the picture as `_evened` gives it, 255 outside the body.
        likely: uint8 (H, W), 1 where the lung is expected.
        half: width and height of one half of the chest, in pixels.
    """
    values = even[likely > 0]
    if len(values) < 20:
        return None
    threshold = otsu(values)
    dark, light = values[values <= threshold], values[values > threshold]
    if not len(dark) or not len(light):
        return None
    rows, columns = np.nonzero((likely > 0) & (even <= threshold))
    (x, spread_x), (y, spread_y) = _centre_and_spread(columns), _centre_and_spread(rows)
    contrast = float(light.mean() - dark.mean())
    return _Ellipse(
        x=x,
        y=y,
        across=float(np.clip(2 * spread_x, 0.22 * half[0], 0.40 * half[0])),
        down=float(np.clip(2 * spread_y, 0.22 * half[1], 0.42 * half[1])),
        level=float(dark.mean()) + 0.4 * contrast,
        contrast=contrast,
    )


def _centre_and_spread(places: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of integers from exact sums."""
    count, total, squares = len(places), int(places.sum()), int((places.astype(np.int64) ** 2).sum())
    return total / count, max(squares * count - total * total, 0) ** 0.5 / count


def _outline(even: np.ndarray, body: np.ndarray, ellipse: _Ellipse) -> np.ndarray:
    """Return the best closed line, int32 (_ANGLES, 2), x and y."""
    turn = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    direction = np.stack([ellipse.across * np.round(np.cos(turn), 6), ellipse.down * np.round(np.sin(turn), 6)])
    radius = np.linspace(0.1, _FARTHEST, _RADII)
    x = ellipse.x + direction[0][:, np.newaxis] * radius
    y = ellipse.y + direction[1][:, np.newaxis] * radius
    # OpenCV interpolates in steps of 1/32 pixel.
    at_x, at_y = (np.round(x * 32) / 32).astype(np.float32), (np.round(y * 32) / 32).astype(np.float32)
    grey = cv2.remap(even, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
    grey = np.clip((grey - ellipse.level) / ellipse.contrast, -1, 1)
    left_body = np.maximum.accumulate(cv2.remap(body, at_x, at_y, cv2.INTER_NEAREST, borderValue=0) == 0, axis=1)
    sums = np.cumsum(np.pad(np.pad(grey, ((0, 0), (_ACROSS, _ACROSS)), mode="edge"), ((0, 0), (1, 0))), axis=1)
    within, at, beyond = (sums[:, start : start + _RADII] for start in (0, _ACROSS, 2 * _ACROSS))
    rise = (beyond - 2 * at + within) / _ACROSS
    near_edge = np.pad(left_body, ((0, 0), (0, _ACROSS)), mode="edge")[:, _ACROSS:]
    rise[near_edge] = np.minimum(rise[near_edge], 0)  # the skin is no edge of a lung
    darkness = -np.cumsum(np.where(left_body, 2.0, grey), axis=1) * (radius[1] - radius[0])
    path = _best_path(rise + _DARK_INSIDE * darkness - _NEAR_ELLIPSE * (radius - _USUAL) ** 2)
    rays = np.arange(_ANGLES)
    return np.round(np.stack([x[rays, path], y[rays, path]], axis=1)).astype(np.int32)


def _best_path(score: np.ndarray) -> np.ndarray:
    """Return the point on each ray whose scores add up to the most, int64 (_ANGLES,).

    Three turns are walked, of which the middle one counts, so that the line closes.
    """
    turns = np.concatenate([score] * 3)
    points = np.arange(score.shape[1])
    cost = _STRAIGHT * np.arange(-_BEND, _BEND + 1) ** 2
    framed = np.full(len(points) + 2 * _BEND, -np.inf)
    total = framed[_BEND:-_BEND]  # a view: what is reached so far
    moves = np.lib.stride_tricks.sliding_window_view(framed, 2 * _BEND + 1)
    came_from = np.zeros(turns.shape, np.int64)
    total[:] = turns[0]
    for ray in range(1, len(turns)):
        options = moves - cost
        best = options.argmax(axis=1)
        came_from[ray] = points + best - _BEND
        total[:] = options[points, best] + turns[ray]
    path = np.empty(len(turns), np.int64)
    path[-1] = int(total.argmax())
    for ray in range(len(turns) - 1, 0, -1):
        path[ray - 1] = came_from[ray][path[ray]]
    return path[len(score) : 2 * len(score)]
