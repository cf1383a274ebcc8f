"""Average precision by hand; pycocotools is asked."""

import numpy as np
import pytest

from chestbench.imaging.box_precision import average_precision, mean_average_precision
from chestbench.imaging.boxes import Boxes


def test_by_hand():
    """One of two found, after a false one: precision 1/2 up to recall 1/2, at 51 of 101 recalls."""
    drawn = [Boxes.of([[0, 0, 10, 10], [20, 20, 30, 30]])]
    found = [Boxes.of([[0, 0, 10, 9], [40, 40, 50, 50]], scores=[0.8, 0.9])]
    assert average_precision(drawn, found) == pytest.approx(51 / 101 / 2)


def test_a_box_is_hit_once():
    drawn = [Boxes.of([[0, 0, 10, 10]]), Boxes.of([[0, 0, 10, 10]])]
    found = [Boxes.of([[0, 0, 10, 10], [0, 0, 10, 10]], scores=[0.9, 0.8]), Boxes.of([])]
    assert average_precision(drawn, found) == pytest.approx(51 / 101)


def test_classes_without_a_box_have_no_say():
    drawn, found = [Boxes.of([[0, 0, 10, 10]], [1])], [Boxes.of([[0, 0, 10, 10]], [1], [0.5])]
    assert np.isnan(average_precision(drawn, found, label=0))
    assert mean_average_precision(drawn, found, n_labels=3) == 1.0
    assert np.isnan(mean_average_precision([Boxes.of([])], found, n_labels=3))


def scattered(rng, images, most, labels):
    boxes = []
    for _ in range(images):
        count = int(rng.integers(0, most))
        low, sides = rng.uniform(0, 60, (count, 2)), rng.uniform(20, 40, (count, 2))
        boxes.append(Boxes.of(np.concatenate([low, low + sides], axis=1), rng.integers(0, labels, count)))
    return boxes


def test_it_is_that_of_pycocotools():
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(3)
    drawn = scattered(rng, 40, 5, 2)
    found = []
    for boxes in drawn:
        near = boxes.corners + rng.normal(0, 3, boxes.corners.shape)
        extra = scattered(rng, 1, 6, 2)[0]
        corners = np.concatenate([near, extra.corners])
        labels = np.concatenate([boxes.labels, extra.labels])
        found.append(Boxes.of(corners, labels, rng.uniform(0, 1, len(labels)).round(2)))

    def wide(corners):
        return [*map(float, (*corners[:2], *(corners[2:] - corners[:2])))]

    rows = [(image, label, corners) for image, boxes in enumerate(drawn) for corners, label, _ in parts(boxes)]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": image + 1} for image in range(len(drawn))],
        "categories": [{"id": label + 1} for label in range(2)],
        "annotations": [
            {
                "id": number + 1,
                "image_id": image + 1,
                "category_id": int(label) + 1,
                "bbox": wide(corners),
                "area": 1,
                "iscrowd": 0,
            }
            for number, (image, label, corners) in enumerate(rows)
        ],
    }
    coco.createIndex()
    said = [
        {"image_id": image + 1, "category_id": int(label) + 1, "bbox": wide(corners), "score": float(score)}
        for image, boxes in enumerate(found)
        for corners, label, score in parts(boxes)
    ]
    judge = COCOeval(coco, coco.loadRes(said), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert mean_average_precision(drawn, found, 2, 0.5) == pytest.approx(judge.stats[1], abs=1e-6)


def parts(boxes):
    return zip(boxes.corners, boxes.labels, boxes.scores, strict=True)
