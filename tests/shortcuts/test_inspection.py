"""What the shortcut audits say where they had next to nothing to look at."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from chestbench.preparation.arrays import SplitArrays
from chestbench.shortcuts.images import AuditedImages
from chestbench.shortcuts.inspection import inspect
from tests.shortcuts.test_file_properties import PLAIN

CLASSES = ["a", "b"]


def audited(images: np.ndarray, label: np.ndarray, roi: str = "none") -> AuditedImages:
    """Images of as many patients, the first 60% in train."""
    count, generator = len(images), np.random.default_rng(0)
    ids = [f"{place:016x}" for place in range(count)]
    bytes_of = generator.integers(5_000, 9_000, count).tolist()
    rows = [replace(PLAIN, image_id=name, bytes=size) for name, size in zip(ids, bytes_of, strict=True)]
    cuts = (0, round(0.6 * count), round(0.8 * count), count)
    parts = [
        SplitArrays(
            images[start:stop],
            label[start:stop],
            ids[start:stop],
            [CLASSES[code] for code in label[start:stop]],
            ids[start:stop],
            [""] * (stop - start),
        )
        for start, stop in pairwise(cuts)
    ]
    is_train = np.arange(count) < cuts[1]
    return AuditedImages(rows, label, is_train, np.array(ids), CLASSES, roi, parts)


def pictures(count: int, margin: int) -> np.ndarray:
    """Noise in the middle, black in a frame of `margin` pixels of 32, the least that the network takes."""
    images = np.zeros((count, 32, 32, 1), np.uint8)
    images[:, margin : 32 - margin, margin : 32 - margin] = np.random.default_rng(1).integers(
        40, 200, (count, 32 - 2 * margin, 32 - 2 * margin, 1)
    )
    return images


def test_pictures_that_are_black_beside_the_box_are_not_called_clean() -> None:
    label = np.arange(60) % 2
    record = inspect(audited(pictures(60, 7), label), "CT", "none", 0).record
    outside = record["shortcuts"]["blacked_out"]
    assert not outside["warning"] and outside["images"] == 60
    assert outside["not_tested"] == "60 of 60 pictures are black outside the box"
    assert "Blacked-out lungs: not tested: 60 of 60 pictures are black outside the box." in record["untested"]


def test_what_is_found_in_the_little_that_is_left_is_warned_of() -> None:
    label = np.arange(60) % 2
    images = pictures(60, 7)
    images[label == 1, :2, :2] = 255
    record = inspect(audited(images, label), "CT", "none", 0).record
    outside = record["shortcuts"]["blacked_out"]
    assert outside["warning"] and outside["not_tested"] == "" and record["untested"] == []


@pytest.mark.parametrize(("roi", "told"), [("none", True), ("lungs", False)])
def test_too_few_patients_are_not_tested_and_a_region_without_surroundings_need_not_be(roi: str, told: bool) -> None:
    label = np.arange(8) % 2
    record = inspect(audited(pictures(8, 0), label, roi), "CT", roi, 0).record
    said = [sentence for sentence in record["untested"] if sentence.startswith("Blacked-out lungs: not tested: ")]
    assert bool(said) == told
    assert any(
        sentence.startswith("File properties: not tested: expected two classes") for sentence in record["untested"]
    )
    assert any("not judged, preprocess.roi lungs" in sentence for sentence in record["notes"]) == (not told)
