"""All that the evaluation of a detector sends to MLflow, as one call that another process can take."""

from collections.abc import Mapping
from pathlib import Path

from chestbench.measures.detection.record import DetectorRecord


def prepare() -> None:
    """Import what `log_detection` needs, thousands of modules."""
    from chestbench.tracking.detection import results  # noqa: F401
    from chestbench.tracking.get_ready import get_ready

    get_ready(registers=True)


def log_detection(
    folder: Path, record: DetectorRecord, results: Path, card: Path, experiment: str, pictures: Mapping[str, Path]
) -> None:
    """Complete the run of a detector's training with its measures, pictures, file and card, and those of its seeds.

    Args:
        folder: models/NAME.
        record: metrics/detectors/NAME.json.
        results: results/models/NAME.
        card: the model card.
        experiment: name of the MLflow experiment.
        pictures: folders with pictures of the data, from `data_folders.data_pictures`.
    """
    from chestbench.tracking.card import log_card
    from chestbench.tracking.detection.measures import detector_seed_metrics
    from chestbench.tracking.detection.results import DetectorRun
    from chestbench.tracking.experiment import show_experiment
    from chestbench.tracking.results import resume_as
    from chestbench.tracking.running import alone
    from chestbench.tracking.seeds import log_seeds
    from chestbench.tracking.store import repository_root

    with alone(repository_root()):
        run = resume_as(DetectorRun, folder)
        run.log_detection(record, results, folder / "model.keras", pictures)
        log_card(run, card)
        log_seeds(folder, record, measured=detector_seed_metrics)
        show_experiment(experiment)
