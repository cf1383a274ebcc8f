"""All that the evaluation of a detector sends to MLflow, as one call that another process can take."""

from collections.abc import Mapping
from pathlib import Path

from chestbench.measures.detection.record import DetectorRecord
from chestbench.tracking.evaluated import complete


def prepare() -> None:
    """Import what `log_detection` needs, thousands of modules."""
    from chestbench.tracking import evaluated
    from chestbench.tracking.detection import results  # noqa: F401

    evaluated.prepare()


def log_detection(
    folder: Path, record: DetectorRecord, results: Path, card: Path, experiment: str, pictures: Mapping[str, Path]
) -> None:
    """Complete the run of a detector's training, as `log_evaluation` does that of a network's.

    Args:
        folder: models/NAME.
        record: metrics/detectors/NAME.json.
        results: results/models/NAME.
        card: the model card.
        experiment: name of the MLflow experiment.
        pictures: folders with pictures of the data, from `data_folders.data_pictures`.
    """
    from chestbench.tracking.detection.results import DetectorRun

    complete(DetectorRun, folder, record, results, card, experiment, pictures)
