"""evaluate_boxes: measure one trained detector on val and test, with intervals, curves and boxes drawn over pictures.

Reads models/{detector}/ (with seeds/, the further trainings of train.seeds), data/processed/ and data/boxes/; writes
results/models/{detector}/ and metrics/detectors/{detector}.json, and adds both to the detector's MLflow run, with
the pictures of the data in results/catalog, audit, preprocess and boxes. Where dataset.boxes.submission names a
competition, its score is in the record and submission.csv beside the results.
"""

import argparse
from pathlib import Path
from typing import Any

from chestbench.core.beside import Beside
from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.core.notice import split_words, tiny_note
from chestbench.core.words import with_interval
from chestbench.evaluation.detection.competition import describe_entry, enter_competition
from chestbench.evaluation.detection.detector import evaluate_detector, load_splits
from chestbench.evaluation.detection.reference import write_reference
from chestbench.evaluation.detection.seeds import describe_seeds, find_boxes
from chestbench.evaluation.detection.submission import SUBMISSION
from chestbench.evaluation.seeds import further_trainings
from chestbench.measures.detection.record import DetectorRecord
from chestbench.models.detection.registry import get
from chestbench.reports.detection.detector_card import DetectorFacts, write_detector_card
from chestbench.reports.detection.detector_tables import told_difference
from chestbench.reports.model_card import CARD
from chestbench.tracking.data_folders import BOXES_FOLDERS, data_pictures
from chestbench.tracking.detection.evaluated import log_detection, prepare
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import make_deterministic, select_backend
from chestbench.training.records import read_training


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Ask the detector about val and test once, write everything, and log it."""
    # Draws, and sends to MLflow, while this process imports, loads and predicts.
    with Beside(f"evaluate_boxes@{arguments.detector}") as beside:
        beside.call(prepare)
        return _evaluate(config, arguments.detector, beside)


def _evaluate(config: Config, name: str, beside: Beside) -> str:
    folder, results, metrics = Path("models") / name, Path("results/models") / name, _metrics(name)
    training: dict[str, Any] = dict(read_training(folder))
    further = further_trainings(folder, config.training_seeds)
    splits = load_splits(Path("data/processed"), Path("data/boxes"), training)
    deterministic = training["config"]["train.deterministic"]
    keep_compiled(select_backend(config.train.backend, deterministic))
    if deterministic:
        make_deterministic()
    # Imports keras, which takes its backend from the line above.
    from chestbench.training.detection.predict import load, predict_boxes
    from chestbench.training.waiting import forget_noted

    forget_noted()

    asked = {split: splits[split] for split in ("val", "test")}
    found = [
        find_boxes(load(path / "model.keras"), predict_boxes, asked, config.evaluate.batch_size)
        for path in (folder, *further)
    ]
    settings = config.evaluate, config.training_seeds, config.seed
    record = evaluate_detector(found, splits, training, folder, *settings, results, metrics, beside)
    write_reference(results, splits, read_json(Path("metrics/catalog.json")))
    places = Path("data/processed"), Path("data/boxes"), Path("data/catalog.csv")
    resampled = config.evaluate.bootstrap, config.evaluate.confidence, config.seed
    threshold, test = record["working_point"]["threshold"], splits["test"]
    given = test.truth, found[0]["test"], threshold, resampled
    if entry := enter_competition(config.dataset, places, *given, results / SUBMISSION):
        record["competition"] = entry
        write_json(metrics, record)
    write_detector_card(folder / CARD, _facts(config, training, record))
    pictures = data_pictures(Path(), BOXES_FOLDERS)
    beside.call(log_detection, folder, record, results, folder / CARD, training["mlflow_experiment"], pictures)
    return _summary(record, results, metrics)


def _metrics(name: str) -> Path:
    return Path(f"metrics/detectors/{name}.json")


def _summary(record: DetectorRecord, results: Path, metrics: Path) -> str:
    test, over = record["test"], record["difference"]["map50"]
    lines = [
        f"wrote {results} and {metrics}",
        f"test mAP@0.5 {with_interval(test['map50'])}, mean box of train "
        f"{with_interval(record['baseline']['test']['map50'])}, more than it {told_difference(over)}, on "
        f"{test['images']} pictures with {test['boxes']} boxes, split by {split_words(record)}",
    ]
    at, threshold = test.get("at_threshold"), record["working_point"]["threshold"]
    if at is None or threshold is None:
        lines.append("no threshold could be chosen: on val no found box is right")
    else:
        lines.append(
            f"test, boxes from score {threshold:.3f} on ({record['working_point']['rule']}): sensitivity "
            f"{with_interval(at['sensitivity'])}, false boxes per picture {with_interval(at['false_per_image'])}"
        )
    if record.get("tiny"):
        lines.append(tiny_note(record))
    lines += record["notes"] + describe_entry(record.get("competition"), results / SUBMISSION)
    if "seeds" in record:
        lines.append(describe_seeds(record["seeds"]))
    if "fused" in record:
        lines.append(
            f"{record['fused']['name']}, fused: test mAP@0.5 {with_interval(record['fused']['test']['map50'])}"
        )
    return "\n".join(lines)


def _facts(config: Config, training: dict[str, Any], record: DetectorRecord) -> DetectorFacts:
    """Read what the model card says of data and audits."""
    return DetectorFacts(
        training=training,
        record=record,
        dataset=config.dataset,
        source=read_json(Path("data/raw/source.json")),
        catalog=read_json(Path("metrics/catalog.json")),
        split=read_json(Path("metrics/split.json")),
        citation=get(training["model"]).citation,
    )


if __name__ == "__main__":
    from chestbench.core.stage import run_stage

    run_stage(work, __doc__, per_detector=True)
