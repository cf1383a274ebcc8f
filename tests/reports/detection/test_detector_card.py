"""The model card of a detector says what its record says, and in words what is not defined."""

import re
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.files import read_json
from chestbench.evaluation.detection.detector import SPLITS, evaluate_detector, load_splits
from chestbench.imaging.boxes import Boxes
from chestbench.reports.detection.detector_card import DetectorFacts, detector_card
from chestbench.reports.detection.detector_tables import detector_tables
from tests.evaluation.detection.test_detector import SETTINGS, NoPictures
from tests.evaluation.detection.workspace import (
    detector_training,
    drawn_boxes,
    guess,
    write_boxes,
    write_detector_training,
)


@pytest.fixture
def make_facts(tmp_path: Path, make_config):
    """Return `make(found, seeds)`: what the card is made from, of really measured boxes."""
    write_boxes(tmp_path)
    training = detector_training()
    write_detector_training(tmp_path / "models/fcos_tiny", training)

    def make(found: list[dict[str, list[Boxes]]], seeds: list[int], **changes: Any) -> DetectorFacts:
        splits = load_splits(tmp_path / "data/processed", tmp_path / "data/boxes", training)
        places = tmp_path / "models/fcos_tiny", SETTINGS, seeds, 1, tmp_path / "results", tmp_path / "metrics.json"
        record = evaluate_detector(found, splits, training, *places, NoPictures())
        return DetectorFacts(
            training=training,
            record={**record, **changes},
            dataset=make_config().dataset,
            source=read_json(tmp_path / "data/raw/source.json"),
            catalog=read_json(tmp_path / "metrics/catalog.json"),
            split=read_json(tmp_path / "metrics/split.json"),
            citation="A paper, arXiv:0000.00000",
        )

    return make


def fair(seed: int = 0) -> dict[str, list[Boxes]]:
    return {split: guess(drawn_boxes(split), seed) for split in SPLITS}


def test_the_card_says_what_was_measured(make_facts) -> None:
    facts = make_facts([fair(), fair(1)], [42, 43])
    text, record = detector_card(facts), facts.record
    map50 = record["test"]["map50"]
    assert f"{map50['value']:.3f} [{map50['low']:.3f}, {map50['high']:.3f}]" in text.replace("\\", "")
    assert f"from score {record['working_point']['threshold']:.4f} on: best F1 of the boxes on val" in text
    assert "it has learnt more than where boxes usually lie" in text
    assert "it has been" not in text and "One training:" not in text and "seed 43" in text
    assert "weighted boxes fusion" in text and "Synthetic images, no real patient." in text
    for heading in ("Detector", "Intended use", "Data", "Training", "Results", "Audits", "Limits"):
        assert f"\n## {heading}\n" in text
    assert "| patients, test |" in text and "the same per patient" in text
    assert not re.search(r"\n{4,}", text) and not re.search(r"\b(nan|None)\b", text)


def test_what_is_not_defined_is_said_in_words(make_facts) -> None:
    nothing = {split: [Boxes.of([])] * len(drawn_boxes(split)) for split in SPLITS}
    facts = make_facts([nothing], [42])
    text = detector_card(facts)
    assert "**No threshold could be chosen: on val no found box is right." in text
    assert "**no box was found on any picture of test**" in text
    assert "One training: how much another seed would change is not known" in text
    assert "at the threshold" not in text
    assert detector_tables(facts.record).at_threshold is None


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.3, "it has learnt more than where boxes usually lie"),
        (-0.1, 0.3, "it cannot be told apart from the mean box"),
        (-0.3, -0.1, "it does worse than the mean box"),
        (None, None, "cannot be told from this test set"),
    ],
)
def test_whether_it_beats_the_mean_box_is_said(make_facts, low, high, said) -> None:
    figure = {"value": 0.2 if low is None or high > 0 else -0.2, "low": low, "high": high}
    facts = make_facts([fair()], [42], difference={"map50": figure, "map50_95": figure, "froc": figure})
    assert said in detector_card(facts)


def test_tiny_and_too_few_are_said_first(make_facts) -> None:
    facts = make_facts([fair()], [42], tiny=["val has 1 group of a (3 are needed)"])
    assert detector_card(facts).index("TOO LITTLE DATA") < detector_card(facts).index("## Detector")


def test_a_reader_learns_what_is_kept_of_the_boxes_and_what_flatters(make_facts) -> None:
    text = detector_card(make_facts([fair()], [42]))
    assert (
        "from score 0.05 on, of two boxes of a finding that overlap by more than 0.5 the surer one, at most 100" in text
    )
    assert "Val chose the epoch and the threshold: its figures flatter" in text
    assert "nothing here says how it does on images from elsewhere" in text
