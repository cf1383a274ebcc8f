"""The trainings of one network with several seeds as one: the mean of what they say of each image (`train.seeds`).

B. Lakshminarayanan, A. Pritzel, C. Blundell, Simple and Scalable Predictive Uncertainty Estimation using Deep
Ensembles, NeurIPS 2017, arXiv:1612.01474. It costs as many trainings, and as many passes of a picture, as there are
seeds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.config import Evaluate
from chestbench.core.files import atomic_folder, write_csv
from chestbench.core.positive import NO_POSITIVE, Positive
from chestbench.measures.operating import choose, split_resampled
from chestbench.measures.predictions import columns, prediction_rows, read_predictions
from chestbench.measures.record import EnsembleRecord
from chestbench.measures.resampled import RESAMPLED, write_resampled
from chestbench.measures.studies import average_per_study, evaluate_studies
from chestbench.preparation.arrays import load_split

# Beside the results of the first seed, results/models/NAME.
FOLDER = "ensemble"
SPLITS = ("val", "test")
Said = Mapping[str, NDArray[np.floating]]


def ensemble_name(model: str, seeds: int) -> str:
    """Return what the ensemble goes by in tables.

    >>> ensemble_name("resnet50", 3)
    'resnet50 x 3 seeds'
    """
    return f"{model} x {seeds} seeds"


def measure_ensemble(
    name: str,
    classes: list[str],
    results: Path,
    further: Sequence[Said],
    processed: Path,
    settings: Evaluate,
    seed: int,
    positive: Positive = NO_POSITIVE,
) -> EnsembleRecord:
    """Measure the mean of the seeds' probabilities by the rules of one network: val chooses thresholds, test is judged.

    Args:
        name: of the network.
        classes: the C names.
        results: results/models/NAME, with what the first seed says in predictions.csv; the folder `FOLDER` in it is
            written: predictions.csv and resampled.npz.
        further: what each further seed says of val and of test, (N, C).
        processed: folder of the preprocess stage.
        settings: the evaluate block of the parameters.
        seed: of the bootstrap.
        positive: the class that is looked for.

    Returns:
        metrics/models/NAME.json's `ensemble`.
    """
    record: dict[str, Any] = {"name": ensemble_name(name, 1 + len(further)), "trainings": 1 + len(further)}
    bootstrap, rows, chosen, figures = (settings.bootstrap, settings.confidence, seed), [], None, None
    for split_name in SPLITS:
        split = load_split(processed, split_name)
        own = read_predictions(results / "predictions.csv", classes, split_name).probabilities.astype(np.float32)
        # As what a network says: float32, which the nine digits of the table give back exactly.
        whole = np.mean([own, *(said[split_name] for said in further)], axis=0, dtype=np.float64)
        probabilities: NDArray[np.float32] = np.asarray(whole, np.float32)
        asked = split.class_index, probabilities, split.groups, classes
        if chosen is None:
            chosen = choose(*asked, settings.wished_sensitivity, positive.name)
            record |= chosen.as_record()
        record[split_name], figures = split_resampled(*asked, chosen, *bootstrap)
        if any(split.studies):
            found = average_per_study(split.studies, split.class_index, probabilities, split.groups)
            record[split_name]["per_study"] = evaluate_studies(found, classes, *bootstrap)
        rows += prediction_rows(split_name, split, probabilities, classes)
    assert figures is not None  # of test, which comes last
    with atomic_folder(results / FOLDER) as folder:
        write_csv(folder / "predictions.csv", columns(classes), rows)
        write_resampled(folder / RESAMPLED, figures)
    return cast("EnsembleRecord", record)
