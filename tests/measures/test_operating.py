"""What val chooses, and a split's record with it, per image and per group."""

import json

import numpy as np
import pytest
from scipy.special import softmax

from chestbench.measures.calibration import with_temperature
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.operating import Chosen, choose, split_record
from chestbench.measures.per_group import mean_rows, units_of
from tests.evaluation.simulated import simulate

CLASSES = ("Normal", "COVID")


def test_a_group_is_judged_by_the_mean_of_its_images() -> None:
    labels = np.array([1, 0, 1, 1, 0, 1])
    units = units_of(labels, ["b", "a", "b", "c", "c", "a"])
    assert units.groups == ["b", "a", "c", "c", "a"]
    assert units.labels.tolist() == [1, 0, 1, 0, 1]
    assert units.codes.tolist() == [0, 1, 0, 2, 3, 4]
    assert units.mixed_groups == 2
    means = mean_rows(units.codes, np.arange(12.0).reshape(6, 2))
    np.testing.assert_array_equal(means, [[2, 3], [2, 3], [6, 7], [8, 9], [10, 11]])


def test_the_record_of_groups_is_that_of_their_means() -> None:
    labels, probabilities, groups = simulate(np.random.default_rng(0), 40, "random, three classes")
    classes = ("a", "b", "c")
    chosen = choose(labels, probabilities, groups, classes)
    found = split_record(labels, probabilities, groups, classes, chosen, 200, 0.95, 3)
    units = units_of(labels, groups)
    calibrated = with_temperature(probabilities, chosen.temperature)
    expected = evaluate_split(
        units.labels,
        mean_rows(units.codes, probabilities),
        units.groups,
        classes,
        200,
        0.95,
        3,
        unit="groups",
        calibrated=mean_rows(units.codes, calibrated),
        thresholds=chosen.thresholds_per_group,
    )
    per_group = found["per_group"]
    assert {key: value for key, value in per_group.items() if key not in ("units", "mixed_groups")} == expected
    assert per_group["groups"] == 40
    assert per_group["units"] == len(units.labels) > 40
    assert per_group["mixed_groups"] == sum(len(set(labels[groups == code])) > 1 for code in range(40)) > 0
    assert sum(entry["groups"] for entry in per_group["per_class"].values()) == per_group["units"]
    assert found["images"] == len(labels)


def test_groups_of_one_image_are_measured_as_images() -> None:
    labels, probabilities, _ = simulate(np.random.default_rng(1), 60, "good")
    groups = np.arange(len(labels))
    chosen = choose(labels, probabilities, groups, CLASSES, 0.9)
    assert chosen.thresholds == chosen.thresholds_per_group
    found = split_record(labels, probabilities, groups, CLASSES, chosen, 200, 0.95, 0)
    per_group = found.pop("per_group")
    assert per_group["mixed_groups"] == 0
    for name, value in found.items():
        if name not in ("images", "groups", "per_class"):
            assert per_group[name] == value, name
    for name in CLASSES:
        assert per_group["per_class"][name]["at_threshold"] == found["per_class"][name]["at_threshold"]


def test_a_wished_sensitivity_is_reached_on_val_and_judged_on_test() -> None:
    generator = np.random.default_rng(2)
    val, test = simulate(generator, 150, "good"), simulate(generator, 150, "good")
    chosen = choose(*val, CLASSES, 0.95)
    on_val = split_record(*val, CLASSES, chosen, 200, 0.95, 0)
    on_test = split_record(*test, CLASSES, chosen, 200, 0.95, 0)
    for record in (on_val, on_val["per_group"]):
        for name in CLASSES:
            assert record["per_class"][name]["at_threshold"]["sensitivity"]["value"] >= 0.95
    for place, name in enumerate(CLASSES):
        measured = on_test["per_class"][name]["at_threshold"]
        called = test[1][:, place] >= chosen.thresholds[name]["threshold"]
        truth = test[0] == place
        tp, fn, fp, tn = (
            (truth & called).sum(),
            (truth & ~called).sum(),
            (~truth & called).sum(),
            (~truth & ~called).sum(),
        )
        assert measured["confusion"] == [[tp, fn], [fp, tn]]
        expected = {"sensitivity": tp / (tp + fn), "specificity": tn / (tn + fp), "ppv": tp / (tp + fp)}
        for measure, value in {**expected, "npv": tn / (tn + fn)}.items():
            assert measured[measure]["value"] == pytest.approx(value, abs=1e-9)
            assert measured[measure]["low"] < value < measured[measure]["high"]


def test_val_of_one_class_chooses_nothing_and_says_so() -> None:
    _, probabilities, groups = simulate(np.random.default_rng(3), 30, "good")
    chosen = choose(np.ones(len(groups), int), probabilities, groups, CLASSES)
    assert chosen.temperature == 1
    assert [entry["threshold"] for entry in chosen.thresholds.values()] == [None, None]
    assert [entry["threshold"] for entry in chosen.thresholds_per_group.values()] == [None, None]
    assert chosen.notes == [
        "temperature left at 1: val has images of one class only",
        "no threshold for Normal: val has no image of it",
        "no threshold for COVID: val has only images of it",
    ]
    test = simulate(np.random.default_rng(4), 30, "good")
    found = split_record(*test, CLASSES, chosen, 100, 0.95, 0)
    nothing = {"value": None, "low": None, "high": None}
    for record in (found, found["per_group"]):
        measured = record["per_class"]["COVID"]["at_threshold"]
        assert measured == {**dict.fromkeys(("sensitivity", "specificity", "ppv", "npv"), nothing), "confusion": None}
        assert record["ece_calibrated"] == record["ece"]


def test_what_was_chosen_comes_back_from_the_record() -> None:
    chosen = choose(*simulate(np.random.default_rng(5), 30, "good"), CLASSES)
    assert Chosen.from_record(chosen.as_record()) == chosen


def test_groups_that_are_all_of_one_class_are_measured_with_what_can_be() -> None:
    _, probabilities, groups = simulate(np.random.default_rng(6), 30, "good")
    labels = np.zeros(len(groups), int)
    chosen = choose(*simulate(np.random.default_rng(7), 30, "good"), CLASSES)
    found = split_record(labels, probabilities, groups, CLASSES, chosen, 200, 0.95, 0)
    assert found["absent_classes"] == ["COVID"]
    assert found["macro_auc"] == {"value": None, "low": None, "high": None}
    assert found["balanced_accuracy"] == found["per_class"]["Normal"]["sensitivity"] == found["accuracy"]
    assert found["accuracy"]["low"] < found["accuracy"]["value"] < found["accuracy"]["high"]
    assert found["per_group"]["absent_classes"] == ["COVID"]


def odd_split(generator: np.random.Generator, n_classes: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Few images, few groups, often one class; answers constant, certain, always right or any."""
    n_images = int(generator.integers(1, 30))
    labels = generator.integers(0, n_classes, n_images)
    if generator.random() < 0.2:
        labels[:] = labels[0]
    logits = generator.normal(size=(n_images, n_classes)) * generator.choice([0.1, 1, 30])
    tables = (
        np.full((n_images, n_classes), 1 / n_classes),
        np.eye(n_classes)[generator.integers(0, n_classes, n_images)],
        np.eye(n_classes)[labels],
        softmax(logits, axis=1),
    )
    groups = generator.integers(0, generator.integers(1, n_images + 1), n_images)
    return labels, tables[generator.integers(0, 4)].astype(np.float32), [f"g{code}" for code in groups]


def intervals_in(record: object) -> list[dict]:
    """Return every `{"value", "low", "high"}` of a record."""
    if not isinstance(record, dict):
        return []
    return [record] if "low" in record else [found for value in record.values() for found in intervals_in(value)]


def test_odd_splits_give_records_that_json_can_hold_and_bounds_around_the_figure() -> None:
    generator = np.random.default_rng(0)
    for round_number in range(120):
        n_classes = int(generator.integers(2, 7))
        val, test = odd_split(generator, n_classes), odd_split(generator, n_classes)
        classes = [f"class {place}" for place in range(n_classes)]
        chosen = choose(*val, classes, 0.9 if round_number % 2 else None)
        json.dumps(chosen.as_record(), allow_nan=False)
        for split in (val, test):
            record = split_record(*split, classes, chosen, 100, 0.95, 0)
            json.dumps(record, allow_nan=False)
            for found in intervals_in(record):
                if found["low"] is not None:
                    assert 0 <= found["low"] <= found["value"] + 1e-12
                    assert found["value"] <= found["high"] + 1e-12 <= 2 + 1e-12
