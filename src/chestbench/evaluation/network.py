"""All that is measured of one trained network: predictions, measures with intervals, curves and pictures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chestbench.config import Evaluate
from chestbench.errors import ChestbenchError
from chestbench.evaluation import curves
from chestbench.evaluation.intervals import evaluate_split
from chestbench.evaluation.metrics import predict_class
from chestbench.evaluation.pictures import draw_architecture, draw_gradcam, draw_results
from chestbench.evaluation.studies import average_per_study, evaluate_studies
from chestbench.files import atomic_folder, write_json
from chestbench.notice import NOTICE, SPLIT_KEYS
from chestbench.training.arrays import SplitArrays, load_info, load_split

if TYPE_CHECKING:
    import keras

Predict = Callable[["keras.Model", NDArray[np.uint8], int], NDArray[np.float32]]
# What the leaderboard needs to know of the training, copied from training.json.
TRAINING_KEYS = (
    "parameters",
    "epochs_run",
    "best_epoch",
    "seconds",
    "images_per_second",
    "device",
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
    training: dict[str, Any],
    history: Path,
    processed: Path,
    settings: Evaluate,
    seed: int,
    results: Path,
    metrics: Path,
) -> dict[str, Any]:
    """Measure one network on val and test and write everything; returns what `metrics` holds.

    Args:
        model: the trained network.
        predict: `predict(model, images, batch_size)` gives probabilities (N, C).
        training: training.json.
        history: history.csv.
        processed: folder of the preprocess stage.
        settings: the evaluate block of the parameters.
        seed: of the bootstrap.
        results: folder to write (replaced as a whole).
        metrics: JSON file to write, after the folder.

    Raises:
        ChestbenchError: the model was trained on other data, or predicts NaN.
    """
    info = load_info(processed)
    if info["data_sha256"] != training["data_sha256"]:
        raise ChestbenchError(
            f"models/{training['model']}: expected a network trained on the images in {processed}, "
            "received one trained on others; run `dvc repro`"
        )
    classes: list[str] = info["classes"]
    record: dict[str, Any] = {
        "model": training["model"],
        "dataset": training["dataset"],
        "data_sha256": training["data_sha256"],
        **{key: training[key] for key in SPLIT_KEYS if key in training},
        "run_key": training["run_key"],
        "experiment": training["mlflow_experiment"],
        "notice": NOTICE,
        "classes": classes,
        "training": {key: training[key] for key in TRAINING_KEYS},
        "train_images": np.bincount(load_split(processed, "train").class_index, minlength=len(classes)).tolist(),
        "bootstrap": {
            "resamples": settings.bootstrap,
            "confidence": settings.confidence,
            "unit": training["split_unit"],
        },
    }
    predictions = []
    for name in ("val", "test"):
        split = load_split(processed, name)
        probabilities = np.asarray(predict(model, split.images, settings.batch_size))
        if not np.isfinite(probabilities).all():
            raise ChestbenchError(
                f"models/{training['model']}: expected finite probabilities on {name}, received NaN: the training "
                "diverged; lower train.learning_rate and train again"
            )
        record[name] = evaluate_split(
            split.class_index, probabilities, split.groups, classes, settings.bootstrap, settings.confidence, seed
        )
        if any(split.studies):
            found = average_per_study(split.studies, split.class_index, probabilities, split.groups)
            record[name]["per_study"] = evaluate_studies(found, classes, settings.bootstrap, settings.confidence, seed)
        predictions += _prediction_rows(name, split, probabilities, classes)
    # `split` and `probabilities` are the test set's from here on.
    with atomic_folder(results) as folder:
        columns = ["split", "image_id", "group", "study", "label", "predicted", *(f"p:{name}" for name in classes)]
        curves.write_csv(folder / "predictions.csv", columns, predictions)
        roc = curves.roc_rows(split.class_index, probabilities, classes)
        curves.write_csv(folder / "roc.csv", ["class", "fpr", "tpr", "threshold"], roc)
        pr = curves.pr_rows(split.class_index, probabilities, classes)
        curves.write_csv(folder / "pr.csv", ["class", "recall", "precision", "threshold"], pr)
        confusion = curves.confusion_rows(split.class_index, probabilities, classes)
        curves.write_csv(folder / "confusion.csv", ["actual", "predicted"], confusion)
        (folder / "history.csv").write_bytes(history.read_bytes())
        draw_results(folder, record, roc, pr)
        draw_architecture(folder, record, model)
        if settings.gradcam_images:
            draw_gradcam(folder, record, model, split, probabilities, settings.gradcam_images)
    write_json(metrics, record)
    return record


def _prediction_rows(
    name: str, split: SplitArrays, probabilities: NDArray[np.floating], classes: Sequence[str]
) -> list[curves.Row]:
    """Return one row per image; nine digits give float32 back exactly."""
    rows = []
    for place, predicted in enumerate(predict_class(probabilities)):
        row: curves.Row = {
            "split": name,
            "image_id": split.image_ids[place],
            "group": split.groups[place],
            "study": split.studies[place],
            "label": split.labels[place],
            "predicted": classes[predicted],
        }
        row.update({f"p:{label}": f"{value:.9g}" for label, value in zip(classes, probabilities[place], strict=True)})
        rows.append(row)
    return rows
