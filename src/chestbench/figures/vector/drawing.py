"""A chart as SVG: an area with axes, and lines, bands and marks in its own units.

Nothing has a colour of its own: classes (`s1` to `s6`, `band`, `grid`) are styled by the page. Text is escaped as the
tree is written. Every chart has an alternative text, for it is an image to whoever cannot see it.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

# So many series have a style of their own; more repeat it.
STYLES = 6
FONT, LINE = 11.5, 14


class Span(NamedTuple):
    """The ends of an axis, with the places that are marked and what is written there."""

    low: float
    high: float
    ticks: Sequence[float]
    form: str = "g"


class Chart:
    """One chart; x and y are in the units of its axes, the rest in pixels of its view box."""

    def __init__(self, about: str, x: Span, y: Span, x_name: str, y_name: str, size: tuple[int, int]) -> None:
        """Draw the axes.

        Args:
            about: alternative text: what the chart shows, with the figures that matter.
            x: the axis to the right.
            y: the axis upward.
            x_name: below it.
            y_name: above it, so that it needs no turned letters.
            size: width and height of the view box.
        """
        self.width, self.height = size
        self._x, self._y = x, y
        self._left, self._right, self._top, self._bottom = 38.0, self.width - 8.0, 22.0, self.height - 36.0
        self.root = ElementTree.Element(
            "svg", {"class": "chart", "viewBox": f"0 0 {self.width} {self.height}", "role": "img", "aria-label": about}
        )
        ends = (self._left, self._right, self._bottom, self._top, x.low, x.high, y.low, y.high)
        self.root.set("data-axes", " ".join(_short(end) for end in ends))
        for tick in x.ticks:
            at = self.at_x(tick)
            self._add("path", {"class": "grid", "d": f"M{_short(at)} {_short(self._bottom)}V{_short(self._top)}"})
            self.text(at, self._bottom + LINE, format(tick, x.form), "middle")
        for tick in y.ticks:
            at = self.at_y(tick)
            self._add("path", {"class": "grid", "d": f"M{_short(self._left)} {_short(at)}H{_short(self._right)}"})
            self.text(self._left - 5, at + 4, format(tick, y.form), "end")
        self.text(self._right, self.height - 5, x_name, "end", "axis")
        self.text(0, 11, y_name, "start", "axis")

    def at_x(self, x: float) -> float:
        """Return the place of a value on the axis to the right."""
        return self._left + (x - self._x.low) / (self._x.high - self._x.low) * (self._right - self._left)

    def at_y(self, y: float) -> float:
        """Return the place of a value on the upward axis."""
        return self._bottom - (y - self._y.low) / (self._y.high - self._y.low) * (self._bottom - self._top)

    def line(self, xs: Sequence[float], ys: Sequence[float], style: str, name: str = "") -> None:
        """Draw a line through the points that are finite.

        Args:
            xs: of the points.
            ys: of the points.
            style: class, such as `s1`.
            name: told beside the value where the pointer is; none for lines that are only a guide.
        """
        points = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        if not points:
            return
        told = {"data-name": name} if name else {}
        self._add("polyline", {"class": f"line {style}", "points": self._places(points), **told})

    def band(self, xs: Sequence[float], lows: Sequence[float], highs: Sequence[float], style: str) -> None:
        """Fill between two lines where both are finite."""
        kept = [
            (x, low, high)
            for x, low, high in zip(xs, lows, highs, strict=True)
            if math.isfinite(low) and math.isfinite(high)
        ]
        if len(kept) > 1:
            outline = [(x, low) for x, low, _ in kept] + [(x, high) for x, _, high in reversed(kept)]
            self._add("polygon", {"class": f"band {style}", "points": self._places(outline)})

    def dot(self, x: float, y: float, radius: float, style: str) -> None:
        """Draw a disc."""
        place = {"cx": _short(self.at_x(x)), "cy": _short(self.at_y(y)), "r": _short(radius)}
        self._add("circle", {"class": f"dot {style}", **place})

    def text(self, x: float, y: float, words: str, anchor: str = "start", style: str = "tick") -> None:
        """Write at a place in pixels."""
        attributes = {"class": style, "x": _short(x), "y": _short(y), "text-anchor": anchor}
        self._add("text", attributes).text = words

    def markup(self) -> str:
        """Return the chart as SVG."""
        return markup(self.root)

    def _add(self, tag: str, attributes: dict[str, str]) -> ElementTree.Element:
        return ElementTree.SubElement(self.root, tag, attributes)

    def _places(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{_short(self.at_x(x))},{_short(self.at_y(y))}" for x, y in points)


def markup(root: ElementTree.Element) -> str:
    """Return an element as text, its content escaped."""
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def style_of(place: int) -> str:
    """Return the class of the place-th series."""
    return f"s{place % STYLES + 1}"


def nice_span(low: float, high: float, most: int = 5) -> Span:
    """Return an axis that holds both values, with ticks at round numbers.

    >>> nice_span(0.13, 2.2).ticks
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        low, high = min(low, 0.0) if math.isfinite(low) else 0.0, max(low, 1.0) if math.isfinite(low) else 1.0
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [round(place * step, 10) for place in range(first, last + 1)]
    return Span(ticks[0], ticks[-1], ticks)


def _short(value: Any) -> str:
    """Return a number with one decimal, none where it is whole."""
    return f"{round(float(value), 1):g}" if abs(value) >= 10 else f"{round(float(value), 3):g}"
