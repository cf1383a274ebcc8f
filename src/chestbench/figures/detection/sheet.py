"""The sheet of a detector's hits and misses: a row for each outcome of a picture, with the legend at the foot."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from chestbench.figures.detection.boxes import draw_boxes, draw_legend
from chestbench.figures.detection.styles import Drawn
from chestbench.figures.drawing import new_figure

ACROSS = 4
# Pixels of a tile before matplotlib shows it some 260 pixels wide.
TILE = 360
# Pixels of the legend for each inch of the sheet's width, and the height of its capitals.
LEGEND, LETTERS = 160, 15


class Tile(NamedTuple):
    """One picture: uint8 (H, W), its boxes by kind, and what is said under it."""

    image: NDArray[np.uint8]
    drawn: Drawn
    text: str


def boxes_figure(
    rows: Sequence[tuple[str, Sequence[Tile]]],
    findings: Sequence[str],
    title: str,
    said: Mapping[str, str] | None = None,
) -> Figure:
    """Draw the sheet.

    Args:
        rows: (what the row shows, its pictures); a row without pictures says that none is shown.
        findings: name of each label.
        title: heading.
        said: kind -> words of the legend where they differ from those of `styles.STYLES`.
    """
    lines: list[tuple[str, Sequence[Tile]]] = []
    for name, tiles in rows:
        lines += [(name if first == 0 else "", tiles[first : first + ACROSS]) for first in range(0, len(tiles), ACROSS)]
        if not tiles:
            lines.append((name, []))
    across = max([1, *(len(tiles) for _, tiles in lines)])
    heights = [1.0 if tiles else 0.22 for _, tiles in lines]
    width = max(1.5 + 2.35 * across, 7.0)
    kinds = [kind for kind in Drawn().kinds() if any(kind in tile.drawn.occurring() for _, row in rows for tile in row)]
    strip = draw_legend(kinds, round(LEGEND * width), said, LETTERS) if kinds else None
    strips = [] if strip is None else [(width - 0.4) * strip.shape[0] / strip.shape[1]]
    figure = new_figure(width, 1.0 + 2.6 * sum(heights) + sum(strips))
    parts = figure.subfigures(1 + len(strips), 1, squeeze=False, height_ratios=[0.4 + 2.6 * sum(heights), *strips])
    grid = parts[0, 0].subplots(
        len(lines), 1 + across, squeeze=False, width_ratios=[0.62, *[1] * across], height_ratios=heights
    )
    for axes in grid.flat:
        axes.set_axis_off()
    for line, (name, tiles) in zip(grid, lines, strict=True):
        line[0].text(0, 0.5, name, va="center", fontsize=8.5, transform=line[0].transAxes)
        if name and not tiles:
            line[1].text(0, 0.5, "none", va="center", fontsize=8.5, transform=line[1].transAxes)
        for axes, tile in zip(line[1:], tiles, strict=False):
            axes.imshow(draw_boxes(tile.image, tile.drawn, findings, TILE, legend=False), interpolation="antialiased")
            axes.set_title(tile.text, fontsize=7.5)
    if strip is not None:
        axes = parts[1, 0].add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.imshow(strip, interpolation="antialiased")
    parts[0, 0].suptitle(title, fontsize=9.5)
    return figure
