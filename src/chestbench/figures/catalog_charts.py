"""Charts of the images as found: how many of each class, how large, how bright, and what one of each looks like.

Drawn with matplotlib, so that class names of any script are shown where an installed font has their letters.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chestbench.catalog.records import EXAMPLES, GREY_LEVELS, KEPT, CatalogRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.core.notice import OTHER_BYTES
from chestbench.figures import fonts
from chestbench.figures.drawing import line_style, new_figure, save

BARS = (("found", "white", "///"), ("used", "#777777", ""), ("stated by the publisher", "white", "..."))
MOST_LINES = 8


def draw_catalog(table: Path, metrics: Mapping[str, Any], catalog_results: Path, folder: Path) -> None:
    """Write class_counts.png, image_sizes.png, grey_levels.png and examples.png.

    Args:
        table: data/catalog.csv.
        metrics: metrics/catalog.json.
        catalog_results: results/catalog, as `report.write_report` wrote it.
        folder: exists.
    """
    classes = list(metrics["per_class"])
    sizes = np.array([(row.width, row.height) for row in read_rows(table, CatalogRow) if row.status == KEPT], np.int32)
    intensity = np.loadtxt(catalog_results / GREY_LEVELS, np.int64, delimiter=",", skiprows=1, ndmin=2)[:, 1:]
    examples = {int(path.stem): _read_grey(path) for path in (catalog_results / EXAMPLES).iterdir()}
    lettering = fonts.choose(classes)
    names = [lettering.shown[name] for name in classes]
    stated = {name: entry["expected"] for name, entry in metrics["expected_counts"].items()}
    counts = [metrics["per_class"][name] for name in classes]
    bars = [[entry["found"] for entry in counts], [entry["kept"] for entry in counts]]
    wanted = [stated.get(name) for name in classes]
    title = f"{metrics['dataset']}, {OTHER_BYTES}" if metrics.get("copy") else metrics["dataset"]
    with fonts.drawn_with(lettering):
        for file, figure in (
            ("class_counts", counts_figure(names, bars, wanted, f"{title}: images of each class")),
            ("image_sizes", sizes_figure(sizes[:, 0], sizes[:, 1], f"{title}: sizes of the images")),
            ("grey_levels", grey_figure(names, intensity, f"{title}: grey levels of each class")),
            ("examples", examples_figure(names, examples, f"{title}: one image of each class")),
        ):
            save(figure, folder / f"{file}.png", metrics["synthetic"], lettering.key)


def counts_figure(
    names: Sequence[str], counts: Sequence[Sequence[int]], stated: Sequence[int | None], title: str
) -> Figure:
    """Draw bars for the images found and used of each class, and for those that the publisher states, if any.

    Args:
        names: C names to show.
        counts: found and used, each C numbers.
        stated: C numbers; None where none is stated.
        title: above the chart.
    """
    shown: list[Sequence[int | None]] = [*counts]
    if any(count is not None for count in stated):
        shown.append(stated)
    figure = new_figure(max(4.6, 1.8 + 1.15 * len(names)), 4.0)
    axes = figure.add_subplot()
    width = 0.8 / len(shown)
    for number, (heights, (label, colour, hatch)) in enumerate(zip(shown, BARS, strict=False)):
        places = [place for place, height in enumerate(heights) if height is not None]
        at = [place + (number - (len(shown) - 1) / 2) * width for place in places]
        present = [height for height in heights if height is not None]
        bars = axes.bar(at, present, 0.92 * width, label=label, color=colour, hatch=hatch, edgecolor="black")
        axes.bar_label(bars, labels=[f"{height:,}" for height in present], fontsize=7, padding=1.5)
    axes.set_xticks(range(len(names)), names, rotation=20, ha="right", rotation_mode="anchor")
    axes.set(ylabel="images")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.15)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8)
    return figure


def sizes_figure(width: np.ndarray, height: np.ndarray, title: str) -> Figure:
    """Draw histograms of width and height (pixels, int (N,)) side by side on one scale."""
    figure = new_figure(7.4, 3.6)
    low, high = int(min(width.min(), height.min())), int(max(width.max(), height.max()))
    edges = np.linspace(low - 0.5, high + 0.5, 1 + min(30, high - low + 1))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, values, label, hatch in zip(panels, (width, height), ("width", "height"), ("///", "..."), strict=True):
        axes.hist(values, edges, color="white", hatch=hatch, edgecolor="black")
        middle = float(np.median(values))
        axes.axvline(middle, color="black", linestyle="--", linewidth=1, label=f"median {middle:g}")
        axes.set(xlabel=f"{label} in pixels")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(fontsize=8)
    panels[0].set(ylabel="images")
    panels[0].yaxis.set_major_locator(MaxNLocator(integer=True))
    figure.suptitle(title, fontsize=10)
    return figure


def grey_figure(names: Sequence[str], intensity: np.ndarray, title: str) -> Figure:
    """Draw how often each grey level occurs in each class; a class after the eighth is left out, and that is said.

    Args:
        names: C names to show.
        intensity: int (C, 256), pixels of each grey level.
        title: above the chart.
    """
    figure = new_figure(6.4, 3.9)
    axes = figure.add_subplot()
    highest = 0.0
    for label, name in enumerate(names[:MOST_LINES]):
        total = intensity[label].sum()
        if total:
            # The mean of four neighbours: single levels jump where pictures were stretched to 8 bits.
            share = 100 * intensity[label].reshape(64, 4).mean(axis=1) / total
            axes.plot(np.arange(64) * 4 + 1.5, share, label=name, **line_style(label))
            highest = max(highest, float(np.sort(share)[-3]))
    if highest:
        # Black background and saturated white may stand far above all else: the picture is of what lies between.
        axes.set_ylim(0, 1.15 * highest)
    axes.set(xlabel="grey level (means of 4)", ylabel="share of the pixels in %", xlim=(0, 255))
    more = f" (the first {MOST_LINES} of {len(names)})" if len(names) > MOST_LINES else ""
    axes.set_title(f"{title}{more}; peaks of background may be cut off", fontsize=10)
    axes.legend(fontsize=8)
    return figure


def examples_figure(names: Sequence[str], examples: Mapping[int, np.ndarray], title: str) -> Figure:
    """Draw one image of each class, uint8 (h, w), at most six across."""
    across = min(6, max(1, len(examples)))
    down = max(1, -(-len(examples) // across))
    figure = new_figure(max(3.6, 2.3 * across), 0.9 + 2.5 * down)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (label, picture) in zip(grid.flat, sorted(examples.items()), strict=False):
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255)
        axes.set_title(names[label], fontsize=9)
    figure.suptitle(title, fontsize=10)
    return figure


def _read_grey(path: Path) -> np.ndarray:
    # imread takes no path outside of the system's own letters on Windows; imdecode takes bytes.
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise ChestbenchError(f"{path}: expected a PNG of the catalog stage, received something else; run `dvc repro`")
    return pixels
