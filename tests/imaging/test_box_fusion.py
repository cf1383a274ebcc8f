"""Weighted boxes fusion gives what its authors' ensemble-boxes gives (see ensemble_boxes_table.py)."""

import json

import numpy as np
import pytest

from chestbench.imaging.box_fusion import fuse
from chestbench.imaging.boxes import Boxes
from tests.measures.detection.ensemble_boxes_table import DETECTORS, TABLE

CASES = json.loads(TABLE.read_text())


@pytest.mark.parametrize("case", CASES)
def test_the_authors_answers(case: dict) -> None:
    found = [Boxes.of(*boxes) for boxes in case["found"]]
    fused, (corners, labels, scores) = fuse(found), case["fused"]
    np.testing.assert_allclose(fused.corners, np.reshape(corners, (-1, 4)), atol=2e-5)  # theirs are float32 between
    np.testing.assert_allclose(fused.scores, scores, atol=1e-6)
    assert fused.labels.tolist() == labels


def test_the_cases_fuse_and_keep_apart() -> None:
    before = sum(len(boxes) for case in CASES for boxes, _, _ in case["found"])
    after = sum(len(case["fused"][0]) for case in CASES)
    assert len(CASES) == 3 * len(DETECTORS) and len(CASES) < after < before / 2


def test_what_one_of_three_found_counts_a_third() -> None:
    fused = fuse([Boxes.of([[1, 1, 5, 5]], [2], [0.9]), Boxes.of([]), Boxes.of([])])
    assert fused.corners.tolist() == [[1, 1, 5, 5]] and fused.labels.tolist() == [2]
    assert fused.scores.tolist() == pytest.approx([0.3])


def test_classes_stay_apart_and_nothing_is_nothing() -> None:
    same = [[0, 0, 4, 4]]
    fused = fuse([Boxes.of(same, [0], [0.5]), Boxes.of(same, [1], [0.8])])
    assert fused.labels.tolist() == [1, 0] and fused.scores.tolist() == [0.4, 0.25]
    assert len(fuse([Boxes.of([]), Boxes.of([])])) == len(fuse([Boxes.of(same, [0], [0.0])])) == 0
    with pytest.raises(ValueError, match="at least one detector"):
        fuse([])
