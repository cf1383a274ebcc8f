"""Boxes drawn over one picture, with OpenCV alone: the same bytes on every machine, and quick enough for a server."""

from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.figures.detection.styles import STYLES, Drawn, Style
from chestbench.imaging.text import ascii_label, put_text, text_width

Picture = NDArray[np.uint8]
# Left, top, right, bottom in pixels of what is drawn.
Place = tuple[int, int, int, int]
SMALLEST_LETTERS = 8
# A thinner line than this part of its box's shorter side leaves room to see what is in the box.
THICKEST_SHARE = 6


def draw_boxes(
    picture: Picture,
    drawn: Drawn,
    findings: Sequence[str],
    side: int = 640,
    legend: bool = True,
    foot: str = "",
    said: Mapping[str, str] | None = None,
) -> Picture:
    """Draw boxes over a picture, enlarged to a size at which they can be read.

    Args:
        picture: uint8 (H, W) or (H, W, 1), grey.
        drawn: the boxes in its pixels, by kind. A found one goes by finding and score.
        findings: name of each label.
        side: the longer side of the result in pixels; a larger picture keeps its size.
        legend: whether a line under the picture says what each kind of line means.
        foot: words under that, such as the notice; "": none.
        said: kind -> words of the legend where they differ from those of `STYLES`.

    Returns:
        uint8 (height, width, 3), red, green, blue.

    Raises:
        ValueError: the picture is none of grey uint8, or a label has no name.

    Example:
        >>> from chestbench.imaging.boxes import Boxes
        >>> found = Boxes.of([[8, 8, 24, 28]], scores=[0.9])
        >>> draw_boxes(np.zeros((32, 64), np.uint8), Drawn(found=found), ["opacity"], legend=False).shape
        (320, 640, 3)
    """
    grey = _checked(picture)
    for boxes in drawn.kinds().values():
        if len(boxes) and not 0 <= int(boxes.labels.min()) <= int(boxes.labels.max()) < len(findings):
            raise ValueError(f"expected labels 0 to {len(findings) - 1}, received {sorted(set(boxes.labels.tolist()))}")
    height, width = grey.shape
    scale = max(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC) if scale > 1 else grey
    canvas: Picture = np.repeat(np.asarray(shown, np.uint8)[:, :, None], 3, axis=2)
    unit = max(canvas.shape[:2]) / 256
    tags: list[tuple[Place, str, Style]] = []
    for kind, boxes in drawn.kinds().items():
        for number, corners in enumerate(boxes.corners):
            place = _placed(corners, scale, canvas)
            _draw_box(canvas, place, STYLES[kind], unit)
            text = _tag(kind, boxes.labels[number], boxes.scores[number], findings)
            if text:
                tags.append((place, text, STYLES[kind]))
    _write_tags(canvas, tags, unit)
    parts = [canvas]
    if legend and drawn.occurring():
        parts.append(draw_legend(drawn.occurring(), canvas.shape[1], said))
    if foot:
        parts.append(_foot(foot, canvas.shape[1]))
    return np.concatenate(parts)


def draw_legend(
    kinds: Iterable[str], width: int, said: Mapping[str, str] | None = None, letters: int | None = None
) -> Picture:
    """Return a strip, uint8 (height, width, 3), that shows what each kind of line means, in as many lines as it needs.

    Args:
        kinds: keys of `STYLES`.
        width: in pixels.
        said: kind -> words where they differ from those of `STYLES`.
        letters: height of capitals in pixels; None: as fits a picture of that width.
    """
    letters = letters or _letters(width)
    line, swatch = letters * 3, letters * 6
    entries = [(STYLES[kind], (said or {}).get(kind, STYLES[kind].said)) for kind in kinds]
    places, left, top = [], line // 2, 0
    for _, text in entries:
        needed = swatch + letters + text_width(text, letters) + line
        if left > line // 2 and left + needed > width:
            left, top = line // 2, top + line
        places.append((left, top))
        left += needed
    strip = np.full((top + line, width, 3), 40, np.uint8)
    for (style, text), (left, top) in zip(entries, places, strict=True):
        box = left, top + line // 5, left + swatch, top + line - line // 5
        _draw_box(strip, box, style, max(1.0, letters / 9))
        put_text(strip, text, left + swatch + letters, top + (line + letters) // 2, letters, 255, width - left - swatch)
    return strip


def _checked(picture: Picture) -> Picture:
    grey = picture[:, :, 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:
        raise ValueError(f"expected a grey uint8 picture (H, W), received {picture.dtype} of shape {picture.shape}")
    return grey


def _letters(side: float) -> int:
    return max(SMALLEST_LETTERS, round(side / 58))


def _placed(corners: NDArray[np.float64], scale: float, canvas: Picture) -> Place:
    """Return where a box lies on the canvas; one at the very edge is drawn inside it."""
    height, width = canvas.shape[:2]
    x0, y0, x1, y1 = np.round(corners * scale).astype(int).tolist()
    left, top = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
    return left, top, min(max(x1 - 1, left), width - 1), min(max(y1 - 1, top), height - 1)


def _draw_box(canvas: Picture, place: Place, style: Style, unit: float) -> None:
    """Draw the outline inside its place: each dash with a black edge."""
    left, top, right, bottom = place
    most = max(1, min(right - left, bottom - top) // THICKEST_SHARE)
    thickness = min(max(1, round(style.thickness * unit)), most)
    edge = max(1, round(unit * 0.45))
    inset = thickness // 2
    left, top, right, bottom = left + inset, top + inset, max(left, right - inset), max(top, bottom - inset)
    sides = [((left, top), (right, top)), ((right, top), (right, bottom))]
    sides += [((right, bottom), (left, bottom)), ((left, bottom), (left, top))]
    dashes = [dash for start, end in sides for dash in _dashes(start, end, style, unit, thickness + 2 * edge)]
    for colour, wide in (((0, 0, 0), thickness + 2 * edge), (style.colour, thickness)):
        for start, end in dashes:
            cv2.line(canvas, start, end, colour, wide, cv2.LINE_8)


def _dashes(start: tuple[int, int], end: tuple[int, int], style: Style, unit: float, wide: int) -> list[tuple]:
    """Return the ends of each dash of a side; both corners are drawn, gaps are fitted between them.

    A line of `wide` pixels reaches half of that beyond its ends, into the gaps.
    """
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    if style.dashes is None or not length:
        return [(start, end)]
    dash, gap = style.dashes[0] * unit, style.dashes[1] * unit + wide
    count = max(1, round((length - dash) / (dash + gap)))
    step, found = (length - dash) / count, []
    for number in range(count + 1):
        low = max(0.0, number * step) / length
        high = min(float(length), number * step + dash) / length
        ends = [tuple(round(a + (b - a) * part) for a, b in zip(start, end, strict=True)) for part in (low, high)]
        found.append((ends[0], ends[1]))
    return found


def _tag(kind: str, label: int, score: float, findings: Sequence[str]) -> str:
    """Return what stands at a box, such as `false opacity 0.41`; one finding alone needs no name beside a verdict."""
    tag = STYLES[kind].tag
    if tag is None:
        return ""
    name = ascii_label(findings[label], f"finding {label + 1}")
    words = [tag] if tag and len(findings) == 1 else [tag, name]
    if kind != "missed":
        words.append(f"{score:.2f}")
    return " ".join(word for word in words if word)


def _write_tags(canvas: Picture, tags: Sequence[tuple[Place, str, Style]], unit: float) -> None:
    """Write each tag at a corner of its box, where no other stands yet and the picture has room."""
    height, width = canvas.shape[:2]
    letters = max(SMALLEST_LETTERS, round(unit * 4.2))
    margin = max(2, letters // 4)
    taken: list[Place] = []
    for (left, top, right, bottom), text, style in tags:
        wide, high = text_width(text, letters) + 2 * margin, letters + 2 * margin + 1
        corners = [(left, top - high), (left, bottom + 2), (right - wide, top - high), (right - wide, bottom + 2)]
        corners += [(left + 2, top + 2), (right + 2, top), (left - wide - 1, top)]
        best: Place = (0, 0, 0, 0)
        least: tuple[int, bool] | None = None
        for asked in corners:
            # Moved into the picture where it would stand out of it.
            x, y = min(max(asked[0], 0), max(0, width - wide)), min(max(asked[1], 0), max(0, height - high))
            place = x, y, x + wide, y + high
            fault = sum(_shared(place, other) for other in taken), (x, y) != asked
            if least is None or fault < least:
                best, least = place, fault
        taken.append(best)
        _write_tag(canvas[best[1] : best[3], best[0] : best[2]], text, style, letters, margin)


def _write_tag(part: Picture, text: str, style: Style, letters: int, margin: int) -> None:
    """Darken a part of the canvas and write in the colour of the kind."""
    mask = np.zeros(part.shape[:2], np.uint8)
    put_text(mask, text, margin, margin + letters, letters, 255, part.shape[1] - margin)
    share = mask[:, :, None] / np.float32(255)
    part[:] = (part // 5 * (1 - share) + np.array(style.colour, np.float32) * share).round().astype(np.uint8)


def _shared(first: Place, second: Place) -> int:
    """Return the area that two places share, in pixels."""
    wide = min(first[2], second[2]) - max(first[0], second[0])
    high = min(first[3], second[3]) - max(first[1], second[1])
    return max(0, wide) * max(0, high)


def _foot(text: str, width: int) -> Picture:
    letters = _letters(width)
    strip = np.zeros((letters * 2 + 4, width, 3), np.uint8)
    put_text(strip, text, letters, letters + letters // 2 + 2, letters, 200, width - 2 * letters)
    return strip
