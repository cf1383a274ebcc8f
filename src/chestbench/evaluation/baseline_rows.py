"""The last lines of the leaderboard: what needs no deep network."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.measures.metrics import measure

MAJORITY, REGRESSION = "majority class", "logistic regression"
Record = Mapping[str, Any]


def check_baselines(baselines: Record, record: Record) -> None:
    """Raise a `ChestbenchError` when metrics/baselines.json is not of the images that the networks were judged on."""
    if baselines["data_sha256"] != record["data_sha256"]:
        raise ChestbenchError(
            "metrics/baselines.json: expected baselines on the images of the networks, received those of others; "
            "run `dvc repro baselines`"
        )


def majority_measures(record: Record) -> dict[str, dict[str, float]]:
    """Return the overall measures on val and test of always naming the class most frequent in train.

    Args:
        record: metrics/models/{model}.json of any network: its confusion matrices say how many images a class has.
            Where studies are known, `per_study` is measured too and its macro average precision is `study_map`.
    """
    commonest = int(np.argmax(record["train_images"]))
    found = {}
    for name in ("val", "test"):
        found[name] = _always(commonest, record[name])
        if "per_study" in record[name]:
            found[name]["study_map"] = _always(commonest, record[name]["per_study"])["macro_average_precision"]
    return found


def _always(label: int, split: Record) -> dict[str, float]:
    """Return the measures of always naming one class on a split with this confusion matrix."""
    counts = np.array(split["confusion"]).sum(axis=1)
    labels = np.repeat(np.arange(len(counts)), counts)
    probabilities = np.zeros((len(labels), len(counts)))
    probabilities[:, label] = 1
    return {name: float(values[0]) for name, values in measure(labels, probabilities).overall.items()}
