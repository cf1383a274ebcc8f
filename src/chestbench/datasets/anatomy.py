"""The anatomy of the phantom: trunk, bones, heart and lungs, drawn from random numbers that know nothing of the label.

Lengths are in body units: the trunk is a little under two wide. `level` is how far down the chest the slice lies.
"""

import math

import numpy as np

from chestbench.datasets.canvas import Canvas, Stream, direction

# Grey values of a lung window (about -1350 to 150 HU), a little flattened so that ground glass stands out at 64 pixels.
_AIR, _FAT, _MUSCLE, _BLOOD, _BONE, _TABLE = 10.0, 138.0, 172.0, 180.0, 232.0, 60.0


def draw_trunk(canvas: Canvas, stream: Stream, level: float) -> np.ndarray:
    """Draw everything but the lungs' inside and return the distance field of the lungs, float64 (H, W).

    Args:
        canvas: empty; drawn on.
        stream: the patient's anatomy, at its beginning.
        level: how far down the chest the slice lies, 0 (top) to about 1.
    """
    wide, deep = stream.uniform(0.82, 0.98), stream.uniform(0.58, 0.76)
    wall = stream.uniform(0.10, 0.19)
    canvas.image += _AIR
    _draw_table(canvas, stream, deep)
    outline = canvas.ellipse((0.0, 0.0), (wide, deep)) + 0.025 * canvas.texture(stream.uniforms(-1.0, 1.0, 6, 6))
    canvas.paint(outline, _FAT)
    skin = stream.uniform(0.025, 0.075)
    canvas.paint(outline - skin, _MUSCLE + 6.0 * canvas.texture(stream.uniforms(-1.0, 1.0, 9, 9)))

    cavity_size = (wide - wall) * (0.97 + 0.03 * level), (deep - 0.8 * wall) * (0.96 + 0.04 * level)
    _draw_ribs(canvas, stream, level, cavity_size, wall)
    cavity = canvas.ellipse((0.0, -0.02), cavity_size) + 0.02 * canvas.texture(stream.uniforms(-1.0, 1.0, 5, 5))
    middle = _draw_middle(canvas, stream, level, cavity_size[1])
    liver_top = stream.uniform(0.7, 1.5)  # the level at which the dome of the liver appears
    dome = max(level - liver_top, 0.0) * 0.6
    liver = canvas.ellipse((-0.45 * wide, 0.05), (0.01 + dome, 0.01 + 0.9 * dome)) if dome > 0.03 else cavity - 9.0
    return _meet(cavity, -np.maximum(middle, liver), 0.03)


def _draw_table(canvas: Canvas, stream: Stream, deep: float) -> None:
    """Draw the scanner's curved table below the body; some pictures are cropped above it."""
    height, bend = deep + stream.uniform(0.03, 0.09), stream.uniform(0.10, 0.25)
    if stream.uniform(0.0, 1.0) < 0.75:
        sag = canvas.v - height + bend * canvas.u * canvas.u
        canvas.paint(0.012 - np.abs(sag), _TABLE)
        canvas.paint(0.008 - np.abs(sag - 0.06), 0.6 * _TABLE)


def _draw_ribs(canvas: Canvas, stream: Stream, level: float, cavity: tuple[float, float], wall: float) -> None:
    """Draw ribs as short bright arcs in the chest wall; they wander as the slice moves down."""
    count, start = stream.integer(11, 16), stream.uniform(0.0, 1.0)
    for rib in range(count):
        x, y = direction(start + (rib + stream.uniform(-0.2, 0.2)) / count + 0.06 * level)
        length, thick = stream.uniform(0.07, 0.15), stream.uniform(0.024, 0.036)
        if abs(x) < 0.3:  # no ribs before the sternum or behind the spine
            continue
        centre = x * (cavity[0] + 0.36 * wall), y * (cavity[1] + 0.36 * wall) - 0.02
        slope = math.sqrt((y * cavity[0]) * (y * cavity[0]) + (x * cavity[1]) * (x * cavity[1]))
        axis = (-y * cavity[0] / slope, x * cavity[1] / slope)
        where = canvas.window(*centre, length)
        canvas.paint(canvas.ellipse(centre, (length, thick), axis, where), _BONE, where)
        canvas.paint(canvas.ellipse(centre, (0.8 * length, 0.45 * thick), axis, where), _BONE - 35.0, where)


def _draw_middle(canvas: Canvas, stream: Stream, level: float, depth: float) -> np.ndarray:
    """Draw heart, great vessels, airways, sternum and spine; return the distance field of what is not lung."""
    back = depth - stream.uniform(0.03, 0.08)
    body = stream.uniform(0.11, 0.15)
    heart_size = stream.uniform(0.17, 0.24) + 0.10 * level
    heart_at = stream.uniform(0.02, 0.10) + 0.05 * level, stream.uniform(-0.16, -0.04)
    heart = canvas.ellipse(heart_at, (1.25 * heart_size, heart_size), direction(stream.uniform(0.02, 0.10)))
    aorta_at = stream.uniform(0.10, 0.17), back - stream.uniform(0.17, 0.24)
    aorta = canvas.ellipse(aorta_at, (0.075, 0.075))
    spine = canvas.ellipse((0.0, back), (body + 0.05, body + 0.03))
    wide = stream.uniform(0.03, 0.06) + 0.10 * np.maximum(canvas.v, 0.0)
    septum = wide - np.abs(canvas.u - stream.uniform(-0.03, 0.05))
    middle = np.maximum(np.maximum(heart, aorta), np.maximum(spine, septum))
    canvas.paint(heart, _BLOOD + 5.0)
    canvas.paint(aorta, _BLOOD + 10.0)
    for side in (-1.0, 1.0):  # main bronchi; above the fork they lie close together as one trachea
        centre = side * (0.035 + 0.05 * level) + 0.01, stream.uniform(0.10, 0.16)
        canvas.disc(centre, stream.uniform(0.028, 0.04), _AIR + 15.0)
    where = canvas.window(0.0, back, body)
    canvas.paint(canvas.ellipse((0.0, back), (body, 0.8 * body), where=where), _BONE, where)
    canvas.paint(canvas.ellipse((0.0, back), (0.8 * body, 0.6 * body), where=where), _BONE - 25.0, where)
    for side in (-1.0, 1.0):  # arch of the vertebra around the spinal canal
        where = canvas.window(side * 0.1, back + 0.9 * body, 0.2)
        arch = canvas.capsule((side * 0.07, back + 0.5 * body), (side * 0.15, back + 1.2 * body), (0.025, 0.02), where)
        canvas.paint(arch, _BONE, where)
    canvas.disc((0.0, back + 1.05 * body), 0.04, _MUSCLE - 15.0)
    front = -depth - stream.uniform(0.03, 0.06)
    where = canvas.window(0.0, front, 0.14)
    canvas.paint(canvas.ellipse((0.0, front), (stream.uniform(0.08, 0.13), 0.03), where=where), _BONE, where)
    return middle


def draw_lungs(canvas: Canvas, stream: Stream, level: float, field: np.ndarray, air: float) -> None:
    """Draw the lungs: uneven air, denser towards the back, vessels, and harmless findings of both classes.

    Args:
        canvas: with the trunk; drawn on.
        stream: the patient's anatomy, where `draw_trunk` left it.
        level: as in `draw_trunk`.
        field: distance field of the lungs, as `draw_trunk` returned it.
        air: grey value of the lungs' air.
    """
    uneven = stream.uniforms(-1.0, 1.0, 2, 8, 8)
    share = 0.5 * level
    texture = canvas.texture(uneven[0] * (1.0 - share) + uneven[1] * share)
    slope = stream.uniform(0.0, 22.0)
    canvas.paint(field, air + stream.uniform(3.0, 8.0) * texture + slope * canvas.v)
    inside = canvas.coverage(field - 0.008)
    for side in (-1.0, 1.0):
        _draw_vessels(canvas, stream, level, side, inside, air)
    for _ in range(stream.integer(0, 4)):  # emphysema: darker holes
        centre = stream.uniform(-0.8, 0.8), stream.uniform(-0.5, 0.5)
        canvas.disc(centre, stream.uniform(0.03, 0.08), air - 25.0, 0.6 * inside)
    for _ in range(stream.integer(0, 3)):  # nodules: small, dense and sharp, unlike ground glass
        centre = stream.uniform(-0.7, 0.7), stream.uniform(-0.45, 0.45)
        canvas.disc(centre, stream.uniform(0.02, 0.04), _MUSCLE, inside)


def _draw_vessels(canvas: Canvas, stream: Stream, level: float, side: float, inside: np.ndarray, air: float) -> None:
    """Draw the vessels of one lung: branches that taper from the hilum outwards, and others cut across."""
    hilum = side * stream.uniform(0.17, 0.23), stream.uniform(-0.02, 0.1)
    for _ in range(15):
        x, y = direction(stream.uniform(-0.27, 0.27))
        begin, length = stream.uniform(0.0, 0.2), stream.uniform(0.14, 0.34)
        bent = direction(stream.uniform(-0.27, 0.27))
        depth, bright = stream.uniform(0.0, 1.6), stream.uniform(85.0, 115.0)
        thick = (0.026 - 0.05 * begin) * max(1.0 - 1.4 * abs(level - depth), 0.0)
        if thick < 0.004:
            continue
        start = hilum[0] + side * x * begin, hilum[1] + 1.3 * y * begin
        end = start[0] + side * 0.5 * (x + bent[0]) * length, start[1] + 0.65 * (y + bent[1]) * length
        where = canvas.window(*start, length + 0.05)
        canvas.paint(canvas.capsule(start, end, (thick, 0.35 * thick), where), air + bright, where, inside[where])
    for _ in range(26):
        away = stream.uniform(0.05, 0.6)
        x, y = direction(stream.uniform(-0.3, 0.3))
        drift_x, drift_y = stream.uniform(-0.1, 0.1), stream.uniform(-0.1, 0.1)
        radius = stream.uniform(0.010, 0.026) * (1.0 - away)
        centre = hilum[0] + side * x * away + drift_x * level, hilum[1] + 0.9 * y * away + drift_y * level
        canvas.disc(centre, radius, air + 100.0, inside)


def _meet(first: np.ndarray, second: np.ndarray, roundness: float) -> np.ndarray:
    """Return the distance field of what lies in both shapes, with rounded corners."""
    difference = first - second
    return 0.5 * (first + second - np.sqrt(difference * difference + roundness * roundness))
