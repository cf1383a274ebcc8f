"""What a run is called and carries: parameters, tags and metrics as MLflow allows them. Pure functions, no MLflow.

Live logging and `sync` both build what they send here, so that a rebuilt run equals one logged while training.
"""

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from chestbench.notice import NOTICE, split_words

MAX_VALUE = 5000
# `val_...` names the per-epoch curves; `best_val_...` is the finished network, whose weights are the best epoch's.
OVERALL_SPLITS = {"val": "best_val", "test": "test"}
DETAILED_SPLIT = "test"
TAG_KEYS = (
    "run_key",
    "model",
    "dataset",
    "data_sha256",
    "split_unit",
    "device",
    "backend",
    "precision",
    "weights",
    "git_revision",
    "git_dirty",
)
# What conf/ says of every training, and what its recipes say otherwise: a run's name tells what is not as here.
PLAIN = {
    "preprocess.size": 224,
    "preprocess.fit": "pad",
    "preprocess.roi": "none",
    "balance": "upsample",
    "train.weights": "imagenet",
    "train.epochs": 20,
    "train.head_epochs": 0,
    "train.cache_features": False,
    "train.batch_size": 32,
    "train.learning_rate": 0.001,
    "train.head_learning_rate": 0.001,
    "train.schedule": "cosine",
    "train.weight_decay": 0.0001,
    "train.label_smoothing": 0.0,
    "train.dropout": 0.2,
    "train.patience": 0,
    "train.augment": "light",
    "train.reestimate_batchnorm": True,
    "train.precision": "auto",
    "train.backend": "tensorflow",
    "train.deterministic": False,
    "train.random_labels": False,
    "seed": 42,
}
PLAIN_OF_RECIPE: dict[str, dict[str, Any]] = {
    "quick": {"preprocess.size": 64, "train.weights": "none", "train.epochs": 4, "train.batch_size": 16,
              "train.dropout": 0.0},
    "features": {"train.epochs": 40, "train.cache_features": True, "train.patience": 8, "train.augment": "none"},
    "finetune": {"train.head_epochs": 3, "train.learning_rate": 0.0001, "train.patience": 6},
    "scratch": {"train.weights": "none", "train.epochs": 60, "train.patience": 15},
}  # fmt: skip
LONGEST_NAME = 200
FIGURES = ("parameters", "epochs_run", "best_epoch", "first_step_seconds", "images_per_second")


def run_name(model: str, dataset: str, parameters: Mapping[str, Any]) -> str:
    """Return the name of a run: network, data set, recipe and each parameter that is not the recipe's own.

    Such as `resnet50 · radiography · finetune · roi=lungs`. At most `LONGEST_NAME` letters. The seed of the training
    (`train.seeds`) is told where it is not the study's.

    Args:
        parameters: flat parameters, as in training.json.
    """
    recipe = parameters.get("train.recipe")
    plain = PLAIN | PLAIN_OF_RECIPE.get(str(recipe), {})
    changed = {key: parameters[key] for key in plain if key in parameters and parameters[key] != plain[key]}
    parts = [f"{key.rpartition('.')[2]}={_short(value)}" for key, value in changed.items()]
    if parameters.get("train.seed") != parameters.get("seed") and "train.seed" in parameters:
        parts.append(f"train.seed={parameters['train.seed']}")
    name = " · ".join([model, dataset, *([str(recipe)] if recipe else []), *parts])
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def parameter_values(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return parameters as text. Absolute paths are replaced: they name the machine, and often its user."""
    return {key: _text(value) for key, value in parameters.items()}


def training_tags(training: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that training.json (or what will become it) gives: data, network, device, class names."""
    tags = {key: _text(training[key]) for key in TAG_KEYS if training.get(key) is not None}
    tags.update({f"class_{place}": _text(name) for place, name in enumerate(training.get("classes", []))})
    if "git_revision" in tags:
        tags["mlflow.source.git.commit"] = tags["git_revision"]
    synthetic = "Synthetic images, no real patient; " if training.get("dataset") == "sample" else ""
    tags["mlflow.note.content"] = f"{synthetic}{NOTICE}. Split by {split_words(training)}."
    return tags


def training_figures(training: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of the whole training, such as `train_seconds`."""
    found = {f"train_{key}": training.get(key) for key in FIGURES}
    found["train_seconds"] = training.get("seconds")
    for part in ("cpu", "gpu"):
        found[f"train_energy_{part}_joules"] = training.get("energy", {}).get(f"{part}_joules")
    return finite_numbers(found)


def finite_numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Return what can be drawn of a history row: finite numbers, also when they come as text; not the epoch itself."""
    found = {}
    for key, value in row.items():
        if key == "epoch" or value is None or isinstance(value, bool):
            continue
        try:
            number = float(value)
        except ValueError:
            continue
        if math.isfinite(number):
            found[key] = number
    return found


def external_metrics(record: Mapping[str, Any]) -> dict[str, float]:
    """Return measures of metrics/external/SET/MODEL.json by MLflow name, with `_low` and `_high` beside each.

    Such as `external/other/balanced_accuracy`, `external/other/sensitivity_COVID` and `external/other/drop`; undefined
    ones are left out.
    """
    test, names, prefix = record["test"], class_suffixes(record["our_classes"]), f"external/{record['set']}/"
    found: dict[str, float | None] = {f"{prefix}images": float(test["images"]), **_measures(prefix, test)}
    for label, measures in test["per_class"].items():
        found.update(_measures(prefix, measures, f"_{names[label]}"))
        found.update(_measures(prefix, measures.get("at_threshold") or {}, f"_at_threshold_{names[label]}"))
    found |= {f"{prefix}{key}": record[key] for key in ("own_test_balanced_accuracy", "drop", "drop_low", "drop_high")}
    return {name: value for name, value in found.items() if value is not None}


def result_metrics(record: Mapping[str, Any]) -> dict[str, float]:
    """Return measures of metrics/models/{model}.json by MLflow name, with `_low` and `_high` beside each.

    Val and test each have their overall measures; test also has those per class, such as
    `test_sensitivity_Viral_Pneumonia`, and `test_sensitivity_at_threshold_Viral_Pneumonia` at the threshold chosen on
    val (`threshold_Viral_Pneumonia`). Measures per study and per group are named as `test_study_map` and
    `test_group_macro_auc`. Undefined ones are left out.
    """
    found: dict[str, float | None] = {"temperature": record.get("temperature")}
    for split, prefix in OVERALL_SPLITS.items():
        found.update(_measures(f"{prefix}_", record[split]))
        for unit in ("study", "group"):
            measures = record[split].get(f"per_{unit}", {})
            found.update(_measures(f"{prefix}_{unit}_", {k.removeprefix("study_"): v for k, v in measures.items()}))
    names = class_suffixes(record["classes"])
    for label, measures in record[DETAILED_SPLIT]["per_class"].items():
        found.update(_measures(f"{DETAILED_SPLIT}_", measures, f"_{names[label]}"))
        at_threshold = measures.get("at_threshold") or {}
        found.update(_measures(f"{DETAILED_SPLIT}_", at_threshold, f"_at_threshold_{names[label]}"))
    for label, chosen in record.get("thresholds", {}).items():
        found[f"threshold_{names[label]}"] = chosen["threshold"]
    for name, measure in _seed_measures(record).items():
        found.update({f"{name}_seeds_mean": measure["mean"], f"{name}_seeds_sd": measure["sd"]})
    return {name: value for name, value in found.items() if value is not None}


def seed_metrics(record: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Return what metrics/models/{model}.json says of a further training of the network, by MLflow name."""
    place = record["seeds"]["seeds"].index(seed)
    found = {name: measure["values"][place] for name, measure in _seed_measures(record).items()}
    return {name: value for name, value in found.items() if value is not None}


def _seed_measures(record: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the measures of all seeds by MLflow name; none where there is one seed."""
    found = {}
    for name, measure in record.get("seeds", {}).items():
        split, _, rest = name.partition("_")
        if split in OVERALL_SPLITS:
            found[f"{OVERALL_SPLITS[split]}_{rest}"] = measure
    return found


def class_suffixes(classes: Iterable[str]) -> dict[str, str]:
    """Return the ending of each class's metric names: its name where that is plain ASCII, else `class_` and its index.

    MLflow allows letters of any script, but stores and address bars behind it do not all; the tag `class_0` has the
    full name. Names that would become equal (also ignoring case) all take their index.
    """
    names = list(classes)
    safe = [re.sub(r"\s+", "_", name) for name in names]
    folded = [name.casefold() for name in safe]
    return {
        name: safe[place]
        if re.fullmatch(r"[A-Za-z0-9_.\-]{1,60}", safe[place]) and folded.count(folded[place]) == 1
        else f"class_{place}"
        for place, name in enumerate(names)
    }


def registered_name(dataset: str, model: str) -> str:
    """Return the name in the model registry."""
    return f"chestbench-{dataset}-{model}"


def _measures(prefix: str, measures: Mapping[str, Any], suffix: str = "") -> dict[str, float | None]:
    """Return what has a value and bounds among `measures`, by name, with the bounds."""
    found: dict[str, float | None] = {}
    for name, measure in measures.items():
        if isinstance(measure, Mapping) and "value" in measure:
            whole = f"{prefix}{name}{suffix}"
            found |= {whole: measure["value"], f"{whole}_low": measure["low"], f"{whole}_high": measure["high"]}
    return found


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(value: Any) -> str:
    shown = str(value)
    if PurePosixPath(shown).is_absolute() or PureWindowsPath(shown).is_absolute() or shown.startswith("~"):
        return "(absolute path)"
    return shown[:MAX_VALUE]
