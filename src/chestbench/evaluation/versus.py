"""Each network against the one that val chose, on the test images: what the leaderboard's marks stand on.

The choice is made before, on val, so the test set is free to contradict it: a network may be found better, and is
marked so; the choice stays. All networks are compared at once, so their p values are corrected after Holm.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row
from chestbench.measures.metrics import predict_class
from chestbench.measures.paired import Answers, Difference, differences
from chestbench.measures.predictions import Predictions
from chestbench.measures.resampled import RESAMPLED, Resampled
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
    name: str,
    chosen: Predictions,
    others: Mapping[str, Predictions],
    resampled: Mapping[str, Resampled],
    confidence: float,
) -> dict[str, Row]:
    """Return one row in `COLUMNS` for each of `others`, one family for Holm's correction.

    The verdict goes by the corrected p of balanced accuracy: `better` or `worse` where it is below 1 - confidence,
    `indistinguishable` where it is not, `undecidable` where the test set has a class in one group only.

    Args:
        name: of the chosen network.
        chosen: its predictions on test.
        others: those of the networks to compare, by name.
        resampled: the figures under the bootstrap of all of them, the chosen one included, by name.
        confidence: coverage of the intervals, as in metrics/models/{model}.json.

    Raises:
        ChestbenchError: a network was not asked about the same images, was resampled by other draws of their groups, or
            its figures are not those of its predictions.
    """
    for other, said in others.items():
        _check_same_images(name, chosen, other, said)
    for network, said in {name: chosen, **others}.items():
        _check_figures(network, said, resampled[network], name, resampled[name])
    found_differences = differences(
        chosen.labels,
        chosen.groups,
        Answers(chosen.probabilities, resampled[name]),
        [Answers(said.probabilities, resampled[other]) for other, said in others.items()],
        confidence,
    )
    chosen_right = predict_class(chosen.probabilities) == chosen.labels
    rows: dict[str, Row] = {}
    for (other, said), found in zip(others.items(), found_differences, strict=True):
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


def _check_figures(name: str, said: Predictions, figures: Resampled, chosen: str, wanted: Resampled) -> None:
    """Refuse figures under other draws than those of the chosen network, or of other predictions than `said`."""
    problem = None
    if figures.draws != wanted.draws:
        problem = f"figures under the draws of the test groups that {chosen} has, received those of other draws"
    elif not np.array_equal(figures.sensitivity[0], _sensitivities(said), equal_nan=True):
        problem = "the figures of the predictions beside it, received those of others"
    if problem:
        raise ChestbenchError(f"{RESAMPLED} of {name}: expected {problem}; run `dvc repro`")


def _sensitivities(said: Predictions) -> NDArray[np.floating]:
    """Return the share of each class's images that are called it, (C,); NaN where there are none."""
    n_classes = said.probabilities.shape[1]
    right = predict_class(said.probabilities) == said.labels
    hits, totals = (np.bincount(labels, minlength=n_classes) for labels in (said.labels[right], said.labels))
    with np.errstate(invalid="ignore"):
        return hits / totals
