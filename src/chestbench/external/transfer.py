"""A trained network tried on a set from elsewhere: measures with intervals, and how far they fall below its own test.

Nothing is fitted here: temperature and thresholds are those that were chosen on the network's own val images.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from chestbench.core.config import Evaluate
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, atomic_folder, read_json, write_csv, write_json
from chestbench.core.notice import NOTICE
from chestbench.core.positive import KEY, read_positive
from chestbench.core.words import heading, positive_words, with_interval
from chestbench.evaluation.network import Predict
from chestbench.external.fall import fall
from chestbench.figures import charts, fonts
from chestbench.figures.drawing import save
from chestbench.measures import curves
from chestbench.measures.operating import Chosen, split_record
from chestbench.measures.other_records import ExternalRecord
from chestbench.measures.predictions import columns, prediction_rows
from chestbench.measures.record import NetworkRecord
from chestbench.preparation.arrays import load_info, load_split
from chestbench.training.records import TrainingRecord

if TYPE_CHECKING:
    import keras

SET_KEYS = ("title", "source", "handle", "version", "url", "sha256", "licence", "citation", "modality", "synthetic")
COUNT_KEYS = ("classes", "left_out", "excluded", "known", "split_unit", "roi", "roi_not_found")


def transfer_network(
    model: "keras.Model",
    predict: Predict,
    training: TrainingRecord,
    own: NetworkRecord,
    prepared: Path,
    settings: Evaluate,
    seed: int,
    results: Path,
    metrics: Path,
) -> ExternalRecord:
    """Measure one network on one set and write everything; returns what `metrics` holds.

    `test` is the record of `split_record` over our classes; those that the set has no picture of are its
    `absent_classes`. How far balanced accuracy falls: see `fall.fall`.

    Args:
        model: the trained network.
        predict: gives probabilities (N, C), see `chestbench.training.predict`.
        training: training.json.
        own: metrics/models/{model}.json.
        prepared: data/external/NAME.
        settings: the evaluate block of the parameters.
        seed: of the bootstrap.
        results: folder to write (replaced as a whole): predictions.csv, confusion.csv, roc.csv, pr.csv and pictures
            (no roc.png where the set has one class alone).
        metrics: JSON file to write, after the folder.

    Raises:
        ChestbenchError: the set was prepared for other networks, or the network predicts NaN.
    """
    about, info = read_json(prepared / "set.json"), load_info(prepared)
    _check(training, own, info, prepared)
    classes: list[str] = info["classes"]
    split = load_split(prepared, "test")
    probabilities = np.asarray(predict(model, split.images, settings.batch_size))
    if not np.isfinite(probabilities).all():
        raise ChestbenchError(
            f"models/{training['model']}: expected finite probabilities on {about['set']}, received NaN: the training "
            "diverged; lower train.learning_rate and train again"
        )
    chosen = Chosen.from_record(own)
    bootstrap = (settings.bootstrap, settings.confidence, seed)
    test = split_record(split.class_index, probabilities, split.groups, classes, chosen, *bootstrap)
    record: dict[str, Any] = {
        "set": about["set"],
        "model": training["model"],
        "dataset": training["dataset"],
        "experiment": training["mlflow_experiment"],
        "run_key": training["run_key"],
        "data_sha256": training["data_sha256"],
        "external_sha256": info["data_sha256"],
        "notice": NOTICE,
        "about": {key: about[key] for key in SET_KEYS},
        "our_classes": classes,
        KEY: read_positive(own).as_record(),
        **{key: about[key] for key in COUNT_KEYS},
        "bootstrap": {
            "resamples": settings.bootstrap,
            "confidence": settings.confidence,
            "unit": about["split_unit"],
        },
        "temperature": chosen.temperature,
        "thresholds": chosen.thresholds,
        "test": test,
        **fall(own["test"], test),
    }
    # By loops over the names of facts, which mypy cannot follow; a test holds the keys.
    measured = cast("ExternalRecord", record)
    with atomic_folder(results) as folder:
        rows = prediction_rows("test", split, probabilities, classes)
        write_csv(folder / "predictions.csv", columns(classes), rows)
        roc, _ = curves.write_curves(folder, split.class_index, probabilities, classes)
        _draw(folder, measured, roc)
    write_json(metrics, record)
    return measured


def describe_transfer(record: ExternalRecord) -> str:
    """Return the figures of the stage's summary, in two or three lines."""
    test, own = record["test"], record["own_test_balanced_accuracy"]
    only = _only(record)
    reached = with_interval(test["balanced_accuracy"])
    first = f"{record['set']}: {heading('balanced_accuracy')}{only} {reached} on {test['images']} images"
    first = f"{first}\n{positive_words(record, test)}"
    if record["drop"] is None:
        return first
    drop = with_interval({"value": record["drop"], "low": record["drop_low"], "high": record["drop_high"]})
    return f"{first}\nown test{only} {own:.3f}, drop {drop}"


def _only(record: ExternalRecord) -> str:
    """Return ` over COVID only` where the set lacks classes: the figure is then no mean over all of them."""
    absent = record["test"]["absent_classes"]
    return f" over {', '.join(name for name in record['our_classes'] if name not in absent)} only" if absent else ""


def _check(training: TrainingRecord, own: NetworkRecord, info: Mapping[str, Any], prepared: Path) -> None:
    """Refuse what `dvc repro` would have brought up to date."""
    config = training["config"]
    wanted = (training["classes"], *(config[f"preprocess.{key}"] for key in ("size", "fit", "roi")))
    received = (info["classes"], info["size"], info["fit"], info["roi"])
    if wanted != received or own["run_key"] != training["run_key"]:
        raise ChestbenchError(
            f"{prepared}: expected images prepared for models/{training['model']} and its measures, received others; "
            "run `dvc repro`"
        )


def _draw(folder: Path, record: ExternalRecord, roc: list[Row]) -> None:
    """Write confusion_matrix.png and, unless a single class is there, roc.png."""
    classes, test, synthetic = record["our_classes"], record["test"], record["about"]["synthetic"]
    lettering = fonts.choose(classes)
    head = (
        f"{record['model']}, trained on {record['dataset']}, on {record['set']}: {test['images']} images\n"
        f"{heading('balanced_accuracy')}{_only(record)} {with_interval(test['balanced_accuracy'])}"
    )
    lines = {}
    for name in classes:
        own = [row for row in roc if row["class"] == name]
        if own:
            auc = with_interval(test["per_class"][name]["auc"])
            label = f"{lettering.shown[name]}: {heading('auc', short=True)} {auc}"
            lines[label] = ([row["fpr"] for row in own], [row["tpr"] for row in own])
    with fonts.drawn_with(lettering):
        drawing = charts.confusion_figure(np.array(test["confusion"]), classes, lettering, head)
        save(drawing, folder / "confusion_matrix.png", synthetic, lettering.key)
        if lines:
            drawing = charts.roc_figure(lines, f"{head}\nROC, each class against the rest")
            save(drawing, folder / "roc.png", synthetic, lettering.key)
