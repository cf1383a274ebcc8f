"""All that is measured of one detector: the boxes it finds, measures with intervals, curves and pictures."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from chestbench.core.beside import Calls, Here
from chestbench.core.config import Evaluate
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_folder, write_csv, write_json
from chestbench.core.notice import NOTICE, SPLIT_KEYS
from chestbench.core.words import with_interval
from chestbench.evaluation.detection.baseline import NAME, mean_boxes
from chestbench.evaluation.detection.curves import froc_rows, write_curves
from chestbench.evaluation.detection.differences import difference
from chestbench.evaluation.detection.examples import choose_examples
from chestbench.evaluation.detection.found import COLUMNS, FOUND, found_rows
from chestbench.evaluation.detection.judging import judge
from chestbench.evaluation.detection.pictures import draw_boxes, draw_curves
from chestbench.evaluation.detection.seeds import Found, measure_fused, seed_values, summarise
from chestbench.evaluation.detection.split import BoxSplit, Measuring, load_box_split, measure, measure_split, notes
from chestbench.evaluation.detection.working_point import choose_threshold
from chestbench.measures.detection.record import TASK, BoxesSplit, DetectorRecord
from chestbench.preparation.arrays import load_info
from chestbench.preparation.detection.load import load_boxes_info

logger = logging.getLogger(__name__)

SPLITS = ("val", "test")
# What tables need to know of the training, copied from training.json.
TRAINING_KEYS = ("parameters", "epochs_run", "best_epoch", "backend", "precision", "weights", "image_size", "seed")
CURVES = ("history.csv", "steps.csv")


def load_splits(processed: Path, boxes: Path, training: Mapping[str, Any]) -> dict[str, BoxSplit]:
    """Return train, val and test with their boxes, those that the detector was trained on.

    Args:
        processed: folder of the preprocess stage.
        boxes: folder of the boxes stage.
        training: training.json of the detector.

    Raises:
        ChestbenchError: pictures, boxes or findings are others than those of the training.
    """
    pictures, drawn = load_info(processed), load_boxes_info(boxes)
    name = training["model"]
    now = {"data_sha256": pictures["data_sha256"], "boxes_sha256": drawn["data_sha256"], "findings": drawn["findings"]}
    for key, place in (("data_sha256", processed), ("boxes_sha256", boxes), ("findings", boxes)):
        if now[key] != training[key]:
            raise ChestbenchError(
                f"models/{name}: expected a detector trained on the pictures and boxes in {place}, received one "
                "trained on others; run `dvc repro`"
            )
    return {split: load_box_split(processed, boxes, split) for split in ("train", *SPLITS)}


def evaluate_detector(
    found: Sequence[Found],
    splits: Mapping[str, BoxSplit],
    training: Mapping[str, Any],
    model: Path,
    settings: Evaluate,
    seeds: Sequence[int],
    seed: int,
    results: Path,
    metrics: Path,
    calls: Calls | None = None,
) -> DetectorRecord:
    """Measure one detector on val and test and write everything; returns what `metrics` holds.

    Args:
        found: what each training found on val and test, that of the first seed first.
        splits: train, val and test.
        training: training.json, or all of `records.read_training`.
        model: models/NAME, whose curves of the training are copied.
        settings: the evaluate block of the parameters.
        seeds: of the trainings.
        seed: of the bootstrap.
        results: folder to write (replaced as a whole).
        metrics: JSON file to write, after the folder.
        calls: where pictures are drawn; None: in this process.

    Raises:
        ChestbenchError: a score or a place is not finite.
    """
    calls = calls or Here()
    findings: list[str] = list(training["findings"])
    by = Measuring.of(findings, settings, seed)
    judged = {name: splits[name] for name in SPLITS}
    _check_finite(found, training["model"])
    own = found[0]
    chosen = choose_threshold(judge(judged["val"].truth, own["val"]))
    measured: dict[str, BoxesSplit] = {}
    for name, split in judged.items():
        measured[name], pictures = measure_split(split, own[name], by, chosen)
    # `pictures` are those of test from here on.
    test = judged["test"]
    logger.info("test mAP@0.5 %s; pictures and files follow", with_interval(measured["test"]["map50"]))
    mean = mean_boxes(splits["train"].truth, findings)
    baseline = {name: mean.found(len(split.images)) for name, split in judged.items()}
    record: dict[str, Any] = {
        "task": TASK,
        "model": training["model"],
        "dataset": training["dataset"],
        "data_sha256": training["data_sha256"],
        "boxes_sha256": training["boxes_sha256"],
        **{key: training[key] for key in SPLIT_KEYS if key in training},
        "synthetic": training["synthetic"],
        "run_key": training["run_key"],
        "experiment": training["mlflow_experiment"],
        "notice": NOTICE,
        "findings": findings,
        "training": {key: training[key] for key in TRAINING_KEYS},
        "train": {"images": len(splits["train"].images), **splits["train"].counts(findings)},
        "bootstrap": {
            "resamples": settings.bootstrap,
            "confidence": settings.confidence,
            "unit": training["split_unit"],
        },
        "working_point": chosen,
        **measured,
        "baseline": {
            "name": NAME,
            **mean.as_record(findings),
            **{name: measure(split, baseline[name], by) for name, split in judged.items()},
        },
        "difference": difference(test, own["test"], baseline["test"], by),
        "notes": notes(measured, mean.absent),
    }
    curves = {NAME: froc_rows(judge(test.truth, baseline["test"]))}
    if len(found) > 1:
        record["seeds"] = summarise(seeds, [seed_values(each, judged, findings) for each in found])
        record["fused"], together, pictures_fused = measure_fused(training["model"], found, judged, by)
        curves[record["fused"]["name"]] = froc_rows(pictures_fused)
    for note in record["notes"]:
        logger.warning("%s: %s", training["model"], note)
    whole = cast("DetectorRecord", record)
    with atomic_folder(results) as folder:
        write_csv(folder / FOUND, COLUMNS, _rows(judged, own, findings))
        if len(found) > 1:
            write_csv(folder / f"fused_{FOUND}", COLUMNS, _rows(judged, together, findings))
        froc, pr = write_curves(folder, pictures, findings)
        for name in CURVES:
            (folder / name).write_bytes((model / name).read_bytes())
        calls.call(draw_curves, folder, whole, {training["model"]: froc, **curves}, pr)
        # Nothing is shown as found where no threshold could be chosen.
        shown = [picture.at(np.inf if chosen["threshold"] is None else chosen["threshold"]) for picture in pictures]
        calls.call(draw_boxes, folder, whole, choose_examples(test.images, shown))
        calls.wait()
    write_json(metrics, record)
    return whole


def _rows(splits: Mapping[str, BoxSplit], found: Found, findings: Sequence[str]) -> list[list]:
    return [row for name, split in splits.items() for row in found_rows(name, split.image_ids, found[name], findings)]


def _check_finite(found: Sequence[Found], name: str) -> None:
    for each in found:
        for split, pictures in each.items():
            if not all(np.isfinite(boxes.scores).all() and np.isfinite(boxes.corners).all() for boxes in pictures):
                raise ChestbenchError(
                    f"models/{name}: expected finite scores and corners on {split}, received NaN: the training "
                    "diverged; lower train.learning_rate and train again"
                )
