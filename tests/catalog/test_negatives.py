"""A class whose pictures are photographic negatives of the others' is warned of, whatever headers say."""

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.glance import glance
from chestbench.catalog.negatives import warn_of_negatives
from chestbench.datasets.archive import open_archive
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.fingerprint import fingerprint
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png
from tests.imaging.test_dicom_polarity import chest

REAL = Path(__file__).parents[3] / "shared" / "data"
CLASSES = ["a", "b"]


def _chest(seed: int) -> np.ndarray:
    """A drawn X-ray with noise of its own, uint8 (300, 300)."""
    noise = cv2.resize(picture(seed), (300, 300)).astype(float) - 128
    return np.clip(chest(300).astype(float) + 0.4 * noise, 0, 255).astype(np.uint8)


def _copies(pictures: list[np.ndarray]) -> np.ndarray:
    return np.array([fingerprint(pixels[:, :, np.newaxis])[1] for pixels in pictures])


def _framed(pixels: np.ndarray, grey: int) -> np.ndarray:
    return cv2.copyMakeBorder(pixels, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=grey)


def test_a_class_of_negatives_and_half_a_class_are_warned_of() -> None:
    label = np.arange(48) % 2
    pictures = [_chest(n) for n in range(48)]
    assert warn_of_negatives(_copies(pictures), label, CLASSES) == []
    (whole,) = warn_of_negatives(_copies([255 - p if n % 2 else p for n, p in enumerate(pictures)]), label, CLASSES)
    sides = ("one way round: a 24, b 0; the other: a 0, b 24", "one way round: a 0, b 24; the other: a 24, b 0")
    assert any(side in whole for side in sides)
    (half,) = warn_of_negatives(_copies([255 - p if n % 4 == 1 else p for n, p in enumerate(pictures)]), label, CLASSES)
    assert "(one way round: a 24, b 12; the other: a 0, b 12)" in half


@pytest.mark.parametrize("frame", [0, 255])
def test_frames_around_one_class_are_no_negatives(frame: int) -> None:
    pictures = [_framed(_chest(n), frame) if n % 2 else _chest(n) for n in range(48)]
    assert warn_of_negatives(_copies(pictures), np.arange(48) % 2, CLASSES) == []


@pytest.mark.parametrize("count", [8, 48, 200])
def test_pictures_that_have_nothing_in_common_say_nothing(count: int) -> None:
    assert warn_of_negatives(_copies([picture(n) for n in range(count)]), np.arange(count) % 2, CLASSES) == []
    flat = np.full((count, 1024), 7, np.uint8)
    assert warn_of_negatives(flat, np.arange(count) % 2, CLASSES) == []


def test_look_and_catalog_say_it(build, tmp_path: Path, make_config, caplog: pytest.LogCaptureFixture) -> None:
    files = {f"{label}/{n}.png": png(255 - _chest(n + 50 * code) if code else _chest(n)) for n in range(20)
             for code, label in enumerate(("normal", "pneumonia"))}  # fmt: skip
    with caplog.at_level(logging.WARNING):
        build(files)
    assert "look like photographic negatives of one another" in caplog.text
    with open_archive(make_zip(tmp_path / "set.zip", files)) as archive:
        found = glance(archive, dataset_of(make_config))
    assert any("photographic negatives" in warning for warning in found.choice.warnings)


@pytest.mark.skipif(not REAL.exists(), reason="the real pictures are not there")
@pytest.mark.parametrize("name", ["covid19-radiography-subset.zip", "sars-cov-2-ct.zip"])
def test_real_sets_are_called_negatives_only_where_a_class_is_inverted(name: str) -> None:
    pictures, labels = [], []
    with open_archive(REAL / name) as archive:
        members = [member for member in archive.members if member.lower().endswith((".png", ".jpg"))]
        folders = [member.removesuffix("/" + member.rpartition("/")[2]).removesuffix("/images") for member in members]
        classes = sorted(set(folders))
        for code, folder in enumerate(classes):
            of_class = [member for member, at in zip(members, folders, strict=True) if at == folder][:60]
            pictures += [fingerprint(decode_grey(archive.read(member)).pixels)[1] for member in of_class]
            labels += [code] * len(of_class)
    copies, label = np.array(pictures), np.array(labels)
    assert warn_of_negatives(copies, label, classes) == []
    inverted = np.where((label == 0)[:, np.newaxis], 255 - copies, copies)
    assert len(warn_of_negatives(inverted, label, classes)) == 1
