"""The CLAIM checklist: every item once, filled from what is known, nothing guessed, names that are not markup."""

import re
from typing import Any

import pytest

from chestbench.evaluation import leaderboard_builder, leaderboard_rows
from chestbench.reports.claim import ClaimFacts, claim, write_claim
from chestbench.reports.claim_items import ITEMS
from chestbench.reports.markdown import escaped
from tests.evaluation.data_records import data_records
from tests.evaluation.test_leaderboard import CLASSES, make_record

NUMBERS = [number for items in ITEMS.values() for number, _, _ in items]


@pytest.fixture
def study(make_config):
    def make(**changes: Any) -> ClaimFacts:
        known = {path.rpartition("/")[2].removesuffix(".json"): value for path, value in data_records(CLASSES).items()}
        records = changes.pop("records", [make_record("resnet50", 0.3, 0.3), make_record("small", 0.4, 0.4)])
        baselines = {"logistic_regression": {"test": records[0]["test"], "settings": {"parameters": 1025}}}
        values = {
            "config": make_config(changes.pop("parameters", None)),
            "board": leaderboard_builder.build(
                records,
                external=changes.pop("external", []),
                warnings=changes.get("audit", known["audit"])["warnings"],
            ),
            "external_sets": [],
            "baselines": baselines,
            **known,
            **changes,
        }
        return ClaimFacts(**values)

    return make


def item(text: str, number: int) -> str:
    """Return one item, from its heading to the next."""
    return re.split(r"\n#{2,3} ", text.split(f"\n### {number}. ", 1)[1], maxsplit=1)[0]


def test_every_item_of_2024_stands_once_and_every_one_of_2020_is_named(study) -> None:
    assert [*range(1, 45)] == NUMBERS
    earlier = [earlier for items in ITEMS.values() for _, earlier, _ in items if earlier]
    named = {int(number) for entry in earlier for number in re.findall(r"\d+", entry)}
    assert named | {11} == set(range(1, 43))
    text = claim(study())
    assert [int(number) for number in re.findall(r"^### (\d+)\. ", text, re.MULTILINE)] == NUMBERS
    assert "Item 11 of 2020" in text


def test_items_that_only_people_know_are_left_to_them(study) -> None:
    text = claim(study())
    for number in (2, 4, 15, 16, 17, 34, 44):
        assert "; for the authors*" in item(text, number)
        assert "_For the authors to fill_" in item(text, number)
    for number in NUMBERS:
        status = re.search(r"; (filled|partly|for the authors)\*", item(text, number))
        assert status is not None
        assert ("For the authors to fill" in item(text, number)) is (status[1] != "filled"), number
    assert re.search(r"\d+ filled, \d+ for the authors, \d+ partly\.", text)
    assert "for research and education, not for diagnosis" in text.lower()
    assert "no real patient" in text


def test_what_the_pipeline_knows_is_there(study) -> None:
    text = claim(study())
    expected = {
        5: ["nobody was examined"],
        6: ["Comparison of 2 networks"],
        7: ["Synthetic chest CT slices", "a" * 64, "Apache-2.0"],
        8: ["| unreadable | 3 |", "72 of 90"],
        9: ["64 x 64", "pad"],
        12: ["Images without an id of patient or study: 2"],
        18: ["two labels: 6"],
        19: ["seed 42", "70% train", "| test | 8 | 8 | 8 |"],
        20: ["Disjoint by patient", "look-alike pairs in two parts | 0 |"],
        21: ["60 in 30 groups"],
        22: ["| resnet50 | 1,234,567 |"],
        24: ["random", "Seeds: 42"],
        25: [
            "demo",
            "read 24",
            "| small | 3 | 2 |\n",
            "Time, energy, device and versions of each training: models/NAME/MODEL",
        ],
        26: ["resnet50", "Test chooses nothing"],
        29: ["95% intervals", "200 resamples", "Holm"],
        33: ["set evaluate.external"],
        35: ["90 files found"],
        37: ["| resnet50 |", "| majority class |"],
        38: ["ROC-AUC", "Brier"],
        40: ["drawn by a program", "One training"],
    }
    for number, parts in expected.items():
        for part in parts:
            assert part in item(text, number), (number, part)


def test_it_follows_the_study(study) -> None:
    record = make_record("resnet50", 0.3, 0.3)
    spread = {"values": [0.9, 0.92], "mean": 0.91, "sd": 0.01}
    record["seeds"] = {"seeds": [42, 7], **dict.fromkeys(leaderboard_rows.SEED_MEASURES, spread)}
    record["training"]["random_labels"] = True
    known = {path.rpartition("/")[2].removesuffix(".json"): value for path, value in data_records(CLASSES).items()}
    auc = {"value": 0.97, "low": 0.95, "high": 0.99}
    unknown = {"auc": dict.fromkeys(auc), "not_judged": "too few"}
    audit = {
        "shortcuts": {"file_properties": {"auc": auc}, "blacked_out": unknown},
        "warnings": ["The *format* tells | the label."],
    }
    external = [
        {"set": "other", "model": "resnet50", "images": 50, "own_test_balanced_accuracy": 0.9, "drop": None}
        | {"external_balanced_accuracy": 0.7, "images_left_out": 0}
    ]
    there = {
        "set": "other",
        "about": {
            **dict.fromkeys(("handle", "version", "url", "citation")),
            **{"title": "Images from a local folder (other)", "licence": "none", "modality": "CT", "sha256": "e" * 64},
        },
        "test": {"groups": 20, "per_class": {"COVID": {"images": 30}, "Normal": {"images": 20}}},
        **{"split_unit": "patient", "classes": {"covid": "COVID", "well": "Normal"}},
        **{"left_out": {"flu": 7}, "excluded": {}, "known": {"same": 2, "alike": 1}},
    }
    text = claim(
        study(
            records=[record],
            audit=audit,
            external=external,
            external_sets=[there],
            split={**known["split"], "given_split": True, "split_unit": "image"},
            catalog={**known["catalog"], "synthetic": False},
            parameters={"evaluate.gradcam_images": 0, "preprocess.roi": "lungs", "train.patience": 5},
        )
    )
    assert "Synthetic images, no real patient" not in text
    assert "it looks back" in item(text, 5) and "One network beside simple baselines" in item(text, 6)
    assert "42" in item(text, 24) and "7, 42" in item(text, 24)
    assert "in 1 images" in item(text, 9)
    assert escaped("other properties of the files alone: AUC 0.970 [0.950, 0.990].") in item(text, 30)
    assert escaped("blacked out alone: AUC undefined (too few).") in item(text, 30)
    assert "no heat maps were drawn" in item(text, 31)
    for words in (
        "| other | resnet50 | 50 | all |",
        f"archive SHA-256: {'e' * 64}",
        "images: 30 COVID, 20 Normal, in 20 groups (by patient)",
        "their class, read as ours: covid = COVID, well = Normal",
        "none of ours: 7 flu\n- left out, unusable or copies: none",
        "pictures of the data set itself: 2 the very same, 1 alike",
        "For the authors to fill: who the patients",
    ):
        assert words in item(text, 33), words
    assert "own split is followed" in item(text, 20)
    limits = item(text, 40)
    assert "RANDOM-LABEL CONTROL" in limits
    assert "The \\*format\\* tells \\| the label." in limits
    assert "No external test" not in limits and "One training" not in limits


def test_names_are_shown_and_not_rendered(study, tmp_path) -> None:
    classes = ["<script>alert(1)</script>", "a|b`*_ [x](http://y)"]
    records = [make_record("resnet50", 0.6, 0.6)]
    records[0]["classes"] = classes
    for split in ("val", "test"):
        per_class = records[0][split]["per_class"]
        records[0][split]["per_class"] = dict(zip(classes, per_class.values(), strict=True))
    known = {path.rpartition("/")[2].removesuffix(".json"): value for path, value in data_records(classes).items()}
    parameters = {"dataset.title": "# Title\n| x |", "dataset.licence": "[free](javascript:x)"}
    path = tmp_path / "compare" / "CLAIM.md"
    write_claim(path, study(records=records, parameters=parameters, **known))
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# CLAIM checklist: # Title \\| x \\|\n")
    assert "<script>" not in text
    assert not re.search(r"(?<!\\)\]\(", text)
    for line in text.splitlines():
        if line.startswith("|") and "script" in line:
            columns = len(re.findall(r"(?<!\\)\|", line))
            assert columns in (4, 5, 6, 10), line
    assert text.endswith("\n") and "\r" not in text
    write_claim(path, study(records=records, parameters=parameters, **known))
    assert path.read_text(encoding="utf-8") == text
