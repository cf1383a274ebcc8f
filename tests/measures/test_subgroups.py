"""One network on parts of the test set."""

from pathlib import Path

import numpy as np
import pytest

from chestbench.core.files import write_csv
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.predictions import Predictions
from chestbench.measures.subgroups import MOST_VALUES, age_span, parts, read_attributes, subgroups

IDS = [f"i{place}" for place in range(8)]


def test_attributes_are_those_of_kept_images_and_only_what_differs(tmp_path: Path) -> None:
    rows = [
        {"image_id": key, "status": "kept", "sex": "FM"[place % 2], "age": str(20 + 10 * place), "view": "PA"}
        for place, key in enumerate(IDS)
    ]
    # A copy that was left out says something else of the same image.
    rows.insert(0, {"image_id": "i0", "status": "excluded", "sex": "M", "age": "3", "view": "AP"})
    write_csv(tmp_path / "catalog.csv", ["image_id", "status", "sex", "age", "view"], rows)
    found = read_attributes(tmp_path / "catalog.csv", [*reversed(IDS)])
    assert found["sex"] == ["M", "F"] * 4 and list(found) == ["sex", "age"]
    assert found["age"] == [age_span(str(20 + 10 * place)) for place in reversed(range(8))]


@pytest.mark.parametrize(
    ("age", "span"),
    [("000D", ""), ("058Y", "40 to 59"), ("17", "0 to 17"), ("18.0", "18 to 39"), ("81 years", "80 and more"),
     ("131", ""), ("-4", ""), ("", ""), ("unknown", ""), ("0", "0 to 17"), ("130", "80 and more")],
)  # fmt: skip
def test_ages_are_spans_of_years(age: str, span: str) -> None:
    assert age_span(age) == span


def test_values_of_one_patient_are_not_named() -> None:
    """A folder for each patient may be called like the patient."""
    values = [f"name of {place}" for place in range(30)] + ["PA", "PA"]
    assert list(parts(values, [str(place) for place in range(32)])) == ["PA", "others"]
    many = [f"v{place // 4}" for place in range(100)]
    found = parts(many, [str(place) for place in range(100)])
    assert len(found) == MOST_VALUES + 1 and sum(map(len, found.values())) == 100


def test_a_part_is_judged_as_the_whole_is() -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(40) % 2
    first = np.clip(0.3 + 0.4 * labels + 0.3 * generator.normal(size=40), 0.01, 0.99)
    said = Predictions(IDS * 5, [str(place // 2) for place in range(40)], labels, np.stack([1 - first, first], axis=1))
    sex = ["F" if place < 24 else "M" for place in range(40)]
    thresholds = {name: {"threshold": 0.4, "rule": "youden"} for name in ("a", "b")}
    settings = (["a", "b"], thresholds, 200, 0.95, 7)
    found = subgroups(said, {"sex": sex}, *settings)
    assert [(part.attribute, part.value, part.record["images"]) for part in found] == [
        ("sex", "F", 24),
        ("sex", "M", 16),
    ]
    alone = evaluate_split(
        labels[:24], said.probabilities[:24], said.groups[:24], ["a", "b"], 200, 0.95, 7, thresholds=thresholds
    )
    assert found[0].record == alone


def test_a_part_of_one_class_says_which_it_lacks() -> None:
    said = Predictions(IDS, list("abcdefgh"), np.array([0] * 4 + [1] * 4), np.tile([0.4, 0.6], (8, 1)))
    thresholds = {name: {"threshold": 0.5, "rule": "youden"} for name in ("a", "b")}
    found = subgroups(said, {"view": ["AP"] * 4 + ["PA"] * 4}, ["a", "b"], thresholds, 100, 0.95, 0)
    assert [part.record["absent_classes"] for part in found] == [["b"], ["a"]]
    assert found[0].record["macro_auc"]["value"] is None
