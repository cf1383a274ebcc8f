"""What needs no deep network: always naming the commonest class, and a logistic regression on 32 x 32 grey pixels.

A network that does not beat the second has learnt no more than brightness and outline. One thread of linear algebra, so
that the number of cores does not change a bit of the result.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import Row, atomic_folder, write_csv, write_json
from chestbench.core.notice import NOTICE
from chestbench.evaluation.pixel_regression import fit
from chestbench.measures.intervals import evaluate_resampled
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.predictions import columns, prediction_rows
from chestbench.measures.record import SplitRecord
from chestbench.measures.resampled import RESAMPLED, Resampled, write_resampled
from chestbench.measures.studies import average_per_study, evaluate_studies
from chestbench.preparation.arrays import SplitArrays, load_info, load_split


@dataclass(frozen=True)
class Settings:
    """How the baselines are fitted and judged: parameters `balance`, `seed` and those of the bootstrap."""

    balance: str
    seed: int
    resamples: int
    confidence: float


def write_baselines(processed: Path, settings: Settings, results: Path, metrics: Path) -> BaselinesRecord:
    """Fit on train, choose C on val, predict val and test, and write; returns what `metrics` holds.

    Args:
        processed: folder of the preprocess stage.
        settings: of fitting and of the bootstrap.
        results: folder to write, with predictions.csv and resampled.npz of the logistic regression.
        metrics: JSON file to write.

    Raises:
        ChestbenchError: train has images of one class only.
    """
    # Imported here: `--help` does not wait for it.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = _judged(processed, settings)
    with atomic_folder(results) as folder:
        write_csv(folder / "predictions.csv", columns(found.classes), found.predictions)
        write_resampled(folder / RESAMPLED, found.figures)
    write_json(metrics, found.record)
    return found.record


@dataclass(frozen=True)
class _Judged:
    """The record, and of the logistic regression the rows of predictions.csv and the test's resampled figures."""

    record: BaselinesRecord
    classes: list[str]
    predictions: list[Row]
    figures: Resampled


def _judged(processed: Path, settings: Settings) -> _Judged:
    """Fit both baselines and measure them on val and test."""
    info = load_info(processed)
    classes: list[str] = info["classes"]
    splits = {name: load_split(processed, name) for name in ("train", "val", "test")}
    counts = np.bincount(splits["train"].class_index, minlength=len(classes))
    regression, chosen = fit(splits["train"], splits["val"], len(classes), settings.balance != "none", settings.seed)
    record: dict[str, Any] = {
        "notice": NOTICE,
        "data_sha256": info["data_sha256"],
        "majority": {"class": classes[int(counts.argmax())]},
        "logistic_regression": {"settings": chosen},
    }
    rows: list[Row] = []
    for name in ("val", "test"):
        split = splits[name]
        constant = np.tile(np.eye(len(classes))[counts.argmax()], (len(split.class_index), 1))
        probabilities = regression.predict(split.images)
        for baseline, said in (("majority", constant), ("logistic_regression", probabilities)):
            record[baseline][name], figures = _measured(split, said, classes, settings)
        rows += prediction_rows(name, split, probabilities, classes)
    # Those of the regression on test, which came last.
    return _Judged(cast("BaselinesRecord", record), classes, rows, figures)


def _measured(
    split: SplitArrays, said: NDArray[np.floating], classes: list[str], settings: Settings
) -> tuple[SplitRecord, Resampled]:
    """Return the record of a split, with `per_study` where studies are known, as `evaluate_network` does; and figures.

    Args:
        split: val or test.
        said: probabilities, (N, C).
        classes: the C names.
        settings: of the bootstrap.
    """
    bootstrap = settings.resamples, settings.confidence, settings.seed
    record, figures = evaluate_resampled(split.class_index, said, split.groups, classes, *bootstrap)
    if any(split.studies):
        studies = average_per_study(split.studies, split.class_index, said, split.groups)
        record["per_study"] = evaluate_studies(studies, classes, *bootstrap)
    return record, figures
