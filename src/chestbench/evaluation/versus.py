"""Each network against the one that val chose, on the test images: what the leaderboard's marks stand on.

The choice is made before, on val, so the test set is free to contradict it: a network may be found better, and is
marked so; the choice stays. All networks are compared at once, so their p values are corrected after Holm.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row
from chestbench.measures.metrics import predict_class
from chestbench.measures.paired import Difference, paired_differences
from chestbench.measures.predictions import Predictions
from chestbench.measures.significance import holm, mcnemar_exact

CHOSEN, SAME, BETTER, WORSE, UNKNOWN = "chosen", "indistinguishable", "better", "worse", "undecidable"
COLUMNS = (
    "model",
    "against",
    "verdict",
    *(f"{measure}_{name}" for measure in ("balanced_accuracy", "macro_auc") for name in ("difference", "low", "high")),
    *(f"{measure}_{name}" for measure in ("balanced_accuracy", "macro_auc") for name in ("p", "p_holm")),
    "only_this_right",
    "only_chosen_right",
    "mcnemar_p",
    "mcnemar_p_holm",
)


def compare_with_chosen(
    name: str, chosen: Predictions, others: Mapping[str, Predictions], bootstrap: Mapping[str, Any], seed: int
) -> dict[str, Row]:
    """Return one row in `COLUMNS` for each of `others`, one family for Holm's correction.

    The verdict goes by the corrected p of balanced accuracy: `better` or `worse` where it is below 1 - confidence,
    `indistinguishable` where it is not, `undecidable` where the test set has a class in one group only.

    Args:
        name: of the chosen network.
        chosen: its predictions on test. others: those of the networks to compare, by name.
        bootstrap: resamples and confidence, as in metrics/models/{model}.json.
        seed: of the resampling.

    Raises:
        ChestbenchError: a network was not asked about the same images.
    """
    for other, said in others.items():
        _check_same_images(name, chosen, other, said)
    confidence = bootstrap["confidence"]
    probabilities = [said.probabilities for said in others.values()]
    differences = paired_differences(
        chosen.labels, chosen.groups, chosen.probabilities, probabilities, bootstrap["resamples"], confidence, seed
    )
    chosen_right = predict_class(chosen.probabilities) == chosen.labels
    rows: dict[str, Row] = {}
    for (other, said), found in zip(others.items(), differences, strict=True):
        right = predict_class(said.probabilities) == said.labels
        only_this, only_chosen = int((right & ~chosen_right).sum()), int((chosen_right & ~right).sum())
        auc = found.macro_auc or Difference(np.nan, None, None, None)
        rows[other] = {
            "model": other,
            "against": name,
            **_cells("balanced_accuracy", found.balanced_accuracy),
            **_cells("macro_auc", auc),
            "only_this_right": only_this,
            "only_chosen_right": only_chosen,
            "mcnemar_p": float(mcnemar_exact(only_this, only_chosen)),
        }
    for p in ("balanced_accuracy_p", "macro_auc_p", "mcnemar_p"):
        for row, corrected in zip(rows.values(), holm([row[p] for row in rows.values()]), strict=True):
            row[f"{p}_holm"] = corrected
    for row in rows.values():
        row["verdict"] = _verdict(row["balanced_accuracy_difference"], row["balanced_accuracy_p_holm"], 1 - confidence)
    return rows


def _cells(measure: str, found: Difference) -> Row:
    value = found.value if np.isfinite(found.value) else None
    figures = {"difference": value, "low": found.low, "high": found.high, "p": found.p}
    return {f"{measure}_{key}": figure for key, figure in figures.items()}


def _verdict(difference: float, p: float | None, level: float) -> str:
    if p is None:
        return UNKNOWN
    if p >= level:
        return SAME
    return BETTER if difference > 0 else WORSE


def _check_same_images(name: str, chosen: Predictions, other: str, said: Predictions) -> None:
    """Refuse predictions that are not of the same images in the same order."""
    same = (
        said.image_ids == chosen.image_ids
        and said.groups == chosen.groups
        and np.array_equal(said.labels, chosen.labels)
        and said.probabilities.shape == chosen.probabilities.shape
    )
    if not same:
        raise ChestbenchError(
            f"results: expected predictions of {other} on the {len(chosen.labels)} test images of {name}, received "
            f"{len(said.labels)} of another set; run `dvc repro`"
        )
