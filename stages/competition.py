"""competition: a network and a detector together, as SIIM-FISABIO-RSNA judged them: study classes and boxes.

Reads results/models/{model}/predictions.csv, results/models/{detector}/found.csv, metrics/detectors/{detector}.json,
data/processed, data/boxes and data/catalog.csv; writes results/competition/{model}-{detector} with score.json and,
where dataset.boxes.submission names the competition, submission.csv.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, read_json, write_json
from chestbench.core.stage import run_stage
from chestbench.evaluation.detection.competition import describe_entry, enter_competition, study_answers
from chestbench.evaluation.detection.found import FOUND, read_found
from chestbench.evaluation.detection.submission import SUBMISSION
from chestbench.measures.detection.record import DetectorRecord
from chestbench.preparation.arrays import load_info, load_split
from chestbench.preparation.detection.load import load_boxes

MODELS, PROCESSED, BOXES = Path("results/models"), Path("data/processed"), Path("data/boxes")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Score what both said of test, and write it as an entry."""
    network, detector = arguments.model, arguments.detector
    folder = Path("results/competition") / f"{network}-{detector}"
    form = config.dataset.boxes.submission if config.dataset.boxes else None
    with atomic_folder(folder) as temporary:
        if form != "siim":
            why = "dataset.boxes.submission names no competition that asks for both a network and a detector"
            write_json(temporary / "score.json", {"competition": None, "note": why})
            return f"{why}: nothing to score (wrote {folder})"
        record: DetectorRecord = read_json(Path(f"metrics/detectors/{detector}.json"))
        ids = load_split(PROCESSED, "test").image_ids
        found = read_found(MODELS / detector / FOUND, "test", ids, record["findings"])
        answers = study_answers(PROCESSED, MODELS / network / "predictions.csv", load_info(PROCESSED)["classes"])
        places = PROCESSED, BOXES, Path("data/catalog.csv")
        resampled = config.evaluate.bootstrap, config.evaluate.confidence, config.seed
        given = load_boxes(BOXES, "test"), found, record["working_point"]["threshold"], resampled
        entry = enter_competition(config.dataset, places, *given, temporary / SUBMISSION, answers, network)
        write_json(temporary / "score.json", {"competition": entry, "network": network, "detector": detector})
    return "\n".join([f"wrote {folder}", *describe_entry(entry, folder / SUBMISSION)])


if __name__ == "__main__":
    run_stage(work, __doc__, per_model=True, per_detector=True)
