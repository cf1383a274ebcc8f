"""An entry to either competition, read back from its submission.csv, has the score that the record says."""

import argparse
import re
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, write_csv
from chestbench.evaluation.detection.competition import enter_competition, study_answers
from chestbench.evaluation.detection.submission import picture_ids
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.competition import STUDY_CLASSES, StudyAnswers, rsna_score, siim_score
from chestbench.measures.predictions import columns, prediction_rows
from chestbench.preparation.arrays import load_split
from chestbench.preparation.detection.load import load_boxes
from stages import boxes as boxes_stage
from tests.preparation.detection.boxed import rsna_members, siim_members
from tests.preparation.detection.test_boxes_of_arrays import public, write_raw
from tests.stages.data_workspace import run_stages

FOLDERS = Path("data/processed"), Path("data/boxes"), Path("data/catalog.csv")
BOOTSTRAP = (60, 0.95, 0)


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function (name, members) -> (Config, truth of test, what a middling detector finds there)."""
    monkeypatch.chdir(tmp_path)

    def run(name: str, members: dict[str, bytes]) -> tuple[Config, list[Boxes], list[Boxes]]:
        config = public(tmp_path, name)
        write_raw(tmp_path, members)
        run_stages(config, "catalog", "split", "preprocess")
        boxes_stage.work(config, argparse.Namespace())
        truth, generator = load_boxes(Path("data/boxes"), "test"), np.random.default_rng(1)
        found = []
        for place, drawn in enumerate(truth):
            moved = drawn.corners + generator.uniform(-2, 2, drawn.corners.shape) * (place % 3)
            other = generator.uniform(20, 50, (place % 2, 2))
            corners = np.concatenate([moved, np.concatenate([other, other + 12], axis=1)])
            found.append(Boxes.of(corners, scores=generator.uniform(0.05, 0.95, len(corners))))
        return config, truth, found

    return run


def drawn_by(table: str, ids: list[str], column: str) -> list[Boxes]:
    """Return the boxes that data/boxes.csv has of the pictures of test, in pixels of the stored pictures."""
    rows = read_csv(Path(table))
    found = []
    for image_id in ids:
        own = [[float(row[side]) for side in ("x", "y", "width", "height")] for row in rows if row[column] == image_id]
        found.append(Boxes.of([[x, y, x + width, y + height] for x, y, width, height in own]))
    return found


def test_siims_entry(prepare, tmp_path: Path) -> None:
    config, truth, found = prepare("siim", siim_members())
    split, classes = load_split(Path("data/processed"), "test"), config.dataset.classes
    said = np.random.default_rng(2).dirichlet(np.ones(4), len(split.images))
    write_csv(tmp_path / "predictions.csv", columns(classes), prediction_rows("test", split, said, classes))
    answers = study_answers(Path("data/processed"), tmp_path / "predictions.csv", classes)
    output = tmp_path / "submission.csv"
    record = enter_competition(config.dataset, FOLDERS, truth, found, 0.5, BOOTSTRAP, output, answers, "resnet50")
    assert record["classifier"] == "resnet50" and 0 < record["score"]["value"] < 1

    lines = {row["id"]: row["PredictionString"] for row in read_csv(output)}
    ids = picture_ids(Path("data/catalog.csv"), split.image_ids, config.dataset)
    assert set(lines) == {f"{own.picture}_image" for own in ids} | {f"{own.study}_study" for own in ids}
    stored, none = [], []
    for own in ids:
        parts = re.findall(r"(opacity|none) (\S+) (\S+) (\S+) (\S+) (\S+)", lines[f"{own.picture}_image"])
        assert [part[2:] for part in parts if part[0] == "none"] == [("0", "0", "1", "1")]
        none.append(float(parts[-1][1]))
        mine = [list(map(float, part[1:])) for part in parts if part[0] == "opacity"]
        stored.append(Boxes.of([box[1:] for box in mine], scores=[box[0] for box in mine]))
    told = [re.findall(r"(\w+) (\S+) 0 0 1 1", lines[f"{own.study}_study"]) for own in ids]
    assert all(tuple(word for word, _ in parts) == STUDY_CLASSES for parts in told)
    order = [STUDY_CLASSES.index(name.split()[0].lower()) for name in classes]
    again: StudyAnswers = {
        **answers,
        "probabilities": np.array([[float(value) for _, value in parts] for parts in told])[:, order],
    }
    truly = drawn_by("data/boxes.csv", split.image_ids, "image_id")
    score = siim_score(truly, stored, split.groups, again, *BOOTSTRAP)
    assert score["score"]["value"] == pytest.approx(record["score"]["value"], abs=1e-9)
    assert none == pytest.approx([1 - boxes.scores.max(initial=0) for boxes in found], abs=1e-5)


def test_rsnas_entry(prepare, tmp_path: Path) -> None:
    config, truth, found = prepare("rsna_pneumonia", rsna_members())
    split, output = load_split(Path("data/processed"), "test"), tmp_path / "submission.csv"
    record = enter_competition(config.dataset, FOLDERS, truth, found, 0.3, BOOTSTRAP, output)
    assert record["threshold"] == 0.3 and 0 < record["score"]["value"] < 1
    lines = {row["patientId"]: row["PredictionString"] for row in read_csv(output)}
    ids = [own.picture for own in picture_ids(Path("data/catalog.csv"), split.image_ids, config.dataset)]
    assert set(lines) == set(ids) and any(not line for line in lines.values())
    stored = []
    for name in ids:
        numbers = np.array(lines[name].split(), float).reshape(-1, 5)
        assert (numbers[:, 0] >= 0.3).all() and (np.diff(numbers[:, 0]) <= 0).all()
        corners = np.concatenate([numbers[:, 1:3], numbers[:, 1:3] + numbers[:, 3:]], axis=1)
        stored.append(Boxes.of(corners, scores=numbers[:, 0]))
    truly = drawn_by("data/boxes.csv", split.image_ids, "image_id")
    score = rsna_score(truly, stored, split.groups, 0.3, *BOOTSTRAP)
    assert score["score"]["value"] == pytest.approx(record["score"]["value"], abs=1e-9)

    nothing = enter_competition(config.dataset, FOLDERS, truth, found, None, BOOTSTRAP, output)
    assert nothing["score"]["value"] == 0 and "no box is handed in" in nothing["note"]
    assert {row["PredictionString"] for row in read_csv(output)} == {""}


def test_without_a_classifier_the_lines_of_studies_are_missing_and_that_is_said(prepare, tmp_path: Path) -> None:
    config, truth, found = prepare("siim", siim_members(24))
    record = enter_competition(config.dataset, FOLDERS, truth, found, 0.5, BOOTSTRAP, tmp_path / "submission.csv")
    assert record["score"]["value"] is None and set(record["average_precision"]) == {"opacity", "none"}
    assert "without a classifier there are no lines of studies" in record["note"]
    assert all(row["id"].endswith("_image") for row in read_csv(tmp_path / "submission.csv"))
    boxes = config.dataset.boxes.model_copy(update={"submission": None})
    other = config.dataset.model_copy(update={"boxes": boxes})
    assert enter_competition(other, FOLDERS, truth, found, 0.5, BOOTSTRAP, tmp_path / "none.csv") is None
    assert not (tmp_path / "none.csv").exists()
    same = config.dataset.boxes.model_copy(update={"member_pattern": r"^(?P<id>train)/"})
    with pytest.raises(ChestbenchError, match="expected one id of its own for each"):
        picture_ids(Path("data/catalog.csv"), load_split(Path("data/processed"), "test").image_ids,
                    config.dataset.model_copy(update={"boxes": same}))  # fmt: skip
