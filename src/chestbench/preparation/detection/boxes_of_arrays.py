"""The boxes stage: boxes of the stored pictures as boxes of the arrays that a detector sees."""

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.catalog.box_left_out import left_out_of_notes
from chestbench.catalog.records import SPLITS, SplitRow
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, read_csv, read_json, sha256_file, sha256_json, write_csv, write_json
from chestbench.core.parallel import ordered_map
from chestbench.core.progress import track
from chestbench.imaging.box_frames import has_area, to_array
from chestbench.imaging.decode import prepare_opencv
from chestbench.preparation.arrays import load_info, load_split
from chestbench.preparation.detection.frames import COLUMNS as FRAME_COLUMNS
from chestbench.preparation.detection.frames import FRAMES, Placed, place, rows_with_place
from chestbench.preparation.detection.preview import draw_preview

logger = logging.getLogger(__name__)

COLUMNS = ["image_id", "index", "finding", "label", "x0", "y0", "x1", "y1"]
# Of a box of which less than half is seen, the visible part is no longer what was drawn.
LEAST_SEEN = 0.5


@dataclass(frozen=True)
class Inputs:
    """What the stage reads.

    Attributes:
        boxes: data/boxes.csv.
        catalog: data/catalog.csv.
        table: data/split.csv.
        images: data/split.
        processed: data/processed.
        record: metrics/catalog.json, for what the catalog left out of the table of boxes.
    """

    boxes: Path
    catalog: Path
    table: Path
    images: Path
    processed: Path
    record: Path


def write_array_boxes(
    inputs: Inputs, output: Path, preview: Path, settings: Preprocess, modality: str, workers: int | None = None
) -> dict[str, Any]:
    """Write {train,val,test}.csv, frames.csv and info.json into a new folder, and a picture of some boxes.

    Boxes are cut off where the region of interest or the square ends. One of which less than half is seen is left out
    and counted as `mostly_outside_region`, one of which nothing is seen as `outside_region`. `left_out` of the record
    holds these and what the catalog left out before, by its reasons (`malformed`, `repeated`, ...).

    Args:
        inputs: tables and pictures.
        output: data/boxes.
        preview: results/boxes/preview.png.
        settings: size, fit and roi of the preprocess stage.
        modality: CT, X-ray or unknown.
        workers: threads; all cores by default. The result does not depend on it.

    Returns:
        The content of metrics/boxes.json, which is that of info.json.

    Raises:
        ChestbenchError: the data set has no boxes, or train has none; or tables are not of the same run.
    """
    prepare_opencv()
    drawn = _read_boxes(inputs.boxes)
    info = load_info(inputs.processed)
    findings = sorted({finding for boxes in drawn.values() for finding, _ in boxes})
    rows = list(rows_with_place(inputs.table, inputs.catalog))

    def placed(entry: tuple[SplitRow, int, tuple[int, int]]) -> Placed:
        row, index, stored = entry
        return place(row, index, stored, inputs.images, settings, modality)

    counts: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    images: Counter[str] = Counter()
    with_boxes: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    tables: dict[str, list[list[Any]]] = {split: [] for split in SPLITS}
    frames = []
    for one in track(ordered_map(placed, rows, workers), len(rows), "boxes"):
        split = one.row.split
        images[split] += 1
        frames.append(one.as_row())
        found = _seen(one, drawn.pop(one.row.image_id, []), left_out)
        with_boxes[split] += bool(found)
        for finding, corners in found:
            counts[split][finding] += 1
            where = [f"{value:.4f}" for value in corners]
            tables[split].append([one.row.image_id, one.index, finding, findings.index(finding), *where])
    left_out["of_images_in_no_split"] = sum(map(len, drawn.values()))
    left_out.update(left_out_of_notes(read_json(inputs.record)["notes"]))
    _check_train(counts, findings)
    with atomic_folder(output) as folder:
        for split in SPLITS:
            write_csv(folder / f"{split}.csv", COLUMNS, tables[split])
        write_csv(folder / FRAMES, FRAME_COLUMNS, frames)
        record = {
            "findings": findings,
            "size": info["size"],
            "images": {split: images[split] for split in SPLITS},
            "with_boxes": {split: with_boxes[split] for split in SPLITS},
            "boxes": {split: {finding: counts[split][finding] for finding in findings} for split in SPLITS},
            "left_out": {key: count for key, count in sorted(left_out.items()) if count},
            "data_sha256": sha256_json([sha256_file(folder / f"{split}.csv") for split in SPLITS]),
        }
        write_json(folder / "info.json", record)
        draw_preview(preview, folder, load_split(inputs.processed, "train").images, info["synthetic"])
    return record


def describe_boxes(record: dict[str, Any]) -> str:
    """Return the summary of the stage."""
    said = []
    for split in SPLITS:
        total, own = sum(record["boxes"][split].values()), record["with_boxes"][split]
        said.append(f"{split} {total} box{'' if total == 1 else 'es'} on {own} of {record['images'][split]} images")
    out = ", ".join(f"{key.replace('_', ' ')} {count}" for key, count in record["left_out"].items())
    named = f"findings: {', '.join(record['findings'])}; {'; '.join(said)}"
    return f"{named}\nleft out: {out}" if out else named


def _read_boxes(path: Path) -> dict[str, list[tuple[str, list[float]]]]:
    """Return finding and corners of the boxes of each image, in pixels of the stored picture."""
    boxes: dict[str, list[tuple[str, list[float]]]] = defaultdict(list)
    for row in read_csv(path):
        x, y, width, height = (float(row[side]) for side in ("x", "y", "width", "height"))
        boxes[row["image_id"]].append((row["finding"], [x, y, x + width, y + height]))
    if not boxes:
        raise ChestbenchError(
            "dataset.boxes: expected a data set with boxes to detect, received one without any; name their table with "
            "dataset.boxes={table: '*boxes.csv', id: COLUMN, member_pattern: '(?P<id>[^/]+)\\.png$'} (columns x, y, "
            "width, height; see conf/dataset/_defaults.yaml), or run with task=classify"
        )
    return dict(boxes)


def _seen(one: Placed, boxes: list[tuple[str, list[float]]], left_out: Counter[str]) -> list[tuple[str, np.ndarray]]:
    """Return the boxes of an image in pixels of its array, those that are seen."""
    if not boxes:
        return []
    corners = np.array([place for _, place in boxes])
    placed = to_array(one.frame, corners)
    whole = np.prod((corners[:, 2:] - corners[:, :2]) * one.frame.scale[:2], axis=1)
    share = np.prod(placed[:, 2:] - placed[:, :2], axis=1) / whole
    area = has_area(placed)
    left_out.update(
        {"outside_region": int((~area).sum()), "mostly_outside_region": int((area & (share < LEAST_SEEN)).sum())}
    )
    kept = np.flatnonzero(area & (share >= LEAST_SEEN))
    return [(boxes[number][0], placed[number]) for number in kept]


def _check_train(counts: dict[str, Counter[str]], findings: list[str]) -> None:
    if not counts["train"]:
        raise ChestbenchError(
            "data/boxes: expected at least one box on the images of train, received none; look at results/boxes and at "
            "the numbers of boxes that were left out, or run with task=classify"
        )
    for split in SPLITS:
        if missing := [finding for finding in findings if not counts[split][finding]]:
            logger.warning("%s has no box of %s: no measure of it is defined there", split, ", ".join(missing))
