"""What a run is called and carries: parameters, tags and metrics as MLflow allows them. Pure functions, no MLflow.

Live logging and `sync` both build what they send here, so that a rebuilt run equals one logged while training.
"""

import math
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from chestbench.core.notice import NOTICE, split_words, tiny_note

MAX_VALUE = 5000
TAG_KEYS = (
    "run_key",
    "task",  # of detectors: detect
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
LONGEST_NAME = 200
# {name in training.json: name in MLflow}
FIGURES = {
    "parameters": "model/parameters",
    "epochs_run": "train/epochs_run",
    "best_epoch": "train/best_epoch",
    "seconds": "time/train_seconds",
    "first_step_seconds": "time/first_step_seconds",
    "images_per_second": "time/images_per_second",
}
# {column of history.csv: name in MLflow}; `val_NAME` becomes `val/NAME`, any other `train/NAME`.
CURVES = {"seconds": "time/epoch_seconds", "images_per_second": "time/epoch_images_per_second"}
LOSS = "train/loss"


def run_name(model: str, dataset: str, parameters: Mapping[str, Any], plain: Mapping[str, Any]) -> str:
    """Return the name of a run: network, data set, recipe and each parameter that is not the recipe's own.

    Such as `resnet50 · radiography · finetune · roi=lungs`. At most `LONGEST_NAME` letters. The seed of the training
    (`train.seeds`) is told where it is not the one of the data.

    Args:
        model: network.
        dataset: name of the data set.
        parameters: flat parameters, as in training.json.
        plain: flat parameters of the recipe without any change, see `recipes.recipe_parameters`.
    """
    recipe = parameters.get("train.recipe")
    changed = {key: parameters[key] for key in plain if key in parameters and parameters[key] != plain[key]}
    parts = [f"{key.rpartition('.')[2]}={_short(value)}" for key, value in changed.items()]
    if parameters.get("train.seed") != parameters.get("seed") and "train.seed" in parameters:
        parts.append(f"train.seed={parameters['train.seed']}")
    name = " · ".join([model, dataset, *([str(recipe)] if recipe else []), *parts])
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def parameter_values(parameters: Mapping[str, Any], model: str, dataset: str) -> dict[str, str]:
    """Return parameters as text, with network and data set, by which MLflow's pages compare runs.

    Absolute paths are replaced: they name the machine, and often its user.
    """
    return {"model": model, "dataset": dataset, **{key: _text(value) for key, value in parameters.items()}}


def training_tags(training: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that training.json (or what will become it) gives: data, network, device, class names."""
    tags = {key: _text(training[key]) for key in TAG_KEYS if training.get(key) is not None}
    tags.update({f"class_{place}": _text(name) for place, name in enumerate(training.get("classes", []))})
    if "git_revision" in tags:
        tags["mlflow.source.git.commit"] = tags["git_revision"]
    if "train.recipe" in training.get("config", {}):
        tags["recipe"] = _text(training["config"]["train.recipe"])
    synthetic = "Synthetic images, no real patient; " if training.get("synthetic") else ""
    banner = f"**{tiny_note(training)}.** " if training.get("tiny") else ""
    tags["mlflow.note.content"] = f"{banner}{synthetic}{NOTICE}. Split by {split_words(training)}."
    if training.get("tiny"):
        tags["tiny"] = "true"
    return tags


def training_figures(training: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of the whole training, such as `time/train_seconds`."""
    found = {name: training.get(key) for key, name in FIGURES.items()}
    for part in ("cpu", "gpu"):
        found[f"time/energy_{part}_joules"] = training.get("energy", {}).get(f"{part}_joules")
    return finite_numbers(found)


def epoch_figures(row: Mapping[str, Any]) -> dict[str, float]:
    """Return what can be drawn of a history row, by MLflow name.

    >>> epoch_figures({"epoch": 3, "phase": "main", "loss": 0.5, "val_loss": "0.25", "seconds": 2})
    {'train/loss': 0.5, 'val/loss': 0.25, 'time/epoch_seconds': 2.0}
    """
    return {_curve(name): value for name, value in finite_numbers(row).items()}


def _curve(column: str) -> str:
    if column in CURVES:
        return CURVES[column]
    return f"val/{column.removeprefix('val_')}" if column.startswith("val_") else f"train/{column}"


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


def registered_name(dataset: str, model: str) -> str:
    """Return the name in the model registry."""
    return f"chestbench-{dataset}-{model}"


def dataset_model(dataset: str) -> str:
    """Return the name in the model registry that holds the chosen network of a data set."""
    return f"chestbench-{dataset}"


def dataset_detector(dataset: str) -> str:
    """Return the name in the model registry that holds the chosen detector of a data set."""
    return f"chestbench-{dataset}-detector"


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _text(value: Any) -> str:
    shown = str(value)
    if PurePosixPath(shown).is_absolute() or PureWindowsPath(shown).is_absolute() or shown.startswith("~"):
        return "(absolute path)"
    return shown[:MAX_VALUE]
