"""The pictures of one detector's results, drawn into its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import Row, read_csv
from chestbench.core.words import split_lines, with_interval
from chestbench.figures import fonts
from chestbench.figures.detection.curves_figures import Line, boxes_pr_figure, froc_figure
from chestbench.figures.detection.sheet import Tile, boxes_figure
from chestbench.figures.detection.styles import SYNTHETIC_SAID, Drawn
from chestbench.figures.drawing import save
from chestbench.figures.history_figure import history_figure
from chestbench.measures.detection.measured import MeasuredBoxes
from chestbench.measures.detection.record import DetectorRecord


def draw_curves(folder: Path, record: DetectorRecord, froc: Mapping[str, Sequence[Row]], pr: Sequence[Row]) -> None:
    """Write froc.png and pr.png of the test pictures, and history.png.

    Args:
        folder: the detector's; holds history.csv and steps.csv already.
        record: what metrics/detectors/{detector}.json will hold.
        froc: name -> rows of `curves.froc_rows`: of the detector, the baseline, and what was fused.
        pr: rows of `curves.pr_rows` of the detector.
    """
    findings, test = record["findings"], record["test"]
    lettering = fonts.choose(findings)
    head = _head(record)
    measured: dict[str, MeasuredBoxes] = {record["model"]: test, record["baseline"]["name"]: record["baseline"]["test"]}
    if "fused" in record:
        measured[record["fused"]["name"]] = record["fused"]["test"]
    lines = {}
    for name, rows in froc.items():
        own = measured[name]
        x, y = [row["false_per_image"] for row in rows], [row["sensitivity"] for row in rows]
        at_rates = (
            {float(rate): figure for rate, figure in own["sensitivity"].items()} if name == record["model"] else {}
        )
        lines[f"{name}: mean {with_interval(own['froc'])}"] = Line(x, y, at_rates)
    rates = [float(rate) for rate in test["sensitivity"]]
    at, point = test.get("at_threshold"), None
    if at is not None and at["false_per_image"]["value"] is not None and at["sensitivity"]["value"] is not None:
        point = at["false_per_image"]["value"], at["sensitivity"]["value"]
    with fonts.drawn_with(lettering):
        title = f"{head}\nfound boxes against false ones (FROC), from a high threshold to a low one"
        if not test["boxes"]:
            title += "\nno box was drawn on any test picture: nothing can be found"
        save(froc_figure(lines, rates, title, point), folder / "froc.png", record["synthetic"], lettering.key)
        shown = {}
        for name in findings:
            own_rows = [row for row in pr if row["finding"] == name]
            if own_rows:
                label = f"{lettering.shown[name]}: AP@0.5 {with_interval(test['ap50'][name])}"
                shown[label] = [row["recall"] for row in own_rows], [row["precision"] for row in own_rows]
        title = f"{head}\nprecision and recall of the boxes, of each finding"
        save(boxes_pr_figure(shown, title), folder / "pr.png", record["synthetic"], lettering.key)
        epochs, steps = read_csv(folder / "history.csv"), read_csv(folder / "steps.csv")
        title = f"{record['model']} on {record['dataset']}: training"
        drawing = history_figure(epochs, steps, title, {"validation": "val_map50"}, "mAP@0.5")
        save(drawing, folder / "history.png", record["synthetic"])


def draw_boxes_sheet(
    folder: Path,
    record: DetectorRecord,
    images: NDArray[np.uint8],
    drawn: Sequence[Drawn],
    captions: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
) -> None:
    """Write boxes.png: hits and misses on test, see `examples.choose_examples`.

    Args:
        folder: the detector's.
        record: what metrics/detectors/{detector}.json will hold.
        images: uint8 (K, H, W).
        drawn: the boxes of each.
        captions: over each.
        rows: (what the row shows, which of the K).
    """
    threshold = record["working_point"]["threshold"]
    if threshold is None:
        how = "no box is shown as found: on val no found box is right, so that no threshold could be chosen"
    else:
        how = f"boxes from score {threshold:.2f} on ({record['working_point']['rule']})"
    title = f"{_head(record)}\n{how}; pictures spread evenly over each outcome"
    if record["synthetic"]:
        title = f"SYNTHETIC: {title}"
    lettering = fonts.choose(record["findings"])
    tiles = [(said, [Tile(images[place], drawn[place], captions[place]) for place in own]) for said, own in rows]
    said = SYNTHETIC_SAID if record["synthetic"] else {}
    with fonts.drawn_with(lettering):
        save(boxes_figure(tiles, record["findings"], title, said), folder / "boxes.png", record["synthetic"])


def _head(record: DetectorRecord) -> str:
    images = record["test"]["images"]
    return f"{record['model']} on {record['dataset']}, test: {images} pictures, split by {split_lines(record)}"
