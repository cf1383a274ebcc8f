"""Names that every store takes, and nothing that names a machine or a person."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from chestbench.core.compose import compose_params
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.operating import choose, split_record
from chestbench.tracking.measures import external_metrics, external_table, interval_tags, measures_table, result_metrics
from chestbench.tracking.naming import (
    epoch_figures,
    finite_numbers,
    parameter_values,
    run_name,
    training_figures,
    training_tags,
)
from chestbench.tracking.recipes import recipe_parameters
from chestbench.training.run_key import flatten
from tests.conftest import ROOT
from tests.evaluation.workspace import history_rows, training_record


def record_of(split: dict, **more: object) -> dict:
    """Return what result_metrics reads of a record whose val and test are the same."""
    return {"classes": [*split["per_class"]], "split_unit": "patient", "val": split, "test": split, **more}


def test_a_run_has_few_metrics_in_groups_and_a_table_of_all_measures() -> None:
    split = evaluate_split(
        [0, 0, 1, 1],
        [[0.9, 0.1, 0], [0.4, 0.6, 0], [0.2, 0.8, 0], [0.1, 0.9, 0]],
        [1, 2, 3, 4],
        ["a", "정상", "c"],
        100,
    )
    record = record_of(split, positive={"class": "정상", "how": "stated"})
    found = result_metrics(record)
    assert found["test/balanced_accuracy"] == found["best_val/balanced_accuracy"] == 0.75
    assert found["test/balanced_accuracy_low"] <= 0.75 <= found["test/balanced_accuracy_high"]
    assert found["test/sensitivity"] == 1.0 and found["test/specificity"] == 0.5
    assert len({*found, *epoch_figures(history_rows()[0]), *training_figures(training_record("a", ["x"]))}) <= 25
    assert all(re.fullmatch(r"[a-z_]+/[a-z0-9_]+", name) for name in found)
    assert all(isinstance(value, float) for value in found.values())
    table = measures_table(record)
    assert all(len(row) == len(table["columns"]) for row in table["data"])
    rows = {tuple(row[:4]): row[4:] for row in table["data"]}
    assert rows["test", "image", "정상", "sensitivity"][0] == 1.0
    assert rows["val", "image", "", "balanced_accuracy"] == [*split["balanced_accuracy"].values()]
    # Of a class without images nothing is defined that needs one: it is said, not left out.
    assert rows["test", "image", "c", "sensitivity"] == [None, None, None]
    assert not any("class" in name for name in found)


def test_without_a_positive_class_there_is_no_sensitivity_of_the_whole() -> None:
    split = evaluate_split(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), [1, 2], ["a", "b"], 100)
    found = result_metrics(record_of(split))
    assert "test/macro_auc" in found and "test/sensitivity" not in found


def test_intervals_stand_beside_figures_as_text() -> None:
    split = evaluate_split(np.array([0, 1] * 9), np.array([[0.9, 0.1], [0.2, 0.8]] * 9), range(18), ["a", "b"], 100)
    tags = interval_tags(record_of(split, positive={"class": "b", "how": "stated"}))
    assert re.fullmatch(r"1\.000 \[0\.\d{3}, 1\.000\]", tags["test/balanced_accuracy"])
    assert {"test/macro_auc", "test/sensitivity", "test/specificity"} <= set(tags)


def test_measures_per_study_and_group_are_rows_of_their_own() -> None:
    split = evaluate_split(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), [1, 2], ["a", "b"], 100)
    studies = {**split, "studies": 2, "study_map": {"value": 0.25, "low": 0.0, "high": 0.5}}
    split = {**split, "per_study": studies, "per_group": split}
    record = record_of(split)
    assert result_metrics(record)["test/study_map"] == 0.25
    rows = {tuple(row[:4]): row[4:] for row in measures_table(record)["data"]}
    assert rows["test", "study", "", "study_map"] == [0.25, 0.0, 0.5]
    assert rows["val", "study", "", "macro_auc"] == rows["val", "patient", "", "macro_auc"]


def test_results_do_not_share_a_name_with_the_curves() -> None:
    split = evaluate_split(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), [1, 2], ["a", "b"], 100)
    assert not set(result_metrics(record_of(split))) & set(epoch_figures(history_rows()[0]))


def test_rows_give_the_same_numbers_live_and_from_text() -> None:
    row = history_rows()[1]
    live = finite_numbers(row)
    assert live == finite_numbers({key: str(value) for key, value in row.items()})
    assert "epoch" not in live
    assert "phase" not in live
    assert finite_numbers({"a": float("nan"), "b": "", "c": None, "d": "inf", "e": True, "f": 1}) == {"f": 1.0}


@pytest.mark.parametrize("path", ["/home/someone/images", "C:\\Users\\someone", "~/images", "\\\\server\\share"])
def test_absolute_paths_stay_out(path: str) -> None:
    assert parameter_values({"dataset.path": path}, "a", "b")["dataset.path"] == "(absolute path)"
    assert training_tags(training_record("a", ["x", path]))["class_1"] == "(absolute path)"


def test_ordinary_parameters_are_kept() -> None:
    parameters = {"train.learning_rate": 1e-4, "train.cache_features": False, "x": None, "y": "../data"}
    values = parameter_values(parameters, "resnet50", "sample")
    texts = {"train.learning_rate": "0.0001", "train.cache_features": "False", "x": "None", "y": "../data"}
    assert values == {"model": "resnet50", "dataset": "sample", **texts}
    assert len(parameter_values({"long": "x" * 10_000}, "a", "b")["long"]) <= 6000


CONF = ROOT / "conf"


def composed(recipe: str, folder: Path, **changes: object) -> dict[str, object]:
    """Return the flat parameters of a training with a recipe, as `dvc exp run -S train=RECIPE` composes them."""
    compose_params(CONF, folder / "params.yaml", [f"train={recipe}"])
    return {**flatten(yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))), **changes}


@pytest.mark.parametrize("recipe", ["quick", "features", "finetune", "scratch"])
def test_a_plain_run_is_named_after_network_data_and_recipe(recipe: str, tmp_path: Path) -> None:
    found = run_name("resnet50", "radiography", composed(recipe, tmp_path), recipe_parameters(CONF, recipe))
    assert found == f"resnet50 · radiography · {recipe}"


def test_the_samples_run_is_named_after_its_recipe_and_not_after_quick(default_parameters: dict) -> None:
    parameters, plain = flatten(default_parameters), recipe_parameters(CONF, "demo")
    assert run_name("resnet50", "sample", parameters, plain) == "resnet50 · sample · demo"
    longer = {**parameters, "train.epochs": 4}
    assert run_name("resnet50", "sample", longer, plain) == "resnet50 · sample · demo · epochs=4"


def test_a_name_tells_what_is_not_the_recipes_own(tmp_path: Path) -> None:
    changes = {"preprocess.roi": "lungs", "balance": "class_weight", "train.learning_rate": 3e-5, "seed": 7}
    parameters, plain = composed("finetune", tmp_path, **changes), recipe_parameters(CONF, "finetune")
    found = run_name("resnet50", "radiography", parameters, plain)
    assert (
        found == "resnet50 · radiography · finetune · roi=lungs · balance=class_weight · learning_rate=3e-05 · seed=7"
    )
    # A recipe that is not known, as of another version: what can be said is said.
    plain = recipe_parameters(CONF, "new")
    parameters = {"train.recipe": "new", "preprocess.roi": "body", "train.epochs": 9}
    assert run_name("a", "b", parameters, plain) == "a · b · new · roi=body"
    assert recipe_parameters(tmp_path, "quick") == {}
    assert len(run_name("x" * 300, "b", {}, plain)) == 200


def test_tags_say_what_the_pictures_are_and_are_not_for() -> None:
    tags = training_tags(training_record("a", ["정상", "b"]))
    assert tags["class_0"] == "정상"
    assert tags["split_unit"] == "patient"
    assert "not for diagnosis" in tags["mlflow.note.content"]
    assert "Synthetic" in tags["mlflow.note.content"]
    assert tags["mlflow.note.content"].endswith("Split by patient.")
    mixed = training_record("a", ["x"], images_in_all=9, images_without_group=2)
    assert "Split by patient (2 of 9 images have no" in training_tags(mixed)["mlflow.note.content"]
    # Real patients in a data set that somebody called sample.
    real = training_record("a", ["x"], synthetic=False)
    assert real["dataset"] == "sample" and "Synthetic" not in training_tags(real)["mlflow.note.content"]


def test_thresholds_calibration_and_groups_have_names_of_their_own() -> None:
    labels, classes = np.array([0, 0, 1, 1]), ["a b", "정상"]
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    groups = ["1", "2", "3", "4"]
    chosen = choose(labels, probabilities, groups, classes)
    split = split_record(labels, probabilities, groups, classes, chosen, 100, 0.95, 0)
    record = record_of(split, **chosen.as_record())
    rows = {tuple(row[:4]): row[4] for row in measures_table(record)["data"]}
    assert rows["val", "image", "", "temperature"] == chosen.temperature
    assert rows["val", "image", "a b", "threshold"] == chosen.thresholds["a b"]["threshold"]
    at_threshold = split["per_class"]["정상"]["at_threshold"]["npv"]["value"]
    assert rows["test", "image", "정상", "npv at threshold"] == at_threshold
    assert result_metrics(record)["test/ece_calibrated"] == split["ece_calibrated"]["value"]
    assert rows["test", "patient", "", "balanced_accuracy"] == split["per_group"]["balanced_accuracy"]["value"]
    assert not any("confusion" in name for name in (*result_metrics(record), *(key[3] for key in rows)))


def test_measures_on_a_set_from_elsewhere_are_below_its_name() -> None:
    split = evaluate_split(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), [1, 2], ["a", "정상"], 100)
    none = dict.fromkeys(("drop", "drop_low", "drop_high"))
    record = {"set": "other", "our_classes": ["a", "정상"], "test": split, "own_test_balanced_accuracy": 0.5, **none}
    found = external_metrics(record)
    assert found["external/other/balanced_accuracy"] == found["external/other/macro_auc"] == 1.0
    rows = external_table(record)["data"]
    assert ["other", "", "own_test_balanced_accuracy", 0.5, None, None] in rows
    assert ["other", "정상", "sensitivity", 1.0] in [row[:4] for row in rows]
    assert not any("drop" in name for name in found)
    assert all(re.fullmatch(r"external/other/[A-Za-z0-9_.\-]+", name) for name in found)


def test_code_and_energy_are_those_of_the_training() -> None:
    code = {"git_revision": "b" * 40, "git_dirty": "false"}
    training = training_record("a", ["x"], **code, energy={"cpu_joules": 7.5, "gpu_joules": None, "whole": True})
    tags = training_tags(training)
    assert tags["git_revision"] == tags["mlflow.source.git.commit"] == "b" * 40 and tags["git_dirty"] == "false"
    figures = training_figures(training)
    assert figures["time/energy_cpu_joules"] == 7.5 and "time/energy_gpu_joules" not in figures
    assert "mlflow.source.git.commit" not in training_tags(training_record("a", ["x"]))
