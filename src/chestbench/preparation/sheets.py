"""The pictures of the preprocess stage: originals with the contour that was found, and the stages of processing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chestbench.catalog.records import SplitRow
from chestbench.core.config import Preprocess
from chestbench.imaging.regions.find import ROIS, Region, find_region
from chestbench.imaging.resize import resize_grey
from chestbench.imaging.sheet import draw_outline, draw_sheet, write_png
from chestbench.imaging.text import put_text

ORIGINALS = 24
_COLUMNS, _TILE = 8, 160
_MOST_CLASSES = 24


@dataclass
class Sheets:
    """What the sheets will show. Memory is that of some 24 + 7 * 24 thumbnails, however large the data set.

    Attributes:
        originals: image_id of each training image that is drawn with its contour.
        examples: image_id of the training image of each class that is shown at every stage of processing.
        captions: class -> what is written for it, in the order of the classes.
        heads: names of the stages of processing.
        drawn: class -> originals with their contour, uint8 (160, 160, 1).
        stages: class -> one picture for each of `heads`.
    """

    originals: frozenset[str]
    examples: frozenset[str]
    captions: Mapping[str, str]
    heads: tuple[str, ...]
    drawn: dict[str, list[np.ndarray]] = field(default_factory=dict)
    stages: dict[str, list[np.ndarray]] = field(default_factory=dict)


def choose_examples(
    rows: Iterable[SplitRow], counts: Mapping[str, int], captions: Mapping[str, str], masks: bool
) -> Sheets:
    """Choose the training images to show: evenly spread over each class, as many of one class as of another.

    Args:
        rows: of data/split.csv.
        counts: training images of each class, in the order of the classes.
        captions: what is written for each class.
        masks: whether the data set brings masks.
    """
    shown = [label for label, count in counts.items() if count][:_MOST_CLASSES]
    wanted = {label: min(counts[label], _share(place, len(shown))) for place, label in enumerate(shown)}
    places = {
        label: {(2 * number + 1) * counts[label] // (2 * some) for number in range(some)}
        for label, some in wanted.items()
    }
    seen = dict.fromkeys(shown, 0)
    originals, examples = set(), set()
    for row in rows:
        if row.split == "train" and row.label in seen:
            if seen[row.label] in places[row.label]:
                originals.add(row.image_id)
            if seen[row.label] == counts[row.label] // 2:
                examples.add(row.image_id)
            seen[row.label] += 1
    stages = [roi for roi in ROIS if roi != "none" and (roi != "mask" or masks)]
    heads = ("original", *stages, "network input")
    drawn: dict[str, list[np.ndarray]] = {label: [] for label in shown}
    return Sheets(frozenset(originals), frozenset(examples), {label: captions[label] for label in shown}, heads, drawn)


def draw_original(pixels: np.ndarray, region: Region, roi: str) -> np.ndarray:
    """Return a thumbnail of an original, with the outline of what is kept unless roi is `none`."""
    return resize_grey(pixels, _TILE, "pad") if roi == "none" else draw_outline(pixels, region.mask, _TILE)


def draw_stages(
    pixels: np.ndarray, mask: np.ndarray | None, network_input: np.ndarray, heads: Sequence[str], modality: str
) -> list[np.ndarray]:
    """Return one thumbnail for each of `heads`; a region that was not found shows its stand-in and says so."""
    regions = [find_region(pixels, roi, mask, modality) for roi in heads[1:-1]]
    drawn = [resize_grey(picture, _TILE, "pad") for picture in (pixels, *(r.pixels for r in regions), network_input)]
    for thumbnail, region in zip(drawn[1:-1], regions, strict=True):
        if region.reason:
            thumbnail[-18:] //= 4
            put_text(thumbnail, f"not found: {'body' if region.kept == 'body' else 'whole'}", 4, _TILE - 5, height=8)
    return drawn


def write_sheets(
    folder: Path, sheets: Sheets, settings: Preprocess, fallbacks: int, total: int, synthetic: bool
) -> None:
    """Write contours.png and stages.png into `folder`.

    Args:
        folder: where to.
        sheets: what was chosen and drawn.
        settings: the roi, named in the title.
        fallbacks: training images whose region was not found.
        total: training images.
        synthetic: whether the pictures were generated; the title says so.
    """
    kind = "SYNTHETIC, " if synthetic else ""
    shown = f"{sum(map(len, sheets.drawn.values()))} of {total} training images"
    if settings.roi == "none":
        title = f"{kind}{shown} (roi none: nothing is cut off)"
    else:
        title = f"{kind}roi {settings.roi}: contour on {shown}; {fallbacks} of the {total} fell back"
    rows = []
    for label, pictures in sheets.drawn.items():
        for start in range(0, len(pictures), _COLUMNS):
            rows.append((sheets.captions[label] if not start else "", pictures[start : start + _COLUMNS]))
    write_png(folder / "contours.png", draw_sheet(rows, title, _TILE, _COLUMNS))
    rows = [(caption, sheets.stages[label]) for label, caption in sheets.captions.items() if label in sheets.stages]
    title = f"{kind}stages of processing, train; the networks get roi {settings.roi}, {settings.size} px"
    write_png(folder / "stages.png", draw_sheet(rows, title, _TILE, len(sheets.heads), sheets.heads))


def _share(place: int, classes: int) -> int:
    """Return how many of the originals the class at `place` gets."""
    return max((ORIGINALS * (place + 1)) // classes - (ORIGINALS * place) // classes, 1)
