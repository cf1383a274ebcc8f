"""All that is measured of one trained network: predictions, measures with intervals, curves and pictures."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core import words
from chestbench.core.beside import Calls, Here
from chestbench.core.config import Evaluate
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, write_csv, write_json
from chestbench.core.notice import NOTICE, SPLIT_KEYS
from chestbench.core.positive import KEY, NO_POSITIVE, Positive, check_stated
from chestbench.evaluation.pictures import draw_heat, draw_measures
from chestbench.evaluation.reference import write_reference
from chestbench.figures.architecture import architecture_text
from chestbench.figures.heat_examples import explain
from chestbench.measures import curves, tables
from chestbench.measures.operating import choose, split_resampled
from chestbench.measures.predictions import columns, prediction_rows
from chestbench.measures.record import NetworkRecord
from chestbench.measures.resampled import RESAMPLED, write_resampled
from chestbench.measures.studies import average_per_study, evaluate_studies
from chestbench.preparation.arrays import load_info, load_split
from chestbench.training.records import TrainingRecord

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)

Predict = Callable[["keras.Model", NDArray[np.uint8], int], NDArray[np.float32]]
# What the leaderboard needs to know of the training, copied from training.json.
TRAINING_KEYS = (
    "parameters",
    "epochs_run",
    "best_epoch",
    "backend",
    "precision",
    "weights",
    "image_size",
    "seed",
    "random_labels",
)


def evaluate_network(
    model: "keras.Model",
    predict: Predict,
    training: TrainingRecord,
    history: Path,
    processed: Path,
    settings: Evaluate,
    seed: int,
    results: Path,
    metrics: Path,
    positive: Positive = NO_POSITIVE,
    catalog: Mapping[str, Any] | None = None,
    calls: Calls | None = None,
) -> NetworkRecord:
    """Measure one network on val and test and write everything; returns what `metrics` holds.

    Args:
        model: the trained network.
        predict: `predict(model, images, batch_size)` gives probabilities (N, C), the mean over `settings.shifts`.
        training: training.json, or all of `records.read_training`.
        history: history.csv, with steps.csv beside it.
        processed: folder of the preprocess stage.
        settings: the evaluate block of the parameters.
        seed: of the bootstrap.
        results: folder to write (replaced as a whole).
        metrics: JSON file to write, after the folder.
        positive: the class that is looked for, from metrics/catalog.json; evaluate.wished_sensitivity is for it.
        catalog: metrics/catalog.json, whose scales and sizes single pictures are later compared with.
        calls: where pictures are drawn; None: in this process.

    Raises:
        ChestbenchError: the model was trained on other data or without that class, or predicts NaN.
    """
    calls = calls or Here()
    info = load_info(processed)
    if info["data_sha256"] != training["data_sha256"]:
        raise ChestbenchError(
            f"models/{training['model']}: expected a network trained on the images in {processed}, "
            "received one trained on others; run `dvc repro`"
        )
    classes: list[str] = info["classes"]
    check_stated(classes, positive.name)
    # By loops over the names of facts, which mypy cannot follow.
    known: Mapping[str, Any] = training
    train = load_split(processed, "train")
    record: dict[str, Any] = {
        "model": training["model"],
        "dataset": training["dataset"],
        "data_sha256": training["data_sha256"],
        **{key: known[key] for key in SPLIT_KEYS if key in known},
        "synthetic": training["synthetic"],
        "run_key": training["run_key"],
        "experiment": training["mlflow_experiment"],
        "notice": NOTICE,
        "classes": classes,
        KEY: positive.as_record(),
        "training": {key: known[key] for key in TRAINING_KEYS},
        **({"shifts": settings.shifts} if settings.shifts else {}),
        "train_images": np.bincount(train.class_index, minlength=len(classes)).tolist(),
        "bootstrap": {
            "resamples": settings.bootstrap,
            "confidence": settings.confidence,
            "unit": training["split_unit"],
        },
    }
    predictions, calibration, bootstrap = [], [], (settings.bootstrap, settings.confidence, seed)
    chosen = val = None
    for name in ("val", "test"):
        split = load_split(processed, name)
        labels = split.class_index
        probabilities = np.asarray(predict(model, split.images, settings.batch_size))
        if not np.isfinite(probabilities).all():
            raise ChestbenchError(
                f"models/{training['model']}: expected finite probabilities on {name}, received NaN: the training "
                "diverged; lower train.learning_rate and train again"
            )
        if chosen is None:
            # On val, which comes first; test is only judged with what val chose.
            wish = settings.wished_sensitivity, positive.name
            chosen = choose(labels, probabilities, split.groups, classes, *wish)
            val = split, probabilities
            record |= chosen.as_record()
        record[name], figures = split_resampled(labels, probabilities, split.groups, classes, chosen, *bootstrap)
        if any(split.studies):
            found = average_per_study(split.studies, labels, probabilities, split.groups)
            record[name]["per_study"] = evaluate_studies(found, classes, *bootstrap)
        predictions += prediction_rows(name, split, probabilities, classes)
        calibration += tables.calibration_rows(name, labels, probabilities, chosen.temperature)
    for note in record["chosen_notes"]:
        logger.warning("%s: %s", training["model"], note)
    # Pictures, files and MLflow take longer than the measures: who waits for a first figure has it now.
    test = words.measured(record["test"], "balanced_accuracy", "macro_auc")
    logger.info("test %s; pictures and files follow", test)
    measured = cast("NetworkRecord", record)
    # `split`, `probabilities` and `figures` are the test set's from here on.
    with atomic_folder(results) as folder:
        write_csv(folder / "predictions.csv", columns(classes), predictions)
        write_resampled(folder / RESAMPLED, figures)
        write_csv(folder / "calibration.csv", tables.CALIBRATION_COLUMNS, calibration)
        write_csv(folder / "thresholds.csv", tables.THRESHOLD_COLUMNS, tables.threshold_rows(measured))
        roc, pr = curves.write_curves(folder, split.class_index, probabilities, classes)
        for path in (history, history.with_name("steps.csv")):
            (folder / path.name).write_bytes(path.read_bytes())
        calls.call(draw_measures, folder, measured, roc, pr, calibration)
        if settings.gradcam_images:
            examples = explain(model, measured, split, probabilities, settings.gradcam_images)
            calls.call(draw_heat, folder, measured, examples)
        if val is not None:
            write_reference(folder, train, *val, classes, settings, seed, positive.name, catalog)
        (folder / "architecture.txt").write_text(architecture_text(model), encoding="utf-8", newline="\n")
        calls.wait()
    write_json(metrics, record)
    return measured
