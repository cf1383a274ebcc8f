"""One image of data/split: decoded, cut to its region, resized, and drawn where a sheet shows it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.catalog.records import SplitRow
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey
from chestbench.preparation.sheets import Sheets, draw_original, draw_stages


@dataclass(frozen=True)
class SplitFolder:
    """What the split stage wrote.

    Attributes:
        images: data/split, images as {split}/{class}/{image_id}.{ext}.
        table: data/split.csv.
        masks: data/masks; None: there are none.
    """

    images: Path
    table: Path
    masks: Path | None = None


@dataclass(frozen=True)
class Loaded:
    """One image as the networks see it, what became of its region, and its part of the sheets.

    Attributes:
        row: of data/split.csv.
        pixels: uint8 (size, size, 1).
        kept: the region that `pixels` shows, see `Region.kept`.
        reason: why the roi was not found, "" when it was.
        original: thumbnail with the contour of the region; None: not shown.
        stages: one picture of each stage of processing; None: not shown.
    """

    row: SplitRow
    pixels: np.ndarray
    kept: str
    reason: str
    original: np.ndarray | None
    stages: list[np.ndarray] | None


def load_image(row: SplitRow, source: SplitFolder, settings: Preprocess, sheets: Sheets, modality: str) -> Loaded:
    """Decode one image, keep its region and resize it.

    Args:
        row: of data/split.csv.
        source: where image and mask lie.
        settings: size in pixels, fit, and roi: the part that is kept.
        sheets: which images are drawn; it is not changed.
        modality: CT, X-ray or unknown: how body and lungs are looked for.

    Raises:
        ChestbenchError: the image is missing or unreadable (the catalog saw it whole).
    """
    path = source.images / row.path
    try:
        pixels = decode_grey(path.read_bytes()).pixels
    except FileNotFoundError:
        raise ChestbenchError(
            f"{path}: expected the image that data/split.csv lists, found none; run `dvc checkout` or `dvc repro`"
        ) from None
    except UnreadableImage as error:
        raise ChestbenchError(
            f"{path}: expected the image that the catalog could read, received a changed file ({error.reason}); "
            "run `dvc checkout`"
        ) from None
    example = row.image_id in sheets.examples
    mask, fault = _load_mask(row, source.masks) if settings.roi == "mask" or example else (None, "")
    region = find_region(pixels, settings.roi, mask, modality)
    seen = resize_grey(region.pixels, settings.size, settings.fit)
    return Loaded(
        row,
        seen,
        region.kept,
        fault if region.reason and fault else region.reason,
        draw_original(pixels, region, settings.roi) if row.image_id in sheets.originals else None,
        draw_stages(pixels, mask, seen, sheets.heads, modality) if example else None,
    )


def _load_mask(row: SplitRow, masks: Path | None) -> tuple[np.ndarray | None, str]:
    """Return the mask of an image as uint8 (H, W, 1), or None and why there is none beside its being missing."""
    if not row.mask or masks is None:
        return None, ""
    try:
        return decode_grey((masks / row.mask).read_bytes()).pixels, ""
    except FileNotFoundError:
        return None, ""
    except UnreadableImage:
        return None, "the mask cannot be read"
