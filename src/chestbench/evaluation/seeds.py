"""How much a network's figures differ when it is trained again with another seed (`train.seeds`).

The intervals of a figure speak of which patients were in the test set; the spread over seeds speaks of the training:
initial weights, order, augmentation. X. Bouthillier et al., Accounting for variance in machine learning benchmarks,
MLSys 2021, arXiv:2103.03098.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.core.words import heading
from chestbench.measures.metrics import measure
from chestbench.measures.record import NetworkRecord, SeedsRecord, figure_of, over_seeds, split_of
from chestbench.preparation.arrays import load_split
from chestbench.training.records import TrainingRecord

if TYPE_CHECKING:
    import keras

Predict = Callable[["keras.Model", NDArray[np.uint8], int], NDArray[np.float32]]
Load = Callable[[Path], "keras.Model"]
Values = dict[str, float | None]
# Key of the record -> split and measure.
MEASURES = {
    "val_balanced_accuracy": ("val", "balanced_accuracy"),
    "test_balanced_accuracy": ("test", "balanced_accuracy"),
    "test_macro_auc": ("test", "macro_auc"),
    "test_macro_f1": ("test", "macro_f1"),
    "test_accuracy": ("test", "accuracy"),
}


def further_trainings(folder: Path, asked: Sequence[int]) -> list[Path]:
    """Return the folders of the trainings with the second and later seeds, in the order asked for.

    Args:
        folder: models/NAME.
        asked: all seeds, the first of which is the network in `folder` itself.

    Raises:
        ChestbenchError: one is missing or is not of that seed, data and parameters, or one is there that is not asked.
    """
    first, seeds = read_json(folder / "training.json"), folder / "seeds"
    found = {path.parent.name for path in seeds.glob("*/training.json")}
    wanted = {str(seed) for seed in asked[1:]}
    if found != wanted:
        raise ChestbenchError(
            f"{seeds}: expected the trainings of {_listed(wanted)} as train.seeds asks, received {_listed(found)}; "
            f"run `dvc repro train@{first['model']}`"
        )
    folders = [seeds / str(seed) for seed in asked[1:]]
    for seed, path in zip(asked, [folder, *folders] if folders else [], strict=bool(folders)):
        training = read_json(path / "training.json")
        if training["seed"] != seed or _apart_from_seed(training) != _apart_from_seed(first):
            raise ChestbenchError(
                f"{path}: expected the training of seed {seed} with the data and parameters of {folder}, "
                f"received seed {training['seed']} of another; run `dvc repro train@{first['model']}`"
            )
    return folders


def predict_training(
    folder: Path, load: Load, predict: Predict, processed: Path, batch_size: int
) -> dict[str, NDArray[np.float32]]:
    """Predict val and test once; return what the network says of each, (N, C).

    Args:
        folder: of a further training, with model.keras.
        load: gives the network of a file.
        predict: `predict(model, images, batch_size)` gives probabilities (N, C).
        processed: folder of the preprocess stage.
        batch_size: images per step.

    Raises:
        ChestbenchError: it predicts NaN.
    """
    said, model = {}, load(folder / "model.keras")
    for split in ("val", "test"):
        probabilities = np.asarray(predict(model, load_split(processed, split).images, batch_size))
        if not np.isfinite(probabilities).all():
            raise ChestbenchError(
                f"{folder}: expected finite probabilities on {split}, received NaN: the training diverged; "
                "lower train.learning_rate and train again"
            )
        said[split] = probabilities
    return said


def measure_training(said: Mapping[str, NDArray[np.floating]], processed: Path) -> Values:
    """Return the values of `MEASURES` of what a network says of val and test; None where one is not defined."""
    found = {split: measure(load_split(processed, split).class_index, each).overall for split, each in said.items()}
    values = {key: float(found[split][measured][0]) for key, (split, measured) in MEASURES.items()}
    return {key: value if np.isfinite(value) else None for key, value in values.items()}


def own_values(record: NetworkRecord) -> Values:
    """Return the values of the first seed from its record (metrics/models/NAME.json)."""
    return {key: figure_of(split_of(record, split), measured)["value"] for key, (split, measured) in MEASURES.items()}


def summarise_seeds(seeds: Sequence[int], values: Sequence[Values]) -> SeedsRecord:
    """Return `record["seeds"]`: the seeds, and per measure its values, their mean and standard deviation.

    Args:
        seeds: two or more.
        values: of each seed.

    Returns:
        {"seeds": [...], KEY: {"values": [...], "mean": x, "sd": y}}; the standard deviation is that of a sample
        (n - 1). Mean and deviation are None where a value is.
    """
    summary: dict[str, object] = {"seeds": list(seeds)}
    for key in MEASURES:
        found = [value[key] for value in values]
        defined = [value for value in found if value is not None]
        whole = len(defined) == len(found)
        summary[key] = {
            "values": found,
            "mean": float(np.mean(defined)) if whole else None,
            "sd": float(np.std(defined, ddof=1)) if whole else None,
        }
    return cast("SeedsRecord", summary)


def describe_seeds(summary: SeedsRecord) -> str:
    """Return one line: the mean and the spread of two measures on test."""
    parts = []
    for key in ("balanced_accuracy", "macro_auc"):
        figures = over_seeds(summary)[f"test_{key}"]
        mean, spread = figures["mean"], figures["sd"]
        found = "not defined" if mean is None else f"{mean:.3f} (standard deviation {spread:.3f})"
        parts.append(f"{heading(key)} {found}")
    return f"over {len(summary['seeds'])} seeds: test {', '.join(parts)}"


def _apart_from_seed(training: TrainingRecord) -> dict[str, Any]:
    parameters = {key: value for key, value in training["config"].items() if key != "train.seed"}
    return {"data_sha256": training["data_sha256"], "model": training["model"], "config": parameters}


def _listed(names: set[str]) -> str:
    return "the seeds " + ", ".join(sorted(names, key=int)) if names else "no further seed"
