"""Bring into MLflow what it misses of a detector's outputs in this repository, and nothing twice."""

from pathlib import Path

from chestbench.reports.model_card import CARD
from chestbench.tracking.card import log_card
from chestbench.tracking.data_folders import BOXES_FOLDERS, data_pictures, has_data_of
from chestbench.tracking.detection.measures import detector_seed_metrics
from chestbench.tracking.detection.results import DetectorRun
from chestbench.tracking.results import NetworkRun, measures_of, resume_as
from chestbench.tracking.seeds import log_seeds
from chestbench.training.records import TrainingRecord


def sync_detector(root: Path, folder: Path, training: TrainingRecord) -> list[NetworkRun]:
    """Complete the runs of a detector and its further seeds, and return them.

    Args:
        root: repository.
        folder: models/NAME.
        training: its training.json.
    """
    run = resume_as(DetectorRun, folder, root)
    metrics, results = root / "metrics/detectors" / f"{folder.name}.json", root / "results/models" / folder.name
    record = measures_of(metrics, results, training)
    if record is not None:
        pictures = data_pictures(root, BOXES_FOLDERS) if has_data_of(root, training) else {}
        run.log_detection(record, results, folder / "model.keras", pictures)
        if (folder / CARD).is_file():
            log_card(run, folder / CARD)
    return [run, *log_seeds(folder, record, root, detector_seed_metrics)]
