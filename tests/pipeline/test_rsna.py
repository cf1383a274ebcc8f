"""RSNA's pneumonia competition in its published layout, from Kaggle's real client to submission.csv and its score."""

import csv
import io
import re
import uuid
from pathlib import Path

import numpy as np
import pytest

from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.pipeline.reference_archives import drawn, zipped
from tests.pipeline.test_pipeline import rows
from tests.pipeline.test_reference_projects import assert_judged, assert_nothing_personal, kept, read, run_from_kaggle
from tests.pipeline.workspace import Workspace, clone

pytestmark = [pytest.mark.pipeline, pytest.mark.campaign, pytest.mark.xdist_group("rsna")]

SIDE = 160  # of the stored pictures, which become arrays of 64 pixels
TRAINED = ("train.epochs=25", "train.learning_rate=0.002", "train.head_epochs=1", "preprocess.size=64")
Box = tuple[float, float, float, float]


def pictures(count: int) -> dict[str, tuple[bytes, list[Box]]]:
    """Return {patientId: (DICOM, boxes)}, as RSNA has them: 8 bit, JPEG, the header's patient is the picture's own id.

    Every second one has an opacity, painted where its box is, and every sixth two.
    """
    random = np.random.default_rng(5)
    found: dict[str, tuple[bytes, list[Box]]] = {}
    for number in range(count):
        name = str(uuid.UUID(int=int(random.integers(2**62)) << 64 | number))
        pixels, boxes = (drawn(80_000 + number, SIDE) // 3).astype(np.uint8), list[Box]()
        for half in range((number % 2 == 0) + (number % 6 == 0)):
            width, height = (int(side) for side in random.integers(40, 60, 2))
            x, y = int(random.integers(5, 15)) + 80 * half, int(random.integers(20, 90))
            pixels[y : y + height, x : x + width] += 150
            boxes.append((float(x), float(y), float(width), float(height)))
        data = make_dicom(pixels, patient=name, study=f"1.2.3.{number}", modality="CR", transfer_syntax="jpeg_baseline")
        found[name] = data, boxes
    return found


def rsna(path: Path, images: dict[str, tuple[bytes, list[Box]]]) -> Path:
    """Write the archive as Kaggle offers it: tables at the top, two folders of pictures, a row for each box."""
    labels = [[name, *box, 1] for name, (_, boxes) in images.items() for box in boxes]
    labels += [[name, "", "", "", "", 0] for name, (_, boxes) in images.items() if not boxes]
    without = ("Normal", "No Lung Opacity / Not Normal")
    details = [[name, "Lung Opacity"] for name, (_, boxes) in images.items() for _ in boxes]
    details += [[name, without[n % 2]] for n, (name, (_, boxes)) in enumerate(images.items()) if not boxes]
    members = {
        "GCP Credits Request Link - RSNA.txt": b"https://example.invalid\n",
        "stage_2_detailed_class_info.csv": table(["patientId", "class"], details),
        "stage_2_sample_submission.csv": table(["patientId", "PredictionString"], [["0000-test", "0.5 0 0 100 100"]]),
        "stage_2_test_images/0000-test.dcm": make_dicom(drawn(1), patient="0000-test"),
        "stage_2_train_labels.csv": table(["patientId", "x", "y", "width", "height", "Target"], labels),
    }
    return zipped(path, members | {f"stage_2_train_images/{name}.dcm": data for name, (data, _) in images.items()})


def table(header: list[str], lines: list[list]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, *lines])
    return stream.getvalue().encode()


def test_network_and_detector_on_the_competitions_archive(tmp_path):
    workspace, images = clone(tmp_path / "clone"), pictures(60)
    archive = rsna(tmp_path / "archive.zip", images)
    given = "task=both", "detector=fcos_tiny", *TRAINED
    run_from_kaggle(workspace, archive, "rsna_pneumonia", *given)
    assert_studied(workspace, images)


def assert_studied(workspace: Workspace, images: dict[str, tuple[bytes, list[Box]]]) -> None:
    """The network, the detector and the entry are of these pictures, and the score is the competition's."""
    catalog = read(workspace, "metrics/catalog.json")
    assert kept(catalog) == {"No opacity": 30, "Lung opacity": 30}
    assert len(rows(workspace.folder / "data/boxes.csv")) == sum(len(boxes) for _, boxes in images.values()) == 40
    assert_judged(workspace, ("No opacity", "Lung opacity"))
    assert_nothing_personal(workspace, PRIVATE)

    training = read(workspace, "models/fcos_tiny/training.json")
    assert training["not_followed"] == {"train.head_epochs": 1} and training["epochs_run"] == 25
    card = (workspace.folder / "models/fcos_tiny/MODEL_CARD.md").read_text()
    assert r"not followed, of a recipe that networks shared: train.head\_epochs 1" in card
    assert read(workspace, "models/simple_cnn/training.json")["epochs_run"] == 26

    members = {row["image_id"]: row["member"] for row in rows(workspace.folder / "data/catalog.csv")}
    test = {
        Path(members[row["image_id"]]).stem
        for row in rows(workspace.folder / "data/split.csv")
        if row["split"] == "test"
    }
    lines = {
        row["patientId"]: row["PredictionString"]
        for row in rows(workspace.folder / "results/models/fcos_tiny/submission.csv")
    }
    assert set(lines) == test
    assert all(re.fullmatch(r"([\d.e-]+( -?[\d.]+){4}( (?=\S))?)*", line) for line in lines.values())
    handed_in = {name: found_in(line) for name, line in lines.items()}
    assert sum(map(len, handed_in.values())) > 0, "the detector found nothing, so that the score says nothing"
    entry = read(workspace, "metrics/detectors/fcos_tiny.json")["competition"]
    assert entry["name"].startswith("RSNA Pneumonia Detection")
    assert entry["score"]["value"] == pytest.approx(
        scored([(handed_in[name], images[name][1]) for name in sorted(test)])
    )
    note = read(workspace, "results/competition/simple_cnn-fcos_tiny/score.json")
    assert note["competition"] is None and "names no competition that asks for both" in note["note"]


def found_in(line: str) -> list[Box]:
    """Return the boxes of a PredictionString, surest first."""
    numbers = [float(word) for word in line.split()]
    found = sorted((numbers[at : at + 5] for at in range(0, len(numbers), 5)), key=lambda five: -five[0])
    return [(x, y, width, height) for _, x, y, width, height in found]


def scored(pairs: list[tuple[list[Box], list[Box]]]) -> float:
    """Return the competition's score, written anew from its page: mean over pictures of the mean over overlaps.

    At each overlap above 0.4, 0.45, ..., 0.75 a picture has TP / (TP + FP + FN); one with neither boxes nor answers
    does not count.
    """
    of_pictures = []
    for found, boxes in pairs:
        if not found and not boxes:
            continue
        shares = []
        for step in range(8):
            free, right = list(boxes), 0
            for box in found:
                best = max(free, key=lambda other: overlap(box, other), default=None)
                if best is not None and overlap(box, best) > 0.4 + 0.05 * step:
                    free.remove(best)
                    right += 1
            shares.append(right / (len(found) + len(free)))
        of_pictures.append(np.mean(shares))
    return float(np.mean(of_pictures))


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes (x, y, width, height)."""
    sides = [
        max(0.0, min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]))
        for axis in (0, 1)
    ]
    both = sides[0] * sides[1]
    return both / (one[2] * one[3] + other[2] * other[3] - both)
