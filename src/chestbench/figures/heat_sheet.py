"""The sheet of heat maps: a row per kind of hit or miss, each image as it is, as its map, and with the map on it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from chestbench.figures.drawing import new_figure

ACROSS = 2
EXPLAINED = (
    "each: the image, the heat map (white: most heat), both\nlines at 50% (dashed) and 80% (solid) of the most heat"
)


class Tile(NamedTuple):
    """One image: uint8 (H, W), its heat (H, W), 0 to 1, and what it is and was taken for."""

    image: NDArray[np.uint8]
    heat: NDArray[np.float32]
    text: str


def heat_figure(rows: Sequence[tuple[str, Sequence[Tile]]], title: str) -> Figure:
    """Draw the sheet; lightness alone carries the heat, so that a grey print shows the same.

    Args:
        rows: (what the row shows, its images); a row without images says that none is shown.
        title: heading.
    """
    lines: list[tuple[str, Sequence[Tile]]] = []
    for name, tiles in rows:
        lines += [(name if first == 0 else "", tiles[first : first + ACROSS]) for first in range(0, len(tiles), ACROSS)]
        if not tiles:
            lines.append((name, []))
    across = ACROSS if any(len(tiles) > 1 for _, tiles in lines) else 1
    heights = [1.0 if tiles else 0.35 for _, tiles in lines]
    figure = new_figure(1.5 + 5.1 * across, 1.25 + 1.95 * sum(heights))
    grid = figure.subplots(
        len(lines), 1 + 3 * across, squeeze=False, width_ratios=[0.85, *[1] * 3 * across], height_ratios=heights
    )
    for axes in grid.flat:
        axes.set_axis_off()
    for line, (name, tiles) in zip(grid, lines, strict=True):
        line[0].text(0, 0.5, name, va="center", fontsize=8.5, transform=line[0].transAxes)
        if name and not tiles:
            line[1].text(0, 0.5, "none shown", va="center", fontsize=8.5, transform=line[1].transAxes)
        for place, tile in enumerate(tiles):
            _draw_tile(line[1 + 3 * place : 4 + 3 * place], tile)
    figure.suptitle(f"{title}\n{EXPLAINED}", fontsize=9.5)
    return figure


def _draw_tile(panels: Sequence[Axes], tile: Tile) -> None:
    original, alone, both = panels
    for axes in (original, both):
        axes.imshow(tile.image, cmap="gray", vmin=0, vmax=255)
    alone.imshow(tile.heat, cmap="inferno", vmin=0, vmax=1)
    alone.set_title(tile.text, fontsize=7.5)
    if tile.heat.max() > 0.8 and tile.heat.min() < 0.5:
        for level, style in ((0.5, "dashed"), (0.8, "solid")):
            # White within black: seen on any grey.
            both.contour(tile.heat, levels=[level], colors="black", linewidths=2.4, linestyles=style)
            both.contour(tile.heat, levels=[level], colors="white", linewidths=1.1, linestyles=style)
