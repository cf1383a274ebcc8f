"""From class folders to one uint8 array per split: every image decoded, cut to its region and resized once."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.records import SPLITS, SplitRow, read_rows
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import CHUNK_BYTES, atomic_folder, write_csv, write_json
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.imaging.decode import UnreadableImage, decode_grey, prepare_opencv
from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey
from chestbench.imaging.sheet import draw_sheet, write_png
from chestbench.imaging.text import ascii_label
from chestbench.preparation.sheets import Sheets, choose_examples, draw_original, draw_stages, write_sheets

TABLE_COLUMNS = ["image_id", "label", "class_index", "group", "study"]
_PREVIEWS = 8
_PREVIEW_ROWS = 24
# Difference between two classes' shares of regions not found that is worth a warning.
_UNEVEN = 0.1

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Loaded:
    """One image as the networks see it, what became of its region, and its part of the sheets (None: not shown)."""

    row: SplitRow
    pixels: np.ndarray
    kept: str
    reason: str
    original: np.ndarray | None
    stages: list[np.ndarray] | None


@dataclass
class _Tally:
    """What is counted and collected while the images stream by."""

    sheets: Sheets
    previews: dict[str, list[np.ndarray]]
    reasons: dict[str, Counter[str]]
    whole: Counter[str]
    classes: Counter[str]
    failed: list[tuple[str, str, str, str]]


def preprocess_split(
    source: Path,
    table: Path,
    output: Path,
    settings: Preprocess,
    classes: list[str] | None,
    split_unit: str,
    synthetic: bool = False,
    workers: int | None = None,
    masks: Path | None = None,
    sheets: Path | None = None,
    modality: str = "unknown",
    without_group: int = 0,
) -> dict[str, Any]:
    """Write {train,val,test}.npy (uint8 (N, size, size, 1)), {split}.csv, info.json and preview.png into a new folder.

    Images are streamed in the order of the table: memory does not grow with their number.

    Args:
        source: data/split. table: data/split.csv. output: data/processed.
        settings: size in pixels, fit, and roi: the part that is kept.
        classes: class names in the order of class_index; None: those of the table, sorted.
        split_unit: patient, study or image, noted in info.json.
        synthetic: whether the pictures were generated; noted in info.json and shown in the pictures.
        workers: threads; all cores by default. The result does not depend on it.
        masks: data/masks; None: there are none.
        sheets: results/preprocess, a new folder with contours.png, stages.png and fallbacks.csv; None: not written.
        modality: CT, X-ray or unknown: how body and lungs are looked for.
        without_group: images without an id where others have one; noted in info.json.

    Returns:
        The content of metrics/preprocess.json.

    Raises:
        ChestbenchError: an image is missing or unreadable (the catalog saw it whole), or has a label not in `classes`;
            or roi is `mask` and no image has one.
    """
    prepare_opencv()
    images: dict[str, Counter[str]] = {name: Counter() for name in SPLITS}
    masked = 0
    for row in read_rows(table, SplitRow):
        images[row.split][row.label] += 1
        masked += bool(row.mask)
    names = _class_names(table, classes, set().union(*images.values()))
    if settings.roi == "mask" and not masked:
        raise ChestbenchError(
            "preprocess.roi: expected a region that this data set has, received mask, but no image has a mask; set "
            "dataset.masks, or choose none, body, body_crop, lungs or lungs_crop"
        )
    in_train = {label: images["train"][label] for label in names}
    captions = {label: ascii_label(label, f"class {place + 1}") for place, label in enumerate(names)}
    chosen = choose_examples(read_rows(table, SplitRow) if sheets else (), in_train, captions, masked > 0)
    tally = _Tally(
        chosen,
        {label: [] for label in names[:_PREVIEW_ROWS]},
        {name: Counter() for name in SPLITS},
        Counter(),
        Counter(),
        [],
    )

    def load(row: SplitRow) -> _Loaded:
        return _load(row, source, masks, settings, chosen, modality)

    total = sum(sum(counts.values()) for counts in images.values())
    loaded = track(ordered_map(load, read_rows(table, SplitRow), workers), total, "preprocess")
    with atomic_folder(output) as temporary:
        for name in SPLITS:
            _write_part(temporary, name, sum(images[name].values()), loaded, names, settings.size, tally)
        digest = _digest([temporary / f"{name}.{suffix}" for name in SPLITS for suffix in ("npy", "csv")])
        info = {
            "classes": names,
            "size": settings.size,
            "fit": settings.fit,
            "roi": settings.roi,
            "split_unit": split_unit,
            "images_in_all": total,
            "images_without_group": without_group,
            "synthetic": synthetic,
            "data_sha256": digest,
        }
        write_json(temporary / "info.json", info)
        _write_preview(temporary / "preview.png", tally.previews, captions, settings, synthetic)
    fallbacks = {name: sum(tally.reasons[name].values()) for name in SPLITS}
    if sheets:
        with atomic_folder(sheets) as temporary:
            write_sheets(temporary, chosen, settings, fallbacks["train"], sum(in_train.values()), synthetic)
            write_csv(temporary / "fallbacks.csv", ["image_id", "split", "label", "reason"], tally.failed)
    of_class = {label: sum(images[name][label] for name in SPLITS) for label in names}
    shares = {label: tally.classes[label] / of_class[label] for label in names if of_class[label]}
    _warn(tally, settings.roi, total, shares)
    return {
        "images": {name: {label: images[name][label] for label in names} for name in SPLITS},
        "size": settings.size,
        "fit": settings.fit,
        "roi": settings.roi,
        "fallbacks": fallbacks,
        "fallbacks_per_class": {label: tally.classes[label] for label in names},
        "whole_pictures": {name: tally.whole[name] for name in SPLITS},
        "fallback_reasons": {name: dict(sorted(tally.reasons[name].items())) for name in SPLITS},
        "bytes": total * settings.size**2,
        "data_sha256": digest,
    }


def describe_preprocess(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    total = sum(sum(counts.values()) for counts in metrics["images"].values())
    size, fallbacks = metrics["size"], sum(metrics["fallbacks"].values())
    region = "" if metrics["roi"] == "none" else f", roi {metrics['roi']} (not found in {fallbacks})"
    return f"{total} images as {size} x {size} grey ({metrics['fit']}){region}, {metrics['bytes'] / 1e6:.1f} MB"


def _class_names(table: Path, classes: list[str] | None, found: set[str]) -> list[str]:
    names = list(classes) if classes else sorted(found)
    if unknown := sorted(found - set(names)):
        raise ChestbenchError(
            f"{table}: expected the classes {names}, received {unknown} as well; run `dvc repro` from catalog on"
        )
    return names


def _load(
    row: SplitRow, source: Path, masks: Path | None, settings: Preprocess, chosen: Sheets, modality: str
) -> _Loaded:
    path = source / row.path
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
    example = row.image_id in chosen.examples
    mask, fault = _load_mask(row, masks) if settings.roi == "mask" or example else (None, "")
    region = find_region(pixels, settings.roi, mask, modality)
    seen = resize_grey(region.pixels, settings.size, settings.fit)
    return _Loaded(
        row,
        seen,
        region.kept,
        fault if region.reason and fault else region.reason,
        draw_original(pixels, region, settings.roi) if row.image_id in chosen.originals else None,
        draw_stages(pixels, mask, seen, chosen.heads, modality) if example else None,
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


def _write_part(
    folder: Path,
    name: str,
    count: int,
    loaded: Iterator[_Loaded],
    classes: list[str],
    size: int,
    tally: _Tally,
) -> None:
    """Take the `count` images of one split from the stream and append them to its .npy as they come."""
    class_of = {label: place for place, label in enumerate(classes)}
    with open(folder / f"{name}.npy", "wb") as stream:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, size, size, 1)}
        np.lib.format.write_array_header_1_0(stream, header)

        def rows() -> Iterator[list[Any]]:
            for _ in range(count):
                image = next(loaded)
                row = image.row
                if row.split != name:
                    raise ChestbenchError(
                        f"data/split.csv: expected rows sorted by split (train, val, test), "
                        f"received {row.split} among {name}; run `dvc repro`"
                    )
                stream.write(image.pixels.data)
                _count(tally, image)
                yield [row.image_id, row.label, class_of[row.label], row.group, row.study]

        write_csv(folder / f"{name}.csv", TABLE_COLUMNS, rows())


def _count(tally: _Tally, image: _Loaded) -> None:
    row = image.row
    if image.reason:
        tally.reasons[row.split][image.reason] += 1
        tally.whole[row.split] += image.kept == "none"
        tally.classes[row.label] += 1
        tally.failed.append((row.image_id, row.split, row.label, image.reason))
    if row.split == "train" and len(tally.previews.get(row.label, [None] * _PREVIEWS)) < _PREVIEWS:
        tally.previews[row.label].append(image.pixels)
    if image.original is not None:
        tally.sheets.drawn[row.label].append(image.original)
    if image.stages is not None:
        tally.sheets.stages[row.label] = image.stages


def _write_preview(
    path: Path,
    previews: dict[str, list[np.ndarray]],
    captions: dict[str, str],
    settings: Preprocess,
    synthetic: bool,
) -> None:
    rows = [(captions[label], pictures) for label, pictures in previews.items()]
    kind = "SYNTHETIC, " if synthetic else ""
    region = "" if settings.roi == "none" else f", roi {settings.roi}"
    title = f"{kind}as the networks see them: {settings.size} x {settings.size}{region}, train"
    write_png(path, draw_sheet(rows, title))


def _warn(tally: _Tally, roi: str, total: int, shares: dict[str, float]) -> None:
    reasons = sum(tally.reasons.values(), Counter())
    if failed := sum(reasons.values()):
        why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
        logger.warning(
            "roi %s: not found in %d of %d images, of which %d show the body and %d the whole picture instead: %s",
            roi,
            failed,
            total,
            failed - sum(tally.whole.values()),
            sum(tally.whole.values()),
            why,
        )
    if shares and max(shares.values()) - min(shares.values()) > _UNEVEN:
        per_class = ", ".join(f"{label} {share:.0%}" for label, share in shares.items())
        logger.warning(
            "roi %s fails more often in some classes than in others (%s): whether a picture was cut tells the label, "
            "and a network can learn that; see results/preprocess/fallbacks.csv",
            roi,
            per_class,
        )


def _digest(paths: list[Path]) -> str:
    """Return one SHA-256 over several files, their names included."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}:{path.stat().st_size}\n".encode())
        with open(path, "rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()
