"""Average precision is pycocotools' own within 1e-6, whatever is drawn and found."""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.measured import measure_boxes
from tests.measures.detection.boxes_drawn import drawn_and_found


def by_pycocotools(truth: list[Boxes], found: list[Boxes], findings: list[str]) -> dict[str, float]:
    """Return map50, map50_95 and ap50 of each finding; -1 where pycocotools defines none."""
    drawn, answers = [], []
    for place, (of_truth, of_found) in enumerate(zip(truth, found, strict=True)):
        for boxes, rows in ((of_truth, drawn), (of_found, answers)):
            for (x0, y0, x1, y1), label, score in zip(boxes.corners, boxes.labels, boxes.scores, strict=True):
                own = {"id": len(rows) + 1, "image_id": place + 1, "category_id": int(label) + 1, "score": float(score)}
                rows.append({**own, "bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0), "iscrowd": 0})
    images = [{"id": place + 1} for place in range(len(truth))]
    categories = [{"id": label + 1, "name": name} for label, name in enumerate(findings)]
    with contextlib.redirect_stdout(io.StringIO()):
        whole, own = COCO(), COCO()
        whole.dataset = {"images": images, "categories": categories, "annotations": drawn}
        own.dataset = {"images": images, "categories": categories, "annotations": answers}
        whole.createIndex()
        own.createIndex()
        judge = COCOeval(whole, own, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    precision = judge.eval["precision"][0, :, :, 0, 2]  # recalls x findings at 0.5, all areas, 100 boxes
    each = {f"ap50 {name}": float(precision[:, label].mean()) for label, name in enumerate(findings)}
    return {"map50": float(judge.stats[1]), "map50_95": float(judge.stats[0])} | each


def compare(truth: list[Boxes], found: list[Boxes], findings: list[str]) -> dict[str, float]:
    """Hold our figures to pycocotools', and return these."""
    theirs = by_pycocotools(truth, found, findings)
    record = measure_boxes(truth, found, findings, [str(place) for place in range(len(truth))], bootstrap=1)
    ours = {"map50": record["map50"], "map50_95": record["map50_95"]}
    ours |= {f"ap50 {name}": figure for name, figure in record["ap50"].items()}
    for name, figure in ours.items():
        expected = None if theirs[name] == -1 else theirs[name]
        assert figure["value"] == (expected if expected is None else pytest.approx(expected, abs=1e-6)), name
    return theirs


@pytest.mark.parametrize("labels", [1, 3])
def test_random_pictures_with_equal_scores_and_pictures_of_nothing(labels: int) -> None:
    found = []
    for seed in range(40):
        generator = np.random.default_rng([seed, labels])
        pictures = int(generator.integers(1, 14))
        split = drawn_and_found(generator, pictures, labels)
        found.append(compare(*split, [f"finding {label}" for label in range(labels)])["map50"])
    assert len({round(value, 6) for value in found}) > 20 and -1 < np.median(found) < 1


def test_more_boxes_than_count_on_one_picture() -> None:
    truth, found = drawn_and_found(np.random.default_rng(5), 4, crowd=400)
    assert max(map(len, found)) > 100
    compare(truth, found, ["opacity"])


def test_nothing_found_and_nothing_drawn() -> None:
    truth, found = drawn_and_found(np.random.default_rng(1), 9, 2)
    nothing = [Boxes.of([])] * 9
    assert compare(truth, nothing, ["a", "b"])["map50"] == 0
    assert compare(nothing, found, ["a", "b"])["map50"] == -1
    assert compare(nothing, nothing, ["a", "b"])["map50"] == -1
    assert compare(truth, truth, ["a", "b", "never drawn"])["map50_95"] == pytest.approx(1)
